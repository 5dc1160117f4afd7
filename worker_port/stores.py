"""Where log entries are kept: the Cache API or a KV namespace, behind one interface.

The two differ in how they fail: a cache swallows every error (a put answers False, a read None), a KV
namespace raises it.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol

from edgeday.web import Headers, PlatformError, Response, caches
from edgeday.web.json_text import parse_or_syntax_error, stringify_utf8
from worker_port.js import UNDEFINED, text, truthy

CACHE_TTL_S = 86_400
CACHE_ORIGIN = "https://ai-logs-cache.internal/"
OLD_CACHE_ORIGIN = "https://ai-logs.cache/"
"""Before `hybrid`; what was stored under it is invisible since."""


class Storage(Protocol):
    """A place of JSON values by key."""

    async def get(self, key: str) -> Any:
        """The value, or None."""
        ...

    async def get_list(self, key: str) -> list[Any] | None:
        """The list, or None where nothing is stored. Raises PlatformError for another value."""
        ...

    async def set(self, key: str, value: Any) -> object:
        """Replace the value."""
        ...

    async def delete(self, key: str) -> object:
        """Remove the value."""
        ...


class CacheStorage:
    """JSON in `caches.default`, each operation 1 external subrequest. Only `read` raises."""

    __slots__ = ("origin",)

    def __init__(self, origin: str = CACHE_ORIGIN) -> None:
        self.origin = origin

    async def get(self, key: str) -> Any:
        """The value; None if it is not there, is not JSON or cannot be read."""
        try:
            response = await caches.default.match(self.origin + key)
            return None if response is None else await response.json()
        except PlatformError:
            return None

    async def get_list(self, key: str) -> list[Any] | None:
        return list_or_none(await self.get(key))

    async def read(self, key: str) -> Any:
        """As `get`, but raises what keeps it from reading."""
        response = await caches.default.match(self.origin + key)
        return None if response is None else await response.json()

    def set(self, key: str, value: Any, ttl_s: Any = CACHE_TTL_S) -> Coroutine[Any, Any, bool]:
        """Store a value for `ttl_s` seconds; False if that failed."""
        return self.set_json(key, b"" if value is UNDEFINED else stringify_utf8(value), ttl_s)

    async def set_json(self, key: str, body: bytes, ttl_s: Any = CACHE_TTL_S) -> bool:
        """`set` for a value that is JSON text already."""
        headers = _HEADERS if ttl_s == CACHE_TTL_S else _headers(ttl_s)
        try:
            await caches.default.put(self.origin + key, Response(body, headers=headers))
        except PlatformError:
            return False
        return True

    async def delete(self, key: str) -> bool:
        """Whether something was removed; False also if that failed."""
        try:
            return bool(await caches.default.delete(self.origin + key))
        except PlatformError:
            return False


def _headers(ttl_s: Any) -> Headers:
    return Headers({"Content-Type": "application/json", "Cache-Control": f"public, max-age={text(ttl_s)}"})


_HEADERS = _headers(CACHE_TTL_S)


class KVStorage:
    """JSON in a KV namespace, each operation 1 unit of the day's quota; errors are raised.

    Values never expire: no put passes an expiry.
    """

    __slots__ = ("namespace",)

    def __init__(self, namespace: Any) -> None:
        self.namespace = namespace

    async def get(self, key: str) -> Any:
        """The value, or None for a missing key and for empty text. Raises SyntaxError if it is not JSON."""
        stored = await self.namespace.get(key)
        return parse_or_syntax_error(stored.encode()) if stored else None

    async def get_list(self, key: str) -> list[Any] | None:
        """The list, or None as for `get`. Raises PlatformError for another value, `null` included."""
        stored = await self.namespace.get(key)
        return as_list(parse_or_syntax_error(stored.encode())) if stored else None

    async def set(self, key: str, value: Any) -> None:
        """Replace the value. Raises what the namespace raises."""
        await self.namespace.put(key, stringify_utf8(value))

    async def delete(self, key: str) -> None:
        """Remove the value. Raises what the namespace raises."""
        await self.namespace.delete(key)


def list_or_none(value: Any) -> list[Any] | None:
    """A stored list; None for a falsy value. Raises PlatformError for others."""
    return as_list(value) if truthy(value) else None


def as_list(value: Any) -> list[Any]:
    """The value itself, if it is a list. Raises PlatformError."""
    if not isinstance(value, list):
        raise PlatformError(f"{text(value)} is not iterable")
    return value


def kv_binding(env: Any) -> Any:
    """The namespace bound as `page_content`, or None."""
    return getattr(env, "page_content", None)
