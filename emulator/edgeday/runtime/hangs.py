"""Where an invocation hangs, and the bounds that end it: in the account's time and in real time.

An invocation hangs in real time when it holds the loop's thread in the worker's own code, or goes on being
woken while nothing else happens, or waits for something that no timer and no operation will bring about.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from edgeday.call_site import UNKNOWN, CallSite, is_user_code, waiting_line
from edgeday.clock import VirtualClock
from edgeday.errors import WorkerMisbehaved
from edgeday.invocation import Invocation
from edgeday.runtime import response_bodies
from edgeday.runtime.edge import Edge
from edgeday.runtime.handlers import HangInterrupted
from edgeday.runtime.interrupts import INTERRUPTS, LOOKS, OWN_SHARE, end_process, interrupt, real_limit_s
from edgeday.runtime.tasks import start_own_task
from edgeday.runtime.waiting import waits, will_go_on
from edgeday.virtual_loop import sleep

T = TypeVar("T")

INVOCATION_S = 3600
"""Seconds of the account's time after which an invocation is taken to go on for ever. Cloudflare has no such
limit while the client stays connected."""
GOES_ON = "it goes on after an hour of virtual time, and would for ever"
_NEVER_CLOSED = "its response is a stream that nothing closes: close its writer also where something raises"
_LOOK_EVERY_S = 900
"""Of the account's time: how often a replay looks for such invocations."""
_BODIES = response_bodies.__file__
_EVENT_LOOP = asyncio.events.__file__
_TURNS = 100
"""Of the loop, in which what is given up can end."""


async def supervised(edge: Edge, work: Coroutine[Any, Any, T], *, bounded: bool = True) -> T:
    """Await `work`, in which invocations of an edge run. Raises WorkerMisbehaved once one of them hangs, and
    gives `work` up then, whether or not it lets itself be cancelled.

    bounded: whether an invocation that goes on for an hour of the account's time hangs.
    """
    loop = asyncio.get_running_loop()
    hung: asyncio.Future[None] = loop.create_future()

    def end(_: Invocation) -> None:
        if not hung.done():
            hung.set_result(None)

    task = start_own_task(work)
    overdue = start_own_task(_overdue(edge) if bounded else _for_ever(loop))
    try:
        with watched(edge, end):
            ends: set[asyncio.Future[Any]] = {task, overdue, hung}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not task.done() and edge.misbehaved is not None:
            raise edge.misbehaved
        return task.result()
    finally:
        await _given_up(task, overdue)


