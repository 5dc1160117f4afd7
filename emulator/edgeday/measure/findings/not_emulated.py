"""Bindings that edgeday does not emulate: each use of one, and those that a scenario stubs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import NOT_EMULATED, Diagnostic, EventStream
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_KEPT = 1_000


class NotEmulated(FindingRule):
    """Every use of what is not there once for its place and words, with how often it came."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._uses: Counter[tuple[str, str]] = Counter()
        events.subscribe(Diagnostic, self._note)

    def _note(self, event: Diagnostic) -> None:
        if event.id != NOT_EMULATED:
            return
        key = (event.place, event.text)
        if key in self._uses or len(self._uses) < _KEPT:
            self._uses[key] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for (place, text), count in self._uses.most_common():
            where = f"{place}: " if place else ""
            often = f" ({count:,} times)" if count > 1 else ""
            headline = f"{where}{text.partition(';')[0]}{often}"
            yield Finding(NOT_EMULATED, f"{where}{text}{often}", weight="risk", headline=headline)


class Stubbed(FindingRule):
    """Which bindings were the scenario's own: what they are asked is nowhere counted."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if self.run.stubbed:
            names = ", ".join(self.run.stubbed)
            whose = "its" if len(self.run.stubbed) == 1 else "their"
            yield Finding(
                "stubbed", f"{names}: stubbed by the scenario; {whose} own limits are not looked at"
            )
