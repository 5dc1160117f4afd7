"""The end of an invocation: what it still waits for, and what is cut off then.

An invocation goes on until its response is sent and its `waitUntil` work is done. What its code has started
besides, and nothing waits for, is cancelled then; an operation that was already issued completes.
Source: runs of workerd 1.20260426.1 (a put 300 ms after the response is never made, one that was issued is).
That a task of Python has begun before it can be cut off is taken from Pyodide's event loop.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Collection
from typing import Any

from edgeday.account import Services
from edgeday.call_site import error_call_site, waiting_line
from edgeday.events import Cause, Operation
from edgeday.invocation import Invocation
from edgeday.runtime.handlers import misbehaviour_text
from edgeday.runtime.tracebacks import error_text
from edgeday.runtime.waiting import is_in_operation
from edgeday.virtual_loop import end_tasks

_FIRST_TURNS = 10
"""Turns of the loop in which tasks can begin."""

SWALLOWS = (
    "the work that is started here does not end when it is cancelled: it catches CancelledError and goes on"
)


async def wind_down(invocation: Invocation, services: Services, limit_s: float) -> int:
    """Wait for the `waitUntil` work, so many seconds at most, then end what is left, and report what was cut
    off and raised. Gives how many tasks nothing waited for were cut off.

    What a task raises disturbs nobody; a task that cannot be ended is in `Invocation.misbehaved`.
    """
    await _begin(invocation)
    await _background(invocation, services, limit_s)
    invocation.over = True
    pending = {task for task in invocation.tasks if not task.done()}
    if issued := {task for task in pending if is_in_operation(task)}:
        await asyncio.wait(issued)
    await _end(invocation, pending)
    cut_off = [task for task in pending if task.cancelled()]
    for place in dict.fromkeys(invocation.tasks[task].place for task in cut_off):
        text = "work that is started here and that nothing waits for was cut off at the end of the request"
        invocation.diagnose("task-cut-off", f"{text}; hand it to ctx.waitUntil()", place)
    _report_raised(invocation)
    return len(cut_off)


def abandon(invocation: Invocation) -> None:
    """End an invocation that was cancelled itself, without waiting for anything."""
    invocation.over = True
    for task in (*invocation.tasks, *invocation.background):
        task.cancel()


async def _begin(invocation: Invocation) -> None:
    """Let every task that was started take its first step."""
    for _ in range(_FIRST_TURNS):
        if not any(_is_fresh(task) for task in invocation.tasks):
            return
        await asyncio.sleep(0)


def _is_fresh(task: asyncio.Task[Any]) -> bool:
    """Whether a task waits for its first step."""
    work = task.get_coro()
    return inspect.iscoroutine(work) and inspect.getcoroutinestate(work) == inspect.CORO_CREATED


async def _background(invocation: Invocation, services: Services, limit_s: float) -> None:
    work = invocation.background
    if not work:
        return
    try:
        async with asyncio.timeout(limit_s):
            while running := [one for one in work if not one.done()]:
                await asyncio.wait(running)
    except TimeoutError:
        late = [one for one in work if not one.done()]
        _report_late(invocation, services, late, limit_s)
        await _end(invocation, set(late))


async def _end(invocation: Invocation, work: Collection[asyncio.Future[Any]]) -> None:
    """Cancel work, and see to it that it ends."""
    for one in await end_tasks(work):
        site = invocation.tasks.get(one)  # type: ignore[call-overload]
        invocation.misbehave(SWALLOWS, place="" if site is None else site.place)


def _report_late(
    invocation: Invocation, services: Services, late: Collection[asyncio.Future[Any]], limit_s: float
) -> None:
    tasks = "1 task" if len(late) == 1 else f"{len(late)} tasks"
    reason = f"{tasks} cancelled {limit_s:g} s after the response"
    if place := _waiting_place(invocation, late):
        reason += f", waiting at {place}"
    number, route, colo = invocation.number, invocation.route, invocation.colo
    services.events.emit(
        Operation(
            services.clock.now(),
            "waitUntil",
            "wait",
            "",
            "",
            "cancelled",
            reason,
            0,
            0,
            number,
            route,
            colo,
            cause=Cause.TIME,
        )  # fmt: skip
    )


def _waiting_place(invocation: Invocation, late: Collection[asyncio.Future[Any]]) -> str:
    """The line in which the first of some work waits, "" if none of them is in one."""
    works = (one.get_coro() for one in late if isinstance(one, asyncio.Task))
    return next((place for work in works if (place := waiting_line(work).place)), "") or invocation.waits_at()


def _report_raised(invocation: Invocation) -> None:
    """Report what was raised in `waitUntil` work, and in tasks that nobody asked for their result."""
    for work in invocation.background:
        if work.done() and not work.cancelled() and (error := work.exception()) is not None:
            if invocation.is_cron and isinstance(error, Exception):
                invocation.background_error = invocation.background_error or error
            else:
                _report(invocation, "wait-until-raised", "waitUntil work", error)
    for task in invocation.tasks:
        if task.done() and not task.cancelled() and getattr(task, "_log_traceback", False):
            error = task.exception()
            if error is not None:
                _report(invocation, "task-raised", "a task that nothing waits for", error)


def _report(invocation: Invocation, id: str, what: str, error: BaseException) -> None:
    place = error_call_site(error).place
    if isinstance(error, Exception):
        invocation.diagnose(id, f"{what} raised {error_text(error)}, which changes no response", place)
    elif invocation.misbehaved is None:
        invocation.misbehave(misbehaviour_text(error), place=place)
