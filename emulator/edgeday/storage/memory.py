"""The store in memory: dictionaries, whose expired entries are swept as time passes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

from edgeday.clock import is_expired
from edgeday.ledger import Op, Spend, Usage, settle
from edgeday.storage.records import SWEEP_INTERVAL_S, CachedRow, CacheEntry, KeyPage, KVEntry, ListedKey

Entry = TypeVar("Entry", KVEntry, CacheEntry)


class _Shelf(Generic[Entry]):
    """Entries by key; knows which of them expire when, so that sweeping never looks at all of them."""

    __slots__ = ("_buckets", "_due", "_order", "entries")

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._due: dict[int, set[str]] = {}  # every expiring entry is in exactly one bucket
        self._buckets: list[int] = []  # a heap of the keys of _due
        self._order: list[str] | None = None

    def put(self, key: str, entry: Entry) -> None:
        ends = entry.expires_at
        bucket = None if ends is None else int(ends // SWEEP_INTERVAL_S)
        before = self.entries.get(key)
        self.entries[key] = entry
        if before is None:
            self._order = None
        else:
            ended = before.expires_at
            if ended is not None:
                if bucket == int(ended // SWEEP_INTERVAL_S):
                    return
                self._due[int(ended // SWEEP_INTERVAL_S)].discard(key)
        if bucket is not None:
            due = self._due.get(bucket)
            if due is None:
                due = self._due[bucket] = set()
                heappush(self._buckets, bucket)
            due.add(key)

    def get(self, key: str, now: float) -> Entry | None:
        entry = self.entries.get(key)
        return None if entry is None or is_expired(now, entry.expires_at) else entry

    def remove(self, key: str, now: float) -> bool:
        """Remove an entry; True if a live one was there."""
        live = self.get(key, now) is not None
        entry = self.entries.pop(key, None)
        if entry is not None:
            self._order = None
            if entry.expires_at is not None:
                self._due[int(entry.expires_at // SWEEP_INTERVAL_S)].discard(key)
        return live

    def ordered(self) -> list[str]:
        """All keys by UTF-8 bytes, which is the order of code points, which is Python's."""
        if self._order is None:
            self._order = sorted(self.entries)
        return self._order

    def sweep(self, now: float) -> None:
        """Drop the entries of every bucket that has passed whole."""
        current = int(now // SWEEP_INTERVAL_S)
        while self._buckets and self._buckets[0] < current:
            for key in self._due.pop(heappop(self._buckets)):
                del self.entries[key]
            self._order = None


class MemoryStore:
    """Everything in dictionaries; lives as long as the process. See `records.Store` for the contract."""

    def __init__(self) -> None:
        self._kv: dict[str, _Shelf[KVEntry]] = {}
        self._caches: dict[str, _Shelf[CacheEntry]] = {}
        self._usage: dict[int, dict[Op, Usage]] = {}
        self._next_sweep_at = float("-inf")

    def usage(self, day: int) -> Mapping[Op, Usage]:
        counted = self._usage.get(day)
        return {op: Usage() if counted is None else replace(counted[op]) for op in Op}

    def counted_days(self) -> list[int]:
        return sorted(self._usage)

    def _settle(self, spend: Spend) -> bool:
        counted = self._usage.get(spend.day)
        if counted is None:
            counted = self._usage[spend.day] = {op: Usage() for op in Op}
        return settle(counted[spend.op], spend)

    async def charge(self, spend: Spend) -> bool:
        return self._settle(spend)

    def _namespace(self, namespace: str) -> _Shelf[KVEntry]:
        shelf = self._kv.get(namespace)
        if shelf is None:
            shelf = self._kv[namespace] = _Shelf()
        return shelf

    async def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float, cache_ttl_s: int | None = None
    ) -> list[KVEntry | None] | None:
        if not self._settle(spend):
            return None
        shelf = self._namespace(namespace)
        return [shelf.get(key, now) for key in keys]

    async def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        if spend is not None and not self._settle(spend):
            return None
        answer: list[bool] = []
        shelf = self._namespace(namespace)
        for key, entry in entries:
            now = entry.written_at
            before = shelf.get(key, now) if min_interval_s else None
            stored = before is None or now - before.written_at >= min_interval_s
            answer.append(stored)
            if stored:
                shelf.put(key, entry)
                if now >= self._next_sweep_at:
                    self._sweep(now)
                    shelf = self._namespace(namespace)  # a sweep drops shelves that are empty
        return answer

    async def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> list[bool] | None:
        if spend is not None and not self._settle(spend):
            return None
        shelf = self._namespace(namespace)
        return [shelf.remove(key, now) for key in keys]

    async def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> KeyPage | None:
        if not self._settle(spend):
            return None
        return self._page(namespace, prefix, after, limit, now)

    async def kv_peek(self, namespace: str, keys: Sequence[str], now: float) -> list[KVEntry | None]:
        shelf = self._namespace(namespace)
        return [shelf.get(key, now) for key in keys]

    async def kv_peek_list(self, namespace: str, prefix: str, after: str, limit: int, now: float) -> KeyPage:
        return self._page(namespace, prefix, after, limit, now)

    def _page(self, namespace: str, prefix: str, after: str, limit: int, now: float) -> KeyPage:
        shelf = self._namespace(namespace)
        order = shelf.ordered()
        at = max(bisect_left(order, prefix), bisect_right(order, after) if after else 0)
        page: list[ListedKey] = []
        while at < len(order) and order[at].startswith(prefix):
            entry = shelf.get(order[at], now)
            if entry is not None:
                if len(page) == limit:
                    return KeyPage(page, True)
                page.append(ListedKey(order[at], entry.expires_at, entry.metadata))
            at += 1
        return KeyPage(page, False)

    async def kv_drop(self, namespace: str) -> None:
        self._kv.pop(namespace, None)

    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        shelf = self._caches.get(cache)
        if shelf is None:
            shelf = self._caches[cache] = _Shelf()
        shelf.put(key, entry)
        if entry.stored_at >= self._next_sweep_at:
            self._sweep(entry.stored_at)

    async def cache_get(self, cache: str, key: str) -> CacheEntry | None:
        shelf = self._caches.get(cache)
        return None if shelf is None else shelf.entries.get(key)

    async def cache_delete(self, cache: str, key: str, now: float) -> bool:
        shelf = self._caches.get(cache)
        return shelf is not None and shelf.remove(key, now)

    async def cache_rows(self) -> list[CachedRow]:
        return sorted(
            CachedRow(cache, key, entry.headers)
            for cache, shelf in self._caches.items()
            for key, entry in shelf.entries.items()
        )

    def _sweep(self, now: float) -> None:
        """Drop what has expired on every shelf, written to or not; once per interval."""
        for shelf in self._shelves():
            shelf.sweep(now)
        self._kv = {name: shelf for name, shelf in self._kv.items() if shelf.entries}
        self._caches = {name: shelf for name, shelf in self._caches.items() if shelf.entries}
        self._next_sweep_at = (now // SWEEP_INTERVAL_S + 1) * SWEEP_INTERVAL_S

    def held_entries(self) -> int:
        return sum(len(shelf.entries) for shelf in self._shelves())

    def _shelves(self) -> list[_Shelf[Any]]:
        return [*self._kv.values(), *self._caches.values()]

    async def reset(self) -> None:
        self._kv.clear()
        self._caches.clear()
        self._usage.clear()
        self._next_sweep_at = float("-inf")

    async def close(self) -> None:
        """Nothing to close; the entries stay readable."""
