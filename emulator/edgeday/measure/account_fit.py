"""Whether a run fits its account: the limits of the account that it exceeded, or would have.

A limit that is only observed counts as one that is enforced: what would be refused does not fit. One that is
off is not looked at. Nothing but events and metrics is read, so that a journal of a run gives the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator

from edgeday.clock import DAY_S, utc, utc_day
from edgeday.events import Cause, EventStream, InvocationEnded, InvocationStarted, Operation
from edgeday.ledger import QUOTA_OF, QUOTAS, Op
from edgeday.limits import AccountLimits
from edgeday.measure.findings.rule import Conditions, refused_by
from edgeday.measure.kv_storage import StoredBytes, in_words
from edgeday.measure.metrics import Snapshot, subrequests_used
from edgeday.measure.results import ExceededLimit


class AccountRule(ABC):
    """Watches one kind of limits of an account. stored: what KV holds."""

    stored: StoredBytes

    def __init__(self, events: EventStream, run: Conditions) -> None:
        """Subscribe to the events that are needed; here to none."""
        self.run = run

    @abstractmethod
    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        """The limits of its kind that were exceeded. snapshot: the metrics of the run."""


class DailyQuotas(AccountRule):
    """Classes of KV operations: more units asked for on a UTC day than its quota has."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._first: dict[Op, float] = {}
        self._limits: dict[Op, int] = {
            quota.op: limit
            for quota in QUOTAS
            if (limit := getattr(run.limits, quota.limit)) is not None
            and run.switches.daily_kv != "off"
        }  # fmt: skip
        self._used: Counter[tuple[int, Op]] = Counter()
        if not self._limits:
            return
        if run.switches.daily_kv == "enforce":
            events.subscribe(Operation, self._refused, outcomes=("refused",))
        if run.switches.daily_kv != "enforce" or not run.switches.cut_off.is_hard:
            events.subscribe(Operation, self._charged)  # more than allowed may be accepted

    def _refused(self, event: Operation) -> None:
        quota = refused_by(event)
        if quota is not None and quota.op in self._limits:
            self._first.setdefault(quota.op, event.at)

    def _charged(self, event: Operation) -> None:
        quota = QUOTA_OF.get((event.service, event.op)) if event.units else None
        if quota is None or quota.op in self._first or quota.op not in self._limits:
            return
        self._used[utc_day(event.at), quota.op] += event.units
        if self._used[utc_day(event.at), quota.op] > self._limits[quota.op]:
            self._first[quota.op] = event.at

    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        for quota in QUOTAS:
            first = self._first.get(quota.op)
            if first is None:
                continue
            allowed, asked_on = self._limits[quota.op], snapshot.asked_on.get(quota.op, {})
            days = [day for day, units in asked_on.items() if units > allowed] or [utc_day(first)]
            most, on = max((asked_on.get(day, 0), -day) for day in days)
            text = f"{quota.label} a day: {most:,} asked for on {_date(-on)}, {allowed:,} allowed"
            if most <= allowed:
                text += ", some of them spent before this run"
            text += _more_days(len(days))
            yield ExceededLimit(quota.limit, allowed, most, first, text)


