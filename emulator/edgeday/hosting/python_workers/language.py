"""JavaScript's own objects and functions, as `js` offers them: Object, Array, JSON, Date, Promise, errors."""

from __future__ import annotations

import asyncio
import json
import math
from array import array
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from edgeday.errors import PlatformError, PlatformRangeError
from edgeday.hosting.python_workers.buffers import ITEM_CODES, JsBuffer
from edgeday.hosting.python_workers.containers import JsArray, JsDate, JsMap, JsObject, JsSet
from edgeday.hosting.python_workers.conversions import from_data, number, plain, text_of
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import (
    JsException,
    JsProxy,
    PyProxy,
    into_js,
    invoke,
    jsnull,
    settled,
)
from edgeday.web import ambient
from edgeday.web.javascript_date import parse_date
from edgeday.web.json_text import parse_or_syntax_error, stringify

_URI = ";/?:@&=+$,#"
_COMPONENT = "-_.!~*'()"


class Namespace(JsProxy):
    """An object of functions and values that is no class, such as JSON or console."""

    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)


# Object


def from_entries(entries: Any) -> JsObject:
    """`Object.fromEntries`: an object of pairs, or of a Map."""
    if isinstance(entries, PyProxy):
        entries = entries._object
    if type(entries) is JsMap:
        return JsObject(dict(entries._d))
    members: dict[str, Any] = {}
    for pair in entries.items() if isinstance(entries, dict) else entries:
        key, value = pair
        members[key if type(key) is str else text_of(into_js(key))] = into_js(value)
    return JsObject(members)


def _assign(target: Any, *sources: Any) -> Any:
    for source in sources:
        if type(source) is JsObject:
            target._d.update(source._d)
    return target


def _members_of(part: str) -> Callable[[Any], JsArray]:
    """`Object.keys`, `values` or `entries`."""

    def read(value: Any) -> JsArray:
        members: JsArray = getattr(value, f"object_{part}")()
        return members

    return read


def _object() -> JsFunction:
    return JsFunction(
        "Object",
        new=lambda *_: JsObject(),
        fromEntries=JsFunction("fromEntries", from_entries),
        keys=JsFunction("keys", _members_of("keys")),
        values=JsFunction("values", _members_of("values")),
        entries=JsFunction("entries", _members_of("entries")),
        assign=JsFunction("assign", _assign, 4),
    )


# numbers and text


def _as_number(value: Any = 0) -> Any:
    """`Number(value)`."""
    if isinstance(value, (int, float)):
        return value
    text = text_of(value).strip()
    try:
        return number(float(text)) if text else 0
    except ValueError:
        return math.nan


def _parse_int(text: Any, base: Any = None) -> Any:
    digits = text_of(text).strip()
    for end in range(len(digits), 0, -1):
        try:
            return int(digits[:end], int(base or 10))
        except ValueError:
            continue
    return math.nan


def _parse_float(text: Any) -> Any:
    digits = text_of(text).strip()
    for end in range(len(digits), 0, -1):
        try:
            return number(float(digits[:end]))
        except ValueError:
            continue
    return math.nan


def _is_nan(value: Any) -> bool:
    return math.isnan(_as_number(value))


def _random() -> float:
    return ambient.runtime().random.random()


def _math() -> Namespace:
    functions = {
        name: getattr(math, name) for name in ("floor", "ceil", "sqrt", "sin", "cos", "log", "trunc")
    }
    return Namespace(
        **functions,
        abs=abs,
        max=lambda *values: max(values, default=-math.inf),
        min=lambda *values: min(values, default=math.inf),
        pow=pow,
        round=lambda value: math.floor(value + 0.5),
        random=_random,
        PI=math.pi,
        E=math.e,
    )


# JSON and dates


def _stringify(value: Any, _replacer: Any = None, space: Any = None) -> Any:
    if value is None:
        return None
    if space:
        return json.dumps(plain(value), ensure_ascii=False, indent=space)
    return stringify(plain(value))


def _parse(text: Any) -> Any:
    return from_data(parse_or_syntax_error(text_of(text).encode()))


def _new_date(*args: Any) -> JsDate:
    first = args[0] if args else None
    if first is None:
        return JsDate(ambient.now_ms())
    if isinstance(first, str):
        seconds = parse_date(first)
        return JsDate(math.nan if seconds is None else seconds * 1000)
    return JsDate(first._ms if isinstance(first, JsDate) else first)


# bytes


def _typed_array(kind: str) -> JsFunction:
    code = ITEM_CODES[kind]

    def new(source: Any = None, start: Any = None, end: Any = None) -> JsBuffer:
        if isinstance(source, (int, float)):
            return JsBuffer(bytes(int(source) * array(code).itemsize), kind)
        if type(source) is JsBuffer and (kind == "DataView" or source.constructor.name == "ArrayBuffer"):
            return JsBuffer(source._bytes, kind)
        if isinstance(source, PyProxy) and isinstance(source._object, (bytes, bytearray, memoryview)):
            return JsBuffer(bytes(source._object), kind)
        items = list(source) if type(source) is JsBuffer else plain(source) if source is not None else ()
        return JsBuffer(array(code, items).tobytes(), kind)

    return JsFunction(kind, count=3, new=new, **{"from": JsFunction("from", new, 1)})


# errors and promises


