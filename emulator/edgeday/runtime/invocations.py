"""The invocations of one account: begun, followed while they go on, and ended with one event.

What an invocation still has to do once its handler is over is in `lifetime`; how it ends, in `endings`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from edgeday.account import Services
from edgeday.cache.storage import CacheStorage
from edgeday.events import InvocationEnded, InvocationStarted
from edgeday.invocation import Invocation, Outbound
from edgeday.production.isolates import Isolates
from edgeday.runtime.endings import CANCELLED, Ending, Endings
from edgeday.runtime.lifetime import abandon, wind_down
from edgeday.runtime.response_bodies import LiveBody
from edgeday.runtime.tasks import note_tasks, start_own_task
from edgeday.virtual_loop import end_tasks


class Invocations:
    """Those of an edge.

    isolates: who gives module state, where production does; None: one isolate for each data centre. seed: of
    what they draw.
    """

    def __init__(
        self,
        services: Services,
        caches: CacheStorage,
        isolates: Isolates | None,
        endings: Endings,
        *,
        seed: int,
    ) -> None:
        self._services = services
        self._caches = caches
        self._isolates = isolates
        self._endings = endings
        self._seed = seed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._count = 0
        self._module_state: dict[str, dict[str, Any]] = {}
        self._ending: set[asyncio.Task[Ending]] = set()
        self._running: dict[int, Invocation] = {}
        self._bodies: set[LiveBody] = set()

    @property
    def running(self) -> Collection[Invocation]:
        """Those that are not over, the oldest first."""
        return self._running.values()

    def begin(self, route: str, colo: str, context: Any, outbound: Mapping[str, Outbound]) -> Invocation:
        """Open one, in the task that runs its handler."""
        self._count += 1
        invocation = Invocation(
            self._services,
            number=self._count,
            route=route,
            colo=colo,
            caches=self._caches,
            isolate=self._module_state.setdefault(colo, {})
            if self._isolates is None
            else self._isolates.take(colo, self._services.clock.now(), self._count),
            outbound=outbound,
            seed=f"{self._seed}/{self._count}",
            context=context,
        )
        self._running[self._count] = invocation
        invocation.task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            note_tasks(loop)
        self._services.events.emit(InvocationStarted(invocation.started_at, self._count, route, colo))
        return invocation

    async def end(self, invocation: Invocation, ending: Ending, limit_s: float | None = None) -> Ending:
        """End one whose handler is over, once its other work is; gives how it did. limit_s: seconds for that;
        default: those that `waitUntil` work has."""
        invocation.task = None
        goes_on = invocation.background or invocation.tasks or invocation.background_error is not None
        if ending.outcome != CANCELLED.outcome and goes_on:
            return await self._finish(invocation, ending, None, limit_s)
        self._end_now(invocation, ending)
        return ending

    def end_later(self, invocation: Invocation, ending: Ending, body: LiveBody | None) -> None:
        """End one whose response goes out now; beside that, if its body or other work go on."""
        invocation.task = None
        has_work = invocation.background or invocation.tasks or body is not None
        if ending.outcome == CANCELLED.outcome or not has_work:
            self._end_now(invocation, ending)
            return
        if body is not None:
            self._bodies.add(body)
        task = start_own_task(self._finish(invocation, ending, body))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def drain(self) -> None:
        """Wait for the end of all whose response was returned. Bodies that nobody reads are given up."""
        for body in [one for one in self._bodies if not one.is_read]:
            await body.hang_up()
        while self._ending:
            await asyncio.gather(*self._ending)

    async def give_up_after(self, seconds: float) -> None:
        """Wait for their end, so long at most, and then end them."""
        running = list(self._running.values())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.drain()
        for invocation in running:
            abandon(invocation)
        await end_tasks([task for one in running for task in (one.task, *one.tasks)])

    def new_isolates(self, colo: str | None = None) -> None:
        """Forget the module state of one data centre, or of all."""
        if colo is None:
            self._module_state.clear()
        else:
            self._module_state.pop(colo, None)

    def reset(self) -> None:
        """Begin with the first one again."""
        self._module_state.clear()
        self._running.clear()
        self._count = 0

    async def _finish(
        self, invocation: Invocation, ending: Ending, body: LiveBody | None, limit_s: float | None = None
    ) -> Ending:
        """Wait for the body and for what else goes on; then end the invocation. Gives how it did."""
        try:
            if body is not None:
                await body.closed()
                self._bodies.discard(body)
                if body.failed is not None:
                    failure = self._endings.failure(invocation, body.failed, "")
                    ending = failure if failure is CANCELLED else failure._replace(status=ending.status)
            limit_s = self._services.limits.wait_until_s if limit_s is None else limit_s
            cut_off = await wind_down(invocation, self._services, limit_s)
            if invocation.background_error is not None and ending.outcome == "ok":
                # workerd, io/worker-entrypoint.c++: the status of its `waitUntil` work is that of a cron
                ending = self._endings.failure(invocation, invocation.background_error, "")._replace(status=0)
            if cut_off:
                ending = ending._replace(cut_off=cut_off)
            if invocation.misbehaved is not None and ending.outcome == "ok":
                ending = ending._replace(
                    outcome="misbehaved", error=invocation.misbehaved.what, place=invocation.misbehaved.where
                )
        finally:
            self._close(invocation, ending)
        return ending

    def _end_now(self, invocation: Invocation, ending: Ending) -> None:
        if invocation.background or invocation.tasks:
            abandon(invocation)
        self._close(invocation, ending)

    def _close(self, invocation: Invocation, ending: Ending) -> None:
        invocation.over = True
        del self._running[invocation.number]
        self._services.events.emit(
            InvocationEnded(
                self._services.clock.now(),
                invocation.number,
                invocation.route,
                invocation.colo,
                invocation.started_at,
                ending.outcome,
                ending.status,
                invocation.external,
                invocation.internal,
                invocation.refused,
                invocation.last_fetch,
                ending.error,
                ending.trace,
                ending.place,
                ending.cut_off + invocation.cut_off,
            )  # fmt: skip
        )
