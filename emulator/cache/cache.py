"""`Cache`: one cache of the Cache API, as worker code uses it.

A put that may not be stored resolves like any other; why goes to the event stream only.
Sources: workerd 6552d99 api/cache.c++; Cloudflare docs, Cache API; recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from emulator.cache.conditional import CONDITIONS
from emulator.cache.freshness import decide
from emulator.cache.keys import CacheKey, cache_key, check_url, is_fetchable
from emulator.cache.putting import put_rule
from emulator.cache.refusals import Refusals
from emulator.cache.stored import CHUNKED, conditional_response, encoded, whole_response
from emulator.coverage import not_implemented
from emulator.errors import PlatformTypeError, TooManySubrequests
from emulator.events import Operation
from emulator.invocation import Invocation, current_invocation
from emulator.services import Services
from emulator.storage.records import CacheEntry
from emulator.web.javascript import truthy
from emulator.web.messages import Request, Response
from emulator.web.status import reason_phrase

_NEVER_PUT = "miss: no entry (never put, deleted, or expired long ago)"


class Cache:
    """One cache of the data centre that the running invocation is in, or of `colo` outside one.

    Each put, match and delete that reaches the cache costs 1 external subrequest of the invocation; no
    call costs quota.
    """

    __slots__ = ("_colo", "_refusals", "_services", "name")

    def __init__(self, services: Services, name: str, refusals: Refusals, colo: str) -> None:
        self._services = services
        self._colo = colo
        self._refusals = refusals
        self.name = name

    async def put(self, request: Request | str, response: Response) -> None:
        """Store a response under the request's URL; its body is used up.

        Raises TypeError for a request that is not GET, a 206, `Vary: *` or a used body. Everything else
        that cannot be stored (no-store, private, Set-Cookie, a status that is not cached, more than
        512 MiB) is silently left out, and what was stored before stays.
        """
        if not isinstance(response, Response):
            raise PlatformTypeError(
                "Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'."
            )
        if response.is_error:
            raise PlatformTypeError("Cache is unable to store an error response")
        key = cache_key(request)
        if key.method != "GET":
            raise PlatformTypeError("Cannot cache response to non-GET request.")
        if response.status == 206:
            raise PlatformTypeError("Cannot cache response to a range request (206 Partial Content).")
        headers = response.headers
        authorized = isinstance(request, Request) and "authorization" in request.headers
        rule = put_rule(response.status, headers.combined(), authorized)
        if rule.varies_on_all:
            raise PlatformTypeError("Cannot cache response with 'Vary: *' header.")
        invocation = current_invocation()
        if response.status == 304:
            self._emit("put", key.key, "not-stored", "not stored: status 304", 0, invocation)
            return
        taken = response.take_body()
        self._count(invocation, "put", key.key)
        if not key.plain:
            check_url(key.url)

        limit_bytes = self._services.limits.cache_object_bytes
        known_length = True
        if taken is None:
            body, size = b"", 0
        elif isinstance(taken, bytes):
            body, size = taken, len(taken)
        else:
            known_length = taken.length is not None
            body, size = await taken.read_limited(limit_bytes)
        now = self._services.clock.now()
        lifetime_s, reason = rule.decision or decide(response.status, headers, now, authorized=authorized)
        if not key.plain and not is_fetchable(key.url):
            lifetime_s, reason = None, "not stored: no http or https URL"
        if size > limit_bytes:
            lifetime_s, reason = None, f"not stored: more than {limit_bytes} bytes"
        place = self._place(invocation)
        if lifetime_s is None:
            self._refusals.remember(place, key.key, reason)
            self._emit("put", key.key, "not-stored", reason, size, invocation)
            return
        compressed = None if taken is None else encoded(response, body)
        kept = rule.kept if compressed is None and known_length else (*rule.kept, CHUNKED)
        entry = CacheEntry(
            response.status,
            reason_phrase(response.status),  # one of the response's own is not kept (recorded)
            kept,
            body if compressed is None else compressed,
            now,
            lifetime_s,
        )
        await self._services.store.cache_put(place, key.key, entry)
        self._refusals.forget(place, key.key)
        self._emit("put", key.key, "stored", reason, size, invocation, entry.expires_at)

    async def match(
        self,
        request: Request | str,
        options: Mapping[str, Any] | None = None,
        /,
        **keywords: Any,
    ) -> Response | None:
        """Return the fresh response stored under the request's URL, or None. Never asks an origin.

        ignoreMethod: look up a request of another method as if it were GET; else it gives None.
        A request with If-None-Match or If-Modified-Since may be answered 304, one with Range 206 or 416.
        """
        ignore_method = (options is not None or keywords) and _ignore_method("match", options, keywords)
        key = cache_key(request)
        invocation = current_invocation()
        if key.method != "GET" and not ignore_method:
            reason = f"miss: method {key.method} without ignoreMethod"
            self._emit("match", key.key, "miss", reason, 0, invocation)
            return None
        self._reach("match", key, invocation)
        place = self._place(invocation)
        entry = await self._services.store.cache_get(place, key.key)
        now = self._services.clock.now()
        if entry is None or now >= entry.expires_at:
            self._emit("match", key.key, "miss", self._why_missed(place, key.key, entry, now), 0, invocation)
            return None
        if isinstance(request, Request) and any(name in request.headers for name in CONDITIONS):
            response, decided = conditional_response(request, entry)
            self._emit("match", key.key, "hit", decided.reason, len(entry.body), invocation)
            return response
        self._emit("match", key.key, "hit", "", len(entry.body), invocation)
        return whole_response(entry)

    async def delete(
        self,
        request: Request | str,
        options: Mapping[str, Any] | None = None,
        /,
        **keywords: Any,
    ) -> bool:
        """Remove what is stored under the request's URL; True if something fresh was there.

        ignoreMethod: as for `match`; without it a request of another method gives False.
        """
        ignore_method = (options is not None or keywords) and _ignore_method("delete", options, keywords)
        key = cache_key(request)
        invocation = current_invocation()
        if key.method != "GET" and not ignore_method:
            reason = f"absent: method {key.method} without ignoreMethod"
            self._emit("delete", key.key, "absent", reason, 0, invocation)
            return False
        self._reach("delete", key, invocation)
        place = self._place(invocation)
        found = await self._services.store.cache_delete(place, key.key, self._services.clock.now())
        self._refusals.forget(place, key.key)
        self._emit("delete", key.key, "deleted" if found else "absent", "", 0, invocation)
        return found

    def add(self, *_arguments: Any) -> NoReturn:
        """Not implemented by the Workers runtime either."""
        raise not_implemented("cache.add")

    def addAll(self, *_arguments: Any) -> NoReturn:
        """Not implemented by the Workers runtime either."""
        raise not_implemented("cache.addAll")

    def matchAll(self, *_arguments: Any) -> NoReturn:
        """Not implemented by the Workers runtime either."""
        raise not_implemented("cache.matchAll")

    def keys(self, *_arguments: Any) -> NoReturn:
        """Not implemented by the Workers runtime either."""
        raise not_implemented("cache.keys")

    # the common path

    def _reach(self, op: str, key: CacheKey, invocation: Invocation | None) -> None:
        """Count the subrequest and check the URL, in the runtime's order."""
        self._count(invocation, op, key.key)
        if key.plain:
            return
        check_url(key.url)
        if not is_fetchable(key.url):
            raise PlatformTypeError(f"Fetch API cannot load: {key.url}")

    def _why_missed(self, place: str, key: str, entry: CacheEntry | None, now: float) -> str:
        refused = self._refusals.reason(place, key)
        if refused is not None:
            return f"miss: {refused}"
        if entry is None:
            return _NEVER_PUT
        if not entry.lifetime_s:
            return "miss: stored, but never fresh"
        return f"miss: expired {now - entry.expires_at:g} s ago"

    def _place(self, invocation: Invocation | None) -> str:
        return f"{self._colo if invocation is None else invocation.colo}/{self.name}"

    def _count(self, invocation: Invocation | None, op: str, key: str) -> None:
        if invocation is None:
            return
        try:
            invocation.take_external()
        except TooManySubrequests as error:
            self._emit(op, key, "refused", error.message, 0, invocation)
            raise

    def _emit(
        self,
        op: str,
        key: str,
        outcome: str,
        reason: str,
        size: int,
        invocation: Invocation | None,
        expires_at: float | None = None,
    ) -> None:
        number, route, colo = (
            (0, "", self._colo)
            if invocation is None
            else (invocation.number, invocation.route, invocation.colo)
        )
        now = self._services.clock.now()
        self._services.events.emit(
            Operation(
                now, "cache", op, self.name, key, outcome, reason, 0, size, number, route, colo, expires_at
            )
        )


def _ignore_method(op: str, options: Any, keywords: Mapping[str, Any]) -> bool:
    """The one option there is. Raises for the two that the runtime names but does not have."""
    if isinstance(options, list):  # an object without the members that matter
        options = None
    if options is not None and not isinstance(options, Mapping):
        raise PlatformTypeError(
            f"Failed to execute '{op}' on 'Cache': parameter 2 is not of type 'CacheQueryOptions'."
        )
    given = {**(options or {}), **keywords}
    for name in ("ignoreSearch", "ignoreVary"):
        if name in given:
            raise not_implemented(f"match, delete: {name}")
    return truthy(given.get("ignoreMethod"))
