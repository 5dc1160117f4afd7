"""Isolates of one worker in workerd: the first in a process of its own, more of them in batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from edgeday.hosting.javascript.bundles import Bundle
from edgeday.hosting.javascript.configuration import WorkerEnv, configure
from edgeday.hosting.javascript.process import Process
from edgeday.hosting.javascript.websocket import WebSocket
from edgeday.web.ambient import current_runtime

_BATCH = 8
Message = dict[str, Any]


@contextmanager
def as_edgeday() -> Iterator[None]:
    """While the block runs, what is done is edgeday's own: a worker may not connect, nor start anything."""
    token = current_runtime.set(None)
    try:
        yield
    finally:
        current_runtime.reset(token)


class Engine:
    """One isolate: it takes a message, runs the worker's code, and gives what that asks for.

    Each invocation has a WebSocket of its own.
    """

    def __init__(self, process: Process, path: str, limit_s: float, batch: _Batch | None) -> None:
        self._process = process
        self._path = path
        self._limit_s = limit_s
        self._batch = batch
        self._sockets: dict[int, WebSocket] = {}

    def turn(self, invocation: int, message: Message) -> list[Message]:
        """Deliver a message to an invocation. Raises ConnectionLost, TimeoutError."""
        connection = self._sockets.get(invocation)
        if connection is None:
            with as_edgeday():
                connection = self._sockets[invocation] = WebSocket(self._path, self._limit_s)
        asked: list[Message] = orjson.loads(connection.exchange(orjson.dumps(message)))
        return asked

    def leave(self, invocation: int) -> None:
        """The invocation is over."""
        connection = self._sockets.pop(invocation, None)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """End the isolate."""
        for number in list(self._sockets):
            self.leave(number)
        batch, self._batch = self._batch, None
        if batch is not None:
            batch.gone()


class _Batch:
    """Isolates that share a process; it ends with the last of them."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.free = list(process.sockets)
        self.used = 0

    def take(self, limit_s: float) -> Engine:
        self.used += 1
        return Engine(self.process, self.free.pop(0), limit_s, self)

    def gone(self) -> None:
        self.used -= 1
        if not self.used and not self.free:
            self.process.close()


class Pool:
    """New isolates of one worker with one `env`."""

    def __init__(self, binary: Path, bundle: Bundle, env: WorkerEnv, limit_s: float) -> None:
        self._binary = binary
        self._bundle = bundle
        self._env = env
        self._limit_s = limit_s
        self._batch: _Batch | None = None
        self._copies = 1

    def take(self) -> Engine:
        """An isolate in which nothing has run. Raises CannotStart."""
        if self._batch is None or not self._batch.free:
            configuration = configure(self._bundle, self._env, self._copies)
            with as_edgeday():
                self._batch = _Batch(Process(self._binary, configuration))
            self._copies = _BATCH
        return self._batch.take(self._limit_s)
