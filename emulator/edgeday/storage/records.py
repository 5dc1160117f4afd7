"""What a store keeps, and what it can do: the contract of the two stores.

A store holds KV entries, cache entries and the ledger's counters. Each KV method settles its `Spend`
and does its work as one unit: a refused spend changes nothing but the counters, and is answered None.
Stores know the time only as the `now` they are given, and nothing of validation, freshness rules or
error texts. Names and keys are text that UTF-8 can hold (no lone surrogates).

An expired KV entry is never seen again; a stale cache entry is, until it is swept, so that a miss can
be explained. The first put of each `SWEEP_INTERVAL_S` sweeps what expired before that interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from edgeday.ledger import Op, Spend, Usage

SWEEP_INTERVAL_S = 600
"""Expired entries are swept in batches: those that expire within the same ten minutes together."""

HeaderList = tuple[tuple[str, str], ...]


class KVEntry(NamedTuple):
    """A KV value. metadata: JSON text or None. expires_at (None: never), written_at: epoch seconds."""

    value: bytes
    metadata: str | None
    expires_at: int | None
    written_at: float


@dataclass(slots=True)
class CacheEntry:
    """A stored response. Fresh while `now - stored_at < lifetime_s`; headers as they were put."""

    status: int
    status_text: str
    headers: HeaderList
    body: bytes
    stored_at: float
    lifetime_s: float

    @property
    def expires_at(self) -> float:
        return self.stored_at + self.lifetime_s


class CachedRow(NamedTuple):
    """One entry of one cache, without its body."""

    cache: str
    key: str
    headers: HeaderList


class ListedKey(NamedTuple):
    """One row of a list. metadata: JSON text or None."""

    name: str
    expiration: int | None
    metadata: str | None


class KeyPage(NamedTuple):
    """A page of live keys in UTF-8 byte order; `more` if keys follow the last one.

    walked_to: the name at which the page ends, where that is not the one of its last key; else "".
    """

    keys: list[ListedKey]
    more: bool
    walked_to: str = ""

    @property
    def last_name(self) -> str:
        """The name that the next page begins after; "" if there is no name at all."""
        return self.walked_to or (self.keys[-1].name if self.keys else "")


class Store(Protocol):
    """KV entries, cache entries and counters of one account."""

    # the ledger's book
    def usage(self, day: int) -> Mapping[Op, Usage]: ...
    def counted_days(self) -> list[int]: ...

    async def charge(self, spend: Spend) -> bool:
        """Settle a spend that pays for no work on the store; whether it was accepted."""
        ...

    # KV
    async def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float, cache_ttl_s: int | None = None
    ) -> list[KVEntry | None] | None:
        """The live entries of `keys`, in their order, None for each that is missing or expired.

        cache_ttl_s: how long a data centre may keep what it reads; one place alone has no use for it.
        """
        ...

    async def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        """Replace entries, one after the other; of each key, in their order, whether it was stored.

        spend: for all of them; None: nothing is owed. A key is left as it is if its live entry was written
        less than `min_interval_s` before the new one's `written_at` (0: no such rule).
        """
        ...

    async def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> list[bool] | None:
        """Remove entries, one after the other; of each key whether a live one was there. spend: as above."""
        ...

    async def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> KeyPage | None:
        """Up to `limit` live keys that start with `prefix` and come after `after` ("": from the start)."""
        ...

    async def kv_peek(self, namespace: str, keys: Sequence[str], now: float) -> list[KVEntry | None]:
        """What `kv_get` reads, as the account itself sees it: no unit, no time, the newest write."""
        ...

    async def kv_peek_list(self, namespace: str, prefix: str, after: str, limit: int, now: float) -> KeyPage:
        """What `kv_list` lists, seen likewise."""
        ...

    async def kv_drop(self, namespace: str) -> None:
        """Forget a namespace and all its entries; costs nothing."""
        ...

    # cache; `cache` names one cache of one data centre
    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None: ...

    async def cache_get(self, cache: str, key: str) -> CacheEntry | None:
        """The entry, fresh or stale; the caller looks at its age. None if there is none, or it was stale
        and has been swept."""
        ...

    async def cache_delete(self, cache: str, key: str, now: float) -> bool:
        """Remove an entry; True if a fresh one was there."""
        ...

    async def cache_rows(self) -> list[CachedRow]:
        """What `cache_get` would find, ordered by cache and key: for purges, which are rare and may be
        slow."""
        ...

    # upkeep
    def held_entries(self) -> int:
        """Entries that take up room: the live ones and those that expired but are not swept yet."""
        ...

    async def reset(self) -> None:
        """Forget everything: entries and counters."""
        ...

    async def close(self) -> None: ...
