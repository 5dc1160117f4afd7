"""A run in which no request arrived and no cron came due: it keeps every budget, and shows nothing."""

from __future__ import annotations

from collections.abc import Iterator

from edgeday.events import EventStream, InvocationStarted, Operation
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding


class NothingRan(FindingRule):
    """That neither the worker nor background code did anything."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._ran = False
        events.subscribe(InvocationStarted, self._run)
        events.subscribe(Operation, self._run)

    def _run(self, _: InvocationStarted | Operation) -> None:
        self._ran = True

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if self._ran:
            return
        crons = "no request arrived and no cron came due" if self.run.crons else "no request arrived"
        yield Finding(
            "nothing-ran", f"the worker never ran: {crons}; more `days` or another `start` may show it"
        )
