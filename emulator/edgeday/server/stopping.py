"""Being told to stop: a first signal finishes what is open, a second one does not wait for it.

The signals are noticed even where a worker's code holds the loop's thread, and a worker that does not end is
ended with the process.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING_S = 14
"""Seconds that stopping may take in all."""
AT_ONCE_S = 1
"""The same after a second signal."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LOOK_EVERY_S = 0.1
_NOT_ENDED = b"the worker does not end: it was ended with the server\n"


class Stopping:
    """Made in the task that serves. asked: set by the first signal; a second one cancels the task."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._first = threading.Event()
        self._second = threading.Event()
        self._ended = threading.Event()

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """While the block runs, SIGINT and SIGTERM stop the server. Only in the main thread."""
        before = {name: signal.signal(name, self._signalled) for name in _SIGNALS}
        threading.Thread(target=self._see_to_the_end, name="edgeday stopping", daemon=True).start()
        try:
            yield
        finally:
            self._ended.set()
            self._first.set()
            for name, handler in before.items():
                signal.signal(name, handler)

    def _signalled(self, _number: int, _frame: FrameType | None) -> None:
        if self._first.is_set():
            self._second.set()
            if self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._first.set()
        self._loop.call_soon_threadsafe(self.asked.set)

    def _see_to_the_end(self) -> None:
        """The thread: end the process when stopping takes too long."""
        self._first.wait()
        for _ in range(round(STOPPING_S / _LOOK_EVERY_S)):
            if self._ended.wait(_LOOK_EVERY_S) or self._second.is_set():
                break
        if self._second.is_set():
            self._ended.wait(AT_ONCE_S)
        if not self._ended.is_set():
            os.write(2, _NOT_ENDED)
            os._exit(3)
