"""Request and Response as JavaScript has them, over edgeday's; and `fetch`."""

from __future__ import annotations

import asyncio
from typing import Any

from edgeday.errors import PlatformError
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.conversions import from_data, member, plain, text_of
from edgeday.hosting.python_workers.forms import JsBlob, JsFormData, encode, parse
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.headers import JsHeaders, headers_of
from edgeday.hosting.python_workers.promises import JsPromise, promise
from edgeday.hosting.python_workers.proxies import JsProxy, jsnull, thrown
from edgeday.hosting.python_workers.streams import JsStream
from edgeday.hosting.python_workers.urls import JsURLSearchParams
from edgeday.web import ambient
from edgeday.web.body import ReadableStream
from edgeday.web.headers import Headers
from edgeday.web.messages import Request, Response


def body_of(value: Any) -> tuple[Any, str | None]:
    """A body as edgeday takes it, and the content type that it brings."""
    if value is None or value is jsnull:
        return None, None
    if isinstance(value, str):
        return value, None
    if type(value) is JsBuffer:
        return bytes(value._bytes), None
    if isinstance(value, JsStream):
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
    _stream: JsStream | None

    def __init__(self, message: Any) -> None:
        self._m = message
        self._headers = self._stream = None

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
                return jsnull
            self._stream = JsStream(stream)
        return self._stream

    @property
    def bodyUsed(self) -> bool:
        """Whether the body was read."""
        if self._m.body_used:
            return True
        view = self._m._stream_view
        if view is not None:
            return bool(view.locked)
        return isinstance(self._m._body, ReadableStream) and self._m._body.locked

    @promise(0)
    async def text(self) -> str:
        """The body as text."""
        return str(await self._m.text())

    @promise(0)
    async def json(self) -> Any:
        """The body parsed as JSON."""
        return from_data(await self._m.json())

    @promise(0)
    async def arrayBuffer(self) -> JsBuffer:
        """The body as an ArrayBuffer."""
        return JsBuffer(await self._m.bytes(), "ArrayBuffer")

    @promise(0)
    async def bytes(self) -> JsBuffer:
        """The body as a Uint8Array."""
        return JsBuffer(await self._m.bytes())

    @promise(0)
    async def blob(self) -> JsBlob:
        """The body as a Blob."""
        return JsBlob(await self._m.bytes(), self._m.headers.get("content-type") or "")

    @promise(0)
    async def formData(self) -> JsFormData:
        """The body as a form."""
        return parse(await self._m.bytes(), self._m.headers.get("content-type") or "")

    @method(0)
    def clone(self) -> Any:
        """A copy whose body can be read apart."""
        copy = type(self)(self._m.clone())
        self._stream = None
        return copy


class JsRequest(_Message):
    """A Request."""

    js_class = "Request"
    __slots__ = ("_cf",)
    cache = credentials = None
    destination = integrity = referrer = referrerPolicy = ""
    keepalive = isHistoryNavigation = False
    mode = signal = None

    def __init__(self, message: Request) -> None:
        super().__init__(message)
        self._cf: Any = None

    @property
    def redirect(self) -> str:
        """ "follow" or "manual"."""
        return str(self._m.redirect)

    @property
    def method(self) -> str:
        """The method, in capitals."""
        return str(self._m.method)

    @property
    def url(self) -> str:
        """The URL."""
        return str(self._m.url)

    @property
    def cf(self) -> Any:
        """Cloudflare's object about the request, or undefined."""
        if self._m.cf is None:
            return None
        if self._cf is None:
            self._cf = from_data(dict(self._m.cf))
        return self._cf


def new_request(resource: Any, init: Any = None) -> JsRequest:
    """`new Request(resource, init)`."""
    given: dict[str, Any] = {}
    named = member(init, "method")
    if named is not None:
        given["method"] = text_of(named)
    headers = member(init, "headers")
    body, kind = body_of(member(init, "body"))
    if headers is not None or kind:
        if headers is None and isinstance(resource, JsRequest):
            headers = resource.headers
        given["headers"] = headers_of(headers)
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
    resource = resource._m if isinstance(resource, JsRequest) else text_of(resource)
    return JsRequest(Request(resource, **given))


class JsResponse(_Message):
    """A Response."""

    js_class = "Response"
    __slots__ = ("url",)
    cf = None

    def __init__(self, message: Response, url: str = "") -> None:
        super().__init__(message)
        self.url = message.url or url

    @property
    def type(self) -> str:
        """ "error" for a network error."""
        return str(self._m.type)

    @property
    def redirected(self) -> bool:
        """Whether a fetch was led here by a redirect."""
        return bool(self._m.redirected)

    @property
    def webSocket(self) -> Any:
        """The WebSocket of a response of status 101, or null."""
        return jsnull if self._m.web_socket is None else self._m.web_socket

    @property
    def status(self) -> int:
        """The status."""
        return int(self._m.status)

    @property
    def statusText(self) -> str:
        """The reason phrase."""
        return str(self._m.status_text)

    @property
    def ok(self) -> bool:
        """Whether the status is 200-299."""
        return bool(self._m.ok)


_INIT = {"status": "status", "statusText": "status_text", "encodeBody": "encodeBody"}


def _response_init(init: Any) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, keyword in _INIT.items():
        value = member(init, name)
        if value is not None:
            given[keyword] = plain(value)
    headers = member(init, "headers")
    if headers is not None:
        given["headers"] = headers_of(headers)
    return given


def new_response(body: Any, init: Any = None) -> JsResponse:
    """`new Response(body, init)`."""
    given = _response_init(init)
    socket = member(init, "webSocket")
    if socket is not None and socket is not jsnull:
        given["web_socket"] = socket
    data, kind = body_of(body)
    if kind:
        headers = given.setdefault("headers", Headers())
        if "content-type" not in headers:
            headers["content-type"] = kind
    return JsResponse(Response(data, **given))


def response_json(data: Any, init: Any = None) -> JsResponse:
    """`Response.json(data, init)`."""
    given = _response_init(init)
    given.pop("encodeBody", None)
    return JsResponse(Response.from_json(plain(data), **given))


def response_redirect(url: Any, status: Any = None) -> JsResponse:
    """`Response.redirect(url, status)`."""
    return JsResponse(Response.redirect(text_of(url), 302 if status is None else plain(status)))


def response_error() -> JsResponse:
    """`Response.error()`."""
    return JsResponse(Response.error())


async def _fetch(resource: Any, init: Any) -> JsResponse:
    request = resource if isinstance(resource, JsRequest) and init is None else new_request(resource, init)
    try:
        return JsResponse(await ambient.runtime().fetch(request._m))
    except PlatformError as error:
        raise thrown(error) from error


def js_fetch(resource: Any, init: Any = None) -> JsPromise:
    """`fetch(resource, init)`."""
    return JsPromise(asyncio.ensure_future(_fetch(resource, init)))
