"""A YAML file as plain values, with the place of every key and value in it.

Knows nothing of scenarios. Reads a strict subset: YAML 1.2's scalars (so `12:30`, `on` and dates stay
text), no duplicate keys, no tags of its own, and no more nodes than a person would write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from emulator.errors import BadInput, Problem

MAX_BYTES = 1024 * 1024
_MAX_NODES = 100_000

Location = tuple[str | int, ...]
"""Keys and list positions from the root to a value."""


class _Loader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2's core schema does."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", [*"-+0123456789"]),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", [*"-+0123456789."]),
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first)


@dataclass(slots=True)
class Source:
    """The text of a file, its values, and where each of them stands (line and column from 1)."""

    path: str
    lines: list[str]
    value: Any = None
    places: dict[Location, tuple[int, int]] = field(default_factory=dict)
    key_places: dict[Location, tuple[int, int]] = field(default_factory=dict)

    def problem(self, location: Location, what: str, *, hint: str = "", at_key: bool = False) -> Problem:
        """A problem at a value, or at the key that holds it; falls back to what encloses it."""
        places = self.key_places if at_key else self.places
        while location not in places and location:
            location = location[:-1]
        line, column = places.get(location) or self.places.get(location, (1, 1))
        return self.problem_at(line, column, what, hint)

    def problem_at(self, line: int, column: int, what: str, hint: str = "") -> Problem:
        """A problem at a line and column, with an excerpt of the line."""
        excerpt = ""
        if line <= len(self.lines):
            text = self.lines[line - 1]
            start = column - 1
            if len(text) > 96:  # keep the place in sight
                shift = max(0, start - 40)
                text, start = text[shift : shift + 96], start - shift
            word = re.match(r"[^\s,:{}\[\]]+", text[start:])
            marker = " " * start + "^" * (len(word.group()) if word else 1)
            excerpt = f"{line:>6} | {text}\n       | {marker}"
            if hint:
                excerpt, hint = f"{excerpt} {hint}", ""
        return Problem(f"{self.path}:{line}:{column}", what, hint, excerpt)


def read_yaml(path: Path) -> Source:
    """Read a YAML file. Raises BadInput, with all that is wrong as far as it can be told."""
    shown = str(path)
    try:
        if path.is_dir():
            raise BadInput(Problem(shown, "is a directory", "name the scenario files in it"))
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadInput(Problem(shown, f"is {size:,} bytes; a scenario may have {MAX_BYTES:,}"))
        data = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(Problem(shown, "no such file", _neighbours(path))) from None
    except OSError as error:
        raise BadInput(Problem(shown, f"cannot be read: {error.strerror}")) from None
    return parse_yaml(data, shown)


def _neighbours(path: Path) -> str:
    import difflib

    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix in {".yaml", ".yml"}]
    except OSError:
        return f"there is no directory {path.parent} either"
    near = difflib.get_close_matches(path.name, names, 1)
    return f"did you mean {path.parent / near[0]}?" if near else ""


def parse_yaml(data: bytes, shown: str) -> Source:
    """Parse YAML text from a file called `shown`. Raises BadInput."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise BadInput(
            Problem(
                f"{shown}:{line}:{column}",
                f"byte 0x{data[error.start]:02x} is not UTF-8",
                "save the file as UTF-8",
            )
        ) from None
    source = Source(shown, text.splitlines())
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise BadInput(Problem(f"{shown}:1:1", "the file is empty"))
        walker = _Walker(source, loader)
        source.value = walker.value(node, ())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = "not YAML: " + str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise BadInput(source.problem_at(line, column, what)) from None
    except RecursionError:
        raise BadInput(Problem(f"{shown}:1:1", "is nested too deeply")) from None
    finally:
        if loader is not None:
            loader.dispose()
    if walker.problems:
        raise BadInput(walker.problems)
    return source


class _Walker:
    """Turns nodes into values and notes where each stands."""

    def __init__(self, source: Source, loader: _Loader) -> None:
        self._source = source
        self._loader = loader
        self._nodes = 0
        self._open: list[int] = []
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, at: Location) -> Any:
        self._nodes += 1
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if self._nodes > _MAX_NODES:
            raise BadInput(
                self._source.problem_at(
                    line,
                    column,
                    f"aliases expand to more than {_MAX_NODES:,} values",
                    "write them out, or fewer of them",
                )
            )
        if id(node) in self._open:
            raise BadInput(self._source.problem_at(line, column, "an alias contains itself"))
        self._source.places.setdefault(at, (line, column))
        if isinstance(node, yaml.MappingNode):
            self._open.append(id(node))
            try:
                return self._mapping(node, at)
            finally:
                self._open.pop()
        if isinstance(node, yaml.SequenceNode):
            self._open.append(id(node))
            try:
                return [self.value(item, (*at, number)) for number, item in enumerate(node.value)]
            finally:
                self._open.pop()
        return self._scalar(node, line, column)

    def _scalar(self, node: yaml.Node, line: int, column: int) -> Any:
        tag = node.tag.removeprefix("tag:yaml.org,2002:")
        if tag == "int":
            if len(node.value) > 20:
                self.problems.append(self._source.problem_at(line, column, "the number is too long"))
                return 0
            return int(node.value, 0) if node.value[:2] in {"0x", "0o"} else int(node.value)
        if tag in {"str", "bool", "float", "null"}:
            return self._loader.construct_object(node)
        self.problems.append(
            self._source.problem_at(line, column, f"the tag {node.tag!r} means nothing here")
        )
        return None

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, Any]:
        own: dict[str, int] = {}
        for key_node, _ in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(self._source.problem_at(line, column, "a key must be a word"))
            elif key_node.value in own:
                what = f'"{key_node.value}" stands twice (first in line {own[key_node.value]})'
                self.problems.append(self._source.problem_at(line, column, what))
            else:
                own[key_node.value] = line
        self._loader.flatten_mapping(node)  # brings in what `<<` names, before the mapping's own keys
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode):
                key = key_node.value
                place = key_node.start_mark.line + 1, key_node.start_mark.column + 1
                self._source.key_places[(*at, key)] = place
                found[key] = self.value(value_node, (*at, key))
        return found
