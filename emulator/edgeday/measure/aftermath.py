"""What a run with an audit says besides: what limits cost, what goes on after them, and where the logs are.

Reads events only, so a journal of the run gives the same findings.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from edgeday.clock import DAY_S, iso_seconds, utc, utc_day
from edgeday.events import Cause, EventStream, InvocationEnded, Operation
from edgeday.limits import AccountLimits
from edgeday.measure.metrics import KV_CLASS_OF, KV_CLASSES, Snapshot, subrequests_used
from edgeday.measure.results import Finding
from edgeday.prices import monthly_usd

_NEAR_PERCENT = 80
_MONTH_DAYS = 28
_SUBREQUESTS = "the subrequest limit"
_QUOTA = "a daily KV quota"
_REQUESTS = "the requests of the day"
_ELSE = "no limit: an AI call or the platform failed"
_ROUTE_STATES = ("went on untouched", "degraded (answered, but lost KV operations)", "failed")


class _Spent:
    """A quota that was spent on a day: since when, what was lost, how routes went on, when it came back."""

    def __init__(self, at: float) -> None:
        self.at = at
        self.lost: Counter[str] = Counter()
        self.routes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.recovered_at: float | None = None


class Aftermath:
    """Notes what these findings are made of. plan_routes: routes that are plans.

    A failed plan is lost to the subrequest limit if its last fetch was refused, to a quota if its last fetch
    went well and a quota refused it something; else no limit is to blame.
    """

    def __init__(self, events: EventStream, limits: AccountLimits, plan_routes: Collection[str]) -> None:
        self._limits = limits
        self._plan_routes = frozenset(plan_routes)
        self._over_quota: set[int] = set()
        self._last_fetch: dict[int, str] = {}
        self._spent: dict[tuple[str, int], _Spent] = {}
        self._waiting: dict[str, list[_Spent]] = {}
        self._lost_plans: Counter[str] = Counter()
        self._near = 0
        self._invocations = 0
        self._days: set[int] = set()
        self._never_stored: Counter[str] = Counter()
        events.subscribe(Operation, self._refused, outcomes=("refused",))
        events.subscribe(
            Operation, self._accepted, outcomes=("stored", "deleted", "absent", "hit", "miss", "ok")
        )
        events.subscribe(Operation, self._fetched, outcomes=("ok", "error", "refused"))
        events.subscribe(Operation, self._audited, outcomes=("never-stored",))
        events.subscribe(InvocationEnded, self._ended)

    def _refused(self, event: Operation) -> None:
        if event.cause is Cause.REQUESTS:
            self._lost_plans[_REQUESTS] += event.route in self._plan_routes
            return
        if event.cause is not Cause.QUOTA:
            return
        kind = KV_CLASS_OF[event.op]
        spent = self._spent.get((kind, utc_day(event.at)))
        if spent is None:
            spent = self._spent[kind, utc_day(event.at)] = _Spent(event.at)
            self._waiting.setdefault(kind, []).append(spent)
        spent.lost[event.key_family] += event.units
        self._over_quota.add(event.invocation)

    def _fetched(self, event: Operation) -> None:
        if event.service == "fetch":
            self._last_fetch[event.invocation] = event.outcome

    def _accepted(self, event: Operation) -> None:
        if event.service != "kv" or not self._waiting:
            return
        kind = KV_CLASS_OF[event.op]
        waiting = [spent for spent in self._waiting.get(kind, ()) if utc_day(spent.at) < utc_day(event.at)]
        for spent in waiting:
            spent.recovered_at = event.at
            self._waiting[kind].remove(spent)

    def _audited(self, event: Operation) -> None:
        self._never_stored[event.reason] += event.units

    def _ended(self, event: InvocationEnded) -> None:
        over_quota = event.invocation in self._over_quota
        self._over_quota.discard(event.invocation)
        last_fetch = self._last_fetch.pop(event.invocation, "ok")
        self._invocations += 1
        self._days.add(utc_day(event.started_at))
        used = subrequests_used(event, self._limits)
        self._near += 100 * used >= _NEAR_PERCENT * self._limits.external_subrequests
        failed = event.outcome != "ok" or event.status >= 400
        if failed and event.route in self._plan_routes:
            if last_fetch == "refused":
                self._lost_plans[_SUBREQUESTS] += 1
            else:
                self._lost_plans[_QUOTA if over_quota and last_fetch == "ok" else _ELSE] += 1
        state = _ROUTE_STATES[2 if failed else 1 if over_quota else 0]
        day = utc_day(event.started_at)
        for kind in KV_CLASSES:
            spent = self._spent.get((kind, day))
            if spent is not None and event.at >= spent.at:
                spent.routes[event.route][state] += 1

    def findings(self, snapshot: Snapshot) -> list[Finding]:
        """Plans lost by cause, how near the limit, life after each limit, the logs, and a month's cost."""
        return [
            *self._plans(snapshot),
            *self._nearness(),
            *self._after(),
            *self._logs(snapshot),
            *self._cost(snapshot),
        ]

    def _plans(self, snapshot: Snapshot) -> Iterator[Finding]:
        total = snapshot.values["plans.started"] + self._lost_plans[_REQUESTS]
        for reason, count in self._lost_plans.most_common():
            if count:
                share = 100 * count / total
                yield Finding("plans-lost", f"{count} of {total} plans ({share:.3g} %) were lost to {reason}")

    def _nearness(self) -> Iterator[Finding]:
        if self._near:
            limit = self._limits.external_subrequests
            yield Finding(
                "subrequests-near-limit",
                f"{self._near} of {self._invocations} requests used {_NEAR_PERCENT} % or more of their "
                f"{limit:,} subrequests",
            )

    def _after(self) -> Iterator[Finding]:
        days = Counter(kind for kind, _ in self._spent)
        shown: set[str] = set()
        for (kind, day), spent in self._spent.items():
            if kind in shown:
                continue
            shown.add(kind)
            lost = ", ".join(f"{count} of {family}" for family, count in spent.lost.most_common(3))
            text = f"after KV {kind} were spent at {iso_seconds(spent.at)}"
            for route, states in sorted(spent.routes.items()):
                ways = ", ".join(f"{states[state]} {state}" for state in _ROUTE_STATES if states[state])
                text += f"; {route}: {ways}"
            text += f"; lost: {lost}; the quota came back at {iso_seconds((day + 1) * DAY_S)}"
            if spent.recovered_at is not None:
                text += f", first used again at {iso_seconds(spent.recovered_at)}"
            if days[kind] > 1:
                text += f"; it was spent on {days[kind]} days in all"
            yield Finding(f"after-kv-{kind}-spent", text)

    def _logs(self, snapshot: Snapshot) -> Iterator[Finding]:
        values = snapshot.values
        if "logs.written" not in values:
            return
        kept = ", ".join(
            f"{values[f'logs.{name}']} {words}"
            for name, words in (
                ("readable", "readable where the admin is"),
                ("elsewhere", "only elsewhere"),
                ("orphaned", "orphaned"),
                ("expired", "expired"),
                ("evicted", "evicted"),
                ("deleted", "deleted"),
            )
        )
        yield Finding("logs", f"{values['logs.written']} log entries were stored: {kept}")
        for reason, count in self._never_stored.most_common():
            yield Finding("logs-never-stored", f"{count} log entries were never stored: {reason}")
        errors, useful = values["logs.errors"], values["logs.errors_debuggable"]
        if errors:
            yield Finding(
                "error-logs",
                f"{useful} of {errors} error logs in KV hold prompt, session, model and error",
            )

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
