"""A coroutine that is begun at once, without a task; a task goes on with it only if it has to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from functools import partial
from typing import Any, NamedTuple

from edgeday import virtual_loop


class Waiting(NamedTuple):
    """A coroutine that has begun. waited: what it waits for."""

    work: Coroutine[Any, Any, Any]
    waited: Any


class Done(NamedTuple):
    """A coroutine that is over: what it returned, or raised."""

    value: Any
    error: BaseException | None


def first_step(work: Coroutine[Any, Any, Any], context: Context) -> Done | Waiting:
    """Run a coroutine until it waits for something, or is over."""
    try:
        waited = context.copy().run(work.send, None)
    except StopIteration as stop:
        return Done(stop.value, None)
    except BaseException as error:
        return Done(None, error)
    return Waiting(work, waited)


def in_task(waiting: Waiting, context: Context, then: Callable[[Done], None]) -> asyncio.Task[None]:
    """Go on with a coroutine in a task of edgeday's own, and tell how it ended unless it is cancelled."""
    rest = _told(_Rest(waiting), then)
    task = asyncio.Task(rest, loop=asyncio.get_running_loop(), context=context.copy())
    task.add_done_callback(lambda _: waiting.work.close())  # cancelled before its first step, it is not begun
    return task


def after(seconds: float, context: Context, then: Callable[[], None]) -> asyncio.Task[None]:
    """Call back when so much time has passed, unless the task is cancelled."""
    return asyncio.Task(_waited(seconds, then), loop=asyncio.get_running_loop(), context=context.copy())


async def _waited(seconds: float, then: Callable[[], None]) -> None:
    await virtual_loop.sleep(seconds)
    then()


async def _told(work: Any, then: Callable[[Done], None]) -> None:
    try:
        done = Done(await work, None)
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        done = Done(None, error)
    then(done)


class _Rest:
    """What is left of a coroutine, as if it had been awaited from the start."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting

    def __await__(self) -> Generator[Any, Any, Any]:
        work, waited = self._waiting
        while True:
            try:
                given = yield waited
            except BaseException as error:
                step: Callable[[], Any] = partial(work.throw, error)
            else:
                step = partial(work.send, given)
            try:
                waited = step()
            except StopIteration as stop:
                return stop.value
