"""Life after a daily KV quota was spent: how requests went on, what was lost, when it came back."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from edgeday.clock import DAY_S, iso_seconds, utc_day
from edgeday.events import EventStream, InvocationEnded, Operation
from edgeday.ledger import QUOTA_OF, QUOTAS, Quota
from edgeday.measure.findings.rule import Conditions, FindingRule, has_failed, refused_by
from edgeday.measure.metrics import CHARGED, Snapshot
from edgeday.measure.quota_days import QuotaDay
from edgeday.measure.results import Finding

_ROUTE_STATES = ("went on untouched", "degraded (answered, but lost KV operations)", "failed")


@dataclass(slots=True)
class _Spent:
    """A quota that was spent; told if it refused something too.

    day: the first such day. routes: how the requests of that day went on that ended after it was spent.
    recovered_at: when it was first used after that day.
    """

    quota: Quota
    day: QuotaDay
    routes: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    recovered_at: float | None = None


class AfterQuotaSpent(FindingRule):
    """Life after a spent quota: how the requests of each route went on, what was lost, when it came back."""

    audits_only = True

    def __init__(self, events: EventStream, run: Conditions) -> None:
        super().__init__(events, run)
        self._spent: dict[str, _Spent] = {}
        self._over_quota: set[int] = set()
        events.subscribe(Operation, self._refused, outcomes=("refused",))
        accepted = ("stored", "deleted", "absent", "hit", "miss", "ok")
        events.subscribe(Operation, self._accepted, outcomes=accepted, services=CHARGED)
        events.subscribe(InvocationEnded, self._ended)

    def _refused(self, event: Operation) -> None:
        quota = refused_by(event)
        if quota is not None:
            self._over_quota.add(event.invocation)
            self._begin(quota)

    def _begin(self, quota: Quota) -> _Spent | None:
        """The first day of a quota that refused something, or today's while none has; None before it is
        spent."""
        spent = self._spent.get(quota.limit)
        if spent is None or spent.day.first is None:
            day = self.days.today.get(quota.limit)
            if day is not None and day.is_told and (spent is None or spent.day is not day):
                spent = self._spent[quota.limit] = _Spent(quota, day)
        return spent

    def _accepted(self, event: Operation) -> None:
        if not self._spent:  # most runs, most of the time: this sees nearly every operation
            return
        quota = QUOTA_OF.get((event.service, event.op))
        spent = None if quota is None else self._spent.get(quota.limit)
        if spent is not None and spent.recovered_at is None and spent.day.day < utc_day(event.at):
            spent.recovered_at = event.at

    def _ended(self, event: InvocationEnded) -> None:
        over_quota = event.invocation in self._over_quota
        self._over_quota.discard(event.invocation)
        state = _ROUTE_STATES[2 if has_failed(event) else 1 if over_quota else 0]
        began_on = utc_day(event.started_at)
        for quota in QUOTAS:
            spent = self._begin(quota)
            if spent is not None and spent.day.day == began_on:
                spent.routes[event.route][state] += 1

    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        for quota in QUOTAS:
            spent = self._spent.get(quota.limit)
            if spent is not None and spent.day.first is not None:
                days = sum(day.first is not None for day in self.days.of(quota.limit))
                yield Finding(f"after-{quota.service}-{quota.name}-spent", _life_after(spent, days))


def _life_after(spent: _Spent, days: int) -> str:
    day, label = spent.day, spent.quota.label
    assert day.first is not None
    if day.spent_at is not None and day.spent_at <= day.first.at:
        parts = [f"after {label} were spent at {iso_seconds(day.spent_at)}"]
    else:
        parts = [f"after {label} were first refused at {iso_seconds(day.first.at)}"]
    for route, states in sorted(spent.routes.items()):
        ways = ", ".join(f"{states[state]:,} {state}" for state in _ROUTE_STATES if states[state])
        parts.append(f"{route}: {ways}")
    parts.append(
        "lost: " + ", ".join(f"{count:,} of {family}" for family, count in day.families.most_common(3))
    )
    back = f"the quota came back at {iso_seconds((day.day + 1) * DAY_S)}"
    if spent.recovered_at is not None:
        back += f", first used again at {iso_seconds(spent.recovered_at)}"
    parts.append(back)
    if days > 1:
        parts.append(f"it was spent on {days:,} days in all")
    return "; ".join(parts)
