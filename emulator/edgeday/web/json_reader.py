"""`JSON.parse`, letter by letter: for texts that the fast reader refuses or cannot hold.

It knows any depth, halves of surrogate pairs, numbers beyond the doubles, and the engine's words for what
is wrong and where. Source: V8's JSON parser; words and positions recorded from workerd 1.20260426.1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, NoReturn

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN_LETTERS = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(r"[0-9]*")
_LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS: dict[str, tuple[str, Any]] = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
_SPECIAL = {"NaN", "Infinity", "undefined", "[object Object]"}
"""Texts that come from other values handed over by mistake; the engine quotes them alone."""

_CONTEXT_UNITS = 10


class JSONSyntaxError(ValueError):
    """Text that is not JSON; the message is the engine's."""


def read(text: str, finish: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """The value of `JSON.parse(text)`. finish: what is made of each object, its members as in the text.

    Integers beyond 2^53 become the nearest double. Raises JSONSyntaxError, with U+FFFD for what is cut out
    of a surrogate pair.
    """
    reader = _Reader(text)
    open_values: list[Any] = []
    names: list[str] = []
    while True:
        opened = reader.opening()
        if opened is not None:
            open_values.append(opened)
            if isinstance(opened, dict):
                names.append(reader.name())
            continue
        value = reader.closed_value()
        while open_values:
            around = open_values[-1]
            if isinstance(around, list):
                around.append(value)
                if reader.goes_on("]", "Expected ',' or ']' after array element"):
                    break
            else:
                around[names[-1]] = value
                if reader.goes_on("}", "Expected ',' or '}' after property value"):
                    names[-1] = reader.next_name()
                    break
                names.pop()
                around = finish(around)
            open_values.pop()
            value = around
        else:
            reader.end()
            return value


class _Reader:
    """A place in a text, and what stands there."""

    __slots__ = ("_at", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def _letter(self) -> str:
        return self._text[self._at : self._at + 1]

    def _after_space(self) -> str:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._letter()

    def opening(self) -> Any:
        """A new list or dict if one begins here that is not empty, else None."""
        letter = self._after_space()
        if letter not in ("[", "{"):
            return None
        start = self._at
        self._at += 1
        following = self._after_space()
        if letter == "[":
            if following != "]":
                return []
        elif following == '"':
            return {}
        elif following != "}":
            self._fail("Expected property name or '}'")
        self._at = start
        return None

    def closed_value(self) -> Any:
        """The scalar, or the empty list or dict, that stands here."""
        letter = self._letter()
        if letter == '"':
            return self._string()
        if letter in _LITERALS:
            return self._literal(*_LITERALS[letter])
        if letter == "-" or "0" <= letter <= "9":
            return self._number()
        if letter not in ("[", "{"):
            self._unexpected()
        self._at += 1
        self._after_space()
        self._at += 1
        return [] if letter == "[" else {}

    def name(self) -> str:
        """The name of a member, which stands here, and the colon after it."""
        text = self._string()
        if self._after_space() != ":":
            self._fail("Expected ':' after property name")
        self._at += 1
        return text

    def next_name(self) -> str:
        """The name of a member after a comma."""
        if self._after_space() != '"':
            self._fail("Expected double-quoted property name")
        return self.name()

    def goes_on(self, closing: str, wanted: str) -> bool:
        """Pass the comma (True) or the closing letter (False) after a value."""
        letter = self._after_space()
        if letter not in (",", closing):
            self._fail(wanted)
        self._at += 1
        return letter == ","

    def end(self) -> None:
        """Check that nothing follows."""
        if self._after_space():
            self._fail("Unexpected non-whitespace character after JSON", inside="")

    def _literal(self, word: str, value: Any) -> Any:
        for letter in word:
            if self._letter() != letter:
                self._unexpected()
            self._at += 1
        return value

    def _digits(self, missing: str) -> None:
        match = _DIGITS.match(self._text, self._at)
        end = match.end() if match else self._at
        if end == self._at:
            self._fail(missing)
        self._at = end

    def _number(self) -> int | float:
        start = self._at
        whole = True
        if self._letter() == "-":
            self._at += 1
        if self._letter() == "0":
            self._at += 1
            if "0" <= self._letter() <= "9":
                self._unexpected()
        else:
            self._digits("No number after minus sign")
        if self._letter() == ".":
            whole = False
            self._at += 1
            self._digits("Unterminated fractional number")
        if self._letter() in ("e", "E"):
            whole = False
            self._at += 1
            if self._letter() in ("+", "-"):
                self._at += 1
            self._digits("Exponent part is missing a number")
        number = float(self._text[start : self._at])
        return int(number) if whole and math.isfinite(number) else number

    def _string(self) -> str:
        self._at += 1
        parts: list[str] = []
        while True:
            match = _PLAIN_LETTERS.match(self._text, self._at)
            if match:
                parts.append(match[0])
                self._at = match.end()
            letter = self._letter()
            if letter == '"':
                self._at += 1
                break
            if not letter:
                self._fail("Unterminated string")
            if letter != "\\":
                self._fail("Bad control character in string literal")
            self._at += 1
            parts.append(self._escaped())
        joined = "".join(parts)
        try:
            joined.encode()
        except UnicodeEncodeError:  # escapes of both halves of a pair are one character
            return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        return joined

    def _escaped(self) -> str:
        letter = self._letter()
        if letter in _ESCAPES:
            self._at += 1
            return _ESCAPES[letter]
        if not letter or letter > "\xff":
            self._unexpected()
        if letter != "u":
            self._fail("Bad escaped character")
        self._at += 1
        start = self._at
        for _ in range(4):
            if self._letter() not in tuple("0123456789abcdefABCDEF"):
                self._fail("Bad Unicode escape")
            self._at += 1
        return chr(int(self._text[start : self._at], 16))

    def _unexpected(self) -> NoReturn:
        """Complain of the letter that stands here, where a value or the rest of a word should."""
        letter = self._letter()
        if not letter:
            raise JSONSyntaxError("Unexpected end of JSON input")
        if letter == '"':
            self._fail("Unexpected string")
        if letter == "-" or "0" <= letter <= "9":
            self._fail("Unexpected number")
        if self._text in _SPECIAL:
            raise JSONSyntaxError(f'"{self._text}" is not valid JSON')
        units = self._text.encode("utf-16-le", "surrogatepass")
        at, length = self._position(), len(units) // 2
        cut_before = length > 2 * _CONTEXT_UNITS and at >= _CONTEXT_UNITS
        cut_after = length > 2 * _CONTEXT_UNITS and at < length - _CONTEXT_UNITS
        start = at - _CONTEXT_UNITS if cut_before else 0
        end = at + _CONTEXT_UNITS if cut_after else length
        excerpt = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        token = units[2 * at : 2 * at + 2].decode("utf-16-le", "replace")
        quoted = ("..." if cut_before else "") + f'"{excerpt}"' + ("..." if cut_after else "")
        raise JSONSyntaxError(f"Unexpected token '{token}', {quoted} is not valid JSON")

    def _position(self) -> int:
        """The place in UTF-16 code units."""
        return len(self._text[: self._at].encode("utf-16-le", "surrogatepass")) // 2

    def _fail(self, what: str, inside: str = " in JSON") -> NoReturn:
        before = self._text[: self._at]
        lines = _LINE_END.split(before)
        column = len(lines[-1].encode("utf-16-le", "surrogatepass")) // 2 + 1
        raise JSONSyntaxError(
            f"{what}{inside} at position {self._position()} (line {len(lines)} column {column})"
        )
