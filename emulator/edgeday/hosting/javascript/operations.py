"""The operations that JavaScript asks for, each run on what a Python worker has: `env`, `caches`, `fetch`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from edgeday.hosting.javascript import kv_operations
from edgeday.hosting.javascript.frames import Message
from edgeday.hosting.javascript.kv_operations import Value, value_from_wire
from edgeday.hosting.javascript.wire import bytes_from_wire, response_to_wire
from edgeday.invocation import Invocation
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Request, Response
from edgeday.web.status import reason_phrase


async def _cache(invocation: Invocation, name: str | None) -> Any:
    return invocation.caches.default if name is None else await invocation.caches.open(name)


async def _cache_match(
    invocation: Invocation, _: Any, name: str | None, key: Message | str, ignores_method: bool
) -> Any:
    cache = await _cache(invocation, name)
    found = await cache.match(_cache_key(key), {"ignoreMethod": True} if ignores_method else None)
    if found is None:
        return None
    body = None if found.body is None else {"b": await found.bytes()}
    return found.status, found.status_text, found.headers.fields(), body


async def _cache_put(
    invocation: Invocation,
    _: Any,
    name: str | None,
    key: Message | str,
    status: int,
    fields: list[tuple[str, str]],
    sent: Value | None,
    known: bool,
    manual: bool,
) -> None:
    """known: whether the length of the body was known before it was read. manual: it is compressed."""
    data = None if sent is None else value_from_wire(sent)
    body = data if data is None or known else ReadableStream([data])
    headers = tuple((name, value) for name, value in fields)
    response = Response.received(status, "", headers, body)
    response.encodeBody = "manual" if manual else "automatic"
    await (await _cache(invocation, name)).put(_cache_key(key), response)


async def _cache_delete(
    invocation: Invocation, _: Any, name: str | None, key: Message | str, ignores_method: bool
) -> Any:
    cache = await _cache(invocation, name)
    return await cache.delete(_cache_key(key), {"ignoreMethod": True} if ignores_method else None)


def _cache_key(key: Message | str) -> Request | str:
    if isinstance(key, str):
        return key
    return Request(key["url"], method=key["method"], headers=key["headers"], cf=key["cf"])


async def _fetch(invocation: Invocation, _: Any, head: Message) -> Any:
    body: Any = bytes_from_wire(head["body"])
    request = Request(
        head["url"],
        method=head["method"],
        headers=head["headers"],
        body=ReadableStream(body) if head["once"] and body is not None else body,
        cf=head["cf"],
        redirect=head["redirect"],
    )
    response = await invocation.fetch(request)
    sent = await response_to_wire(response)
    sent["statusText"] = sent["statusText"] or reason_phrase(response.status)
    if head["method"] == "HEAD":
        sent["body"] = None
    return {**sent, "url": response.url, "redirected": response.redirected}


OPERATIONS: Mapping[str, Callable[..., Awaitable[Any]]] = {
    "kv.get": kv_operations.get,
    "kv.bulk": kv_operations.get_bulk,
    "kv.put": kv_operations.put,
    "kv.delete": kv_operations.delete,
    "kv.list": kv_operations.list_keys,
    "cache.match": _cache_match,
    "cache.put": _cache_put,
    "cache.delete": _cache_delete,
    "fetch": _fetch,
}
"""By the name that JavaScript calls them by; each takes the invocation, its `env`, and the arguments."""
AT_ONCE = frozenset(kind for kind in OPERATIONS if kind != "fetch")
"""Those whose first step needs no task of its own."""
