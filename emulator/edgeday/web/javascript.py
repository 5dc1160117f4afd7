"""JavaScript's conversions of a value to a string, a number and a truth value.

The runtime applies them to arguments of the wrong type instead of refusing them. None stands for null;
JavaScript's undefined is an argument or a member that is left out.
"""

from __future__ import annotations

import math
import re
from typing import Any

from edgeday.errors import PlatformTypeError
from edgeday.web.json_text import number_text

_DECIMAL = re.compile(r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\Z", re.ASCII)
_INT32 = 2**31
_WITH_PREFIX = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)\Z")

WHITE_SPACE = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
"""What JavaScript trims: Python's `strip` takes U+001C to U+001F and U+0085 as well, but not U+FEFF."""


def to_string(value: Any) -> str:
    """`String(value)`: "null", "true", "1" for 1.0, "a,b" for a list, "[object Object]" for a dict."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if math.isfinite(value):
            return number_text(value)
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, (list, tuple)):
        return ",".join("" if item is None else to_string(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "[object ArrayBuffer]"
    return str(value)


def to_number(value: Any) -> float:
    """`Number(value)`: 0 for null and empty text, NaN for what is no number; "0x10" is 16."""
    if value is None:
        return 0.0
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    text = to_string(value).strip(WHITE_SPACE)
    if not text:
        return 0.0
    if _WITH_PREFIX.match(text):
        return float(int(text, 0))
    return float(text.replace("Infinity", "inf")) if _DECIMAL.match(text) else math.nan


def as_int32(value: Any) -> int:
    """A number as the runtime converts it: fractions are cut, what is no number is 0.

    Raises TypeError outside the signed 32-bit range, and for a fraction beyond its ends.
    """
    if type(value) is int and -_INT32 <= value < _INT32:
        return value
    number = to_number(value)
    if not math.isfinite(number):
        return 0
    if not -_INT32 <= number <= _INT32 - 1:
        raise PlatformTypeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive).")
    return int(number)


def truthy(value: Any) -> bool:
    """`Boolean(value)`: empty lists and dicts are true."""
    if value:
        return not isinstance(value, float) or not math.isnan(value)
    return not (value is None or isinstance(value, (str, int, float)))
