"""JavaScript's ways where they show in what the worker stores and answers.

Values are those of JSON: None is `null`, dict an object, list an array. `UNDEFINED` stands for an
argument that was not passed; a field that is `undefined` is simply missing from its dict.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar

from edgeday.web import javascript
from edgeday.web.json_text import javascript_key_order, stringify
from edgeday.web.text import utf16_units

T = TypeVar("T")


class _Undefined:
    """The type of `UNDEFINED`."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Final = _Undefined()

_EPOCH = date(1970, 1, 1)
_MAX_SAFE_INTEGER = 2**53
_BLANKS = "[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
_LEADING_INTEGER = re.compile(_BLANKS + "([+-]?)(?:0[xX]([0-9a-fA-F]*)|([0-9]+))")


def truthy(value: Any) -> bool:
    """Whether JavaScript takes a value for true: empty arrays and objects are, NaN and UNDEFINED are not."""
    if value:  # most values are not empty: no second call for them
        return type(value) is not float or not math.isnan(value)
    return value is not UNDEFINED and javascript.truthy(value)


def either(value: Any, default: Any) -> Any:
    """`value || default`: empty arrays and objects are truthy, NaN is not."""
    if value:  # `truthy`, written out: entries are full of these
        return default if type(value) is float and math.isnan(value) else value
    return value if isinstance(value, (list, dict)) else default


def length(value: Any) -> Any:
    """`value?.length || 0`: units of a text, items of an array, the own `length` of an object."""
    if isinstance(value, str):
        return utf16_units(value)
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict):
        return either(value.get("length"), 0)
    return 0


def text(value: Any) -> str:
    """`String(value)`, as template literals put values into text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join("" if item is None or item is UNDEFINED else text(item) for item in value)
    return "undefined" if value is UNDEFINED else javascript.to_string(value)


def includes(items: list[Any], value: Any) -> bool:
    """`items.includes(value)` for values that are no objects: 1 is neither true nor "1"."""
    if isinstance(value, str):
        return value in items
    return any(item == value and isinstance(item, bool) is isinstance(value, bool) for item in items)


def field(entry: Mapping[str, Any], name: str) -> Any:
    """`entry.name`: UNDEFINED for a field that is missing."""
    return entry.get(name, UNDEFINED)


def indented_json(value: Any, indent: str = "") -> str:
    """`JSON.stringify(value, null, 2)`; indent: what the line that it stands on begins with."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        opening, closing = "{", "}"
        lines = [
            f"{stringify(name)}: {indented_json(value[name], inner)}" for name in javascript_key_order(value)
        ]
    elif isinstance(value, list) and value:
        opening, closing = "[", "]"
        lines = [indented_json(item, inner) for item in value]
    else:
        return stringify(value)
    return opening + ",".join(f"\n{inner}{line}" for line in lines) + f"\n{indent}{closing}"


def parse_int(source: str) -> int | float:
    """`parseInt(source)`: the leading digits as a number, else NaN.

    Blanks and one sign may come first; "0x" begins a hexadecimal number (NaN if it ends there). Only ASCII
    digits count.
    Beyond 2^53 the nearest double, as for every number in JavaScript.
    """
    match = _LEADING_INTEGER.match(source)
    if match is None or match[2] == "":
        return math.nan
    sign, hexadecimal, decimal = match.groups()
    value = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if value > _MAX_SAFE_INTEGER:
        try:
            value = int(float(value))
        except OverflowError:
            return -math.inf if sign == "-" else math.inf
    return -value if sign == "-" else value


def array_slice(items: Sequence[T], start: float, end: float) -> Sequence[T]:
    """`items.slice(start, end)`: negatives count from the end, NaN is 0, nothing is out of range."""
    size = len(items)
    return items[_bound(start, size) : _bound(end, size)]


def _bound(position: float, size: int) -> int:
    if math.isnan(position):
        return 0
    clamped = int(max(-size, min(size, position)))
    return clamped + size if clamped < 0 else clamped


@lru_cache(maxsize=256)
def iso_timestamp(epoch_ms: int) -> str:
    """`new Date(epoch_ms).toISOString()`: UTC with milliseconds and Z."""
    minutes, ms = divmod(epoch_ms, 60_000)
    return f"{_minute(minutes)}{ms / 1000:06.3f}Z"


@lru_cache(maxsize=64)
def _minute(minutes: int) -> str:
    days, minute = divmod(minutes, 1440)
    return f"{(_EPOCH + timedelta(days=days)).isoformat()}T{minute // 60:02}:{minute % 60:02}:"
