"""The metrics of a run: what each one means, and which events it adds up.

Nothing but events is counted, so a journal of the events gives the same numbers again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from edgeday.clock import utc_day
from edgeday.events import EventStream, InvocationEnded, InvocationStarted, Operation
from edgeday.limits import AccountLimits

Number = int | float


class Scope(NamedTuple):
    """What counting has to know of a run: the account's limits, the routes that are plans, the hosts that are
    AI providers."""

    limits: AccountLimits
    plan_routes: frozenset[str] = frozenset()
    ai_hosts: frozenset[str] = frozenset()

    def service_of(self, event: Operation) -> str:
        """The service that metrics count an operation for; "" for a fetch to a host that is no AI's."""
        if event.service != "fetch":
            return event.service
        return "ai" if event.binding in self.ai_hosts else ""


class Operations(NamedTuple):
    """Adds up the operations of a service ("kv", "cache", "ai", "request", "logs"), op and outcome: the quota
    units of KV, the logs of an audit, the number of all others. ops: None for all."""

    service: str
    ops: frozenset[str] | None
    outcomes: frozenset[str]

    def adds(self, service: str, op: str, outcome: str) -> bool:
        """Whether it adds up such operations."""
        return service == self.service and (self.ops is None or op in self.ops) and outcome in self.outcomes


class Starts(NamedTuple):
    """Adds up what `amount` says of each request that reached the worker."""

    amount: Callable[[InvocationStarted, Scope], int]


class Ends(NamedTuple):
    """Adds up what `amount` says of each invocation that is over; or keeps the largest."""

    amount: Callable[[InvocationEnded, Scope], int]
    largest: bool = False


class ShareOfDay(NamedTuple):
    """The busiest UTC day's sum of another metric, in percent of that metric's daily limit."""

    of: str


Counted = Operations | Starts | Ends | ShareOfDay


class Metric(NamedTuple):
    """unit: of the value. meaning: one sentence. limit: the account limit it is measured against, or ""."""

    name: str
    unit: str
    meaning: str
    counted: Counted
    limit: str = ""

    @property
    def is_sum(self) -> bool:
        """Whether it adds up, so that the sums of two hours or two key families add up too."""
        return not isinstance(self.counted, ShareOfDay) and not (
            isinstance(self.counted, Ends) and self.counted.largest
        )

    @property
    def has_families(self) -> bool:
        """Whether it counts operations on keys, which belong to key families."""
        counted = self.counted
        return isinstance(counted, ShareOfDay) or (
            isinstance(counted, Operations) and counted.service in {"kv", "cache"}
        )

    @property
    def is_audited(self) -> bool:
        """Whether the audit at the end of the run counts it, which knows stores and no requests."""
        return isinstance(self.counted, Operations) and self.counted.service == "logs"

    @property
    def is_daily(self) -> bool:
        """Whether its limit is one for each UTC day."""
        return self.limit.endswith("_per_day")


KV_CLASSES: Mapping[str, frozenset[str]] = {
    "reads": frozenset({"get", "getWithMetadata"}),
    "writes": frozenset({"put"}),
    "deletes": frozenset({"delete"}),
    "lists": frozenset({"list"}),
}
KV_CLASS_OF: Mapping[str, str] = {op: name for name, ops in KV_CLASSES.items() for op in ops}
_EVERY_KV = frozenset().union(*KV_CLASSES.values())
_REACHED = frozenset({"ok", "hit", "miss", "stored", "not-stored", "deleted", "absent"})
_ACCEPTED = _REACHED | {"error"}
_REFUSED = frozenset({"refused"})
_BY_UNITS = frozenset({"kv", "logs"})
_PUT, _MATCH, _DELETE = frozenset({"put"}), frozenset({"match"}), frozenset({"delete"})


def _kv_metrics() -> list[Metric]:
    rows: list[Metric] = []
    for name, ops in KV_CLASSES.items():
        unit = "requests" if name == "lists" else "keys"
        rows += [
            Metric(
                f"kv.{name}.asked",
                unit,
                f"KV {name} the code asked for: accepted and refused ones.",
                Operations("kv", ops, _ACCEPTED | _REFUSED),
            ),
            Metric(
                f"kv.{name}.accepted",
                unit,
                f"KV {name} charged to the daily quota.",
                Operations("kv", ops, _ACCEPTED),
                f"kv_{name}_per_day",
            ),
            Metric(
                f"kv.{name}.refused",
                unit,
                f"KV {name} refused because the day's quota was spent.",
                Operations("kv", ops, _REFUSED),
            ),
            Metric(
                f"kv.{name}.used_percent",
                "%",
                f"Largest share of its quota that {name} used on one day; no data without a quota.",
                ShareOfDay(f"kv.{name}.accepted"),
            ),
        ]
    return rows


