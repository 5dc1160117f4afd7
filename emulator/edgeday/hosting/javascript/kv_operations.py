"""KV calls as JavaScript asks for them: their arguments are converted already, what is left is the call.

Values and metadata stay the text that JavaScript wrote and reads: what it makes of 1.0 or "__proto__" is
its own.
"""

from __future__ import annotations

from typing import Any

import orjson

from edgeday.invocation import Invocation
from edgeday.kv import validation
from edgeday.kv.calls import Delete, Get, Put
from edgeday.kv.listing import ListKeys
from edgeday.kv.lost_options import DIAGNOSTIC, lost_options
from edgeday.kv.namespace import KVNamespace
from edgeday.kv.options import SHAPES, ReadOptions
from edgeday.kv.validation import UNDECODABLE, entry_to_put, expiry
from edgeday.web.json_text import stringify_utf8

Value = str | dict[str, bytes]
"""A text as it is, or {"b": bytes} (see `frames`)."""


def value_to_wire(data: bytes) -> Value:
    """A value on its way to JavaScript."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"b": data}


def value_from_wire(sent: Value) -> bytes:
    """A value that JavaScript has sent."""
    return sent.encode() if isinstance(sent, str) else sent["b"]


async def get(
    invocation: Invocation,
    env: Any,
    binding: str,
    op: str,
    key: str,
    undecodable: bool,
    cache_ttl: int | None,
    unknown: list[str] | None,
) -> Any:
    """The value and the metadata of a key, None for a missing one."""
    namespace: KVNamespace = getattr(env, binding)
    if unknown:
        _report(invocation, op, unknown)
    refusal = UNDECODABLE if undecodable else None
    if cache_ttl is not None and refusal is None:
        refusal = validation.cache_ttl(cache_ttl, namespace._services.limits)
    entry = await Get(namespace._target, op, key, refusal, cache_ttl).perform()
    if entry is None:
        return None
    metadata = None if entry.metadata is None else orjson.Fragment(entry.metadata)
    return (value_to_wire(entry.value), metadata)


async def get_bulk(
    invocation: Invocation,
    env: Any,
    binding: str,
    op: str,
    keys: list[str],
    kind: str | None,
    cache_ttl: int | None,
    unknown: list[str] | None,
) -> Any:
    """The values of several keys, by key."""
    namespace: KVNamespace = getattr(env, binding)
    if unknown:
        _report(invocation, op, unknown)
    options = ReadOptions(kind, cache_ttl)
    values = await namespace._get_bulk(op, keys, options, with_metadata=op == "getWithMetadata")
    return orjson.Fragment(stringify_utf8(values))


async def put(
    invocation: Invocation,
    env: Any,
    binding: str,
    key: str,
    undecodable: bool,
    sent: Value,
    expiration: int | None,
    ttl: int | None,
    metadata: str | None,
    unknown: list[str] | None,
) -> None:
    """Replace value, metadata and expiry of a key."""
    namespace: KVNamespace = getattr(env, binding)
    services = namespace._services
    if unknown:
        _report(
            invocation,
            "put",
            [*unknown, *_given(expiration=expiration, expirationTtl=ttl, metadata=metadata)],
        )
    now, limits, value = services.clock.now(), services.limits, value_from_wire(sent)
    expires_at = UNDECODABLE if undecodable else expiry(int(now), expiration, ttl, limits)
    sized = limits if services.switches.value_sizes == "enforce" else None
    entry = entry_to_put(value, metadata, expires_at, now, sized, len(value))
    await Put(namespace._target, key, entry).perform()


async def delete(_: Invocation, env: Any, binding: str, key: str, undecodable: bool) -> None:
    """Remove a key."""
    await Delete(getattr(env, binding)._target, key, UNDECODABLE if undecodable else None).perform()


async def list_keys(
    invocation: Invocation,
    env: Any,
    binding: str,
    limit: int,
    prefix: str,
    cursor: str | None,
    unknown: list[str] | None,
) -> Any:
    """A page of keys, as JavaScript gets it."""
    namespace: KVNamespace = getattr(env, binding)
    if unknown:
        _report(
            invocation, "list", [*unknown, *_given(limit=limit or None, prefix=prefix or None, cursor=cursor)]
        )
    limits = namespace._services.limits
    refusal = validation.list_limit(limit, limits) or validation.key_too_long(prefix, limits.kv_key_bytes)
    count = limit if limit > 0 else limits.kv_list_keys
    page = await ListKeys(namespace._target, prefix, count, cursor, refusal).perform()
    keys = []
    for name, expiration, metadata in page.keys:
        row: dict[str, Any] = {"name": name}
        if expiration is not None:
            row["expiration"] = expiration
        if metadata is not None:
            row["metadata"] = orjson.Fragment(metadata)
        keys.append(row)
    if page.cursor:
        return {"keys": keys, "list_complete": False, "cursor": page.cursor, "cacheStatus": None}
    return {"keys": keys, "list_complete": True, "cacheStatus": None}


def _given(**options: Any) -> list[str]:
    return [name for name, value in options.items() if value is not None]


def _report(invocation: Invocation, method: str, names: list[str]) -> None:
    """Diagnose options that the platform does not know."""
    arity, _ = SHAPES[method]
    arguments = [*[None] * (arity - 1), dict.fromkeys(names)]
    for text in lost_options(method, arguments, {}):
        invocation.diagnose(DIAGNOSTIC, text)
