"""Measures budgets while a run goes on: their values, what broke them first, and what spent them.

Follows only what the budgets ask for. What it keeps is bounded by the number of budgets, key families and
routes, and never grows with the number of events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from edgeday.events import (
    EventStream,
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
    SessionEnded,
    SessionStarted,
)
from edgeday.measure.budgets import Breach, Budget, BudgetResult, Spender, Verdict
from edgeday.measure.kv_storage import OUTCOMES, SERVICES, StoredBytes
from edgeday.measure.metrics import (
    METRICS,
    Answers,
    Configured,
    Ends,
    MostStored,
    Number,
    Operations,
    Scope,
    Sessions,
    ShareOfDay,
    Starts,
    amount_of,
    share,
)

_Counted = (
    Operation | InvocationStarted | InvocationEnded | ExpectationChecked | SessionStarted | SessionEnded
)
"""Events that budgets count."""
OTHERS = "others"
_OTHERS = (OTHERS, "")
_MOST_SPENDERS = 200
"""Key families and routes told apart for one budget; what comes after them counts as OTHERS."""
_SHOWN_SPENDERS = 5


class BudgetCheck:
    """Follows budgets from the run's first event on."""

    def __init__(
        self,
        events: EventStream,
        scope: Scope,
        budgets: Sequence[Budget],
        stored: StoredBytes | None = None,
    ) -> None:
        """stored: what follows KV's bytes already; default: a count of its own."""
        self._scope = scope
        self._trackers = [_Tracker(budget, scope) for budget in budgets]
        self._counting = [
            (tracker, tracker.counted)
            for tracker in self._trackers
            if isinstance(tracker.counted, Operations)
        ]
        self._by_kind: dict[tuple[str, str, str], list[tuple[_Tracker, Operations]]] = {}
        self._unseen = [tracker for tracker in self._trackers if not tracker.seen]
        if self._counting or self._unseen:
            events.subscribe(Operation, self._operation)
        if self._unseen or any(isinstance(tracker.counted, Starts) for tracker in self._trackers):
            events.subscribe(InvocationStarted, self._started)
        self._ending = [
            (tracker, tracker.counted) for tracker in self._trackers if isinstance(tracker.counted, Ends)
        ]
        if self._ending:
            events.subscribe(InvocationEnded, self._ended)
        if any(isinstance(tracker.counted, Answers) for tracker in self._trackers):
            events.subscribe(ExpectationChecked, self._checked)
        if any(isinstance(tracker.counted, Sessions) for tracker in self._trackers):
            events.subscribe(SessionStarted, lambda event: self._session("started", event))
            events.subscribe(SessionEnded, lambda event: self._session(event.outcome, event))
        self._storing = [tracker for tracker in self._trackers if isinstance(tracker.counted, MostStored)]
        if self._storing:
            if stored is None:
                stored = StoredBytes(scope.namespaces)
                stored.watch(events)
            self._stored = stored
            events.subscribe(Operation, self._kept, outcomes=OUTCOMES, services=SERVICES)

    def results(self) -> list[BudgetResult]:
        """The budgets as they stand now, in their order."""
        return [replace(tracker.result(), by_default=tracker.budget.by_default) for tracker in self._trackers]

    def _operation(self, event: Operation) -> None:
        service = self._scope.service_of(event)
        if not service:
            return
        if self._unseen:
            self._look_at(service, event)
        kind = (service, event.op, event.outcome)
        counting = self._by_kind.get(kind)
        if counting is None:
            counting = self._by_kind[kind] = [
                (tracker, counted) for tracker, counted in self._counting if counted.adds(*kind)
            ]
        if counting:
            family = "" if event.service == "fetch" else event.key_family
            for tracker, counted in counting:
                tracker.add(amount_of(event, counted), family, event.route, event)

    def _look_at(self, service: str, event: Operation) -> None:
        for tracker in list(self._unseen):
            counted = tracker.counted
            same_service = isinstance(counted, Operations) and counted.service == service
            if same_service and tracker.budget.selector.matches(event.key_family, event.route):
                tracker.seen = True
                self._unseen.remove(tracker)

    def _started(self, event: InvocationStarted) -> None:
        for tracker in list(self._unseen):
            selector = tracker.budget.selector
            if isinstance(tracker.counted, Answers):
                continue  # of a route none of whose answers was compared there is no data
            if selector.family is None and selector.matches("", event.route) and not tracker.audited:
                tracker.seen = True
                self._unseen.remove(tracker)
        for tracker in self._trackers:
            if isinstance(tracker.counted, Starts):
                tracker.add(tracker.counted.amount(event, self._scope), "", event.route, event)

    def _kept(self, event: Operation) -> None:
        """Where a budget on what KV holds is broken, keep what fills it just then."""
        for tracker in self._storing:
            if tracker.add_most(self._stored.now, event):
                tracker.keep_spenders(self._stored.families())

    def _ended(self, event: InvocationEnded) -> None:
        for tracker, counted in self._ending:
            if tracker.is_of_status(event.status):
                tracker.add(counted.amount(event, self._scope), "", event.route, event)

    def _checked(self, event: ExpectationChecked) -> None:
        for tracker in self._trackers:
            if isinstance(tracker.counted, Answers):
                tracker.seen = tracker.seen or tracker.budget.selector.matches("", event.route)
                tracker.add(tracker.counted.amount(event), "", event.route, event)

    def _session(self, outcome: str, event: SessionStarted | SessionEnded) -> None:
        for tracker in self._trackers:
            if isinstance(tracker.counted, Sessions) and tracker.counted.outcome == outcome:
                route = event.route if isinstance(event, SessionEnded) else ""
                tracker.add(1, "", route, event)


