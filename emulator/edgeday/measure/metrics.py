"""The metrics of a run: what each one means, and which events it adds up.

Nothing but events is counted, so a journal of the events gives the same numbers again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from edgeday.events import (
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
)
from edgeday.ledger import KV_QUOTAS, QUOTAS, Op, Quota
from edgeday.limits import AccountLimits

Number = int | float


class Scope(NamedTuple):
    """What counting has to know of a run. limits: the account's. hosts: those whose fetches have metrics of
    their own, each with the service that they are counted for. namespaces: of KV, binding -> namespace id.
    crons: the expressions that the worker has."""

    limits: AccountLimits
    hosts: Mapping[str, str] = MappingProxyType({})
    namespaces: Mapping[str, str] = MappingProxyType({})
    crons: Sequence[str] = ()

    def service_of(self, event: Operation) -> str:
        """The service that metrics count an operation for; "" for a fetch to a host without any."""
        if event.service != "fetch":
            return event.service
        return self.hosts.get(event.binding, "")


class Operations(NamedTuple):
    """Adds up the operations of a service, op and outcome: the quota units of KV, what an audit counted, the
    number of all others.

    service: "kv", "cache", "request", one of `Scope.hosts`, or an audit's. ops: None for all.
    audited: whether an audit reports them, once a run; without it there is no data. calls: whether their
    number is added up also where a quota is charged, and not units.
    """

    service: str
    ops: frozenset[str] | None
    outcomes: frozenset[str]
    audited: bool = False
    calls: bool = False

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


class Answers(NamedTuple):
    """Adds up what `amount` says of each answer that was compared with what the traffic expects."""

    amount: Callable[[ExpectationChecked], int]


class Sessions(NamedTuple):
    """Counts the sessions that ended with an outcome; those that began, if it is "started"."""

    outcome: str


class ShareOfDay(NamedTuple):
    """The busiest UTC day's sum of another metric, in percent of that metric's daily limit."""

    of: str


class MostStored(NamedTuple):
    """The most bytes that KV held at any instant."""


class Configured(NamedTuple):
    """What the worker's configuration says, whatever happens in the run."""

    amount: Callable[[Scope], int]


Counted = Operations | Starts | Ends | Answers | Sessions | ShareOfDay | MostStored | Configured


