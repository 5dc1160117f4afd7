"""One day of a capacity search, counted from its events: what the requests that grow ask for, and limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from heapq import merge
from typing import NamedTuple

from edgeday.clock import utc_day
from edgeday.events import (
    EXTERNAL_SERVICES,
    Cause,
    EventStream,
    InvocationEnded,
    InvocationStarted,
    Operation,
)
from edgeday.invocation import Invocation
from edgeday.ledger import QUOTA_OF, QUOTAS
from edgeday.measure.metrics import subrequests_used
from edgeday.replay.capacity_evidence import Evidence
from edgeday.replay.capacity_limits import EXTERNAL, INTERNAL, REQUESTS, LimitReached
from edgeday.replay.judge import RunEnd, RunStart
from edgeday.replay.traffic import Script
from edgeday.runtime.edge import Edge
from edgeday.scenario.sessions import SessionTraffic

Key = tuple[str, int]
"""A daily limit and the UTC day it is of."""


class Cost(NamedTuple):
    """What one request asks for: units by daily quota, in the order of QUOTAS; and how it was answered (the
    status, 0: not at all). Its subrequests are no part of it: they are counted where there are most."""

    units: tuple[int, ...]
    status: int


class NotMade(NamedTuple):
    """A request that is charged without being run. number: from 1, in order of arrival. at: epoch seconds."""

    number: int
    at: float
    shape: object
    route: str


class Charge(NamedTuple):
    """Units of a daily limit. number: of the request that grows, 0: of anything else. by: what asked."""

    at: float
    limit: str
    units: int
    number: int
    by: Operation | InvocationStarted | NotMade


@dataclass(slots=True)
class Demand:
    """What one invocation asks for, until it is over. number: as of a charge. shape: if it grows."""

    number: int
    invocation: Invocation
    started: InvocationStarted
    shape: object = None
    units: Counter[str] = field(default_factory=Counter)
    external: int = 0
    internal: int = 0


class DayMeter:
    """Watches a replayed day. growing: names of the parts of the traffic that grow.

    used, before: units by daily limit and day; before: of those, what others ask for than the requests that
    grow. most: subrequests of one invocation. costs: of the shapes of requests, None where requests of one
    shape differ. reached: where each limit was passed first, whatever its switch. stored_bytes: of the values
    that were put into KV. made: requests that grow and were run. longest_s: how long one of them went on.
    """

    def __init__(self, growing: Collection[str]) -> None:
        self.used: Counter[Key] = Counter()
        self.before: Counter[Key] = Counter()
        self.most: Counter[str] = Counter()
        self.costs: dict[object, Cost | None] = {}
        self.differing: dict[str, None] = {}
        self.reached: dict[str, LimitReached] = {}
        self.statuses: Counter[int] = Counter()
        self.uncaught: Counter[str] = Counter()
        self.first_error = ""
        self.failed_writes = 0
        self.operations = 0
        self.stored_bytes = 0
        self.made = 0
        self.longest_s = 0.0
        self._growing = growing
        self._numbers: dict[tuple[str, int], int] = {}
        self._routes: set[str | None] = set()
        self._open: dict[int, Demand] = {}

    def attach(self, edge: Edge) -> None:
        self._edge = edge

    def selects(self, script: Script) -> bool:
        if script.traffic.name in self._growing:
            part = script.traffic
            template = part.planned(script.seed)
            self._routes.add(script.route if template is None else template.counted_as)
            if isinstance(part, SessionTraffic):
                self._routes.update(step.counted_as for step in part.templates if step is not None)
        return True

    def begin(self, start: RunStart, events: EventStream) -> None:
        self.limits = start.limits
        events.subscribe(InvocationStarted, self._started)
        events.subscribe(Operation, self._operation)
        events.subscribe(InvocationEnded, self._ended)

    def end(self, end: RunEnd) -> None:
        """Nothing is left to do."""

    def number_of(self, script: Script) -> int:
        """Which request it is of those that grow, from 1, in order of arrival."""
        return self._numbers.setdefault((script.traffic.name, script.number), len(self._numbers) + 1)

    def _number_of_refused(self, event: Operation) -> int:
        """Which of the requests that grow was turned away; 0 if it is another one. They come in order, and
        each is run or turned away; of sessions, one is taken for another that begins."""
        if event.route not in self._routes:
            return 0
        number = len(self._numbers) + 1
        return self._numbers.setdefault(("", number), number)

    def _started(self, event: InvocationStarted) -> None:
        invocation: Invocation = next(reversed(self._edge.running))  # type: ignore[call-overload]
        script = invocation.context
        demand = Demand(0, invocation, event)
        if isinstance(script, Script) and script.traffic.name in self._growing:
            demand.number = self.number_of(script)
            shape = script.shape
            demand.shape = event.route if shape is None else shape
            self.made += 1
        self._open[event.invocation] = demand
        self.charge(Charge(event.at, REQUESTS, 1, demand.number, event))

    def _operation(self, event: Operation) -> None:
        self.operations += 1
        if event.outcome == "stored" and event.service == "kv":
            self.stored_bytes += event.size_bytes
        demand = self._open.get(event.invocation)
        if event.service == "kv":
            if event.units and (quota := QUOTA_OF.get((event.service, event.op))) is not None:
                number = 0
                if demand is not None:
                    number = demand.number
                    demand.units[quota.limit] += event.units
                self.charge(Charge(event.at, quota.limit, event.units, number, event))
            self.failed_writes += event.cause is Cause.KEY_RATE
        elif event.cause is Cause.REQUESTS:
            self.charge(Charge(event.at, REQUESTS, 1, self._number_of_refused(event), event))
        if demand is not None:
            self.demanded(demand, event)

    def demanded(self, demand: Demand, event: Operation) -> None:
        """Count a call, and note where a limit of one request is passed."""
        if event.service == "kv":
            demand.internal += 1
            limit, count = INTERNAL, demand.internal
        elif event.service in EXTERNAL_SERVICES:
            demand.external += 1
            limit, count = EXTERNAL, demand.external
        else:
            return
        if self.limits.subrequests_shared:
            limit, count = EXTERNAL, demand.external + demand.internal
        if count == getattr(self.limits, limit) + 1:
            self.reached.setdefault(limit, _reached(limit, demand.number, event.at, event))

    def _ended(self, event: InvocationEnded) -> None:
        demand = self._open.pop(event.invocation)
        self._note_most(EXTERNAL, subrequests_used(event, self.limits), demand)
        if not self.limits.subrequests_shared:
            self._note_most(INTERNAL, event.internal, demand)
        if event.outcome == "exception":
            self.uncaught[event.route] += 1
            self.first_error = self.first_error or event.error
        if demand.number:
            self.longest_s = max(self.longest_s, event.at - event.started_at)
            status = event.status if event.outcome == "ok" else 0
            self.statuses[status] += 1
            cost = Cost(tuple(demand.units[quota.limit] for quota in QUOTAS), status)
            if self.costs.setdefault(demand.shape, cost) != cost:
                self.costs[demand.shape] = None
                self.differing[event.route] = None
            self.over(demand)

    def _note_most(self, limit: str, count: int, demand: Demand) -> None:
        self.most[limit] = max(self.most[limit], count)
        if count > getattr(self.limits, limit) and limit not in self.reached:
            started = demand.started
            self.reached[limit] = _reached(limit, demand.number, started.at, started)

    def most_of(self, limit: str) -> int:
        """The most units of a limit: on one UTC day, or of one invocation."""
        return max(self.most[limit], 0, *(units for key, units in self.used.items() if key[0] == limit))

    def over(self, demand: Demand) -> None:
        """A request that grows is over."""

    def charge(self, charge: Charge) -> None:
        """Book units, and note where a daily limit is passed."""
        key = (charge.limit, utc_day(charge.at))
        self.used[key] += charge.units
        if not charge.number:
            self.before[key] += charge.units
        value = getattr(self.limits, charge.limit)
        if value is not None and self.used[key] > value and charge.limit not in self.reached:
            self.reached[charge.limit] = _reached(charge.limit, charge.number, charge.at, charge.by)


class ThinnedMeter(DayMeter):
    """Watches a day of which some requests alone are run: `made` of those that grow; the others are charged
    at the end what their shape costs.

    made: (name of the part, number within it, arrival from 1).
    """

    def __init__(
        self,
        growing: Collection[str],
        made: Iterable[tuple[str, int, int]],
        others: Iterable[NotMade],
        evidence: Evidence,
    ) -> None:
        super().__init__(growing)
        self.evidence = evidence
        self._numbers = {(name, number): arrival for name, number, arrival in made}
        self._others = others
        self._charges: list[Charge] = []

    def selects(self, script: Script) -> bool:
        name = script.traffic.name
        return name not in self._growing or (name, script.number) in self._numbers

    def charge(self, charge: Charge) -> None:
        self._charges.append(charge)

    def demanded(self, demand: Demand, event: Operation) -> None:
        super().demanded(demand, event)
        self.evidence.operation(event, demand.number)

    def over(self, demand: Demand) -> None:
        self.evidence.ended(demand.invocation)

    def end(self, end: RunEnd) -> None:
        self.evidence.finish()
        for charge in merge(sorted(self._charges, key=_instant), self._of_others(), key=_instant):
            super().charge(charge)

    def _of_others(self) -> Iterable[Charge]:
        for other in self._others:
            yield Charge(other.at, REQUESTS, 1, other.number, other)
            cost = self.costs.get(other.shape)
            for quota, units in zip(QUOTAS, () if cost is None else cost.units, strict=False):
                if units:
                    yield Charge(other.at, quota.limit, units, other.number, other)


def _instant(charge: Charge) -> float:
    return charge.at


def _reached(limit: str, number: int, at: float, by: Operation | InvocationStarted | NotMade) -> LimitReached:
    if isinstance(by, Operation) and by.service != "request":
        family = by.binding if by.service == "fetch" else by.key_family
        return LimitReached(limit, number, at, by.call, family, by.route)
    return LimitReached(limit, number, at, "request", "", by.route)
