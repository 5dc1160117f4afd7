"""JavaScript's containers: plain objects, arrays, maps, sets; and dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView
from datetime import UTC, datetime, timedelta
from typing import Any

from edgeday.hosting.python_workers.proxies import JsProxy, into_js, jsnull, out_of_js
from edgeday.web.javascript import to_string


class JsObject(JsProxy):
    """A plain object. Attributes are its members; it has no subscripts, as under Pyodide."""

    __slots__ = ("_d",)
    js_class = "Object"
    _d: dict[str, Any]

    def __init__(self, members: dict[str, Any] | None = None) -> None:
        object.__setattr__(self, "_d", members if members is not None else {})

    def __getattr__(self, name: str) -> Any:
        try:
            return out_of_js(self._d[name])
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._d[name] = into_js(value)

    def __delattr__(self, name: str) -> None:
        self._d.pop(name, None)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._d]

    def object_keys(self) -> JsArray:
        """`Object.keys(value)`."""
        return JsArray(list(self._d))

    def object_values(self) -> JsArray:
        """`Object.values(value)`."""
        return JsArray(list(self._d.values()))

    def object_entries(self) -> JsArray:
        """`Object.entries(value)`."""
        return JsArray([JsArray([key, value]) for key, value in self._d.items()])

    def as_object_map(self, *, hereditary: bool = False) -> JsMap:
        """The object as a mapping."""
        return JsMap(self._d)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


class JsArray(JsProxy):
    """An Array."""

    js_class = "Array"
    __slots__ = ("_l",)

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._l = items if type(items) is list else list(items)

    def __len__(self) -> int:
        return len(self._l)

    @property
    def length(self) -> int:
        """How many items there are."""
        return len(self._l)

    def __getitem__(self, index: Any) -> Any:
        item = self._l[index]
        return JsArray(item) if isinstance(index, slice) else out_of_js(item)

    def __setitem__(self, index: int, value: Any) -> None:
        self._l[index] = into_js(value)

    def __iter__(self) -> Iterator[Any]:
        return map(out_of_js, self._l)

    def __contains__(self, value: Any) -> bool:
        return value in self._l

    def append(self, value: Any) -> None:
        """Add an item at the end, as a Python list does."""
        self._l.append(into_js(value))

    def push(self, *values: Any) -> int:
        """Add items at the end; gives the new length."""
        self._l.extend(map(into_js, values))
        return len(self._l)

    def pop(self, index: int = -1) -> Any:
        """Take an item out."""
        return out_of_js(self._l.pop(index))

    def toString(self) -> str:
        """The items' texts with commas between them."""
        return self.join()

    def join(self, by: str = ",") -> str:
        """The items' texts; "" for null and undefined."""
        return by.join(
            ""
            if item is None or item is jsnull
            else item.toString()
            if isinstance(item, JsProxy)
            else to_string(item)
            for item in self._l
        )


class JsMap(JsProxy):
    """A Map; a literal one, which newer Pyodides make of dicts, has its entries as members too."""

    js_class = "Map"
    __slots__ = ("_d", "literal")
    _d: dict[Any, Any]

    def __init__(self, members: Any = None, literal: bool = False) -> None:
        self._d = dict(members or {})
        self.literal = literal

    def __getattr__(self, name: str) -> Any:
        if self.literal and name in self._d:
            return out_of_js(self._d[name])
        raise AttributeError(name)

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
        self._d[key] = into_js(value)
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        self._d[key] = into_js(value)

    def __getitem__(self, key: Any) -> Any:
        return out_of_js(self._d[key])

    def __len__(self) -> int:
        return len(self._d)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._d)

    def keys(self) -> KeysView[Any]:
        """The keys, in the order in which they came."""
        return self._d.keys()

    def values(self) -> Iterator[Any]:
        """The values."""
        return map(out_of_js, self._d.values())

    def items(self) -> list[tuple[Any, Any]]:
        """Keys and values."""
        return [(key, out_of_js(value)) for key, value in self._d.items()]

    entries = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._d)


class JsSet(JsProxy):
    """A Set."""

    js_class = "Set"
    __slots__ = ("_s",)

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._s = dict.fromkeys(items)

    def has(self, value: Any) -> bool:
        """Whether the value is in it."""
        return value in self._s

    def __contains__(self, value: Any) -> bool:
        return value in self._s

    def __iter__(self) -> Iterator[Any]:
        return iter(self._s)

    def __len__(self) -> int:
        return len(self._s)

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self._s)


class JsDate(JsProxy):
    """A Date: epoch milliseconds."""

    js_class = "Date"
    __slots__ = ("_ms",)

    def __init__(self, ms: float) -> None:
        self._ms = ms

    def getTime(self) -> float:
        """Epoch milliseconds."""
        return int(self._ms) if float(self._ms).is_integer() else self._ms

    valueOf = getTime

    def toISOString(self) -> str:
        """The instant as `2026-05-04T00:00:00.000Z`."""
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self._ms)
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"

    toJSON = toString = toISOString
