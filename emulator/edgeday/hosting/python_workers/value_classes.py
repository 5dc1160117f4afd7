"""The language's classes of values: Object, Array, Map, Set, the typed arrays and the errors."""

from __future__ import annotations

from typing import Any

from edgeday.errors import PlatformRangeError, PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray, text_of
from edgeday.hosting.python_workers.buffers import ITEM_BYTES, JsBuffer, typed_array
from edgeday.hosting.python_workers.callbacks import invoke
from edgeday.hosting.python_workers.containers import JsMap, JsObject, JsSet
from edgeday.hosting.python_workers.conversions import elements, from_entries, member, pair_of
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.proxies import JsException, JsProxy, PyProxy, into_js, jsnull


class NamespaceObject(JsProxy):
    """An object of functions and values that is no class, such as JSON or console."""

    def __init__(self, kind: str = "Object", /, **members: Any) -> None:
        self.__dict__.update(members, _kind=kind)

    def toString(self) -> str:
        """The name of the namespace."""
        return f"[object {self.__dict__['_kind']}]"

    def _own(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_kind"}


def _own(value: Any) -> dict[str, Any]:
    if value is None or value is jsnull:
        raise PlatformTypeError("Cannot convert undefined or null to object")
    if isinstance(value, str):
        return {str(index): character for index, character in enumerate(value)}
    return value._own() if isinstance(value, JsProxy) else {}


def _assign(target: Any, *sources: Any) -> Any:
    for source in sources:
        if source is not None and source is not jsnull:
            for key, value in _own(source).items():
                setattr(target, key, value)
    return target


def _new_object(value: Any = None) -> Any:
    return JsObject() if value is None or value is jsnull else value


OBJECT = JsFunction(
    "Object", _new_object, new=_new_object,
    fromEntries=JsFunction("fromEntries", from_entries),
    keys=JsFunction("keys", lambda value: JsArray(list(_own(value)))),
    values=JsFunction("values", lambda value: JsArray(list(_own(value).values()))),
    entries=JsFunction("entries", lambda value: JsArray([JsArray([*pair]) for pair in _own(value).items()])),
    assign=JsFunction("assign", _assign, None),
    freeze=JsFunction("freeze", lambda value: value),
    seal=JsFunction("seal", lambda value: value),
    hasOwn=JsFunction("hasOwn", lambda value, name: text_of(name) in _own(value), 2),
    getOwnPropertyNames=JsFunction("getOwnPropertyNames", lambda value: JsArray(list(_own(value)))),
    is_=JsFunction("is", lambda one, other: one is other or (type(one) is type(other) and one == other), 2),
)  # fmt: skip


def _new_array(*items: Any) -> JsArray:
    if len(items) == 1 and isinstance(items[0], (int, float)):
        if items[0] < 0 or items[0] != int(items[0]):
            raise PlatformRangeError("Invalid array length")
        return JsArray([None] * int(items[0]))
    return JsArray(list(items))


def _array_from(source: Any, function: Any = None, _this: Any = None) -> JsArray:
    if type(source) is JsObject:
        length = source._d.get("length", 0)
        values: Any = (source._d.get(str(index)) for index in range(int(length)))
    else:
        values = elements(source)
    if function is None:
        return JsArray(list(values))
    return JsArray([into_js(invoke(function, value, index)) for index, value in enumerate(values)])


ARRAY = JsFunction(
    "Array", _new_array, None, new=_new_array,
    of=JsFunction("of", lambda *items: JsArray(list(items)), None),
    isArray=JsFunction("isArray", lambda value: isinstance(value, JsArray)),
    **{"from": JsFunction("from", _array_from, 3)},
)  # fmt: skip


def _new_map(entries: Any = None) -> JsMap:
    if entries is None or entries is jsnull:
        return JsMap()
    return JsMap([pair_of(entry, "Map") for entry in elements(entries)])


def _new_set(items: Any = None) -> JsSet:
    return JsSet(() if items is None or items is jsnull else elements(items))


MAP = JsFunction("Map", new=_new_map)
SET = JsFunction("Set", new=_new_set)


def bytes_of(data: Any, what: str = "ArrayBuffer or ArrayBufferView") -> bytes:
    """The bytes of a buffer or a view. Raises TypeError for anything else, Python's bytes too."""
    if isinstance(data, JsBuffer):
        return bytes(data._bytes)
    raise PlatformTypeError(f"the provided value is not of type '{what}'.")


def _is_view(value: Any) -> bool:
    return isinstance(value, JsBuffer) and value._kind != "ArrayBuffer"


def _class_of_bytes(kind: str) -> JsFunction:
    size = ITEM_BYTES[kind]

    def new(source: Any = None, start: Any = None, length: Any = None) -> JsBuffer:
        if source is None or isinstance(source, (int, float)):
            return JsBuffer(bytearray(int(source or 0) * size), kind)
        if isinstance(source, JsBuffer) and (kind == "DataView" or source._kind == "ArrayBuffer"):
            first = int(start or 0)
            last = len(source._bytes) if length is None else first + int(length) * size
            return JsBuffer(source._memory()[first:last], kind)
        if (
            kind == "Uint8Array"
            and isinstance(source, PyProxy)
            and isinstance(source._object, (bytes, bytearray))
        ):
            return JsBuffer(bytearray(source._object), kind)
        return typed_array(kind, list(elements(source)))

    return JsFunction(
        kind, count=3, new=new, BYTES_PER_ELEMENT=size,
        of=JsFunction("of", lambda *items: typed_array(kind, items), None),
        isView=JsFunction("isView", _is_view),
        **{"from": JsFunction("from", lambda source: typed_array(kind, list(elements(source))))},
    )  # fmt: skip


def _error(name: str) -> JsFunction:
    def make(message: Any = None, options: Any = None) -> JsException:
        error = JsException(name, "" if message is None else text_of(message))
        if isinstance(message, JsObject) and options is None and set(message._d) <= {"cause"}:
            message, options = None, message
            error = JsException(name, "")
        if (cause := member(options, "cause")) is not None:
            error.cause = cause  # type: ignore[attr-defined]
        return error

    return JsFunction(name, make, 2, new=make)


def _dom_exception(message: Any = None, name: Any = None) -> JsException:
    return JsException(
        "Error" if name is None else text_of(name), "" if message is None else text_of(message)
    )


ERRORS = {
    name: _error(name)
    for name in (
        "Error", "TypeError", "RangeError", "SyntaxError", "EvalError", "ReferenceError", "URIError",
        "AggregateError",
    )
}  # fmt: skip
VALUE_CLASSES = {
    "Object": OBJECT,
    "Array": ARRAY,
    "Map": MAP,
    "Set": SET,
    **{kind: _class_of_bytes(kind) for kind in ITEM_BYTES},
    **ERRORS,
    "DOMException": JsFunction("DOMException", count=2, new=_dom_exception),
}
"""Global name -> class."""
