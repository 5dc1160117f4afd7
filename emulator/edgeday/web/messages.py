"""Request and Response, as a Worker has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

from edgeday.errors import PlatformRangeError, PlatformTypeError
from edgeday.web.body import BODY_USED, TEXTUAL, Body, BodyInit, ReadableStream
from edgeday.web.headers import Headers, HeadersInit
from edgeday.web.javascript import as_int32, to_string
from edgeday.web.json_text import stringify_utf8
from edgeday.web.status import NULL_BODY_STATUSES, reason_phrase
from edgeday.web.url import URLError, normalize

__all__ = ["HeaderFields", "Request", "Response", "reason_phrase", "tee"]

_TEXT = "text/plain;charset=UTF-8"
_CONTROL = re.compile(r"[\x00-\x1f]")
_METHODS = frozenset(
    {
        "ACL", "BAN", "CHECKOUT", "COPY", "DELETE", "GET", "HEAD", "LOCK", "MERGE", "MKACTIVITY", "MKCOL",
        "MOVE", "MSEARCH", "NOTIFY", "OPTIONS", "PATCH", "POST", "PROPFIND", "PROPPATCH", "PURGE", "PUT",
        "QUERY", "REPORT", "SEARCH", "SUBSCRIBE", "TRACE", "UNLOCK", "UNSUBSCRIBE",
    }
)  # fmt: skip
"""Methods that the runtime knows (workerd 6552d99, by way of Cap'n Proto's HTTP library)."""

CONTROL_AND_TTL = (
    "The 'cacheControl' and 'cacheTtl' options on cf are mutually exclusive. Use 'cacheControl' for explicit "
    "Cache-Control header directives, or 'cacheTtl' for a simplified TTL, but not both."
)
"""Also the words for a cache's match and delete with cacheTtl: they set a cacheControl of their own."""

HeaderFields = tuple[tuple[str, str], ...]


class Request(Body):
    """An HTTP request.

    url: absolute; kept in the URL Standard's form. cf: the request's `cf` object, or None.
    Raises TypeError for a URL that is not absolute, an unknown method, and a body with GET or HEAD.
    """

    __slots__ = ("cf", "headers", "method", "url")

    url: str
    method: str
    headers: Headers
    cf: Mapping[str, Any] | None

    def __init__(
        self,
        url: str | Request,
        *,
        method: str | None = None,
        headers: HeadersInit | None = None,
        body: BodyInit = None,
        cf: Mapping[str, Any] | None = None,
    ) -> None:
        if isinstance(url, Request):
            source = url
            url = source.url
            method = source.method if method is None else method
            headers = source.headers if headers is None else headers
            body = source.take_body() if body is None else body
            cf = source.cf if cf is None else cf
        try:
            self.url = normalize(to_string(url))
        except URLError:
            raise PlatformTypeError(f"Invalid URL: {to_string(url)}") from None
        named = "GET" if method is None else to_string(method)
        self.method = named.upper()
        if self.method not in _METHODS or not named.isascii():
            raise PlatformTypeError(f"Invalid HTTP method string: {named}")
        self.headers = Headers(headers)
        if body is not None and self.method in {"GET", "HEAD"}:
            raise PlatformTypeError("Request with a GET or HEAD method cannot have a body.")
        if isinstance(body, TEXTUAL) and "content-type" not in self.headers:
            self.headers["Content-Type"] = _TEXT
        if cf is not None and not isinstance(cf, (Mapping, list)):
            raise PlatformTypeError(
                "Incorrect type for the 'cf' field on 'RequestInitializerDict': "
                "the provided value is not of type 'Object'."
            )
        self.cf = cf if isinstance(cf, Mapping) else None
        if self.cf and isinstance(self.cf.get("cacheControl"), str) and "cacheTtl" in self.cf:
            raise PlatformTypeError(CONTROL_AND_TTL)
        super().__init__(body)

    def clone(self) -> Request:
        """A copy whose body can be read apart. Raises TypeError if the body was used."""
        copy = object.__new__(Request)
        copy.url, copy.method, copy.cf = self.url, self.method, self.cf
        copy.headers = Headers(self.headers.fields())
        Body.__init__(copy, _shared_body(self))
        return copy

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url}>"