class Metric(NamedTuple):
    """Something that is measured of a run.

    unit: of the value. meaning: one sentence. limit: the account limit it is measured against, or "".
    of_route: whether it counts the requests of certain routes only, so that no route can be selected.
    by: the label that tells its values apart, "": it has one value. A run measures it for each value of the
    label that occurs, under the name that `part_of` gives.
    """

    name: str
    unit: str
    meaning: str
    counted: Counted
    limit: str = ""
    of_route: bool = False
    by: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels by which a part of it can be selected."""
        possible = {
            "status": self.by == "status",
            "family": self.has_families,
            "route": not (
                self.of_route or self.is_audited or self.is_of_account or isinstance(self.counted, Sessions)
            ),
        }
        return tuple(label for label, can in possible.items() if can)

    @property
    def is_sum(self) -> bool:
        """Whether it adds up, so that the sums of two hours or two key families add up too."""
        return not isinstance(self.counted, (ShareOfDay, MostStored, Configured)) and not (
            isinstance(self.counted, Ends) and self.counted.largest
        )

    @property
    def is_of_account(self) -> bool:
        """Whether it is measured of the account as a whole, and of no route."""
        return isinstance(self.counted, (MostStored, Configured))

    @property
    def has_families(self) -> bool:
        """Whether it counts operations on keys, which belong to key families."""
        counted = self.counted
        if isinstance(counted, ShareOfDay):
            return METRICS[counted.of].has_families
        return isinstance(counted, Operations) and counted.service in {"kv", "cache"}

    @property
    def is_audited(self) -> bool:
        """Whether the audit at the end of the run counts it, which knows stores and no requests."""
        return isinstance(self.counted, Operations) and self.counted.audited

    @property
    def is_daily(self) -> bool:
        """Whether its limit is one for each UTC day."""
        return self.limit.endswith("_per_day")


CHARGED = frozenset(quota.service for quota in QUOTAS)
"""Services whose operations are counted in quota units."""
_EVERY_KV = frozenset().union(*(quota.operations for quota in KV_QUOTAS))
_REACHED = frozenset({"ok", "hit", "miss", "stored", "not-stored", "deleted", "absent"})
ACCEPTED = _REACHED | {"error"}
"""Outcomes of operations that were carried out, well or not."""
REFUSED = frozenset({"refused"})
"""The outcome of operations that a quota or a limit refused."""
AUDIT = "audit"
"""The op of the events in which an audit says what it counted."""
EXPECTATIONS_FAILED = "expectations.failed"
"""The metric on which a budget is in force by default, where the traffic expects something."""
_PUT, _MATCH, _DELETE = frozenset({"put"}), frozenset({"match"}), frozenset({"delete"})


def _of_quota(quota: Quota) -> tuple[Metric, ...]:
    """What is measured of one class of operations with a daily quota."""
    label, name, service, ops = quota.label, quota.metric, quota.service, quota.operations
    return (
        Metric(
            f"{name}.asked",
            quota.unit,
            f"{label} the code asked for: accepted and refused ones.",
            Operations(service, ops, ACCEPTED | REFUSED),
        ),
        Metric(
            f"{name}.accepted",
            quota.unit,
            f"{label} charged to the daily quota.",
            Operations(service, ops, ACCEPTED),
            quota.limit,
        ),
        Metric(
            f"{name}.refused",
            quota.unit,
            f"{label} refused because the day's quota was spent.",
            Operations(service, ops, REFUSED),
        ),
        Metric(
            f"{name}.used_percent",
            "%",
            f"Largest share of its quota that {quota.name} used on one day; no data without a quota.",
            ShareOfDay(f"{name}.accepted"),
        ),
    )


def _cache(name: str, meaning: str, ops: frozenset[str] | None, outcomes: frozenset[str]) -> Metric:
    return Metric(f"cache.{name}", "operations", meaning, Operations("cache", ops, outcomes))


def answered_below(event: InvocationEnded, status: int) -> bool:
    """Whether an invocation went well: answered with a status below that one, or with none, as a cron's."""
    return event.outcome == "ok" and event.status < status


def subrequests_used(event: InvocationEnded, limits: AccountLimits) -> int:
    """What an invocation asked for of the limit on external subrequests."""
    return event.external + (event.internal if limits.subrequests_shared else 0)


