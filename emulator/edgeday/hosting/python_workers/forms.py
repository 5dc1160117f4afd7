"""Blob, File and FormData."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.arrays import JsArray, JsIterator, text_of
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.callbacks import callback
from edgeday.hosting.python_workers.conversions import elements, member
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.promises import promise
from edgeday.hosting.python_workers.proxies import JsProxy, into_js, jsnull, out_of_js, thrown
from edgeday.hosting.python_workers.streams import JsStream
from edgeday.web import ambient
from edgeday.web.body import ReadableStream
from edgeday.web.text import decode_text, utf8


class JsBlob(JsProxy):
    """A Blob: bytes with a type."""

    js_class = "Blob"
    __slots__ = ("_data", "type")

    def __init__(self, data: bytes, type: str = "") -> None:
        self._data, self.type = data, type

    @property
    def size(self) -> int:
        """The length in bytes."""
        return len(self._data)

    @promise(0)
    async def text(self) -> str:
        """The bytes as UTF-8."""
        return decode_text(self._data)

    @promise(0)
    async def arrayBuffer(self) -> JsBuffer:
        """The bytes as an ArrayBuffer."""
        return JsBuffer(self._data, "ArrayBuffer")

    @promise(0)
    async def bytes(self) -> JsBuffer:
        """The bytes as a Uint8Array."""
        return JsBuffer(self._data)

    def stream(self) -> JsStream:
        """The bytes as a stream."""
        return JsStream(ReadableStream(self._data))

    @method(3)
    def slice(self, start: Any, end: Any, type: Any) -> JsBlob:
        """A part of it; negative places count from the end."""
        first = None if start is None or start is jsnull else int(start)
        last = None if end is None or end is jsnull else int(end)
        return JsBlob(self._data[first:last], "" if type is None else _type(type))


class JsFile(JsBlob):
    """A File: a Blob with a name and a time."""

    js_class = "File"
    __slots__ = ("lastModified", "name")

    def __init__(self, data: Any, name: str, type: str = "", lastModified: Any = None) -> None:
        super().__init__(data, type)
        self.name = name
        self.lastModified = ambient.now_ms() if lastModified is None else lastModified


def _type(value: Any) -> str:
    text = text_of(value)
    return text.lower() if text.isascii() and text.isprintable() else ""


def _joined(parts: Any, name: str) -> bytes:
    if parts is None:
        return b""
    if not isinstance(parts, JsArray):
        raise PlatformTypeError(
            f"Failed to construct '{name}': constructor parameter 1 is not of type 'Array'."
        )
    data = []
    for part in elements(parts):
        if isinstance(part, JsBlob):
            data.append(part._data)
        elif isinstance(part, JsBuffer):
            data.append(bytes(part._bytes))
        else:
            data.append(utf8(text_of(part)))
    return b"".join(data)


def _type_in(options: Any) -> str:
    type = member(options, "type")
    return "" if type is None else _type(type)


def new_blob(parts: Any, options: Any = None) -> JsBlob:
    """`new Blob(parts, options)`."""
    return JsBlob(_joined(parts, "Blob"), _type_in(options))


def new_file(parts: Any, name: Any, options: Any = None) -> JsFile:
    """`new File(parts, name, options)`."""
    if name is None:
        raise PlatformTypeError(
            "Failed to construct 'File': constructor parameter 2 is not of type 'string'."
        )
    modified = member(options, "lastModified")
    return JsFile(
        _joined(parts, "File"), text_of(name), _type_in(options), None if modified is None else int(modified)
    )


def _field(call: str, given: list[Any]) -> tuple[str, Any]:
    """Name and value of a field as `append` and `set` take them."""
    if len(given) < 2:
        raise PlatformTypeError(
            f"Failed to execute '{call}' on 'FormData': parameter {len(given) + 1} is not of type "
            f"'{'File or Blob or string' if given else 'string'}'."
        )
    name, value = text_of(given[0]), given[1]
    filename = given[2] if len(given) > 2 else None
    if not isinstance(value, JsBlob):
        return name, text_of(value)
    if filename is None and isinstance(value, JsFile):
        return name, value
    return name, JsFile(value._data, name if filename is None else text_of(filename), value.type)


def _field_method(function: Any) -> Any:
    """A method of FormData that is given name, value and perhaps a file name."""

    @functools.wraps(function)
    def call(self: Any, *given: Any) -> None:
        try:
            function(self, *_field(function.__name__, [into_js(value) for value in given]))
        except PlatformTypeError as error:
            raise thrown(error) from error

    return call


class JsFormData(JsProxy):
    """A FormData: names with text or files, in order."""

    js_class = "FormData"
    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: list[tuple[str, Any]] = []

    @_field_method
    def append(self, name: str, value: Any) -> None:
        """Add a field. A Blob becomes a File of the name given, or of the field's name."""
        self._items.append((name, value))

    @_field_method
    def set(self, name: str, value: Any) -> None:
        """Put a field in the place of the first of its name, and take the others out."""
        places = [index for index, (key, _) in enumerate(self._items) if key == name]
        if not places:
            self._items.append((name, value))
            return
        self._items[places[0]] = (name, value)
        for index in reversed(places[1:]):
            del self._items[index]

    @method(1)
    def get(self, name: Any) -> Any:
        """The first value of a name, or null."""
        wanted = text_of(name)
        return next((value for key, value in self._items if key == wanted), jsnull)

    @method(1)
    def getAll(self, name: Any) -> JsArray:
        """All values of a name."""
        wanted = text_of(name)
        return JsArray([value for key, value in self._items if key == wanted])

    @method(1)
    def has(self, name: Any) -> bool:
        """Whether there is such a field."""
        wanted = text_of(name)
        return any(key == wanted for key, _ in self._items)

    @method(1)
    def delete(self, name: Any) -> None:
        """Remove the fields of a name."""
        unwanted = text_of(name)
        self._items = [item for item in self._items if item[0] != unwanted]

    def entries(self) -> JsIterator:
        """Names and values."""
        return JsIterator("FormData", [JsArray([*item]) for item in self._items])

    def __iter__(self) -> Iterator[Any]:
        return self.entries()

    def keys(self) -> JsIterator:
        """The names."""
        return JsIterator("FormData", [key for key, _ in self._items])

    def values(self) -> JsIterator:
        """The values."""
        return JsIterator("FormData", [value for _, value in self._items])

    def forEach(self, function: Any, _this: Any = None) -> None:
        """Call a function with value, name and this form for each field."""
        call = callback(function)
        for name, value in list(self._items):
            call(value, name, self)

    def __contains__(self, name: object) -> bool:
        return bool(self.has(name))

    def __getitem__(self, name: Any) -> Any:
        return out_of_js(self.get(name))
