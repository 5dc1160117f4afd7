"""Both stores against a model of a dict and a clock, under random operations and clock moves."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edgeday.clock import utc_day
from edgeday.ledger import Op, Spend, Usage
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import SWEEP_INTERVAL_S, CachedRow, CacheEntry, KVEntry
from edgeday.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow

_TEXT = st.text("ab:%\x00\ud7ff\uffff\U0001f600", max_size=3)
_KEYS = st.sampled_from(["a", "a:b", "\ud7ff\uffff", "\uffff", "\U0001f600"])
_PREFIXES = st.sampled_from(["", "", "a", "\ud7ff", "\uffff"]) | _TEXT
_NAMESPACES = st.sampled_from(["n1", "n1", "n1", "n2"])
_CACHES = st.sampled_from(["SOF/default", "SOF/default", "FRA/default"])
_OWED = st.sampled_from([True, True, True, False])
_LIMITS = st.sampled_from([None, None, None, None, None, None, 0, 5])
_HEADERS = st.lists(st.tuples(_TEXT, _TEXT), max_size=2).map(tuple)


def finish(operation):
    """The result of an operation that never suspends."""
    try:
        operation.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the operation yielded to other tasks")


@dataclass
class Model:
    """What a store is: dicts, counters, and what is gone by now."""

    kv: dict
    cache: dict
    usage: dict
    gone_before: float = float("-inf")

    def settle(self, spend):
        usage = self.usage.setdefault((spend.day, spend.op), Usage())
        accepted = spend.limit is None or usage.accepted + spend.units <= spend.limit
        usage.asked += spend.units
        usage.accepted += spend.units * accepted
        usage.refused += spend.units * (not accepted)
        return accepted

    def live(self, namespace, key, now):
        entry = self.kv.get((namespace, key))
        return None if entry is None or (entry.expires_at or now + 1) <= now else entry

    def cached(self, cache, key):
        entry = self.cache.get((cache, key))
        return None if entry is None or entry.expires_at < self.gone_before else entry


class StoresAndModel(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = [MemoryStore(), SqliteStore.open_in_place(Path(self.folder.name) / "day.sqlite")]
        self.model = Model({}, {}, {})
        self.now = 0.0

    @initialize(start=st.sampled_from([86_400.0 - 60, 1_771_200_000.125]))
    def begin(self, start):
        self.now = start

    def both(self, method, *arguments):
        """The answer that both stores give."""
        first, second = (finish(getattr(store, method)(*arguments)) for store in self.stores)
        assert first == second
        return first

    def spend(self, op, units, limit):
        return Spend(op, units, utc_day(self.now), limit)

    def pass_interval(self):
        """What the first put of an interval does."""
        self.model.gone_before = self.now // SWEEP_INTERVAL_S * SWEEP_INTERVAL_S

    @rule(seconds=st.sampled_from([0.5, 1, 59.5, 60, 60, 540, 600, 86_400]))
    def wait(self, seconds):
        self.now += seconds

    @rule(op=st.sampled_from(Op), units=st.integers(1, 5), limit=_LIMITS)
    def charge(self, op, units, limit):
        accepted = self.both("charge", self.spend(op, units, limit))
        assert accepted is self.model.settle(self.spend(op, units, limit))

    def settled(self, spend):
        """Whether the model pays for it; nothing is owed where there is no spend."""
        return spend is None or self.model.settle(spend)

    @rule(
        namespace=_NAMESPACES,
        keys=st.lists(_KEYS, max_size=3),
        value=st.binary(max_size=3),
        metadata=st.none() | _TEXT,
        ttl_s=st.none() | st.sampled_from([60, 60, 600]),
        interval_s=st.sampled_from([0.0, 1.0]),
        limit=_LIMITS,
        owed=_OWED,
    )
    def put(self, namespace, keys, value, metadata, ttl_s, interval_s, limit, owed):
        spend = self.spend(Op.WRITE, len(keys), limit) if owed else None
        expires_at = None if ttl_s is None else int(self.now) + ttl_s
        entries = [
            (key, KVEntry(value + b"%d" % number, metadata, expires_at, self.now))
            for number, key in enumerate(keys)
        ]
        stored = self.both("kv_put", spend, namespace, entries, interval_s)
        if not self.settled(spend):
            assert stored is None
            return
        for (key, entry), done in zip(entries, stored, strict=True):
            before = self.model.live(namespace, key, self.now)
            too_soon = before is not None and self.now - before.written_at < interval_s
            assert done is not too_soon
            if done:
                self.model.kv[namespace, key] = entry
                self.pass_interval()

    @rule(namespace=_NAMESPACES, keys=st.lists(_KEYS, max_size=3), limit=_LIMITS, owed=_OWED)
    def delete(self, namespace, keys, limit, owed):
        spend = self.spend(Op.DELETE, len(keys), limit) if owed else None
        deleted = self.both("kv_delete", spend, namespace, keys, self.now)
        if not self.settled(spend):
            assert deleted is None
            return
        for key, was_there in zip(keys, deleted, strict=True):
            assert was_there is (self.model.live(namespace, key, self.now) is not None)
            self.model.kv.pop((namespace, key), None)

    @rule(namespace=_NAMESPACES, keys=st.lists(_KEYS, min_size=1, max_size=3), limit=_LIMITS)
    def get(self, namespace, keys, limit):
        spend = self.spend(Op.READ, len(keys), limit)
        live = [self.model.live(namespace, key, self.now) for key in keys]
        entries = self.both("kv_get", spend, namespace, keys, self.now)
        assert entries == (live if self.model.settle(spend) else None)
        assert self.both("kv_peek", namespace, keys, self.now) == live

    @rule(
        namespace=_NAMESPACES,
        prefix=_PREFIXES,
        after=st.just("") | _KEYS,
        limit=st.integers(1, 3),
        quota=_LIMITS,
    )
    def list(self, namespace, prefix, after, limit, quota):
        spend = self.spend(Op.LIST, 1, quota)
        page = self.both("kv_list", spend, namespace, prefix, after, limit, self.now)
        rows = sorted(
            (key.encode(), entry.expires_at, entry.metadata)
            for (owner, key), entry in self.model.kv.items()
            if owner == namespace and self.model.live(owner, key, self.now) is not None
            if key.startswith(prefix) and key > after
        )
        look = self.both("kv_peek_list", namespace, prefix, after, limit, self.now)
        assert [(row.name.encode(), row.expiration, row.metadata) for row in look.keys] == rows[:limit]
        assert look.more is (len(rows) > limit)
        assert page == (look if self.model.settle(spend) else None)

    @rule(namespace=_NAMESPACES)
    def drop(self, namespace):
        self.both("kv_drop", namespace)
        self.model.kv = {at: entry for at, entry in self.model.kv.items() if at[0] != namespace}

    @rule(
        cache=_CACHES,
        key=_KEYS,
        body=st.binary(max_size=3),
        headers=_HEADERS,
        lifetime_s=st.sampled_from([0, 60, 60, 600.5]),
    )
    def cache_put(self, cache, key, body, headers, lifetime_s):
        entry = CacheEntry(200, "OK", headers, body, self.now, lifetime_s)
        self.both("cache_put", cache, key, entry)
        self.model.cache[cache, key] = entry
        self.pass_interval()

    @rule(cache=_CACHES, key=_KEYS)
    def cache_get(self, cache, key):
        assert self.both("cache_get", cache, key) == self.model.cached(cache, key)

    @rule(cache=_CACHES, key=_KEYS)
    def cache_delete(self, cache, key):
        answer = self.both("cache_delete", cache, key, self.now)
        entry = self.model.cache.pop((cache, key), None)
        assert answer is (entry is not None and entry.expires_at > self.now)

    @rule()
    def cache_rows(self):
        rows = [
            CachedRow(*at, entry.headers)
            for at, entry in sorted(self.model.cache.items())
            if self.model.cached(*at) is not None
        ]
        assert self.both("cache_rows") == rows

    @rule()
    def reset(self):
        self.both("reset")
        self.model = Model({}, {}, {})

    @invariant()
    def the_counters_agree(self):
        days = sorted({day for day, _ in self.model.usage})
        for store in self.stores:
            assert store.counted_days() == days
            for day in days:
                expected = {op: self.model.usage.get((day, op), Usage()) for op in Op}
                assert store.usage(day) == expected

    @invariant()
    def little_more_is_held_than_is_live(self):
        entries = [
            entry
            for entry in (*self.model.kv.values(), *self.model.cache.values())
            if entry.expires_at is None or entry.expires_at >= self.model.gone_before
        ]
        assert [store.held_entries() for store in self.stores] == [len(entries)] * 2

    def teardown(self):
        finish(self.stores[1].close())
        self.folder.cleanup()


TestBothStoresBehaveAsADictAndAClock = StoresAndModel.TestCase
TestBothStoresBehaveAsADictAndAClock.settings = settings(
    max_examples=100, stateful_step_count=60, deadline=None
)
