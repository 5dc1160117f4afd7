"""Storage that takes virtual time, so that requests overlap and races happen; and six connections at once.

A call settles its quota when it is asked for, waits, and only then reads or writes. While it waits it takes
one of the six connections that an invocation may have open; a seventh call waits in line until one is free.
A fetch takes its connection until its answer has begun, before 2026-04-09 until its body was read. Bulk reads
of KV take none. What is done outside any invocation takes no time.
Sources: those of `connections`; Cloudflare changelog 2025-04-10, KV bulk reads. The times are the scenario's;
that a call acts at the end of its wait is an assumption.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from edgeday.clock import Clock
from edgeday.invocation import Invocation, Outbound, current_invocation
from edgeday.ledger import Spend
from edgeday.limits import AccountLimits
from edgeday.production.connections import Connections
from edgeday.production.layers import StoreLayer
from edgeday.storage.records import CacheEntry, KeyPage, KVEntry, Store
from edgeday.virtual_loop import sleep
from edgeday.web.messages import Request, Response
from edgeday.web.status import REDIRECT_STATUSES

if TYPE_CHECKING:
    from edgeday.distributions import Distribution
    from edgeday.production.settings import LatencySettings


class Lane:
    """What one invocation waits with: its connections, and a generator of its own for the times."""

    __slots__ = ("connections", "random")

    def __init__(self, connections: int, seed: str) -> None:
        self.connections = Connections(connections)
        self.random = Random(seed)


class Lanes:
    """The lanes of the invocations of an edge, made when they are first needed."""

    def __init__(self, limits: AccountLimits, seed: int) -> None:
        self._connections = limits.connections
        self._while_read = bool(limits.connections_while_read)
        self._seed = f"{seed}/latency"

    def of(self, invocation: Invocation) -> Lane:
        """The lane of an invocation."""
        lane = invocation.lane
        if not isinstance(lane, Lane):
            lane = invocation.lane = Lane(self._connections, f"{self._seed}/{invocation.number}")
        return lane

    async def wait(self, time_ms: Distribution, *, connected: bool = True) -> None:
        """Wait a drawn number of ms on a connection of the running invocation; not at all outside one."""
        invocation = current_invocation()
        if invocation is None:
            return
        lane = self.of(invocation)
        if not connected:
            await sleep(time_ms.draw(lane.random) / 1000)
            return
        async with lane.connections:
            await sleep(time_ms.draw(lane.random) / 1000)

    def connected(self, handler: Outbound) -> Outbound:
        """The handler of a host, whose answers take a connection until they begin, or until they are read."""

        async def answer(request: Request, invocation: Invocation) -> Response:
            async with self.of(invocation).connections:
                return await handler(request, invocation)

        async def read_answer(request: Request, invocation: Invocation) -> Response:
            connections = self.of(invocation).connections
            await connections.take()
            try:
                response = await handler(request, invocation)
            except BaseException:
                connections.give_back()
                raise
            if response.status in REDIRECT_STATUSES and request.redirect != "manual":
                connections.give_back()  # nobody will read that body
            else:
                connections.keep_for(response)
            return response

        return read_answer if self._while_read else answer


class SlowStore(StoreLayer):
    """A store whose operations take virtual time."""

    def __init__(self, below: Store, clock: Clock, settings: LatencySettings, lanes: Lanes) -> None:
        super().__init__(below)
        self._clock = clock
        self._settings = settings
        self._lanes = lanes

    async def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float, cache_ttl_s: int | None = None
    ) -> list[KVEntry | None] | None:
        if not await self._below.charge(spend):
            return None
        await self._lanes.wait(self._settings.kv_get, connected=spend.units == 1)
        return await self._below.kv_peek(namespace, keys, self._clock.now())

    async def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        if spend is None:
            return await self._below.kv_put(None, namespace, entries, min_interval_s)
        if not await self._below.charge(spend):
            return None
        await self._lanes.wait(self._settings.kv_put)
        now = self._clock.now()
        entries = [(key, entry._replace(written_at=now)) for key, entry in entries]
        return await self._below.kv_put(None, namespace, entries, min_interval_s)

    async def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> list[bool] | None:
        if spend is None:
            return await self._below.kv_delete(None, namespace, keys, now)
        if not await self._below.charge(spend):
            return None
        await self._lanes.wait(self._settings.kv_delete)
        return await self._below.kv_delete(None, namespace, keys, self._clock.now())

    async def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> KeyPage | None:
        if not await self._below.charge(spend):
            return None
        await self._lanes.wait(self._settings.kv_list)
        return await self._below.kv_peek_list(namespace, prefix, after, limit, self._clock.now())

    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        await self._lanes.wait(self._settings.cache_put)
        await self._below.cache_put(cache, key, entry)

    async def cache_get(self, cache: str, key: str) -> CacheEntry | None:
        await self._lanes.wait(self._settings.cache_match)
        return await self._below.cache_get(cache, key)

    async def cache_delete(self, cache: str, key: str, now: float) -> bool:
        await self._lanes.wait(self._settings.cache_delete)
        return await self._below.cache_delete(cache, key, self._clock.now())
