"""pyodide.http: JavaScript's responses under Pythonic names, and `pyfetch`."""

from __future__ import annotations

import builtins
import json
from typing import Any

from edgeday.hosting.python_workers.classes import CLASSES
from edgeday.hosting.python_workers.conversions import from_entries, to_js
from edgeday.hosting.python_workers.proxies import JsException


class BodyUsedError(OSError):
    """A body is read for the second time."""

    def __init__(self, *_: Any) -> None:
        super().__init__("Response body is already used")


class HttpStatusError(OSError):
    """raise_for_status met a status of 400 or above."""

    def __init__(self, status: int, status_text: str, url: str) -> None:
        self.status, self.status_text, self.url = status, status_text, url
        side = "Client" if status < 500 else "Server"
        super().__init__(f"{status} {side} Error: {status_text} for url: {url}")


class FetchResponse:
    """A response that JavaScript has."""

    def __init__(self, url: str, js_response: Any, *_abort: Any) -> None:
        self._url = url
        self.js_response = js_response

    @property
    def headers(self) -> dict[str, str]:
        """The headers, repeated ones as one."""
        return dict(self.js_response.headers)

    @property
    def body_used(self) -> bool:
        """Whether the body was read."""
        return bool(self.js_response.bodyUsed)

    @property
    def ok(self) -> bool:
        """Whether the status is 200-299."""
        return bool(self.js_response.ok)

    @property
    def redirected(self) -> bool:
        """Whether it comes from a redirect."""
        return bool(self.js_response.redirected)

    @property
    def status(self) -> int:
        """The status."""
        return int(self.js_response.status)

    @property
    def status_text(self) -> str:
        """The reason phrase."""
        return str(self.js_response.statusText)

    @property
    def type(self) -> str:
        """JavaScript's type of response."""
        return str(self.js_response.type)

    @property
    def url(self) -> str:
        """Where it comes from."""
        return str(self.js_response.url)

    def _raise_if_failed(self) -> None:
        if self.js_response.bodyUsed:
            raise BodyUsedError

    def raise_for_status(self) -> None:
        """Raise HttpStatusError for 400 and above."""
        if self.status >= 400:
            raise HttpStatusError(self.status, self.status_text, self.url)

    def clone(self) -> FetchResponse:
        """A copy whose body can be read apart."""
        self._raise_if_failed()
        return FetchResponse(self._url, self.js_response.clone())

    async def buffer(self) -> Any:
        """The body as an ArrayBuffer."""
        self._raise_if_failed()
        return await self.js_response.arrayBuffer()

    async def text(self) -> str:
        """The body as text."""
        self._raise_if_failed()
        return str(await self.js_response.text())

    string = text

    async def json(self, **keywords: Any) -> Any:
        """The body parsed as JSON; keywords as of `json.loads`."""
        self._raise_if_failed()
        return json.loads(await self.text(), **keywords)

    async def bytes(self) -> builtins.bytes:
        """The body."""
        self._raise_if_failed()
        return bytes((await self.buffer()).to_bytes())

    async def memoryview(self) -> builtins.memoryview:
        """The body."""
        self._raise_if_failed()
        return memoryview((await self.buffer()).to_bytes())


async def pyfetch(url: Any, /, *, signal: Any = None, fetcher: Any = None, **keywords: Any) -> FetchResponse:
    """Pyodide's fetch. Raises OSError where JavaScript's throws."""
    if signal is not None:
        keywords["signal"] = signal
    init = to_js(keywords, dict_converter=from_entries)
    try:
        return FetchResponse(url, await (fetcher or CLASSES["fetch"])(url, init))
    except JsException as error:
        raise OSError(error.message) from error.__cause__