class Response(Body):
    """An HTTP response.

    body: str gets `Content-Type: text/plain;charset=UTF-8` unless the headers name one.
    encodeBody: "manual" says that the body is compressed already as Content-Encoding says.
    Raises RangeError for a status outside 200-599; TypeError for malformed headers, for control characters
    in the reason phrase, and for a body of any length with a status that has none.
    """

    __slots__ = ("_headers", "_lazy_headers", "_status_text", "encodeBody", "is_error", "status")

    def __init__(
        self,
        body: BodyInit = None,
        *,
        status: int = 200,
        status_text: str | None = None,
        headers: HeadersInit | None = None,
        encodeBody: Literal["automatic", "manual"] = "automatic",
    ) -> None:
        if encodeBody not in ("automatic", "manual"):
            raise PlatformTypeError(f"encodeBody: unexpected value: {to_string(encodeBody)}")
        self._headers: Headers | None = Headers(headers)
        if type(status) is not int or not 200 <= status <= 599:
            status = as_int32(status)
        if not 200 <= status <= 599:
            raise PlatformRangeError(
                "Responses may only be constructed with status codes in the range 200 to 599, inclusive."
            )
        if status_text is not None:
            status_text = to_string(status_text)
        if status_text and not status_text.isprintable() and _CONTROL.search(status_text):
            raise PlatformTypeError("Invalid statusText")
        if body is not None and status in NULL_BODY_STATUSES:
            if isinstance(body, ReadableStream) or body not in ("", b""):
                raise PlatformTypeError(
                    "Response with null body status (101, 204, 205, or 304) cannot have a body."
                )
            body = None
        self.status = status
        self._status_text = status_text
        self.encodeBody = encodeBody
        if isinstance(body, TEXTUAL) and "content-type" not in self._headers:
            self._headers["Content-Type"] = _TEXT
        self._lazy_headers: HeaderFields | Callable[[], HeaderFields] = ()
        self.is_error = False
        super().__init__(body)

    @classmethod
    def received(
        cls,
        status: int,
        status_text: str,
        headers: HeaderFields | Callable[[], HeaderFields],
        body: bytes | ReadableStream | None,
    ) -> Self:
        """A response that came from a cache or the network: any status, headers that cannot be changed.

        headers: the fields, or what gives them once they are looked at.
        """
        response = cls.__new__(cls)
        response.status = status
        response._status_text = status_text
        response._headers = None
        response._lazy_headers = headers
        response.encodeBody = "automatic"
        response.is_error = False
        response._body = body
        response.body_used = False
        response._stream_view = None
        return response

    @classmethod
    def from_json(
        cls,
        data: Any,
        *,
        status: int = 200,
        status_text: str | None = None,
        headers: HeadersInit | None = None,
    ) -> Self:
        """JavaScript's static `Response.json(data, init)`."""
        response = cls(stringify_utf8(data), status=status, status_text=status_text, headers=headers)
        if "content-type" not in response.headers:
            response.headers["Content-Type"] = "application/json"
        return response

    @classmethod
    def error(cls) -> Self:
        """JavaScript's static `Response.error()`: a network error, which no cache takes."""
        response = cls.received(0, "", (), None)
        response.is_error = True
        return response

    @property
    def headers(self) -> Headers:
        if self._headers is None:
            lazy = self._lazy_headers
            self._headers = Headers(lazy() if callable(lazy) else lazy).freeze()
        return self._headers

    @property
    def status_text(self) -> str:
        """The reason phrase: the usual one of the status unless another was given."""
        return reason_phrase(self.status) if self._status_text is None else self._status_text

    @property
    def ok(self) -> bool:
        """Whether the status is 200-299."""
        return 200 <= self.status <= 299

    @property
    def statusText(self) -> str:
        """JavaScript's spelling of `status_text`."""
        return self.status_text

    def clone(self) -> Response:
        """A copy whose body can be read apart. Raises TypeError if the body was used."""
        body = _shared_body(self)
        copy = type(self).received(self.status, self.status_text, (), body)
        copy._headers = Headers(self.headers.fields())
        copy.encodeBody = self.encodeBody
        copy.is_error = self.is_error
        return copy

    def __repr__(self) -> str:
        return f"<Response {self.status}>"


def _shared_body(message: Body) -> bytes | ReadableStream | None:
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
