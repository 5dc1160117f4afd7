"""Explicit conversions: Pyodide's `to_js`, and JavaScript values as edgeday's services take them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray, text_of
from edgeday.hosting.python_workers.buffers import ITEM_CODES, JsBuffer
from edgeday.hosting.python_workers.containers import JsMap, JsObject, JsSet, from_data
from edgeday.hosting.python_workers.generations import current_generation
from edgeday.hosting.python_workers.proxies import (
    AFTER_THE_ITERATION,
    MAX_SAFE_INTEGER,
    NOTHING,
    SCALARS,
    JsProxy,
    PyProxy,
    ToPython,
    give_back,
    into_js,
    jsnull,
)
from edgeday.web.json_text import javascript_key_order

__all__ = [
    "ConversionError", "as_json", "create_once_callable", "create_proxy", "destroy_proxies", "elements",
    "from_data", "from_entries", "member", "pair_of", "plain", "text_of", "to_js", "to_py",
]  # fmt: skip


class ConversionError(Exception):
    """A Python value has no counterpart in JavaScript."""


ConversionError.__module__ = "pyodide.ffi"


class _ToJavaScript:
    """One call of `to_js`."""

    __slots__ = ("cache", "converter", "dicts", "proxies")

    def __init__(self, dicts: Any, converter: Any, proxies: bool) -> None:
        self.dicts, self.converter, self.proxies = dicts, converter, proxies
        self.cache: dict[int, Any] = {}

    def convert(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind in SCALARS or isinstance(value, (JsProxy, str, int, float)):
            return value
        if depth == 0:
            return PyProxy(value)
        known = self.cache.get(id(value))
        if known is not None:
            return known
        if isinstance(value, (list, tuple)):
            items: list[Any] = []
            self.cache[id(value)] = result = JsArray(items)
            items.extend([self.convert(item, depth - 1) for item in value])
            return result
        if isinstance(value, dict):
            return self._dict(value, depth - 1)
        if isinstance(value, set):
            return JsSet([self._key(item, "Set") for item in value])
        if kind in (bytes, bytearray, memoryview, array):
            return _buffer(value)
        if self.converter is not None:
            made = self.converter(value, lambda inner: self.convert(inner, depth), self.remember)
            return into_js(made)
        if not self.proxies:
            raise ConversionError("No conversion known for x.")
        return PyProxy(value)

    def remember(self, value: Any, result: Any) -> None:
        self.cache[id(value)] = result

    def _dict(self, value: dict[Any, Any], depth: int) -> Any:
        generation = current_generation.get()
        if getattr(self.dicts, "_call", None) is from_entries:  # the usual way to a plain object
            members = {
                key if type(key) is str else text_of(into_js(key)): self.convert(item, depth)
                for key, item in value.items()
            }
            return JsObject(_in_order(members))
        if self.dicts is not None:
            pairs = [JsArray([key, self.convert(item, depth)]) for key, item in value.items()]
            return into_js(self.dicts(JsArray(pairs)))
        if generation.object_dicts:
            made = JsObject()
            self.cache[id(value)] = made
            made._d.update(
                {text_of(self._key(key, "Map")): self.convert(item, depth) for key, item in value.items()}
            )
            return made
        result = JsMap(literal=generation.literal_maps)
        self.cache[id(value)] = result
        for key, item in value.items():
            result._d[self._key(key, "Map")] = self.convert(item, depth)
        return result

    @staticmethod
    def _key(key: Any, kind: str) -> Any:
        if type(key) in SCALARS or isinstance(key, (str, int, float)):
            return key
        raise ConversionError(f"Cannot use {key!r} as a key for a Javascript {kind}")


def _buffer(value: Any) -> JsBuffer:
    code = value.typecode if isinstance(value, array) else "B"
    code = {"l": "i" if array("l").itemsize == 4 else "q", "L": "I" if array("L").itemsize == 4 else "Q"}.get(
        code, code
    )
    kind = next(kind for kind, item in ITEM_CODES.items() if item == code)
    return JsBuffer(bytearray(value.tobytes() if isinstance(value, array) else value), kind)


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
    """Pyodide's to_js: lists become Arrays, bytes a Uint8Array, dicts what the generation makes of them
    unless `dict_converter` says otherwise; `depth` levels, everything else is a proxy.

    Raises ConversionError for keys that no Map has, and without `create_pyproxies` for other objects.
    """
    if type(obj) in SCALARS:
        return obj
    return _ToJavaScript(dict_converter, default_converter, create_pyproxies).convert(obj, depth)


def to_py(value: Any, default_converter: Any = None) -> Any:
    """Pyodide's to_py of any value."""
    return ToPython(default_converter).convert(value, -1)