def _cache(name: str, meaning: str, ops: frozenset[str] | None, outcomes: frozenset[str]) -> Metric:
    return Metric(f"cache.{name}", "operations", meaning, Operations("cache", ops, outcomes))


def _logs(name: str, meaning: str, outcome: str, unit: str = "logs") -> Metric:
    return Metric(f"logs.{name}", unit, meaning, Operations("logs", None, frozenset({outcome})))


def _is_plan(event: InvocationStarted | InvocationEnded, scope: Scope) -> bool:
    return event.route in scope.plan_routes


def _answered_below(event: InvocationEnded, status: int) -> bool:
    return event.outcome == "ok" and 0 < event.status < status


def subrequests_used(event: InvocationEnded, limits: AccountLimits) -> int:
    """What an invocation asked for of the limit on external subrequests."""
    return event.external + (event.internal if limits.subrequests_shared else 0)


_ALL = (
    Metric(
        "plans.started",
        "plans",
        "Plan requests that reached the worker.",
        Starts(_is_plan),
    ),
    Metric(
        "plans.completed",
        "plans",
        "Plan requests answered with a status below 400.",
        Ends(lambda event, scope: _is_plan(event, scope) and _answered_below(event, 400)),
    ),
    Metric(
        "plans.failed",
        "plans",
        "Plan requests answered with 400 or above, or not at all.",
        Ends(lambda event, scope: _is_plan(event, scope) and not _answered_below(event, 400)),
    ),
    Metric(
        "requests.started",
        "requests",
        "Requests of every route that reached the worker.",
        Starts(lambda _, __: 1),
        "requests_per_day",
    ),
    Metric(
        "requests.failed",
        "requests",
        "Requests answered with 500 or above, or not at all.",
        Ends(lambda event, _: not _answered_below(event, 500)),
    ),
    Metric(
        "ai.calls",
        "calls",
        "Fetches that reached the AI provider; a retry is a call of its own.",
        Operations("ai", None, _ACCEPTED),
    ),
    Metric(
        "ai.errors",
        "calls",
        "Fetches that the AI provider answered with an error status.",
        Operations("ai", None, frozenset({"error"})),
    ),
    Metric(
        "ai.refused",
        "calls",
        "Fetches to the AI provider that the subrequest limit refused.",
        Operations("ai", None, _REFUSED),
    ),
    *_kv_metrics(),
    Metric(
        "kv.refused",
        "units",
        "KV operations of all classes refused because a quota was spent.",
        Operations("kv", _EVERY_KV, _REFUSED),
    ),
    Metric(
        "kv.errors",
        "operations",
        "KV operations that failed otherwise (429 for a key, a bad TTL).",
        Operations("kv", _EVERY_KV, frozenset({"error"})),
    ),
    _cache("puts", "Cache puts that reached the cache.", _PUT, _REACHED),
    _cache("matches", "Cache matches that reached the cache: hits and misses.", _MATCH, _REACHED),
    _cache("deletes", "Cache deletes that reached the cache.", _DELETE, _REACHED),
    _cache("operations", "Cache puts, matches and deletes together.", _PUT | _MATCH | _DELETE, _REACHED),
    _cache("hits", "Cache matches that found a fresh response.", _MATCH, frozenset({"hit"})),
    _cache("misses", "Cache matches that found none.", _MATCH, frozenset({"miss"})),
    _cache("not_stored", "Cache puts that were silently not stored.", _PUT, frozenset({"not-stored"})),
    _cache("refused", "Cache operations that the subrequest limit refused.", None, _REFUSED),
    Metric(
        "subrequests.max_per_invocation",
        "subrequests",
        "Most external subrequests (fetches and cache operations) any one invocation asked for.",
        Ends(lambda event, _: event.external, largest=True),
        "external_subrequests",
    ),
    Metric(
        "subrequests.invocations_over_limit",
        "invocations",
        "Invocations that asked for more external subrequests than the account allows (where one counter "
        "serves both kinds, of both together).",
        Ends(lambda event, scope: subrequests_used(event, scope.limits) > scope.limits.external_subrequests),
    ),
    Metric(
        "subrequests.refused",
        "subrequests",
        "Subrequests of both kinds that a limit refused.",
        Ends(lambda event, _: event.refused),
    ),
    Metric(
        "subrequests.internal_max_per_invocation",
        "subrequests",
        "Most internal subrequests (KV operations) any one invocation asked for.",
        Ends(lambda event, _: event.internal, largest=True),
        "internal_subrequests",
    ),
    Metric(
        "requests.refused",
        "requests",
        "Requests turned away with error 1027 because the day's were spent.",
        Operations("request", None, _REFUSED),
    ),
    _cache("evicted", "Cache entries that were gone before they expired.", None, frozenset({"evicted"})),
    _logs("written", "Log entries stored, wherever; a key that is put again counts once.", "written"),
    _logs(
        "readable", "Stored log entries that the admin's lists lead to, from where the admin is.", "readable"
    ),
    _logs("elsewhere", "Stored log entries that only lists in other data centres lead to.", "elsewhere"),
    _logs("orphaned", "Stored log entries that no list leads to.", "orphaned"),
    _logs("expired", "Log entries that have expired since.", "expired"),
    _logs("evicted", "Log entries that a cache gave up before they expired.", "evicted"),
    _logs("deleted", "Log entries that were deleted or purged.", "deleted"),
    _logs("never_stored", "Puts of log entries that stored nothing.", "never-stored", "puts"),
    _logs("calls_readable", "AI calls that the admin's lists show.", "calls-readable", "calls"),
    _logs("errors", "Failed calls that are kept in KV at the end.", "errors"),
    _logs("errors_debuggable", "Those of them with prompt, session, model and error.", "errors-debuggable"),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}

