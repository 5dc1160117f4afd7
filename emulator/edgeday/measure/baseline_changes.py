"""What has changed against a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgeday.measure.metrics import Number


@dataclass(frozen=True, slots=True)
class Change:
    """One metric that is not what it was. None: no data, or no such metric in that version."""

    metric: str
    before: Number | None
    after: Number | None

    @property
    def difference(self) -> Number | None:
        """After minus before; None unless both are numbers."""
        if self.before is None or self.after is None:
            return None
        difference = round(self.after - self.before, 6)
        return int(difference) if difference == int(difference) else difference

    @property
    def percent(self) -> float | None:
        """The difference in percent of what it was, to one decimal; None where that says nothing."""
        return round(100 * self.difference / self.before, 1) if self.difference and self.before else None


@dataclass(frozen=True, slots=True)
class BaselineChanges:
    """A run beside its baseline.

    baseline: the file. known: whether it has this scenario at all. scenario_changed: whether the scenario
    is another one than when the baseline was made; its metrics are compared all the same.
    notes: what a reader has to know before the numbers. changes: metrics beyond the tolerance.
    tolerated: metrics that differ within it. compared: how many metrics were looked at.
    """

    baseline: str
    known: bool
    scenario_changed: bool
    notes: Sequence[str]
    changes: Sequence[Change]
    tolerated: Sequence[Change]
    compared: int

    @property
    def ok(self) -> bool:
        return self.known and not self.changes
