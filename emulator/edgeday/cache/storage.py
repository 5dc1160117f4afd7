"""`CacheStorage`: the caches of an account, and the purge that works on all of its data centres."""

from __future__ import annotations

from collections.abc import Iterable

from edgeday.account import Services
from edgeday.cache.cache import Cache
from edgeday.cache.keys import cache_key
from edgeday.cache.miss_reasons import MissReasons
from edgeday.coverage import Member, offers
from edgeday.errors import PlatformTypeError
from edgeday.events import Operation
from edgeday.storage.records import HeaderList
from edgeday.web.javascript import to_string
from edgeday.web.text import utf8


class CacheStorage:
    """The `caches` of an account: the default cache and named ones."""

    __slots__ = ("_miss_reasons", "_services", "default")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._miss_reasons = MissReasons()
        self.default = Cache(services, "default", self._miss_reasons)

    @offers(Member("caches.open(name)", "names of up to 1,023 bytes; apart from caches.default"))
    async def open(self, name: str) -> Cache:
        """A named cache, apart from the default one; the empty name is the default one (recorded).

        Raises TypeError if the name is too long.
        """
        name = to_string(name)
        if len(utf8(name)) > self._services.limits.cache_name_bytes:
            raise PlatformTypeError("Cache name is too long.")
        if not name:
            return self.default
        return Cache(self._services, f"named:{name}", self._miss_reasons)

    @offers(Member("Cache-Tag", "for `edge.caches.purge(tags=[...])`, which no worker can call"))
    async def purge(
        self, *, urls: Iterable[str] = (), tags: Iterable[str] = (), everything: bool = False
    ) -> int:
        """Remove entries in every data centre, as the zone's purge does; returns how many were removed.

        urls: their entries; entries under a cf.cacheKey are not found by URL. tags: the entries whose
        Cache-Tag names one of them, without regard to case. Costs neither quota nor subrequests; a
        worker has no such call.
        Source: Cloudflare docs, Purge cache.
        """
        keys = {cache_key(url).key for url in urls}
        wanted = {tag.strip().lower() for tag in tags}
        removed = 0
        store, now = self._services.store, self._services.clock.now()
        for cache, key, headers in await store.cache_rows():
            if not (everything or key in keys or not wanted.isdisjoint(_tags(headers))):
                continue
            if await store.cache_delete(cache, key, now):
                removed += 1
                colo, _, name = cache.partition("/")
                self._services.events.emit(
                    Operation(now, "cache", "purge", name, key, "deleted", "", 0, 0, 0, "", colo)
                )
        return removed

    async def lose(self, colo: str) -> int:
        """Lose what the caches of one data centre hold, as when its requests move to another one.

        Returns how many entries that were; costs nothing.
        """
        store, now = self._services.store, self._services.clock.now()
        lost = [row for row in await store.cache_rows() if row.cache.partition("/")[0] == colo]
        count = 0
        for row in lost:
            if await store.cache_delete(row.cache, row.key, now):
                self.note_evicted(row.cache, row.key, "the requests of its data centre moved", 0)
                count += 1
        return count

    def note_evicted(self, place: str, key: str, reason: str, size: int) -> None:
        """An entry of "colo/cache" was given up before its time: report it, and remember why for a miss."""
        colo, _, name = place.partition("/")
        self._miss_reasons.remember(place, key, f"evicted: {reason}")
        now = self._services.clock.now()
        self._services.events.emit(
            Operation(now, "cache", "evict", name, key, "evicted", reason, 0, size, 0, "", colo)
        )

    def reset(self) -> None:
        """Forget what is remembered beside the store: why entries are not there."""
        self._miss_reasons.clear()


def _tags(headers: HeaderList) -> set[str]:
    return {tag.strip().lower() for name, value in headers if name == "cache-tag" for tag in value.split(",")}
