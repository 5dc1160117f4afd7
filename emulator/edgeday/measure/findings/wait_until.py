"""Work after the response that was cut off."""

from __future__ import annotations

from collections.abc import Iterator

from edgeday.clock import iso_seconds
from edgeday.events import EventStream, Operation
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding


class WaitUntilCancelled(FindingRule):
    """How many requests had `waitUntil` work that went on for too long, and the first of them."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._first: Operation | None = None
        self._requests = 0
        events.subscribe(Operation, self._cancelled, outcomes=("cancelled",))

    def _cancelled(self, event: Operation) -> None:
        self._first = self._first or event
        self._requests += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        first, count = self._first, self._requests
        if first is not None:
            _, waits, place = first.reason.partition(", waiting at ")
            where = f", where it waited at {place}" if waits else ""
            requests = "1 request" if count == 1 else f"{count:,} requests"
            yield Finding(
                "wait-until-cancelled",
                f"the waitUntil work of {requests} went on for "
                f"{self.run.limits.wait_until_s} s after the response and was cancelled; what it had not "
                f"done by then was never done; first in {first.route or 'no route'} at "
                f"{iso_seconds(first.at)}{where}",
                weight="loss",
                headline=f"waitUntil work of {requests} was cancelled",
            )
