"""What wrangler says of a build that fails, or that it warns of, as problems with their places.

It prints esbuild's messages: a headline, then `file:line:column:` with the line below it, columns from 0,
then what to try. Source: runs of wrangler 3.114 and 4.86.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from edgeday.errors import Problem
from edgeday.files import from_here

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_HEAD = re.compile(r"\s*\S+ \[(ERROR|WARNING)\] (.*)")
_PLACE = re.compile(r"\s+(\S.*):(\d+):(\d+):")
_LINE = re.compile(r"\s*\d+ │ (.*)")
_MARK = re.compile(r"\s*[╵│] (\s*)([~^]+)")
_SUMMARY = re.compile(r"Build failed with \d+ errors?:")
_CONFIGURATION = re.compile(r"Processing (\S+) configuration:")
_PACKAGE = re.compile(r'Could not resolve "((?:@[^"/]+/)?[^"./][^"/]*)')
_RULE = re.compile(r" \[[a-z-]+\]$")
_NOISE = ("To fix this, you can add an entry", "For more guidance see:", "🪵")
_LAST_LINES = 12


class Message(NamedTuple):
    """An error or a warning. where: file, line and column (both from 1), () without a place. excerpt: the
    line and a marker. notes: what stands below."""

    is_error: bool
    text: str
    where: tuple[str, int, int] | tuple[()]
    excerpt: str
    notes: tuple[str, ...]


def read_messages(output: str) -> list[Message]:
    """The messages in what wrangler wrote, in their order, each once."""
    blocks: list[list[str]] = []
    for line in _ESCAPES.sub("", output).splitlines():
        if _HEAD.match(line):
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
    return list(dict.fromkeys(map(_message, blocks)))


def _message(lines: list[str]) -> Message:
    head = _HEAD.match(lines[0])
    assert head is not None
    where: tuple[str, int, int] | tuple[()] = ()
    source = excerpt = ""
    notes = []
    for line in lines[1:]:
        if line.strip().startswith("at "):
            break  # a stack of wrangler's own
        place, written, mark = _PLACE.fullmatch(line), _LINE.fullmatch(line), _MARK.fullmatch(line)
        if place is not None and where:
            break  # a related place
        if place is not None:
            where = place[1], int(place[2]), int(place[3]) + 1
        elif written is not None:
            source = written[1]
        elif mark is not None:
            number = where[1] if where else ""
            excerpt = f"{number:>6} | {source}\n       | {mark[1]}{mark[2]}"
        elif line.strip() and not line.strip().startswith(_NOISE):
            notes.append(line.strip())
    text = _RULE.sub("", head[2])
    return Message(head[1] == "ERROR", text, where, excerpt, tuple(notes))


def problems_of(output: str, base: Path, shown: str) -> list[Problem]:
    """The errors in what wrangler wrote; its last lines, if it wrote none.

    base: the folder that places are relative to. shown: what was built, for errors without a place.
    """
    found: list[Problem] = []
    for message in read_messages(output):
        if not message.is_error or _SUMMARY.fullmatch(message.text):
            continue
        if (configuration := _CONFIGURATION.fullmatch(message.text)) is not None:
            found += _of_configuration(message.notes, str(from_here(base / configuration[1])))
        elif message.where:
            name, line, column = message.where
            path = str(from_here(base / name))
            found.append(Problem(path, message.text, _hint(message), line, column, message.excerpt))
        else:
            found.append(Problem(shown, message.text, _hint(message)))
    if found:
        return found
    lines = [line for line in _ESCAPES.sub("", output).splitlines() if line.strip()]
    return [Problem(shown, "wrangler does not build it", "\n  ".join(lines[-_LAST_LINES:]))]


def _of_configuration(notes: Iterable[str], path: str) -> Iterator[Problem]:
    for note in notes:
        if note.startswith("- "):
            yield Problem(path, note.removeprefix("- "))


def _hint(message: Message) -> str:
    package = _PACKAGE.match(message.text)
    if package is not None and not any("built into node" in note for note in message.notes):
        return f"npm i {package[1]} installs it"
    return "\n  ".join(note.removeprefix("- ") for note in message.notes[:_LAST_LINES])


def warnings_of(output: str, base: Path) -> tuple[str, ...]:
    """The warnings about the worker's own code, with their places. Those about the configuration edgeday has
    from the configuration itself."""
    return tuple(
        f"{from_here(base / one.where[0])}:{one.where[1]}:{one.where[2]}: {one.text}"
        for one in read_messages(output)
        if not one.is_error and one.where
    )
