"""Exceptions that the worker did not catch: requests answered with error code 1101."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from edgeday.events import EventStream, InvocationEnded
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_ROUTES_SHOWN = 5
_PLACES_KEPT = 1000


@dataclass(slots=True)
class _Kind:
    """One line of code that raises one type of exception. error, trace: of the first one."""

    error: str
    trace: str
    by_route: Counter[str] = field(default_factory=Counter)


class UncaughtExceptions(FindingRule):
    """Every place that raised, with the exception's type: how often, by route, and the first traceback."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._kinds: dict[tuple[str, str], _Kind] = {}
        events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        if event.outcome != "exception":
            return
        key = (event.place, event.error.partition(":")[0])
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= _PLACES_KEPT:
                return
            kind = self._kinds[key] = _Kind(event.error, event.trace)
        kind.by_route[event.route] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        started = snapshot.values["requests.started"]
        for (place, _), kind in self._kinds.items():
            where = f"{place}: " if place else ""
            count = kind.by_route.total()
            text = f"{where}uncaught {kind.error} in {count:,} of {started:,} requests (error code 1101)"
            yield Finding("uncaught-exception", f"{text}: {_routes(kind.by_route)}", kind.trace)


def _routes(by_route: Counter[str]) -> str:
    shown = [f"{route} {count:,}" for route, count in by_route.most_common(_ROUTES_SHOWN)]
    more = len(by_route) - len(shown)
    return ", ".join([*shown, f"{more:,} more routes"] if more else shown)
