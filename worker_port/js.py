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

from edgeday.web.json_text import javascript_key_order, number_text, stringify

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
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def truthy(value: Any) -> bool:
    """Whether JavaScript takes a value for true: empty arrays and objects are, NaN is not."""
    if value:
        return type(value) is not float or not math.isnan(value)
    return isinstance(value, (list, dict))


def either(value: Any, default: Any) -> Any:
    """`value || default`."""
    if value:  # `truthy`, written out: entries are full of these
        return default if type(value) is float and math.isnan(value) else value
    return value if isinstance(value, (list, dict)) else default


def utf16_length(text: str) -> int:
    """The `length` of a text: UTF-16 code units, so 2 for a character beyond U+FFFF."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def length(value: Any) -> Any:
    """`value?.length || 0`: units of a text, items of an array, the own `length` of an object."""
    if isinstance(value, str):
        return utf16_length(value)
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict):
        return either(value.get("length"), 0)
    return 0


def text(value: Any) -> str:
    """`String(value)`, as template literals put values into text."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if value is UNDEFINED:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, list):
        return ",".join("" if item is None or item is UNDEFINED else text(item) for item in value)
    return "[object Object]"


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


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return number_text(value)


def parse_int(source: str) -> int | float:
    """`parseInt(source)`: the leading digits as a number, else NaN.

    Blanks and one sign may come first; "0x" begins a hexadecimal number (NaN if it ends there). Only ASCII
    digits count.
    Beyond 2^53 the nearest double, as for every number in JavaScript.
    """
    found = _LEADING_INTEGER.match(source)
    if found is None or found[2] == "":
        return math.nan
    sign, hexadecimal, decimal = found.groups()
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


def base36(value: float) -> str:
    """`value.toString(36)` of a number from 0 up to 1: as many digits as tell it from its neighbours.

    Source: ECMA-262, Number::toString leaves the digits to the engine; these are V8's (recorded).
    """
    if value == 0:
        return "0"
    tolerance = max(0.5 * (math.nextafter(value, math.inf) - value), math.ulp(0.0))
    digits: list[int] = []
    rest = value
    while rest >= tolerance:
        rest *= 36
        tolerance *= 36
        digit = int(rest)
        digits.append(digit)
        rest -= digit
        if (rest > 0.5 or (rest == 0.5 and digit % 2)) and rest + tolerance > 1:
            while digits and digits[-1] == 35:
                digits.pop()
            if not digits:
                return "1"
            digits[-1] += 1
            break
    return "0." + "".join(_DIGITS[digit] for digit in digits)
