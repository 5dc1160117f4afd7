"""`Cache`: one cache of the Cache API, as worker code uses it.

A put that may not be stored resolves like any other; why goes to the event stream only.
Sources: workerd 6552d99 api/cache.c++; Cloudflare docs, Cache API; recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

from edgeday.account import Services
from edgeday.cache.conditional import CONDITIONS
from edgeday.cache.freshness import decide
from edgeday.cache.keys import CacheKey, check_url, is_fetchable, named_entry
from edgeday.cache.miss_reasons import MissReasons
from edgeday.cache.put_rule import put_rule
from edgeday.cache.stored import CHUNKED, conditional_response, whole_response
from edgeday.clock import is_expired
from edgeday.coverage import Member, missing_method, offers
from edgeday.errors import PlatformError, PlatformTypeError, TooManySubrequests
from edgeday.events import CALL_FAILED, Cause, Operation, failed_call
from edgeday.invocation import Caller, current_caller
from edgeday.storage.records import CacheEntry
from edgeday.web.body import ReadableStream
from edgeday.web.javascript import truthy
from edgeday.web.messages import CONTROL_AND_TTL, Request, Response

_NEVER_PUT = "miss: no entry (never put, deleted, or expired long ago)"

_MISSING_OPTIONS = {
    option: Member(
        f"match, delete: {option}",
        "not implemented, because the Workers runtime has no such option",
        f"The '{option}' field on 'CacheQueryOptions' is not implemented.",
    )
    for option in ("ignoreSearch", "ignoreVary", "cacheName")
}


class Cache:
    """One cache of the data centre that the running invocation is in, or outside one of the account's own.

    Each put, match and delete that reaches the cache costs 1 external subrequest of the invocation; no
    call costs quota.
    """

    __slots__ = ("_miss_reasons", "_services", "name")

    def __init__(self, services: Services, name: str, miss_reasons: MissReasons) -> None:
        self._services = services
        self._miss_reasons = miss_reasons
        self.name = name

    @offers(
        Member("cache.put(request, response)", "what may not be stored is left out silently"),
        Member("put: encodeBody", "automatic compresses a body with Content-Encoding: gzip; no brotli"),
    )
    async def put(self, request: Request | str, response: Response) -> None:
        """Store a response under the request's URL; its body is used up.

        Raises TypeError for a request that is not GET, a 206, `Vary: *` or a used body. Everything else
        that cannot be stored (no-store, private, Set-Cookie, a status that is not cached, more than
        512 MiB, a request with cf.cacheTtl) is silently left out, and what was stored before stays.
        """
        if not isinstance(response, Response):
            raise PlatformTypeError(
                "Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'."
            )
        if response.is_error:
            raise PlatformTypeError("Cache is unable to store an error response")
        key, named = named_entry(request)
        if named is not None and named.method != "GET":
            raise self._wrong("put", key, "Cannot cache response to non-GET request.")
        if response.status == 206:
            raise self._wrong("put", key, "Cannot cache response to a range request (206 Partial Content).")
        authorized = isinstance(request, Request) and bool(request.headers.get("authorization"))
        rule = put_rule(response.status, response.headers.combined(), authorized)
        if rule.varies_on_all:
            raise self._wrong("put", key, "Cannot cache response with 'Vary: *' header.")
        caller = current_caller(self._services)
        if response.status == 304:
            self._emit(caller, "put", key, "not-stored", "not stored: status 304", cause=Cause.RULES)
            return
        taken = response.take_body()
        self._count(caller, "put", key)
        if named is not None:
            check_url(named.url)

        if isinstance(taken, bytes):
            body, size, known_length = taken, len(taken), True
        else:
            body, size, known_length = await _read(taken, self._services.limits.cache_object_bytes)
        now = self._services.clock.now()
        status = response.status
        lifetime_s, reason = rule.decision or decide(status, rule.headers, now, authorized=authorized)
        cause, refusal = self._refusal(named, size)
        if refusal:
            lifetime_s, reason = None, f"not stored: {refusal}"
        place = f"{caller.colo}/{self.name}"
        if lifetime_s is None:
            self._miss_reasons.remember(place, key, reason)
            self._emit(caller, "put", key, "not-stored", reason, size, cause=cause)
            return
        kept = rule.kept
        if rule.encoding and taken is not None and response.encodeBody == "automatic":
            if rule.encoding == "gzip" and body:  # the runtime does it by itself
                body = gzip.compress(body, compresslevel=6, mtime=0)
            known_length = False
        if not known_length:
            kept = (*kept, CHUNKED)
        entry = CacheEntry(response.status, rule.reason_phrase, kept, body, now, lifetime_s)
        await self._services.store.cache_put(place, key, entry)
        if self._miss_reasons.any:
            self._miss_reasons.forget(place, key)
        self._emit(caller, "put", key, "stored", reason, size, now + lifetime_s)

    @offers(Member("cache.match(request)", "If-None-Match, If-Modified-Since and Range are answered"))
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
        Raises TypeError for a request with cf.cacheTtl (recorded).
        """
        ignore_method = (options is not None or keywords) and _ignore_method("match", options, keywords)
        key, named = named_entry(request)
        caller = current_caller(self._services)
        if named is not None and named.method != "GET" and not ignore_method:
            reason = f"miss: method {named.method} without ignoreMethod"
            self._emit(caller, "match", key, "miss", reason, cause=Cause.RULES)
            return None
        self._reach("match", key, named, caller)
        place = f"{caller.colo}/{self.name}"
        if self._services.troubles is not None:
            trouble = self._services.troubles.of_cache("match")
            if trouble is not None:
                self._emit(caller, "match", key, "miss", f"miss: {trouble.reason}", cause=Cause.FAULT)
                return None
        entry = await self._services.store.cache_get(place, key)
        now = self._services.clock.now()
        if entry is None or is_expired(now, entry.expires_at):
            self._emit(caller, "match", key, "miss", self._why_missed(place, key, entry, now))
            return None
        if isinstance(request, Request) and any(name in request.headers for name in CONDITIONS):
            response, decided = conditional_response(request, entry)
            self._emit(caller, "match", key, "hit", decided.reason, len(entry.body))
            return response
        self._emit(caller, "match", key, "hit", "", len(entry.body))
        return whole_response(entry)

    @offers(Member("cache.delete(request)", "in this data centre only"))
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
        key, named = named_entry(request)
        caller = current_caller(self._services)
        if named is not None and named.method != "GET" and not ignore_method:
            reason = f"absent: method {named.method} without ignoreMethod"
            self._emit(caller, "delete", key, "absent", reason, cause=Cause.RULES)
            return False
        self._reach("delete", key, named, caller)
        place = f"{caller.colo}/{self.name}"
        if self._services.troubles is not None:
            trouble = self._services.troubles.of_cache("delete")
            if trouble is not None:
                outcome = "error" if trouble.error else "absent"
                reason = f"{outcome}: {trouble.reason}"
                self._emit(caller, "delete", key, outcome, reason, cause=Cause.FAULT)
                if trouble.error:
                    raise PlatformError(trouble.error)
                return False
        deleted = await self._services.store.cache_delete(place, key, self._services.clock.now())
        self._miss_reasons.forget(place, key)
        self._emit(caller, "delete", key, "deleted" if deleted else "absent")
        return deleted

    add = missing_method("Cache", "cache", "add")
    addAll = missing_method("Cache", "cache", "addAll")
    matchAll = missing_method("Cache", "cache", "matchAll")
    keys = missing_method("Cache", "cache", "keys")

    # the common path

    def _reach(self, op: str, key: str, named: CacheKey | None, caller: Caller) -> None:
        """Count the subrequest and check the URL, in the runtime's order."""
        self._count(caller, op, key)
        if named is None:
            return
        check_url(named.url)
        if named.sets_ttl:
            raise self._wrong(op, key, CONTROL_AND_TTL)
        if not is_fetchable(named.url):
            raise self._wrong(op, key, f"Fetch API cannot load: {named.url}")

    def _wrong(self, op: str, key: str, error: str) -> PlatformTypeError:
        """Report a call that the runtime refuses for what it asks for; its error."""
        current_caller(self._services).diagnose(CALL_FAILED, failed_call(f"cache {op}", key, error))
        return PlatformTypeError(error)

    def _refusal(self, named: CacheKey | None, size: int) -> tuple[Cause, str]:
        """Why a put is not stored whatever its headers say; "" if only those decide, by the RULES."""
        if named is not None and not is_fetchable(named.url):
            return Cause.RULES, "no http or https URL"
        if named is not None and named.sets_ttl:
            return Cause.RULES, "the request has cf.cacheTtl"
        limit_bytes = self._services.limits.cache_object_bytes
        if size > limit_bytes:
            return Cause.RULES, f"more than {limit_bytes} bytes"
        trouble = None if self._services.troubles is None else self._services.troubles.of_cache("put")
        return (Cause.RULES, "") if trouble is None else (Cause.FAULT, trouble.reason)

    def _why_missed(self, place: str, key: str, entry: CacheEntry | None, now: float) -> str:
        refused = self._miss_reasons.reason(place, key)
        if refused is not None:
            return f"miss: {refused}"
        if entry is None:
            return _NEVER_PUT
        if not entry.lifetime_s:
            return "miss: stored, but never fresh"
        return f"miss: expired {now - entry.expires_at:g} s ago"

    def _count(self, caller: Caller, op: str, key: str) -> None:
        try:
            caller.take_external()
        except TooManySubrequests as error:
            self._emit(caller, op, key, "refused", error.message, cause=Cause.SUBREQUESTS)
            raise

    def _emit(
        self,
        caller: Caller,
        op: str,
        key: str,
        outcome: str,
        reason: str = "",
        size: int = 0,
        expires_at: float | None = None,
        cause: Cause = Cause.NONE,
    ) -> None:
        now = self._services.clock.now()
        number, route, colo = caller.number, caller.route, caller.colo
        self._services.events.emit(
            Operation(
                now,
                "cache",
                op,
                self.name,
                key,
                outcome,
                reason,
                0,
                size,
                number,
                route,
                colo,
                expires_at,
                cause,
            )  # fmt: skip
        )


async def _read(body: ReadableStream | None, limit_bytes: int) -> tuple[bytes, int, bool]:
    """The bytes of a body (b"" beyond the limit), how many there were, and whether that was known before."""
    if body is None:
        return b"", 0, True
    data, size = await body.read_limited(limit_bytes)
    return data, size, body.length is not None


@offers(
    Member("match, delete: ignoreMethod", "a request of another method is looked up as if it were GET"),
    *_MISSING_OPTIONS.values(),
)
def _ignore_method(op: str, options: Any, keywords: Mapping[str, Any]) -> bool:
    """The one option there is. Raises for those that the runtime names but does not have."""
    if options is None or isinstance(options, list):  # an object without the members that matter
        options = {}
    elif not isinstance(options, Mapping):
        raise PlatformTypeError(
            f"Failed to execute '{op}' on 'Cache': parameter 2 is not of type 'CacheQueryOptions'."
        )
    for option, member in _MISSING_OPTIONS.items():
        if option in keywords or option in options:
            raise member.refusal()
    return truthy(keywords["ignoreMethod"] if "ignoreMethod" in keywords else options.get("ignoreMethod"))
