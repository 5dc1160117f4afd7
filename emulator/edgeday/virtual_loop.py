"""An asyncio event loop in virtual time: it never sleeps, it moves a `VirtualClock` instead.

When every task waits, the loop moves the clock to the next timer. While work outside the loop is
under way (a database thread), it waits for that work and time stands still: see `external_work`.
A simulation's own waiting goes through `sleep`, which does without asyncio's timers.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Collection, Coroutine, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar

from edgeday.clock import VirtualClock

T = TypeVar("T")
_POLL_EVERY = 64
_YIELD_EVERY = 512
_YIELD_S = 0.001
"""After how many polls a loop that never waits stands still for a moment, and for how much real time. Other
threads could wait for many seconds else: a poll gives the interpreter away and has it back at once."""
_LAST_TURNS = 100
"""Turns of the loop in which a cancelled task has to end when the loop is closed."""
_CANCEL_EVERY = 10


class NothingLeftToWaitFor(RuntimeError):
    """Every task waits for something that no timer and no outside work will bring about."""


class _VirtualSelector(selectors.BaseSelector):
    """Polls real file descriptors, and turns waiting into moving the clock."""

    def __init__(self, clock: VirtualClock) -> None:
        self._real = selectors.DefaultSelector()
        self._clock = clock
        self.outside = 0
        self._idle = 0
        self._polls = 0
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []  # a heap: when (us), order, whom
        self._order = count()
        self._passed = 0

    def pass_alone(self, elapsed_us: int) -> bool:
        """Move the clock there, unless a sleeper wakes until then or it is time for a look at the outside."""
        if self.outside or (self._sleepers and self._sleepers[0][0] <= elapsed_us):
            return False
        self._passed = (self._passed + 1) % _POLL_EVERY
        if not self._passed:
            return False
        self._clock.elapsed_us = elapsed_us
        return True

    def wake_at(self, elapsed_us: int, sleeper: asyncio.Future[None]) -> None:
        """End a future once the clock has come that far."""
        heappush(self._sleepers, (elapsed_us, next(self._order), sleeper))

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.outside:
            return self._real.select(timeout if timeout == 0 else None)
        self._idle = (self._idle + 1) % _POLL_EVERY
        if not self._idle:  # nothing is awaited from outside: a look now and then is enough
            self._yield_to_threads()
            events = self._real.select(0)
            if events:
                return events
        if timeout == 0:
            return []
        timer_us = None if timeout is None else round(timeout * 1_000_000)
        while self._sleepers:
            wait_us = self._sleepers[0][0] - self._clock.elapsed_us
            if timer_us is not None and timer_us < wait_us:
                break
            sleeper = heappop(self._sleepers)[2]
            if not sleeper.done():  # a cancelled one waits no more
                self._clock.advance_us(max(wait_us, 0))
                sleeper.set_result(None)
                return []
        if timer_us is None:
            raise NothingLeftToWaitFor("every task waits, and nothing is scheduled that could wake one")
        self._clock.advance_us(timer_us)
        return []

    def _yield_to_threads(self) -> None:
        """Let other threads run, now and then."""
        self._polls = (self._polls + 1) % _YIELD_EVERY
        if not self._polls:
            time.sleep(_YIELD_S)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Any:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is a `VirtualClock`."""

    def __init__(self, clock: VirtualClock) -> None:
        self._virtual_clock = clock
        self._virtual_selector = _VirtualSelector(clock)
        super().__init__(self._virtual_selector)
        # asyncio runs a timer once `when < time() + resolution`. Its own resolution, a nanosecond, is lost in
        # the rounding of a float after half a year, and the loop would turn for ever. With this one, what is
        # still waited for is at least a microsecond when rounded.
        self._clock_resolution = 0.75e-6

    def time(self) -> float:
        return self._virtual_clock.elapsed_us / 1_000_000

    def wake_after(self, seconds: float) -> asyncio.Future[None]:
        """A future that is done once so much time has passed; those of one instant in the order asked."""
        sleeper: asyncio.Future[None] = self.create_future()
        self._virtual_selector.wake_at(self._virtual_clock.elapsed_us + round(seconds * 1_000_000), sleeper)
        return sleeper

    def pass_alone(self, seconds: float) -> bool:
        """Let time pass at once where nothing else happens in it: no callback, timer, sleeper, cancellation.

        False: nothing was done, and the running task has to be suspended for it.
        """
        if self._ready or self._scheduled or seconds < 0:  # type: ignore[attr-defined]  # asyncio's own queues
            return False
        task = asyncio.current_task(self)
        if task is None or task.cancelling():
            return False
        return self._virtual_selector.pass_alone(self._virtual_clock.elapsed_us + round(seconds * 1_000_000))

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        with self.outside_work():
            await super().shutdown_default_executor(*args, **kwargs)

    @contextmanager
    def outside_work(self) -> Iterator[None]:
        """Time stands still inside this block, until the awaited outside work has come back."""
        self._virtual_selector.outside += 1
        try:
            yield
        finally:
            self._virtual_selector.outside -= 1


async def sleep(seconds: float) -> None:
    """As `asyncio.sleep`, on any loop; in virtual time it costs half as much, alone in the loop even less."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualTimeLoop):
        if not loop.pass_alone(seconds):
            await loop.wake_after(seconds)
    else:
        await asyncio.sleep(seconds)


@contextmanager
def external_work() -> Iterator[None]:
    """Say that the running task waits for work outside the loop; a no-op on a real-time loop."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualTimeLoop):
        with loop.outside_work():
            yield
    else:
        yield


def run_virtual(clock: VirtualClock, main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time; Ctrl-C cancels it (KeyboardInterrupt).

    What it leaves behind is cancelled, and given up if it does not end then.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(clock)) as runner:
        try:
            return runner.run(main)
        finally:
            give_up_tasks(runner.get_loop())


def give_up_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel every task of a loop that does not run, and forget those that do not end within some turns.

    `asyncio.run` would wait for them for ever.
    """
    tasks = asyncio.all_tasks(loop)
    if not tasks or loop.is_closed():
        return
    loop.run_until_complete(end_tasks(tasks))


async def give_up_other_tasks() -> None:
    """The same from within the loop, for every task but the one that runs."""
    await end_tasks(asyncio.all_tasks() - {asyncio.current_task()})


async def end_tasks(tasks: Collection[asyncio.Future[Any] | None]) -> list[asyncio.Future[Any]]:
    """Cancel tasks, and forget those that do not end within some turns of the loop; gives these."""
    running = [task for task in tasks if task is not None and not task.done()]
    ending = list(running)
    for turn in range(_LAST_TURNS):
        running = [task for task in running if not task.done()]
        if not running:
            break
        if turn % _CANCEL_EVERY == 0:
            for task in running:
                task.cancel()
        await asyncio.sleep(0)
    for task in ending:
        if task.done() and not task.cancelled():
            task.exception()  # it has been asked for, and nobody is told
    for task in running:
        if isinstance(task, asyncio.Task):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            asyncio.tasks._unregister_task(task)
            _given_up.append(task)
    return running


_given_up: list[asyncio.Task[Any]] = []
"""Tasks that do not end. They are kept: what cannot be cancelled complains of being destroyed."""
