"""Daily quotas that were spent or nearly spent, and life after that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from edgeday.clock import DAY_S, iso_seconds, utc_day
from edgeday.events import EventStream, InvocationEnded, Operation
from edgeday.ledger import QUOTA_OF, QUOTAS, Op, Quota
from edgeday.limits import NEARLY_PERCENT
from edgeday.measure.findings.rule import Conditions, FindingRule, has_failed, refused_by
from edgeday.measure.metrics import Snapshot
from edgeday.measure.results import Finding

_ROUTE_STATES = ("went on untouched", "degraded (answered, but lost KV operations)", "failed")


class QuotaSpent(FindingRule):
    """When each quota first refused an operation, which one, and how many units in all."""

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._first: dict[Op, Operation] = {}
        self._refused: Counter[Op] = Counter()
        events.subscribe(Operation, self._note, outcomes=("refused",))

    def _note(self, event: Operation) -> None:
        quota = refused_by(event)
        if quota is not None:
            self._first.setdefault(quota.op, event)
            self._refused[quota.op] += max(event.units, 1)

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for quota in QUOTAS:
            first = self._first.get(quota.op)
            if first is not None:
                yield Finding(
                    f"{quota.service}-{quota.op}-quota-spent",
                    f"the daily quota of {quota.label} was spent at {iso_seconds(first.at)}: "
                    f'{self._refused[quota.op]} refused ("{first.reason}"), '
                    f"the first was {first.op} {first.key_family} in {first.route or 'no invocation'}",
                    weight="loss",
                    headline=_refused(quota, self._refused[quota.op], "refused"),
                    of_account=True,
                )


class QuotaPassed(FindingRule):
    """What a quota would refuse that is only observed."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        if self.run.switches.daily_kv != "observe":
            return
        for quota in QUOTAS:
            limit = getattr(self.run.limits, quota.limit)
            asked_on = snapshot.asked_on.get(quota.op, {})
            days = [] if limit is None else [day for day, units in asked_on.items() if units > limit]
            if not days:
                continue
            beyond = sum(asked_on[day] - limit for day in days)
            on = iso_seconds(min(days) * DAY_S).partition("T")[0]
            on += f" and on {len(days) - 1} more days" if len(days) > 1 else ""
            yield Finding(
                f"{quota.service}-{quota.op}-quota-over",
                f"with the daily quota of {limit:,} {quota.label} enforced, {beyond:,} would be refused, "
                f"on {on}",
                weight="loss",
                headline=_refused(quota, beyond, "would be refused"),
                of_account=True,
            )


class QuotaNearlySpent(FindingRule):
    """Quotas of which a day used most, and none was refused."""

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for quota in QUOTAS:
            percent = snapshot.values.get(f"{quota.metric}.used_percent", 0)
            if self.run.switches.daily_kv == "off" or not NEARLY_PERCENT <= percent <= 100:
                continue
            if not snapshot.values[f"{quota.metric}.refused"]:
                text = f"{percent:g} % of a day's {quota.label} were used"
                id = f"{quota.service}-{quota.name}-nearly-spent"
                yield Finding(id, text, weight="risk", headline=text)


@dataclass(slots=True)
class _Spent:
    """A quota that was spent.

    at: since when, on the first such day; lost: units by key family, and routes: how their requests went on,
    on that day. days: all on which it was spent. recovered_at: when it was first used after that day.
    """

    quota: Quota
    at: float
    lost: Counter[str] = field(default_factory=Counter)
    routes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    days: set[int] = field(default_factory=set)
    recovered_at: float | None = None


class AfterQuotaSpent(FindingRule):
    """Life after a spent quota: how the requests of each route went on, what was lost, when it came back."""

    audits_only = True

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._spent: dict[Op, _Spent] = {}
        self._over_quota: set[int] = set()
        events.subscribe(Operation, self._refused, outcomes=("refused",))
        events.subscribe(
            Operation, self._accepted, outcomes=("stored", "deleted", "absent", "hit", "miss", "ok")
        )
        events.subscribe(InvocationEnded, self._ended)

    def _refused(self, event: Operation) -> None:
        quota = refused_by(event)
        if quota is None:
            return
        self._over_quota.add(event.invocation)
        spent = self._spent.get(quota.op)
        if spent is None:
            spent = self._spent[quota.op] = _Spent(quota, event.at)
        spent.days.add(utc_day(event.at))
        if utc_day(event.at) == utc_day(spent.at):
            spent.lost[event.key_family] += event.units

    def _accepted(self, event: Operation) -> None:
        if not self._spent:  # most runs, most of the time: this sees nearly every operation
            return
        quota = QUOTA_OF.get((event.service, event.op))
        spent = None if quota is None else self._spent.get(quota.op)
        if spent is not None and spent.recovered_at is None and utc_day(spent.at) < utc_day(event.at):
            spent.recovered_at = event.at

    def _ended(self, event: InvocationEnded) -> None:
        over_quota = event.invocation in self._over_quota
        self._over_quota.discard(event.invocation)
        state = _ROUTE_STATES[2 if has_failed(event) else 1 if over_quota else 0]
        for spent in self._spent.values():
            if event.at >= spent.at and utc_day(event.started_at) == utc_day(spent.at):
                spent.routes[event.route][state] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for spent in self._spent.values():
            quota = spent.quota
            yield Finding(f"after-{quota.service}-{quota.name}-spent", _life_after(spent))


def _refused(quota: Quota, units: int, verb: str) -> str:
    """In a headline: 102 KV writes beyond the quota of a day were refused."""
    label = quota.label.removesuffix("s") if units == 1 else quota.label
    if verb == "refused":
        verb = "was refused" if units == 1 else "were refused"
    return f"{units:,} {label} beyond the quota of a day {verb}"


def _life_after(spent: _Spent) -> str:
    parts = [f"after {spent.quota.label} were spent at {iso_seconds(spent.at)}"]
    for route, states in sorted(spent.routes.items()):
        ways = ", ".join(f"{states[state]} {state}" for state in _ROUTE_STATES if states[state])
        parts.append(f"{route}: {ways}")
    parts.append("lost: " + ", ".join(f"{count} of {family}" for family, count in spent.lost.most_common(3)))
    back = f"the quota came back at {iso_seconds((utc_day(spent.at) + 1) * DAY_S)}"
    if spent.recovered_at is not None:
        back += f", first used again at {iso_seconds(spent.recovered_at)}"
    parts.append(back)
    if len(spent.days) > 1:
        parts.append(f"it was spent on {len(spent.days)} days in all")
    return "; ".join(parts)
