"""The connections that one invocation may have open at once: six.

A storage call holds one for as long as it takes. A fetch holds one until its answer's head has arrived;
before 2026-04-09 until the answer's body had been read. In those days, where something waited for one and all
six belonged to answers that nobody was reading, the connection of the one that had arrived first was closed.
Sources: Cloudflare docs, Workers platform limits (simultaneous open connections); Cloudflare changelog
2026-04-09, relaxed simultaneous connection limiting, which also says how it was before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from edgeday.errors import PlatformError
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Response

CLOSED = "Response closed due to connection limit"


class Connections:
    """Up to `count` at once; who asks for one more waits in line. `async with connections:` holds one."""

    __slots__ = ("_count", "_free", "_unread", "_waiting")

    def __init__(self, count: int) -> None:
        self._count = count
        self._free = asyncio.Semaphore(count)
        self._waiting = 0
        self._unread: dict[_Held, None] = {}  # in the order of arrival

    async def take(self) -> None:
        """Wait until one is free, and hold it."""
        self._waiting += 1
        try:
            self._close_one()
            await self._free.acquire()
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        """Free one that is held."""
        self._free.release()

    async def __aenter__(self) -> None:
        await self.take()

    async def __aexit__(self, *raised: object) -> None:
        self.give_back()

    def keep_for(self, response: Response) -> None:
        """Hold the one that is held on until the body of a response is read; free it if there is none."""
        body = response._body
        if not body:
            self.give_back()
            return
        held = _Held(self)
        if isinstance(body, bytes):
            response._body = _ReadyBody(body, held)
        else:
            response._body = ReadableStream(_chunks(body, held), length=body.length)
        self._unread[held] = None
        self._close_one()

    def _close_one(self) -> None:
        """Close the connection of an answer that nobody reads, if all are theirs and something waits."""
        if self._waiting and len(self._unread) == self._count:
            oldest = next(iter(self._unread))
            oldest.is_closed = True
            del self._unread[oldest]
            self.give_back()

    def _begin(self, held: _Held) -> None:
        self._unread.pop(held, None)


class _Held:
    """The connection of one response. is_closed: whether it was closed before the body was read."""

    __slots__ = ("_connections", "is_closed")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.is_closed = False

    def begin(self) -> None:
        """The body begins to be read. Raises the platform's error if its connection was closed."""
        if self.is_closed:
            raise PlatformError(CLOSED)
        self._connections._begin(self)

    def end(self) -> None:
        """The body was read, or is read no further."""
        self._connections.give_back()


class _ReadyBody(ReadableStream):
    """A body that lies ready: its connection is free as soon as anybody begins to read it."""

    __slots__ = ("_held",)

    def __init__(self, body: bytes, held: _Held) -> None:
        super().__init__(body)
        self._held = held

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._open()
        async for chunk in super().__aiter__():
            yield chunk

    async def read_limited(self, limit_bytes: int | None) -> tuple[bytes, int]:
        self._open()
        return await super().read_limited(limit_bytes)

    def _open(self) -> None:
        if not self.locked:
            self._held.begin()
            self._held.end()


async def _chunks(body: ReadableStream, held: _Held) -> AsyncIterator[bytes]:
    """The chunks of a body that is made while it is read."""
    held.begin()
    try:
        async for chunk in body:
            yield chunk
    finally:
        held.end()
