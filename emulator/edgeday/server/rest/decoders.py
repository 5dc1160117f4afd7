"""Base64 and JSON of request bodies, read as leniently as the service's decoders read them.

The service's own error for a value that is no base64 is that of Go's `encoding/base64`, so its bodies are
taken to be read by Go's standard library. Source of the rules: the documentation of Go's packages
encoding/base64 (line breaks are ignored) and encoding/json (what is no UTF-8, and half a surrogate pair, are
replaced by U+FFFD).
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

_LINE_BREAKS = b"\r\n"
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")
_DIGIT = re.compile(rb"[A-Za-z0-9+/]")
_PAD = b"="


class IllegalBase64(ValueError):
    """Text that is no base64, in the words of the service's decoder."""

    def __init__(self, at: int) -> None:
        super().__init__(f"illegal base64 data at input byte {at}")
        self.at = at


def decode_base64(text: str) -> bytes:
    """The bytes that standard base64 with padding stands for; CR and LF may stand anywhere in it.

    Raises IllegalBase64 with the index of the first byte that does not fit.
    """
    data = text.encode("utf-8", "replace")
    digits = data.translate(None, _LINE_BREAKS)
    if not _BASE64.match(digits):
        raise IllegalBase64(_first_misfit(data))
    return binascii.a2b_base64(digits)


def _first_misfit(data: bytes) -> int:
    """The index that Go's decoder names; the text is known not to be base64."""
    place = 0  # in its group of four
    rest = _significant(data)
    for at, byte in rest:
        if _DIGIT.match(byte):
            place = (place + 1) % 4
            continue
        if byte != _PAD or place < 2:
            return at
        if place == 2:
            second, byte = next(rest, (len(data), b""))
            if byte != _PAD:
                return second
        return next(rest, (len(data), b""))[0]
    return len(data) - place


def _significant(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each byte that is no line break, with its index."""
    return ((at, data[at : at + 1]) for at in range(len(data)) if data[at] not in _LINE_BREAKS)


def decode_json(body: bytes) -> Any:
    """The value of JSON text. Raises ValueError if it is none."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", "replace")
        if text == "" or ("�" not in text and "\\u" not in text):
            raise
        return _whole(json.loads(text, parse_constant=_refuse))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _whole(value: Any) -> Any:
    """A value whose texts have U+FFFD in the place of each half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