def _error(name: str) -> JsFunction:
    def make(message: Any = None, _options: Any = None) -> JsException:
        return JsException(name, "" if message is None else text_of(message))

    return JsFunction(name, make, 2, new=make)


def _awaitables(items: Any) -> list[Awaitable[Any]]:
    return [settled(item) for item in (items._object if isinstance(items, PyProxy) else items)]


def _all(items: Any) -> JsPromise:
    async def gather() -> JsArray:
        return JsArray([into_js(value) for value in await asyncio.gather(*_awaitables(items))])

    return JsPromise(gather())


def _all_settled(items: Any) -> JsPromise:
    async def gather() -> JsArray:
        outcomes = await asyncio.gather(*_awaitables(items), return_exceptions=True)
        return JsArray(
            [
                JsObject({"status": "rejected", "reason": into_js(outcome)})
                if isinstance(outcome, BaseException)
                else JsObject({"status": "fulfilled", "value": into_js(outcome)})
                for outcome in outcomes
            ]
        )

    return JsPromise(gather())


def _race(items: Any) -> JsPromise:
    async def first() -> Any:
        tasks = [asyncio.ensure_future(item) for item in _awaitables(items)]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()

    return JsPromise(first())


async def _rejected(reason: Any) -> None:
    if isinstance(reason, BaseException):
        raise reason
    raise JsException("Error", text_of(reason))


def _new_promise(executor: Any) -> JsPromise:
    """`new Promise((resolve, reject) => ...)`."""
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def resolve(value: Any = None) -> None:
        if not future.done():
            future.set_result(value)

    def reject(reason: Any = None) -> None:
        error = reason if isinstance(reason, Exception) else JsException("Error", text_of(reason))
        if not future.done():
            future.set_exception(error)

    invoke(executor, JsFunction("resolve", resolve), JsFunction("reject", reject))
    return JsPromise(future)


def _promise() -> JsFunction:
    return JsFunction(
        "Promise",
        new=_new_promise,
        all=JsFunction("all", _all),
        allSettled=JsFunction("allSettled", _all_settled),
        race=JsFunction("race", _race),
        resolve=JsFunction("resolve", lambda value=None: JsPromise(settled(value))),
        reject=JsFunction("reject", lambda reason=None: JsPromise(_rejected(reason))),
    )


# text of URIs


def _quote(safe: str, text: Any) -> str:
    return quote(text_of(text), safe=safe)


def _unquote(text: Any) -> str:
    return unquote(text_of(text))


def _items(source: Iterable[Any] | None = None) -> list[Any]:
    return [] if source is None else [into_js(item) for item in source]


def _array_of(*items: Any) -> JsArray:
    if len(items) == 1 and isinstance(items[0], int):
        if items[0] < 0:
            raise PlatformRangeError("Invalid array length")
        return JsArray([None] * items[0])
    return JsArray([item for item in items if item is not None])


def _clone(value: Any, _options: Any = None) -> Any:
    if isinstance(value, PyProxy) or callable(value):
        raise PlatformError(f"{text_of(value)} could not be cloned.")
    return value if isinstance(value, JsDate) else from_data(plain(value))


def language() -> dict[str, Any]:
    """The objects of the language, by global name; made anew, so that no worker sees another's changes."""
    return {
        "Object": _object(),
        "Array": JsFunction(
            "Array",
            new=_array_of,
            count=0,
            **{
                "from": JsFunction("from", lambda source: JsArray(_items(source))),
                "of": JsFunction("of", _array_of, 1),
                "isArray": JsFunction("isArray", lambda value: type(value) is JsArray),
            },
        ),
        "Map": JsFunction("Map", new=lambda entries=None: JsMap(entries)),
        "Set": JsFunction("Set", new=lambda items=None: JsSet(_items(items))),
        "JSON": Namespace(
            stringify=JsFunction("stringify", _stringify, 3), parse=JsFunction("parse", _parse, 1)
        ),
        "Date": JsFunction("Date", new=_new_date, now=ambient.now_ms),
        "Math": _math(),
        "Number": JsFunction("Number", _as_number, isInteger=lambda value: isinstance(value, int)),
        "String": JsFunction("String", lambda value="": text_of(value)),
        "Boolean": JsFunction("Boolean", lambda value=False: value is not jsnull and bool(value)),
        "Promise": _promise(),
        **{kind: _typed_array(kind) for kind in ITEM_CODES},
        **{name: _error(name) for name in ("Error", "TypeError", "RangeError", "SyntaxError", "EvalError")},
        **{name: _error(name) for name in ("ReferenceError", "URIError", "AggregateError")},
        "parseInt": JsFunction("parseInt", _parse_int, 2),
        "parseFloat": JsFunction("parseFloat", _parse_float),
        "isNaN": JsFunction("isNaN", _is_nan),
        "isFinite": JsFunction("isFinite", lambda value: math.isfinite(_as_number(value))),
        "encodeURIComponent": JsFunction("encodeURIComponent", partial(_quote, _COMPONENT)),
        "encodeURI": JsFunction("encodeURI", partial(_quote, _COMPONENT + _URI)),
        "decodeURIComponent": JsFunction("decodeURIComponent", _unquote),
        "decodeURI": JsFunction("decodeURI", _unquote),
        "structuredClone": JsFunction("structuredClone", _clone, 2),
        "undefined": None,
        "NaN": math.nan,
        "Infinity": math.inf,
    }