class _Tracker:
    """One budget's value as it grows.

    seen: whether anything has happened that its selector selects, or for logs an audit; without it there is
    no data. audited: whether an audit counts it.
    """

    __slots__ = (
        "_bucket", "_first", "_in_window", "_largest", "_limit", "_selected", "_spent", "_spent_is_whole",
        "_statuses", "_value", "_value_at_breach", "_window_s", "audited", "budget", "counted", "seen",
    )  # fmt: skip

    def __init__(self, budget: Budget, scope: Scope) -> None:
        metric = budget.selector.metric
        window_h = budget.window_h
        if isinstance(metric.counted, ShareOfDay):
            metric, window_h = METRICS[metric.counted.of], 24
        self.budget = budget
        self.counted = metric.counted
        self.audited = metric.is_audited
        self.seen = budget.selector.is_of_all and not self.audited
        self._limit: int | None = getattr(scope.limits, metric.limit) if metric.limit else None
        self._largest = isinstance(metric.counted, Ends) and metric.counted.largest
        self._window_s = None if window_h is None else window_h * 3600
        self._bucket = -1
        self._in_window = 0
        self._value = metric.counted.amount(scope) if isinstance(metric.counted, Configured) else 0
        self._selected: dict[tuple[str, str], bool] = {}
        self._statuses: dict[int, bool] = {}
        self._spent: dict[tuple[str, str], int] = {}
        self._spent_is_whole = False  # once the window in which the budget broke is over
        self._first: Breach | None = None
        self._value_at_breach: Number = 0

    def is_of_status(self, status: int) -> bool:
        """Whether the selector selects answers with a status; matched once for each."""
        selected = self._statuses.get(status)
        if selected is None:
            selected = self._statuses[status] = self.budget.selector.counts(status)
        return selected

    def add(self, amount: int, family: str, route: str, event: _Counted) -> None:
        """Count an event of its metric, if the selector selects it."""
        if not amount:
            return
        spender = (family, route)
        selector = self.budget.selector
        if not selector.is_of_all:
            selected = self._selected.get(spender)
            if selected is None:
                selected = selector.matches(family, route)
                if len(self._selected) < _MOST_SPENDERS:
                    self._selected[spender] = selected
            if not selected:
                return
        if self._window_s is not None:
            bucket = int(event.at // self._window_s)
            if bucket != self._bucket:
                self._bucket, self._in_window = bucket, 0
                if self._first is None:
                    self._spent.clear()
                else:
                    self._spent_is_whole = True
        if not self._spent_is_whole:
            self._spend(spender, amount)
        if self._largest:
            self._in_window = max(self._in_window, amount)
        else:
            self._in_window += amount
        if self._in_window > self._value:
            self._value = self._in_window
            if self._first is None:
                self._check(event)

    def add_most(self, value: int, event: Operation) -> bool:
        """Take in a new value, of which the largest counts; whether that has just broken the budget."""
        if value <= self._value:
            return False
        self._value = value
        if self._first is not None:
            return False
        self._check(event)
        return self._first is not None

    def keep_spenders(self, families: Mapping[str, int]) -> None:
        """What each key family has of the value that broke the budget."""
        self._spent = {(family, ""): amount for family, amount in families.items()}

    def _spend(self, spender: tuple[str, str], amount: int) -> None:
        if spender not in self._spent and len(self._spent) >= _MOST_SPENDERS:
            spender = _OTHERS
        before = self._spent.get(spender, 0)
        self._spent[spender] = max(before, amount) if self._largest else before + amount

    def _check(self, event: _Counted) -> None:
        """Note the first moment at which the budget is broken for good, or at all if it holds always."""
        expression = self.budget.expression
        value = self._measured()
        if value is None or (expression.of_limit and self._limit is None):
            return
        if expression.always:
            broken = not expression.allows(value, self._limit)
        else:
            broken = expression.exceeded(value, self._limit)
        if broken:
            self._first = _breach(event)
            self._value_at_breach = value

    def _measured(self) -> Number | None:
        if not isinstance(self.budget.selector.metric.counted, ShareOfDay):
            return self._value
        return share(self._value, self._limit) if self._limit else None

    def result(self) -> BudgetResult:
        selector, expression = self.budget.selector, self.budget.expression
        value = self._measured() if self.seen else None
        limit = self._limit if selector.metric.limit else None
        if value is None or (expression.of_limit and limit is None):
            verdict: Verdict = "within" if expression.no_data_allowed else "no data"
            return BudgetResult(selector.text, expression.text, verdict, value, limit, None)
        if self._first is None and expression.allows(value, limit):
            margin = expression.margin(value, limit)
            return BudgetResult(selector.text, expression.text, "within", value, limit, margin)
        if expression.allows(value, limit):  # broken in between only
            value = self._value_at_breach
        return BudgetResult(
            selector.text,
            expression.text,
            "broken",
            value,
            limit,
            expression.margin(value, limit),
            self._first,
            self._spenders(),
        )

    def _spenders(self) -> list[Spender]:
        """Who spent most, and where it adds up what the others spent together."""
        spent = {spender: amount for spender, amount in self._spent.items() if spender != _OTHERS}
        ordered = sorted(spent.items(), key=lambda item: (-item[1], item[0]))
        most = [Spender(family, route, amount) for (family, route), amount in ordered[:_SHOWN_SPENDERS]]
        left = self._spent.get(_OTHERS, 0) + sum(amount for _, amount in ordered[_SHOWN_SPENDERS:])
        if left and not self._largest:
            most.append(Spender(*_OTHERS, left))
        return sorted(most, key=lambda spent: -spent.amount)


def _breach(event: _Counted) -> Breach:
    match event:
        case Operation():
            return Breach(event.at, event.call, event.key, event.route)
        case ExpectationChecked():
            found = event.found or "not in the answer"
            what = f"an answer of {event.part}: {event.what} was {found}, expected {event.expected},"
            return Breach(event.at, what, "", event.route)
        case SessionStarted():
            return Breach(event.at, f"session {event.session} of {event.part}", "", "")
        case SessionEnded():
            why = f": {event.reason}," if event.reason else ""
            return Breach(event.at, f"session {event.session} of {event.part}{why}", "", event.route)
        case _:
            return Breach(event.at, f"request {event.invocation}", "", event.route)
