"""What the worker's code does that goes wrong on Cloudflare without an error, by place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from edgeday.events import NOT_EMULATED, UNDECLARED_ORIGIN, Diagnostic, EventStream
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_TOLD_APART = frozenset({UNDECLARED_ORIGIN, NOT_EMULATED})
"""Diagnostics that have a rule of their own."""
_KINDS_KEPT = 1000
"""Kinds of place and words that are counted; texts may carry values, and come without end."""
_NUMBERS = re.compile(r"(\d+)")


class Diagnostics(FindingRule):
    """Every diagnostic once for its place and words, with how often it came.

    Those whose words differ in numbers only are one: numbers that differ are N, as in "no order N".
    """

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._seen: Counter[tuple[str, str, str]] = Counter()
        self._parts: dict[tuple[str, str, str], list[str]] = {}
        events.subscribe(Diagnostic, self._note)

    def _note(self, event: Diagnostic) -> None:
        if event.id in _TOLD_APART:
            return
        key = (event.id, event.place, _NUMBERS.sub("\0", event.text))
        if key in self._seen or len(self._seen) < _KINDS_KEPT:
            self._seen[key] += 1
            parts = _NUMBERS.split(event.text)
            known = self._parts.setdefault(key, parts)
            if known != parts:
                self._parts[key] = [a if a == b else "N" for a, b in zip(known, parts, strict=True)]

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for key, count in self._seen.items():
            (id, place, _), text = key, "".join(self._parts[key])
            where = f"{place}: " if place else ""
            often = f" ({count:,} times)" if count > 1 else ""
            short = text.partition(";")[0]
            headline = f"{where}{short}{often}"
            yield Finding(id, f"{where}{text}{often}", weight="risk", headline=headline)
