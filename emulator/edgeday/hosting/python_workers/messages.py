"""Request and Response as JavaScript has them, over edgeday's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.abort import JsAbortSignal
from edgeday.hosting.python_workers.arrays import text_of
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.containers import JsObject, from_data
from edgeday.hosting.python_workers.conversions import member, plain
from edgeday.hosting.python_workers.forms import JsBlob, JsFormData
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.headers import JsHeaders, headers_of
from edgeday.hosting.python_workers.multipart import encode, parse
from edgeday.hosting.python_workers.promises import promise
from edgeday.hosting.python_workers.proxies import JsProxy, jsnull, out_of_js
from edgeday.hosting.python_workers.streams import LOCKED, JsStream
from edgeday.hosting.python_workers.urls import JsURLSearchParams
from edgeday.web.body import ReadableStream
from edgeday.web.headers import Headers
from edgeday.web.messages import Request, Response


def body_of(value: Any) -> tuple[Any, str | None]:
    """A body as edgeday takes it, and the content type that it brings."""
    if isinstance(value, str):
        return value, None
    if value is None or value is jsnull:
        return None, None
    if isinstance(value, JsBuffer):
        return bytes(value._bytes), None
    if isinstance(value, JsStream):
        if value.locked or value.used:
            raise PlatformTypeError(LOCKED if value.locked else "This ReadableStream is disturbed.")
        return value._s, None
    if isinstance(value, JsBlob):
        return value._data, value.type or None
    if isinstance(value, JsFormData):
        return encode(value)
    if isinstance(value, JsURLSearchParams):
        return value.toString(), "application/x-www-form-urlencoded;charset=UTF-8"
    return text_of(value), None


class _Message(JsProxy):
    """What Request and Response share; `_m` is edgeday's message."""

    __slots__ = ("_headers", "_m", "_stream")
    _headers: JsHeaders | None
    _m: Any
    _stream: JsStream | None

    @property
    def headers(self) -> JsHeaders:
        """The headers."""
        if self._headers is None:
            self._headers = JsHeaders(self._m.headers)
        return self._headers

    @property
    def body(self) -> Any:
        """The body as a stream, or null."""
        if self._stream is None:
            stream = self._m.body
            if stream is None:
                return out_of_js(jsnull)
            self._stream = JsStream(stream)
        return self._stream

    @property
    def bodyUsed(self) -> bool:
        """Whether the body was read."""
        message = self._m
        if message.body_used:
            return True
        view = message._stream_view
        if view is not None:
            return bool(view.locked)
        return type(message._body) is ReadableStream and message._body.locked

    def _free(self) -> Any:
        """The message, if no reader has its body. Raises TypeError if one has."""
        if self._stream is not None and self._stream._reader is not None:
            raise PlatformTypeError(LOCKED)
        return self._m

    @promise(0)
    async def text(self) -> str:
        """The body as text."""
        return await self._free().text()  # type: ignore[no-any-return]

    @promise(0)
    async def json(self) -> Any:
        """The body parsed as JSON."""
        return from_data(await self._free().json())

    @promise(0)
    async def arrayBuffer(self) -> JsBuffer:
        """The body as an ArrayBuffer."""
        return JsBuffer(await self._free().bytes(), "ArrayBuffer")

    @promise(0)
    async def bytes(self) -> JsBuffer:
        """The body as a Uint8Array."""
        return JsBuffer(await self._free().bytes())

    @promise(0)
    async def blob(self) -> JsBlob:
        """The body as a Blob."""
        return JsBlob(await self._free().bytes(), self._m.headers.get("content-type") or "")

    @promise(0)
    async def formData(self) -> JsFormData:
        """The body as a form."""
        return parse(await self._free().bytes(), self._m.headers.get("content-type") or "")

    @method(0)
    def clone(self) -> Any:
        """A copy whose body can be read apart."""
        copy = self._copied(self._free().clone())
        self._stream = None
        return copy

    def _copied(self, message: Any) -> Any:
        raise NotImplementedError


class JsRequest(_Message):
    """A Request."""

    js_class = "Request"
    __slots__ = ("_cf", "_signal", "cache")
    credentials = mode = referrer = referrerPolicy = destination = None
    integrity = ""
    keepalive = isHistoryNavigation = False
    fetcher = jsnull

    def __init__(self, message: Request, signal: JsAbortSignal | None = None) -> None:
        self._m = message
        self._headers = self._stream = None
        self.cache: str | None = None
        self._signal = signal
        self._cf: Any = None

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return self._m.method  # type: ignore[no-any-return]

    @property
    def url(self) -> str:
        """The URL."""
        return self._m.url  # type: ignore[no-any-return]

    @property
    def redirect(self) -> str:
        """ "follow" or "manual"."""
        return self._m.redirect  # type: ignore[no-any-return]

    @property
    def signal(self) -> JsAbortSignal:
        """What may abort it."""
        if self._signal is None:
            self._signal = JsAbortSignal()
        return self._signal

    @property
    def cf(self) -> Any:
        """Cloudflare's object about the request, or undefined."""
        if self._m.cf is None:
            return None
        if self._cf is None:
            self._cf = from_data(dict(self._m.cf))
        return self._cf

    def _copied(self, message: Any) -> JsRequest:
        return JsRequest(message, self._signal)


