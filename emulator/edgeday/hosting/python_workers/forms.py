"""Blob, File and FormData, and forms as bodies: multipart and URL-encoded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from edgeday.errors import PlatformTypeError
from edgeday.hosting.python_workers.buffers import JsBuffer
from edgeday.hosting.python_workers.containers import JsArray
from edgeday.hosting.python_workers.conversions import member, text_of
from edgeday.hosting.python_workers.functions import method
from edgeday.hosting.python_workers.promises import promise
from edgeday.hosting.python_workers.proxies import JsProxy, into_js, jsnull
from edgeday.hosting.python_workers.streams import JsStream
from edgeday.web import ambient
from edgeday.web.body import ReadableStream

_MULTIPART = re.compile(r'multipart/form-data.*?boundary="?([^";]+)"?', re.IGNORECASE)


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
        return self._data.decode("utf-8", "replace")

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
        """A part of it."""
        return JsBlob(self._data[start:end], text_of(type) if type is not None else "")


class JsFile(JsBlob):
    """A File: a Blob with a name and a time."""

    js_class = "File"
    __slots__ = ("lastModified", "name")

    def __init__(self, data: Any, name: str, type: str = "", lastModified: Any = None) -> None:
        super().__init__(data, type)
        self.name = name
        self.lastModified = ambient.now_ms() if lastModified is None else lastModified


def _joined(parts: Any) -> bytes:
    data = []
    for part in parts or ():
        part = into_js(part)
        if isinstance(part, JsBlob):
            data.append(part._data)
        elif type(part) is JsBuffer:
            data.append(bytes(part._bytes))
        else:
            data.append(text_of(part).encode())
    return b"".join(data)


def _type_in(options: Any) -> str:
    type = member(options, "type")
    return "" if type is None else text_of(type)


def new_blob(parts: Any, options: Any = None) -> JsBlob:
    """`new Blob(parts, options)`."""
    return JsBlob(_joined(parts), _type_in(options))


def new_file(parts: Any, name: Any, options: Any = None) -> JsFile:
    """`new File(parts, name, options)`."""
    return JsFile(_joined(parts), text_of(name), _type_in(options), member(options, "lastModified"))


class JsFormData(JsProxy):
    """A FormData: names with text or files, in order."""

    js_class = "FormData"
    __slots__ = ("_items",)

    def __init__(self) -> None:
        self._items: list[tuple[str, Any]] = []

    @method(3)
    def append(self, name: Any, value: Any, filename: Any) -> None:
        """Add a field."""
        self._items.append((text_of(name), self._value(value, filename)))

    @staticmethod
    def _value(value: Any, filename: Any) -> Any:
        if not isinstance(value, JsBlob):
            return text_of(value)
        if isinstance(value, JsFile) and filename is None:
            return value
        name = filename if filename is not None else getattr(value, "name", "blob")
        return JsFile(value._data, name, value.type, 0)

    @method(3)
    def set(self, name: Any, value: Any, filename: Any) -> None:
        """Put a field in the place of those of its name."""
        self.delete(name)
        self._items.append((text_of(name), self._value(value, filename)))

    @method(1)
    def get(self, name: Any) -> Any:
        """The first value of a name, or null."""
        return next((value for key, value in self._items if key == name), jsnull)

    @method(1)
    def getAll(self, name: Any) -> JsArray:
        """All values of a name."""
        return JsArray([value for key, value in self._items if key == name])

    @method(1)
    def has(self, name: Any) -> bool:
        """Whether there is such a field."""
        return any(key == name for key, _ in self._items)

    @method(1)
    def delete(self, name: Any) -> None:
        """Remove the fields of a name."""
        self._items = [item for item in self._items if item[0] != name]

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Names and values."""
        return iter(self._items)

    __iter__ = entries

    def keys(self) -> Iterator[str]:
        """The names."""
        return (key for key, _ in self._items)

    def values(self) -> Iterator[Any]:
        """The values."""
        return (value for _, value in self._items)

    def __contains__(self, name: object) -> bool:
        return bool(self.has(name))

    def __getitem__(self, name: Any) -> Any:
        if not self.has(name):
            raise KeyError(name)
        return self.get(name)


def encode(form: JsFormData) -> tuple[bytes, str]:
    """The form as a multipart body, and the content type with its boundary."""
    boundary = ambient.random_uuid().replace("-", "")
    lines = []
    for name, value in form._items:
        head = f'Content-Disposition: form-data; name="{name}"'
        if isinstance(value, JsBlob):
            filename = value.name if isinstance(value, JsFile) else "blob"
            head += f'; filename="{filename}"\r\nContent-Type: {value.type or "application/octet-stream"}'
            data = value._data
        else:
            data = value.encode()
        lines.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + b"\r\n")
    return b"".join([*lines, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def parse(data: bytes, content_type: str) -> JsFormData:
    """The form of a body. Raises TypeError for a content type that is no form's."""
    form = JsFormData()
    if content_type.startswith("application/x-www-form-urlencoded"):
        form._items = list(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True))
        return form
    multipart = _MULTIPART.match(content_type)
    if multipart is None:
        raise PlatformTypeError(
            "Unrecognized Content-Type header value. FormData can only parse the following MIME types: "
            "multipart/form-data, application/x-www-form-urlencoded."
        )
    for part in data.split(b"--" + multipart[1].encode())[1:-1]:
        head, _, body = part[2:-2].partition(b"\r\n\r\n")
        fields = head.decode()
        name = re.search(r'name="([^"]*)"', fields)
        file = re.search(r'filename="([^"]*)"', fields)
        kind = re.search(r"Content-Type: (.*)", fields, re.IGNORECASE)
        value: Any = body.decode("utf-8", "replace")
        if file:
            value = JsFile(body, file[1], kind[1].strip() if kind else "", 0)
        form._items.append((name[1] if name else "", value))
    return form
