"""One assembled account: clock, limits, ledger, store, KV bindings, caches; hosts a worker.

Two edges in one process never see each other; `reset()` returns one to its first moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from edgeday.account import NoInvocation, Services
from edgeday.cache.storage import CacheStorage
from edgeday.clock import Clock, SystemClock, VirtualClock, iso_seconds, utc
from edgeday.errors import BadInput, PlatformError, WorkerRaised
from edgeday.events import DEFAULT_COLO, EventStream, InvocationEnded, InvocationStarted
from edgeday.invocation import ExecutionContext, Invocation, Outbound
from edgeday.kv.namespace import KVNamespace
from edgeday.ledger import Ledger
from edgeday.limits import Account, Switches, account_limits
from edgeday.production.assembly import assemble, limits_under
from edgeday.production.requests_per_day import DailyRequests, turn_away
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import Store
from edgeday.web.ambient import current_runtime
from edgeday.web.messages import Request, Response
from edgeday.web.url import path_of

if TYPE_CHECKING:
    from edgeday.production.settings import ProductionSettings


class Worker(Protocol):
    """A worker: made anew for each invocation."""

    env: Any
    ctx: Any

    async def fetch(self, request: Request) -> Response: ...


class Env:
    """The bindings and variables that a worker finds in `self.env`."""

    def __init__(self, /, **members: Any) -> None:
        self.__dict__.update(members)

    def __getattr__(self, name: str) -> Any:
        known = ", ".join(sorted(self.__dict__)) or "none"
        raise AttributeError(f"env has no {name!r}; its bindings and variables are: {known}")

    def __repr__(self) -> str:
        return f"Env({', '.join(sorted(self.__dict__))})"


class Edge:
    """A local Cloudflare account.

    account:    "free" or "paid"; its limits are those in force on the clock's first day.
    clock:      default: the system's.
    store:      default: a new MemoryStore.
    switches:   what happens at each limit; default: what Cloudflare does.
    namespaces: binding name -> namespace id; two bindings may share one.
    vars:       plain variables of the worker's `env`.
    worker:     the worker's class, for `dispatch`.
    outbound:   host -> handler for `fetch`; "*" answers for every other host.
    colo:       the data centre of requests that name no other, and of calls outside an invocation.
    seed:       of all random ids.
    production: what production does besides (see `edgeday.production.settings`); default: nothing.
    """

    def __init__(
        self,
        *,
        account: Account = "free",
        clock: Clock | None = None,
        store: Store | None = None,
        switches: Switches | None = None,
        namespaces: Mapping[str, str] | None = None,
        vars: Mapping[str, Any] | None = None,
        worker: type | None = None,
        outbound: Mapping[str, Outbound] | None = None,
        colo: str = DEFAULT_COLO,
        seed: int = 0,
        production: ProductionSettings | None = None,
    ) -> None:
        self.clock: Clock = SystemClock() if clock is None else clock
        self.store: Store = MemoryStore() if store is None else store
        self.limits = account_limits(account, utc(self.clock.now()).date())
        self.switches = Switches() if switches is None else switches
        self.ledger = Ledger(self.clock, self.limits, self.switches.daily_kv, self.store)
        self.events = EventStream()
        self.production = assemble(
            production,
            store=self.store,
            clock=self.clock,
            connections=self.limits.connections,
            colo=colo,
            seed=seed,
            on_evicted=self._evicted,
        )
        self.store = self.production.store
        services = Services(
            self.clock,
            limits_under(production, self.limits),
            self.switches,
            self.ledger,
            self.store,
            self.events,
            NoInvocation(colo),
            self.production.troubles,
        )
        self._services = services
        self.caches = CacheStorage(services)
        self.colo = colo
        self.seed = seed
        self._count = 0
        self._requests = DailyRequests(self.clock, self.limits, self.switches.requests)
        self._isolates: dict[str, dict[str, Any]] = {}
        self._draining: set[asyncio.Task[None]] = set()
        self.deploy(worker, namespaces=namespaces, vars=vars, outbound=outbound)

    @property
    def services(self) -> Services:
        """What KV, caches and invocations of this account share."""
        return self._services

    def deploy(
        self,
        worker: type | None,
        *,
        namespaces: Mapping[str, str] | None = None,
        vars: Mapping[str, Any] | None = None,
        outbound: Mapping[str, Outbound] | None = None,
    ) -> None:
        """Replace the worker, its bindings and variables, and what answers for the hosts it fetches from.

        Isolates begin anew; stores, quotas, caches and clock stay. Invocations that run go on with what they
        began with.
        """
        self._worker = worker
        self.namespaces: dict[str, str] = dict(namespaces or {})
        bindings = {name: KVNamespace(self._services, name, id) for name, id in self.namespaces.items()}
        self.env = Env(**bindings, **(vars or {}))
        self.outbound: dict[str, Outbound] = {
            host: self.production.outbound(handler) for host, handler in (outbound or {}).items()
        }
        self.new_isolate()

    def new_isolate(self) -> None:
        """Replace every isolate: what the worker held in module scope is gone, the stores stay."""
        self._isolates.clear()
        if self.production.isolates is not None:
            self.production.isolates.clear()

    async def move(self, colo: str) -> None:
        """From now on, another data centre serves the requests of this one, under its name: what its caches
        and isolates held is lost, and so are its copies of KV. Requests that run go on."""
        await self.caches.lose(colo)
        self._isolates.pop(colo, None)
        self.production.lose(colo)

    @asynccontextmanager
    async def invocation(
        self, route: str = "", *, colo: str | None = None, context: Any = None
    ) -> AsyncIterator[Invocation]:
        """Open an invocation without a worker: inside, `caches`, `fetch` and KV calls belong to it."""
        invocation = self._begin(route, colo, context)
        token = current_runtime.set(invocation)
        outcome, error = "ok", ""
        try:
            yield invocation
        except BaseException as raised:
            outcome, error = (
                ("cancelled" if isinstance(raised, asyncio.CancelledError) else "exception"),
                str(raised),
            )
            raise
        finally:
            current_runtime.reset(token)
            if outcome == "cancelled":
                self._end(invocation, outcome, 0, error)
            else:
                await self._finish(invocation, outcome, 0, error)

    async def dispatch(
        self,
        request: Request,
        *,
        colo: str | None = None,
        context: Any = None,
        vars: Mapping[str, Any] | None = None,
    ) -> Response:
        """Run the worker's `fetch` for a request, as one invocation, and return its response.

        vars: variables of `env` for this invocation only, in the place of the account's.

        A platform error that the worker does not catch gives Cloudflare's page "error code: 1101" with
        status 500. Raises WorkerRaised for any other exception: a defect of the worker. A request beyond the
        day's, where that limit is enforced, gets the page "error code: 1027" and is no invocation.
        """
        if self._worker is None:
            raise ValueError("this edge has no worker; pass Edge(worker=YourWorker)")
        path = path_of(request.url)
        route = f"{request.method} {path}"
        if not self._requests.admit():
            place = self.colo if colo is None else colo
            return turn_away(request.method, path, place, self.clock.now(), self.events)
        invocation = self._begin(route, colo, context)
        token = current_runtime.set(invocation)
        outcome, status, error = "exception", 500, ""
        try:
            env = Env(**{**self.env.__dict__, **vars}) if vars else self.env
            response = await _instantiate(self._worker, invocation.ctx, env).fetch(request)
            outcome, status = "ok", response.status
        except PlatformError as raised:
            error = f"{raised.name}: {raised.message}"
            response = Response("error code: 1101", status=500)
        except asyncio.CancelledError:
            outcome, status = "cancelled", 0
            raise
        except BadInput as raised:  # the store failed, not the worker
            error = str(raised)
            raise
        except Exception as raised:
            error = f"{type(raised).__name__}: {raised}"
            at = iso_seconds(self.clock.now())
            raise WorkerRaised(f"{route}, invocation {invocation.number}, at {at}") from raised
        finally:
            current_runtime.reset(token)
            if invocation.background and outcome != "cancelled":
                task = asyncio.ensure_future(self._finish(invocation, outcome, status, error))
                self._draining.add(task)
                task.add_done_callback(self._draining.discard)
            else:
                self._end(invocation, outcome, status, error)
        return response

    async def drain(self) -> None:
        """Wait for the `waitUntil` work of every invocation whose response was returned."""
        while self._draining:
            await asyncio.gather(*self._draining)

    async def reset(self) -> None:
        """Return to the first moment: ledger, stores, caches, isolates, and the clock if it is virtual."""
        await self.drain()
        await self.store.reset()
        self.caches.reset()
        self._isolates.clear()
        self._requests.reset()
        self.production.reset()
        self._count = 0
        if isinstance(self.clock, VirtualClock):
            self.clock.reset()

    async def close(self) -> None:
        """Finish background work and close the store."""
        await self.drain()
        await self.store.close()

    def _evicted(self, cache: str, key: str, reason: str, size: int) -> None:
        self.caches.note_evicted(cache, key, reason, size)

    def _begin(self, route: str, colo: str | None, context: Any) -> Invocation:
        self._count += 1
        place = self.colo if colo is None else colo
        isolates = self.production.isolates
        invocation = Invocation(
            self._services,
            number=self._count,
            route=route,
            colo=place,
            caches=self.caches,
            isolate=self._isolates.setdefault(place, {})
            if isolates is None
            else isolates.take(place, self.clock.now(), self._count),
            outbound=self.outbound,
            seed=f"{self.seed}/{self._count}",
            context=context,
        )
        self.events.emit(InvocationStarted(invocation.started_at, self._count, route, place))
        return invocation

    async def _finish(self, invocation: Invocation, outcome: str, status: int, error: str) -> None:
        try:
            await invocation.drain()
        finally:
            self._end(invocation, outcome, status, error)

    def _end(self, invocation: Invocation, outcome: str, status: int, error: str) -> None:
        self.events.emit(
            InvocationEnded(
                self.clock.now(),
                invocation.number,
                invocation.route,
                invocation.colo,
                invocation.started_at,
                outcome,
                status,
                invocation.external,
                invocation.internal,
                invocation.refused,
                invocation.last_fetch,
                error,
            )  # fmt: skip
        )


def _instantiate(worker: type, ctx: ExecutionContext, env: Any) -> Worker:
    """A worker with its `env` and `ctx`; a class with its own __init__ gets them as (ctx, env)."""
    made: Worker
    if worker.__init__ is object.__init__:  # type: ignore[misc]
        made = worker()
        made.env, made.ctx = env, ctx
    else:
        made = worker(ctx, env)
    return made
