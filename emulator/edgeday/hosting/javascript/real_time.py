"""An isolate in real time: its turns are taken on a thread, so that no other request waits for JavaScript.

In a replay the loop waits for a turn on purpose: virtual time stands still. A server has other requests. The
turns of one isolate come one after the other all the same, as in production.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from contextvars import Context
from typing import Any

from edgeday.call_site import UNKNOWN, CallSite
from edgeday.hosting.javascript.call import Call
from edgeday.hosting.javascript.frames import Message
from edgeday.hosting.javascript.isolate import Isolate
from edgeday.hosting.javascript.isolates import Engine, IsolateLost
from edgeday.hosting.javascript.stacks import Stacks
from edgeday.hosting.javascript.turn_thread import TurnThread


class RealTimeIsolate(Isolate):
    """The same isolate for an event loop that has other things to do.

    take: starts its engine, or raises IsolateLost; called in its thread. It ends with `retire`.
    """

    sends_lines = True
    """Where an operation was asked for comes with it: asking for that later would take a turn of its own."""

    def __init__(self, take: Callable[[], Engine], variables: dict[str, Any], stacks: Stacks) -> None:
        super().__init__(None, variables, stacks)
        self._take_engine = take
        self._thread = TurnThread()
        weakref.finalize(self, self._thread.end)
        self._runner: asyncio.Task[None] | None = None
        self._is_retired = False
        self._is_lost = False

    @property
    def is_open(self) -> bool:
        """Whether it can answer another request."""
        return not self._is_lost

    def retire(self, *, at_once: bool = False) -> None:
        """End its process once its invocations are over, or at once."""
        self._is_retired = True
        if at_once and self._engine is not None:
            self._engine.process.close()
        self._end_if_idle()

    # turns

    def _drive(self) -> None:
        self._runs = True
        self._runner = asyncio.Task(
            self._go_on(), loop=asyncio.get_running_loop(), context=Context(), name="edgeday turns"
        )

    async def _go_on(self) -> None:
        try:
            while True:
                while self._work:
                    call, step = self._work.popleft()
                    if isinstance(step, dict):
                        await self._turn_of(call, step)
                    else:
                        step()
                waiting = self._waiting()
                for call in waiting:
                    await self._turn_of(call, {"t": "nop"})
                if not waiting:
                    break
                self._give_up(waiting)
        except Exception as error:  # edgeday's own: nobody is to wait for what does not come
            self._work.clear()
            for call in list(self._calls.values()):
                call.fail(error)
                self._close(call)
        finally:
            self._runs = False

    async def _turn_of(self, call: Call, message: Message) -> None:
        """Deliver a message in the thread, and note what the turn asks for."""
        if not self._has(call):  # it was cut off meanwhile
            return
        self._address(call, message)
        number = call.invocation.number
        try:
            asked = await self._thread.of(lambda: self._opened().turn(number, message))
        except IsolateLost as lost:
            self._is_lost = True
            self._lost(call, lost)
            self._end_if_idle()
            return
        for one in asked:
            self._take(one)

    def _opened(self) -> Engine:
        """Its engine, in the thread."""
        if self._engine is None:
            self._engine = self._take_engine()
        return self._engine

    def _line_of(self, call: Call, asked: Message) -> CallSite:
        stack = asked.get("at")
        return self._stacks.nearest(stack) if stack else UNKNOWN

    def _waits_at(self, call: Call) -> str:
        """Asking would take a turn, which the loop does not wait for."""
        return ""

    def _cut_off(self, call: Call) -> None:
        """The thread may be in a turn of the invocation: what ends it comes after that."""
        message: Message = {"t": "drop"}
        self._address(call, message)
        number = call.invocation.number
        self._thread.soon(lambda: self._dropped(number, message))
        self._close(call)

    def _dropped(self, number: int, message: Message) -> None:
        if self._engine is None:
            return
        try:
            self._engine.turn(number, message)
        except IsolateLost:
            self._is_lost = True

    def _leave(self, number: int) -> None:
        self._thread.soon(lambda: None if self._engine is None else self._engine.leave(number))
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        if (self._is_retired or self._is_lost) and not self._calls:
            self._thread.soon(self._end_process)
            self._thread.end()

    def _end_process(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine.process.close()
