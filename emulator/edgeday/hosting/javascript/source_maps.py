"""Source maps: which file, line and column of the user's code a place in a bundle comes from.

Decoded here, because no well-kept package does: `sourcemap` (last released in 2017) knows no sections, and
`symbolic` is a native library of several megabytes that has no wheel for every platform.
Source: ECMA-426, Source map format ("Mappings structure", "Index map").
"""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

_DIGITS = {
    character: value
    for value, character in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://[^/]*/", re.IGNORECASE)
_FILE = "file://"


class Position(NamedTuple):
    """A place in a source. source: its path, from the bundle's folder on. line, column: from 1, columns in
    UTF-16 units, as JavaScript counts. name: what stands there in the source, None if that is not known."""

    source: str
    line: int
    column: int
    name: str | None


class _Segment(NamedTuple):
    """From which column of the generated line on (from 0), which place it is; None: of no source."""

    column: int
    position: Position | None


class SourceMap:
    """A source map of version 3, or an index of several. It is decoded when it is first asked."""

    def __init__(self, data: bytes | str) -> None:
        """data: its JSON. Raises ValueError if it is no source map."""
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        try:
            self._map = _checked(json.loads(text.removeprefix(")]}'")))
        except json.JSONDecodeError as error:
            raise ValueError(f"it is no JSON: {error}") from error

    def position(self, line: int, column: int) -> Position | None:
        """Where a place of the generated file comes from, None if from nowhere. line, column: from 1.
        Raises ValueError if the mappings are damaged."""
        segments = self._lines.get(line - 1, [])
        place = bisect_right(segments, column - 1, key=_column_of) - 1
        return segments[place].position if place >= 0 else None

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The paths of all sources, each once."""
        return tuple(dict.fromkeys(source for part in self._parts for source in _sources(part) if source))

    def text(self, source: str) -> str | None:
        """The text of a source, None if the map has not got it."""
        return self._texts.get(source)

    @cached_property
    def _lines(self) -> Mapping[int, Sequence[_Segment]]:
        lines: dict[int, list[_Segment]] = {}
        for line, segment in _segments(self._map):
            lines.setdefault(line, []).append(segment)
        for segments in lines.values():
            segments.sort(key=_column_of)
        return lines

    @property
    def _parts(self) -> Sequence[dict[str, Any]]:
        return [section["map"] for section in self._map.get("sections", ())] or [self._map]

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {
            source: text
            for part in self._parts
            for source, text in zip(_sources(part), part.get("sourcesContent") or (), strict=False)
            if isinstance(text, str)
        }


def _column_of(segment: _Segment) -> int:
    return segment.column


def _checked(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("version") != 3:
        raise ValueError("it is no source map of version 3")
    if "sections" in value:
        try:
            for section in value["sections"]:
                _checked(section["map"])
                int(section["offset"]["line"]), int(section["offset"]["column"])
        except (KeyError, TypeError) as error:
            raise ValueError("its sections are no sections of a source map") from error
    elif not isinstance(value.get("mappings"), str) or not isinstance(value.get("sources"), list):
        raise ValueError("it has no mappings, or no sources")
    return value


def _segments(map: dict[str, Any]) -> Iterator[tuple[int, _Segment]]:
    """All segments, each with its generated line, from 0."""
    if "sections" not in map:
        yield from _decoded(map["mappings"], _sources(map), map.get("names") or [])
        return
    for section in map["sections"]:
        first, indent = section["offset"]["line"], section["offset"]["column"]
        for line, segment in _segments(section["map"]):
            shifted = segment if line else segment._replace(column=segment.column + indent)
            yield first + line, shifted


def _decoded(mappings: str, sources: Sequence[str], names: Sequence[str]) -> Iterator[tuple[int, _Segment]]:
    source = source_line = source_column = name = 0
    for line, text in enumerate(mappings.split(";")):
        column = 0
        for encoded in text.split(",") if text else ():
            numbers = _numbers(encoded)
            column += numbers[0]
            if len(numbers) == 1:
                yield line, _Segment(column, None)
                continue
            if len(numbers) not in {4, 5}:
                raise ValueError(f"a mapping has {len(numbers)} numbers")
            source += numbers[1]
            source_line += numbers[2]
            source_column += numbers[3]
            named = None
            if len(numbers) == 5:
                name += numbers[4]
                named = _at(names, name)
            position = Position(_at(sources, source), source_line + 1, source_column + 1, named)
            yield line, _Segment(column, position)


def _at(texts: Sequence[str], number: int) -> str:
    if not 0 <= number < len(texts):
        raise ValueError("a mapping names a source or a name that is not there")
    return texts[number]


def _numbers(encoded: str) -> list[int]:
    """The numbers of a segment: base 64, five bits a digit, the least first, the sign in the lowest bit."""
    numbers = []
    number = shift = 0
    for character in encoded:
        digit = _DIGITS.get(character)
        if digit is None:
            raise ValueError(f"a mapping has the character {character!r}")
        number |= (digit & 31) << shift
        if digit & 32:
            shift += 5
        else:
            numbers.append(-(number >> 1) if number & 1 else number >> 1)
            number = shift = 0
    if shift or not numbers:
        raise ValueError("a mapping ends within a number")
    return numbers


def _sources(map: dict[str, Any]) -> list[str]:
    """The paths of the sources, with `sourceRoot` before them and without the scheme of a bundler."""
    root = map.get("sourceRoot") or ""
    return [_path(posixpath.join(root, str(source or ""))) for source in map.get("sources") or ()]


def _path(source: str) -> str:
    source = source.replace("\\", "/")
    if source.startswith(_FILE):
        return source.removeprefix(_FILE)
    return posixpath.normpath(_SCHEME.sub("", source, count=1)) if source else ""
