"""The series that plots are drawn from: what a run did over time, counted in buckets as events come.

Memory grows with the length of the run in buckets and with the number of key families, both bounded, not
with the number of events; see `entries` for the one part that follows live keys.
"""

from __future__ import annotations

from collections import Counter

from edgeday.clock import DAY_S
from edgeday.events import SEED, EventStream, InvocationEnded, Operation
from edgeday.ledger import QUOTA_OF, Op
from edgeday.measure.entry_lifetimes import OUTCOMES, EntryLifetimes
from edgeday.measure.kv_storage import OUTCOMES as STORAGE_OUTCOMES
from edgeday.measure.kv_storage import SERVICES as STORAGE_SERVICES
from edgeday.measure.kv_storage import StoredBytes
from edgeday.measure.metrics import AUDIT
from edgeday.measure.quota_days import QuotaDays
from edgeday.replay.judge import RunEnd, RunStart

MAX_FAMILIES = 200
OTHER_FAMILIES = "(other keys)"

_WIDTHS_S = (60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, DAY_S)


def width_for(duration_s: float, buckets: int) -> int:
    """The shortest of the usual widths, in seconds, that cuts a duration into at most so many buckets; a day
    if none does."""
    return next((width for width in _WIDTHS_S if duration_s / width <= buckets), DAY_S)


class Timeline:
    """The observer that counts the series of one run.

    Instants of buckets are epoch seconds // width. After the run:

    used, refused:  (class of operations, bucket) -> quota units; bucket width `quota_width_s`.
    operations:     (service, key family) -> bucket -> operations; bucket width `operations_width_s`.
    external, internal: subrequests of an invocation -> invocations that asked for so many.
    entries:        those of each store, over time.
    quota_days:     when each daily limit was spent and first refused something.
    stored_most, stored_last: bucket (of `quota_width_s`) -> the most bytes that KV held in it, and those at
    its end; buckets without a change are missing.
    """

    start: RunStart

    def begin(self, start: RunStart, events: EventStream) -> None:
        self.start = start
        duration_s = start.planned_end_at - start.starts_at
        self.quota_width_s = width_for(duration_s, 1440)
        self.operations_width_s = max(3600, width_for(duration_s, 240))
        self.used: Counter[tuple[Op, int]] = Counter()
        self.refused: Counter[tuple[Op, int]] = Counter()
        self.operations: dict[tuple[str, str], Counter[int]] = {}
        self.external: Counter[int] = Counter()
        self.internal: Counter[int] = Counter()
        self.entries = EntryLifetimes(start.starts_at, self.quota_width_s)
        self.quota_days = QuotaDays(events, start.limits)
        self.stored_most: dict[int, int] = {}
        self.stored_last: dict[int, int] = {}
        self._stored = StoredBytes(start.scenario.bindings)
        events.subscribe(Operation, self._operation)
        events.subscribe(Operation, self._keep, outcomes=STORAGE_OUTCOMES, services=STORAGE_SERVICES)
        events.subscribe(Operation, self.entries.note, outcomes=OUTCOMES)
        events.subscribe(InvocationEnded, self._ended)

    def end(self, end: RunEnd) -> None:
        self._end = end
        self._expire(self.ended_at)

    @property
    def ended_at(self) -> float:
        """Epoch seconds: when the run was interrupted, else the end of its last day or what came after."""
        end = self._end
        return end.ended_at if end.interrupted else max(end.ended_at, self.start.planned_end_at)

    def _operation(self, event: Operation) -> None:
        if event.op in {AUDIT, SEED}:
            return
        if event.units and (quota := QUOTA_OF.get((event.service, event.op))) is not None:
            counter = self.refused if event.outcome == "refused" else self.used
            counter[quota.op, int(event.at // self.quota_width_s)] += event.units
        family = (event.service, event.binding if event.service == "fetch" else event.key_family)
        buckets = self.operations.get(family)
        if buckets is None:
            if len(self.operations) >= MAX_FAMILIES:
                family = (event.service, OTHER_FAMILIES)
            buckets = self.operations.setdefault(family, Counter())
        buckets[int(event.at // self.operations_width_s)] += 1

    def _keep(self, event: Operation) -> None:
        self._expire(event.at)
        self._stored.note(event)
        self._note_stored(event.at, self._stored.now)

    def _expire(self, at: float) -> None:
        for ended_at, left in self._stored.expire(at):
            self._note_stored(ended_at, left)

    def _note_stored(self, at: float, size: int) -> None:
        bucket = int(at // self.quota_width_s)
        self.stored_most[bucket] = max(self.stored_most.get(bucket, 0), size)
        self.stored_last[bucket] = size

    def _ended(self, event: InvocationEnded) -> None:
        self.external[event.external] += 1
        self.internal[event.internal] += 1


class Timelines:
    """The observer that counts a timeline for each run it watches."""

    def __init__(self) -> None:
        self.runs: list[Timeline] = []

    def begin(self, start: RunStart, events: EventStream) -> None:
        self.runs.append(Timeline())
        self.runs[-1].begin(start, events)

    def end(self, end: RunEnd) -> None:
        self.runs[-1].end(end)
