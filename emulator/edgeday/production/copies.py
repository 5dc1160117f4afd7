"""KV as data centres see it: each keeps copies of what it has read, so it may see a write late.

A read that a data centre has no copy for sees the newest write and keeps it (or its absence, or the page of
a list) for 60 s, or for the cacheTtl of the read; a later read with a shorter cacheTtl shortens that. A
write is seen at once where it was made: the copies there are dropped. The last write wins everywhere.
Source: Cloudflare docs, How KV works, KV read key-value pairs. That a page of a list is kept for 60 s, and
that a write drops the lists of its own data centre only, are assumptions: the documentation says that lists
are delayed likewise. The refresh of copies in the background is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from edgeday.clock import Clock, is_expired
from edgeday.invocation import current_invocation
from edgeday.ledger import Spend
from edgeday.production.layers import StoreLayer
from edgeday.storage.records import KeyPage, KVEntry, Store

COPY_TTL_S = 60
"""How long a data centre keeps what it has read of KV, without a cacheTtl.
Source: Cloudflare docs, KV read key-value pairs (cacheTtl's default)."""

_SWEEP_INTERVAL_S = 60


@dataclass(slots=True)
class _Copy:
    """What was read at an instant, and until when it is kept (epoch seconds)."""

    entry: KVEntry | None
    until: float


@dataclass(slots=True)
class _Place:
    """The copies of one namespace in one data centre. pages: by prefix, start and limit."""

    entries: dict[str, _Copy] = field(default_factory=dict)
    pages: dict[tuple[str, str, int], tuple[float, KeyPage]] = field(default_factory=dict)


_NO_PAGE = (float("-inf"), KeyPage([], False))


class CopyingStore(StoreLayer):
    """A store whose data centres keep copies of what they read. own_colo: where calls outside an invocation
    are made."""

    def __init__(self, below: Store, clock: Clock, own_colo: str) -> None:
        super().__init__(below)
        self._clock = clock
        self._own_colo = own_colo
        self._places: dict[tuple[str, str], _Place] = {}
        self._next_sweep_at = float("-inf")

    async def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float, cache_ttl_s: int | None = None
    ) -> list[KVEntry | None] | None:
        """The entries of `keys` as the data centre sees them; charged as any read, also for copies."""
        ttl_s = COPY_TTL_S if cache_ttl_s is None else cache_ttl_s
        place = self._place(namespace)
        copies = {key: copy for key in keys if (copy := place.entries.get(key)) and now < copy.until}
        missing = [key for key in keys if key not in copies]
        fetched: list[KVEntry | None] | None = []
        if missing:
            fetched = await self._below.kv_get(spend, namespace, missing, now)
        elif not await self._below.charge(spend):
            fetched = None
        if fetched is None:
            return None
        values = {key: copy.entry for key, copy in copies.items()}
        for copy in copies.values():
            copy.until = min(copy.until, now + ttl_s)
        now = self._clock.now()
        for key, entry in zip(missing, fetched, strict=True):
            place.entries[key] = _Copy(entry, now + ttl_s)
            values[key] = entry
        if missing:
            self._sweep(now)
        return [_live(values[key], now) for key in keys]

    async def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> KeyPage | None:
        """A page as the data centre sees it; keys that have expired since are left out."""
        place = self._place(namespace)
        until, page = place.pages.get((prefix, after, limit), _NO_PAGE)
        if now < until:
            if not await self._below.charge(spend):
                return None
            live = [row for row in page.keys if not is_expired(now, row.expiration)]
            return KeyPage(live, page.more, page.last_name)
        fetched = await self._below.kv_list(spend, namespace, prefix, after, limit, now)
        if fetched is not None:
            now = self._clock.now()
            place.pages[prefix, after, limit] = (now + COPY_TTL_S, fetched)
            self._sweep(now)
        return fetched

    async def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        """Put, and see what was stored at once: its copies are dropped here, and all pages."""
        answer = await self._below.kv_put(spend, namespace, entries, min_interval_s)
        if answer is not None:
            self._drop(namespace, [key for (key, _), stored in zip(entries, answer, strict=True) if stored])
        return answer

    async def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> list[bool] | None:
        """Delete, and see it at once, also where only a copy was left to see."""
        answer = await self._below.kv_delete(spend, namespace, keys, now)
        if answer is not None:
            self._drop(namespace, keys)
        return answer

    async def reset(self) -> None:
        self._places.clear()
        self._next_sweep_at = float("-inf")
        await self._below.reset()

    def lose(self, colo: str) -> None:
        """Forget the copies of one data centre."""
        self._places = {name: place for name, place in self._places.items() if name[0] != colo}

    def _place(self, namespace: str) -> _Place:
        """The copies of the data centre that the running call is made in."""
        invocation = current_invocation()
        name = (self._own_colo if invocation is None else invocation.colo, namespace)
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = _Place()
        return place

    def _drop(self, namespace: str, keys: Sequence[str]) -> None:
        if keys:
            place = self._place(namespace)
            place.pages.clear()
            for key in keys:
                place.entries.pop(key, None)

    def _sweep(self, now: float) -> None:
        """Drop what is out of date, once a minute."""
        if now < self._next_sweep_at:
            return
        for place in self._places.values():
            place.entries = {key: copy for key, copy in place.entries.items() if now < copy.until}
            place.pages = {name: kept for name, kept in place.pages.items() if now < kept[0]}
        self._next_sweep_at = now + _SWEEP_INTERVAL_S


def _live(entry: KVEntry | None, now: float) -> KVEntry | None:
    """Expired means gone, also in a copy. Source: Cloudflare docs, KV write key-value pairs."""
    return None if entry is None or is_expired(now, entry.expires_at) else entry
