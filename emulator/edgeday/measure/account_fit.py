"""Whether a run fits its account: the limits of the account that it exceeded, or would have.

A limit that is only observed counts as one that is enforced: what would be refused does not fit. One that is
off is not looked at. Nothing but events and metrics is read, so that a journal of a run gives the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator

from edgeday.clock import DAY_S, utc
from edgeday.events import EventStream, InvocationEnded
from edgeday.ledger import QUOTAS
from edgeday.limits import AccountLimits
from edgeday.measure.findings.rule import Conditions
from edgeday.measure.kv_storage import StoredBytes, in_words
from edgeday.measure.metrics import Snapshot
from edgeday.measure.quota_days import REQUESTS, QuotaDays
from edgeday.measure.results import ExceededLimit


class AccountRule(ABC):
    """Watches one kind of limits of an account. days: what each day used of the daily limits. stored: what KV
    holds."""

    days: QuotaDays
    stored: StoredBytes

    def __init__(self, events: EventStream, run: Conditions) -> None:
        """Subscribe to the events that are needed; here to none."""
        self.run = run

    @abstractmethod
    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        """The limits of its kind that were exceeded. snapshot: the metrics of the run."""


class DailyLimits(AccountRule):
    """More asked for on a UTC day than is allowed: of a class of KV operations, or of requests."""

    def exceeded(self, snapshot: Snapshot) -> Iterator[ExceededLimit]:
        switches = self.run.switches
        for quota in QUOTAS if switches.daily_kv != "off" else ():
            yield from self._passed(quota.limit, f"{quota.label} a day", "asked for")
        if switches.requests != "off":
            yield from self._passed(REQUESTS, "requests a day", "arrived")

    def _passed(self, limit: str, label: str, verb: str) -> Iterator[ExceededLimit]:
        days = self.days.passed(limit)
        if not days:
            return
        most, allowed = max(days, key=lambda day: day.asked), days[0].limit
        text = f"{label}: {most.asked:,} {verb} on {_date(most.day)}, {allowed:,} allowed"
        if most.asked <= allowed:
            text += ", some of them spent before this run"
        text += f"; more than allowed on {len(days):,} days" if len(days) > 1 else ""
        yield ExceededLimit(limit, allowed, most.asked, days[0].passed_at, text)


class Subrequests(AccountRule):
    """Invocations that asked for more subrequests of a kind than one may."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        limits = run.limits  # at hand, as every request is looked at
        self._external, self._internal = limits.external_subrequests, limits.internal_subrequests
        self._shared = limits.subrequests_shared
        self._ended_count = 0
        self._most: Counter[str] = Counter()
        self._over: Counter[str] = Counter()
        self._first: dict[str, float] = {}
        if run.switches.subrequests != "off":
            events.subscribe(InvocationEnded, self._ended)

    def _ended(self, event: InvocationEnded) -> None:
        self._ended_count += 1
        external = event.external + event.internal if self._shared else event.external
        if external > self._external:
            self._note("external_subrequests", external, event.started_at)
        if event.internal > self._internal and not self._shared:
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
    DailyLimits,
    Subrequests,
    Storage,
    Namespaces,
    CronTriggers,
)
"""All limits that are looked at, in the order in which reports name them."""


class AccountFit:
    """Watches all limits of an account from a run's first event on. days, stored: what follows the daily
    limits and KV's bytes already."""

    def __init__(
        self,
        events: EventStream,
        run: Conditions,
        days: QuotaDays | None = None,
        stored: StoredBytes | None = None,
    ) -> None:
        if days is None:
            days = QuotaDays(events, run.limits)
        if stored is None:
            stored = StoredBytes(run.namespaces, run.limits.kv_storage_bytes)
            stored.watch(events)
        self._rules = [rule(events, run) for rule in ACCOUNT_RULES]
        for rule in self._rules:
            rule.days, rule.stored = days, stored

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
