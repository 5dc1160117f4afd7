"""ReadableStream as JavaScript has it: chunks of any kind, readers, `tee`, pipes; bytes for bodies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from edgeday.errors import PlatformError, PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.callbacks import invoke, settled
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.conversions import member
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.promises import promise
from edgeday.hosting.python_workers.proxies import JsException, JsProxy, lent, out_of_js, thrown
from edgeday.web.body import ReadableStream

LOCKED = "This ReadableStream is currently locked to a reader."
_NO_BYTES = "This ReadableStream did not return bytes."


class JsStream(JsProxy):
    """A ReadableStream over one of edgeday's, `_s`, or over chunks that JavaScript makes."""

    js_class = "ReadableStream"
    __slots__ = ("_cancel", "_chunks", "_reader", "_s")

    def __init__(
        self, stream: ReadableStream | None, chunks: AsyncIterator[Any] | None = None, cancel: Any = None
    ) -> None:
        self._chunks = chunks
        self._cancel = cancel
        self._reader: Reader | None = None
        self._s = ReadableStream(_bytes_of(self)) if stream is None else stream

    @property
    def locked(self) -> bool:
        """Whether somebody reads it."""
        return self._reader is not None or (self._s.locked and self._chunks is None)

    @property
    def used(self) -> bool:
        """Whether something was read of it."""
        return self._s.locked

    async def _next(self) -> Any:
        """The next chunk. Raises StopAsyncIteration after the last."""
        if self._chunks is None:
            self._chunks = _buffers(self._s)
        try:
            chunk = await anext(self._chunks)
        except PlatformError as error:
            raise thrown(error) from error
        finally:
            self._s.locked = True
        return chunk

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._each()

    async def _each(self) -> AsyncIterator[Any]:
        reader = self.getReader()
        try:
            while True:
                try:
                    yield out_of_js(await self._next())
                except StopAsyncIteration:
                    return
        finally:
            reader.releaseLock()

    @method(1)
    def getReader(self, options: Any) -> Reader:
        """Lock the stream to a reader. Raises TypeError if it has one."""
        mode = member(options, "mode")
        if mode is not None and mode != "byob":
            raise PlatformTypeError("mode must be undefined or 'byob' in call to getReader().")
        if self.locked:
            raise PlatformTypeError(LOCKED)
        self._reader = Reader(self, byob=mode == "byob")
        return self._reader

    @promise(1)
    async def cancel(self, reason: Any) -> None:
        """Nobody reads the rest."""
        if self.locked:
            raise PlatformTypeError(LOCKED)
        await self.give_up(reason)

    async def give_up(self, reason: Any) -> None:
        """End it here, and tell where it comes from."""
        self._s.locked = True
        self._chunks = _nothing()
        if self._cancel is not None:
            await settled(invoke(self._cancel, reason))

    def tee(self) -> JsArray:
        """Two streams that each give all of it; what one has read waits for the other."""
        reader = self.getReader()
        if self._chunks is None:
            self._chunks = _buffers(ReadableStream(self._s._source))
        self._s.locked = True
        waiting: tuple[list[Any], list[Any]] = ([], [])

        async def branch(own: list[Any]) -> AsyncIterator[Any]:
            while True:
                if not own:
                    try:
                        chunk = await reader.stream._next()
                    except StopAsyncIteration:
                        return
                    for queue in waiting:
                        queue.append(chunk)
                yield own.pop(0)

        return JsArray([JsStream(None, branch(own)) for own in waiting])

    @promise(2)
    async def pipeTo(self, writable: Any, _options: Any) -> None:
        """Write everything to a WritableStream, and close it."""
        await self._pipe(writable)

    async def _pipe(self, writable: Any) -> None:
        writer, reader = writable.getWriter(), self.getReader()
        try:
            while True:
                try:
                    chunk = await self._next()
                except StopAsyncIteration:
                    break
                await writer.put(chunk)
            await writer.close()
        except Exception as error:
            await writer.abort(error)
            raise
        finally:
            reader.releaseLock()
            writer.releaseLock()

    @method(2)
    def pipeThrough(self, pair: Any, _options: Any) -> Any:
        """Write everything to a transform; gives what comes out of it."""
        readable, writable = member(pair, "readable"), member(pair, "writable")
        writing = self.pipeTo(writable)
        if not writing.done():
            writing.add_done_callback(lambda done: done.exception())  # the reader meets the error
        return readable


