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
from edgeday.ledger import Charge, Spend
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


class Copies:
    """The copies of all data centres. own_colo: where calls outside an invocation are made."""

    def __init__(self, store: Store, clock: Clock, own_colo: str) -> None:
        self._store = store
        self._clock = clock
        self._own_colo = own_colo
        self._places: dict[tuple[str, str], _Place] = {}
        self._next_sweep_at = float("-inf")

    async def get(
        self, spend: Spend, namespace: str, keys: Sequence[str], colo: str | None, cache_ttl_s: int | None
    ) -> tuple[Charge, list[KVEntry | None]]:
        """The entries of `keys` as a data centre sees them; charged as any read, also for copies."""
        ttl_s = COPY_TTL_S if cache_ttl_s is None else cache_ttl_s
        place = self._place(colo, namespace)
        now = self._clock.now()
        seen = {key: copy.entry for key in keys if (copy := _kept(place.entries.get(key), now, ttl_s))}
        wanted = [key for key in keys if key not in seen]
        if wanted:
            charge, found = await self._store.kv_get(spend, namespace, wanted, now)
            if not charge.accepted:
                return charge, []
            now = self._clock.now()
            for key, entry in zip(wanted, found, strict=True):
                place.entries[key] = _Copy(entry, now + ttl_s)
                seen[key] = entry
            self._sweep(now)
        else:
            charge = await self._store.charge(spend)
            if not charge.accepted:
                return charge, []
        return charge, [_live(seen[key], now) for key in keys]

    async def list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, colo: str | None
    ) -> tuple[Charge, KeyPage]:
        """A page as a data centre sees it; keys that have expired since are left out."""
        place = self._place(colo, namespace)
        now = self._clock.now()
        kept = place.pages.get((prefix, after, limit))
        if kept is not None and now < kept[0]:
            charge = await self._store.charge(spend)
            page = kept[1]
            return charge, KeyPage(
                [row for row in page.keys if not is_expired(now, row.expiration)], page.more
            )
        charge, page = await self._store.kv_list(spend, namespace, prefix, after, limit, now)
        if charge.accepted:
            now = self._clock.now()
            place.pages[prefix, after, limit] = (now + COPY_TTL_S, page)
            self._sweep(now)
        return charge, page

    def written(self, namespace: str, key: str, colo: str | None) -> None:
        """A data centre has put or deleted a key: it drops its copies of the key and of all lists."""
        place = self._places.get((colo or self._own_colo, namespace))
        if place is not None:
            place.entries.pop(key, None)
            place.pages.clear()

    def clear(self) -> None:
        """Forget all copies."""
        self._places.clear()
        self._next_sweep_at = float("-inf")

    def lose(self, colo: str) -> None:
        """Forget the copies of one data centre."""
        self._places = {name: place for name, place in self._places.items() if name[0] != colo}

    def held_copies(self) -> int:
        """Copies that take up room, of values, absences and pages."""
        return sum(len(place.entries) + len(place.pages) for place in self._places.values())

    def _place(self, colo: str | None, namespace: str) -> _Place:
        name = (colo or self._own_colo, namespace)
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = _Place()
        return place

    def _sweep(self, now: float) -> None:
        """Give back what is out of date, once a minute."""
        if now < self._next_sweep_at:
            return
        for place in self._places.values():
            place.entries = {key: copy for key, copy in place.entries.items() if now < copy.until}
            place.pages = {name: kept for name, kept in place.pages.items() if now < kept[0]}
        self._next_sweep_at = now + _SWEEP_INTERVAL_S


def _kept(copy: _Copy | None, now: float, ttl_s: int) -> _Copy | None:
    """The copy if it answers a read with this cacheTtl, which may shorten its life."""
    if copy is None:
        return None
    copy.until = min(copy.until, now + ttl_s)
    return copy if now < copy.until else None


def _live(entry: KVEntry | None, now: float) -> KVEntry | None:
    """Expired means gone, also in a copy. Source: Cloudflare docs, KV write key-value pairs."""
    return None if entry is None or is_expired(now, entry.expiration) else entry
