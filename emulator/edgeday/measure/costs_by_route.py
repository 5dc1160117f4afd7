"""What the requests of each route cost: units of the daily quotas, cache operations, fetches. Counted from
events only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from edgeday.events import EventStream, Operation
from edgeday.ledger import QUOTA_OF
from edgeday.measure.requests_by_route import MAX_ROUTES, OTHER_ROUTES

_CACHE = {"put": "cache puts", "match": "cache matches", "delete": "cache deletes"}


class RouteCost(NamedTuple):
    """Something that the requests of a route cost together. what: in words ("KV writes")."""

    route: str
    what: str
    amount: int


class CostsByRoute:
    """Adds up what was carried out, and apart from it what a daily quota refused. Costs a call for each
    operation: only a comparison looks at it."""

    def __init__(self, events: EventStream) -> None:
        self._counts: dict[str, Counter[str]] = {}
        events.subscribe(Operation, self._count)

    def rows(self) -> Sequence[RouteCost]:
        """Route by route, by name; what costs most comes first."""
        return [
            RouteCost(route, what, count)
            for route in sorted(self._counts)
            for what, count in self._counts[route].most_common()
        ]

    def _count(self, event: Operation) -> None:
        if not event.route:  # of no request: a probe's answer, an audit
            return
        what, count = _cost_of(event)
        if count:
            is_known = event.route in self._counts or len(self._counts) < MAX_ROUTES
            self._counts.setdefault(event.route if is_known else OTHER_ROUTES, Counter())[what] += count


def _cost_of(event: Operation) -> tuple[str, int]:
    quota = QUOTA_OF.get((event.service, event.op))
    if quota is not None:
        return f"{quota.label}{' refused' if event.outcome == 'refused' else ''}", event.units
    if event.outcome == "refused":
        return "", 0
    if event.service == "cache":
        return _CACHE.get(event.op, ""), int(event.op in _CACHE)
    return "fetches", int(event.service == "fetch")
