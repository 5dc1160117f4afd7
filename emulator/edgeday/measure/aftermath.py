"""What a run with an audit says besides: what limits cost, and what goes on after them.

Reads events only, so a journal of the run gives the same findings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from edgeday.clock import DAY_S, iso_seconds, utc, utc_day
from edgeday.events import Cause, EventStream, InvocationEnded, Operation
from edgeday.ledger import QUOTA_OF, QUOTAS, Quota
from edgeday.limits import AccountLimits
from edgeday.measure.metrics import Snapshot, subrequests_used
from edgeday.measure.noun import REQUESTS, Noun
from edgeday.measure.results import Finding
from edgeday.prices import monthly_usd

_NEAR_PERCENT = 80
_MONTH_DAYS = 28
_SUBREQUESTS = "the subrequest limit"
_QUOTA = "a daily KV quota"
_REQUESTS = "the requests of the day"
_ROUTE_STATES = ("went on untouched", "degraded (answered, but lost KV operations)", "failed")


class _Spent:
    """A quota that was spent on a day: since when, what was lost, how routes went on, when it came back."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.lost: Counter[str] = Counter()
        self.routes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.recovered_at: float | None = None


class Aftermath:
    """Notes what these findings are made of. noun: what the requests are called that can be lost.

    A failed request is lost to the subrequest limit if its last fetch was refused, to a quota if its last
    fetch went well and a quota refused it something; else no limit is to blame.
    """

    def __init__(self, events: EventStream, limits: AccountLimits, noun: Noun = REQUESTS) -> None:
        self._limits = limits
        self._noun = noun
        self._no_limit = f"no limit: {noun.fetch} or the platform failed"
        self._over_quota: set[int] = set()
        self._last_fetch: dict[int, str] = {}
        self._spent: dict[tuple[Quota, int], _Spent] = {}
        self._waiting: dict[Quota, list[_Spent]] = {}
        self._lost: Counter[str] = Counter()
        self._near = 0
        self._invocations = 0
        self._days: set[int] = set()
        events.subscribe(Operation, self._refused, outcomes=("refused",))
        events.subscribe(
            Operation, self._accepted, outcomes=("stored", "deleted", "absent", "hit", "miss", "ok")
        )
        events.subscribe(Operation, self._fetched, outcomes=("ok", "error", "refused"))
        events.subscribe(InvocationEnded, self._ended)

    def _refused(self, event: Operation) -> None:
        if event.cause is Cause.REQUESTS:
            self._lost[_REQUESTS] += self._noun.counts(event.route)
            return
        quota = QUOTA_OF.get((event.service, event.op))
        if event.cause is not Cause.QUOTA or quota is None:
            return
        spent = self._spent.get((quota, utc_day(event.at)))
        if spent is None:
            spent = self._spent[quota, utc_day(event.at)] = _Spent(event.at)
            self._waiting.setdefault(quota, []).append(spent)
        spent.lost[event.key_family] += event.units
        self._over_quota.add(event.invocation)

    def _fetched(self, event: Operation) -> None:
        if event.service == "fetch":
            self._last_fetch[event.invocation] = event.outcome

    def _accepted(self, event: Operation) -> None:
        if not self._waiting:
            return
        quota = QUOTA_OF.get((event.service, event.op))
        if quota is None:
            return
        waiting = [spent for spent in self._waiting.get(quota, ()) if utc_day(spent.at) < utc_day(event.at)]
        for spent in waiting:
            spent.recovered_at = event.at
            self._waiting[quota].remove(spent)

    def _ended(self, event: InvocationEnded) -> None:
        over_quota = event.invocation in self._over_quota
        self._over_quota.discard(event.invocation)
        last_fetch = self._last_fetch.pop(event.invocation, "ok")
        self._invocations += 1
        self._days.add(utc_day(event.started_at))
        used = subrequests_used(event, self._limits)
        self._near += 100 * used >= _NEAR_PERCENT * self._limits.external_subrequests
        failed = event.outcome != "ok" or event.status >= 400
        if failed and self._noun.counts(event.route):
            if last_fetch == "refused":
                self._lost[_SUBREQUESTS] += 1
            else:
                self._lost[_QUOTA if over_quota and last_fetch == "ok" else self._no_limit] += 1
        state = _ROUTE_STATES[2 if failed else 1 if over_quota else 0]
        day = utc_day(event.started_at)
        for quota in QUOTAS:
            spent = self._spent.get((quota, day))
            if spent is not None and event.at >= spent.at:
                spent.routes[event.route][state] += 1

    def findings(self, snapshot: Snapshot) -> list[Finding]:
        """What was lost by cause, how near the limit, life after each limit, and a month's cost."""
        return [
            *self._losses(snapshot),
            *self._nearness(),
            *self._after(),
            *self._cost(snapshot),
        ]

    def _losses(self, snapshot: Snapshot) -> Iterator[Finding]:
        noun = self._noun
        total = snapshot.values[noun.started] + self._lost[_REQUESTS]
        for reason, count in self._lost.most_common():
            if count:
                share = 100 * count / total
                what = f"{count} of {total} {noun.plural} ({share:.3g} %) were lost to {reason}"
                yield Finding(f"{noun.plural}-lost", what)

    def _nearness(self) -> Iterator[Finding]:
        if self._near:
            limit = self._limits.external_subrequests
            yield Finding(
                "subrequests-near-limit",
                f"{self._near} of {self._invocations} requests used {_NEAR_PERCENT} % or more of their "
                f"{limit:,} subrequests",
            )

    def _after(self) -> Iterator[Finding]:
        days = Counter(quota for quota, _ in self._spent)
        first: dict[Quota, tuple[int, _Spent]] = {}
        for (quota, day), spent in self._spent.items():
            first.setdefault(quota, (day, spent))
        for quota, (day, spent) in first.items():
            lost = ", ".join(f"{count} of {family}" for family, count in spent.lost.most_common(3))
            text = f"after {quota.label} were spent at {iso_seconds(spent.at)}"
            for route, states in sorted(spent.routes.items()):
                ways = ", ".join(f"{states[state]} {state}" for state in _ROUTE_STATES if states[state])
                text += f"; {route}: {ways}"
            text += f"; lost: {lost}; the quota came back at {iso_seconds((day + 1) * DAY_S)}"
            if spent.recovered_at is not None:
                text += f", first used again at {iso_seconds(spent.recovered_at)}"
            if days[quota] > 1:
                text += f"; it was spent on {days[quota]} days in all"
            yield Finding(f"after-{quota.service}-{quota.name}-spent", text)

    def _cost(self, snapshot: Snapshot) -> Iterator[Finding]:
        """What four weeks or more cost; shorter runs are no month."""
        if len(self._days) < _MONTH_DAYS:
            return
        usd = monthly_usd(snapshot.values, utc(min(self._days) * DAY_S).date())
        text = f"{len(self._days)} days like these cost ${float(usd):,.2f} on Paid, subscription included"
        if self._limits.account == "free":
            text = f"{len(self._days)} days like these cost nothing on Free; what was accepted would cost "
            text += f"${float(usd):,.2f} on Paid"
        yield Finding("cost", f"{text} (CPU time and stored data are not measured)")