def new_request(resource: Any, init: Any = None) -> JsRequest:
    """`new Request(resource, init)`."""
    if init is jsnull:
        init = None
    source = resource if isinstance(resource, JsRequest) else init if isinstance(init, JsRequest) else None
    given: dict[str, Any] = {}
    named = member(init, "method")
    if named is not None:
        given["method"] = text_of(named)
    headers = member(init, "headers")
    body, kind = body_of(member(init, "body"))
    if headers is not None or kind:
        if headers is None and source is not None:
            headers = source.headers
        given["headers"] = headers_of(headers, field=True)
        if kind and "content-type" not in given["headers"]:
            given["headers"]["content-type"] = kind
    if body is not None:
        given["body"] = body
    cf = member(init, "cf")
    if cf is not None:
        given["cf"] = plain(cf)
    redirect = member(init, "redirect")
    if redirect is not None:
        given["redirect"] = text_of(redirect)
    signal = member(init, "signal")
    if source is not None and signal is None:
        signal = source._signal
    target = resource._free() if isinstance(resource, JsRequest) else text_of(resource)
    made = JsRequest(Request(target, **given), None if signal is jsnull else signal)
    cache = member(init, "cache")
    made.cache = None if cache is None else text_of(cache)
    return made


class JsResponse(_Message):
    """A Response."""

    js_class = "Response"
    __slots__ = ("_cf", "url")

    def __init__(self, message: Response, url: str = "") -> None:
        self._m = message
        self._headers = self._stream = None
        self.url = message.url or url
        self._cf: Any = None

    @property
    def type(self) -> str:
        """ "error" for a network error."""
        return self._m.type  # type: ignore[no-any-return]

    @property
    def redirected(self) -> bool:
        """Whether a fetch was led here by a redirect."""
        return self._m.redirected  # type: ignore[no-any-return]

    @property
    def webSocket(self) -> Any:
        """The WebSocket of a response of status 101, or null."""
        return out_of_js(jsnull) if self._m.web_socket is None else self._m.web_socket

    @property
    def status(self) -> int:
        """The status."""
        return self._m.status  # type: ignore[no-any-return]

    @property
    def statusText(self) -> str:
        """The reason phrase."""
        return self._m.status_text  # type: ignore[no-any-return]

    @property
    def ok(self) -> bool:
        """Whether the status is 200-299."""
        return self._m.ok  # type: ignore[no-any-return]

    @property
    def cf(self) -> Any:
        """What the response was made with as `cf`, or undefined."""
        return out_of_js(self._cf)

    def _copied(self, message: Any) -> JsResponse:
        return JsResponse(message, self.url)


def _reader(init: Any) -> Callable[[str], Any]:
    """What reads a member of an init object; undefined of none."""
    return init._d.get if type(init) is JsObject else partial(member, init)


def _response_init(init: Any, read: Callable[[str], Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    status = read("status")
    if status is not None:
        given["status"] = status if type(status) is int else plain(status)
    text = read("statusText")
    if text is not None and not (text == "" and isinstance(init, JsResponse)):
        given["status_text"] = text_of(text)
    encoding = read("encodeBody")
    if encoding is not None:
        given["encodeBody"] = text_of(encoding)
    headers = read("headers")
    if headers is not None:
        given["headers"] = headers_of(headers, field=True)
    return given


def new_response(body: Any, init: Any = None) -> JsResponse:
    """`new Response(body, init)`."""
    if type(body) is str and init is None:
        return JsResponse(Response(body))
    read = _reader(init)
    given = _response_init(init, read)
    socket = read("webSocket")
    if socket is not None and socket is not jsnull:
        if not isinstance(socket, JsProxy) or socket.constructor.name != "WebSocket":
            raise PlatformTypeError(
                "Incorrect type for the 'webSocket' field on 'InitializerDict': the provided value is not of "
                "type 'WebSocket'."
            )
        given["web_socket"] = socket
    data, kind = body_of(body)
    if kind:
        headers = given.setdefault("headers", Headers())
        if "content-type" not in headers:
            headers["content-type"] = kind
    made = JsResponse(Response(data, **given))
    made._cf = read("cf")
    return made


def response_json(data: Any, init: Any = None) -> JsResponse:
    """`Response.json(data, init)`."""
    given = _response_init(init, _reader(init))
    given.pop("encodeBody", None)
    return JsResponse(Response.from_json(plain(data), **given))


def response_redirect(url: Any, status: Any = None) -> JsResponse:
    """`Response.redirect(url, status)`."""
    return JsResponse(Response.redirect(text_of(url), 302 if status is None else plain(status)))


def response_error() -> JsResponse:
    """`Response.error()`."""
    return JsResponse(Response.error())


__all__ = [
    "JsRequest", "JsResponse", "body_of", "new_request", "new_response", "response_error",
    "response_json", "response_redirect", "text_of",
]  # fmt: skip
