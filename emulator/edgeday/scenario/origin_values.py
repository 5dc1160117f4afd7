"""The files and the placeholders of a scenario's origins, before it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from edgeday.errors import Problem, did_you_mean
from edgeday.files import unreadable
from edgeday.scenario.placeholders import named_in, problem_of_name
from edgeday.scenario.templates import names_in
from edgeday.scenario.yaml_source import Location, Source

PREFIX = "request."
"""What the placeholders begin with that stand for a part of the request that an origin answers."""
PARTS = ("method", "path", "url", "host", "query", "header", "json", "body")
"""What may follow; after query, header and json a name."""
_NAMED = frozenset({"query", "header"})
_TEXTS = ("headers", "body", "json")
MAX_FILE_BYTES = 64 * 1024 * 1024
"""A file that an origin answers with may be as large."""


def look_at_origins(source: Source, base: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """What the files of a scenario's origins hold, by their names, and what is wrong with the files and with
    the placeholders. base: what files are named from."""
    files, problems = _read_files(source, base)
    return files, [*problems, *_undefined(source)]


def _undefined(source: Source) -> Iterator[Problem]:
    """The placeholders of a file's origins that nothing defines, each at its place."""
    given = source.value.get("values")
    defined = list(given) if isinstance(given, dict) else []
    for at, answer in _answers(source.value.get("origins")):
        for field in _TEXTS:
            for name, place, at_key in named_in(answer.get(field), (*at, field)):
                wrong = _wrong_with(name, defined)
                if wrong is not None:
                    yield problem_of_name(source, place, at_key, name, *wrong)


def _wrong_with(name: str, defined: Collection[str]) -> tuple[str, str] | None:
    """What is wrong with a placeholder, and a hint; None if nothing is."""
    kind, _, rest = name.removeprefix(PREFIX).partition(".")
    if name == "request" or name.startswith(PREFIX):
        if kind in PARTS and bool(rest) >= (kind in _NAMED) and not (rest and kind not in {*_NAMED, "json"}):
            return None
        known = "{request.method}, .path, .url, .host, .body, .query.NAME, .header.NAME, .json.PATH"
        return f"{{{name}}} is no part of a request", f"there are {known}"
    if name in defined:
        return None
    near = did_you_mean(name, [*defined, *(PREFIX + part for part in PARTS)])
    hint = near or f"define it: values: {{{name}: {{uniform: [1, 100]}}}}; the text itself is {{{{{name}}}}}"
    return f"nothing defines {{{name}}}", hint


def _answers(origins: Any) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Every answer that the origins of a file describe, with its place."""
    for host, rules in origins.items() if isinstance(origins, dict) else ():
        for at, rule in _each(rules, ("origins", host)):
            yield at, rule
            yield from _each(rule.get("failing"), (*at, "failing"))


def _each(written: Any, at: Location) -> Iterator[tuple[Location, dict[str, Any]]]:
    """The mappings of a list, or the one that stands in its place."""
    if isinstance(written, dict):
        yield at, written
    for number, one in enumerate(written if isinstance(written, list) else ()):
        if isinstance(one, dict):
            yield (*at, number), one


def _read_files(source: Source, base: Path) -> tuple[dict[str, bytes], list[Problem]]:
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for at, answer in _answers(source.value.get("origins")):
        name = answer.get("file")
        if not isinstance(name, str) or name in files:
            continue
        path = base / name
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                what = f"{name} is larger than {MAX_FILE_BYTES // 1024**2} MiB"
                problems.append(source.problem((*at, "file"), what))
                continue
            files[name] = path.read_bytes()
        except (OSError, ValueError) as error:  # ValueError: of a name that no file can have
            what, hint = unreadable(name, error)
            problems.append(source.problem((*at, "file"), what, hint=hint))
    return files, problems


def text_to_fill(data: bytes, known: Collection[str]) -> tuple[str, frozenset[str]]:
    """The text of a file, and the names of the placeholders in it that mean something; "" if it has none.

    What looks like a placeholder and means nothing there stays as it is: it may be a page or a script.
    """
    try:
        text = data.decode() if b"{" in data else ""
    except UnicodeDecodeError:
        return "", frozenset()
    meant = frozenset(name for name in names_in(text) if _wrong_with(name, known) is None)
    return (text, meant) if meant else ("", meant)
