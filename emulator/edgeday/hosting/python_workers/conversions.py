"""Explicit conversions: Pyodide's `to_js` and `to_py`, and the data of edgeday's services."""

from __future__ import annotations

from array import array
from typing import Any

from edgeday.hosting.python_workers.buffers import ITEM_CODES, JsBuffer
from edgeday.hosting.python_workers.containers import JsArray, JsDate, JsMap, JsObject, JsSet
from edgeday.hosting.python_workers.generations import current_generation
from edgeday.hosting.python_workers.proxies import SCALARS, JsProxy, PyProxy, into_js, jsnull
from edgeday.web.javascript import to_string


def to_js(
    obj: Any,
    /,
    *,
    depth: int = -1,
    pyproxies: Any = None,
    create_pyproxies: bool = True,
    dict_converter: Any = None,
    default_converter: Any = None,
    eager_converter: Any = None,
) -> Any:
    """Pyodide's to_js: dicts become Maps unless `dict_converter` says otherwise; bytes a Uint8Array."""
    cache: dict[int, Any] = {}
    literal = current_generation.get().literal_maps

    def convert(value: Any) -> Any:
        if isinstance(value, (*SCALARS, JsProxy)):
            return value
        if isinstance(value, (list, tuple)):
            return JsArray([convert(item) for item in value])
        if isinstance(value, dict):
            members = {key: convert(item) for key, item in value.items()}
            if dict_converter is None:
                return JsMap(members, literal=literal)
            return dict_converter(JsArray([JsArray([key, item]) for key, item in members.items()]))
        if isinstance(value, (set, frozenset)):
            return JsSet(value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return JsBuffer(bytes(value))
        if isinstance(value, array):
            return JsBuffer(
                value.tobytes(), next(kind for kind, code in ITEM_CODES.items() if code == value.typecode)
            )
        if default_converter is not None:
            return into_js(default_converter(value, convert, cache))
        return PyProxy(value)

    return convert(obj)


def to_py(value: Any, default_converter: Any = None) -> Any:
    """Pyodide's to_py: arrays, plain objects, maps, sets and buffers; null stays jsnull."""
    cache: dict[int, Any] = {}

    def convert(value: Any) -> Any:
        if not isinstance(value, JsProxy):
            return value
        if type(value) in (JsObject, JsMap):
            return {key: convert(member) for key, member in value._d.items()}
        if type(value) is JsArray:
            return [convert(item) for item in value._l]
        if type(value) is JsSet:
            return set(value._s)
        if type(value) is JsBuffer:
            return value.to_memoryview()
        if type(value) is PyProxy:
            return value._object
        return value if default_converter is None else default_converter(value, convert, cache)

    return convert(value)


def from_data(value: Any) -> Any:
    """What edgeday's services answer, as JavaScript has it: None there is null."""
    if value is None:
        return jsnull
    kind = type(value)
    if isinstance(value, dict):
        return JsObject({key: from_data(member) for key, member in value.items()})
    if kind is list:
        return JsArray([from_data(item) for item in value])
    if kind in (bytes, memoryview):
        return JsBuffer(bytes(value), "ArrayBuffer")
    return number(value) if kind is float else value


def number(value: float) -> int | float:
    """A number of JavaScript: Python sees an int where it is a safe integer."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def plain(value: Any) -> Any:
    """A JavaScript value as edgeday's services take it. Maps, proxied Python objects and the like are objects
    without members that matter; undefined members are left out."""
    if isinstance(value, (str, int, float)):
        return value
    if value is jsnull or value is None:
        return None
    kind = type(value)
    if kind is JsObject or (kind is JsMap and value.literal):
        return {key: plain(member) for key, member in value._d.items() if member is not None}
    if kind is JsArray:
        return [plain(item) for item in value._l]
    if kind is JsBuffer:
        return bytes(value._bytes)
    if kind is JsDate:
        return value.toISOString()
    if kind is PyProxy:
        held = value._object
        if isinstance(held, (list, tuple)):
            return [plain(into_js(item)) for item in held]
        if isinstance(held, dict) and current_generation.get().readable_dicts:
            return {key: plain(into_js(member)) for key, member in held.items() if member is not None}
    return {}


def member(init: Any, name: str) -> Any:
    """`init[name]`; undefined for what it has not."""
    if init is None or init is jsnull:
        return None
    kind = type(init)
    if kind is JsObject:
        return init._d.get(name)
    if kind is JsMap:
        return init._d.get(name) if init.literal else None
    if kind is PyProxy:
        held = init._object
        readable = isinstance(held, dict) and current_generation.get().readable_dicts
        return into_js(held.get(name)) if readable else None
    if kind is JsArray:
        return None
    return into_js(getattr(init, name, None))


def text_of(value: Any) -> str:
    """`String(value)`."""
    if isinstance(value, str):
        return value
    if type(value) is PyProxy:
        return str(value._object)
    return "undefined" if value is None else to_string(plain(value))


def create_proxy(obj: Any, /, **_: Any) -> PyProxy:
    """Pyodide's create_proxy: JavaScript holds the object."""
    return PyProxy(obj)


def create_once_callable(obj: Any, /, **_: Any) -> PyProxy:
    """Pyodide's create_once_callable."""
    return PyProxy(obj)


def destroy_proxies(_proxies: Any, /) -> None:
    """Nothing is held."""
