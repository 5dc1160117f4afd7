"""The files that values of a scenario come from, read once: columns of CSV, fields of JSON lines, text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from edgeday.errors import BadInput, Problem, did_you_mean
from edgeday.files import read_capped
from edgeday.scenario.values import MAX_POOL, Lines

MAX_BYTES = 64 * 1024 * 1024
"""Of one file."""
_MOST_PROBLEMS = 20
_TABLES = {".csv": ",", ".tsv": "\t"}
_JSON_LINES = frozenset({".jsonl", ".ndjson"})


class WrongField(NamedTuple):
    """What is wrong with the file or column that a scenario names. field: of the value, which says so."""

    field: str
    what: str
    hint: str = ""


def rows_of(value: Lines, base: Path) -> Sequence[Any]:
    """The values that a file holds. base: the directory that its path is taken from.

    Raises BadInput for what is wrong in the file, WrongLines for what is wrong with its name or column.
    """
    path = base / value.file
    try:
        data = read_capped(path, MAX_BYTES, kind="a file of values")
    except BadInput as bad:
        first = bad.problems[0]
        hint = first.hint if path.exists() else _neighbour(path)
        raise WrongLines(WrongField("file", f"{path}: {first.what}", hint)) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise BadInput(Problem(str(path), what, "save the file as UTF-8", line)) from None
    suffix = path.suffix.lower()
    if suffix in _JSON_LINES:
        rows = _fields(text, value.column, path)
    elif suffix in _TABLES or value.column is not None:
        rows = _column(text, value.column, path, _TABLES.get(suffix, ","))
    else:
        rows = [line for _, line in _lines(text)]
    if not rows:
        raise WrongLines(WrongField("file", f"{path} holds no values"))
    if len(rows) > MAX_POOL:
        raise WrongLines(WrongField("file", f"{path} holds {len(rows):,} values; {MAX_POOL:,} may be"))
    return rows


def _neighbour(path: Path) -> str:
    """A hint at the file of the same directory that was most likely meant, or ""."""
    try:
        return did_you_mean(path.name, [entry.name for entry in path.parent.iterdir()])
    except OSError:
        return f"there is no directory {path.parent} either"


class WrongLines(Exception):
    """A file of values that is not as the scenario says."""

    def __init__(self, wrong: WrongField) -> None:
        super().__init__(wrong.what)
        self.wrong = wrong


def _column(text: str, column: str | None, path: Path, delimiter: str) -> list[str]:
    """The values of one column of a table whose first line has the columns' names."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    values: list[str] = []
    problems: list[Problem] = []
    try:
        names = next(reader, [])
        if not names:
            raise WrongLines(WrongField("file", f"{path} is empty: its first line has the columns' names"))
        place = _place_of(column, names, path)
        for row in reader:
            if not row:
                continue
            if place < len(row):
                values.append(row[place])
            elif len(problems) < _MOST_PROBLEMS:
                what = f'there is no value in the column "{names[place]}", the {_ordinal(place + 1)}'
                problems.append(Problem(str(path), what, line=reader.line_num))
    except csv.Error as error:
        problems.append(Problem(str(path), f"not CSV: {error}", line=reader.line_num))
    if problems:
        raise BadInput(problems)
    return values


def _place_of(column: str | None, names: Sequence[str], path: Path) -> int:
    listed = ", ".join(names)
    if column is None:
        if len(names) == 1:
            return 0
        raise WrongLines(WrongField("file", f"{path} has several columns", f"say column: one of {listed}"))
    if column not in names:
        hint = did_you_mean(column, names) or f"it has {listed}"
        raise WrongLines(WrongField("column", f'{path} has no column "{column}"', hint))
    return names.index(column)


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in {11, 12, 13} else "th"
    return f"{number}{ending}"


def _fields(text: str, column: str | None, path: Path) -> list[Any]:
    """The JSON value of each line, or one field of it."""
    values: list[Any] = []
    problems: list[Problem] = []
    known: dict[str, None] = {}
    for number, line in _lines(text):
        try:
            value = json.loads(line, parse_constant=_no_constant)
            if "\\ud" in line.lower():
                json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            what = "an escape here is half of a character (a surrogate)"
            problems.append(Problem(str(path), what, line=number))
        except (ValueError, RecursionError) as error:
            problems.append(Problem(str(path), f"not JSON: {error}", line=number))
        else:
            if column is None:
                values.append(value)
            elif isinstance(value, dict) and column in value:
                values.append(value[column])
            else:
                known |= dict.fromkeys(value if isinstance(value, dict) else ())
                problems.append(Problem(str(path), f'there is no field "{column}"', line=number))
        if len(problems) >= _MOST_PROBLEMS:
            break
    if problems and not values and column is not None and known:
        hint = did_you_mean(column, list(known)) or f"it has {', '.join(known)}"
        raise WrongLines(WrongField("column", f'{path} has no field "{column}"', hint))
    if problems:
        raise BadInput(problems)
    return values


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers. They end as files' lines do: other signs that Unicode
    takes for the end of a line may stand in a value."""
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if line.strip():
            yield number, line.removesuffix("\n")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class Read(NamedTuple):
    """What the files of a scenario's values hold.

    rows: of each value, by its name. wrong: with what the scenario says of a file, and the value's name.
    problems: in the files.
    """

    rows: Mapping[str, Sequence[Any]]
    wrong: Sequence[tuple[str, WrongField]]
    problems: Sequence[Problem]


def read_files(values: object, base: Path) -> Read:
    """Read the files of values as they stand in a scenario, each once; values that are no good otherwise are
    left to the model. base: the directory that paths are taken from."""
    rows: dict[str, Sequence[Any]] = {}
    wrong: list[tuple[str, WrongField]] = []
    problems: list[Problem] = []
    read: dict[tuple[str, str | None], Sequence[Any]] = {}
    for name, value in _lines_in(values):
        key = value.file, value.column
        try:
            if key not in read:
                read[key] = rows_of(value, base)
            rows[name] = read[key]
        except WrongLines as one:
            wrong.append((name, one.wrong))
        except BadInput as bad:
            problems += bad.problems
    return Read(rows, wrong, problems)


def _lines_in(values: object) -> Iterator[tuple[str, Lines]]:
    for name, value in values.items() if isinstance(values, dict) else ():
        if isinstance(value, dict) and "file" in value:
            with suppress(ValidationError):
                yield name, Lines.model_validate(value)