class RequestsOfTheDay(AccountRule):
    """More requests and runs of crons on a UTC day than the account has."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._limit = None if run.switches.requests == "off" else run.limits.requests_per_day
        self._arrived: Counter[int] = Counter()
        self._first: float | None = None
        if self._limit is not None:
            events.subscribe(InvocationStarted, self._started)
            events.subscribe(Operation, self._refused, outcomes=("refused",))

    def _started(self, event: InvocationStarted) -> None:
        self._arrive(event.at)

    def _refused(self, event: Operation) -> None:
        if event.cause is Cause.REQUESTS:
            self._arrive(event.at)

    def _arrive(self, at: float) -> None:
        day = utc_day(at)
        self._arrived[day] += 1
        if self._first is None and self._limit is not None and self._arrived[day] > self._limit:
            self._first = at

    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        allowed = self._limit
        if allowed is None or self._first is None:
            return
        days = {day: count for day, count in self._arrived.items() if count > allowed}
        most, on = max((count, -day) for day, count in days.items())
        text = f"requests a day: {most:,} arrived on {_date(-on)}, {allowed:,} allowed{_more_days(len(days))}"
        yield ExceededLimit("requests_per_day", allowed, most, self._first, text)


class Subrequests(AccountRule):
    """Invocations that asked for more subrequests of a kind than one may."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._ended_count = 0
        self._most: Counter[str] = Counter()
        self._over: Counter[str] = Counter()
        self._first: dict[str, float] = {}
        if run.switches.subrequests != "off":
            events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        limits = self.run.limits
        self._ended_count += 1
        external = subrequests_used(event, limits)
        if external > limits.external_subrequests:
            self._note("external_subrequests", external, event.started_at)
        if event.internal > limits.internal_subrequests and not limits.subrequests_shared:
            self._note("internal_subrequests", event.internal, event.started_at)

    def _note(self, limit: str, asked: int, at: float) -> None:
        self._most[limit] = max(self._most[limit], asked)
        self._over[limit] += 1
        self._first.setdefault(limit, at)

    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        for limit, first in self._first.items():
            allowed: int = getattr(self.run.limits, limit)
            text = (
                f"{_kind(limit, self.run.limits)} of one invocation: {self._most[limit]:,} asked for, "
                f"{allowed:,} allowed, in {self._over[limit]:,} of {self._ended_count:,} invocations"
            )
            yield ExceededLimit(limit, allowed, self._most[limit], first, text)


class CronTriggers(AccountRule):
    """More cron triggers than the account has."""

    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        allowed, count = self.run.limits.cron_triggers, len(self.run.crons)
        if count > allowed:
            text = f"cron triggers: {count:,}, {allowed:,} allowed"
            yield ExceededLimit("cron_triggers", allowed, count, None, text)


class Storage(AccountRule):
    """More bytes in KV at once than the account has. Nothing is refused then, but it does not fit."""

    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        allowed, first = self.run.limits.kv_storage_bytes, self.stored.over_at
        if allowed is not None and first is not None:
            most = self.stored.peak
            text = f"KV storage: {in_words(most)} at once, {in_words(allowed)} allowed"
            yield ExceededLimit("kv_storage_bytes", allowed, most, first, text)


class Namespaces(AccountRule):
    """More KV namespaces than the account has."""

    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        allowed, count = self.run.limits.kv_namespaces, len(set(self.run.namespaces.values()))
        if count > allowed:
            text = f"KV namespaces: {count:,}, {allowed:,} allowed"
            yield ExceededLimit("kv_namespaces", allowed, count, None, text)


ACCOUNT_RULES: tuple[type[AccountRule], ...] = (
    DailyQuotas,
    RequestsOfTheDay,
    Subrequests,
    Storage,
    Namespaces,
    CronTriggers,
)
"""All limits that are looked at, in the order in which reports name them."""


class AccountFit:
    """Watches all limits of an account from a run's first event on. stored: what follows KV's bytes
    already."""

    def __init__(self, events: EventStream, run: Conditions, stored: StoredBytes | None = None) -> None:
        if stored is None:
            stored = StoredBytes(run.namespaces, run.limits.kv_storage_bytes)
            stored.watch(events)
        self._rules = [rule(events, run) for rule in ACCOUNT_RULES]
        for rule in self._rules:
            rule.stored = stored

    def exceeded(self, snapshot: Snapshot) -> list[ExceededLimit]:
        """The limits that were exceeded; none: the run fits."""
        return [row for rule in self._rules for row in rule.exceeded(snapshot)]


def limits_off(run: Conditions) -> list[str]:
    """The limits of the account that are switched off, in words: they are not looked at."""
    switches, limits = run.switches, run.limits
    has_quotas = any(getattr(limits, quota.limit) is not None for quota in QUOTAS)
    rows = (
        ("the daily KV quotas", switches.daily_kv, has_quotas),
        ("the requests of the day", switches.requests, limits.requests_per_day is not None),
        ("subrequests", switches.subrequests, True),
    )
    return [label for label, mode, is_limited in rows if mode == "off" and is_limited]


def _kind(limit: str, limits: AccountLimits) -> str:
    if limits.subrequests_shared:
        return "subrequests"
    return "external subrequests" if limit == "external_subrequests" else "KV calls"


def _date(day: int) -> str:
    return utc(day * DAY_S).strftime("%Y-%m-%d")


def _more_days(days: int) -> str:
    return f"; more than allowed on {days} days" if days > 1 else ""