async def _given_up(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks, and wait some turns of the loop for them."""
    for task in tasks:
        task.cancel()
    for _ in range(_TURNS):
        if all(task.done() for task in tasks):
            break
        await asyncio.sleep(0)
    for task in tasks:
        if task.done() and not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not log it


async def _for_ever(loop: asyncio.AbstractEventLoop) -> None:
    await loop.create_future()


async def _overdue(edge: Edge) -> None:
    """Wait until an invocation has gone on for too long, in the account's time."""
    while True:
        await sleep(_LOOK_EVERY_S)
        if edge.misbehaved is not None:
            return
        for invocation in edge.running:
            if edge.clock.now() - invocation.started_at < INVOCATION_S:
                break
            if any(not task.done() for task in _tasks(invocation)):
                hang(invocation, GOES_ON)
                return


def hang(invocation: Invocation, what: str) -> WorkerMisbehaved:
    """Note that an invocation hangs, with the line where it does."""
    line = _line(invocation)
    hint = _NEVER_CLOSED if not line.file and invocation.making is not None else ""
    return invocation.misbehave(what, hint, place=line.place or invocation.waits_at())


def _line(invocation: Invocation) -> CallSite:
    """Where the code of an invocation is, as far as one can tell: a task that is not waiting goes first."""
    tasks = [task for task in _tasks(invocation) if not task.done()]
    tasks.sort(key=waits)
    lines = [waiting_line(task.get_coro()) for task in tasks]
    if invocation.making is not None:
        lines.insert(0, waiting_line(invocation.making))
    return next((line for line in lines if line.file), CallSite("", 0, ""))


def _tasks(invocation: Invocation) -> list[asyncio.Task[Any]]:
    """The handler's task, while it runs, and those that it started."""
    own = [] if invocation.task is None else [invocation.task]
    return [*own, *invocation.tasks]


class Answers:
    """Requests of a server that are being answered; it can give one up although its code does not end."""

    def __init__(self) -> None:
        self._given_up: dict[asyncio.Task[Any], asyncio.Future[None]] = {}

    async def of(self, work: Coroutine[Any, Any, T]) -> T:
        """Await a dispatch. Raises WorkerMisbehaved as it does, and when it is given up."""
        task = start_own_task(work)
        given_up = self._given_up[task] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait({task, given_up}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else given_up.result()
        finally:
            del self._given_up[task]
            given_up.cancel()
            if not task.done():
                task.cancel()
                task.add_done_callback(_retrieve)

    def give_up(self, invocation: Invocation) -> None:
        """Answer the request of an invocation that hangs, whether or not its code ends."""
        given_up = None if invocation.task is None else self._given_up.get(invocation.task)
        if given_up is not None and not given_up.done() and invocation.misbehaved is not None:
            given_up.set_exception(invocation.misbehaved)
        elif invocation.task is not None:
            invocation.task.cancel()
        for task in invocation.tasks:
            task.cancel()


def _retrieve(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


@contextmanager
def watched(edge: Edge, end: Callable[[Invocation], None]) -> Iterator[None]:
    """While the block runs, in a task of the loop that invocations of an edge run on, a thread looks for
    those that hang in real time. end: called on the loop with each, once it is noted as misbehaving.

    What holds the loop's thread is interrupted (HangInterrupted, in the worker's code); a worker that catches
    that again and again ends with the process, exit code 3.
    """
    watchdog = _Watchdog(edge, end)
    thread = threading.Thread(target=watchdog.run, name="edgeday watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        watchdog.stop()
        thread.join(timeout=1)


class _Watchdog:
    """Looks at an edge every now and then, from a thread of its own."""

    def __init__(self, edge: Edge, end: Callable[[Invocation], None]) -> None:
        self._edge = edge
        self._end = end
        self._loop = asyncio.get_running_loop()
        self._thread_id = threading.get_ident()
        self._limit_s = real_limit_s()
        self._stopped = threading.Event()
        self._answered = threading.Event()
        self._stuck: dict[int, tuple[object, int]] = {}
        self._looks: dict[int, int] = {}
        self._interrupts = 0

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """The thread: ask the loop to look; where it does not come to that, see what it is held by."""
        silent = 0
        lines: list[CallSite] = []
        self._ask()
        while not self._stopped.wait(self._limit_s / LOOKS):
            if self._answered.is_set():
                silent = self._interrupts = 0
                lines.clear()
                self._ask()
                continue
            silent += 1
            if (line := self._held_by()) is not None:
                lines.append(line)
            if silent >= LOOKS and len(lines) >= LOOKS * OWN_SHARE:
                self._interrupt(lines[-1])
                silent = LOOKS // 2
            elif silent >= LOOKS:  # edgeday itself is busy
                silent = 0
                lines.clear()

    def _ask(self) -> None:
        self._answered.clear()
        try:
            self._loop.call_soon_threadsafe(self._look)
        except RuntimeError:  # the loop is closed
            self._stopped.set()

    def _held_by(self) -> CallSite | None:
        """The line of the worker's code that the loop's thread is in; None if it is in none."""
        frame: FrameType | None = sys._current_frames().get(self._thread_id)
        if not self._edge.running:
            return None
        while frame is not None and frame.f_code.co_filename != _EVENT_LOOP:
            if is_user_code(frame.f_code.co_filename):
                return CallSite(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
            if frame.f_code.co_filename == _BODIES:
                return self._making()
            frame = frame.f_back
        return None

    def _making(self) -> CallSite:
        """The line of a body's generator that the thread has left for a moment."""
        makers = [invocation.making for invocation in list(self._edge.running)]
        return next((waiting_line(maker) for maker in makers if maker is not None), UNKNOWN)

    def _interrupt(self, held_by: CallSite) -> None:
        running = next(iter(self._edge.running), None)
        name = "" if running is None else running.name
        if self._interrupts < INTERRUPTS:
            self._interrupts += 1
            interrupt(self._thread_id, held_by.place, name)
            return
        end_process(f"{held_by.place}: {name}")

    def _look(self) -> None:
        """On the loop: count how often each invocation was seen without progress."""
        before, self._stuck = self._stuck, {}
        time = self._edge.clock.elapsed_us if isinstance(self._edge.clock, VirtualClock) else None
        looks, self._looks = self._looks, {}
        for invocation in list(self._edge.running):
            age = self._looks[invocation.number] = looks.get(invocation.number, 0) + 1
            if time is None and age * self._limit_s / LOOKS >= INVOCATION_S:
                if invocation.misbehaved is None:
                    hang(invocation, GOES_ON)
                self._end(invocation)
                continue
            state = self._state(invocation, time)
            if state is None:
                continue
            state_before, seen = before.get(invocation.number, (None, 0))
            seen = seen + 1 if state == state_before else 0
            self._stuck[invocation.number] = (state, seen)
            if seen >= LOOKS:
                if invocation.misbehaved is None:
                    hang(invocation, HangInterrupted.says)
                self._end(invocation)
        self._answered.set()

    @staticmethod
    def _work(invocation: Invocation, task: asyncio.Task[Any]) -> object:
        if task is invocation.task and invocation.making is not None:
            return invocation.making
        return task.get_coro()

    def _state(self, invocation: Invocation, time: object) -> object:
        """What would be different if an invocation made progress; None where it certainly does or will."""
        tasks = [task for task in _tasks(invocation) if not task.done()]
        if not tasks or any(will_go_on(task, self._work(invocation, task)) for task in tasks):
            return None
        counts = (invocation.external, invocation.internal, len(invocation.tasks))
        return (time, *counts, tuple(map(waits, tasks)))
