"""Arrays: JavaScript's methods, and those of a Python list that Pyodide puts in front of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cmp_to_key
from typing import Any

from edgeday.hosting.python_workers.callbacks import callback
from edgeday.hosting.python_workers.proxies import (
    NOTHING,
    JsException,
    JsProxy,
    ToPython,
    into_js,
    jsnull,
    lent,
    out_of_js,
)
from edgeday.web.javascript import to_string, truthy


def text_of(value: Any) -> str:
    """`String(value)`."""
    if isinstance(value, str):
        return value
    if isinstance(value, JsProxy):
        return value.toString()
    return "undefined" if value is None else to_string(None if value is jsnull else value)


class JsIterator(JsProxy):
    """An iterator of JavaScript: what `entries()` and the like give. kind: the class it iterates over."""

    __slots__ = ("_items", "_kind")

    def __init__(self, kind: str, items: Iterable[Any]) -> None:
        self._kind = kind
        self._items = iter(items)

    def __iter__(self) -> JsIterator:
        return self

    def __next__(self) -> Any:
        return out_of_js(next(self._items))

    def toString(self) -> str:
        """The kind of iterator."""
        return f"[object {self._kind} Iterator]"


class JsArray(JsProxy):
    """An Array. Callbacks get item, index and array, all three, as in JavaScript."""

    js_class = "Array"
    __slots__ = ("_l",)
    _l: list[Any]

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._l = items if type(items) is list else list(items)

    def _as_python(self, conversion: ToPython, depth: int) -> list[Any]:
        result: list[Any] = []
        conversion.remember(self, result)
        result.extend([conversion.convert(item, depth) for item in self._l])
        return result

    def _json(self) -> Any:
        from edgeday.hosting.python_workers.conversions import as_json

        items = [as_json(item) for item in self._l]
        return [None if item is NOTHING else item for item in items]

    def _own(self) -> dict[str, Any]:
        return {str(index): item for index, item in enumerate(self._l)}

    # as a Python list

    def __len__(self) -> int:
        return len(self._l)

    @property
    def length(self) -> int:
        """How many items there are."""
        return len(self._l)

    def __getitem__(self, index: Any) -> Any:
        try:
            item = self._l[index]
        except IndexError:
            raise IndexError(index) from None
        return JsArray(item) if isinstance(index, slice) else out_of_js(item)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._l[index] = [into_js(item) for item in value] if isinstance(index, slice) else into_js(value)

    def __delitem__(self, index: Any) -> None:
        del self._l[index]

    def __iter__(self) -> Iterator[Any]:
        return map(out_of_js, self._l)

    def __reversed__(self) -> Iterator[Any]:
        return map(out_of_js, reversed(self._l))

    def __contains__(self, value: Any) -> bool:
        return any(item is value or out_of_js(item) == value for item in self._l)

    def __add__(self, other: Any) -> JsArray:
        return JsArray([*self._l, *(into_js(item) for item in other)])

    def __iadd__(self, other: Any) -> JsArray:
        self.extend(other)
        return self

    def __mul__(self, times: int) -> JsArray:
        return JsArray(self._l * times)

    __rmul__ = __mul__

    def append(self, value: Any) -> None:
        """Add an item at the end."""
        self._l.append(into_js(value))

    def extend(self, values: Iterable[Any]) -> None:
        """Add items at the end."""
        self._l.extend(map(into_js, values))

    def insert(self, index: int, value: Any) -> None:
        """Put an item before an index."""
        self._l.insert(index, into_js(value))

    def pop(self, index: int = -1) -> Any:
        """Take an item out. Raises IndexError if there is none."""
        return out_of_js(self._l.pop(index))

    def remove(self, value: Any) -> None:
        """Take out the first item that is equal. Raises ValueError if there is none."""
        del self._l[self.index(value)]

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Where the first equal item is. Raises ValueError if there is none."""
        for index in range(len(self._l))[start:stop]:
            if out_of_js(self._l[index]) == value:
                return index
        raise ValueError(f"{value!r} is not in list")

    def count(self, value: Any) -> int:
        """How many items are equal."""
        return sum(out_of_js(item) == value for item in self._l)

    def reverse(self) -> None:
        """Turn the order round."""
        self._l.reverse()

    # as JavaScript

    def toString(self) -> str:
        """The items' texts with commas between them."""
        return self.join()

    def join(self, by: str = ",") -> str:
        """The items' texts; "" for null and undefined."""
        return by.join(["" if item is None or item is jsnull else text_of(item) for item in self._l])

    def push(self, *values: Any) -> int:
        """Add items at the end; gives the new length."""
        self._l.extend(map(lent, values))
        return len(self._l)

    def shift(self) -> Any:
        """Take the first item out, if there is one."""
        return out_of_js(self._l.pop(0)) if self._l else None

    def unshift(self, *values: Any) -> int:
        """Put items in front; gives the new length."""
        self._l[:0] = map(lent, values)
        return len(self._l)

    def at(self, index: int) -> Any:
        """The item at an index, from the end if it is negative; undefined outside."""
        return out_of_js(self._l[index]) if -len(self._l) <= index < len(self._l) else None

    def slice(self, start: int | None = None, end: int | None = None) -> JsArray:
        """A copy of the items from start to end."""
        return JsArray(self._l[start:end])

    def splice(self, start: int, count: int | None = None, *values: Any) -> JsArray:
        """Put values in the place of some items; gives those."""
        first = slice(start, None).indices(len(self._l))[0]
        last = len(self._l) if count is None else first + max(count, 0)
        taken = self._l[first:last]
        self._l[first:last] = map(lent, values)
        return JsArray(taken)

    def concat(self, *others: Any) -> JsArray:
        """The items of this array and of others, or other values."""
        items = list(self._l)
        for other in others:
            if isinstance(other, JsArray):
                items.extend(other._l)
            else:
                items.append(lent(other))
        return JsArray(items)

    def fill(self, value: Any, start: int | None = None, end: int | None = None) -> JsArray:
        """Put one value everywhere from start to end."""
        for index in range(*slice(start, end).indices(len(self._l))):
            self._l[index] = lent(value)
        return self

    def flat(self, depth: int = 1) -> JsArray:
        """The items, with those of inner arrays in their place."""
        items: list[Any] = []
        for item in self._l:
            if isinstance(item, JsArray) and depth >= 1:
                items.extend(item.flat(depth - 1)._l)
            else:
                items.append(item)
        return JsArray(items)

    def _calls(self, function: Any) -> Iterator[tuple[int, Any, Any]]:
        call = callback(function)
        for index, item in enumerate(list(self._l)):
            yield index, item, call(item, index, self)

    def map(self, function: Any, _this: Any = None) -> JsArray:
        """What the function makes of each item."""
        return JsArray([result for _, _, result in self._calls(function)])

    def flatMap(self, function: Any, _this: Any = None) -> JsArray:
        """`map`, flattened by one level."""
        return self.map(function).flat()

    def filter(self, function: Any, _this: Any = None) -> JsArray:
        """The items of which the function says yes."""
        return JsArray([item for _, item, result in self._calls(function) if _true(result)])

    def forEach(self, function: Any, _this: Any = None) -> None:
        """Call the function with each item."""
        for _ in self._calls(function):
            pass

    def some(self, function: Any, _this: Any = None) -> bool:
        """Whether the function says yes to an item."""
        return any(_true(result) for _, _, result in self._calls(function))

    def every(self, function: Any, _this: Any = None) -> bool:
        """Whether the function says yes to all items."""
        return all(_true(result) for _, _, result in self._calls(function))

    def find(self, function: Any, _this: Any = None) -> Any:
        """The first item to which the function says yes; else undefined."""
        return next((out_of_js(item) for _, item, result in self._calls(function) if _true(result)), None)

    def findIndex(self, function: Any, _this: Any = None) -> int:
        """Where `find` finds it; else -1."""
        return next((index for index, _, result in self._calls(function) if _true(result)), -1)

    def findLast(self, function: Any, _this: Any = None) -> Any:
        """The last item to which the function says yes; else undefined."""
        return next(
            (out_of_js(item) for _, item, result in reversed(list(self._calls(function))) if _true(result)),
            None,
        )

    def reduce(self, function: Any, *initial: Any) -> Any:
        """Fold the items from the left."""
        return self._fold(function, list(enumerate(self._l)), initial)

    def reduceRight(self, function: Any, *initial: Any) -> Any:
        """Fold the items from the right."""
        return self._fold(function, list(enumerate(self._l))[::-1], initial)

    def _fold(self, function: Any, items: list[tuple[int, Any]], initial: tuple[Any, ...]) -> Any:
        if initial:
            value = into_js(initial[0])
        elif items:
            _, value = items.pop(0)
        else:
            raise JsException("TypeError", "Reduce of empty array with no initial value")
        call = callback(function)
        for index, item in items:
            value = call(value, item, index, self)
        return out_of_js(value)

    def indexOf(self, value: Any, start: int = 0) -> int:
        """Where the first equal item is; else -1."""
        try:
            return self.index(value, start)
        except ValueError:
            return -1

    def lastIndexOf(self, value: Any) -> int:
        """Where the last equal item is; else -1."""
        places = [index for index, item in enumerate(self._l) if out_of_js(item) == value]
        return places[-1] if places else -1

    def includes(self, value: Any, start: int = 0) -> bool:
        """Whether an item is equal."""
        return self.indexOf(value, start) >= 0

    def sort(self, compare: Any = None) -> JsArray:
        """Sort in place: by text, or as a function compares; undefined goes to the end."""
        items = [item for item in self._l if item is not None]
        missing = [None] * (len(self._l) - len(items))
        self._l[:] = sorted(items, key=_order(compare)) + missing
        return self

    def toSorted(self, compare: Any = None) -> JsArray:
        """`sort` of a copy."""
        return JsArray(list(self._l)).sort(compare)

    def toReversed(self) -> JsArray:
        """The items from the last to the first."""
        return JsArray(self._l[::-1])

    def entries(self) -> JsIterator:
        """Pairs of index and item."""
        return JsIterator("Array", [JsArray([index, item]) for index, item in enumerate(self._l)])

    def values(self) -> JsIterator:
        """The items."""
        return JsIterator("Array", self._l)


def _true(value: Any) -> bool:
    return isinstance(value, JsProxy) or (value is not jsnull and truthy(value))


def _order(compare: Any) -> Callable[[Any], Any]:
    if compare is None:
        return lambda item: text_of(item).encode("utf-16-be", "surrogatepass")
    call = callback(compare)
    return cmp_to_key(lambda one, other: call(one, other) or 0)
