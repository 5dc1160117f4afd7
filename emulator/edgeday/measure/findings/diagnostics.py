"""What the worker's code does that goes wrong on Cloudflare without an error, by place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import Diagnostic, EventStream
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding


class Diagnostics(FindingRule):
    """Every diagnostic once for its place and words, with how often it came."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._seen: Counter[tuple[str, str, str]] = Counter()
        events.subscribe(Diagnostic, self._note)

    def _note(self, event: Diagnostic) -> None:
        self._seen[event.id, event.place, event.text] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for (id, place, text), count in self._seen.items():
            where = f"{place}: " if place else ""
            often = f" ({count} times)" if count > 1 else ""
            yield Finding(id, f"{where}{text}{often}")
