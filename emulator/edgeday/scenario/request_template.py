"""What one request is, wherever a scenario describes one: a part of the traffic, an entry of a mix, a step.

It may hold placeholders; `RequestTemplate` is what becomes of it once, `RequestTemplate.request` each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Self
from urllib.parse import quote

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from edgeday.errors import BadInput, PlatformTypeError, Problem
from edgeday.fields import Model, impossible
from edgeday.scenario.expectations import Expect
from edgeday.scenario.templates import NAME, Lookup, Template, as_text, fill, names_in
from edgeday.web.headers import Headers
from edgeday.web.json_text import stringify_utf8
from edgeday.web.messages import Request
from edgeday.web.url import URLError, normalize, path_of

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
"""The methods that have a short form: `get: /menu`."""
CLIENT_HEADER = "cf-connecting-ip"
"""Where a worker finds the address of its client (Cloudflare docs, "Cloudflare HTTP headers")."""
FIELDS = ("path", *METHODS, "headers", "body", "json", "host", "client", "expect")
"""The fields of a request that may hold placeholders."""
_HOST = re.compile(r"(?:https?://)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)

PATH_PATTERN = rf"^(/|\{{{NAME}\}})[!-~]*$"
"""A path, as a pattern: what begins with / or with the placeholder of a value that does."""
PathText = Annotated[str, Field(pattern=PATH_PATTERN)]
_LEADING = re.compile(rf"\{{({NAME})\}}")


def _checked_host(text: str) -> str:
    is_filled = next(names_in(text), None) is None
    if not (is_host(text) if is_filled else _HOST.fullmatch(fill(text, lambda _: "1"))):
        raise impossible(f'"{text}" is no host; write shop.example, shop.example:8080 or http://shop.example')
    return text


def is_host(text: str) -> bool:
    """Whether a text without placeholders is a host, with a scheme and a port or without."""
    if not _HOST.fullmatch(text):
        return False
    try:
        normalize(text if "://" in text else f"https://{text}")
    except URLError:
        return False
    return True


Host = Annotated[str, AfterValidator(_checked_host)]


def is_header_value(text: str) -> bool:
    """Whether a header may have a text as its value."""
    return _header_error("x", text) == ""


def _header_error(name: str, text: str) -> str:
    try:
        Headers({name: text})
    except PlatformTypeError as error:
        return str(error)
    return ""


def one_way_to_say(*others: str) -> Callable[[dict[str, Any]], None]:
    """What has editors ask for a path, in one of the ways to write it. others: fields in its place."""

    def extend(schema: dict[str, Any]) -> None:
        schema["oneOf"] = [
            {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
            for name in ("path", *METHODS, *others)
        ]

    return extend


class SharedFields(Model):
    """What several requests to the worker may have in common. Any text in it may hold placeholders."""

    headers: dict[str, str] = Field(default_factory=dict)
    host: Host | None = None
    """The host that is asked, with a scheme and a port or without; default: https and worker.example, or what
    the worker's profile says."""
    client: Annotated[str, Field(min_length=1)] | None = None
    """The address of the client: the header cf-connecting-ip."""
    expect: Expect = Field(default_factory=dict)
    """What every answer has to be: what is expected -> a value, or a comparison such as 200..299. Those that
    are not are counted, and fail the scenario unless a budget on expectations.failed allows them."""

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        for header, text in self.headers.items():
            if error := _header_error(fill(header, lambda _: "1"), fill(text, lambda _: "1")):
                raise impossible(f'no header can be "{header}: {text}": {error}', "headers", header)
            if self.client is not None and header.lower() == CLIENT_HEADER:
                raise impossible(f'"client" is the header {header} too: leave one', "client")
        return self


