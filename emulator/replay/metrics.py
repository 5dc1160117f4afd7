"""The metrics of a run: what each one means, and how it is counted from the event stream.

Nothing but events is counted, so a journal of the events gives the same numbers again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from emulator.events import EventStream, InvocationEnded, InvocationStarted, Operation
from emulator.limits import AccountLimits

Number = int | float


class Metric(NamedTuple):
    """unit: of the value. meaning: one sentence. limit: the account limit it is measured against, or ""."""

    name: str
    unit: str
    meaning: str
    limit: str = ""


_KV_CLASSES = {
    "reads": ("get", "getWithMetadata"),
    "writes": ("put",),
    "deletes": ("delete",),
    "lists": ("list",),
}


def _kv_metrics() -> list[Metric]:
    rows: list[Metric] = []
    for name in _KV_CLASSES:
        unit = "requests" if name == "lists" else "keys"
        limit = f"kv_{name}_per_day"
        rows += [
            Metric(f"kv.{name}.asked", unit, f"KV {name} the code asked for: accepted and refused ones."),
            Metric(f"kv.{name}.accepted", unit, f"KV {name} charged to the daily quota.", limit),
            Metric(f"kv.{name}.refused", unit, f"KV {name} refused because the day's quota was spent."),
            Metric(
                f"kv.{name}.used_percent",
                "%",
                f"Largest share of its quota that {name} used on one day; no data without a quota.",
            ),
        ]
    return rows


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("plans.started", "plans", "Plan requests that reached the worker."),
        Metric("plans.completed", "plans", "Plan requests answered with a status below 400."),
        Metric("plans.failed", "plans", "Plan requests answered with 400 or above, or not at all."),
        Metric("requests.started", "requests", "Requests of every route that reached the worker."),
        Metric("requests.failed", "requests", "Requests answered with 500 or above, or not at all."),
        Metric("ai.calls", "calls", "Fetches that reached the AI provider; a retry is a call of its own."),
        Metric("ai.errors", "calls", "Fetches that the AI provider answered with an error status."),
        Metric("ai.refused", "calls", "Fetches to the AI provider that the subrequest limit refused."),
        *_kv_metrics(),
        Metric("kv.refused", "units", "KV operations of all classes refused because a quota was spent."),
        Metric("kv.errors", "operations", "KV operations that failed otherwise (429 for a key, a bad TTL)."),
        Metric("cache.puts", "operations", "Cache puts that reached the cache."),
        Metric("cache.matches", "operations", "Cache matches that reached the cache: hits and misses."),
        Metric("cache.deletes", "operations", "Cache deletes that reached the cache."),
        Metric("cache.operations", "operations", "Cache puts, matches and deletes together."),
        Metric("cache.hits", "operations", "Cache matches that found a fresh response."),
        Metric("cache.misses", "operations", "Cache matches that found none."),
        Metric("cache.not_stored", "operations", "Cache puts that were silently not stored."),
        Metric("cache.refused", "operations", "Cache operations that the subrequest limit refused."),
        Metric(
            "subrequests.max_per_invocation",
            "subrequests",
            "Most external subrequests (fetches and cache operations) any one invocation asked for.",
            "external_subrequests",
        ),
        Metric(
            "subrequests.invocations_over_limit",
            "invocations",
            "Invocations that asked for more external subrequests than the account allows.",
        ),
        Metric("subrequests.refused", "subrequests", "Subrequests of both kinds that a limit refused."),
        Metric(
            "subrequests.internal_max_per_invocation",
            "subrequests",
            "Most internal subrequests (KV operations) any one invocation asked for.",
            "internal_subrequests",
        ),
    )
}  # fmt: skip


class Snapshot(NamedTuple):
    """Metrics at an instant. A missing name has no data (for instance a share of no quota)."""

    values: Mapping[str, Number]
    limits: Mapping[str, int]


class Counter:
    """Counts events as they come.

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
        self._limits = limits
        self._plan_routes = frozenset(plan_routes)
        self._ai_hosts = frozenset(ai_hosts)
        self._operations: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._ai: defaultdict[str, int] = defaultdict(int)
        self._daily: defaultdict[tuple[int, str], int] = defaultdict(int)
        self._plans = [0, 0, 0]
        self._requests = [0, 0]
        self._external = [0, 0]
        self._internal_max = 0
        self._refused_subrequests = 0
        stops: list[Callable[[], None]] = [
            events.subscribe(Operation, self._operation),
            events.subscribe(InvocationStarted, self._started),
            events.subscribe(InvocationEnded, self._ended),
        ]
        self._stops = stops

    def stop(self) -> None:
        """Count no more."""
        for stop in self._stops:
            stop()

    def _operation(self, event: Operation) -> None:
        service = event.service
        if service == "fetch":
            if event.binding in self._ai_hosts:
                self._ai[event.outcome] += 1
            return
        self._operations[service, event.op, event.outcome] += event.units or 1
        if service == "kv" and event.units and event.outcome != "refused":
            self._daily[int(event.at // 86_400), event.op] += event.units

    def _started(self, event: InvocationStarted) -> None:
        self._requests[0] += 1
        if event.route in self._plan_routes:
            self._plans[0] += 1

    def _ended(self, event: InvocationEnded) -> None:
        answered = event.outcome == "ok" and event.status
        if not answered or event.status >= 500:
            self._requests[1] += 1
        if event.route in self._plan_routes:
            self._plans[1 if answered and event.status < 400 else 2] += 1
        external = event.external
        self._external[0] = max(self._external[0], external)
        if external > self._limits.external_subrequests:
            self._external[1] += 1
        self._internal_max = max(self._internal_max, event.internal)
        self._refused_subrequests += event.refused

    def snapshot(self) -> Snapshot:
        """All metrics as they stand now."""
        counted = self._operations

        def total(service: str, ops: Collection[str], *outcomes: str) -> int:
            return sum(
                units
                for (at, op, outcome), units in counted.items()
                if at == service and op in ops and (not outcomes or outcome in outcomes)
            )

        values: dict[str, Number] = {
            "plans.started": self._plans[0],
            "plans.completed": self._plans[1],
            "plans.failed": self._plans[2],
            "requests.started": self._requests[0],
            "requests.failed": self._requests[1],
            "ai.calls": sum(count for outcome, count in self._ai.items() if outcome != "refused"),
            "ai.errors": self._ai["error"],
            "ai.refused": self._ai["refused"],
        }
        refused = 0
        for name, ops in _KV_CLASSES.items():
            values[f"kv.{name}.asked"] = total("kv", ops)
            values[f"kv.{name}.refused"] = over = total("kv", ops, "refused")
            values[f"kv.{name}.accepted"] = values[f"kv.{name}.asked"] - over
            refused += over
            limit = getattr(self._limits, f"kv_{name}_per_day")
            if limit:
                values[f"kv.{name}.used_percent"] = round(100 * self._busiest_day(ops) / limit, 4)
        every = ("put", "match", "delete")
        reached = ("stored", "not-stored", "hit", "miss", "deleted", "absent")
        values |= {
            "kv.refused": refused,
            "kv.errors": total("kv", [op for ops in _KV_CLASSES.values() for op in ops], "error"),
            "cache.puts": total("cache", ("put",), *reached),
            "cache.matches": total("cache", ("match",), *reached),
            "cache.deletes": total("cache", ("delete",), *reached),
            "cache.operations": total("cache", every, *reached),
            "cache.hits": total("cache", ("match",), "hit"),
            "cache.misses": total("cache", ("match",), "miss"),
            "cache.not_stored": total("cache", ("put",), "not-stored"),
            "cache.refused": total("cache", every, "refused"),
            "subrequests.max_per_invocation": self._external[0],
            "subrequests.invocations_over_limit": self._external[1],
            "subrequests.refused": self._refused_subrequests,
            "subrequests.internal_max_per_invocation": self._internal_max,
        }
        limits = {
            metric.name: limit
            for metric in METRICS.values()
            if metric.limit and (limit := getattr(self._limits, metric.limit)) is not None
        }
        return Snapshot({name: values[name] for name in METRICS if name in values}, limits)

    def _busiest_day(self, ops: Collection[str]) -> int:
        days: defaultdict[int, int] = defaultdict(int)
        for (day, op), units in self._daily.items():
            if op in ops:
                days[day] += units
        return max(days.values(), default=0)
