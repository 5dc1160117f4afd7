"""The limits in a capacity run: what each request asks for, in order of arrival, and what binds first."""

from __future__ import annotations

import math
from collections import deque
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
from edgeday.limits import AccountLimits, Switches
from edgeday.measure.metrics import KV_CLASSES

KV_DAILY: Mapping[str, str] = {f"kv_{name}_per_day": name for name in KV_CLASSES}
REQUESTS = "requests_per_day"
EXTERNAL = "external_subrequests"
INTERNAL = "internal_subrequests"
OF_REQUEST = frozenset({EXTERNAL, INTERNAL})
_ENOUGH_TO_RECKON = 2_000
LIMIT_NAMES: Mapping[str, str] = {
    **{limit: f"KV {name} a day" for limit, name in KV_DAILY.items()},
    REQUESTS: "requests a day",
    EXTERNAL: "subrequests of a request",
    INTERNAL: "KV calls of a request",
}
"""The limits that are looked at, in words."""

_LIMIT_OF_OP = {op: f"kv_{name}_per_day" for name, ops in KV_CLASSES.items() for op in ops}


class Binding(NamedTuple):
    """Where a limit is passed: by request `number` (0: by what comes before those that grow) at an instant
    (epoch seconds), with an operation in words, its key family and its route."""

    limit: str
    number: int
    at: float
    what: str
    family: str
    route: str


class Use(NamedTuple):
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
    """

    scenario: str
    account: str
    variant: str
    noun: str
    fits: int | None
    tried: int
    first: Binding | None
    behind: Use | None
    uses: Sequence[Use]
    failed_writes: int


@dataclass(slots=True)
class _Asked:
    """What one invocation asks for."""

    number: int
    started: InvocationStarted
    charged: list[Operation] = field(default_factory=list)
    external: int = 0
    internal: int = 0
    passed: list[Binding] = field(default_factory=list)
    over: bool = False


class Book:
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
        self._open: dict[int, _Asked] = {}
        self._queue: deque[_Asked] = deque()
        self._bindings: dict[str, Binding] = {}
        events.subscribe(InvocationStarted, self._started)
        events.subscribe(Operation, self._operation)
        events.subscribe(InvocationEnded, self._ended)

    @property
    def settled(self) -> bool:
        """Whether enough is known: a daily limit binds, or one of a single request does and enough of them
        were run to reckon the daily ones behind it."""
        binding = [limit for limit in self._bindings if self._enforced[limit]]
        if any(limit not in OF_REQUEST for limit in binding):
            return True
        return bool(binding) and self._charged >= _ENOUGH_TO_RECKON

    def spend_before(self, units: Mapping[str, int], at: float) -> None:
        """Charge KV operations of other code; units: by limit."""
        for limit, amount in units.items():
            self._charge(limit, amount, Binding(limit, 0, at, "background code", "", ""))

    def begin_growth(self) -> None:
        """Requests from here on are the ones that grow."""
        self._before = dict(self._used)
        self._growing = True

    def _started(self, event: InvocationStarted) -> None:
        if self._growing:
            self._begun += 1
        asked = _Asked(self._begun, event)
        self._open[event.invocation] = asked
        self._queue.append(asked)

    def _operation(self, event: Operation) -> None:
        asked = self._open.get(event.invocation)
        if asked is None:
            return
        if event.service == "kv":
            asked.internal += 1
            if event.units:
                asked.charged.append(event)
            self._failed_writes += event.cause is Cause.KEY_RATE
            limit, count = INTERNAL, asked.internal
        elif event.service not in EXTERNAL_SERVICES:
            return
        else:
            asked.external += 1
            limit, count = EXTERNAL, asked.external
        if self._limits.subrequests_shared:
            count = asked.external + asked.internal
        if count == getattr(self._limits, limit) + 1:
            asked.passed.append(_binding(limit, asked.number, event))

    def _ended(self, event: InvocationEnded) -> None:
        self._open.pop(event.invocation).over = True
        while self._queue and self._queue[0].over:
            self._settle(self._queue.popleft())

    def _settle(self, asked: _Asked) -> None:
        """Charge an invocation, when all that came before it are charged."""
        self._charged = asked.number
        started = asked.started
        self._charge(REQUESTS, 1, Binding(REQUESTS, asked.number, started.at, "request", "", started.route))
        for event in asked.charged:
            limit = _LIMIT_OF_OP[event.op]
            self._charge(limit, event.units, _binding(limit, asked.number, event))
        for binding in asked.passed:
            self._bindings.setdefault(binding.limit, binding)
        self._used[EXTERNAL] = max(self._used[EXTERNAL], asked.external)
        self._used[INTERNAL] = max(self._used[INTERNAL], asked.internal)

    def _charge(self, limit: str, units: int, binding: Binding) -> None:
        self._used[limit] += units
        value = getattr(self._limits, limit)
        if value is not None and self._used[limit] > value:
            self._bindings.setdefault(limit, binding)

    def capacity(self, scenario: str, account: str, variant: str, noun: str) -> Capacity:
        """What the run has shown."""
        uses = list(self._uses())
        enforced = [self._bindings[use.limit] for use in uses if use.enforced and use.limit in self._bindings]
        first = min(enforced, key=lambda binding: (binding.number, binding.at), default=None)
        others = [
            use
            for use in uses
            if use.enforced and use.binds_at is not None and (first is None or use.limit != first.limit)
        ]
        behind = min(others, key=lambda use: use.binds_at or 0, default=None)
        fits = None if first is None else max(first.number - 1, 0)
        return Capacity(
            scenario, account, variant, noun, fits, self._charged, first, behind, uses, self._failed_writes
        )

    def _uses(self) -> Iterator[Use]:
        for limit in LIMIT_NAMES:
            value: int | None = getattr(self._limits, limit)
            of_request = limit in OF_REQUEST
            before = 0 if of_request else self._before[limit]
            grown = self._used[limit] - before
            each = float(grown) if of_request else grown / self._charged if self._charged else 0.0
            binding = self._bindings.get(limit)
            binds_at = None if binding is None else binding.number
            if binding is None and value is not None and each and not of_request:
                binds_at = math.floor((value - before) / each) + 1
            yield Use(
                limit, value, round(each, 4), before, binds_at, binding is not None, self._enforced[limit]
            )


def _binding(limit: str, number: int, event: Operation) -> Binding:
    what = f"{'KV' if event.service == 'kv' else event.service} {event.op}"
    family = event.binding if event.service == "fetch" else event.key_family
    return Binding(limit, number, event.at, what, family, event.route)
