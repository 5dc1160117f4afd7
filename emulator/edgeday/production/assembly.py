"""Builds the strategies that an edge is to run with; what is off is not there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgeday.clock import Clock
from edgeday.invocation import Outbound
from edgeday.limits import AccountLimits
from edgeday.production.copies import Copies
from edgeday.production.eviction import EvictingStore, OnEvicted
from edgeday.production.faults import Faults
from edgeday.production.isolates import Isolates
from edgeday.production.latency import Lanes, SlowStore
from edgeday.production.settings import Platform
from edgeday.storage.records import Store


@dataclass(frozen=True, slots=True)
class Assembled:
    """The parts in force. store: the edge's, with what lies in front of it."""

    store: Store
    copies: Copies | None
    isolates: Isolates | None
    troubles: Faults | None
    lanes: Lanes | None
    evicting: EvictingStore | None

    def reset(self) -> None:
        """Return to the first moment; the store is reset by its owner."""
        for part in (self.copies, self.isolates):
            if part is not None:
                part.clear()
        if self.troubles is not None:
            self.troubles.reset()

    def lose(self, colo: str) -> None:
        """Forget a data centre's copies of KV and its isolates; its caches are in the store."""
        for part in (self.copies, self.isolates):
            if part is not None:
                part.lose(colo)

    def outbound(self, handler: Outbound) -> Outbound:
        """The handler of a host as the invocations meet it."""
        if self.troubles is not None:
            handler = self.troubles.around(handler)
        return handler if self.lanes is None else self.lanes.connected(handler)


def limits_under(platform: Platform, limits: AccountLimits) -> AccountLimits:
    """The limits that an account's services meet: what is larger than a data centre's room is not stored."""
    room = None if platform.eviction is None else platform.eviction.bytes_per_colo
    if room is None:
        return limits
    return replace(limits, cache_object_bytes=min(limits.cache_object_bytes, room))


def assemble(
    platform: Platform,
    *,
    store: Store,
    clock: Clock,
    connections: int,
    colo: str,
    seed: int,
    on_evicted: OnEvicted,
) -> Assembled:
    """Put the parts that are on in front of a store. connections: an invocation's at once."""
    evicting = lanes = None
    if platform.eviction is not None:
        store = evicting = EvictingStore(store, clock, platform.eviction, seed, on_evicted)
    if platform.latency is not None:
        lanes = Lanes(connections, seed)
        store = SlowStore(store, clock, platform.latency, lanes)
    troubled = bool(platform.faults) or not platform.cache_works
    return Assembled(
        store=store,
        copies=Copies(store, clock, colo) if platform.propagation else None,
        isolates=None if platform.isolates is None else Isolates(platform.isolates, seed),
        troubles=Faults(clock, platform.faults, seed, cache_works=platform.cache_works) if troubled else None,
        lanes=lanes,
        evicting=evicting,
    )
