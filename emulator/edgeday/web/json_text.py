"""JSON text exactly as JavaScript's `JSON.stringify` and `JSON.parse` have it.

The fast path is orjson, taken only for values whose text is the same in both; everything else
(fractions, big integers, integer-like keys, lone surrogates) is written here, and read by `json_reader`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import orjson

from edgeday.errors import PlatformSyntaxError
from edgeday.web.js_dict import JsDict
from edgeday.web.json_reader import read
from edgeday.web.text import decode_text

_MAX_SAFE = 2**53 - 1


def stringify(value: Any) -> str:
    """The text of `JSON.stringify(value)`: compact, non-ASCII kept, lone surrogates escaped.

    value: None, bool, int, float, str, list, tuple and dict of these.
    Raises TypeError for anything else, and for a value that contains itself.
    """
    return stringify_utf8(value).decode()


def stringify_utf8(value: Any) -> bytes:
    """`stringify` as UTF-8 bytes, without the detour through text."""
    try:
        if _is_plain(value):
            # A copy: orjson's result keeps its whole scratch buffer alive (about 5 KB each).
            return b"".join((orjson.dumps(value), b""))
    except (TypeError, RecursionError):  # a lone surrogate, a key that is no text; too deep, or without end
        pass
    parts: list[str] = []
    _write(value, parts, ())
    return "".join(parts).encode()


def parse(text: str | bytes, *, number: Callable[[float], float] | None = None) -> Any:
    """The value of `JSON.parse(text)`; object keys in JavaScript's order.

    number: what is made of a number that is no int of at most 53 bits; default: the nearest double, an int if
    it was written as one. Raises ValueError if the text is not JSON, or bytes are no UTF-8.
    """
    number = _rounded if number is None else number
    try:
        value = orjson.loads(text)
        return value if _is_plain(value) else _as_javascript(value, number)
    except (orjson.JSONDecodeError, RecursionError):
        text = text if isinstance(text, str) else text.decode()
    try:
        return _as_javascript(json.loads(text, parse_constant=_refuse_constant), number)  # halves of pairs
    except (ValueError, RecursionError):
        return read(text, _in_order)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _is_plain(value: Any) -> bool:
    """Whether orjson and JavaScript agree on the value's text (lone surrogates aside).

    Written for speed: it looks at every value that is stored. Raises TypeError for a key that is no text.
    """
    kind = type(value)
    if kind is dict:
        for key, item in value.items():
            if key < ":":  # might be an array index, which comes first; letters are beyond the colon
                return False
            kind = type(item)
            if kind is str or item is None or kind is bool:
                continue
            if kind is int:
                if not -_MAX_SAFE <= item <= _MAX_SAFE:
                    return False
            elif not _is_plain(item):
                return False
        return True
    if kind is list or kind is tuple:
        for item in value:  # noqa: SIM110 - a generator would cost more than the checks
            if type(item) is not str and not _is_plain(item):
                return False
        return True
    if kind is int:
        return bool(-_MAX_SAFE <= value <= _MAX_SAFE)
    return value is None or kind is bool or kind is str or (kind is JsDict and _is_plain(dict(value)))


def _write(value: Any, parts: list[str], inside: tuple[int, ...]) -> None:
    if value is None:
        parts.append("null")
    elif value is True or value is False:
        parts.append("true" if value else "false")
    elif isinstance(value, str):
        parts.append(_quote(value))
    elif isinstance(value, (int, float)):
        parts.append(number_text(value) if math.isfinite(value) else "null")
    elif isinstance(value, (list, tuple, dict)):
        if id(value) in inside:
            raise TypeError("Converting circular structure to JSON")
        inside = (*inside, id(value))
        if isinstance(value, dict):
            parts.append("{")
            for number, key in enumerate(javascript_key_order(value)):
                parts.append(("," if number else "") + _quote(str(key)) + ":")
                _write(value[key], parts, inside)
            parts.append("}")
        else:
            parts.append("[")
            for number, item in enumerate(value):
                if number:
                    parts.append(",")
                _write(item, parts, inside)
            parts.append("]")
    else:
        raise TypeError(f"JSON has no form for {type(value).__name__}: {value!r}")


def _quote(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    try:
        quoted.encode()
    except UnicodeEncodeError:
        return "".join(f"\\u{ord(c):04x}" if "\ud800" <= c <= "\udfff" else c for c in quoted)
    return quoted


def number_text(value: float) -> str:
    """A finite number as JavaScript writes it: 1 for 1.0, 1e+21, 1e-7, 0 for -0.0."""
    if isinstance(value, int) and abs(value) <= _MAX_SAFE:
        return str(int(value))
    value = float(value)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    exponent = int(exponent_text or 0)
    digits = (whole + fraction).lstrip("0")
    # value = 0.DIGITS * 10 ** point
    point = len(whole) + exponent - (len(whole + fraction) - len((whole + fraction).lstrip("0")))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    exponent = point - 1
    head = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{sign}{head}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def is_array_index(key: str) -> bool:
    """Whether JavaScript takes a member's name for an array index: "7", but not "07" or "-1"."""
    return key.isascii() and key.isdigit() and (key == "0" or key[0] != "0") and int(key) < 2**32 - 1


def javascript_key_order(mapping: dict[str, Any]) -> list[str]:
    """Keys as JavaScript lists them: array indices in ascending order first, then the others as inserted."""
    indices = sorted((key for key in mapping if is_array_index(str(key))), key=int)
    if not indices:
        return list(mapping)
    return indices + [key for key in mapping if not is_array_index(str(key))]


def _in_order(members: dict[str, Any]) -> dict[str, Any]:
    return {key: members[key] for key in javascript_key_order(members)}


def _as_javascript(value: Any, number: Callable[[float], float]) -> Any:
    kind = type(value)
    if kind is float or (kind is int and not -_MAX_SAFE <= value <= _MAX_SAFE):
        return number(value)
    if kind is dict:
        return {key: _as_javascript(value[key], number) for key in javascript_key_order(value)}
    if kind is list:
        return [_as_javascript(item, number) for item in value]
    return value


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _rounded(value: float) -> float:
    """A number as a double holds it, still an int if it is one."""
    rounded = _double(value)
    return int(rounded) if isinstance(value, int) and math.isfinite(rounded) else rounded


def as_pyodide(value: float) -> float:
    """A number as it reaches Python from JavaScript: an int if it is whole and has at most 53 bits."""
    rounded = _double(value)
    return int(rounded) if abs(rounded) <= _MAX_SAFE and rounded.is_integer() else rounded


def parse_or_syntax_error(
    data: bytes, *, keep_mark: bool = False, number: Callable[[float], float] | None = None
) -> Any:
    """`parse`, with the runtime's SyntaxError for text that is not JSON.

    Malformed bytes become U+FFFD. A byte order mark is dropped, or kept: it is then no JSON.
    """
    try:
        return parse(data, number=number)
    except ValueError:
        text = data.decode("utf-8", "replace") if keep_mark else decode_text(data)
        try:
            return parse(text, number=number)
        except ValueError as problem:
            raise PlatformSyntaxError(str(problem)) from None
