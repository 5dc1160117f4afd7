"""The cache browser: what the caches hold, its age and how long it stays, and what they did not take."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from edgeday.clock import is_expired
from edgeday.server.dashboard.site import Site, View, Visit
from edgeday.server.words import percent
from edgeday.storage.records import CachedRow, CacheEntry

_ROWS = 100


class CachedEntry(NamedTuple):
    """One entry. age_s, left_s: seconds since the put, and until it is stale (negative: since then)."""

    colo: str
    cache: str
    key: str
    entry: CacheEntry
    age_s: float
    left_s: float
    fresh: bool

    @property
    def percent_left(self) -> float:
        return percent(self.left_s, self.entry.lifetime_s) if self.entry.lifetime_s else 0.0


class CacheViews:
    """What is in the caches. Looking costs nothing and is no subrequest."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.routes: dict[tuple[str, str], View] = {("GET", "cache"): self.entries}

    async def entries(self, visit: Visit) -> web.Response:
        """Entries whose URL has the text `q` in it, from the place `from` on."""
        edge = self._site.context.served.edge
        q, start = visit.query.get("q", "").strip(), visit.number("from")
        rows = [row for row in await edge.store.cache_rows() if q in row.key]
        now = edge.clock.now()
        entries = [await self._read(row, now) for row in rows[start : start + _ROWS]]
        unstored = [event for event in self._site.recorder.unstored if q in event.key]
        return self._site.show(
            visit,
            "cache.html",
            title="Cache",
            q=q,
            entries=[entry for entry in entries if entry is not None],
            total=len(rows),
            start=start,
            following=start + _ROWS if start + _ROWS < len(rows) else None,
            unstored=unstored,
        )

    async def _read(self, row: CachedRow, now: float) -> CachedEntry | None:
        entry = await self._site.context.served.edge.store.cache_get(row.cache, row.key)
        if entry is None:
            return None
        colo, _, cache = row.cache.partition("/")
        age_s, left_s = now - entry.stored_at, entry.expires_at - now
        fresh = not is_expired(now, entry.expires_at)
        return CachedEntry(colo, cache, row.key, entry, age_s, left_s, fresh)