class RequestFields(SharedFields):
    """One request to the worker. Any text in it may hold placeholders: {name} stands for a value."""

    model_config = ConfigDict(json_schema_extra=one_way_to_say())

    method: Annotated[str, Field(pattern=r"^[A-Z]+$")] | None = None
    """The method of `path`; default: GET."""
    path: PathText | None = None
    """Path and query, such as /api/orders; what is not ASCII is written percent-encoded, values are encoded
    as encodeURIComponent does. A placeholder at its beginning stands for a path or a URL, as it is."""
    get: PathText | None = None
    """Short for `method: GET` and `path`."""
    post: PathText | None = None
    """Short for `method: POST` and `path`."""
    put: PathText | None = None
    """Short for `method: PUT` and `path`."""
    patch: PathText | None = None
    """Short for `method: PATCH` and `path`."""
    delete: PathText | None = None
    """Short for `method: DELETE` and `path`."""
    head: PathText | None = None
    """Short for `method: HEAD` and `path`."""
    options: PathText | None = None
    """Short for `method: OPTIONS` and `path`."""
    body: Any = None
    """Text is sent as it is, anything else as JSON."""
    json_: Any = Field(default=None, alias="json")
    """A JSON body, text too; a text that is one placeholder alone keeps the value's type."""

    @property
    def makes_a_request(self) -> bool:
        """Whether this has to say one request: a kind may have other ways to say what is sent."""
        return True

    @property
    def asked(self) -> tuple[str, str]:
        """Method and path, whichever way they are written."""
        for name in METHODS:
            path: str | None = getattr(self, name)
            if path is not None:
                return name.upper(), path
        return self.method or "GET", self.path or "/"

    @cached_property
    def template(self) -> RequestTemplate:
        """The request, looked through once."""
        return RequestTemplate(self)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, which is looked through anew."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("template", None)
        return copied

    @model_validator(mode="after")
    def _says_one_request(self) -> Self:
        short = [name for name in METHODS if getattr(self, name) is not None]
        if len(short) > 1:
            raise impossible(f'"{short[0]}" and "{short[1]}" are two requests: leave one', short[1])
        for name in ("method", "path"):
            if short and getattr(self, name) is not None:
                raise impossible(f'"{short[0]}" says method and path: leave "{name}" out', name)
        if self.makes_a_request and not short and self.path is None:
            raise impossible("which path? say get: /path, post: /path or path: /path")
        if self.body is not None and self.json_ is not None:
            raise impossible('"body" and "json" are two bodies: leave one', "json")
        method, _ = self.asked
        for name, body in (("body", self.body), ("json", self.json_)):
            if body is not None and method in {"GET", "HEAD"} and self.makes_a_request:
                raise impossible(f"a {method} request has no body", name)
        return self


