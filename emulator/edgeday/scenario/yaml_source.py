"""A YAML file as plain values, with the place of every key and value in it.

Knows nothing of scenarios. Reads a strict subset: YAML 1.2's scalars (so `12:30`, `on` and dates stay
text), no duplicate keys, no tags of its own, and no more nodes than a person would write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from edgeday.errors import BadInput, Problem, nearest
from edgeday.files import read_capped

MAX_BYTES = 1024 * 1024
_MAX_NODES = 20_000
_MAX_DIGITS = 20

_HINTS = (
    ("found character '\\t'", "indent with blanks, not with tabs"),
    ("mapping values are not allowed here", "quote text that has a colon in it"),
    ("while scanning an alias", 'quote text that begins with a star: "*/5 * * * *"'),
    ("that cannot start any token", "quote text that begins with a special character"),
)
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_MERGE = "tag:yaml.org,2002:merge"

Location = tuple[str | int, ...]
"""Keys and list positions from the root to a value."""


class _Loader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2's core schema does; a written tag is a problem, and ignored."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def __init__(self, text: str, walker: _Walker) -> None:
        super().__init__(text)
        self._walker = walker

    def compose_node(self, parent: Any, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self._walker.count(event.start_mark)
        if getattr(event, "tag", None) is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._walker.complain(event.start_mark, f"the tag {tag} means nothing here; leave it out")
            event.tag = None
        return super().compose_node(parent, index)


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

    def line_of(self, location: Location) -> int:
        """The line of a value, or of what encloses it."""
        while location not in self.places and location:
            location = location[:-1]
        return self.places.get(location, (1, 1))[0]

    def problem_at(self, line: int, column: int, what: str, hint: str = "") -> Problem:
        """A problem at a line and column, with an excerpt of the line."""
        excerpt = ""
        if line <= len(self.lines):
            text = "".join(sign if sign.isprintable() else " " for sign in self.lines[line - 1])
            start = column - 1
            if len(text) > 96:  # keep the place in sight
                shift = max(0, start - 40)
                text, start = text[shift : shift + 96], start - shift
            word = re.match(r"[^\s,:{}\[\]]+", text[start:])
            marker = " " * start + "^" * (len(word.group()) if word else 1)
            excerpt = f"{line:>6} | {text}\n       | {marker}"
            if hint:
                excerpt, hint = f"{excerpt} {hint}", ""
        return Problem(self.path, what, hint, line, column, excerpt)


def read_yaml(path: Path) -> Source:
    """Read a YAML file. Raises BadInput, with all that is wrong as far as it can be told."""
    hint = ""
    with suppress(OSError):  # reading it says so
        if path.is_dir():
            raise BadInput(Problem(str(path), "is a directory", "name the scenario files in it"))
        hint = "" if path.exists() else _neighbours(path)
    return parse_yaml(read_capped(path, MAX_BYTES, kind="a scenario", hint=hint), str(path))


def _neighbours(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix in {".yaml", ".yml"}]
    except OSError:
        return f"there is no directory {path.parent} either"
    near = nearest(path.name, names)
    return f"did you mean {path.parent / near}?" if near else ""


def parse_yaml(data: bytes, path: str) -> Source:
    """Parse the YAML text of a file. Raises BadInput."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode()) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise BadInput(Problem(path, what, "save the file as UTF-8", line, column)) from None
    source = Source(path, _LINE_END.split(text))
    walker = _Walker(source)
    try:
        node = _compose(text, walker)
        if node is None:
            raise BadInput(Problem(path, "the file is empty", line=1, column=1))
        walker.restart()
        source.value = walker.value(node, ())
    except yaml.reader.ReaderError as error:
        before = _LINE_END.split(text[: error.position])
        what = f"the character U+{ord(text[error.position]):04X} may not stand in YAML"
        raise BadInput(source.problem_at(len(before), len(before[-1]) + 1, what)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = ", ".join(part for part in (error.context, error.problem) if part)
        hint = next((hint for words, hint in _HINTS if words in what), "")
        raise BadInput(source.problem_at(line, column, f"not YAML: {what}", hint)) from None
    except RecursionError:
        raise BadInput(Problem(path, "is nested too deeply", line=1, column=1)) from None
    if walker.problems:
        raise BadInput(in_order(walker.problems))
    return source


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of one file by line and column, each once."""
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column))


def _compose(text: str, walker: _Walker) -> yaml.Node | None:
    loader = _Loader(text, walker)
    try:
        return loader.get_single_node()
    except (ValueError, OverflowError):  # PyYAML makes characters of \U escapes without a look at them
        problem = "an escape stands for no character"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=loader.get_mark()) from None


class _Walker:
    """Turns nodes into values and notes where each stands."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._nodes = 0
        self._open: list[int] = []
        self.problems: list[Problem] = []

    def restart(self) -> None:
        """Count nodes from 0 again."""
        self._nodes = 0

    def complain(self, mark: yaml.Mark, what: str) -> None:
        """Note a problem and go on."""
        self.problems.append(self._source.problem_at(mark.line + 1, mark.column + 1, what))

    def count(self, mark: yaml.Mark) -> None:
        """Count a node, whether it is read or repeated by an alias. Raises BadInput if it is one too many."""
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            what = f"more than {_MAX_NODES:,} values, those that aliases repeat included"
            raise BadInput(self._source.problem_at(mark.line + 1, mark.column + 1, what))

    def value(self, node: yaml.Node, at: Location) -> Any:
        """The value of a node, which stands at a location."""
        mark = node.start_mark
        self.count(mark)
        self._source.places[at] = mark.line + 1, mark.column + 1
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        with self._inside(node):
            if isinstance(node, yaml.MappingNode):
                return self._mapping(node, at)
            return [self.value(item, (*at, number)) for number, item in enumerate(node.value)]

    @contextmanager
    def _inside(self, node: yaml.Node) -> Iterator[None]:
        if id(node) in self._open:
            mark = node.start_mark
            raise BadInput(
                self._source.problem_at(mark.line + 1, mark.column + 1, "an alias here contains itself")
            )
        self._open.append(id(node))
        yield
        self._open.pop()

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text, kind = node.value, node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind in {"int", "float"} and len(text) > _MAX_DIGITS:
            self.complain(node.start_mark, "the number is too long")
            return 0
        if kind == "int":
            return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
        if kind == "float":
            return float(text)
        return self._text(node)

    def _text(self, node: yaml.ScalarNode) -> str:
        text: str = node.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.complain(node.start_mark, "an escape here is half of a character (a surrogate)")
        return text

    def _mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in self._pairs(node):
            key, mark = self._text(key_node), key_node.start_mark
            self._source.key_places[(*at, key)] = mark.line + 1, mark.column + 1
            mapping[key] = self.value(value_node, (*at, key))
        return mapping

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """Keys and values of a mapping: first what `<<` brings in, then its own, which so replace it."""
        own: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark
            if not isinstance(key_node, yaml.ScalarNode):
                self.complain(mark, "a key must be a word")
            elif key_node.value in own:
                first = own[key_node.value][0].start_mark.line + 1
                self.complain(mark, f'"{key_node.value}" stands twice (first in line {first})')
            else:
                own[key_node.value] = key_node, value_node
                if key_node.tag == _MERGE:
                    yield from self._merged(value_node)
        yield from (pair for pair in own.values() if pair[0].tag != _MERGE)

    def _merged(self, node: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """The pairs of the mappings that `<<` names; of several, the earlier ones win."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in reversed(sources):
            self.count(source.start_mark)
            if isinstance(source, yaml.MappingNode):
                with self._inside(source):
                    yield from self._pairs(source)
            else:
                self.complain(source.start_mark, "<< takes a mapping, or a list of them")