_STARTS = tuple((metric.name, metric.counted) for metric in _ALL if isinstance(metric.counted, Starts))
_ENDS = tuple((metric.name, metric.counted) for metric in _ALL if isinstance(metric.counted, Ends))


class Snapshot(NamedTuple):
    """Metrics at an instant. A missing name has no data (for instance a share of no quota)."""

    values: Mapping[str, Number]
    limits: Mapping[str, int]


class Counter:
    """Counts events as they come. What it keeps grows with the number of days, not of events.

    limits: the account's, for shares of a quota. plan_routes: routes that are plans.
    ai_hosts: hosts that are AI providers.
    """

    def __init__(
        self,
        events: EventStream,
        limits: AccountLimits,
        *,
        plan_routes: Collection[str] = (),
        ai_hosts: Collection[str] = (),
    ) -> None:
        self._scope = Scope(limits, frozenset(plan_routes), frozenset(ai_hosts))
        self._operations: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._daily: defaultdict[tuple[int, str], int] = defaultdict(int)
        self._requests: dict[str, int] = {name: 0 for name, _ in (*_STARTS, *_ENDS)}
        self._stops: list[Callable[[], None]] = [
            events.subscribe(Operation, self._operation),
            events.subscribe(InvocationStarted, self._started),
            events.subscribe(InvocationEnded, self._ended),
        ]

    def stop(self) -> None:
        """Count no more."""
        for stop in self._stops:
            stop()

    def _operation(self, event: Operation) -> None:
        service = event.service
        if service == "fetch":
            service = self._scope.service_of(event)
            if not service:
                return
        if service not in _BY_UNITS:  # `amount_of`, written out: this sees every operation
            self._operations[service, event.op, event.outcome] += 1
            return
        self._operations[service, event.op, event.outcome] += event.units
        if service == "kv" and event.units and event.outcome != "refused":
            self._daily[utc_day(event.at), event.op] += event.units

    def _started(self, event: InvocationStarted) -> None:
        for name, counted in _STARTS:
            self._requests[name] += counted.amount(event, self._scope)

    def _ended(self, event: InvocationEnded) -> None:
        counts = self._requests
        for name, counted in _ENDS:
            amount = counted.amount(event, self._scope)
            counts[name] = max(counts[name], amount) if counted.largest else counts[name] + amount

    def snapshot(self) -> Snapshot:
        """All metrics as they stand now."""
        values = {metric.name: self._value(metric.name, metric.counted) for metric in _ALL}
        limits = {
            metric.name: limit
            for metric in _ALL
            if metric.limit and (limit := getattr(self._scope.limits, metric.limit)) is not None
        }
        return Snapshot({name: value for name, value in values.items() if value is not None}, limits)

    def _value(self, name: str, counted: Counted) -> Number | None:
        if isinstance(counted, Operations):
            if counted.service == "logs" and not any(key[0] == "logs" for key in self._operations):
                return None  # there was no audit
            return sum(units for kind, units in self._operations.items() if counted.adds(*kind))
        if isinstance(counted, ShareOfDay):
            whole = METRICS[counted.of]
            limit = getattr(self._scope.limits, whole.limit)
            if not limit or not isinstance(whole.counted, Operations):
                return None
            return share(self._busiest_day(whole.counted.ops or frozenset()), limit)
        return self._requests[name]

    def _busiest_day(self, ops: Collection[str]) -> int:
        days: defaultdict[int, int] = defaultdict(int)
        for (day, op), units in self._daily.items():
            if op in ops:
                days[day] += units
        return max(days.values(), default=0)


def amount_of(event: Operation) -> int:
    """What an operation adds to a metric: KV its quota units (0 if it was not asked for any), an audit its
    logs, others 1."""
    return event.units if event.service in _BY_UNITS else 1


def share(units: int, limit: int) -> float:
    """Units in percent of a limit, to four decimals."""
    return round(100 * units / limit, 4)
