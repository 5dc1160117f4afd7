"""What became of the requests of a run, route by route. Counted from events only."""

from __future__ import annotations

from collections.abc import Iterable

from edgeday.events import EventStream, InvocationEnded, InvocationStarted, Operation
from edgeday.measure.metrics import REFUSED, answered_below
from edgeday.measure.results import RouteRow

MAX_ROUTES = 1000
"""Routes told apart, the first that come; what comes after them counts as OTHER_ROUTES."""
OTHER_ROUTES = "(other routes)"
NOT_THERE = (404, 405)
"""Statuses of requests for what the worker does not have."""
NEARLY_ALL = 0.95
"""The share of its requests from which on what became of them became of nearly all."""


class _Tally:
    """The numbers of one route as they grow."""

    __slots__ = ("by_status", "cut_off", "failed", "refused", "started")

    def __init__(self) -> None:
        self.started = self.failed = self.refused = self.cut_off = 0
        self.by_status: dict[int, int] = {}


class RequestsByRoute:
    """Counts a row for each route. What it keeps grows with the number of routes, up to MAX_ROUTES."""

    def __init__(self, events: EventStream) -> None:
        self._tallies: dict[str, _Tally] = {}
        self._others = _Tally()
        events.subscribe(Operation, self._refused, outcomes=REFUSED)
        events.subscribe(InvocationStarted, self._started)
        events.subscribe(InvocationEnded, self._ended)

    def rows(self) -> list[RouteRow]:
        """The routes as they stand now: those with the most requests first, equal ones by name, and last what
        was not told apart."""
        rows = [_row(route, tally) for route, tally in self._tallies.items()]
        rows.sort(key=lambda row: (-row.started - row.refused, row.route))
        others = self._others
        return [*rows, _row(OTHER_ROUTES, others)] if others.started or others.refused else rows

    def _tally(self, route: str) -> _Tally:
        tally = self._tallies.get(route)
        if tally is None:
            if len(self._tallies) >= MAX_ROUTES:
                return self._others
            tally = self._tallies[route] = _Tally()
        return tally

    def _refused(self, event: Operation) -> None:
        if event.service == "request":
            self._tally(event.route).refused += 1

    def _started(self, event: InvocationStarted) -> None:
        route = event.route  # that it has a row already is seen here, as every request is looked at
        (self._tallies.get(route) or self._tally(route)).started += 1

    def _ended(self, event: InvocationEnded) -> None:
        route, status = event.route, event.status
        tally = self._tallies.get(route) or self._tally(route)
        tally.by_status[status] = tally.by_status.get(status, 0) + 1
        tally.failed += not answered_below(event, 500)
        tally.cut_off += bool(event.cut_off)


def _row(route: str, tally: _Tally) -> RouteRow:
    statuses = dict(sorted(tally.by_status.items()))
    return RouteRow(route, tally.started, statuses, tally.failed, tally.refused, tally.cut_off)


def in_class(row: RouteRow, first: int) -> int:
    """How many requests of a route were answered with a status from `first` (400) to the end of its class."""
    return sum(count for status, count in row.by_status.items() if first <= status < first + 100)


def together(label: str, rows: Iterable[RouteRow]) -> RouteRow:
    """One row with the sums of several."""
    tally = _Tally()
    for row in rows:
        tally.started += row.started
        tally.failed += row.failed
        tally.refused += row.refused
        tally.cut_off += row.cut_off
        for status, count in row.by_status.items():
            tally.by_status[status] = tally.by_status.get(status, 0) + count
    return _row(label, tally)
