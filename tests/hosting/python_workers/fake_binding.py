"""A binding that says what it is given, as the recordings' JavaScript has it (tools/record_pyodide.mjs)."""

from __future__ import annotations

import json
from typing import Any

from edgeday.errors import PlatformError, PlatformRangeError, PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.containers import JsMap, JsObject, JsSet, from_data
from edgeday.hosting.python_workers.conversions import as_json, member
from edgeday.hosting.python_workers.dates import JsDate
from edgeday.hosting.python_workers.functions import JsFunction, as_arguments
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import (
    MAX_SAFE_INTEGER,
    NOTHING,
    JsException,
    JsProxy,
    jsnull,
)
from edgeday.hosting.python_workers.streams import JsStream
from edgeday.web.body import ReadableStream
from edgeday.web.javascript import to_string
from edgeday.web.json_text import stringify


def text(value: Any) -> str:
    """A JavaScript value in words."""
    match value:
        case None:
            return "undefined"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return str(value).lower()
        case int() if abs(value) >= MAX_SAFE_INTEGER:
            return f"{value}n"
        case int() | float():
            return "-0" if value == 0 and str(value).startswith("-") else to_string(value)
        case JsArray():
            return "[" + ",".join(map(text, value._l)) + "]"
        case JsMap():
            return "Map{" + ",".join(f"{key}:{text(item)}" for key, item in value._d.items()) + "}"
        case JsSet():
            return "Set{" + ",".join(map(text, value._s)) + "}"
        case JsBuffer():
            return value.constructor.name + str(value.byteLength)
        case JsObject():
            return "{" + ",".join(f"{key}:{text(item)}" for key, item in value._d.items()) + "}"
        case JsFunction():
            return "function"
    return "null" if value is jsnull else value.constructor.name


def read(options: Any) -> str:
    """Options as the runtime reads those of a KV put."""
    if options is None or options is jsnull:
        return text(options)
    if not isinstance(options, JsProxy):
        return {str: "string", bool: "boolean"}.get(type(options), "number")
    metadata = member(options, "metadata")
    data = as_json(metadata)
    shown = "-" if metadata is None else "undefined" if data is NOTHING else stringify(data)
    return f"{text(member(options, 'expirationTtl'))} {shown}"


def values() -> dict[str, Any]:
    """One of each kind, by name."""
    return {
        "null": jsnull,
        "undefined": None,
        "object": from_data({"a": 1, "n": None, "keys": [1], "s": {"t": "u"}}),
        "empty": JsObject(),
        "nothing": JsArray(),
        "array": from_data([1, None, {"a": 1}]),
        "map": JsMap({"a": 1, "b": jsnull}),
        "set": JsSet([1, 2]),
        "buffer": JsBuffer(b"\1\2", "ArrayBuffer"),
        "int": from_data(1.0),
        "float": 1.5,
        "big": from_data(float(2**60)),
        "bigint": 2**64,
        "bool": True,
        "date": JsDate(0),
        "nested": from_data({"a": [{"b": None}]}),
        "stream": JsStream(ReadableStream(b"")),
        "function": JsFunction("", lambda x: x + 1),
    }


class FakeBinding(JsProxy):
    """The recordings' KvNamespace."""

    js_class = "KvNamespace"
    __slots__ = ()

    def echo(self, *args: Any, **keywords: Any) -> JsPromise:
        """Its arguments in words."""
        return JsPromise(_answer(" | ".join(map(text, _all(args, keywords)))))

    def options(self, *args: Any, **keywords: Any) -> JsPromise:
        """Its third argument and those behind it, as options."""
        _, _, *options = [*_all(args, keywords), None, None][: max(3, len(args) + bool(keywords))]
        return JsPromise(_answer(lambda: " | ".join(map(read, options))))

    def value(self, name: str) -> JsPromise:
        """A value by name."""
        return JsPromise(_answer(values()[name]))

    def throws(self, name: str, message: str) -> JsPromise:
        """An error of a class."""
        kinds = {"TypeError": PlatformTypeError, "Error": PlatformError, "RangeError": PlatformRangeError}
        return JsPromise(_fail(kinds[name](message)))

    def rejects(self, value: Any) -> JsPromise:
        """Something that is no error."""
        return JsPromise(_fail(JsException("Error", to_string(value))))

    def toString(self) -> str:
        """A class of JavaScript's own has no text of its own."""
        return "[object Object]"


def _all(args: tuple[Any, ...], keywords: dict[str, Any]) -> list[Any]:
    return as_arguments(args, keywords, len(args) + bool(keywords))


async def _answer(value: Any) -> Any:
    return value() if callable(value) and not isinstance(value, JsProxy) else value


async def _fail(error: Exception) -> Any:
    raise error
