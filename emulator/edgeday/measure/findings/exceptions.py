"""Exceptions that the worker did not catch: requests answered with error code 1101."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from edgeday.events import EventStream, InvocationEnded
from edgeday.measure.findings.blame import LIMITS, Blame
from edgeday.measure.findings.rule import Conditions, FindingRule, most
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_ROUTES_SHOWN = 5
_PLACES_KEPT = 1000
_TEXTS_SHOWN = 3
_TEXTS_KEPT = 100


@dataclass(slots=True)
class _Kind:
    """One line of code that raises one type of exception. trace: of the first one. by_text: how often it said
    what, for the first texts there were. to_limits: how many were lost to a limit, as another rule tells."""

    trace: str
    to_limits: int = 0
    by_route: Counter[str] = field(default_factory=Counter)
    by_text: Counter[str] = field(default_factory=Counter)

    def note(self, route: str, error: str) -> None:
        """Count one exception."""
        self.by_route[route] += 1
        if error in self.by_text or len(self.by_text) < _TEXTS_KEPT:
            self.by_text[error] += 1


class UncaughtExceptions(FindingRule):
    """Every place that raised, with the exception's type: how often, by route, and the first traceback."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._blame = Blame(events)
        self._kinds: dict[tuple[str, str], _Kind] = {}
        events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        cause = self._blame.taken(event)
        if event.outcome != "exception":
            return
        key = (event.place, event.error.partition(":")[0])
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= _PLACES_KEPT:
                return
            kind = self._kinds[key] = _Kind(event.trace)
        kind.note(event.route, event.error)
        kind.to_limits += cause in LIMITS and self.run.noun.counts(event.route)

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        started = snapshot.values["requests.started"]
        for (place, name), kind in self._kinds.items():
            where = f"{place}: " if place else ""
            count = kind.by_route.total()
            alike = len(kind.by_text) == 1
            only = next(iter(kind.by_text)) if alike else name
            text = f"{where}uncaught {only} in {count:,} of {started:,} requests (error code 1101)"
            text = f"{text}: {most(kind.by_route, _ROUTES_SHOWN, 'routes')}"
            if not alike:
                said = Counter({error.partition(": ")[2]: times for error, times in kind.by_text.items()})
                text = f"{text}; it said: {most(said, _TEXTS_SHOWN, 'texts')}"
            others = count - kind.to_limits
            headline = f"{others:,} of {started:,} requests failed with an uncaught {name}"
            if place:
                headline += f" ({place})"
            yield Finding(
                "uncaught-exception",
                text,
                kind.trace,
                weight="loss",
                headline=headline if others else "",
                requests=others,
            )
