"""HTTP headers as `Headers` in a Worker: names without case, values combined with ", "."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, TypeVar, overload

from edgeday.errors import PlatformTypeError
from edgeday.web.javascript import to_string

T = TypeVar("T")
HeadersInit = Mapping[str, str] | Iterable[tuple[str, str]]

_NOT_IN_NAMES = re.compile(r'[\x00-\x20"(),/:;<=>?@\[\\\]{}\x7f]')
"""Recorded from workerd 1.20260426.1; it takes an empty name, and anything outside ASCII."""
_NOT_IN_VALUES = re.compile(r"[\x00\r\n]")


@lru_cache(maxsize=1024)
def _checked_name(name: str) -> str:
    """A name in lower case. Raises TypeError for one that no header can have."""
    name = to_string(name)
    if _NOT_IN_NAMES.search(name):
        raise PlatformTypeError("Invalid header name.")
    return name.lower()


def _checked_value(value: str) -> str:
    """A value without the white space around it. Raises TypeError for line breaks and NUL in it."""
    value = (value if isinstance(value, str) else to_string(value)).strip(" \t\r\n")
    if not value.isprintable() and _NOT_IN_VALUES.search(value):
        raise PlatformTypeError("Invalid header value.")
    return value


class Headers(MutableMapping[str, str]):
    """A list of header fields; iterates lower-cased names in order, like JavaScript's `Headers`.

    Values under one name are combined with ", "; `get_all` keeps them apart (needed for Set-Cookie). A name
    that is not there is None, as in the Python Workers SDK, and nothing to delete.
    """

    __slots__ = ("_combined", "_fields", "_immutable", "_shared")

    def __init__(self, init: HeadersInit | None = None) -> None:
        self._fields: dict[str, list[str]]
        self._combined: tuple[tuple[str, str], ...] | None
        self._shared: bool
        self._immutable = False
        if type(init) is Headers:  # the fields are shared until one of the two is written to
            self._fields = init._fields
            self._combined = init._combined or init.combined()
            self._shared = init._shared = True
            return
        self._fields = {}
        self._combined = None
        self._shared = False
        if init is None:
            return
        for name, value in init.items() if isinstance(init, Mapping) else init:
            self.append(name, value)

    def freeze(self) -> Headers:
        """Make every later change raise `TypeError: Can't modify immutable headers.`"""
        self._immutable = True
        return self

    def _writable(self) -> dict[str, list[str]]:
        if self._immutable:
            raise PlatformTypeError("Can't modify immutable headers.")
        if self._shared:
            self._fields = {name: values.copy() for name, values in self._fields.items()}
            self._shared = False
        self._combined = None
        return self._fields

    def append(self, name: str, value: str) -> None:
        """Add a value, next to those that are there. Raises TypeError for a malformed name or value."""
        self._writable().setdefault(_checked_name(name), []).append(_checked_value(value))

    @overload
    def get_all(self, name: str) -> list[str]: ...
    @overload
    def get_all(self, name: str, failobj: T) -> list[str] | T: ...
    def get_all(self, name: str, failobj: Any = None) -> Any:
        """The values under a name, one for each field; of a name that is not there `failobj`, or []."""
        values = self._fields.get(name.lower())
        if values is None:
            return [] if failobj is None else failobj
        return list(values)

    def fields(self) -> list[tuple[str, str]]:
        """Name and value of every field, values under one name kept apart, names sorted."""
        return [(name, value) for name in sorted(self._fields) for value in self._fields[name]]

    def combined(self) -> tuple[tuple[str, str], ...]:
        """Name and combined value of every header, in the order in which they were added."""
        if self._combined is None:
            self._combined = tuple([(name, ", ".join(values)) for name, values in self._fields.items()])
        return self._combined

    @overload
    def get(self, key: str, /) -> str | None: ...
    @overload
    def get(self, key: str, /, default: str) -> str: ...
    @overload
    def get(self, key: str, /, default: T) -> str | T: ...
    def get(self, key: str, /, default: Any = None) -> Any:
        """The combined value, or `default`."""
        values = self._fields.get(key.lower())
        return default if values is None else ", ".join(values)

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __setitem__(self, name: str, value: str) -> None:
        self._writable()[_checked_name(name)] = [_checked_value(value)]

    def __delitem__(self, name: str) -> None:
        self._writable().pop(name.lower(), None)

    def pop(self, name: str, *default: Any) -> Any:
        """Take a header away; its value, or `default`. Raises KeyError without one."""
        value = self.get(name)
        del self[name]
        if value is None and not default:
            raise KeyError(name)
        return default[0] if value is None else value

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The value of a header, which is set to `default` if it is not there."""
        if name not in self:
            self[name] = default
        return self[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._fields))

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({self.fields()!r})"
