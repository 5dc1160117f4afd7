"""Bodies: bytes at rest, and streams that can be read once."""

from __future__ import annotations

import builtins
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from edgeday.errors import PlatformTypeError
from edgeday.web import multipart
from edgeday.web.forms import Blob, FormData
from edgeday.web.headers import Headers
from edgeday.web.javascript import to_string
from edgeday.web.json_text import parse_or_syntax_error
from edgeday.web.text import decode_text, utf8

BODY_USED = (
    "Body has already been used. It can only be used once. Use tee() first if you need to read it twice."
)
_CHUNK_BYTES = 64 * 1024


class ReadableStream:
    """A stream of bytes that is read once: `async for chunk in stream`.

    source: bytes, or an iterable or async iterable of bytes. length: total bytes if known, else None.
    """

    __slots__ = ("_source", "length", "locked")

    def __init__(
        self,
        source: bytes | memoryview | Iterable[bytes] | AsyncIterable[bytes],
        *,
        length: int | None = None,
    ) -> None:
        self._source = source
        self.length = len(source) if isinstance(source, bytes) and length is None else length
        self.locked = False

    @property
    def is_made_by_code(self) -> bool:
        """Whether its bytes do not lie ready: reading them runs the code that makes them."""
        return not isinstance(self._source, (bytes, memoryview))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self.locked:
            raise PlatformTypeError("This ReadableStream is currently locked to a reader.")
        self.locked = True
        source = self._source
        if isinstance(source, (bytes, memoryview)):
            view = memoryview(source)
            for start in range(0, len(view), _CHUNK_BYTES):
                yield bytes(view[start : start + _CHUNK_BYTES])
        elif isinstance(source, AsyncIterable):
            async for chunk in source:
                yield bytes(chunk)
        else:
            for chunk in source:
                yield bytes(chunk)

    async def read_all(self) -> bytes:
        """Everything that is left, as one bytes object; the stream is used afterwards."""
        data, _ = await self.read_limited(None)
        return data

    async def read_limited(self, limit_bytes: int | None) -> tuple[bytes, int]:
        """Everything that is left, and its length; one copy is held at a time.

        A stream of more than `limit_bytes` is read to its end for its length, but not kept: the bytes
        are b"" then.
        """
        if isinstance(self._source, bytes) and not self.locked:
            self.locked = True
            return self._source, len(self._source)
        kept: BytesIO | None = BytesIO()
        size = 0
        async for chunk in self:
            size += len(chunk)
            if limit_bytes is not None and size > limit_bytes:
                kept = None
            elif kept is not None:
                kept.write(chunk)
        return b"" if kept is None else kept.getvalue(), size


BodyInit = (
    str | bytes | bytearray | memoryview | ReadableStream | Blob | FormData | float | dict[str, Any] | None
)
TEXTUAL = (str, int, float, dict)
"""Types of bodies that are text, or become text as JavaScript makes a string of them."""


TEXT = "text/plain;charset=UTF-8"
"""The content type of a body that is text."""


def with_content_type(body: Any, headers: Headers) -> Any:
    """A body that is neither None nor bytes, with forms and blobs as bytes; its type is set in the headers.

    Headers that name a type keep it.
    """
    kind: str | None = None
    if isinstance(body, TEXTUAL):
        kind = TEXT
    elif isinstance(body, FormData):
        body, kind = multipart.encode(body.fields())
    elif isinstance(body, Blob):
        body, kind = body._data, body.content_type
    if kind and "content-type" not in headers:
        headers["Content-Type"] = kind
    return body


