"""The limits in a capacity run: what each request asks for, in order of arrival, and what binds first."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edgeday.events import (
    EXTERNAL_SERVICES,
    Cause,
    EventStream,
    InvocationEnded,
    InvocationStarted,
    Operation,
)
from edgeday.ledger import QUOTA_OF, QUOTAS
from edgeday.limits import AccountLimits, Switches

REQUESTS = "requests_per_day"
EXTERNAL = "external_subrequests"
INTERNAL = "internal_subrequests"
OF_REQUEST = frozenset({EXTERNAL, INTERNAL})
_ENOUGH_TO_RECKON = 2_000
LIMIT_NAMES: Mapping[str, str] = {
    **{quota.limit: f"{quota.label} a day" for quota in QUOTAS},
    REQUESTS: "requests a day",
    EXTERNAL: "subrequests of a request",
    INTERNAL: "KV calls of a request",
}
"""The limits that are looked at, in words."""


class LimitReached(NamedTuple):
    """Where a limit is passed: by request `number` (0: by what comes before those that grow) at an instant
    (epoch seconds), with an operation in words, its key family and its route."""

    limit: str
    number: int
    at: float
    what: str
    family: str
    route: str


class LimitUse(NamedTuple):
    """One limit beside what requests ask for.

    value: of the limit, None: the account has none. each: units of an average request, or the most of any one
    where the limit is one of a request. before: units spent before the first one. binds_at: the request that
    passes it, None if none would. measured: whether that one was run, or is reckoned from the average.
    enforced: whether the scenario enforces it.
    """

    limit: str
    value: int | None
    each: float
    before: int
    binds_at: int | None
    measured: bool
    enforced: bool


@dataclass(frozen=True, slots=True)
class Capacity:
    """The largest day that fits.

    noun: what the requests that grow are called. fits: how many of them, None: more than were tried.
    first: the limit that binds, None: none does. behind: the limit that would bind next if that one were
    lifted. failed_writes: KV puts that met a 429, because their key was written within the same second.
    uncaught: how many requests ended with an error that the worker does not catch, by route; first_error: the
    first of these errors.
    """

    scenario: str
    account: str
    variant: str
    noun: str
    fits: int | None
    tried: int
    first: LimitReached | None
    behind: LimitUse | None
    uses: Sequence[LimitUse]
    failed_writes: int
    uncaught: Mapping[str, int] = field(default_factory=dict)
    first_error: str = ""


@dataclass(slots=True)
class _Demand:
    """What one invocation asks for."""

    number: int
    started: InvocationStarted
    charged: list[Operation] = field(default_factory=list)
    external: int = 0
    internal: int = 0
    passed: list[LimitReached] = field(default_factory=list)
    over: bool = False


class CapacityMeter:
    """Reads the events of a run in which the limits are observed, not enforced."""

    def __init__(self, events: EventStream, limits: AccountLimits, switches: Switches) -> None:
        self._limits = limits
        modes = {REQUESTS: switches.requests, EXTERNAL: switches.subrequests, INTERNAL: switches.subrequests}
        self._enforced = {limit: modes.get(limit, switches.daily_kv) == "enforce" for limit in LIMIT_NAMES}
        self._used = dict.fromkeys(LIMIT_NAMES, 0)
        self._before = dict(self._used)
        self._growing = False
        self._begun = 0
        self._charged = 0
        self._failed_writes = 0
        self._uncaught: Counter[str] = Counter()
        self._first_error = ""
        self._open: dict[int, _Demand] = {}
        self._queue: deque[_Demand] = deque()
        self._reached: dict[str, LimitReached] = {}
        events.subscribe(InvocationStarted, self._started)
        events.subscribe(Operation, self._operation)
        events.subscribe(InvocationEnded, self._ended)

    @property
    def settled(self) -> bool:
        """Whether enough is known: a daily limit binds, or one of a single request does and enough of them
        were run to reckon the daily ones behind it."""
        enforced = [limit for limit in self._reached if self._enforced[limit]]
        if any(limit not in OF_REQUEST for limit in enforced):
            return True
        return bool(enforced) and self._charged >= _ENOUGH_TO_RECKON

    def spend_before(self, units: Mapping[str, int], at: float) -> None:
        """Charge KV operations of other code; units: by limit."""
        for limit, amount in units.items():
            self._charge(limit, amount, LimitReached(limit, 0, at, "background code", "", ""))

    def begin_growth(self) -> None:
        """Requests from here on are the ones that grow."""
        self._before = dict(self._used)
        self._growing = True

    def _started(self, event: InvocationStarted) -> None:
        if self._growing:
            self._begun += 1
        demand = _Demand(self._begun, event)
        self._open[event.invocation] = demand
        self._queue.append(demand)

    def _operation(self, event: Operation) -> None:
        demand = self._open.get(event.invocation)
        if demand is None:
            return
        if event.service == "kv":
            demand.internal += 1
            if event.units and (event.service, event.op) in QUOTA_OF:
                demand.charged.append(event)
            self._failed_writes += event.cause is Cause.KEY_RATE
            limit, count = INTERNAL, demand.internal
        elif event.service not in EXTERNAL_SERVICES:
            return
        else:
            demand.external += 1
            limit, count = EXTERNAL, demand.external
        if self._limits.subrequests_shared:
            count = demand.external + demand.internal
        if count == getattr(self._limits, limit) + 1:
            demand.passed.append(_reached_by(limit, demand.number, event))

    def _ended(self, event: InvocationEnded) -> None:
        demand = self._open.pop(event.invocation, None)
        if event.outcome == "exception":
            self._uncaught[event.route] += 1
            self._first_error = self._first_error or event.error
        if demand is not None:
            demand.over = True
        while self._queue and self._queue[0].over:
            self._settle(self._queue.popleft())

    def _settle(self, demand: _Demand) -> None:
        """Charge an invocation, when all that came before it are charged."""
        self._charged = demand.number
        started = demand.started
        self._charge(
            REQUESTS, 1, LimitReached(REQUESTS, demand.number, started.at, "request", "", started.route)
        )
        for event in demand.charged:
            limit = QUOTA_OF[event.service, event.op].limit
            self._charge(limit, event.units, _reached_by(limit, demand.number, event))
        for reached in demand.passed:
            self._reached.setdefault(reached.limit, reached)
        self._used[EXTERNAL] = max(self._used[EXTERNAL], demand.external)
        self._used[INTERNAL] = max(self._used[INTERNAL], demand.internal)

    def _charge(self, limit: str, units: int, reached: LimitReached) -> None:
        self._used[limit] += units
        value = getattr(self._limits, limit)
        if value is not None and self._used[limit] > value:
            self._reached.setdefault(limit, reached)

    def capacity(self, scenario: str, account: str, variant: str, noun: str) -> Capacity:
        """What the run has shown."""
        uses = list(self._uses())
        enforced = [self._reached[use.limit] for use in uses if use.enforced and use.limit in self._reached]
        first = min(enforced, key=lambda reached: (reached.number, reached.at), default=None)
        others = [
            use
            for use in uses
            if use.enforced and use.binds_at is not None and (first is None or use.limit != first.limit)
        ]
        behind = min(others, key=lambda use: use.binds_at or 0, default=None)
        fits = None if first is None else max(first.number - 1, 0)
        return Capacity(
            scenario,
            account,
            variant,
            noun,
            fits,
            self._charged,
            first,
            behind,
            uses,
            self._failed_writes,
            dict(self._uncaught.most_common()),
            self._first_error,
        )

    def _uses(self) -> Iterator[LimitUse]:
        for limit in LIMIT_NAMES:
            value: int | None = getattr(self._limits, limit)
            of_request = limit in OF_REQUEST
            before = 0 if of_request else self._before[limit]
            grown = self._used[limit] - before
            each = float(grown) if of_request else grown / self._charged if self._charged else 0.0
            reached = self._reached.get(limit)
            binds_at = None if reached is None else reached.number
            if reached is None and value is not None and each and not of_request:
                binds_at = math.floor((value - before) / each) + 1
            yield LimitUse(
                limit, value, round(each, 4), before, binds_at, reached is not None, self._enforced[limit]
            )


def _reached_by(limit: str, number: int, event: Operation) -> LimitReached:
    family = event.binding if event.service == "fetch" else event.key_family
    return LimitReached(limit, number, event.at, event.call, family, event.route)
