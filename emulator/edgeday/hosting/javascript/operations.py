"""The operations that JavaScript asks for, each run on what a Python worker has: `env`, `caches`, `fetch`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from edgeday.hosting.javascript.wire import Message, from_wire, request_from_wire, response_to_wire, to_wire
from edgeday.invocation import Invocation
from edgeday.web.messages import Request, Response


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, "type": "arrayBuffer"} if options.get("type") == "stream" else dict(options)


async def _kv_get(_: Invocation, env: Any, binding: str, key: str, options: Message) -> Any:
    return to_wire(await getattr(env, binding).get(key, _read_options(options)))


async def _kv_get_bulk(_: Invocation, env: Any, binding: str, keys: list[str], options: Message) -> Any:
    return await getattr(env, binding).get(keys, options)


async def _kv_get_with_metadata(_: Invocation, env: Any, binding: str, key: str, options: Message) -> Any:
    found = await getattr(env, binding).getWithMetadata(key, _read_options(options))
    return {"value": to_wire(found["value"]), "metadata": found["metadata"]}


async def _kv_get_bulk_with_metadata(
    _: Invocation, env: Any, binding: str, keys: list[str], options: Message
) -> Any:
    return await getattr(env, binding).getWithMetadata(keys, options)


async def _kv_put(_: Invocation, env: Any, binding: str, key: str, value: Message, options: Message) -> None:
    await getattr(env, binding).put(key, from_wire(value), options)


async def _kv_delete(_: Invocation, env: Any, binding: str, key: str) -> None:
    await getattr(env, binding).delete(key)


async def _kv_list(_: Invocation, env: Any, binding: str, options: Message) -> Any:
    return await getattr(env, binding).list(options)


async def _cache(invocation: Invocation, name: str | None) -> Any:
    return invocation.caches.default if name is None else await invocation.caches.open(name)


async def _cache_match(
    invocation: Invocation, _: Any, name: str | None, head: Message, options: Message
) -> Any:
    found = await (await _cache(invocation, name)).match(request_from_wire(head), options)
    return None if found is None else await response_to_wire(found)


async def _cache_put(invocation: Invocation, _: Any, name: str | None, head: Message, sent: Message) -> None:
    headers = [(field, value) for field, value in sent["headers"]]
    response = Response(from_wire(sent["body"]), sent["status"], sent["statusText"], headers)
    await (await _cache(invocation, name)).put(request_from_wire(head), response)


async def _cache_delete(
    invocation: Invocation, _: Any, name: str | None, head: Message, options: Message
) -> Any:
    return await (await _cache(invocation, name)).delete(request_from_wire(head), options)


async def _fetch(invocation: Invocation, _: Any, head: Message) -> Any:
    request = Request(
        head["url"],
        method=head["method"],
        headers=head["headers"],
        body=from_wire(head["body"]),
        cf=head["cf"],
        redirect=head["redirect"],
    )
    response = await invocation.fetch(request)
    sent = await response_to_wire(response)
    return {**sent, "url": response.url, "redirected": response.redirected}


OPERATIONS: Mapping[str, Callable[..., Awaitable[Any]]] = {
    "kv.get": _kv_get,
    "kv.getBulk": _kv_get_bulk,
    "kv.getWithMetadata": _kv_get_with_metadata,
    "kv.getBulkWithMetadata": _kv_get_bulk_with_metadata,
    "kv.put": _kv_put,
    "kv.delete": _kv_delete,
    "kv.list": _kv_list,
    "cache.match": _cache_match,
    "cache.put": _cache_put,
    "cache.delete": _cache_delete,
    "fetch": _fetch,
}
"""By the name that JavaScript calls them by; each takes the invocation, its `env`, and the arguments."""
AT_ONCE = frozenset(kind for kind in OPERATIONS if kind != "fetch")
"""Those whose first step needs no task of its own."""
