"""What one server serves: an edge with its namespaces and clock, opened and closed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from edgeday.clock import Clock, MovableClock, SystemClock
from edgeday.invocation import Outbound
from edgeday.limits import Account as AccountKind
from edgeday.runtime.edge import Edge
from edgeday.scenario.profile import NO_PROFILE, WorkerProfile
from edgeday.server.internal_state import InternalState
from edgeday.server.kv_operations import KVOperations
from edgeday.server.namespaces import Namespace, Namespaces
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import Store
from edgeday.storage.sqlite import SqliteStore
from edgeday.wrangler import Binding

DEFAULT_ACCOUNT_ID = "ed6eda7ed6eda7ed6eda7ed6eda7ed6e"
_CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Settings:
    """What is to be served.

    state: the file that keeps it, or None for memory. bindings: KV namespaces of the worker.
    variant: of the worker, or None for its own choice. vars: plain variables of the worker.
    profile: what is known of the worker. outbound: host -> handler for its fetches.
    says: which worker it is and what it finds, for the terminal.
    clock: what the account's time runs with.
    """

    worker: type
    account: AccountKind = "free"
    account_id: str = DEFAULT_ACCOUNT_ID
    state: Path | None = None
    bindings: tuple[Binding, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)
    variant: str | None = None
    profile: WorkerProfile = NO_PROFILE
    outbound: Mapping[str, Outbound] = field(default_factory=dict)
    says: str = ""
    clock: Clock = field(default_factory=SystemClock)


class Served:
    """The account behind a server. All that its doors use is here; none of them knows another.

    settings: what it was opened with. edge: hosts the worker. kv, namespaces: what the REST API works on.
    """

    def __init__(
        self,
        settings: Settings,
        edge: Edge,
        clock: MovableClock,
        state: InternalState,
        namespaces: Namespaces,
    ) -> None:
        self.settings = settings
        self.edge = edge
        self.namespaces = namespaces
        names = {id: name for name, id in edge.namespaces.items()}
        self.kv = KVOperations(edge.services, names)
        self._clock = clock
        self._state = state

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Open the state and make the account. Raises BadInput for a state file that cannot be used."""
        store: Store = MemoryStore()
        if settings.state is not None:
            store = await SqliteStore.open(settings.state)
        clock = MovableClock(settings.clock)
        state = InternalState(store, clock)
        moved = await state.read(_CLOCK)
        if moved is not None:
            clock.advance(moved["gained_s"])
        edge = Edge(
            account=settings.account,
            clock=clock,
            store=store,
            namespaces={binding.name: binding.namespace_id for binding in settings.bindings},
            vars=settings.profile.variables_with(settings.vars, settings.variant),
            worker=settings.worker,
            outbound=settings.outbound,
        )
        declared = [Namespace(binding.namespace_id, binding.title) for binding in settings.bindings]
        namespaces = await Namespaces.open(store, state, declared)
        return cls(settings, edge, clock, state, namespaces)

    @property
    def gained_s(self) -> float:
        """Seconds that the account's time is ahead of the clock it runs with."""
        return self._clock.gained_s

    async def advance(self, seconds: float) -> None:
        """Move the account's time forward, for good: a state file remembers it.

        Raises ValueError if that is backwards.
        """
        self._clock.advance(seconds)
        await self._state.write(_CLOCK, {"gained_s": self._clock.gained_s})

    async def close(self) -> None:
        """Finish the worker's background work and close the store."""
        await self.edge.close()
