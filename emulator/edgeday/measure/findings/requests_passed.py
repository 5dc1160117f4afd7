"""Requests beyond those of a day, where that limit is only observed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.clock import iso_seconds, utc_day
from edgeday.events import EventStream, InvocationStarted
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding


class RequestsPassed(FindingRule):
    """How many requests would be turned away."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._limit = run.limits.requests_per_day if run.switches.requests == "observe" else None
        self._arrived: Counter[int] = Counter()
        self._first: float | None = None
        if self._limit is not None:
            events.subscribe(InvocationStarted, self._started)

    def _started(self, event: InvocationStarted) -> None:
        day = utc_day(event.at)
        self._arrived[day] += 1
        if self._first is None and self._limit is not None and self._arrived[day] > self._limit:
            self._first = event.at

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        limit = self._limit
        if limit is None or self._first is None:
            return
        beyond = sum(max(count - limit, 0) for count in self._arrived.values())
        of_all = f"{beyond:,} of {self._arrived.total():,} requests"
        text = (
            f"with the limit of {limit:,} requests a day enforced, {of_all} would be turned away; the first "
        )
        yield Finding(
            "requests-over-limit",
            f"{text}at {iso_seconds(self._first)}",
            weight="loss",
            headline=f"{of_all} would be lost to the requests of the day",
            of_account=True,
            requests=beyond,
        )
