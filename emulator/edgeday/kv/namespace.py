"""`KVNamespace`: a KV binding as worker code uses it.

Sources: Cloudflare docs, Workers KV API; workerd 6552d99 api/kv.c++; Python Workers SDK (names, options,
result types); texts recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from edgeday.account import Services
from edgeday.coverage import not_implemented
from edgeday.errors import PlatformTypeError
from edgeday.events import Cause
from edgeday.invocation import current_invocation
from edgeday.kv import bulk, validation
from edgeday.kv.calls import Metering
from edgeday.kv.cursors import from_cursor, to_cursor
from edgeday.kv.options import UNSET, ReadOptions, Unset, list_options, put_options, read_options
from edgeday.kv.validation import (
    Refusal,
    as_metadata,
    as_value,
    check_key,
    check_sizes,
    expiry,
    undecodable,
)
from edgeday.ledger import Op
from edgeday.storage.records import KVEntry
from edgeday.web.body import ReadableStream
from edgeday.web.javascript import to_string
from edgeday.web.json_text import parse, parse_or_syntax_error
from edgeday.web.text import well_formed

_SHOWN_KEYS = 512
"""Characters of the keys of a bulk get that its event shows."""


class KVNamespace:
    """One binding of a KV namespace.

    Options are keywords in the platform's spelling, or a dict in their place, as in the Python Workers
    SDK; None in them is JavaScript's null. Arguments of a wrong type are converted as JavaScript does.
    Charged to the account's daily quotas whether called inside an invocation or not; inside one, each
    call is also an internal subrequest.
    """

    __slots__ = ("_metering", "_services", "binding", "namespace_id")

    def __init__(self, services: Services, binding: str, namespace_id: str) -> None:
        self._services = services
        self._metering = Metering(services, binding)
        self.binding = binding
        self.namespace_id = namespace_id

    async def get(
        self,
        key: str | list[str],
        type: str | Mapping[str, Any] | None = None,
        *,
        cacheTtl: int | Unset = UNSET,
    ) -> Any:
        """Return the value of a key, or None; of a list of keys, a dict of their values.

        type: "text" (str), "json" (Python objects), "arrayBuffer" (memoryview) or "stream"; a bulk get
        has the first two. cacheTtl: seconds, at least 30; checked; how long this data centre
        keeps what it read, where the account's data centres hold copies (see `platform.copies`); elsewhere
        a read sees the newest write.
        A bulk get of up to 100 keys has None for each that is missing; keys that JavaScript takes for
        array indices ("7") are absent, as in the runtime.
        Costs:  1 read unit, also for a missing key and for a type that turns out to be unknown; a bulk
                get costs 1 for each key it names, duplicates too (undocumented; taken so).
        Raises: QuotaExceeded once the day's reads are spent; TypeError for a bad key or type;
                SyntaxError for a value that is not JSON; KVRequestFailed (400, 413, 414).
        """
        options = read_options(type, cacheTtl)
        if isinstance(key, list):
            return await self._get_bulk("get", key, options, with_metadata=False)
        entry = await self._get_one("get", key, options)
        return None if entry is None else _decode(entry.value, options.kind)

    async def getWithMetadata(
        self,
        key: str | list[str],
        type: str | Mapping[str, Any] | None = None,
        *,
        cacheTtl: int | Unset = UNSET,
    ) -> dict[str, Any]:
        """Return {"value", "metadata", "cacheStatus"}; value and metadata are None for a missing key.

        Of a list of keys: a dict of {"value", "metadata"} by key, None for each that is missing.
        Types, costs and errors as for `get`.
        """
        options = read_options(type, cacheTtl)
        if isinstance(key, list):
            return await self._get_bulk("getWithMetadata", key, options, with_metadata=True)
        entry = await self._get_one("getWithMetadata", key, options)
        if entry is None:
            return {"value": None, "metadata": None, "cacheStatus": None}
        metadata = None if entry.metadata is None else parse(entry.metadata)
        return {"value": _decode(entry.value, options.kind), "metadata": metadata, "cacheStatus": None}

    async def put(
        self,
        key: str,
        value: str | bytes | memoryview | ReadableStream,
        options: Mapping[str, Any] | None = None,
        *,
        expiration: int | Unset = UNSET,
        expirationTtl: int | Unset = UNSET,
        metadata: Any = UNSET,
    ) -> None:
        """Replace value, metadata and expiry of a key together.

        value:         at most 25 MiB.
        expiration:    absolute epoch seconds, at least 60 ahead.
        expirationTtl: seconds from now, at least 60; beats expiration.
        metadata:      any JSON value, at most 1,024 bytes as text.
        Costs:  1 write unit, also if the backend refuses it afterwards (undocumented; taken so).
        Raises: QuotaExceeded once the day's writes are spent; KVRequestFailed (400, 413, and 429 for a
                second write of one key within a second); TypeError for a bad key or value.
        """
        services, metering = self._services, self._metering
        limits = services.limits
        given = put_options(options, expiration, expirationTtl, metadata)
        name = check_key(key, "PUT", limits.kv_key_bytes)
        metadata_text = as_metadata(given.metadata)
        body = as_value(value)
        sized = services.switches.value_sizes == "enforce"
        if isinstance(body, bytes):
            size = len(body)
        else:
            body, size = await body.read_limited(limits.kv_value_bytes if sized else None)

        spend = services.ledger.spend(Op.WRITE)
        invocation = current_invocation()
        if not metering.take_subrequest(invocation):
            await metering.refuse_subrequest(spend, invocation, "put", name)
        now = services.clock.now()
        expires_at = undecodable(key) or expiry(int(now), given.expiration, given.ttl, limits)
        if isinstance(expires_at, Refusal):
            await metering.refuse(spend, invocation, "put", name, "PUT", expires_at)
        if sized:
            refusal = check_sizes(size, metadata_text, limits)
            if refusal is not None:
                await metering.refuse(spend, invocation, "put", name, "PUT", refusal)
        if services.troubles is not None:
            await metering.meet_trouble(spend, invocation, "put", name, "PUT", "put")
        interval_s = (
            limits.kv_key_write_interval_ms / 1000 if services.switches.key_write_rate == "enforce" else 0.0
        )
        entry = KVEntry(body, metadata_text, expires_at, now)
        charge, stored = await services.store.kv_put(spend, self.namespace_id, name, entry, interval_s)
        metering.admit(charge, invocation, "put", name)
        if services.copies is not None:
            services.copies.written(self.namespace_id, name, None if invocation is None else invocation.colo)
        if not stored:
            refusal = Refusal(429, "Too Many Requests")
            metering.fail(1, invocation, "put", name, "PUT", refusal, Cause.KEY_RATE)
        metering.emit("put", name, "stored", "", 1, size, invocation, expires_at)

    async def delete(self, key: str) -> None:
        """Remove a key; nothing happens if it is not there.

        Costs:  1 delete unit, also for a missing key.
        Raises: QuotaExceeded once the day's deletes are spent; TypeError for a bad key.
        """
        services, metering = self._services, self._metering
        name = check_key(key, "DELETE", services.limits.kv_key_bytes)
        spend = services.ledger.spend(Op.DELETE)
        invocation = current_invocation()
        if not metering.take_subrequest(invocation):
            await metering.refuse_subrequest(spend, invocation, "delete", name)
        refusal = undecodable(key)
        if refusal is not None:
            await metering.refuse(spend, invocation, "delete", name, "DELETE", refusal)
        if services.troubles is not None:
            await metering.meet_trouble(spend, invocation, "delete", name, "DELETE", "delete")
        charge, found = await services.store.kv_delete(spend, self.namespace_id, name, services.clock.now())
        metering.admit(charge, invocation, "delete", name)
        if services.copies is not None:
            services.copies.written(self.namespace_id, name, None if invocation is None else invocation.colo)
        metering.emit("delete", name, "deleted" if found else "absent", "", 1, 0, invocation)

    def deleteBulk(self, *_arguments: Any) -> NoReturn:
        """Not there in production Workers."""
        raise not_implemented("deleteBulk(keys)")

    async def list(
        self,
        options: Mapping[str, Any] | None = None,
        *,
        prefix: str | Unset | None = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset | None = UNSET,
    ) -> dict[str, Any]:
        """Return one page of live keys, in UTF-8 byte order.

        prefix: keep keys that start with it; at most 512 bytes. limit: keys per page, 1 to 1000 (0 and
        below count as absent). cursor: opaque, from the page before, with the same prefix.
        Returns {"keys": [{"name", "expiration"?, "metadata"?}], "list_complete", "cursor"?, "cacheStatus"};
        there is a cursor exactly when list_complete is False.
        Costs:  1 list unit, also for an empty page.
        Raises: QuotaExceeded once the day's lists are spent; KVRequestFailed (400, 414) for a bad limit
                or prefix.
        """
        services, metering = self._services, self._metering
        limits = services.limits
        asked = list_options(options, prefix, limit, cursor)
        spend = services.ledger.spend(Op.LIST)
        invocation = current_invocation()
        if not metering.take_subrequest(invocation):
            await metering.refuse_subrequest(spend, invocation, "list", asked.prefix)
        refusal = validation.list_limit(asked.limit, limits) or validation.key_too_long(
            asked.prefix, limits.kv_key_bytes
        )
        if refusal is not None:
            await metering.refuse(spend, invocation, "list", asked.prefix, "GET", refusal)
        if services.troubles is not None:
            await metering.meet_trouble(spend, invocation, "list", asked.prefix, "GET", "list")
        after = from_cursor(asked.cursor)
        count = asked.limit if asked.limit > 0 else limits.kv_list_keys
        if services.copies is None:
            charge, page = await services.store.kv_list(
                spend, self.namespace_id, asked.prefix, after, count, services.clock.now()
            )
        else:
            colo = None if invocation is None else invocation.colo
            charge, page = await services.copies.list(
                spend, self.namespace_id, asked.prefix, after, count, colo
            )
        metering.admit(charge, invocation, "list", asked.prefix)
        metering.emit("list", asked.prefix, "ok", "", 1, 0, invocation)
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
            result["cursor"] = to_cursor(page.keys[-1].name)
        result["cacheStatus"] = None
        return result

    async def _get_one(self, op: str, key: Any, options: ReadOptions) -> KVEntry | None:
        services, metering = self._services, self._metering
        name = check_key(key, "GET", services.limits.kv_key_bytes)
        spend = services.ledger.spend(Op.READ)
        invocation = current_invocation()
        if not metering.take_subrequest(invocation):
            await metering.refuse_subrequest(spend, invocation, op, name)
        refusal = undecodable(key) or validation.cache_ttl(options.cache_ttl, services.limits)
        if refusal is not None:
            await metering.refuse(spend, invocation, op, name, "GET", refusal)
        if services.troubles is not None:
            await metering.meet_trouble(spend, invocation, op, name, "GET", "get")
        if services.copies is None:
            charge, entries = await services.store.kv_get(
                spend, self.namespace_id, (name,), services.clock.now()
            )
        else:
            colo = None if invocation is None else invocation.colo
            charge, entries = await services.copies.get(
                spend, self.namespace_id, (name,), colo, options.cache_ttl
            )
        metering.admit(charge, invocation, op, name)
        entry = entries[0]
        if entry is None:
            metering.emit(op, name, "miss", "", 1, 0, invocation)
        else:
            metering.emit(op, name, "hit", "", 1, len(entry.value), invocation)
        return entry

    async def _get_bulk(
        self, op: str, keys: Any, options: ReadOptions, *, with_metadata: bool
    ) -> dict[str, Any]:
        services, metering = self._services, self._metering
        limits = services.limits
        names = [well_formed(to_string(key)) for key in keys]
        shown = ",".join(names)[:_SHOWN_KEYS]
        spend = services.ledger.spend(Op.READ, len(names))
        invocation = current_invocation()
        if not metering.take_subrequest(invocation):
            await metering.refuse_subrequest(spend, invocation, op, shown)
        refusal = bulk.refusal_of_request(options, len(names), limits)
        if refusal is not None:
            await metering.refuse(spend, invocation, op, shown, "GET_BULK", refusal)
        readable, refused_key = bulk.first_refused_key(names, options, limits)
        wanted = list(dict.fromkeys(names[:readable]))
        if services.troubles is not None:
            await metering.meet_trouble(spend, invocation, op, shown, "GET_BULK", "get")
        if services.copies is None:
            charge, entries = await services.store.kv_get(
                spend, self.namespace_id, wanted, services.clock.now()
            )
        else:
            colo = None if invocation is None else invocation.colo
            charge, entries = await services.copies.get(
                spend, self.namespace_id, wanted, colo, options.cache_ttl
            )
        metering.admit(charge, invocation, op, shown)
        found = bulk.answer(
            names[:readable],
            dict(zip(wanted, entries, strict=True)),
            options,
            limits,
            refused_key=refused_key,
            with_metadata=with_metadata,
        )
        if isinstance(found, Refusal):
            metering.fail(len(names), invocation, op, shown, "GET_BULK", found)
        size = sum(len(entry.value) for entry in entries if entry is not None)
        reason = f"{sum(entry is not None for entry in entries)} of {len(wanted)} keys found"
        metering.emit(op, shown, "ok", reason, len(names), size, invocation)
        return found


def _decode(value: bytes, kind: str | None) -> Any:
    """A value in the type asked for; the type is looked at only now, once there is a value."""
    if kind is None or kind == "text":
        return value.decode("utf-8", "replace")
    if kind == "json":
        return parse_or_syntax_error(value, keep_mark=True)
    if kind == "arrayBuffer":
        return memoryview(value)
    if kind == "stream":
        return ReadableStream(value)
    raise PlatformTypeError(
        'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".'
    )
