"""Counts the metrics of a run while its events come. Nothing but events is counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from edgeday.clock import utc_day
from edgeday.events import (
    EventStream,
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
    SessionEnded,
    SessionStarted,
)
from edgeday.ledger import QUOTA_OF, Op
from edgeday.measure.kv_storage import StoredBytes
from edgeday.measure.metrics import (
    AUDIT,
    CHARGED,
    METRICS,
    Answers,
    Configured,
    Counted,
    Ends,
    Metric,
    MostStored,
    Number,
    Operations,
    Scope,
    Sessions,
    ShareOfDay,
    Snapshot,
    Starts,
    part_of,
    share,
)


class Counter:
    """Counts events as they come. What it keeps grows with the number of days and of live KV keys, not of
    events.

    metrics: what to count, by name. stored: what KV holds.
    """

    def __init__(self, events: EventStream, scope: Scope, metrics: Mapping[str, Metric] = METRICS) -> None:
        self._scope = scope
        self._metrics = metrics
        self._starts = [
            (row.name, row.counted) for row in metrics.values() if isinstance(row.counted, Starts)
        ]
        ends = [(row, row.counted) for row in metrics.values() if isinstance(row.counted, Ends)]
        self._ends = [(row.name, counted) for row, counted in ends if not row.by]
        self._by_status = {row.name: (counted, defaultdict[int, int](int)) for row, counted in ends if row.by}
        self._operations: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._calls: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._called = _outcomes_of_calls(metrics.values())
        self._daily: defaultdict[tuple[int, str, str], int] = defaultdict(int)
        self._refused: defaultdict[tuple[int, str, str], int] = defaultdict(int)
        self._answers = [
            (row.name, row.counted) for row in metrics.values() if isinstance(row.counted, Answers)
        ]
        self._sessions = {
            row.counted.outcome: row.name for row in metrics.values() if isinstance(row.counted, Sessions)
        }
        self._requests: dict[str, int] = dict.fromkeys(
            (*(name for name, _ in (*self._starts, *self._ends, *self._answers)), *self._sessions.values()), 0
        )
        shares = {row.counted.of for row in metrics.values() if isinstance(row.counted, ShareOfDay)}
        self._shared = [row for row in self._starts if row[0] in shares]
        self._of_day: defaultdict[tuple[int, str], int] = defaultdict(int)
        self.stored = StoredBytes(scope.namespaces, scope.limits.kv_storage_bytes)
        self._stops: list[Callable[[], None]] = [
            events.subscribe(Operation, self._operation),
            self.stored.watch(events),
            events.subscribe(InvocationStarted, self._started),
            events.subscribe(InvocationEnded, self._ended),
            events.subscribe(ExpectationChecked, self._checked),
            events.subscribe(SessionStarted, lambda _: self._session("started")),
            events.subscribe(SessionEnded, lambda event: self._session(event.outcome)),
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
        # `amount_of`, written out: this sees every operation
        if service not in CHARGED and event.op != AUDIT:
            self._operations[service, event.op, event.outcome] += 1
            return
        outcome = event.outcome
        self._operations[service, event.op, outcome] += event.units
        if outcome in self._called:
            self._calls[service, event.op, outcome] += 1
        if event.units and service in CHARGED:
            daily = self._refused if outcome == "refused" else self._daily
            daily[utc_day(event.at), service, event.op] += event.units

    def _started(self, event: InvocationStarted) -> None:
        for name, counted in self._starts:
            self._requests[name] += counted.amount(event, self._scope)
        day = utc_day(event.at)
        for name, counted in self._shared:
            self._of_day[day, name] += counted.amount(event, self._scope)

    def _ended(self, event: InvocationEnded) -> None:
        counts = self._requests
        for name, counted in self._ends:
            amount = counted.amount(event, self._scope)
            counts[name] = max(counts[name], amount) if counted.largest else counts[name] + amount
        for counted, by_status in self._by_status.values():
            if amount := counted.amount(event, self._scope):
                by_status[event.status] += amount

    def _checked(self, event: ExpectationChecked) -> None:
        for name, counted in self._answers:
            self._requests[name] += counted.amount(event)

    def _session(self, outcome: str) -> None:
        name = self._sessions.get(outcome)
        if name is not None:
            self._requests[name] += 1

    def snapshot(self) -> Snapshot:
        """All metrics as they stand now."""
        metrics: dict[str, Metric] = {}
        values: dict[str, Number] = {}
        for metric in self._metrics.values():
            for name, value in self._values(metric):
                metrics[name] = metric
                if value is not None:
                    values[name] = value
        limits = {
            name: limit
            for name, metric in metrics.items()
            if metric.limit and (limit := getattr(self._scope.limits, metric.limit)) is not None
        }
        return Snapshot(values, limits, metrics, self._asked_on())

    def _values(self, metric: Metric) -> Iterator[tuple[str, Number | None]]:
        """Under which names a metric is measured, each with its value, None where there is no data."""
        if not metric.by:
            yield metric.name, self._value(metric.name, metric.counted)
            return
        for status, count in sorted(self._by_status[metric.name][1].items()):
            yield part_of(metric, status), count

    def _asked_on(self) -> Mapping[Op, Mapping[int, int]]:
        asked: defaultdict[Op, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        for daily in (self._daily, self._refused):
            for (day, service, op), units in daily.items():
                quota = QUOTA_OF.get((service, op))
                if quota is not None:
                    asked[quota.op][day] += units
        return asked

    def _value(self, name: str, counted: Counted) -> Number | None:
        if isinstance(counted, Operations):
            if counted.audited and not any(key[0] == counted.service for key in self._operations):
                return None  # there was no audit
            amounts = self._calls if counted.calls else self._operations
            return sum(amount for kind, amount in amounts.items() if counted.adds(*kind))
        if isinstance(counted, ShareOfDay):
            whole = self._metrics[counted.of]
            limit = getattr(self._scope.limits, whole.limit)
            return share(self._busiest_day(whole), limit) if limit else None
        if isinstance(counted, MostStored):
            return self.stored.peak
        return counted.amount(self._scope) if isinstance(counted, Configured) else self._requests[name]

    def _busiest_day(self, metric: Metric) -> int:
        counted = metric.counted
        if not isinstance(counted, Operations):
            return max(
                (amount for (_, name), amount in self._of_day.items() if name == metric.name), default=0
            )
        days: defaultdict[int, int] = defaultdict(int)
        for (day, service, op), units in self._daily.items():
            if service == counted.service and (counted.ops is None or op in counted.ops):
                days[day] += units
        return max(days.values(), default=0)


def _outcomes_of_calls(metrics: Iterable[Metric]) -> frozenset[str]:
    """Outcomes of which some metric counts the calls where the others count units."""
    counted = [metric.counted for metric in metrics]
    calls = [one.outcomes for one in counted if isinstance(one, Operations) and one.calls]
    return frozenset[str]().union(*calls)
