"""Builds the strategies that an edge is to run with; what is off is not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edgeday.clock import Clock
from edgeday.invocation import Outbound
from edgeday.limits import AccountLimits
from edgeday.production.copies import CopyingStore
from edgeday.production.eviction import EvictingStore, OnEvicted
from edgeday.production.faults import Faults
from edgeday.production.isolates import Isolates
from edgeday.production.latency import Lanes, SlowStore
from edgeday.production.tombstones import TombstoneStore
from edgeday.storage.records import Store

if TYPE_CHECKING:
    from edgeday.production.settings import ProductionSettings


@dataclass(frozen=True, slots=True)
class Assembled:
    """The parts in force. store: the edge's, with what lies in front of it. central: the same without copies
    and latency."""

    store: Store
    central: Store
    copying: CopyingStore | None = None
    isolates: Isolates | None = None
    troubles: Faults | None = None
    lanes: Lanes | None = None
    evicting: EvictingStore | None = None

    def reset(self) -> None:
        """Return to the first moment; the store is reset by its owner."""
        if self.isolates is not None:
            self.isolates.clear()
        if self.troubles is not None:
            self.troubles.reset()

    def lose(self, colo: str) -> None:
        """Forget a data centre's copies of KV and its isolates; its caches are in the store."""
        for part in (self.copying, self.isolates):
            if part is not None:
                part.lose(colo)

    def outbound(self, handler: Outbound) -> Outbound:
        """The handler of a host as the invocations meet it."""
        if self.troubles is not None:
            handler = self.troubles.around(handler)
        return handler if self.lanes is None else self.lanes.connected(handler)


def limits_under(settings: ProductionSettings | None, limits: AccountLimits) -> AccountLimits:
    """The limits that an account's services meet: what is larger than a data centre's room is not stored."""
    eviction = None if settings is None else settings.eviction
    room = None if eviction is None else eviction.bytes_per_colo
    if room is None:
        return limits
    return replace(limits, cache_object_bytes=min(limits.cache_object_bytes, room))


def assemble(
    settings: ProductionSettings | None,
    *,
    store: Store,
    clock: Clock,
    limits: AccountLimits,
    colo: str,
    seed: int,
    on_evicted: OnEvicted,
) -> Assembled:
    """Put the parts that are on in front of a store. limits: of the account."""
    if settings is None:
        return Assembled(store, store)
    evicting = lanes = copying = None
    if settings.list_tombstones:
        store = TombstoneStore(store)
    if settings.eviction is not None:
        store = evicting = EvictingStore(store, clock, settings.eviction, seed, on_evicted)
    central = store
    if settings.latency is not None:
        lanes = Lanes(limits, seed)
        store = SlowStore(store, clock, settings.latency, lanes)
    if settings.propagation:
        store = copying = CopyingStore(store, clock, colo)
    troubled = bool(settings.faults) or not settings.cache_works
    return Assembled(
        store=store,
        central=central,
        copying=copying,
        isolates=None if settings.isolates is None else Isolates(settings.isolates, seed),
        troubles=Faults(clock, settings.faults, seed, cache_works=settings.cache_works) if troubled else None,
        lanes=lanes,
        evicting=evicting,
    )
