"""A claim of the design document, and what measuring it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from worker_port.study.claims.measurements import Measurements

Value = int | float | str | bool | None


class Verdict(StrEnum):
    """What becomes of a claim."""

    HOLDS = "holds"
    CONDITIONAL = "holds under stated conditions"
    FALSE = "does not hold"
    UNCHECKABLE = "cannot be checked"


def judged(holds: bool, *, under_conditions: bool = False) -> Verdict:
    """The verdict on a claim that was measured. under_conditions: whether it holds where they are met."""
    if holds:
        return Verdict.HOLDS
    return Verdict.CONDITIONAL if under_conditions else Verdict.FALSE


@dataclass(frozen=True, slots=True)
class Outcome:
    """What checking a claim gave.

    measured: in words, from the values. condition: under which it holds, or why it cannot be checked; ""
    where there is nothing to say. values: the numbers behind the words.
    """

    verdict: Verdict
    measured: str
    condition: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


class DocumentClaim(NamedTuple):
    """A statement. number: from 1. says: the document's words in brief. where: its section. shown_by: a
    command that shows what was measured."""

    number: int
    says: str
    where: str
    shown_by: str
    check: Callable[[Measurements], Outcome]


class Checked(NamedTuple):
    """A claim with its outcome."""

    claim: DocumentClaim
    outcome: Outcome


def claim(
    number: int, says: str, where: str, *, shown_by: str = ""
) -> Callable[[Callable[[Measurements], Outcome]], DocumentClaim]:
    """Make a claim of the function that checks it. shown_by: default: `edgeday claims NUMBER`."""
    return lambda check: DocumentClaim(number, says, where, shown_by or f"edgeday claims {number}", check)


def unmeasurable(why: str, measured: str = "nothing that could be measured") -> Outcome:
    """The outcome of a claim that nothing here can check."""
    return Outcome(Verdict.UNCHECKABLE, measured, why)