class RequestTemplate:
    """A request of a scenario, looked through once: what it is counted as, and what each one of it is.

    fields: what the scenario says. names: of its placeholders. route: "GET /item/{item}" where the path has
    placeholders; None: its own method and path. expect: what its answer has to be.
    shared: says headers, host, client and expectations where `fields` do not.
    """

    __slots__ = (
        "_as_written",
        "_begins", "_body", "_headers", "_is_json", "_origin", "_path", "expect", "fields", "method", "names",
        "route",
    )  # fmt: skip

    def __init__(self, fields: RequestFields, shared: SharedFields | None = None) -> None:
        self.fields = fields
        self.expect = fields.expect if shared is None else {**shared.expect, **fields.expect}
        self.method, path = fields.asked
        host, client = fields.host, fields.client
        if shared is not None:
            host = shared.host if host is None else host
            client = shared.client if client is None else client
        self._is_json = fields.json_ is not None or not (fields.body is None or isinstance(fields.body, str))
        self._begins = leading_name(path)
        self._path = Template(path[len(f"{{{self._begins}}}") :] if self._begins else path, encode=encoded)
        self._headers = Template(self._headers_of(fields, shared, client), typed=False)
        self._origin = None if host is None else Template(host if "://" in host else f"https://{host}")
        body = Template(fields.body if fields.json_ is None else fields.json_, typed=self._is_json)
        self._body: Template | bytes = body
        if self._is_json and not body.names:
            self._body = stringify_utf8(body.fill(_nothing))
        parts = (self._path, self._headers, self._origin, body)
        self.names = frozenset(name for part in parts if part is not None for name in part.names)
        self.names |= frozenset((self._begins,) if self._begins else ())
        self.names |= frozenset(names_in(list(self.expect.values())))
        drawn = any(part.names for part in parts if part is not None) or self._begins
        self._as_written: tuple[str, dict[str, str], Any] | None = None
        if not drawn and self._origin is None:
            sent = self._body if isinstance(self._body, bytes) else body.fill(_nothing)
            self._as_written = (self._path.fill(_nothing), self._headers.fill(_nothing), sent)
        where = path.partition("?")[0]
        self.route = f"{self.method} {where}" if next(names_in(where), None) else None

    def _headers_of(
        self, fields: RequestFields, shared: SharedFields | None, client: str | None
    ) -> dict[str, str]:
        headers = dict(fields.headers)
        said = {name.lower() for name in headers}
        if shared is not None:
            more = {name: text for name, text in shared.headers.items() if name.lower() not in said}
            headers = {**more, **headers}
            said |= {name.lower() for name in more}
        if self._is_json and "content-type" not in said:
            headers = {"Content-Type": "application/json", **headers}
        if client is not None:
            headers[CLIENT_HEADER] = client
        return headers

    @property
    def counted_as(self) -> str:
        """What it is counted as, also where that is its own method and path."""
        return self.route or f"{self.method} {path_of(f'https://host{self.fields.asked[1]}')}"

    def request(self, origin: str, lookup: Lookup) -> Request:
        """One request. origin: scheme and host that the worker is at, where none is said. lookup: the values.

        Raises BadInput for a value that no host or header can have.
        """
        if self._as_written is not None:  # most requests: nothing of it is drawn
            path, headers, body = self._as_written
            return self._sent(origin + path, headers, body)
        if self._origin is not None:
            origin = self._origin.fill(lookup)
            if self._origin.names and not _HOST.fullmatch(origin):  # a URL of it is checked below
                raise self._unsendable(f"{origin!r} is no host")
        body = self._body
        if isinstance(body, Template):
            body = body.fill(lookup)
            if self._is_json:
                body = stringify_utf8(body)
        path, headers = self._path.fill(lookup), self._headers.fill(lookup)
        if self._begins:
            begins = as_text(lookup(self._begins))
            if not is_path(begins):
                raise self._unsendable(f"{begins!r} is neither a path, which begins with /, nor a URL")
            path = begins + path
            origin = origin if begins.startswith("/") else ""
        return self._sent(origin + path, headers, body)

    def _sent(self, url: str, headers: dict[str, str], body: Any) -> Request:
        try:
            return Request(url, method=self.method, headers=headers, body=body)
        except PlatformTypeError as error:
            wrong = next((name for name, text in headers.items() if _header_error(name, text)), None)
            raise self._unsendable(
                f"{error}" if wrong is None else f"{error} {wrong}: {headers[wrong]!r}"
            ) from None

    def _unsendable(self, why: str) -> BadInput:
        place = f"{self.method} {self.fields.asked[1]}"
        return BadInput(Problem(place, why, "look at the values that its placeholders stand for"))


def leading_name(path: str) -> str:
    """The name of the placeholder that a path begins with, "" if it begins with anything else."""
    match = _LEADING.match(path)
    return "" if match is None else match[1]


def is_path(text: str) -> bool:
    """Whether a text can be what a path begins with: a path itself, or a whole URL."""
    return text.startswith(("/", "https://", "http://"))


def _nothing(name: str) -> Any:
    raise LookupError(name)


def encoded(text: str) -> str:
    """What JavaScript's encodeURIComponent makes of a text; half of a surrogate pair becomes a question
    mark."""
    return quote(text, safe="!'()*-._~", errors="replace")
