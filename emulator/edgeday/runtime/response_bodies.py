"""A response's body that the worker's code makes while it is sent: it keeps the invocation alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from edgeday.invocation import Invocation
from edgeday.web.ambient import current_runtime
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Response


class _Sent(ReadableStream):
    """A body as its reader gets it. One that reads no further closes what makes it, at once."""

    __slots__ = ()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        made: Any = self._source
        try:
            async for chunk in super().__aiter__():
                yield chunk
        finally:
            await made.aclose()


class LiveBody:
    """The body of one response, read in the invocation that makes it.

    failed: what its code raised, or None.
    """

    def __init__(self, invocation: Invocation, stream: ReadableStream) -> None:
        self._invocation = invocation
        self._chunks: AsyncIterator[bytes] = aiter(stream)
        self._closed = asyncio.Event()
        self._stream = _Sent(self._read(), length=stream.length)
        self.failed: BaseException | None = None
        invocation.making = stream._source
        self._give_up = getattr(stream._source, "give_up", _nothing)

    @classmethod
    def of(cls, response: Response, invocation: Invocation) -> LiveBody | None:
        """Put one in the place of a response's body; None if no code makes that."""
        body = response._body
        if not isinstance(body, ReadableStream) or not body.is_made_by_code or body.locked:
            return None
        live = cls(invocation, body)
        response._body = live._stream
        return live

    @property
    def is_read(self) -> bool:
        """Whether somebody has begun to read it."""
        return self._stream.locked

    async def closed(self) -> None:
        """Wait until it was sent, or the client has hung up."""
        await self._closed.wait()

    async def hang_up(self) -> None:
        """Read it no further."""
        if not self._stream.locked:
            self._stream.locked = True
            close: Any = getattr(self._chunks, "aclose", None)
            if close is not None:
                await close()
            self._give_up()
            self._closed.set()

    async def _read(self) -> AsyncIterator[bytes]:
        try:
            while True:
                token = current_runtime.set(self._invocation)
                self._invocation.task = asyncio.current_task()
                try:
                    chunk = await anext(self._chunks)
                except StopAsyncIteration:
                    return
                except asyncio.CancelledError:
                    raise
                except BaseException as error:
                    self.failed = error
                    raise
                finally:
                    self._invocation.task = None
                    current_runtime.reset(token)
                yield chunk
        finally:
            self._invocation.making = None
            self._give_up()
            self._closed.set()


def _nothing() -> None:
    """What a source does that need not know that nobody reads it."""


async def consume(response: Response) -> None:
    """Read a response to its end, as a client does; what its body raises is the invocation's affair."""
    body = response._body
    if isinstance(body, ReadableStream) and not body.locked:
        try:
            async for _ in body:
                pass
        except Exception:
            return
