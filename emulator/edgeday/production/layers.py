"""What store wrappers share: a store in front of a store that passes on what it does not change."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from edgeday.ledger import Op, Spend, Usage
from edgeday.storage.records import CachedRow, CacheEntry, KeyPage, KVEntry, Store


class StoreLayer:
    """A store that hands everything to the one below. See `records.Store` for the contract."""

    def __init__(self, below: Store) -> None:
        self._below = below

    def usage(self, day: int) -> Mapping[Op, Usage]:
        return self._below.usage(day)

    def counted_days(self) -> list[int]:
        return self._below.counted_days()

    def charge(self, spend: Spend) -> Coroutine[Any, Any, bool]:
        return self._below.charge(spend)

    def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float, cache_ttl_s: int | None = None
    ) -> Coroutine[Any, Any, list[KVEntry | None] | None]:
        return self._below.kv_get(spend, namespace, keys, now, cache_ttl_s)

    def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> Coroutine[Any, Any, list[bool] | None]:
        return self._below.kv_put(spend, namespace, entries, min_interval_s)

    def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> Coroutine[Any, Any, list[bool] | None]:
        return self._below.kv_delete(spend, namespace, keys, now)

    def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> Coroutine[Any, Any, KeyPage | None]:
        return self._below.kv_list(spend, namespace, prefix, after, limit, now)

    def kv_peek(
        self, namespace: str, keys: Sequence[str], now: float
    ) -> Coroutine[Any, Any, list[KVEntry | None]]:
        return self._below.kv_peek(namespace, keys, now)

    def kv_peek_list(
        self, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> Coroutine[Any, Any, KeyPage]:
        return self._below.kv_peek_list(namespace, prefix, after, limit, now)

    def kv_drop(self, namespace: str) -> Coroutine[Any, Any, None]:
        return self._below.kv_drop(namespace)

    def cache_put(self, cache: str, key: str, entry: CacheEntry) -> Coroutine[Any, Any, None]:
        return self._below.cache_put(cache, key, entry)

    def cache_get(self, cache: str, key: str) -> Coroutine[Any, Any, CacheEntry | None]:
        return self._below.cache_get(cache, key)

    def cache_delete(self, cache: str, key: str, now: float) -> Coroutine[Any, Any, bool]:
        return self._below.cache_delete(cache, key, now)

    def cache_rows(self) -> Coroutine[Any, Any, list[CachedRow]]:
        return self._below.cache_rows()

    def held_entries(self) -> int:
        return self._below.held_entries()

    def reset(self) -> Coroutine[Any, Any, None]:
        return self._below.reset()

    def close(self) -> Coroutine[Any, Any, None]:
        return self._below.close()
