"""The tasks that a worker's code starts belong to its invocation: noted with the line that starts them.

A loop gets a task factory, in front of the one that it has. Tasks of edgeday itself are made past it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from edgeday.call_site import task_call_site
from edgeday.invocation import Invocation
from edgeday.web.ambient import current_runtime

T = TypeVar("T")


class _NotingFactory:
    """Makes tasks, and notes those that are started in an invocation with it."""

    __slots__ = ("_before",)

    def __init__(self, before: Callable[..., Any] | None) -> None:
        self._before = before

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> Any:
        task = (
            asyncio.Task(coro, loop=loop, **options)
            if self._before is None
            else self._before(loop, coro, **options)
        )
        context = options.get("context")
        owner = current_runtime.get() if context is None else context.get(current_runtime)
        if isinstance(owner, Invocation):
            owner.tasks[task] = task_call_site()
            if owner.over:
                task.cancel()
        return task


def note_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """From now on, the tasks of a loop are noted with the invocation that they are started in."""
    before = loop.get_task_factory()
    if not isinstance(before, _NotingFactory):
        loop.set_task_factory(_NotingFactory(before))


def start_own_task(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start a task of edgeday's own, which no invocation ends."""
    return asyncio.Task(work, loop=asyncio.get_running_loop())
