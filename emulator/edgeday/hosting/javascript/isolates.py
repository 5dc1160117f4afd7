"""Isolates of one worker in workerd: the first in a process of its own, more of them in batches."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path
from typing import Any

from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.javascript.configuration import WorkerEnv, configure
from edgeday.hosting.javascript.frames import Message, decode, encode, pieces
from edgeday.hosting.javascript.process import Process, as_edgeday, listening_addresses
from edgeday.hosting.javascript.websocket import ConnectionLost, WebSocket

_MOST_IN_A_PROCESS = 8
_MANY = 32
"""How many isolates live before edgeday looks whether some of them are garbage."""
_NO_MEMORY = "heap out of memory"
_MEMORY_THERE = "here it has what V8 takes, more than 1 GB; on Cloudflare it has 128 MB"


class IsolateLost(Exception):
    """The isolate is gone, and its process with it. said: what that wrote last, or ""."""

    def __init__(self, what: str, said: str) -> None:
        super().__init__(what)
        self.what = what
        self.said = said


class Engine:
    """One isolate: it takes a message, runs the worker's code, and gives what that asks for.

    Each invocation has a WebSocket of its own.
    """

    def __init__(self, process: Process, address: Any, limit_s: float) -> None:
        self._process = process
        self._address = address
        self._limit_s = limit_s
        self._sockets: dict[int, WebSocket] = {}

    @property
    def process(self) -> Process:
        """The process that it is in."""
        return self._process

    def turn(self, invocation: int, message: Message) -> list[Message]:
        """Deliver a message to an invocation. Raises IsolateLost."""
        if not self._process.is_open:
            raise IsolateLost("its isolate is gone: the process that it was in has ended", "")
        try:
            connection = self._sockets.get(invocation)
            if connection is None:
                with as_edgeday():
                    connection = self._sockets[invocation] = WebSocket(self._address, self._limit_s)
            is_binary, data = encode(message)
            return decode(*connection.exchange(is_binary, *(pieces(data) if is_binary else (data,))))
        except TimeoutError:
            self._process.close()
            what = f"its JavaScript does not come to an end: it ran for {self._limit_s:g} s"
            raise IsolateLost(what, "") from None
        except ConnectionLost as lost:
            said = self._process.last_words()
            if _NO_MEMORY in said:
                raise IsolateLost("its isolate ran out of memory", _MEMORY_THERE) from None
            what = f"workerd has ended in the middle of it ({lost})"
            raise IsolateLost(what, said) from None

    def leave(self, invocation: int) -> None:
        """The invocation is over."""
        connection = self._sockets.pop(invocation, None)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End the isolate; its process ends with the last of them. May come from two threads at once."""
        for connection in list(self._sockets.values()):
            connection.close()
        self._sockets.clear()


class _Batch:
    """Isolates that share a process. It ends once all of them have been used."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.free = list(process.addresses)

    def take(self, limit_s: float) -> Engine:
        return Engine(self.process, self.free.pop(0), limit_s)


class Pool:
    """New isolates of one worker with one `env`.

    The first is alone in its process, for most runs need no other; the next processes have 2, 4 and 8. Once
    that is known, a process is started before it is needed, and starts while this one works.
    """

    def __init__(self, binary: Path, bundle: Bundle, env: WorkerEnv, limit_s: float) -> None:
        self._binary = binary
        self._bundle = bundle
        self._env = env
        self._limit_s = limit_s
        self._current: _Batch | None = None
        self._next: Process | None = None
        self._copies = 1
        self._living: weakref.WeakSet[Engine] = weakref.WeakSet()
        self._many = _MANY
        self._most = _MOST_IN_A_PROCESS

    def share_no_process(self) -> None:
        """From now on, each isolate has a process of its own."""
        self._most = self._copies = 1

    def take(self) -> Engine:
        """An isolate in which nothing has run. Raises CannotStart."""
        with as_edgeday():
            self._look_for_garbage()
            if self._current is None or not self._current.free or not self._current.process.is_open:
                process, self._next = self._next, None
                if process is None or not process.is_open:
                    process = self._start()
                process.wait()
                self._current = _Batch(process)
            engine = self._current.take(self._limit_s)
            if not self._current.free:
                if self._copies > 2:
                    self._next = self._start()
                self._current = None
        self._living.add(engine)
        return engine

    def _start(self) -> Process:
        configuration = configure(self._bundle, self._env, listening_addresses(self._copies))
        self._copies = min(2 * self._copies, self._most)
        return Process(self._binary, configuration, self._limit_s)

    def _look_for_garbage(self) -> None:
        """Invocations that are over are cycles, and hold their isolates until Python looks for such."""
        if len(self._living) >= self._many:
            gc.collect()
            self._many = max(_MANY, 2 * len(self._living))
