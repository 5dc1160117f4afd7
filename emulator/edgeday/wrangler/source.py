"""A configuration file as it is written: its values, and the lines that they stand in."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from edgeday.errors import BadInput, Problem
from edgeday.files import read_capped

_MAX_BYTES = 1024 * 1024
_STRING = r'"(?:\\.|[^"\\])*"'
_COMMENT = re.compile(rf"{_STRING}|(//[^\r\n]*|/\*.*?\*/)", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"{_STRING}|(,(?=\s*[\]}}]))", re.DOTALL)
_INK = re.compile(r"[^\r\n\t]")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class ConfigSource:
    """One parsed file, and what is said about it: problems, which refuse it, and warnings.

    A pattern finds the line that something stands in, among lines alone: where a file says a word twice it
    may be the other one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        text = _read(path)
        self.values = _parse(path, text)
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self._lines = text.splitlines()

    def problem(self, pattern: str, what: str, hint: str = "", *, last: bool = False) -> Problem:
        """Note a problem at the first, or last, line that has a pattern; at the file if none has."""
        problem = Problem(str(self.path), what, hint, line=self.line_of(pattern, last=last))
        self.problems.append(problem)
        return problem

    def warn(self, pattern: str, what: str, hint: str = "", *, last: bool = False) -> None:
        """Note a warning, as one sentence, at the line of a pattern."""
        line = self.line_of(pattern, last=last)
        warning = f"{self.path}{f':{line}' if line else ''}: {what}{f'; {hint}' if hint else ''}"
        if warning not in self.warnings:
            self.warnings.append(warning)

    def refuse(self) -> None:
        """Raise BadInput if there are problems."""
        if self.problems:
            raise BadInput(self.problems)

    def text(self, table: dict[str, Any], key: str) -> str | None:
        """The text of a key, None if the table does not have it or another value (which is a problem)."""
        value = table.get(key)
        if value is None or isinstance(value, str):
            return value
        hint = "" if isinstance(value, (dict, list, bool, int, float)) else f'write {key} = "{value}"'
        self.problem(key, f"{key} is not text", hint)
        return None

    def table(self, table: dict[str, Any], key: str) -> dict[str, Any]:
        """The table of a key, empty if there is none or another value (which is a problem)."""
        value = table.get(key)
        if value is None or isinstance(value, dict):
            return value or {}
        self.problem(key, f"{key} is not a table")
        return {}

    def line_of(self, pattern: str, *, last: bool = False) -> int:
        """The number of the line of a pattern, 0 if no line has it."""
        if not pattern:
            return 0
        lines = [number for number, line in enumerate(self._lines, 1) if re.search(pattern, line)]
        return lines[-1 if last else 0] if lines else 0


def quoted(word: str) -> str:
    """A pattern of a word as a value."""
    return rf"[\"']{re.escape(word)}[\"']"


def key_pattern(word: str) -> str:
    """A pattern of a word as a key or as the name of a table."""
    name = rf"""["']?{re.escape(word)}["']?\s*"""
    return rf"^\s*{name}[=:]|^\s*\[+([^\]]*\.)?{name}\]|[{{,]\s*{name}[=:]"


def plain_json(text: str) -> str:
    """JSON with comments and trailing commas as plain JSON: both are blanked out, strings stay as they are.

    Blanks take as much room, so that places in the text stay what they were.
    """
    for unwanted in (_COMMENT, _TRAILING_COMMA):
        text = unwanted.sub(lambda match: _INK.sub(" ", match[1]) if match[1] else match[0], text)
    return text


def _read(path: Path) -> str:
    hint = "name your wrangler.toml or wrangler.jsonc"
    data = read_capped(path, _MAX_BYTES, kind="a configuration", hint=hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            Problem(str(path), f"byte 0x{data[error.start]:02x} is not UTF-8", line=line)
        ) from None


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        if path.suffix == ".toml":
            return tomllib.loads(text)
        if path.suffix not in {".json", ".jsonc"}:
            raise BadInput(Problem(str(path), "is neither .toml nor .json nor .jsonc"))
        value = json.loads(plain_json(text))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (text.count("\n") + 1, 1)
        what = f"not TOML: {_TOML_PLACE.sub('', str(error))}"
        raise BadInput(Problem(str(path), what, line=line, column=column)) from None
    except json.JSONDecodeError as error:
        what = f"not JSON: {error.msg}"
        raise BadInput(Problem(str(path), what, line=error.lineno, column=error.colno)) from None
    except RecursionError:
        raise BadInput(Problem(str(path), "is nested too deeply")) from None
    if not isinstance(value, dict):
        raise BadInput(Problem(str(path), "a configuration is an object", line=1))
    return value
