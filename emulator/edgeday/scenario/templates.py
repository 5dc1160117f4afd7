"""Placeholders in the texts of a scenario: `{name}` stands for a value, `{{name}}` for the text `{name}`.

A name is a letter or _, then letters, digits and _ - . ; any other brace is itself, so that JSON text is too.
Knows nothing of where values come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from edgeday.web.json_text import stringify

NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
"""What a value may be called, as a pattern."""
_BRACES = re.compile(rf"\{{\{{({NAME})\}}\}}|\{{({NAME})\}}")

Lookup = Callable[[str], Any]
"""The value of a name."""
_Maker = Callable[[Lookup], Any]


def names_in(value: Any) -> Iterator[str]:
    """The names of the placeholders in a text or in any JSON value, keys included, in their order; one that
    stands twice comes twice."""
    if isinstance(value, str):
        yield from (match[2] for match in _BRACES.finditer(value) if match[2])
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from names_in(key)
            yield from names_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from names_in(item)


def fill(value: Any, lookup: Lookup) -> Any:
    """A text or JSON value with the values of its placeholders.

    A text that is one placeholder alone becomes its value, of whatever type; within a longer text, and in a
    key, a value is written as `as_text` has it. Whoever fills the same text often compiles it: `Template`.
    """
    return Template(value).fill(lookup)


def is_one_value(text: str) -> bool:
    """Whether a text is one placeholder alone."""
    match = _BRACES.fullmatch(text)
    return match is not None and match[2] is not None


def as_text(value: Any) -> str:
    """A value within a text: text as it is, anything else as JSON (5, 1.5, true, null, [1,2])."""
    return value if type(value) is str else stringify(value)


class Template:
    """A text or JSON value, looked through once and filled often; without placeholders that costs nothing.

    encode: what becomes of the text of each value, but not of what stands around it; default: nothing.
    typed: whether a text that is one placeholder alone keeps the value's type; with `encode` it never does.
    names: of the placeholders.
    """

    __slots__ = ("_constant", "_make", "_written", "names")

    def __init__(self, value: Any, *, encode: Callable[[str], str] | None = None, typed: bool = True) -> None:
        self._written = value, encode, typed
        self.names = frozenset(names_in(value))
        self._constant, self._make = _compiled(value, encode, typed and encode is None)

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is written: what was made of it stays in its process."""
        return _again, self._written

    def fill(self, lookup: Lookup) -> Any:
        """The value with its placeholders filled; what is constant is the same object every time."""
        return self._constant if self._make is None else self._make(lookup)


def _again(value: Any, encode: Callable[[str], str] | None, typed: bool) -> Template:
    return Template(value, encode=encode, typed=typed)


def _compiled(value: Any, encode: Callable[[str], str] | None, typed: bool) -> tuple[Any, _Maker | None]:
    """What a value is without placeholders, or how it is made."""
    if isinstance(value, str):
        return _of_text(value, encode, typed)
    if isinstance(value, Mapping):
        pairs = [
            (_compiled(key, encode, False), _compiled(item, encode, typed)) for key, item in value.items()
        ]
        if all(key[1] is None and item[1] is None for key, item in pairs):
            return {key[0]: item[0] for key, item in pairs}, None
        return None, lambda lookup: {_made(key, lookup): _made(item, lookup) for key, item in pairs}
    if isinstance(value, (list, tuple)):
        items = [_compiled(item, encode, typed) for item in value]
        if all(item[1] is None for item in items):
            return [item[0] for item in items], None
        return None, lambda lookup: [_made(item, lookup) for item in items]
    return value, None


def _made(compiled: tuple[Any, _Maker | None], lookup: Lookup) -> Any:
    constant, make = compiled
    return constant if make is None else make(lookup)


def _of_text(text: str, encode: Callable[[str], str] | None, typed: bool) -> tuple[Any, _Maker | None]:
    literals, names, end = [""], [], 0
    for match in _BRACES.finditer(text):
        literals[-1] += text[end : match.start()]
        if match[1]:
            literals[-1] += f"{{{match[1]}}}"
        else:
            names.append(match[2])
            literals.append("")
        end = match.end()
    literals[-1] += text[end:]
    if not names:
        return literals[0], None
    if typed and len(names) == 1 and literals == ["", ""]:
        name = names[0]
        return None, lambda lookup: lookup(name)
    first, rest = literals[0], list(zip(names, literals[1:], strict=True))

    def make(lookup: Lookup) -> str:
        parts = [first]
        for name, literal in rest:
            filled = as_text(lookup(name))
            parts.append(filled if encode is None else encode(filled))
            parts.append(literal)
        return "".join(parts)

    return None, make
