"""Plain objects, maps and sets; and objects over data that are converted only when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, MutableMapping, ValuesView
from typing import Any

from edgeday.hosting.python_workers.arrays import JsArray, JsIterator
from edgeday.hosting.python_workers.callbacks import callback
from edgeday.hosting.python_workers.proxies import (
    MAX_SAFE_INTEGER,
    NOTHING,
    Constructor,
    JsProxy,
    ToPython,
    into_js,
    jsnull,
    lent,
    out_of_js,
)
from edgeday.web.json_text import as_pyodide

_OBJECT = Constructor("Object")


class JsObject(JsProxy):
    """A plain object. Attributes are its members; it has no subscripts, as under Pyodide.

    What Pyodide itself offers (`to_py`, `object_keys`, ...) goes before the members, what every object has
    from JavaScript (`toString`, ...) comes after them.
    """

    js_class = "Object"
    __slots__ = ("_d",)
    _d: dict[str, Any]

    def __init__(self, members: dict[str, Any] | None = None) -> None:
        object.__setattr__(self, "_d", {} if members is None else members)

    def __setattr__(self, name: str, value: Any) -> None:
        self._d[name] = into_js(value)

    def __delattr__(self, name: str) -> None:
        self._d.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        members = self._d
        if name in members:
            value = members[name]
            return value if type(value) is str else out_of_js(value)
        if name in _OF_EVERY_OBJECT:
            return _OF_EVERY_OBJECT[name](self)
        return super().__getattr__(name)

    @property
    def constructor(self) -> Any:
        """A member, or Object."""
        members = self._d
        return out_of_js(members["constructor"]) if "constructor" in members else _OBJECT

    @property
    def toString(self) -> Any:
        """A member, or what every object has."""
        members = self._d
        return out_of_js(members["toString"]) if "toString" in members else lambda: "[object Object]"

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *self._d]

    def __len__(self) -> int:
        for name in ("length", "size"):
            if isinstance(length := self._d.get(name), int):
                return length
        raise TypeError("object of type 'pyodide.ffi.JsProxy' has no len()")

    def __bool__(self) -> bool:
        return True

    def _as_python(self, conversion: ToPython, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        conversion.remember(self, result)
        for key, value in self._d.items():
            result[key] = conversion.convert(value, depth)
        return result

    def _json(self) -> Any:
        from edgeday.hosting.python_workers.conversions import as_json

        members = {key: as_json(value) for key, value in self._d.items()}
        return {key: value for key, value in members.items() if value is not NOTHING}

    def _member(self, name: str) -> Any:
        return self._d.get(name)

    def _own(self) -> dict[str, Any]:
        return self._d


_OF_EVERY_OBJECT: dict[str, Callable[[JsObject], Any]] = {
    "hasOwnProperty": lambda own: lambda name: name in own._d,
    "valueOf": lambda own: lambda: own,
    "toLocaleString": lambda own: own.toString,
}

_members_slot = JsObject.__dict__["_d"]
_items_slot = JsArray.__dict__["_l"]


class JsRecord(JsObject):
    """A plain object over data of edgeday's services; the first look at it makes it a JsObject."""

    __slots__ = ()

    def __init__(self, data: dict[str, Any]) -> None:
        _members_slot.__set__(self, data)

    def _convert(self) -> dict[str, Any]:
        members = {key: from_data(value) for key, value in _members_slot.__get__(self).items()}
        _members_slot.__set__(self, members)
        object.__setattr__(self, "__class__", JsObject)
        return members

    _d = property(_convert)

    def _as_python(self, conversion: ToPython, depth: int) -> dict[str, Any]:
        if depth >= 0:
            self._convert()
            return JsObject._as_python(self, conversion, depth)
        return python_data(_members_slot.__get__(self), conversion.null)  # type: ignore[no-any-return]

    def _json(self) -> Any:
        return _members_slot.__get__(self)


class JsRecords(JsArray):
    """An array over data of edgeday's services; the first look at it makes it a JsArray."""

    __slots__ = ()

    def __init__(self, data: list[Any]) -> None:
        _items_slot.__set__(self, data)

    def _convert(self) -> list[Any]:
        items = [from_data(item) for item in _items_slot.__get__(self)]
        _items_slot.__set__(self, items)
        self.__class__ = JsArray  # type: ignore[assignment]
        return items

    _l = property(_convert)

    def _as_python(self, conversion: ToPython, depth: int) -> list[Any]:
        if depth >= 0:
            self._convert()
            return JsArray._as_python(self, conversion, depth)
        return python_data(_items_slot.__get__(self), conversion.null)  # type: ignore[no-any-return]

    def _json(self) -> Any:
        return _items_slot.__get__(self)


def from_data(value: Any) -> Any:
    """What edgeday's services answer, as JavaScript has it: None there is null, bytes are an ArrayBuffer.

    Costs next to nothing: lists and dicts are converted when they are looked at.
    """
    kind = type(value)
    if kind is str:
        return value
    if value is None:
        return jsnull
    if isinstance(value, dict):
        return JsRecord(value)
    if kind is list:
        return JsRecords(value)
    if kind in (bytes, memoryview):
        from edgeday.hosting.python_workers.buffers import JsBuffer

        return JsBuffer(bytearray(value), "ArrayBuffer")
    return as_pyodide(value) if kind in (int, float) else value