_ALL = (
    Metric(
        "requests.started",
        "requests",
        "Requests of every route, and runs of crons, that reached the worker.",
        Starts(lambda _, __: 1),
        "requests_per_day",
    ),
    Metric(
        "requests.failed",
        "requests",
        "Requests answered with 500 or above, or not at all, and runs of crons that failed.",
        Ends(lambda event, _: not answered_below(event, 500)),
    ),
    Metric(
        "requests.status",
        "requests",
        "Requests answered with an HTTP status, for each that occurred; 0 for any other.",
        Ends(lambda event, _: event.status > 0),
        by="status",
    ),
    Metric(
        "requests.used_percent",
        "%",
        "Largest share of the day's requests that were used on one day; no data where they are not limited.",
        ShareOfDay("requests.started"),
    ),
    *(metric for quota in QUOTAS for metric in _of_quota(quota)),
    Metric(
        "kv.storage_bytes",
        "bytes",
        "The most that KV held at any instant: keys, values and metadata of all namespaces together.",
        MostStored(),
        "kv_storage_bytes",
    ),
    Metric(
        "kv.namespaces",
        "namespaces",
        "KV namespaces that the worker's bindings name.",
        Configured(lambda scope: len(set(scope.namespaces.values()))),
        "kv_namespaces",
    ),
    Metric(
        "kv.refused",
        "units",
        "KV operations of all classes refused because a quota was spent.",
        Operations("kv", _EVERY_KV, REFUSED),
    ),
    Metric(
        "kv.errors",
        "operations",
        "KV operations that failed otherwise (429 for a key, a bad TTL).",
        Operations("kv", _EVERY_KV, frozenset({"error"}), calls=True),
    ),
    _cache("puts", "Cache puts that reached the cache.", _PUT, _REACHED),
    _cache("matches", "Cache matches that reached the cache: hits and misses.", _MATCH, _REACHED),
    _cache("deletes", "Cache deletes that reached the cache.", _DELETE, _REACHED),
    _cache("operations", "Cache puts, matches and deletes together.", _PUT | _MATCH | _DELETE, _REACHED),
    _cache("hits", "Cache matches that found a fresh response.", _MATCH, frozenset({"hit"})),
    _cache("misses", "Cache matches that found none.", _MATCH, frozenset({"miss"})),
    _cache("not_stored", "Cache puts that were silently not stored.", _PUT, frozenset({"not-stored"})),
    _cache("refused", "Cache operations that the subrequest limit refused.", None, REFUSED),
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
        "Most internal subrequests (KV operations that no spent quota refused) any one invocation asked for.",
        Ends(lambda event, _: event.internal, largest=True),
        "internal_subrequests",
    ),
    Metric(
        "crons.triggers",
        "triggers",
        "Cron Triggers of the worker: its cron expressions.",
        Configured(lambda scope: len(scope.crons)),
        "cron_triggers",
    ),
    Metric(
        "requests.refused",
        "requests",
        "Requests turned away with error 1027 because the day's were spent.",
        Operations("request", None, REFUSED),
    ),
    Metric(
        "invocations.cut_off",
        "invocations",
        "Invocations with work that nothing waited for, and that was cut off at their end.",
        Ends(lambda event, _: bool(event.cut_off)),
    ),
    _cache("evicted", "Cache entries that were gone before they expired.", None, frozenset({"evicted"})),
    Metric(
        "expectations.checked",
        "answers",
        "Answers that were compared with what the traffic expects of them.",
        Answers(lambda _: 1),
    ),
    Metric(
        EXPECTATIONS_FAILED,
        "answers",
        "Answers that were not as the traffic expects.",
        Answers(lambda event: event.unmet > 0),
    ),
    *(
        Metric(f"sessions.{outcome}", "sessions", meaning, Sessions(outcome))
        for outcome, meaning in (
            ("started", "Sessions of visitors that began."),
            ("completed", "Sessions in which every step was made."),
            ("left", "Sessions that the visitor left before a step, as the scenario's chances have it."),
            (
                "failed",
                "Sessions ended by a failure: 500 or above, no answer of the worker, or no value to keep.",
            ),
        )
    ),
)
METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
"""The metrics that every run has; a worker profile may bring more."""


def part_of(metric: Metric, value: int | str) -> str:
    """The name of a metric for one value of the label that tells its values apart:
    requests.status{status=404}."""
    return f"{metric.name}{{{metric.by}={value}}}"


def is_part(name: str) -> bool:
    """Whether a name is that of a metric for one value of its label."""
    whole, brace, _ = name.partition("{")
    return bool(brace) and whole in METRICS and bool(METRICS[whole].by)


class Snapshot(NamedTuple):
    """Metrics at an instant. values: a missing name has no data (for instance a share of no quota).
    metrics: those that were counted, by name; those of a status (`part_of`) that occurred. asked_on: by class
    of operations with a daily quota, the units asked for on each UTC day, accepted and refused ones."""

    values: Mapping[str, Number]
    limits: Mapping[str, int]
    metrics: Mapping[str, Metric] = METRICS
    asked_on: Mapping[Op, Mapping[int, int]] = MappingProxyType({})

    def value_of(self, name: str) -> Number | None:
        """A metric's value; None: no data. Of a status that did not occur it is 0."""
        return self.values.get(name, 0 if is_part(name) else None)


def amount_of(event: Operation, counted: Operations) -> int:
    """What an operation adds to a metric that counts it: where a daily quota is charged its units (0 if it
    was not asked for any), an audit what it counted, others 1."""
    if counted.calls:
        return 1
    return event.units if event.service in CHARGED or event.op == AUDIT else 1


def share(units: int, limit: int) -> float:
    """Units in percent of a limit, to four decimals."""
    return round(100 * units / limit, 4)
