"""`KVNamespace`: a KV binding as worker code uses it.

Sources: Cloudflare docs, Workers KV API; workerd 6552d99 api/kv.c++; Python Workers SDK (names, options,
result types); texts recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, overload

from edgeday.account import Services
from edgeday.coverage import Member, missing, offers
from edgeday.errors import PlatformTypeError
from edgeday.kv import bulk, validation
from edgeday.kv.calls import CallTarget, Delete, Get, Put
from edgeday.kv.list_result import ListResult
from edgeday.kv.listing import ListKeys
from edgeday.kv.lost_options import names_in, report_losses
from edgeday.kv.options import (
    PLAIN_PUT,
    PLAIN_READ,
    PUT_OPTIONS,
    SHAPES,
    UNSET,
    ReadOptions,
    as_javascript_arguments,
    list_options,
    put_options,
    read_options,
)
from edgeday.kv.validation import as_metadata, as_value, check_key, entry_to_put, expiry, undecodable
from edgeday.web.body import ReadableStream
from edgeday.web.javascript import to_string
from edgeday.web.js_dict import JsDict, with_attributes
from edgeday.web.json_text import as_pyodide, parse, parse_or_syntax_error
from edgeday.web.text import well_formed

_NO_BULK_DELETE = (
    "not implemented, because production Workers have no bulk delete in the binding "
    "(the runtime has it only under the experimental compatibility flag)"
)


class KVNamespace:
    """One binding of a KV namespace.

    Options are keywords in the platform's spelling, or a dict in their place, as in the Python Workers
    SDK; None in them is JavaScript's null. Arguments of a wrong type are converted as JavaScript does.
    Keywords reach the platform as one object behind the other arguments, so keywords behind options are
    ignored, as is an option that the platform does not know: inside an invocation that is reported.
    Charged to the account's daily quotas whether called inside an invocation or not; inside one, each
    call is also an internal subrequest.
    """

    __slots__ = ("_services", "_target", "binding", "namespace_id")

    def __init__(self, services: Services, binding: str, namespace_id: str) -> None:
        self._services = services
        self._target = CallTarget(services, binding, namespace_id)
        self.binding = binding
        self.namespace_id = namespace_id

    @overload
    async def get(self, key: str | list[str], type: str | Mapping[str, Any] | None = None, /) -> Any: ...
    @overload
    async def get(self, key: str | list[str], /, *, type: str = ..., cacheTtl: int = ...) -> Any: ...
    @offers(
        Member("get(key)", "costs 1 read unit, also for a missing key"),
        Member("get(keys)", "bulk: a list of 1 to 100 keys; costs a read unit for each, one subrequest"),
    )
    async def get(self, key: Any = UNSET, kind: Any = UNSET, /, *surplus: Any, **keywords: Any) -> Any:
        """Return the value of a key, or None; of a list of keys, a dict of their values.

        type: "text" (str), "json" (Python objects; 1.0 is the int 1, as it comes from JavaScript),
        "arrayBuffer" (memoryview) or "stream"; a bulk get has the first two.
        cacheTtl: seconds, at least 30; checked; how long this data centre keeps what it read, where the
        account's data centres hold copies (see `production.copies`); elsewhere a read sees the newest write.
        A bulk get of up to 100 keys has None for each that is missing; keys that JavaScript takes for
        array indices ("7") are absent, as in the runtime.
        Costs:  1 read unit, also for a missing key and for a type that turns out to be unknown; a bulk
                get costs 1 for each key it names, duplicates too (undocumented; taken so).
        Raises: QuotaExceeded once the day's reads are spent; TypeError for a bad key or type;
                SyntaxError for a value that is not JSON; KVRequestFailed (400, 413, 414).
        """
        if keywords or kind is not UNSET or key is UNSET:
            if keywords or surplus or type(kind) is not str:
                key, kind = self._arguments("get", (key, kind, *surplus), keywords)
            options = read_options(kind)
        else:
            options = PLAIN_READ
        if isinstance(key, list):
            return await self._get_bulk("get", key, options, with_metadata=False)
        entry = await self._read("get", key, options).perform()
        return None if entry is None else _decode(entry.value, options.kind)

    @overload
    async def getWithMetadata(
        self, key: str | list[str], type: str | Mapping[str, Any] | None = None, /
    ) -> JsDict: ...
    @overload
    async def getWithMetadata(
        self, key: str | list[str], /, *, type: str = ..., cacheTtl: int = ...
    ) -> JsDict: ...
    @offers(
        Member("getWithMetadata(key)", "cacheStatus is always None"),
        Member("getWithMetadata(keys)", "bulk, as get(keys)"),
    )
    async def getWithMetadata(
        self, key: Any = UNSET, kind: Any = UNSET, /, *surplus: Any, **keywords: Any
    ) -> JsDict:
        """Return {"value", "metadata", "cacheStatus"}; value and metadata are None for a missing key.

        Of a list of keys: a dict of {"value", "metadata"} by key, None for each that is missing.
        Types, costs and errors as for `get`.
        """
        if keywords or kind is not UNSET or key is UNSET:
            if keywords or surplus or type(kind) is not str:
                key, kind = self._arguments("getWithMetadata", (key, kind, *surplus), keywords)
            options = read_options(kind)
        else:
            options = PLAIN_READ
        if isinstance(key, list):
            return await self._get_bulk("getWithMetadata", key, options, with_metadata=True)
        entry = await self._read("getWithMetadata", key, options).perform()
        if entry is None:
            return JsDict({"value": None, "metadata": None, "cacheStatus": None})
        metadata = (
            None if entry.metadata is None else with_attributes(parse(entry.metadata, number=as_pyodide))
        )
        return JsDict(
            {"value": _decode(entry.value, options.kind), "metadata": metadata, "cacheStatus": None}
        )

    @overload
    async def put(
        self,
        key: str,
        value: str | bytes | memoryview | ReadableStream,
        options: Mapping[str, Any] | None = None,
        /,
    ) -> None: ...
    @overload
    async def put(
        self,
        key: str,
        value: str | bytes | memoryview | ReadableStream,
        /,
        *,
        expiration: int = ...,
        expirationTtl: int = ...,
        metadata: Any = ...,
    ) -> None: ...
    @offers(
        Member("put(key, value)", "value: str, bytes, memoryview or ReadableStream, up to 25 MiB"),
    )
    async def put(
        self,
        key: Any = UNSET,
        value: Any = UNSET,
        options: Any = UNSET,
        /,
        *surplus: Any,
        **keywords: Any,
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
        services, limits = self._services, self._services.limits
        now = services.clock.now()
        if keywords or options is not UNSET or value is UNSET:
            if options is UNSET and value is not UNSET and PUT_OPTIONS.issuperset(keywords):
                options = keywords  # the usual call
            else:
                key, value, options = self._arguments("put", (key, value, options, *surplus), keywords)
            expiration, ttl, metadata = put_options(options)
        else:
            expiration, ttl, metadata = PLAIN_PUT
        name = check_key(key, "PUT", limits.kv_key_bytes)
        metadata_text = as_metadata(metadata)
        body = as_value(value)
        sized = limits if services.switches.value_sizes == "enforce" else None
        if isinstance(body, bytes):
            size = len(body)
        else:
            body, size = await body.read_limited(None if sized is None else sized.kv_value_bytes)
            now = services.clock.now()  # reading may have taken its time
        expires_at = undecodable(key) or expiry(int(now), expiration, ttl, limits)
        entry = entry_to_put(body, metadata_text, expires_at, now, sized, size)
        await Put(self._target, name, entry).perform()

    @offers(Member("delete(key)", "costs 1 delete unit, also for a missing key"))
    async def delete(self, key: Any = UNSET, /, *surplus: Any, **keywords: Any) -> None:
        """Remove a key; nothing happens if it is not there.

        Costs:  1 delete unit, also for a missing key.
        Raises: QuotaExceeded once the day's deletes are spent; TypeError for a bad key.
        """
        if surplus or keywords or key is UNSET:
            (key,) = self._arguments("delete", (key, *surplus), keywords)
        name = check_key(key, "DELETE", self._services.limits.kv_key_bytes)
        await Delete(self._target, name, undecodable(key)).perform()

    deleteBulk = missing(Member("deleteBulk(keys)", _NO_BULK_DELETE, f"deleteBulk is {_NO_BULK_DELETE}"))

    @overload
    async def list(self, options: Mapping[str, Any] | None = None, /) -> ListResult: ...
    @overload
    async def list(
        self, /, *, prefix: str | None = ..., limit: int = ..., cursor: str | None = ...
    ) -> ListResult: ...
    @offers(Member("list()", "costs 1 list unit; live keys in the order of their UTF-8 bytes"))
    async def list(self, options: Any = UNSET, /, *surplus: Any, **keywords: Any) -> ListResult:
        """Return one page of live keys, in UTF-8 byte order.

        prefix: keep keys that start with it; at most 512 bytes. limit: keys per page, 1 to 1000 (0 and
        below count as absent). cursor: opaque, from the page before, with the same prefix.
        Returns {"keys": [{"name", "expiration"?, "metadata"?}], "list_complete", "cursor"?, "cacheStatus"};
        there is a cursor exactly when list_complete is False.
        Costs:  1 list unit, also for an empty page.
        Raises: QuotaExceeded once the day's lists are spent; KVRequestFailed (400, 414) for a bad limit
                or prefix.
        """
        limits = self._services.limits
        if keywords or options is not UNSET:
            (options,) = self._arguments("list", (options, *surplus), keywords)
        given = list_options(options)
        refusal = validation.list_limit(given.limit, limits) or validation.key_too_long(
            given.prefix, limits.kv_key_bytes
        )
        count = given.limit if given.limit > 0 else limits.kv_list_keys
        page = await ListKeys(self._target, given.prefix, count, given.cursor, refusal).perform()
        keys: list[JsDict] = []
        for row in page.keys:
            key = JsDict(name=row.name)
            if row.expiration is not None:
                key["expiration"] = row.expiration
            if row.metadata is not None:
                key["metadata"] = with_attributes(parse(row.metadata, number=as_pyodide))
            keys.append(key)
        result = ListResult(keys=keys, list_complete=not page.cursor)
        if page.cursor:
            result["cursor"] = page.cursor
        result["cacheStatus"] = None
        return result

    def _arguments(self, method: str, given: tuple[Any, ...], keywords: dict[str, Any]) -> Sequence[Any]:
        """The arguments of a call as the platform gets them; what it ignores is reported, in an invocation.

        given: the positional ones, UNSET where one is left out. Raises TypeError for one that may not be.
        """
        arity, known = SHAPES[method]
        last = given[-1]
        if keywords:
            if last is UNSET and given[-2:-1] != (UNSET,) and known.issuperset(keywords):
                return (*given[:-1], keywords)
        elif last is not UNSET and len(given) == arity and known.issuperset(names_in(last)):
            return given
        arguments = [argument for argument in given if argument is not UNSET]
        seen = as_javascript_arguments(method, arguments, keywords)
        report_losses(method, arguments, keywords)
        return (*seen, UNSET)[:arity]

    def _read(self, op: str, key: Any, options: ReadOptions) -> Get:
        limits = self._services.limits
        name = check_key(key, "GET", limits.kv_key_bytes)
        refusal = undecodable(key) or validation.cache_ttl(options.cache_ttl, limits)
        return Get(self._target, op, name, refusal, options.cache_ttl)

    async def _get_bulk(self, op: str, keys: Any, options: ReadOptions, *, with_metadata: bool) -> JsDict:
        limits = self._services.limits
        names = [well_formed(to_string(key)) for key in keys]
        refusal = bulk.refusal_of_request(options, len(names), limits)
        readable, refused_key = bulk.first_refused_key(names, options, limits)
        values = partial(
            bulk.values_by_key, names[:readable], options, limits,
            refused_key=refused_key, with_metadata=with_metadata,
        )  # fmt: skip
        read = list(dict.fromkeys(names[:readable]))
        return await bulk.BulkGet(self._target, op, names, read, values, refusal, options.cache_ttl).perform()


KVNamespace.__name__ = "KvNamespace"
"""As the runtime's errors and Python's (`'KvNamespace' object is not iterable`) name it."""


@offers(
    Member('get: type "text"', "str"),
    Member('get: type "json"', "Python objects"),
    Member('get: type "arrayBuffer"', "memoryview; not in bulk"),
    Member('get: type "stream"', "ReadableStream; not in bulk"),
)
def _decode(value: bytes, kind: str | None) -> Any:
    """A value in the type asked for; the type is looked at only now, once there is a value."""
    if kind is None or kind == "text":
        return value.decode("utf-8", "replace")
    if kind == "json":
        return parse_or_syntax_error(value, keep_mark=True, number=as_pyodide)
    if kind == "arrayBuffer":
        return memoryview(value)
    if kind == "stream":
        return ReadableStream(value)
    raise PlatformTypeError(
        'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".'
    )