class Body:
    """What Request and Response share: a body that can be read once, as text, JSON, bytes or a form."""

    if TYPE_CHECKING:

        @property
        def headers(self) -> Headers: ...

    __slots__ = ("_body", "_stream_view", "body_used")

    def __init__(self, body: BodyInit) -> None:
        self._body: bytes | ReadableStream | None
        if isinstance(body, bytes) or body is None:
            self._body = body
        elif isinstance(body, str):
            self._body = utf8(body)
        elif isinstance(body, ReadableStream):
            self._body = body
        elif isinstance(body, (bytearray, memoryview)):
            self._body = bytes(body)
        elif isinstance(body, TEXTUAL):
            self._body = utf8(to_string(body))
        else:
            raise PlatformTypeError(
                f"a body is str, bytes, a ReadableStream or None, not {type(body).__name__}"
            )
        self.body_used = False
        self._stream_view: ReadableStream | None = None

    @property
    def body(self) -> ReadableStream | None:
        """The body as a stream, or None if there is none."""
        if self._body is None:
            return None
        if isinstance(self._body, ReadableStream):
            return self._body
        if self._stream_view is None:
            self._stream_view = ReadableStream(self._body)
        return self._stream_view

    @property
    def bodyUsed(self) -> bool:
        """JavaScript's spelling of `body_used`."""
        return self.body_used

    def take_body(self) -> bytes | ReadableStream | None:
        """Hand the body over and mark it as used. Raises TypeError if it was used before."""
        if type(self._body) is bytes and not self.body_used and self._stream_view is None:
            self.body_used = True
            return self._body
        if self.body_used or (self._stream_view is not None and self._stream_view.locked):
            raise PlatformTypeError(BODY_USED)
        if self._body is None:
            return None
        if isinstance(self._body, ReadableStream) and self._body.locked:
            raise PlatformTypeError(BODY_USED)
        self.body_used = True
        return self._body

    async def bytes(self) -> builtins.bytes:
        """The whole body; b"" if there is none. Raises TypeError if it was used before."""
        taken = self.take_body()
        return taken if isinstance(taken, bytes) else await _all(taken)

    async def arrayBuffer(self) -> builtins.bytes:
        """JavaScript's name for `bytes`."""
        return await self.bytes()

    async def buffer(self) -> builtins.bytes:
        """The Python Workers SDK's name for `arrayBuffer`."""
        return await self.bytes()

    async def blob(self) -> Blob:
        """The body with its content type. Raises TypeError if it was used before."""
        return Blob(await self.bytes(), self.headers.get("content-type", ""))

    async def form_data(self) -> FormData:
        """The fields of a body that is a form, multipart or URL-encoded; TypeError for another."""
        return FormData(multipart.decode(await self.bytes(), self.headers.get("content-type", "")))

    formData = form_data

    async def text(self) -> str:
        """The body decoded as UTF-8; malformed bytes become U+FFFD, a leading byte order mark is dropped."""
        return decode_text(await self.bytes())

    async def json(self) -> Any:
        """The body parsed as JSON. Raises SyntaxError (the platform's) if it is not JSON."""
        taken = self.take_body()
        return parse_or_syntax_error(taken if isinstance(taken, bytes) else await _all(taken))


def shared_body(message: Body) -> bytes | ReadableStream | None:
    """The body of a message for a second reader; streams are split in two."""
    if message.body_used or (message._stream_view is not None and message._stream_view.locked):
        raise PlatformTypeError(BODY_USED)
    body = message._body
    if not isinstance(body, ReadableStream):
        return body
    first, second = tee(body)
    message._body = first
    return second


def tee(stream: ReadableStream) -> tuple[ReadableStream, ReadableStream]:
    """Split a stream into two that each give all of it; what one has read waits for the other."""
    waiting: tuple[list[bytes], list[bytes]] = ([], [])
    source = stream.__aiter__()

    async def branch(own: list[bytes]) -> Any:
        while True:
            if not own:
                try:
                    chunk = await anext(source)
                except StopAsyncIteration:
                    return
                for queue in waiting:
                    queue.append(chunk)
            yield own.pop(0)

    return tuple(ReadableStream(branch(own), length=stream.length) for own in waiting)  # type: ignore[return-value]


async def _all(body: ReadableStream | None) -> builtins.bytes:
    return b"" if body is None else await body.read_all()
