"""wrangler's bulk file of KV: a JSON list of keys with their values, as `wrangler kv bulk put` takes it.

    [{"key": "menu", "value": "monday", "expiration_ttl": 3600, "metadata": {"by": "ann"}},
     {"key": "logo", "value": "iVBORw0KGgo=", "base64": true}]

Read entry by entry, so that a large file is never held as text and as values at once. Source: Cloudflare
docs, Workers KV, write key-value pairs in bulk; wrangler 4, kv bulk put.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO

from edgeday.web.json_text import stringify

_CHUNK_CHARS = 1 << 18
_NEAR_THE_END = 16
"""Characters before the end of what was read in which text that goes on looks as if it were broken."""
_KNOWN = frozenset({"key", "value", "expiration", "expiration_ttl", "metadata", "base64"})


class BulkEntry(NamedTuple):
    """One entry. line: that it begins in. expiration: epoch seconds. ttl: seconds. metadata: JSON text.
    unknown: fields that mean nothing."""

    line: int
    key: str
    value: bytes
    expiration: int | None = None
    ttl: int | None = None
    metadata: str | None = None
    unknown: tuple[str, ...] = ()


class BadLine(ValueError):
    """What is wrong in a line. goes_on: whether what follows can be read."""

    def __init__(self, line: int, what: str, *, goes_on: bool = False) -> None:
        super().__init__(what)
        self.line = line
        self.goes_on = goes_on


def read_bulk(file: TextIO) -> Iterator[BulkEntry | BadLine]:
    """The entries of a bulk file, and what is wrong with those that are none. Nothing comes after text that
    is no JSON."""
    items = _Items(file)
    try:
        for line, item in items:
            try:
                yield _entry(line, item)
            except ValueError as error:
                yield BadLine(line, str(error), goes_on=True)
    except BadLine as bad:
        yield bad
    except UnicodeDecodeError:
        yield BadLine(items.line, "is not UTF-8 from here on, or soon after")


def read_bulk_lines(file: TextIO) -> Iterator[BulkEntry | BadLine]:
    """The entries of JSON lines, each as in a bulk file; a value that is no text is held as JSON."""
    line = 0
    try:
        for line, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                item = json.loads(text, parse_constant=_refuse)
                if isinstance(item, dict) and not isinstance(item.get("value", ""), str):
                    item["value"] = stringify(item["value"])
                yield _entry(line, item)
            except json.JSONDecodeError as error:
                yield BadLine(line, f"is not JSON: {error.msg}", goes_on=True)
            except RecursionError:
                yield BadLine(line, "is nested too deeply", goes_on=True)
            except ValueError as error:
                yield BadLine(line, str(error), goes_on=True)
    except UnicodeDecodeError:
        yield BadLine(line + 1, "is not UTF-8 from here on, or soon after")


def _entry(line: int, item: Any) -> BulkEntry:
    """One entry of a list. Raises ValueError for what is none."""
    if not isinstance(item, dict):
        raise ValueError(f"is no entry: {_short(item)}; write an object with key and value")
    key, value = (_text(item, name) for name in ("key", "value"))
    is_base64 = item.get("base64", False)
    if not isinstance(is_base64, bool):
        raise ValueError(f'"base64" must be true or false; this is {_short(is_base64)}')
    if is_base64:
        try:
            data = base64.b64decode(value, validate=True)
        except ValueError:
            raise ValueError(f'"value" of "{_short_text(key)}" is not base64') from None
    else:
        data = value.encode()
    metadata = None if item.get("metadata") is None else stringify(item["metadata"])
    unknown = tuple(name for name in item if name not in _KNOWN)
    return BulkEntry(
        line, key, data, _whole(item, "expiration"), _whole(item, "expiration_ttl"), metadata, unknown
    )


def _text(item: dict[str, Any], name: str) -> str:
    if name not in item:
        raise ValueError(f'has no "{name}"')
    value = item[name]
    if not isinstance(value, str):
        raise ValueError(f'"{name}" must be text; this is {_short(value)}')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f'"{name}" has half of a character (a surrogate)') from None
    return value


def _whole(item: dict[str, Any], name: str) -> int | None:
    value = item.get(name)
    if name not in item:
        return None
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError(f'"{name}" must be a whole number of seconds; this is {_short(value)}')
    return value


def _short(value: Any) -> str:
    return _short_text(json.dumps(value))


def _short_text(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


class _Items:
    """The items of a JSON list, one by one, each with the line that it begins in. line: reached so far."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._decode = json.JSONDecoder(parse_constant=_refuse).raw_decode
        self._text = ""
        self._at = 0
        self.line = 1

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        if self._next() != "[":
            raise BadLine(self.line, "is no list of entries")
        self._pass(self._at + 1)
        if self._next() == "]":
            self._pass(self._at + 1)
        else:
            yield from self._items()
        if self._next():
            raise BadLine(self.line, "stands after the end of the list")

    def _items(self) -> Iterator[tuple[int, Any]]:
        while True:
            self._next()
            line = self.line
            yield line, self._value()
            sign = self._next()
            if sign not in {",", "]"}:
                what = "the list ends in the middle: the file was cut short"
                raise BadLine(self.line, "a comma or ] was to stand here" if sign else what)
            self._pass(self._at + 1)
            if sign == "]":
                return

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                is_open = error.pos >= len(self._text) - _NEAR_THE_END or "Unterminated" in error.msg
                if is_open and self._more():
                    continue
                line = self.line + self._text.count("\n", self._at, error.pos)
                raise BadLine(line, f"is not JSON: {error.msg}") from None
            except RecursionError:
                raise BadLine(self.line, "is nested too deeply") from None
            except ValueError as error:
                raise BadLine(self.line, str(error)) from None
            if end == len(self._text) and self._more():  # a number may go on
                continue
            self._pass(end)
            return value

    def _next(self) -> str:
        """The next sign that is no blank; "" at the end of the file."""
        while True:
            at = self._at
            while at < len(self._text) and self._text[at] in " \t\r\n":
                at += 1
            self._pass(at)
            if at < len(self._text):
                return self._text[at]
            if not self._more():
                return ""

    def _pass(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _more(self) -> bool:
        """Read on, as much again as is being looked at; False at the end of the file."""
        rest = self._text[self._at :]
        more = self._file.read(max(_CHUNK_CHARS, len(rest)))
        self._text, self._at = rest + more, 0
        return bool(more)


def _refuse(constant: str) -> None:
    raise ValueError(f"is not JSON: {constant}")
