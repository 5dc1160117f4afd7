"""What one server serves: an edge with its namespaces and clock, opened and closed together."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from edgeday.clock import Clock, MovableClock, SystemClock
from edgeday.events import DEFAULT_COLO
from edgeday.hosting.stubs import Stub
from edgeday.invocation import Outbound
from edgeday.limits import Account as AccountKind
from edgeday.runtime.edge import Edge
from edgeday.runtime.hangs import Answers
from edgeday.scenario.production import ScenarioProduction
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
CLOSING_S = 3
"""Seconds that background work has to end once the server is told to stop."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is to be served.

    worker: its class, None: there is none, and KV is served alone.
    state: the file that keeps it, or None for memory. bindings: KV namespaces of the worker.
    variant: of the worker, or None for its own choice. vars: plain variables of the worker.
    crons: the expressions that run it. profile: what is known of the worker.
    stubs: what stands for bindings that are not emulated. outbound: host -> handler for its fetches.
    production: what production does besides, and where requests arrive; None: nothing, and at one place.
    shows_tracebacks: whether the page of an uncaught exception says what went wrong where.
    says: which worker it is and what it finds, for the terminal.
    clock: what the account's time runs with.
    """

    worker: type | None
    account: AccountKind = "free"
    account_id: str = DEFAULT_ACCOUNT_ID
    state: Path | None = None
    bindings: tuple[Binding, ...] = ()
    vars: Mapping[str, Any] = field(default_factory=dict)
    variant: str | None = None
    crons: tuple[str, ...] = ()
    profile: WorkerProfile = NO_PROFILE
    stubs: Mapping[str, Stub] = field(default_factory=dict)
    outbound: Mapping[str, Outbound] = field(default_factory=dict)
    production: ScenarioProduction | None = None
    shows_tracebacks: bool = False
    says: str = ""
    clock: Clock = field(default_factory=SystemClock)

    @property
    def namespaces(self) -> dict[str, str]:
        """Name of each binding -> id of its namespace."""
        return {binding.name: binding.namespace_id for binding in self.bindings}

    @property
    def all_vars(self) -> dict[str, Any]:
        """The plain variables of the worker's `env`, its profile's and its variant's among them."""
        return self.profile.variables_with(self.vars, self.variant)

    @property
    def env(self) -> dict[str, Any]:
        """What the worker's `env` has besides KV: variables and stubs."""
        return {**self.all_vars, **self.stubs}


class Served:
    """The account behind a server. All that its doors use is here; none of them knows another.

    settings: what it was opened with. edge: hosts the worker. answers: its requests under way.
    kv, namespaces: what the REST API works on.
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
        self._names = _names_of(settings.bindings)
        self.kv = KVOperations(edge.services, self._names)
        self._clock = clock
        self._state = state
        self._production = settings.production
        self._arrived = 0
        self.answers = Answers()

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
        production = settings.production
        edge = Edge(
            account=settings.account,
            clock=clock,
            store=store,
            namespaces=settings.namespaces,
            vars=settings.env,
            worker=settings.worker,
            outbound=settings.outbound,
            colo=DEFAULT_COLO if production is None else production.admin_colo,
            production=production,
            seed=secrets.randbits(64),  # ids of the last time may be in the state
        )
        namespaces = await Namespaces.open(store, state, _declared(settings.bindings))
        return cls(settings, edge, clock, state, namespaces)

    async def redeploy(self, settings: Settings) -> None:
        """Go on with other bindings, variables and another worker, on the same account: what it holds and
        has spent, and its time, stay. Account, state file, clock and production are as it was opened."""
        await self.namespaces.declare(_declared(settings.bindings))
        before = self.settings.worker
        self.edge.deploy(
            settings.worker,
            namespaces=settings.namespaces,
            vars=settings.env,
            outbound=settings.outbound,
        )
        _retire(before)  # the same class may be served again, with new isolates
        self._names.clear()
        self._names.update(_names_of(settings.bindings))
        self.settings = settings

    def arrival_colo(self) -> str:
        """Where the next request to the worker arrives: of several data centres one drawn by weight."""
        if self._production is None:
            return self.edge.colo
        self._arrived += 1
        return self._production.colo_of(f"{self.edge.seed}/{self._arrived}")

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
        try:
            await self.edge.close(limit_s=CLOSING_S)
        finally:
            _retire(self.settings.worker, at_once=True)


def _retire(worker: type | None, *, at_once: bool = False) -> None:
    """Another worker is served, or none any more: one that runs in processes of its own ends them."""
    retire = getattr(worker, "retire", None)
    if retire is not None:
        retire(at_once=at_once)


def _names_of(bindings: Iterable[Binding]) -> dict[str, str]:
    """Id of each namespace -> the binding's name that events show."""
    names = {binding.preview_id: f"{binding.name} (preview)" for binding in bindings if binding.preview_id}
    return {**names, **{binding.namespace_id: binding.name for binding in bindings}}


def _declared(bindings: Iterable[Binding]) -> Iterator[Namespace]:
    """The namespaces that bindings name. What wrangler calls a preview's is its binding's with `_preview`."""
    for binding in bindings:
        yield Namespace(binding.namespace_id, binding.title)
        if binding.preview_id:
            yield Namespace(binding.preview_id, f"{binding.title}_preview")
