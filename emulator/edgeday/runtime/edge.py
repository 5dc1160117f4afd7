"""One assembled account: clock, limits, ledger, store, KV bindings, caches; hosts a worker.

Two edges in one process never see each other; `reset()` returns one to its first moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from edgeday.account import NoInvocation, Services
from edgeday.cache.storage import CacheStorage
from edgeday.clock import Clock, SystemClock, VirtualClock, utc
from edgeday.errors import BadInput, PlatformError, WorkerMisbehaved, WorkerRaised
from edgeday.events import CRON_ROUTE, DEFAULT_COLO, EventStream
from edgeday.invocation import Invocation, Outbound, ScheduledController
from edgeday.kv.namespace import KVNamespace
from edgeday.ledger import Ledger
from edgeday.limits import Account, Switches, account_limits
from edgeday.production.assembly import assemble, limits_under
from edgeday.production.requests_per_day import OVER_LIMIT, DailyRequests, turn_away
from edgeday.runtime import refusals
from edgeday.runtime.endings import CANCELLED, OK, SCHEDULED_S, Ending, Endings, ScheduledOutcome
from edgeday.runtime.handlers import Env, Handlers
from edgeday.runtime.invocations import Invocations
from edgeday.runtime.pass_through import passed_through
from edgeday.runtime.response_bodies import LiveBody
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import Store
from edgeday.web.ambient import current_runtime
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Request, Response
from edgeday.web.url import path_of

if TYPE_CHECKING:
    from edgeday.production.settings import ProductionSettings


class Edge:
    """A local Cloudflare account.

    account:    "free" or "paid"; its limits are those in force on the clock's first day.
    clock:      default: the system's.
    store:      default: a new MemoryStore.
    switches:   what happens at each limit; default: what Cloudflare does.
    namespaces: binding name -> namespace id; two bindings may share one.
    vars:       plain variables of the worker's `env`.
    worker:     the worker's class, for `dispatch`.
    outbound:   host -> handler for `fetch`; "*.example.com" answers for all below a host, "*" for all others.
    colo:       the data centre of requests that name no other, and of calls outside an invocation.
    seed:       of all random ids.
    production: what production does besides (see `edgeday.production.settings`); default: nothing.
    strict_worker: whether `dispatch` raises what the worker raises, instead of answering with a 1101.
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
        strict_worker: bool = False,
    ) -> None:
        self.clock: Clock = SystemClock() if clock is None else clock
        self.store: Store = MemoryStore() if store is None else store
        self.limits = account_limits(account, utc(self.clock.now()).date())
        self.switches = Switches() if switches is None else switches
        self.ledger = Ledger(
            self.clock,
            self.limits,
            self.switches.daily_kv,
            self.store,
            cut_off=self.switches.cut_off,
            seed=seed,
        )
        self.events = EventStream()
        self.production = assemble(
            production,
            store=self.store,
            clock=self.clock,
            limits=self.limits,
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
        self._strict = strict_worker
        self._endings = Endings()
        self._invocations = Invocations(
            services, self.caches, self.production.isolates, self._endings, seed=seed
        )
        self._requests = DailyRequests(self.clock, self.limits, self.switches.requests)
        self.deploy(worker, namespaces=namespaces, vars=vars, outbound=outbound)

    @property
    def services(self) -> Services:
        """What KV, caches and invocations of this account share."""
        return self._services

    @property
    def running(self) -> Collection[Invocation]:
        """The invocations that are not over, the oldest first."""
        return self._invocations.running

    @property
    def misbehaved(self) -> WorkerMisbehaved | None:
        """The first thing that the worker did which ends a run, or None; also if the worker caught it."""
        return next(iter(self._services.misbehaviour), None)

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
        if worker is not None:
            refusals.install()
        self._handlers = None if worker is None else Handlers(worker)
        self.namespaces: dict[str, str] = dict(namespaces or {})
        bindings = {name: KVNamespace(self._services, name, id) for name, id in self.namespaces.items()}
        self.env = Env(**bindings, **(vars or {}))
        self.outbound: dict[str, Outbound] = {
            host: self.production.outbound(handler) for host, handler in (outbound or {}).items()
        }
        self.new_isolate()

    def new_isolate(self) -> None:
        """Replace every isolate: what the worker held in module scope is gone, the stores stay."""
        self._invocations.new_isolates()
        if self.production.isolates is not None:
            self.production.isolates.clear()

    async def move(self, colo: str) -> None:
        """From now on, another data centre serves the requests of this one, under its name: what its caches
        and isolates held is lost, and so are its copies of KV. Requests that run go on."""
        await self.caches.lose(colo)
        self._invocations.new_isolates(colo)
        self.production.lose(colo)

    @asynccontextmanager
    async def invocation(
        self, route: str = "", *, colo: str | None = None, context: Any = None
    ) -> AsyncIterator[Invocation]:
        """Open an invocation without a worker: inside, `caches`, `fetch` and KV calls belong to it."""
        invocation = self._invocations.begin(route, colo or self.colo, context, self.outbound)
        token = current_runtime.set(invocation)
        ending = OK
        try:
            yield invocation
        except BaseException as raised:
            cancelled = isinstance(raised, asyncio.CancelledError)
            ending = Ending("cancelled" if cancelled else "exception", 0, str(raised))
            raise
        finally:
            current_runtime.reset(token)
            await self._invocations.end(invocation, ending)

    async def dispatch(
        self,
        request: Request,
        *,
        colo: str | None = None,
        context: Any = None,
        vars: Mapping[str, Any] | None = None,
        route: str | None = None,
    ) -> Response:
        """Run the worker's `fetch` for a request, as one invocation, and return its response.

        route: what it is counted as; default: its method and path.
        vars: variables of `env` for this invocation only, in the place of the account's.

        What the worker raises gives Cloudflare's page "error code: 1101" with status 500, or what the host's
        origin answers after `passThroughOnException`; where the edge is strict, an exception that is not the
        platform's is raised as WorkerRaised. Raises WorkerMisbehaved for what ends a run. A request beyond
        the day's, where that limit is enforced, gets the page "error code: 1027" and is no invocation.
        """
        handlers = self._handlers
        if handlers is None:
            raise ValueError("this edge has no worker; pass Edge(worker=YourWorker)")
        path = path_of(request.url)
        route = f"{request.method} {path}" if route is None else route
        if not self._requests.admit():
            place = self.colo if colo is None else colo
            return turn_away(request.method, path, place, self.clock.now(), self.events, route=route)
        invocation = self._invocations.begin(route, colo or self.colo, context, self.outbound)
        token = current_runtime.set(invocation)
        ending, body = CANCELLED, None
        try:
            response = await handlers.fetch(invocation.ctx, self.env.with_vars(vars), request)
            if type(response._body) is ReadableStream:
                body = LiveBody.of(response, invocation)
            ending = OK if response.status == 200 else Ending("ok", response.status)
        except BadInput as raised:  # the store failed, not the worker
            ending = Ending("exception", 500, str(raised))
            raise
        except BaseException as raised:
            ending = self._endings.failure(invocation, raised, handlers.place("fetch"))
            if not isinstance(raised, Exception) and ending is CANCELLED:
                raise
            if self._strict and not isinstance(raised, PlatformError) and invocation.misbehaved is None:
                raise WorkerRaised(invocation.name) from raised
            response = await passed_through(invocation, request) or Response("error code: 1101", status=500)
            ending = ending._replace(status=response.status)
        finally:
            current_runtime.reset(token)
            self._invocations.end_later(invocation, ending, body)
        if invocation.misbehaved is not None:
            raise invocation.misbehaved
        return response

    async def dispatch_scheduled(
        self,
        cron: str,
        *,
        scheduled_at: float | None = None,
        colo: str | None = None,
        context: Any = None,
        vars: Mapping[str, Any] | None = None,
    ) -> ScheduledOutcome:
        """Run the worker's `scheduled` for a cron, as one invocation, to its end: all of it is background
        work, with 15 minutes of time.

        cron: the expression as it is configured. scheduled_at: epoch seconds of the minute that it was
        planned for; default: now. vars: as of `dispatch`.

        What the worker raises is in the outcome; raises WorkerRaised and WorkerMisbehaved as `dispatch`.
        """
        handlers = self._handlers
        if handlers is None:
            raise ValueError("this edge has no worker; pass Edge(worker=YourWorker)")
        if not self._requests.admit():
            place = self.colo if colo is None else colo
            turn_away("cron", cron, place, self.clock.now(), self.events)
            return ScheduledOutcome("refused", False, OVER_LIMIT)
        at = self.clock.now() if scheduled_at is None else scheduled_at
        controller = ScheduledController(cron, round(at * 1000))
        invocation = self._invocations.begin(f"{CRON_ROUTE}{cron}", colo or self.colo, context, self.outbound)
        token = current_runtime.set(invocation)
        ending = CANCELLED
        try:
            async with asyncio.timeout(SCHEDULED_S) as limit:
                await handlers.scheduled(invocation.ctx, self.env.with_vars(vars), controller)
            ending = Ending("ok")
        except TimeoutError as raised:
            ending = self._endings.failure(invocation, raised, handlers.place("scheduled"))._replace(status=0)
            if limit.expired():
                ending = ending._replace(error="the cron went on for more than 15 minutes, and was ended")
        except BaseException as raised:
            ending = self._endings.failure(invocation, raised, handlers.place("scheduled"))
            if not isinstance(raised, Exception) and ending is CANCELLED:
                raise
            ending = ending._replace(status=0)
            if self._strict and not isinstance(raised, PlatformError) and invocation.misbehaved is None:
                raise WorkerRaised(invocation.name) from raised
        finally:
            current_runtime.reset(token)
            left_s = max(SCHEDULED_S - (self.clock.now() - invocation.started_at), 0)
            ending = await self._invocations.end(invocation, ending, left_s)
        if invocation.misbehaved is not None:
            raise invocation.misbehaved
        return ScheduledOutcome(ending.outcome, controller.no_retry, ending.error)

    async def drain(self) -> None:
        """Wait for the end of every invocation whose response was returned: its `waitUntil` work, and its
        body, if somebody reads that. Bodies that nobody reads are given up."""
        await self._invocations.drain()

    async def reset(self) -> None:
        """Return to the first moment: ledger, stores, caches, isolates, and the clock if it is virtual."""
        await self.drain()
        await self.store.reset()
        self.caches.reset()
        self._invocations.reset()
        self._requests.reset()
        self.production.reset()
        self._services.misbehaviour.clear()
        if isinstance(self.clock, VirtualClock):
            self.clock.reset()

    async def close(self, *, limit_s: float | None = None) -> None:
        """Finish background work and close the store. limit_s: how long to wait for it, before it is given
        up; None: as long as it takes."""
        if limit_s is None:
            await self.drain()
        else:
            await self._invocations.give_up_after(limit_s)
        await self.store.close()

    def _evicted(self, cache: str, key: str, reason: str, size: int) -> None:
        self.caches.note_evicted(cache, key, reason, size)
