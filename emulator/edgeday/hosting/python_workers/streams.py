"""Streams of bytes as JavaScript has them: readable, transform, their readers and writers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from edgeday.errors import PlatformError, PlatformTypeError
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.containers import JsArray, JsObject
from edgeday.hosting.python_workers.conversions import member, text_of
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.promises import promise
from edgeday.hosting.python_workers.proxies import JsProxy, invoke, settled, thrown
from edgeday.web.body import ReadableStream
from edgeday.web.messages import tee


class JsStream(JsProxy):
    """A ReadableStream."""

    js_class = "ReadableStream"
    __slots__ = ("_s",)

    def __init__(self, stream: ReadableStream) -> None:
        self._s = stream

    @property
    def locked(self) -> bool:
        """Whether somebody reads it."""
        return self._s.locked

    def __aiter__(self) -> AsyncIterator[JsBuffer]:
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[JsBuffer]:
        try:
            async for chunk in self._s:
                yield JsBuffer(chunk)
        except PlatformError as error:
            raise thrown(error) from error

    @method(1)
    def getReader(self, _options: Any) -> Reader:
        """Lock the stream to a reader."""
        return Reader(self._s)

    @promise(1)
    async def cancel(self, _reason: Any) -> None:
        """Nobody reads the rest."""
        self._s.locked = True

    def tee(self) -> JsArray:
        """Two streams that each give all of it."""
        return JsArray([JsStream(branch) for branch in tee(self._s)])

    @method(1)
    def pipeThrough(self, pair: Any) -> Any:
        """Write everything to a transform; gives what comes out of it."""
        pair._pump = asyncio.ensure_future(_pump(self._s, pair._pipe))
        return pair.readable


class Reader(JsProxy):
    """A ReadableStreamDefaultReader."""

    js_class = "ReadableStreamDefaultReader"
    __slots__ = ("_source",)

    def __init__(self, stream: ReadableStream) -> None:
        self._source = stream.__aiter__()

    @promise(0)
    async def read(self) -> JsObject:
        """`{value, done}`."""
        try:
            return JsObject({"value": JsBuffer(await anext(self._source)), "done": False})
        except StopAsyncIteration:
            return JsObject({"value": None, "done": True})

    @promise(0)
    async def cancel(self) -> None:
        """Nothing more is read."""

    def releaseLock(self) -> None:
        """The stream is read by nobody else here."""


class _Pipe:
    """An identity transform: a write is over when its chunk was taken."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Any] = asyncio.Queue()

    async def read(self) -> AsyncIterator[bytes]:
        while True:
            chunk, taken = await self.queue.get()
            if not taken.done():
                taken.set_result(None)
            if chunk is None:
                return
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk

    async def write(self, chunk: Any) -> None:
        taken = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((chunk, taken))
        await taken


async def _pump(stream: ReadableStream, pipe: _Pipe) -> None:
    async for chunk in stream:
        await pipe.write(chunk)
    await pipe.write(None)


class Writer(JsProxy):
    """A WritableStreamDefaultWriter."""

    js_class = "WritableStreamDefaultWriter"
    __slots__ = ("_pipe",)

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe

    @promise(1)
    async def write(self, chunk: Any) -> None:
        """Write bytes; settled once they were taken."""
        if type(chunk) is not JsBuffer:
            raise PlatformTypeError(
                "This TransformStream is being used as a byte stream, but received an object of "
                "non-ArrayBuffer/ArrayBufferView type on its writable side."
            )
        await self._pipe.write(bytes(chunk._bytes))

    @promise(0)
    async def close(self) -> None:
        """That was everything."""
        await self._pipe.write(None)

    @promise(1)
    async def abort(self, reason: Any) -> None:
        """Reading fails with this reason."""
        await self._pipe.write(PlatformError(text_of(reason)))

    def releaseLock(self) -> None:
        """Nobody else writes."""


class JsWritable(JsProxy):
    """A WritableStream: one end of a transform."""

    js_class = "WritableStream"
    __slots__ = ("_pipe",)

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe

    def getWriter(self) -> Writer:
        """Lock the stream to a writer."""
        return Writer(self._pipe)


class JsTransformStream(JsProxy):
    """A TransformStream that gives what is written to it."""

    js_class = "TransformStream"
    __slots__ = ("_pipe", "_pump", "readable", "writable")

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self.readable = JsStream(ReadableStream(self._pipe.read()))
        self.writable = JsWritable(self._pipe)


class _Controller(JsProxy):
    """What the functions of an underlying source are given."""

    js_class = "ReadableStreamDefaultController"
    __slots__ = ("_chunks", "_closed")

    def __init__(self) -> None:
        self._chunks: list[bytes | PlatformError] = []
        self._closed = False

    @method(1)
    def enqueue(self, chunk: Any) -> None:
        """Give the stream a chunk."""
        self._chunks.append(bytes(chunk._bytes) if type(chunk) is JsBuffer else text_of(chunk).encode())

    def close(self) -> None:
        """That was everything."""
        self._closed = True

    @method(1)
    def error(self, reason: Any) -> None:
        """Reading fails with this reason."""
        self._chunks.append(PlatformError(text_of(reason)))
        self._closed = True


def new_stream(source: Any, _strategy: Any = None) -> JsStream:
    """`new ReadableStream(source)`: `start` is called once, `pull` whenever there is nothing to read."""
    start, pull = member(source, "start"), member(source, "pull")

    async def produce() -> AsyncIterator[bytes]:
        controller = _Controller()
        if start is not None:
            await settled(invoke(start, controller))
        while True:
            while controller._chunks:
                chunk = controller._chunks.pop(0)
                if isinstance(chunk, PlatformError):
                    raise chunk
                yield chunk
            if controller._closed or pull is None:
                return
            await settled(invoke(pull, controller))

    return JsStream(ReadableStream(produce()))
