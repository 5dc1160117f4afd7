"""A cache is no store: entries may be gone before they expire.

Two rules, each of them an assumption, for Cloudflare documents only that entries are ephemeral: a data
centre has so much room, and what was used longest ago makes way; and any entry may vanish, with the same
chance in every hour.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from edgeday.clock import Clock, is_expired
from edgeday.production.layers import StoreLayer
from edgeday.storage.records import SWEEP_INTERVAL_S, CacheEntry, Store

if TYPE_CHECKING:
    from edgeday.production.settings import EvictionSettings

OnEvicted = Callable[[str, str, str, int], None]
"""Told of each eviction: cache ("colo/name"), key, reason, size of the body in bytes."""

FULL = "the cache was full"
VANISHED = "gone before its time"


class _Held(NamedTuple):
    """size: of the body. vanishes_at: epoch seconds, inf for never. expires_at: epoch seconds."""

    size: int
    vanishes_at: float
    expires_at: float

    @property
    def ends_at(self) -> float:
        return min(self.vanishes_at, self.expires_at)

    @property
    def interval(self) -> int:
        """The interval of ten minutes that it ends in."""
        return int(self.ends_at // SWEEP_INTERVAL_S)


class _Room:
    """What the caches of one data centre hold, the entry used longest ago first."""

    def __init__(self, seed: str) -> None:
        self.held: OrderedDict[tuple[str, str], _Held] = OrderedDict()
        self.size = 0
        self.random = Random(seed)
        self._due: dict[int, dict[tuple[str, str], None]] = {}  # what is held, by the interval it ends in
        self._intervals: list[int] = []  # a heap of the keys of _due

    def add(self, name: tuple[str, str], held: _Held) -> None:
        self.drop(name)
        self.held[name] = held
        self.size += held.size
        interval = held.interval
        due = self._due.get(interval)
        if due is None:
            due = self._due[interval] = {}
            heappush(self._intervals, interval)
        due[name] = None

    def drop(self, name: tuple[str, str]) -> _Held | None:
        held = self.held.pop(name, None)
        if held is not None:
            self.size -= held.size
            due = self._due.get(held.interval)
            if due is not None:  # None: that interval was taken by `ended_before`
                del due[name]
        return held

    def ended_before(self, interval: int) -> list[tuple[str, str]]:
        """What has vanished or expired in the intervals before this one; each interval comes once."""
        names: list[tuple[str, str]] = []
        while self._intervals and self._intervals[0] < interval:
            names += self._due.pop(heappop(self._intervals))
        return names


class EvictingStore(StoreLayer):
    """A store whose cache entries make way. Evicted and expired entries leave its memory.

    seed: of the draws; each data centre has a generator of its own.
    """

    def __init__(
        self, below: Store, clock: Clock, settings: EvictionSettings, seed: int, on_evicted: OnEvicted
    ) -> None:
        super().__init__(below)
        self._clock = clock
        self._most = math.inf if settings.bytes_per_colo is None else settings.bytes_per_colo
        self._rate_per_s = -math.log1p(-settings.per_hour) / 3600
        self._seed = seed
        self._on_evicted = on_evicted
        self._rooms: dict[str, _Room] = {}
        self._next_settling_at = float("-inf")

    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        if entry.stored_at >= self._next_settling_at:
            await self._settle_intervals()
        room, name = self._room(cache), (cache, key)
        await self._has_vanished(room, name)
        await self._below.cache_put(cache, key, entry)
        vanishes_at = math.inf
        if self._rate_per_s:
            vanishes_at = entry.stored_at + room.random.expovariate(self._rate_per_s)
        room.add(name, _Held(len(entry.body), vanishes_at, entry.expires_at))
        while room.size > self._most:
            await self._evict(room, [next(iter(room.held))], FULL)

    async def cache_get(self, cache: str, key: str) -> CacheEntry | None:
        room, name = self._room(cache), (cache, key)
        if await self._has_vanished(room, name):
            return None
        if name in room.held:
            room.held.move_to_end(name)
        return await self._below.cache_get(cache, key)

    async def cache_delete(self, cache: str, key: str, now: float) -> bool:
        room, name = self._room(cache), (cache, key)
        if await self._has_vanished(room, name):
            return False
        room.drop(name)
        return await self._below.cache_delete(cache, key, now)

    async def _has_vanished(self, room: _Room, name: tuple[str, str]) -> bool:
        """Whether an entry has vanished by now; then it is given up."""
        held = room.held.get(name)
        if held is None or self._clock.now() < held.vanishes_at:
            return False
        await self._evict(room, [name], VANISHED)
        return True

    async def settle(self) -> None:
        """Drop what has vanished or expired by now."""
        now = self._clock.now()
        for room in self._rooms.values():
            await self._evict(
                room, [name for name, held in room.held.items() if held.ends_at <= now], VANISHED
            )

    async def _settle_intervals(self) -> None:
        """The same for what ended before this interval of ten minutes; looks at nothing else."""
        interval = int(self._clock.now() // SWEEP_INTERVAL_S)
        for room in self._rooms.values():
            await self._evict(room, room.ended_before(interval), VANISHED)
        self._next_settling_at = (interval + 1) * SWEEP_INTERVAL_S

    async def reset(self) -> None:
        self._rooms.clear()
        self._next_settling_at = float("-inf")
        await self._below.reset()

    def _room(self, cache: str) -> _Room:
        colo = cache.partition("/")[0]
        room = self._rooms.get(colo)
        if room is None:
            room = self._rooms[colo] = _Room(f"{self._seed}/eviction/{colo}")
        return room

    async def _evict(self, room: _Room, names: Iterable[tuple[str, str]], reason: str) -> None:
        now = self._clock.now()
        for cache, key in names:
            held = room.drop((cache, key))
            await self._below.cache_delete(cache, key, now)
            if held is not None and not is_expired(min(now, held.vanishes_at), held.expires_at):
                self._on_evicted(cache, key, reason, held.size)
