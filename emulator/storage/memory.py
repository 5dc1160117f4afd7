"""The store in memory: dictionaries, whose expired entries are given back as time passes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from emulator.clock import is_expired
from emulator.ledger import Charge, Op, Spend, Usage, settle
from emulator.storage.records import CacheEntry, KeyPage, KVEntry, ListedKey

_BUCKET_S = 600
"""Expired entries leave memory in batches: those that expire within the same ten minutes together."""


Entry = TypeVar("Entry", KVEntry, CacheEntry)


class _Shelf(Generic[Entry]):
    """Entries by key; knows which may have expired, so that sweeping never looks at all of them."""

    __slots__ = ("_due", "_next_sweep", "_order", "entries")

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._due: dict[int, set[str]] = {}
        self._next_sweep = float("inf")
        self._order: list[str] | None = None

    def put(self, key: str, entry: Entry, now: float) -> None:
        if now >= self._next_sweep:
            self._sweep(now)
        if key not in self.entries:
            self._order = None
        self.entries[key] = entry
        expires_at = entry.expires_at
        if expires_at is not None:
            bucket = int(expires_at // _BUCKET_S) + 1
            due = self._due.get(bucket)
            if due is None:
                due = self._due[bucket] = set()
                self._next_sweep = min(self._next_sweep, bucket * _BUCKET_S)
            due.add(key)

    def get(self, key: str, now: float) -> Entry | None:
        entry = self.entries.get(key)
        if entry is None:
            return None
        expires_at = entry.expires_at
        return None if expires_at is not None and now >= expires_at else entry

    def pop(self, key: str) -> Entry | None:
        entry = self.entries.pop(key, None)
        if entry is not None:
            self._order = None
        return entry

    def ordered(self) -> list[str]:
        """All keys by UTF-8 bytes, which is the order of code points, which is Python's."""
        if self._order is None:
            self._order = sorted(self.entries)
        return self._order

    def _sweep(self, now: float) -> None:
        for bucket in [bucket for bucket in self._due if bucket * _BUCKET_S <= now]:
            for key in self._due.pop(bucket):
                entry = self.entries.get(key)
                if entry is not None and is_expired(now, entry.expires_at):
                    del self.entries[key]
                    self._order = None
        self._next_sweep = min(self._due, default=float("inf")) * _BUCKET_S


class MemoryStore:
    """Everything in dictionaries; lives as long as the process. See `records.Store` for the contract."""

    def __init__(self) -> None:
        self._kv: dict[str, _Shelf[KVEntry]] = {}
        self._caches: dict[str, _Shelf[CacheEntry]] = {}
        self._usage: dict[int, dict[Op, Usage]] = {}

    def usage(self, day: int) -> Mapping[Op, Usage]:
        counted = self._usage.get(day)
        return {op: Usage() for op in Op} if counted is None else counted

    def counted_days(self) -> list[int]:
        return sorted(self._usage)

    def _settle(self, spend: Spend) -> Charge:
        counted = self._usage.get(spend.day)
        if counted is None:
            counted = self._usage[spend.day] = {op: Usage() for op in Op}
        return settle(counted[spend.op], spend)

    async def charge(self, spend: Spend) -> Charge:
        return self._settle(spend)

    def _namespace(self, namespace: str) -> _Shelf[KVEntry]:
        shelf = self._kv.get(namespace)
        if shelf is None:
            shelf = self._kv[namespace] = _Shelf()
        return shelf

    async def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float
    ) -> tuple[Charge, list[KVEntry | None]]:
        charge = self._settle(spend)
        if not charge.accepted:
            return charge, []
        shelf = self._namespace(namespace)
        return charge, [shelf.get(key, now) for key in keys]

    async def kv_put(
        self, spend: Spend, namespace: str, key: str, entry: KVEntry, min_interval_s: float
    ) -> tuple[Charge, bool]:
        charge = self._settle(spend)
        if not charge.accepted:
            return charge, False
        shelf = self._namespace(namespace)
        if min_interval_s:
            before = shelf.entries.get(key)
            if before is not None and entry.written_at - before.written_at < min_interval_s:
                return charge, False
        shelf.put(key, entry, entry.written_at)
        return charge, True

    async def kv_delete(self, spend: Spend, namespace: str, key: str) -> tuple[Charge, bool]:
        charge = self._settle(spend)
        if not charge.accepted:
            return charge, False
        return charge, self._namespace(namespace).pop(key) is not None

    async def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> tuple[Charge, KeyPage]:
        charge = self._settle(spend)
        if not charge.accepted:
            return charge, KeyPage([], False)
        shelf = self._namespace(namespace)
        order = shelf.ordered()
        at = max(bisect_left(order, prefix), bisect_right(order, after) if after else 0)
        page: list[ListedKey] = []
        while at < len(order) and order[at].startswith(prefix):
            entry = shelf.get(order[at], now)
            if entry is not None:
                if len(page) == limit:
                    return charge, KeyPage(page, True)
                page.append(ListedKey(order[at], entry.expiration, entry.metadata))
            at += 1
        return charge, KeyPage(page, False)

    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        shelf = self._caches.get(cache)
        if shelf is None:
            shelf = self._caches[cache] = _Shelf()
        shelf.put(key, entry, entry.stored_at)

    async def cache_get(self, cache: str, key: str, now: float) -> CacheEntry | None:
        shelf = self._caches.get(cache)
        return None if shelf is None else shelf.get(key, now)

    async def cache_delete(self, cache: str, key: str, now: float) -> bool:
        shelf = self._caches.get(cache)
        if shelf is None:
            return False
        fresh = shelf.get(key, now) is not None
        shelf.pop(key)
        return fresh

    async def reset(self) -> None:
        self._kv.clear()
        self._caches.clear()
        self._usage.clear()

    async def close(self) -> None:
        """Nothing to close; the entries stay readable."""
