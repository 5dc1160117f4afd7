"""Routes whose every request the worker refused: what a scenario sends there may test nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import EventStream, ExpectationChecked, InvocationEnded
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_ROUTES_SHOWN = 5
_ROUTES_KEPT = 1000


class RoutesRefused(FindingRule):
    """The routes that were answered with a status from 400 to 499 and with nothing else, unless the scenario
    expects every one of these answers, or they are a probe's, which says what it expects."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._refused: dict[str, Counter[int]] = {}
        self._answered: set[str] = set(run.expected)
        self._expected: Counter[str] = Counter()
        events.subscribe(InvocationEnded, self._ended)
        events.subscribe(ExpectationChecked, self._checked)

    def _checked(self, event: ExpectationChecked) -> None:
        route = event.route
        if not event.unmet and (route in self._expected or len(self._expected) < _ROUTES_KEPT):
            self._expected[route] += 1

    def _ended(self, event: InvocationEnded) -> None:
        route = event.route
        if route in self._answered:
            return
        if event.outcome == "ok" and 400 <= event.status < 500:
            if route in self._refused or len(self._refused) < _ROUTES_KEPT:
                self._refused.setdefault(route, Counter())[event.status] += 1
        else:
            self._refused.pop(route, None)
            if len(self._answered) < _ROUTES_KEPT:
                self._answered.add(route)

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        refused = {
            route: statuses
            for route, statuses in self._refused.items()
            if statuses.total() > self._expected[route]
        }
        if not refused:
            return
        routes = [
            f"{route} ({statuses.total():,} with {', '.join(map(str, sorted(statuses)))})"
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
