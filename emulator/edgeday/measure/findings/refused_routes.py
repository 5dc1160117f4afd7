"""Routes whose every request the worker refused: what a scenario sends there may test nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import EventStream, ExpectationChecked
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.requests_by_route import in_class
from edgeday.measure.results import Finding, RouteRow

_ROUTES_SHOWN = 5
_ROUTES_KEPT = 1000


class RoutesRefused(FindingRule):
    """The routes that were answered with a status from 400 to 499 and with nothing else, unless the scenario
    expects every one of these answers, or they are a probe's, which says what it expects."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._expected: Counter[str] = Counter()
        events.subscribe(ExpectationChecked, self._checked)

    def _checked(self, event: ExpectationChecked) -> None:
        route = event.route
        if not event.unmet and (route in self._expected or len(self._expected) < _ROUTES_KEPT):
            self._expected[route] += 1

    def _is_refused(self, row: RouteRow) -> bool:
        if row.route in self.run.expected or row.failed or not row.by_status:
            return False
        refused = in_class(row, 400)
        return refused == sum(row.by_status.values()) > self._expected[row.route]

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        refused = {row.route: row.by_status for row in self.routes.rows() if self._is_refused(row)}
        if not refused:
            return
        routes = [
            f"{route} ({sum(statuses.values()):,} with {', '.join(map(str, statuses))})"
            for route, statuses in refused.items()
        ]
        more = len(routes) - _ROUTES_SHOWN
        shown = ", ".join([*routes[:_ROUTES_SHOWN], *([f"{more:,} more routes"] if more > 0 else [])])
        one, *others = refused
        also = f" and of {len(others):,} more {'route' if len(others) == 1 else 'routes'}" if others else ""
        yield Finding(
            "routes-refused",
            f"the worker refused every request of {shown}: does the scenario send what it expects there?",
            weight="risk",
            headline=f"the worker refused every request of {one}{also}",
        )
