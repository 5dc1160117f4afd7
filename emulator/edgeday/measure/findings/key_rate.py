"""Writes that failed because their key was written within the same second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import Cause, EventStream, Operation
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_KEYS_KEPT = 1000


class OneWritePerSecond(FindingRule):
    """How many writes met a 429 for their key, and in which key family most."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._families: Counter[str] = Counter()
        self._keys: set[tuple[str, str]] = set()
        events.subscribe(Operation, self._failed, outcomes=("error",))

    def _failed(self, event: Operation) -> None:
        if event.cause is Cause.KEY_RATE:
            self._families[event.key_family] += 1
            if len(self._keys) < _KEYS_KEPT:
                self._keys.add((event.binding, event.key))

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if self._families:
            family, count = self._families.most_common(1)[0]
            total = self._families.total()
            writes = "1 KV write" if total == 1 else f"{total:,} KV writes"
            yield Finding(
                "kv-one-write-per-second",
                f"{writes} failed with 429: the same key was written "
                f"twice within a second (most often {family}: {count:,})",
                weight="loss",
                headline=self._headline(total),
            )

    def _headline(self, total: int) -> str:
        keys = f"{len(self._keys):,}{' or more' if len(self._keys) == _KEYS_KEPT else ''}"
        puts = "1 put" if total == 1 else f"{total:,} puts"
        return f"one write a second refused {puts} to {keys} {'key' if keys == '1' else 'keys'}"