def as_json(value: Any) -> Any:
    """What JSON.stringify writes of a value, as Python data: None for null, `NOTHING` for nothing at all.

    Raises TypeError for a BigInt.
    """
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if value is jsnull:
        return None
    if value is None:
        return NOTHING
    if isinstance(value, JsProxy):
        return value._json()
    if isinstance(value, int):
        if not -MAX_SAFE_INTEGER < value < MAX_SAFE_INTEGER:
            raise PlatformTypeError("Do not know how to serialize a BigInt")
        return value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def plain(value: Any) -> Any:
    """A JavaScript value as edgeday's services take it: `as_json`, with None for nothing at all."""
    data = as_json(value)
    return None if data is NOTHING else data


def member(init: Any, name: str) -> Any:
    """`init[name]`; undefined for what it has not."""
    return init._member(name) if isinstance(init, JsProxy) else None


def elements(source: Any) -> Iterator[Any]:
    """The values that JavaScript iterates over. Proxies of Python objects live until the last.

    Raises TypeError for what is not iterable.
    """
    if isinstance(source, str):
        yield from source
    elif type(source) is PyProxy and hasattr(source._object, "__iter__"):
        made = []
        for item in source._object:
            value = into_js(item)
            if value is not item:
                made.append(value)
            yield value
        give_back(made, AFTER_THE_ITERATION)
    elif isinstance(source, JsArray):
        yield from list(source._l)
    elif isinstance(source, JsMap):
        yield from [JsArray([key, value]) for key, value in source._d.items()]
    elif (
        isinstance(source, JsProxy)
        and hasattr(source, "entries")
        and not isinstance(source, (JsObject, JsSet))
    ):
        yield from source.entries()
    elif isinstance(source, JsProxy) and hasattr(type(source), "__iter__"):
        yield from map(into_js, source)
    else:
        shown = f"{_kind(source)} {text_of(source)}" if not isinstance(source, JsProxy) else "object"
        if source is None or source is jsnull:
            shown = text_of(source)
        raise PlatformTypeError(f"{shown} is not iterable (cannot read property Symbol(Symbol.iterator))")


def _kind(value: Any) -> str:
    return "boolean" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else "object"


def pair_of(entry: Any, what: str) -> tuple[Any, Any]:
    """Key and value of an entry. Raises TypeError for what is none; what is missing is undefined."""
    if type(entry) is PyProxy and isinstance(entry._object, (list, tuple)):
        items = [into_js(item) for item in entry._object[:2]]
    elif isinstance(entry, JsArray):
        items = entry._l[:2]
    elif isinstance(entry, JsProxy):
        items = [member(entry, "0"), member(entry, "1")]
    else:
        raise PlatformTypeError(f"Iterator value {text_of(entry)} is not an entry object")
    key, value, *_ = [*items, None, None]
    return key, value


def from_entries(entries: Any) -> JsObject:
    """`Object.fromEntries`: an object of pairs, or of a Map."""
    members: dict[str, Any] = {}
    if type(entries) is JsArray:  # what to_js hands to its dict_converter
        for entry in entries._l:
            if type(entry) is JsArray and len(entry._l) == 2:
                key, value = entry._l
            else:
                key, value = pair_of(entry, "Object")
            members[key if type(key) is str else text_of(key)] = value
    else:
        for entry in elements(entries):
            key, value = pair_of(entry, "Object")
            members[key if type(key) is str else text_of(key)] = value
    return JsObject(_in_order(members))


def _in_order(members: dict[str, Any]) -> dict[str, Any]:
    """Members as JavaScript orders them: array indices come first."""
    for key in members:
        if key < ":":  # it might be one
            return {name: members[name] for name in javascript_key_order(members)}
    return members


def create_proxy(obj: Any, /, **_: Any) -> Any:
    """Pyodide's create_proxy: JavaScript holds the object until `destroy`."""
    return PyProxy(obj)


def create_once_callable(obj: Callable[..., Any], /, **_: Any) -> PyProxy:
    """Pyodide's create_once_callable."""
    return PyProxy(obj)


def destroy_proxies(_proxies: Any, /) -> None:
    """Nothing is held."""
