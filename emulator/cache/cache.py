"""`Cache` and `CacheStorage`: the Cache API as worker code uses it.

A put that is silently not stored resolves like any other; the reason goes to the event stream only.
Source: facts/cloudflare.md section 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from emulator.cache.freshness import decide
from emulator.errors import PlatformTypeError, TooManySubrequests
from emulator.events import Operation
from emulator.invocation import Invocation, current_invocation
from emulator.services import Services
from emulator.storage.records import CacheEntry
from emulator.web.messages import Request, Response
from emulator.web.url import URLError, normalize


class Cache:
    """One cache of the data centre that the running invocation is in.

    Each put, match and delete that reaches the cache costs 1 external subrequest.
    """

    __slots__ = ("_services", "name")

    def __init__(self, services: Services, name: str) -> None:
        self._services = services
        self.name = name

    async def put(self, request: Request | str, response: Response) -> None:
        """Store a response under the request's URL; its body is used up.

        Raises TypeError for a request that is not GET, a 206, `Vary: *` or a used body. Everything else
        that cannot be stored (no-store, private, Set-Cookie) is silently left out.
        """
        if not isinstance(response, Response):
            raise PlatformTypeError(
                "Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'."
            )
        if response.is_error:
            raise PlatformTypeError("Cache is unable to store an error response")
        url, method = _key(request)
        if method != "GET":
            raise PlatformTypeError("Cannot cache response to non-GET request.")
        if response.status == 206:
            raise PlatformTypeError("Cannot cache response to a range request (206 Partial Content).")
        headers = response.headers
        if "*" in headers.get("vary", ""):
            raise PlatformTypeError("Cannot cache response with 'Vary: *' header.")
        if response.status == 304:
            return
        taken = response.take_body()
        invocation = current_invocation()
        self._count(invocation, "put", url)
        body = b"" if taken is None else taken if isinstance(taken, bytes) else await taken.read_all()
        now = self._services.clock.now()
        expires = headers.get("expires")
        decision = decide(
            response.status,
            headers.get("cache-control"),
            None if expires is None else _seconds_until(expires, now),
        )
        if decision.lifetime_s is None or "set-cookie" in headers:
            reason = decision.reason if decision.lifetime_s is None else "not stored: Set-Cookie"
            self._emit("put", url, "not-stored", reason, len(body), invocation)
            return
        entry = CacheEntry(
            response.status, response.status_text, tuple(headers.fields()), body, now, decision.lifetime_s
        )
        await self._services.store.cache_put(self._place(invocation), url, entry)
        self._emit("put", url, "stored", decision.reason, len(body), invocation)

    async def match(
        self,
        request: Request | str,
        options: Mapping[str, Any] | None = None,
        /,
        *,
        ignoreMethod: bool = False,
    ) -> Response | None:
        """Return the fresh response stored under the request's URL, or None. Never asks an origin."""
        ignore_method = (
            bool(options.get("ignoreMethod", ignoreMethod)) if options is not None else ignoreMethod
        )
        url, method = _key(request)
        if method != "GET" and not ignore_method:
            return None
        invocation = current_invocation()
        self._count(invocation, "match", url)
        now = self._services.clock.now()
        entry = await self._services.store.cache_get(self._place(invocation), url)
        if entry is None or now >= entry.expires_at:
            self._emit("match", url, "miss", "", 0, invocation)
            return None
        self._emit("match", url, "hit", "", len(entry.body), invocation)
        extra = (("age", str(int(now - entry.stored_at))), ("cf-cache-status", "HIT"))
        return Response.received(entry.status, entry.status_text, entry.headers + extra, entry.body)

    async def delete(
        self,
        request: Request | str,
        options: Mapping[str, Any] | None = None,
        /,
        *,
        ignoreMethod: bool = False,
    ) -> bool:
        """Remove what is stored under the request's URL; True if something fresh was there."""
        ignore_method = (
            bool(options.get("ignoreMethod", ignoreMethod)) if options is not None else ignoreMethod
        )
        url, method = _key(request)
        if method != "GET" and not ignore_method:
            return False
        invocation = current_invocation()
        self._count(invocation, "delete", url)
        found = await self._services.store.cache_delete(
            self._place(invocation), url, self._services.clock.now()
        )
        self._emit("delete", url, "deleted" if found else "absent", "", 0, invocation)
        return found

    def _place(self, invocation: Invocation | None) -> str:
        colo = "" if invocation is None else invocation.colo
        return f"{colo}/{self.name}"

    def _count(self, invocation: Invocation | None, op: str, url: str) -> None:
        if invocation is None:
            return
        try:
            invocation.take_external()
        except TooManySubrequests as error:
            self._emit(op, url, "refused", error.message, 0, invocation)
            raise

    def _emit(
        self, op: str, url: str, outcome: str, reason: str, size: int, invocation: Invocation | None
    ) -> None:
        number, route, colo = (
            (0, "", "") if invocation is None else (invocation.number, invocation.route, invocation.colo)
        )
        self._services.events.emit(
            Operation(
                self._services.clock.now(),
                "cache",
                op,
                self.name,
                url,
                outcome,
                reason,
                0,
                size,
                number,
                route,
                colo,
            )  # fmt: skip
        )


class CacheStorage:
    """The `caches` of an account: the default cache and named ones."""

    __slots__ = ("_default", "_services")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._default = Cache(services, "default")

    @property
    def default(self) -> Cache:
        return self._default

    async def open(self, name: str) -> Cache:
        """A named cache, apart from the default one. Raises TypeError if the name is too long."""
        if len(name.encode("utf-8", "replace")) > self._services.limits.cache_name_bytes:
            raise PlatformTypeError("Cache name is too long.")
        return Cache(self._services, f"named:{name}")


def _key(request: Request | str) -> tuple[str, str]:
    """URL and method of a cache key."""
    if isinstance(request, Request):
        return request.url, request.method
    try:
        return normalize(request), "GET"
    except URLError:
        raise PlatformTypeError(f"Invalid URL: {request}") from None


def _seconds_until(http_date: str, now: float) -> float:
    try:
        return parsedate_to_datetime(http_date).timestamp() - now
    except (TypeError, ValueError):
        return 0.0


def http_date(epoch_s: float) -> str:
    """An IMF-fixdate."""
    return formatdate(epoch_s, usegmt=True)
