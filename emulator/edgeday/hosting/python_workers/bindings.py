"""KV, caches and variables as JavaScript has them in `env` and in its global scope."""

from __future__ import annotations

from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.containers import JsArray, JsMap, JsObject
from edgeday.hosting.python_workers.conversions import from_data, plain, text_of
from edgeday.hosting.python_workers.functions import as_arguments
from edgeday.hosting.python_workers.messages import JsRequest, JsResponse
from edgeday.hosting.python_workers.promises import JsPromise, promise
from edgeday.hosting.python_workers.proxies import JsProxy, jsnull
from edgeday.hosting.python_workers.streams import JsStream
from edgeday.kv.namespace import KVNamespace
from edgeday.web import ambient
from edgeday.web.body import ReadableStream


class JsKV(JsProxy):
    """A KV binding. Whatever came as keywords is one object behind the positional arguments."""

    js_class = "KvNamespace"
    __slots__ = ("_kv",)

    def __init__(self, kv: KVNamespace) -> None:
        self._kv = kv

    @promise(2)
    async def get(self, key: Any, options: Any) -> Any:
        """The value of a key, null if it is missing; of an Array of keys, a Map."""
        if type(key) is JsArray:
            return _bulk(await self._kv.get(_names(key), _options(options)))
        return _value(await self._kv.get(_key(key), _options(options)))

    @promise(2)
    async def getWithMetadata(self, key: Any, options: Any) -> Any:
        """Value and metadata of a key, or a Map of them."""
        if type(key) is JsArray:
            return _bulk(await self._kv.getWithMetadata(_names(key), _options(options)))
        entry = await self._kv.getWithMetadata(_key(key), _options(options))
        return JsObject(
            {
                "value": _value(entry["value"]),
                "metadata": from_data(entry["metadata"]),
                "cacheStatus": from_data(entry["cacheStatus"]),
            }
        )

    def put(self, *args: Any, **keywords: Any) -> JsPromise:
        """Store a value. What is left out is refused, undefined is text."""
        given = as_arguments(args, keywords, len(args) + bool(keywords))
        return JsPromise(self._put(len(given), *given[:3], *[None] * (3 - len(given))))

    async def _put(self, count: int, key: Any, value: Any, options: Any) -> None:
        if count < 2:
            raise PlatformTypeError(
                "Failed to execute 'put' on 'KvNamespace': parameter 2 is not of type 'string or JsObject'."
            )
        if type(options) is str:
            raise PlatformTypeError(
                "Failed to execute 'put' on 'KvNamespace': parameter 3 is not of type 'PutOptions'."
            )
        if options is None or options is jsnull:
            return await self._kv.put(_key(key), _stored(value))
        return await self._kv.put(_key(key), _stored(value), plain(options))

    @promise(1)
    async def delete(self, key: Any) -> None:
        """Remove a key."""
        await self._kv.delete(_key(key))

    @promise(1)
    async def list(self, options: Any) -> Any:
        """A page of keys."""
        if options is None or options is jsnull:
            return from_data(await self._kv.list())
        return from_data(await self._kv.list(plain(options)))


def _key(key: Any) -> str:
    return key if type(key) is str else text_of(key)


def _names(keys: JsArray) -> list[str]:
    return [_key(key) for key in keys._l]


def _options(options: Any) -> Any:
    return None if options is None or options is jsnull else plain(options)


def _stored(value: Any) -> Any:
    """A value to put, as edgeday takes it."""
    if isinstance(value, str):
        return value
    if value is None or value is jsnull:
        return "undefined" if value is None else "null"
    if type(value) is JsStream:
        return value._s
    if type(value) is JsBuffer:
        return bytes(value._bytes)
    if isinstance(value, JsProxy):
        raise PlatformTypeError(
            "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values."
        )
    return value


def _value(value: Any) -> Any:
    """A value that was read, as JavaScript has it."""
    if type(value) is str:
        return value
    return JsStream(value) if isinstance(value, ReadableStream) else from_data(value)


def _bulk(values: dict[str, Any]) -> JsMap:
    return JsMap({key: from_data(value) for key, value in values.items()})


class JsCache(JsProxy):
    """A cache."""

    js_class = "Cache"
    __slots__ = ("_cache",)

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    @promise(2)
    async def match(self, request: Any, options: Any) -> Any:
        """The stored response, or undefined."""
        response = await self._cache.match(_request(request), _options(options))
        url = request.url if isinstance(request, JsRequest) else text_of(request)
        return None if response is None else JsResponse(response, url)

    @promise(2)
    async def put(self, request: Any, response: Any) -> None:
        """Store a response."""
        await self._cache.put(
            _request(request), response._m if isinstance(response, JsResponse) else response
        )

    @promise(2)
    async def delete(self, request: Any, options: Any) -> bool:
        """Remove a response; whether there was one."""
        return bool(await self._cache.delete(_request(request), _options(options)))


def _request(request: Any) -> Any:
    return request._m if isinstance(request, JsRequest) else text_of(request)


class JsCaches(JsProxy):
    """The global `caches`."""

    js_class = "CacheStorage"
    __slots__ = ()

    @property
    def default(self) -> JsCache:
        """The cache that `fetch` uses too."""
        return JsCache(ambient.caches.default)

    @promise(1)
    async def open(self, name: Any) -> JsCache:
        """A named cache."""
        return JsCache(await ambient.caches.open(text_of(name)))


def into_env(members: dict[str, Any]) -> JsObject:
    """edgeday's `env` as JavaScript's."""
    return JsObject({name: _member(value) for name, value in members.items()})


def _member(value: Any) -> Any:
    if isinstance(value, KVNamespace):
        return JsKV(value)
    return value if isinstance(value, JsProxy) else from_data(value)