def python_data(value: Any, null: Any) -> Any:
    """Data of edgeday's services as `to_py` gives it: `null` for None, numbers as Pyodide has them."""
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if kind is int and -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
        return value
    if value is None:
        return null
    if isinstance(value, dict):
        return {key: item if type(item) is str else python_data(item, null) for key, item in value.items()}
    if kind is list:
        return [item if type(item) is str else python_data(item, null) for item in value]
    return as_pyodide(value) if kind is float or kind is int else memoryview(value)


class JsMap(JsProxy):
    """A Map; a literal one, which Pyodide makes of dicts, has its entries as members too."""

    js_class = "Map"
    __slots__ = ("_d", "literal")
    _d: dict[Any, Any]

    def __init__(self, members: Any = None, literal: bool = False) -> None:
        self._d = dict(members or {})
        self.literal = literal

    @property
    def constructor(self) -> Constructor:
        """Map, or Pyodide's LiteralMap."""
        return _LITERAL_MAP if self.literal else _MAP

    def toString(self) -> str:
        """A Map, also where its class is Pyodide's."""
        return "[object Map]"

    def __getattr__(self, name: str) -> Any:
        if name != "_d" and self.literal and name in self._d:
            return out_of_js(self._d[name])
        return super().__getattr__(name)

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *(str(key) for key in self._own())]

    def _as_python(self, conversion: ToPython, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        conversion.remember(self, result)
        for key, value in self._d.items():
            result[out_of_js(key)] = conversion.convert(value, depth)
        return result

    def _own(self) -> dict[str, Any]:
        return {str(key): value for key, value in self._d.items()} if self.literal else {}

    def _json(self) -> Any:
        from edgeday.hosting.python_workers.conversions import as_json

        members = {key: as_json(value) for key, value in self._own().items()}
        return {key: value for key, value in members.items() if value is not NOTHING}

    def _member(self, name: str) -> Any:
        return self._d.get(name) if self.literal else None

    def get(self, key: Any, default: Any = None) -> Any:
        """The value under a key, or `default`."""
        return out_of_js(self._d.get(key, default))

    def has(self, key: Any) -> bool:
        """Whether there is such a key."""
        return key in self._d

    def __contains__(self, key: Any) -> bool:
        return key in self._d

    def set(self, key: Any, value: Any) -> JsMap:
        """Put a value under a key."""
        self._d[lent(key)] = lent(value)
        return self

    def delete(self, key: Any) -> bool:
        """Take a key out; whether it was there."""
        return self._d.pop(key, NOTHING) is not NOTHING

    def __setitem__(self, key: Any, value: Any) -> None:
        self._d[key] = into_js(value)

    def __getitem__(self, key: Any) -> Any:
        return out_of_js(self._d[key])

    def __delitem__(self, key: Any) -> None:
        del self._d[key]

    def __len__(self) -> int:
        return len(self._d)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._d)

    def __iter__(self) -> Iterator[Any]:
        return map(out_of_js, self._d)

    def keys(self) -> KeysView[Any]:
        """The keys, in the order in which they came."""
        return KeysView(self)

    def values(self) -> ValuesView[Any]:
        """The values."""
        return ValuesView(self)

    def items(self) -> ItemsView[Any, Any]:
        """Keys and values."""
        return ItemsView(self)

    def entries(self) -> JsIterator:
        """Pairs of key and value, as JavaScript gives them."""
        return JsIterator("Map", [JsArray([key, value]) for key, value in self._d.items()])

    def forEach(self, function: Any, _this: Any = None) -> None:
        """Call a function with value, key and this map for each entry."""
        call = callback(function)
        for key, value in list(self._d.items()):
            call(value, key, self)

    pop = MutableMapping.pop
    popitem = MutableMapping.popitem
    clear = MutableMapping.clear
    update = MutableMapping.update
    setdefault = MutableMapping.setdefault


_MAP, _LITERAL_MAP = Constructor("Map"), Constructor("LiteralMap")


class JsSet(JsProxy):
    """A Set."""

    js_class = "Set"
    __slots__ = ("_s",)

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._s = dict.fromkeys(items)

    def _as_python(self, conversion: ToPython, depth: int) -> Any:
        return {conversion.convert(value, depth) for value in self._s}

    def has(self, value: Any) -> bool:
        """Whether the value is in it."""
        return value in self._s

    def add(self, value: Any) -> JsSet:
        """Put a value in."""
        self._s[lent(value)] = None
        return self

    def delete(self, value: Any) -> bool:
        """Take a value out; whether it was there."""
        return self._s.pop(value, NOTHING) is not NOTHING

    def clear(self) -> None:
        """Take everything out."""
        self._s.clear()

    def __contains__(self, value: Any) -> bool:
        return value in self._s

    def __iter__(self) -> Iterator[Any]:
        return map(out_of_js, self._s)

    def __len__(self) -> int:
        return len(self._s)

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self._s)

    def values(self) -> JsIterator:
        """The values, in the order in which they came."""
        return JsIterator("Set", self._s)

    keys = values

    def entries(self) -> JsIterator:
        """Each value twice, as JavaScript has it."""
        return JsIterator("Set", [JsArray([value, value]) for value in self._s])

    def forEach(self, function: Any, _this: Any = None) -> None:
        """Call a function with each value, twice, and this set."""
        call = callback(function)
        for value in list(self._s):
            call(value, value, self)
