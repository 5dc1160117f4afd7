"""`KVNamespace`: a KV binding as worker code uses it.

Every call passes the runtime's checks, then the ledger, then the subrequest count, then the backend's
checks, then the store; the order and the texts are the platform's (facts/cloudflare.md sections 2, 3).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from emulator.errors import (
    KVRequestFailed,
    PlatformTypeError,
    QuotaExceeded,
    TooManySubrequests,
)
from emulator.events import Operation
from emulator.invocation import Invocation, current_invocation
from emulator.kv.validation import Refusal, as_int32, as_value, check_key, check_sizes, expiry
from emulator.ledger import Charge, Op, Spend, quota_error
from emulator.services import Services
from emulator.storage.records import KVEntry
from emulator.web.body import ReadableStream, decode_text
from emulator.web.json_text import parse, parse_or_syntax_error, stringify

_VERB = {Op.READ: "GET", Op.WRITE: "PUT", Op.DELETE: "DELETE", Op.LIST: "GET"}


class KVNamespace:
    """One binding of a KV namespace.

    Options are keywords in the platform's spelling, or a dict in their place, as in the Python Workers
    SDK. Charged to the account's daily quotas whether called inside an invocation or not; inside one,
    each call is also an internal subrequest.
    """

    __slots__ = ("_services", "binding", "namespace_id")

    def __init__(self, services: Services, binding: str, namespace_id: str) -> None:
        self._services = services
        self.binding = binding
        self.namespace_id = namespace_id

    async def get(
        self, key: str, type: str | Mapping[str, Any] | None = None, *, cacheTtl: int | None = None
    ) -> Any:
        """Return the value of a key, or None.

        type: "text" (str), "json" (Python objects), "arrayBuffer" (memoryview) or "stream".
        Costs:  1 read unit, also for a missing key and for a type that turns out to be unknown.
        Raises: QuotaExceeded once the day's reads are spent; TypeError for a bad key or type;
                SyntaxError for a value that is not JSON.
        Source: Cloudflare docs, KV read key-value pairs; facts/cloudflare.md section 2.
        """
        entry, kind = await self._read("get", key, type, cacheTtl)
        return None if entry is None else _decode(entry.value, kind)

    async def getWithMetadata(
        self, key: str, type: str | Mapping[str, Any] | None = None, *, cacheTtl: int | None = None
    ) -> dict[str, Any]:
        """Return {"value", "metadata", "cacheStatus"}; value and metadata are None for a missing key.

        Costs and errors as `get`.
        """
        entry, kind = await self._read("getWithMetadata", key, type, cacheTtl)
        if entry is None:
            return {"value": None, "metadata": None, "cacheStatus": None}
        metadata = None if entry.metadata is None else parse(entry.metadata)
        return {"value": _decode(entry.value, kind), "metadata": metadata, "cacheStatus": None}

    async def put(
        self,
        key: str,
        value: str | bytes | memoryview | ReadableStream,
        options: Mapping[str, Any] | None = None,
        *,
        expiration: int | None = None,
        expirationTtl: int | None = None,
        metadata: Any = None,
    ) -> None:
        """Replace value, metadata and expiry of a key together.

        expiration:    absolute epoch seconds, at least 60 ahead.
        expirationTtl: seconds from now, at least 60; beats expiration.
        metadata:      any JSON value, at most 1,024 bytes as text.
        Costs:  1 write unit, also if the backend refuses it afterwards (undocumented; taken so).
        Raises: QuotaExceeded once the day's writes are spent; KVRequestFailed (400, 413, and 429 for a
                second write of one key within a second); TypeError for a bad key or value.
        Source: Cloudflare docs, KV write key-value pairs; facts/cloudflare.md sections 2, 3.
        """
        if options is not None:
            expiration = options.get("expiration", expiration)
            expirationTtl = options.get("expirationTtl", expirationTtl)
            metadata = options.get("metadata", metadata)
        absolute = None if expiration is None else as_int32(expiration)
        ttl = None if expirationTtl is None else as_int32(expirationTtl)
        services = self._services
        limits = services.limits
        check_key(key, "PUT", limits.kv_key_bytes)
        metadata_text = None if metadata is None else stringify(metadata)
        body = as_value(value)
        data = body if isinstance(body, bytes) else await body.read_all()

        spend = services.ledger.spend(Op.WRITE)
        invocation = await self._enter(spend, "put", key)
        now = services.clock.now()
        expires_at = expiry(int(now), absolute, ttl, limits)
        refusal = expires_at if isinstance(expires_at, Refusal) else None
        if refusal is None and services.switches.value_sizes == "enforce":
            refusal = check_sizes(data, metadata_text, limits)
        if refusal is not None or isinstance(expires_at, Refusal):
            await self._refused_by_backend(spend, invocation, "put", key, refusal)
            return
        interval_s = (
            limits.kv_key_write_interval_ms / 1000 if services.switches.key_write_rate == "enforce" else 0.0
        )
        entry = KVEntry(data, metadata_text, expires_at, now)
        charge, stored = await services.store.kv_put(spend, self.namespace_id, key, entry, interval_s)
        self._admit(charge, invocation, "put", key)
        if not stored:
            error = KVRequestFailed("PUT", 429, "Too Many Requests")
            self._emit("put", key, "refused", error.message, 1, len(data), invocation)
            raise error
        self._emit("put", key, "stored", "", 1, len(data), invocation)

    async def delete(self, key: str) -> None:
        """Remove a key; nothing happens if it is not there.

        Costs:  1 delete unit, also for a missing key.
        Raises: QuotaExceeded once the day's deletes are spent; TypeError for a bad key.
        """
        check_key(key, "DELETE", self._services.limits.kv_key_bytes)
        spend = self._services.ledger.spend(Op.DELETE)
        invocation = await self._enter(spend, "delete", key)
        charge, found = await self._services.store.kv_delete(
            spend, self.namespace_id, key, self._services.clock.now()
        )
        self._admit(charge, invocation, "delete", key)
        self._emit("delete", key, "deleted" if found else "absent", "", 1, 0, invocation)

    async def list(
        self,
        options: Mapping[str, Any] | None = None,
        *,
        prefix: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return one page of live keys, in UTF-8 byte order.

        prefix: keep keys that start with it; at most 512 bytes. limit: keys per page, 1 to 1000 (0 and
        below count as absent). cursor: opaque, from the page before, with the same prefix.
        Returns {"keys": [{"name", "expiration"?, "metadata"?}], "list_complete", "cursor"?, "cacheStatus"}.
        Costs:  1 list unit, also for an empty page.
        Raises: QuotaExceeded once the day's lists are spent; KVRequestFailed (400) for a bad limit.
        Source: Cloudflare docs, KV list keys; facts/cloudflare.md section 2.
        """
        if options is not None:
            prefix = options.get("prefix", prefix)
            limit = options.get("limit", limit)
            cursor = options.get("cursor", cursor)
        count = 0 if limit is None else as_int32(limit)
        prefix = "" if prefix is None else prefix
        limits = self._services.limits
        spend = self._services.ledger.spend(Op.LIST)
        invocation = await self._enter(spend, "list", prefix)
        refusal = None
        if count > limits.kv_list_keys:
            refusal = Refusal(
                400,
                f"Invalid key_count_limit of {count}. "
                f"Please specify an integer less than {limits.kv_list_keys}.",
            )
        elif (size := len(prefix.encode("utf-8", "replace"))) > limits.kv_key_bytes:
            refusal = Refusal(
                414, f"UTF-8 encoded length of {size} exceeds key length limit of {limits.kv_key_bytes}."
            )
        if refusal is not None:
            await self._refused_by_backend(spend, invocation, "list", prefix, refusal)
        charge, page = await self._services.store.kv_list(
            spend,
            self.namespace_id,
            prefix,
            _decode_cursor(cursor),
            count if count > 0 else limits.kv_list_keys,
            self._services.clock.now(),
        )
        self._admit(charge, invocation, "list", prefix)
        self._emit("list", prefix, "ok", "", 1, 0, invocation)
        keys: list[dict[str, Any]] = []
        for row in page.keys:
            shown: dict[str, Any] = {"name": row.name}
            if row.expiration is not None:
                shown["expiration"] = row.expiration
            if row.metadata is not None:
                shown["metadata"] = parse(row.metadata)
            keys.append(shown)
        result: dict[str, Any] = {"keys": keys, "list_complete": not page.more}
        if page.more:
            result["cursor"] = _encode_cursor(page.keys[-1].name)
        result["cacheStatus"] = None
        return result

    # the common path

    async def _read(
        self, op: str, key: str, type: str | Mapping[str, Any] | None, cache_ttl: int | None
    ) -> tuple[KVEntry | None, str]:
        if isinstance(type, Mapping):
            cache_ttl = type.get("cacheTtl", cache_ttl)
            type = type.get("type")
        ttl = None if cache_ttl is None else as_int32(cache_ttl)
        kind = "text" if type is None else str(type)
        services = self._services
        check_key(key, "GET", services.limits.kv_key_bytes)
        spend = services.ledger.spend(Op.READ)
        invocation = await self._enter(spend, op, key)
        if ttl is not None and ttl < services.limits.kv_min_cache_ttl_s:
            least = services.limits.kv_min_cache_ttl_s
            refusal = Refusal(400, f"Invalid cache_ttl of {ttl}. Cache TTL must be at least {least}.")
            await self._refused_by_backend(spend, invocation, op, key, refusal)
        charge, entries = await services.store.kv_get(spend, self.namespace_id, (key,), services.clock.now())
        self._admit(charge, invocation, op, key)
        entry = entries[0]
        self._emit(
            op, key, "miss" if entry is None else "hit", "", 1, len(entry.value) if entry else 0, invocation
        )
        return entry, kind

    async def _enter(self, spend: Spend, op: str, key: str) -> Invocation | None:
        """The subrequest check, which comes after the quota's; books nothing if both allow the call."""
        invocation = current_invocation()
        if invocation is not None and invocation.internal_spent():
            if not self._services.ledger.would_accept(spend):
                self._admit(await self._services.store.charge(spend), invocation, op, key)
            try:
                invocation.take_internal()
            except TooManySubrequests as error:
                self._emit(op, key, "refused", error.message, 0, 0, invocation)
                raise
        return invocation

    def _admit(self, charge: Charge, invocation: Invocation | None, op: str, key: str) -> None:
        """After the charge: raise if the quota refused it, else count the subrequest."""
        if not charge.accepted:
            error: QuotaExceeded = quota_error(charge.op)
            self._emit(op, key, "refused", error.message, charge.units, 0, invocation)
            raise error
        if invocation is not None:
            invocation.take_internal()

    async def _refused_by_backend(
        self, spend: Spend, invocation: Invocation | None, op: str, key: str, refusal: Refusal | None
    ) -> None:
        """Charge a call that the backend then refuses, and raise its error."""
        if refusal is None:
            raise AssertionError("a refusal is needed")
        self._admit(await self._services.store.charge(spend), invocation, op, key)
        error = KVRequestFailed(_VERB[spend.op], refusal.status, refusal.reason)
        self._emit(op, key, "error", error.message, spend.units, 0, invocation)
        raise error

    def _emit(
        self,
        op: str,
        key: str,
        outcome: str,
        reason: str,
        units: int,
        size: int,
        invocation: Invocation | None,
    ) -> None:
        number, route, colo = (
            (0, "", "") if invocation is None else (invocation.number, invocation.route, invocation.colo)
        )
        self._services.events.emit(
            Operation(
                self._services.clock.now(),
                "kv",
                op,
                self.binding,
                key,
                outcome,
                reason,
                units,
                size,
                number,
                route,
                colo,
            )  # fmt: skip
        )


def _decode(value: bytes, kind: str) -> Any:
    if kind == "text":
        return decode_text(value)
    if kind == "json":
        return parse_or_syntax_error(value)
    if kind == "arrayBuffer":
        return memoryview(value)
    if kind == "stream":
        return ReadableStream(value)
    raise PlatformTypeError(
        'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".'
    )


def _encode_cursor(last: str) -> str:
    return base64.b64encode(last.encode()).decode()


def _decode_cursor(cursor: str | None) -> str:
    if not cursor:
        return ""
    try:
        return base64.b64decode(cursor).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
