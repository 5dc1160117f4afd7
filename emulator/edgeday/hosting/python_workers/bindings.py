"""KV, caches and variables as JavaScript has them in `env` and in its global scope."""

from __future__ import annotations

from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.containers import JsMap, JsObject
from edgeday.hosting.python_workers.conversions import from_data, plain, text_of
from edgeday.hosting.python_workers.generations import current_generation
from edgeday.hosting.python_workers.messages import JsRequest, JsResponse
from edgeday.hosting.python_workers.promises import JsPromise, promise
from edgeday.hosting.python_workers.proxies import JsException, JsProxy, PyProxy, into_js, jsnull
from edgeday.hosting.python_workers.run import GLOBAL_SCOPE_TEXT, current_run
from edgeday.hosting.python_workers.streams import JsStream
from edgeday.hosting.python_workers.stubs import JsStub
from edgeday.hosting.stubs import Stub
from edgeday.invocation import current_invocation
from edgeday.kv.lost_options import DIAGNOSTIC, unreadable_options
from edgeday.kv.namespace import KVNamespace
from edgeday.kv.options import UNSET
from edgeday.web import ambient
from edgeday.web.body import ReadableStream


class JsKV(JsProxy):
    """A KV binding. Its namespace gets arguments as JavaScript sees them: what it cannot read is empty."""

    js_class = "KvNamespace"
    __slots__ = ("_kv",)

    def __init__(self, kv: KVNamespace) -> None:
        self._kv = kv

    def get(self, *args: Any, **keywords: Any) -> JsPromise:
        """The value of a key, null if it is missing; of an Array of keys, a Map."""
        if len(args) == 1 and not keywords and type(args[0]) is str:
            return JsPromise(self._kv.get(args[0]), _result)
        return JsPromise(self._read(self._kv.get, "get", args, keywords))

    def getWithMetadata(self, *args: Any, **keywords: Any) -> JsPromise:
        """Value and metadata of a key; of an Array of keys, a Map of them."""
        if len(args) == 1 and not keywords and type(args[0]) is str:
            return JsPromise(self._kv.getWithMetadata(args[0]), _result)
        return JsPromise(self._read(self._kv.getWithMetadata, "getWithMetadata", args, keywords))

    async def _read(self, read: Any, method: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        key: Any
        key, *rest = map(into_js, args) if args else (UNSET,)
        bulk = isinstance(key, JsArray)
        names = [_key(name) for name in key._l] if bulk else _key(key)
        value = await read(names, *(_options(method, one) for one in rest), **_members(method, keywords))
        return JsMap({name: _result(item) for name, item in value.items()}) if bulk else _result(value)

    def put(self, *args: Any, **keywords: Any) -> JsPromise:
        """Store a value."""
        return JsPromise(self._put(args, keywords))

    async def _put(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        key, value, *rest = [*map(into_js, args), UNSET, UNSET]
        options = (_options("put", one) for one in rest if one is not UNSET)
        await self._kv.put(_key(key), _stored(value), *options, **_members("put", keywords))

    def delete(self, *args: Any, **keywords: Any) -> JsPromise:
        """Remove a key."""
        key, *rest = map(into_js, args) if args else (UNSET,)
        return JsPromise(self._kv.delete(_key(key), *map(plain, rest), **_members("delete", keywords)))

    def list(self, *args: Any, **keywords: Any) -> JsPromise:
        """A page of keys."""
        return JsPromise(self._list(args, keywords))

    async def _list(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        options = [_options("list", into_js(one)) for one in args]
        return from_data(await self._kv.list(*options, **_members("list", keywords)))


class JsImportedKV(JsKV):
    """A KV binding that a module takes from `env` while it is imported: that of the run which calls it."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def _kv(self) -> KVNamespace:  # type: ignore[override]
        run = current_run.get()
        binding = None if run is None or run.ctx is None else run.env._d.get(self._name)
        if not isinstance(binding, JsKV) or isinstance(binding, JsImportedKV):
            raise JsException("Error", GLOBAL_SCOPE_TEXT)
        return binding._kv


def _key(key: Any) -> Any:
    return key if type(key) is str or key is UNSET else text_of(key)


def _options(method: str, value: Any) -> Any:
    """Options, or a type, as the platform reads them; what it cannot read of them is reported."""
    if type(value) is str or value is None:
        return value
    _report_unreadable(method, value)
    return plain(value)


def _members(method: str, keywords: dict[str, Any]) -> dict[str, Any]:
    """Keywords as the members of an options object."""
    return {name: _options(method, into_js(value)) for name, value in keywords.items()} if keywords else {}


def _report_unreadable(method: str, value: Any) -> None:
    """Report members of a dict or a Map that the worker's Pyodide does not show to JavaScript."""
    generation = current_generation.get()
    hidden: Any = {}
    if type(value) is PyProxy and not generation.readable_dicts:
        hidden = value._object
    elif type(value) is JsMap and not value.literal:
        hidden = value._d
    invocation = current_invocation() if isinstance(hidden, dict) and hidden else None
    if invocation is not None:
        invocation.diagnose(
            DIAGNOSTIC, unreadable_options(method, tuple(map(str, hidden)), generation.version)
        )


def _stored(value: Any) -> Any:
    """A value to put, as edgeday takes it."""
    if isinstance(value, str) or value is UNSET:
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


def _result(value: Any) -> Any:
    """What was read, as JavaScript has it."""
    if value is None:
        return jsnull
    if isinstance(value, ReadableStream):
        return JsStream(value)
    if isinstance(value, dict) and isinstance(value.get("value"), ReadableStream):
        return JsObject({**from_data({**value, "value": None})._d, "value": JsStream(value["value"])})
    return from_data(value)


class JsCache(JsProxy):
    """A cache."""

    js_class = "Cache"
    __slots__ = ("_cache",)

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    @promise(2)
    async def match(self, request: Any, options: Any) -> Any:
        """The stored response, or undefined."""
        response = await self._cache.match(_request(request), _match_options(options))
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
        return bool(await self._cache.delete(_request(request), _match_options(options)))


def _match_options(options: Any) -> Any:
    return None if options is None or options is jsnull else plain(options)


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
    if isinstance(value, Stub):
        return JsStub(value)
    return value if isinstance(value, JsProxy) else from_data(value)
