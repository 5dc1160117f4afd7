"""A thread that takes the turns of one isolate, one after the other, while the event loop goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

from edgeday.hosting.javascript.process import as_edgeday

T = TypeVar("T")
Job = Callable[[], None]


class TurnThread:
    """Started with the first thing to do. It keeps no process alive, and is no worker's own."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def of(self, work: Callable[[], T]) -> T:
        """What `work` gives, done in the thread once all before it is. Raises what it raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def tell(settle: Callable[[], None]) -> None:
            if not done.done():  # else nobody waits for it any more
                settle()

        def job() -> None:
            try:
                value = work()
            except BaseException as error:
                failure = error
                settle: Callable[[], None] = lambda: done.set_exception(failure)  # noqa: E731
            else:
                settle = lambda: done.set_result(value)  # noqa: E731
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(tell, settle)

        self.soon(job)
        return await done

    def soon(self, job: Job) -> None:
        """Do something in the thread once all before it is done; nobody is told."""
        if self._thread is None:
            self._thread = Thread(target=_work, args=(self._jobs,), name="edgeday turns", daemon=True)
            with as_edgeday():
                self._thread.start()
        self._jobs.put(job)

    def end(self) -> None:
        """Let the thread end once it has done everything."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread, self._jobs = None, SimpleQueue()


def _work(jobs: SimpleQueue[Job | None]) -> None:
    while (job := jobs.get()) is not None:
        job()
