"""Blob, File and FormData, under the names that the Python Workers SDK gives their members."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, MutableMapping
from typing import Any

from edgeday.web.javascript import to_string
from edgeday.web.text import decode_text, utf8


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
        """Add a field behind those that are there. filename: of a Blob; default: a File's own, or `name`."""
        name = to_string(name)
        self._fields.append((name, _form_value(name, value, filename)))

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


def _form_value(name: str, value: Any, filename: str | None) -> FormValue:
    if not isinstance(value, Blob):
        return to_string(value)
    if isinstance(value, File) and filename is None:
        return value
    return File(value, name if filename is None else filename)