async def _nothing() -> AsyncIterator[Any]:
    return
    yield


async def _buffers(stream: ReadableStream) -> AsyncIterator[JsBuffer]:
    async for chunk in stream:
        yield JsBuffer(bytearray(chunk))


async def _bytes_of(stream: JsStream) -> AsyncIterator[bytes]:
    """The chunks of a stream that JavaScript makes, for a body. Raises TypeError for what is no bytes."""
    while True:
        try:
            chunk = await stream._next()
        except StopAsyncIteration:
            return
        if not isinstance(chunk, JsBuffer):
            raise PlatformTypeError(_NO_BYTES)
        yield bytes(chunk._bytes)


class Reader(JsProxy):
    """A ReadableStreamDefaultReader, or a BYOB one, which reads into a view that it is given."""

    js_class = "ReadableStreamDefaultReader"
    __slots__ = ("_byob", "_left", "_released", "stream")

    def __init__(self, stream: JsStream, *, byob: bool = False) -> None:
        self.stream = stream
        self._byob = byob
        self._left = b""
        self._released = False

    @promise(1)
    async def read(self, view: Any) -> JsObject:
        """`{value, done}`. Raises TypeError once the lock is released."""
        if self._released:
            raise PlatformTypeError("This ReadableStream reader has been released.")
        if not self._byob or not isinstance(view, JsBuffer):
            try:
                return JsObject({"value": await self.stream._next(), "done": False})
            except StopAsyncIteration:
                return JsObject({"value": None, "done": True})
        if not self._left:
            try:
                chunk = await self.stream._next()
            except StopAsyncIteration:
                return JsObject({"value": JsBuffer(bytearray(), view._kind), "done": True})
            self._left = bytes(chunk._bytes)
        size = min(len(self._left), len(view._bytes))
        part, self._left = self._left[:size], self._left[size:]
        return JsObject({"value": JsBuffer(bytearray(part), view._kind), "done": False})

    @promise(1)
    async def cancel(self, reason: Any) -> None:
        """Nobody reads the rest."""
        await self.stream.give_up(reason)

    def releaseLock(self) -> None:
        """Let somebody else read."""
        self._released = True
        if self.stream._reader is self:
            self.stream._reader = None


class _Controller(JsProxy):
    """What the functions of an underlying source are given."""

    js_class = "ReadableStreamDefaultController"
    __slots__ = ("_chunks", "_closed", "_error")

    def __init__(self) -> None:
        self._chunks: list[Any] = []
        self._closed = False
        self._error: Exception | None = None

    @property
    def desiredSize(self) -> int:
        """How many chunks are wanted."""
        return 0 if self._closed else 1 - len(self._chunks)

    def enqueue(self, chunk: Any = None, *_: Any) -> None:
        """Give the stream a chunk."""
        if not self._closed:
            self._chunks.append(lent(chunk))

    def close(self) -> None:
        """That was everything."""
        self._closed = True

    def terminate(self) -> None:
        """`close`, of a transform."""
        self._closed = True

    def error(self, reason: Any = None) -> None:
        """Reading fails with this reason."""
        self._closed = True
        self._error = as_error(reason)


def as_error(reason: Any) -> Exception:
    """What is raised for a reason that may be anything."""
    reason = out_of_js(reason)
    if isinstance(reason, Exception):
        return reason
    return JsException("Error", "undefined" if reason is None else str(reason))


def new_stream(source: Any, _strategy: Any = None) -> JsStream:
    """`new ReadableStream(source)`: `start` is called at once, `pull` whenever there is nothing to read."""
    start, pull, cancel = (member(source, name) for name in ("start", "pull", "cancel"))
    controller = _Controller()
    started: Any = None
    if start is not None:
        started = invoke(start, controller)

    async def produce() -> AsyncIterator[Any]:
        await settled(started)
        while True:
            while controller._chunks:
                yield controller._chunks.pop(0)
            if controller._error is not None:
                raise controller._error
            if controller._closed:
                return
            if pull is None:
                raise PlatformError("The script will never generate a response.")
            await settled(invoke(pull, controller))

    return JsStream(None, produce(), cancel)


async def _iterated(items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


def stream_from(items: Any) -> JsStream:
    """`ReadableStream.from(iterable)`."""
    from edgeday.hosting.python_workers.conversions import elements

    return JsStream(None, _iterated(elements(items)))
