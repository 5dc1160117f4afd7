"""What a run keeps depends on what a day holds, not on how many events there were."""

from __future__ import annotations

import gc
import tracemalloc
from itertools import islice

import pytest

from edgeday.events import InvocationEnded, Operation
from edgeday.measure.counter import Counter
from edgeday.measure.metrics import Scope
from edgeday.scenario.loader import load_one
from edgeday.storage.memory import MemoryStore
from tests.scenario_days import SCENARIOS, SHOP, replayed

HYBRID = "days: %d\ntraffic: [{plans: 10, errors: {rate: 0.05}, ai: {prompt_chars: 50, response_chars: 50}}]"


class Peak:
    """An observer that notes the most entries a store ever held, and counts events."""

    def __init__(self, store):
        self.store, self.most, self.count = store, 0, 0

    def begin(self, start, events):
        events.subscribe(InvocationEnded, self._look)
        events.subscribe(Operation, self._count)

    def _look(self, event):
        self.most = max(self.most, self.store.held_entries())

    def _count(self, event):
        self.count += 1

    def end(self, end):
        pass


def peak(text):
    store = MemoryStore()
    watching = Peak(store)
    replayed(text, store=store, observers=[watching])
    return watching


def test_a_month_holds_no_more_entries_than_a_few_days():
    few, month = peak(HYBRID % 3), peak(HYBRID % 30)
    errors = 30 * 10 * 0.05 * 3  # errors stay in KV
    assert month.count > 9 * few.count
    assert month.most <= few.most + errors


class Kept:
    """An observer that notes the most memory in use, garbage collected, at some operations."""

    def __init__(self, every):
        self.every, self.count, self.most_bytes = every, 0, 0

    def begin(self, start, events):
        events.subscribe(Operation, self._look)

    def _look(self, event):
        self.count += 1
        if self.count % self.every == 0:
            gc.collect()
            self.most_bytes = max(self.most_bytes, tracemalloc.get_traced_memory()[0])

    def end(self, end):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "few", "many"),
    [(SHOP + "background: [{writes: 20, reads: %d, keys: 20}]", 60, 600), (HYBRID, 4, 16)],
    ids=["operations", "days"],
)
def test_memory_does_not_grow_with_the_number_of_events(text, few, many):
    replayed(text % few)  # what is kept for ever is kept now
    gc.collect()
    gc.freeze()
    peaks = []
    for number in (few, many):
        watching = Kept(every=100 * number // few)
        tracemalloc.start()
        replayed(
            text % number + "\nbudgets: {kv.writes.accepted: '>= 0', cache.puts: '>= 0'}",
            observers=[watching],
        )
        tracemalloc.stop()
        peaks.append(watching.most_bytes)
    gc.unfreeze()
    assert 0 < peaks[1] < 1.25 * peaks[0]


def test_the_requests_of_a_day_are_made_one_by_one():
    from edgeday.replay.traffic import requests_of_day

    scenario = load_one(SCENARIOS / "large" / "day-of-20000-plans.yaml").scenario
    tracemalloc.start()
    assert sum(1 for _ in islice(requests_of_day(scenario, 0, 0), 2_000)) == 2_000
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 20_000 * 120  # an arrival time each, and the set of those that fail


def test_the_counter_keeps_kinds_of_operations_not_operations():
    store = MemoryStore()
    sizes = []

    class Look:
        def begin(self, start, events):
            self.counter = Counter(events, Scope(start.limits))

        def end(self, end):
            sizes.append(len(self.counter._operations) + len(self.counter._daily))

    for days in (1, 8):
        replayed(HYBRID % days, store=store, observers=[Look()])
    assert sizes[1] <= sizes[0] + 8 * 4
