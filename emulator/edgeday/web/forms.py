"""Blob, File and FormData, and forms as bodies: multipart and URL-encoded.

Names as in the Python Workers SDK. Source of the encoding: Fetch Standard, "multipart/form-data"; HTML
Standard, the escapes of names.
"""

from __future__ import annotations

import builtins
import hashlib
import re
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from edgeday.errors import PlatformTypeError
from edgeday.web.javascript import to_string
from edgeday.web.text import decode_text, utf8

_BOUNDARY = re.compile(r'multipart/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_ESCAPES = {"\n": "%0A", "\r": "%0D", '"': "%22"}
_OCTETS = "application/octet-stream"
_NO_FORM = (
    "Unrecognized Content-Type header value. FormData can only parse the following MIME types: "
    "multipart/form-data, application/x-www-form-urlencoded."
)


class Blob:
    """Bytes with a type. parts: text (as UTF-8), bytes and blobs, one or several."""

    __slots__ = ("_data", "content_type")

    content_type: str

    def __init__(self, parts: Any = (), content_type: str | None = None) -> None:
        if content_type is None and isinstance(parts, Blob):
            content_type = parts.content_type
        single = isinstance(parts, (str, builtins.bytes, bytearray, memoryview, Blob))
        self._data = b"".join(map(_part, (parts,) if single else parts))
        self.content_type = content_type or ""

    @property
    def size(self) -> int:
        """The length in bytes."""
        return len(self._data)

    async def text(self) -> str:
        """The bytes as UTF-8."""
        return decode_text(self._data)

    async def bytes(self) -> builtins.bytes:
        """The bytes themselves."""
        return self._data

    def slice(self, start: int | None = None, end: int | None = None, content_type: str = "") -> Blob:
        """A part of it, from `start` to before `end`; negative numbers count from the end."""
        return Blob(self._data[start:end], content_type)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.content_type or 'of no type'}, {self.size} bytes>"


class File(Blob):
    """A Blob with a name and an instant. last_modified: epoch milliseconds."""

    __slots__ = ("last_modified", "name")

    def __init__(
        self, parts: Any, filename: str, content_type: str | None = None, *, last_modified: int = 0
    ) -> None:
        super().__init__(parts, content_type)
        self.name = filename
        self.last_modified = last_modified


def _part(part: Any) -> bytes:
    if isinstance(part, Blob):
        return part._data
    return bytes(part) if isinstance(part, (bytes, bytearray, memoryview)) else utf8(to_string(part))


FormValue = str | File


class FormData(MutableMapping[str, Any]):
    """The fields of a form in their order; a name may be there more than once.

    `form["name"]` is the first value of a name, None where it is missing; `get_all` gives every one. A Blob
    becomes a File.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Any = None) -> None:
        self._fields: list[tuple[str, FormValue]] = []
        if fields is not None:
            for name, value in fields.items() if hasattr(fields, "items") else fields:
                self.append(name, value)

    def append(self, name: str, value: Any, filename: str | None = None) -> None:
        """Add a field behind those that are there."""
        self._fields.append((to_string(name), _form_value(value, filename)))

    def get_all(self, name: str) -> list[FormValue]:
        """The values of a name."""
        return [value for known, value in self._fields if known == name]

    def delete(self, name: str) -> None:
        """Remove the fields of a name, if there are any."""
        self._fields = [field for field in self._fields if field[0] != name]

    def get(self, name: str, default: Any = None) -> Any:
        """The first value of a name, or `default`."""
        return next((value for known, value in self._fields if known == name), default)

    def fields(self) -> list[tuple[str, FormValue]]:
        """Name and value of every field."""
        return list(self._fields)

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.delete(name)
        self.append(name, value)

    def __delitem__(self, name: str) -> None:
        self.delete(name)

    def __contains__(self, name: object) -> bool:
        return any(known == name for known, _ in self._fields)

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._fields))

    def __len__(self) -> int:
        return len(dict(self._fields))

    def __repr__(self) -> str:
        return f"FormData({self._fields!r})"


def _form_value(value: Any, filename: str | None) -> FormValue:
    if not isinstance(value, Blob):
        return to_string(value)
    if isinstance(value, File) and filename is None:
        return value
    return File(value, "blob" if filename is None else filename)


def encode(fields: Iterable[tuple[str, FormValue]]) -> tuple[bytes, str]:
    """Fields as a multipart body, and its content type. The boundary is made of the content, not drawn."""
    parts = []
    for name, value in fields:
        head = f'Content-Disposition: form-data; name="{_escaped(name)}"'
        if isinstance(value, Blob):
            filename = value.name if isinstance(value, File) else "blob"
            head += f'; filename="{_escaped(filename)}"\r\nContent-Type: {value.content_type or _OCTETS}'
            content = value._data
        else:
            content = utf8(value)
        parts.append(utf8(head) + b"\r\n\r\n" + content)
    boundary = "edgeday-" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    mark = boundary.encode()
    body = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + mark + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"


def _escaped(name: str) -> str:
    for character, escape in _ESCAPES.items():
        name = name.replace(character, escape)
    return name


def _unescaped(name: str) -> str:
    for character, escape in _ESCAPES.items():
        name = name.replace(escape, character)
    return name


def decode(data: bytes, content_type: str) -> list[tuple[str, FormValue]]:
    """The fields of a body. Raises TypeError for a content type that is no form's, and for a broken body."""
    if content_type.lower().startswith("application/x-www-form-urlencoded"):
        return list(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=None))
    boundary = _BOUNDARY.match(content_type)
    if boundary is None:
        raise PlatformTypeError(_NO_FORM)
    parts = (b"\r\n" + data).split(b"\r\n--" + utf8(boundary[1] or boundary[2]))
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise PlatformTypeError("No initial boundary string (or you have a truncated message).")
    return [_field(part) for part in parts[1:-1]]


def _field(part: bytes) -> tuple[str, FormValue]:
    """A part of a multipart body, from behind its boundary to before the next."""
    head, _, content = part.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    parameters = dict(_PARAMETER.findall(headers.get("content-disposition", "")))
    name = _unescaped(parameters.get("name", ""))
    if "filename" not in parameters:
        return name, content.decode("utf-8", "replace")
    return name, File(content, _unescaped(parameters["filename"]), headers.get("content-type", "text/plain"))
