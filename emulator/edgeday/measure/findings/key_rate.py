"""Writes that failed because their key was written within the same second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import Cause, EventStream, Operation
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding


class OneWritePerSecond(FindingRule):
    """How many writes met a 429 for their key, and in which key family most."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._families: Counter[str] = Counter()
        events.subscribe(Operation, self._failed, outcomes=("error",))

    def _failed(self, event: Operation) -> None:
        if event.cause is Cause.KEY_RATE:
            self._families[event.key_family] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if self._families:
            family, count = self._families.most_common(1)[0]
            total = self._families.total()
            yield Finding(
                "kv-one-write-per-second",
                f"{total} KV {'write' if total == 1 else 'writes'} failed with 429: the same key was written "
                f"twice within a second (most often {family}: {count})",
            )
