"""Fetches to hosts that nothing answers for: a run with one says nothing about the worker's day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from edgeday.events import UNDECLARED_ORIGIN, Cause, Diagnostic, EventStream, Operation
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_HOSTS_KEPT = 1_000
"""Hosts and places that are counted: a host may be made of what a visitor sends."""
_SHOWN = 5


class UndeclaredOrigins(FindingRule):
    """Which hosts were fetched that nothing declares: by the scenario or the worker's profile."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._places: dict[int, str] = {}
        self._fetched: dict[str, Counter[str]] = {}
        events.subscribe(Diagnostic, self._noted)
        events.subscribe(Operation, self._failed, outcomes=("error",))

    def _noted(self, event: Diagnostic) -> None:
        if event.id == UNDECLARED_ORIGIN:  # the event of the fetch itself follows at once
            self._places[event.invocation] = event.place

    def _failed(self, event: Operation) -> None:
        if event.cause is Cause.UNDECLARED:
            place = self._places.pop(event.invocation, "")
            if event.binding in self._fetched or len(self._fetched) < _HOSTS_KEPT:
                self._fetched.setdefault(event.binding, Counter())[place] += 1

    @property
    def problem(self) -> str:
        if not self._fetched:
            return ""
        host, places = max(self._fetched.items(), key=lambda one: one[1].total())
        place = f" ({places.most_common(1)[0][0]})" if any(places) else ""
        more = len(self._fetched) - 1
        others = "" if not more else f", and {more:,} more {'host' if more == 1 else 'hosts'}"
        return (
            f"the worker fetched {host}{place}, which nothing answers for: {_times(places.total())}{others}; "
            f"declare it under origins: {declaration(host)}"
        )

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if not self._fetched:
            return
        ranked = sorted(self._fetched.items(), key=lambda one: -one[1].total())
        named = "; ".join(_in_words(host, places) for host, places in ranked[:_SHOWN])
        more = f"; {len(ranked) - _SHOWN:,} more hosts" if len(ranked) > _SHOWN else ""
        lines = "\n".join(["origins:", *(f"  {declaration(host)}" for host, _ in ranked)])
        yield Finding(
            UNDECLARED_ORIGIN,
            f"fetched, and nothing answers for it: {named}{more}; each such fetch lost its connection",
            lines,
            weight="risk",
            headline=f"{ranked[0][0]} was fetched, which nothing answers for",
        )


def declaration(host: str) -> str:
    """The line of a scenario's `origins` that has a host answer."""
    return (
        f"{host}: {{status: 200, json: {{}}}}"
        if ":" not in host
        else f'"{host}": {{status: 200, json: {{}}}}'
    )


def _in_words(host: str, places: Counter[str]) -> str:
    named = [place for place, _ in places.most_common(_SHOWN) if place]
    where = f" in {', '.join(named)}" if named else ""
    return f"{host} {_times(places.total())}{where}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
