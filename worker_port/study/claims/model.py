"""A claim of the design document, and what measuring it gives.

The registry: each claim is defined once, where its measurement is, with its number, the document's words, the
lines they stand in, what comes of believing it, and the numbers of it that scenario files repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from worker_port.study.claims.measurements import Measurements

Value = int | float | str | bool | None


class Verdict(StrEnum):
    """What becomes of a claim."""

    HOLDS = "holds"
    CONDITIONAL = "holds under stated conditions"
    MODEL = "holds in the document's model only"
    FALSE = "does not hold"
    UNCHECKABLE = "cannot be checked"


class Consequence(StrEnum):
    """What comes of believing a claim, the gravest first. The last two are of claims that hold, and of those
    that nothing here can check."""

    BREAKS = "breaks production"
    OPTIMISTIC = "too optimistic"
    PESSIMISTIC = "too pessimistic"
    CONTRADICTORY = "contradicts itself"
    COSMETIC = "cosmetic"
    HARMLESS = "holds"
    UNKNOWN = "cannot be checked"


def judged(holds: bool, *, under_conditions: bool = False, in_the_model: bool = False) -> Verdict:
    """The verdict on a claim that was measured.

    under_conditions: whether it holds where conditions are met that the code can meet. in_the_model: whether
    it holds where a request can have an error and a failed call stops nothing, which the code never does.
    """
    if holds:
        return Verdict.HOLDS
    if under_conditions:
        return Verdict.CONDITIONAL
    return Verdict.MODEL if in_the_model else Verdict.FALSE


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


class InScenario(NamedTuple):
    """A number of a claim that a scenario file repeats among its `claims`.

    scenario: the name. metric, value: as there. measured: which of the outcome's values a replay gives.
    """

    scenario: str
    metric: str
    value: float
    measured: str


class DocumentClaim(NamedTuple):
    """A statement.

    number: from 1. says: the document's words in brief. where: its section. lines: of the document, where
    the words stand. consequence: what comes of believing it, where it does not hold without reserve.
    shown_by: a command that shows what was measured. shows: texts of what was measured that its output has.
    document: another document that the claim is of; "" is the design document.
    """

    number: int
    says: str
    where: str
    lines: Sequence[int]
    consequence: Consequence
    shown_by: str
    shows: Sequence[str]
    in_scenarios: Sequence[InScenario]
    document: str
    check: Callable[[Measurements], Outcome]

    @property
    def place(self) -> str:
        """Where the words are: section and lines, or the other document."""
        return self.document or ", ".join(filter(None, (self.where, self.lines_in_words)))

    @property
    def lines_in_words(self) -> str:
        """As in "line 14" or "lines 14, 94"; "" where the claim is of no line."""
        if not self.lines:
            return ""
        return f"line{'s' * (len(self.lines) > 1)} {', '.join(map(str, self.lines))}"


class Checked(NamedTuple):
    """A claim with its outcome."""

    claim: DocumentClaim
    outcome: Outcome

    @property
    def consequence(self) -> Consequence:
        """What comes of believing the claim, as it was measured."""
        if self.outcome.verdict is Verdict.HOLDS:
            return Consequence.HARMLESS
        if self.outcome.verdict is Verdict.UNCHECKABLE:
            return Consequence.UNKNOWN
        return self.claim.consequence


def claim(
    number: int,
    says: str,
    where: str,
    *,
    lines: Sequence[int] = (),
    consequence: Consequence,
    shown_by: str = "",
    shows: Sequence[str] = (),
    in_scenarios: Sequence[InScenario] = (),
    document: str = "",
) -> Callable[[Callable[[Measurements], Outcome]], DocumentClaim]:
    """Make a claim of the function that checks it. shown_by: default: `edgeday claims NUMBER`."""
    proof = shown_by or f"edgeday claims {number}"
    return lambda check: DocumentClaim(
        number, says, where, lines, consequence, proof, shows, in_scenarios, document, check
    )


def unmeasurable(why: str, measured: str = "nothing that could be measured") -> Outcome:
    """The outcome of a claim that nothing here can check."""
    return Outcome(Verdict.UNCHECKABLE, measured, why)
