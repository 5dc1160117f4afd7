"""One invocation of a JavaScript worker, as its isolate knows it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import Any

from edgeday.invocation import Invocation


class Call:
    """One invocation in an isolate. tasks: operations under way, and timers. open: the operations that were
    asked for and are not over. is_over: whether its code has come to its end."""

    __slots__ = (
        "context", "ended", "env", "invocation", "is_over", "no_retry", "open", "part", "response", "tasks",
    )  # fmt: skip

    def __init__(self, invocation: Invocation, env: Any) -> None:
        loop = asyncio.get_running_loop()
        self.invocation = invocation
        self.env = env
        self.context = contextvars.copy_context()
        self.response: asyncio.Future[Any] = loop.create_future()
        self.ended = asyncio.Event()
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.open: set[int] = set()
        self.is_over = False
        self.part: asyncio.Future[bytes | None] | None = None
        self.no_retry: Callable[[], None] | None = None

    @property
    def waits(self) -> bool:
        """Whether its response, or a part of that, is still to come."""
        return not self.response.done() or self.part is not None

    def fail(self, error: BaseException) -> None:
        """What it waits for does not come."""
        for one in (self.response, self.part):
            if one is not None and not one.done():
                one.set_exception(error)
        self.part = None
