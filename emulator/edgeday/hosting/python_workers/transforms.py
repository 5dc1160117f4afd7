"""WritableStream and TransformStream: what is written to the one comes out of the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.callbacks import invoke, settled
from edgeday.hosting.python_workers.conversions import member
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.promises import JsPromise, promise
from edgeday.hosting.python_workers.proxies import JsProxy, into_js
from edgeday.hosting.python_workers.streams import JsStream, _Controller, as_error

_WRITER_LOCK = "This WritableStream is currently locked to a writer."


class _Pipe:
    """Chunks on their way; a write is over when its chunk was taken."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[tuple[str, Any, asyncio.Future[None]]] = asyncio.Queue()

    async def read(self) -> AsyncIterator[Any]:
        while True:
            what, chunk, taken = await self.queue.get()
            if not taken.done():
                taken.set_result(None)
            if what == "close":
                return
            if what == "abort":
                raise as_error(chunk)
            yield chunk

    async def put(self, what: str, chunk: Any) -> None:
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.queue.put_nowait((what, chunk, taken))
        await taken


class _Sink:
    """The underlying sink of a WritableStream: `write`, `close`, `abort`, functions of the worker's."""

    def __init__(self, functions: Any) -> None:
        self.functions = functions
        self.controller = _Controller()
        start = member(functions, "start")
        if start is not None:
            invoke(start, self.controller)

    async def put(self, what: str, chunk: Any) -> None:
        function = member(self.functions, what)
        if function is not None:
            given = (chunk, self.controller) if what == "write" else (chunk,) if what == "abort" else ()
            await settled(invoke(function, *given))


class Writer(JsProxy):
    """A WritableStreamDefaultWriter."""

    js_class = "WritableStreamDefaultWriter"
    __slots__ = ("_stream",)
    desiredSize = 1

    def __init__(self, stream: JsWritable) -> None:
        self._stream: JsWritable | None = stream

    def _sink(self) -> Any:
        if self._stream is None:
            raise PlatformTypeError("This WritableStream writer has been released.")
        return self._stream._sink

    async def put(self, chunk: Any) -> None:
        """Write a chunk that is JavaScript's already."""
        await self._sink().put("write", chunk)

    @promise(1)
    async def write(self, chunk: Any) -> None:
        """Write a chunk; settled once it was taken."""
        await self.put(chunk)

    @promise(0)
    async def close(self) -> None:
        """That was everything."""
        await self._sink().put("close", None)

    @promise(1)
    async def abort(self, reason: Any) -> None:
        """Reading fails with this reason."""
        await self._sink().put("abort", reason)

    @property
    def ready(self) -> JsPromise:
        """A promise that a chunk is wanted: always."""
        return JsPromise(settled(None))

    def releaseLock(self) -> None:
        """Let somebody else write."""
        if self._stream is not None:
            self._stream._writer = None
            self._stream = None


class JsWritable(JsProxy):
    """A WritableStream over functions of the worker's, or one end of a transform."""

    js_class = "WritableStream"
    __slots__ = ("_sink", "_writer")

    def __init__(self, sink: Any) -> None:
        self._sink = sink
        self._writer: Writer | None = None

    @property
    def locked(self) -> bool:
        """Whether somebody writes."""
        return self._writer is not None

    @method(0)
    def getWriter(self) -> Writer:
        """Lock the stream to a writer. Raises TypeError if it has one."""
        if self._writer is not None:
            raise PlatformTypeError(_WRITER_LOCK)
        self._writer = Writer(self)
        return self._writer

    @promise(0)
    async def close(self) -> None:
        """That was everything."""
        await self._sink.put("close", None)

    @promise(1)
    async def abort(self, reason: Any) -> None:
        """Reading fails with this reason."""
        await self._sink.put("abort", reason)


def new_writable(sink: Any, _strategy: Any = None) -> JsWritable:
    """`new WritableStream(sink)`."""
    return JsWritable(_Sink(sink))


class JsTransformStream(JsProxy):
    """A TransformStream; without functions of the worker's it gives what is written to it."""

    js_class = "TransformStream"
    __slots__ = ("readable", "writable")

    def __init__(self, transformer: Any = None, *_: Any) -> None:
        pipe = _Pipe()
        chunks = pipe.read() if member(transformer, "transform") is None else _transformed(pipe, transformer)
        self.readable = JsStream(None, chunks)
        self.writable = JsWritable(pipe)


async def _transformed(pipe: _Pipe, transformer: Any) -> AsyncIterator[Any]:
    controller = _Controller()
    for name in ("start", "transform", "flush"):
        function = member(transformer, name)
        if name == "transform":
            async for chunk in pipe.read():
                await settled(invoke(function, chunk, controller))
                for made in _drained(controller):
                    yield made
                if controller._closed:
                    break
        elif function is not None:
            await settled(invoke(function, controller))
        for made in _drained(controller):
            yield made
    if controller._error is not None:
        raise controller._error


def _drained(controller: _Controller) -> list[Any]:
    chunks, controller._chunks = controller._chunks, []
    return chunks


class _BytesOnly(_Pipe):
    """The pipe of an identity transform of bytes. limit: how many bytes it takes; None: any number."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__()
        self._left = limit

    async def put(self, what: str, chunk: Any) -> None:
        if what == "write":
            if not isinstance(chunk, JsBuffer):
                raise PlatformTypeError(
                    "This TransformStream is being used as a byte stream, but received an object of "
                    "non-ArrayBuffer/ArrayBufferView type on its writable side."
                )
            if self._left is not None:
                self._left -= len(chunk._bytes)
                if self._left < 0:
                    error = PlatformTypeError("Attempt to write too many bytes through a FixedLengthStream.")
                    await super().put("abort", into_js(error))
                    raise error
        await super().put(what, chunk)


def new_identity(limit: Any = None) -> JsTransformStream:
    """`new IdentityTransformStream()`, and `new FixedLengthStream(limit)`: bytes alone."""
    made = JsTransformStream()
    pipe = _BytesOnly(None if limit is None else int(limit))
    made.readable, made.writable = JsStream(None, pipe.read()), JsWritable(pipe)
    return made
