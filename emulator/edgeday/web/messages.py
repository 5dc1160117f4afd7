"""Request and Response, as a Worker has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Literal, Self, overload

from edgeday.errors import PlatformRangeError, PlatformTypeError
from edgeday.web.body import TEXT, Body, BodyInit, ReadableStream, shared_body, tee, with_content_type
from edgeday.web.headers import Headers, HeadersInit
from edgeday.web.javascript import as_int32, to_string
from edgeday.web.js_dict import with_attributes
from edgeday.web.json_text import stringify_utf8
from edgeday.web.status import NULL_BODY_STATUSES, REDIRECT_STATUSES, reason_phrase
from edgeday.web.text import well_formed
from edgeday.web.url import URLError, normalize

__all__ = ["HeaderFields", "Request", "Response", "reason_phrase", "tee"]

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

_WRONG_REDIRECT = (
    'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it '
    'does not make sense at the edge; use "manual" and check the response status code).'
)

HeaderFields = tuple[tuple[str, str], ...]


class Request(Body):
    """An HTTP request.

    url: absolute; kept in the URL Standard's form. method: text, or an `http.HTTPMethod`.
    cf: the request's `cf` object, or None; its members are attributes too.
    redirect: "follow", or "manual" for a fetch that gives the redirecting response itself.
    Raises TypeError for a URL that is not absolute, an unknown method, and a body with GET or HEAD.
    """

    __slots__ = ("cf", "headers", "method", "redirect", "url")

    url: str
    method: str
    headers: Headers
    cf: Mapping[str, Any] | None
    redirect: Literal["follow", "manual"]

    def __init__(
        self,
        url: str | Request,
        *,
        method: str | None = None,
        headers: HeadersInit | None = None,
        body: BodyInit = None,
        cf: Mapping[str, Any] | None = None,
        redirect: Literal["follow", "manual"] | None = None,
    ) -> None:
        if isinstance(url, Request):
            source = url
            url = source.url
            method = source.method if method is None else method
            headers = source.headers if headers is None else headers
            body = source.take_body() if body is None else body
            cf = source.cf if cf is None else cf
            redirect = source.redirect if redirect is None else redirect
        try:
            self.url = normalize(to_string(url))
        except URLError:
            raise PlatformTypeError(f"Invalid URL: {well_formed(to_string(url))}") from None
        named = "GET" if method is None else to_string(method)
        self.method = named.upper()
        if self.method not in _METHODS or not named.isascii():
            raise PlatformTypeError(f"Invalid HTTP method string: {named}")
        self.headers = Headers(headers)
        if body is not None and self.method in {"GET", "HEAD"}:
            raise PlatformTypeError("Request with a GET or HEAD method cannot have a body.")
        if type(body) is str:
            if "content-type" not in self.headers:
                self.headers["Content-Type"] = TEXT
        elif body is not None and type(body) is not bytes:
            body = with_content_type(body, self.headers)
        self.redirect = "follow" if redirect is None else _as_redirect(redirect)
        if cf is not None and not isinstance(cf, (Mapping, list)):
            raise PlatformTypeError(
                "Incorrect type for the 'cf' field on 'RequestInitializerDict': "
                "the provided value is not of type 'Object'."
            )
        self.cf = with_attributes(cf) if isinstance(cf, Mapping) else None
        if self.cf and isinstance(self.cf.get("cacheControl"), str) and "cacheTtl" in self.cf:
            raise PlatformTypeError(CONTROL_AND_TTL)
        super().__init__(body)

    def clone(self) -> Request:
        """A copy whose body can be read apart. Raises TypeError if the body was used."""
        copy = object.__new__(Request)
        copy.url, copy.method, copy.cf, copy.redirect = self.url, self.method, self.cf, self.redirect
        copy.headers = Headers(self.headers.fields())
        Body.__init__(copy, shared_body(self))
        return copy

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url}>"


def _as_redirect(mode: Any) -> Literal["follow", "manual"]:
    lower = to_string(mode).lower()
    if lower == "follow":
        return "follow"
    if lower == "manual":
        return "manual"
    raise PlatformTypeError(_WRONG_REDIRECT)


class _JsonOfResponse:
    """`Response.json`: of the class it makes a response, of a response it reads the body."""

    @overload
    def __get__(self, response: None, owner: type[Response]) -> Callable[..., Response]: ...
    @overload
    def __get__(self, response: Response, owner: Any = None) -> Callable[[], Coroutine[Any, Any, Any]]: ...
    def __get__(self, response: Response | None, owner: Any = None) -> Any:
        return owner.from_json if response is None else Body.json.__get__(response)


class Response(Body):
    """An HTTP response: `Response(body, status, status_text, headers)`, or by keyword.

    body: str gets `Content-Type: text/plain;charset=UTF-8` unless the headers name one.
    status: a number or an `http.HTTPStatus`; default: 200.
    web_socket: makes a response of status 101; it is kept and not used, as there are no WebSockets here.
    encodeBody: "manual" says that the body is compressed already as Content-Encoding says.
    Raises RangeError for a status outside 200-599; TypeError for malformed headers, for control characters
    in the reason phrase, and for a body of any length with a status that has none.
    """

    __slots__ = (
        "_headers", "_lazy_headers", "_status_text", "encodeBody", "is_error", "redirected", "status", "url",
        "web_socket",
    )  # fmt: skip

    def __init__(
        self,
        body: BodyInit = None,
        status: int = 200,
        status_text: str | None = None,
        headers: HeadersInit | None = None,
        web_socket: Any = None,
        *,
        encodeBody: Literal["automatic", "manual"] = "automatic",
    ) -> None:
        if encodeBody not in ("automatic", "manual"):
            as_int32(status)  # a number that is none is refused before
            raise PlatformTypeError(f"encodeBody: unexpected value: {to_string(encodeBody)}")
        self._headers: Headers | None = Headers(headers)
        if type(status) is not int or not 200 <= status <= 599 or web_socket is not None:
            status = _as_status(status, web_socket)
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
        if type(body) is str:
            if "content-type" not in self._headers:
                self._headers["Content-Type"] = TEXT
        elif body is not None and type(body) is not bytes:
            body = with_content_type(body, self._headers)
        self.url = ""
        self.redirected = False
        self.web_socket = web_socket
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
        response.url = ""
        response.redirected = False
        response.web_socket = None
        response._body = body
        response.body_used = False
        response._stream_view = None
        return response

    @classmethod
    def from_json(
        cls,
        data: Any,
        status: int = 200,
        status_text: str | None = None,
        headers: HeadersInit | None = None,
    ) -> Self:
        """JavaScript's static `Response.json(data, init)`; `Response.json(data, ...)` is the same."""
        response = cls(stringify_utf8(data), status, status_text, headers)
        if "content-type" not in response.headers:
            response.headers["Content-Type"] = "application/json"
        return response

    json = _JsonOfResponse()

    @classmethod
    def redirect(cls, url: str, status: int = 302) -> Self:
        """A redirect to an absolute URL. Raises RangeError for another status, TypeError for the URL."""
        code = as_int32(status)
        if code not in REDIRECT_STATUSES:
            raise PlatformRangeError(
                f"{code} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308."
            )
        try:
            location = normalize(to_string(url))
        except URLError:
            raise PlatformTypeError(f"Unable to parse URL: {to_string(url)}") from None
        return cls.received(code, reason_phrase(code), (("location", location),), None)

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
    def type(self) -> Literal["default", "error"]:
        """ "error" for a network error."""
        return "error" if self.is_error else "default"

    @property
    def statusText(self) -> str:
        """JavaScript's spelling of `status_text`."""
        return self.status_text

    def clone(self) -> Response:
        """A copy whose body can be read apart. Raises TypeError if the body was used, or is a WebSocket."""
        if self.web_socket is not None:
            raise PlatformTypeError("Cannot clone a response to a WebSocket handshake.")
        body = shared_body(self)
        copy = self.__class__.received(self.status, self.status_text, (), body)
        copy._headers = Headers(self.headers.fields())
        copy.encodeBody = self.encodeBody
        copy.is_error = self.is_error
        copy.url, copy.redirected = self.url, self.redirected
        return copy

    def replace_body(self, body: BodyInit) -> Response:
        """A response with another body; status, reason phrase and headers stay."""
        return Response(body, self.status, self.status_text, self.headers, self.web_socket)

    def __repr__(self) -> str:
        return f"<Response {self.status}>"


def _as_status(status: Any, web_socket: Any) -> int:
    """The status of a new response. Raises RangeError for one that it cannot have."""
    code = as_int32(status)
    if web_socket is not None:
        if code != 101:
            raise PlatformRangeError("Responses with a WebSocket must have status code 101.")
    elif not 200 <= code <= 599:
        raise PlatformRangeError(
            "Responses may only be constructed with status codes in the range 200 to 599, inclusive."
        )
    return code
