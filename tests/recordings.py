"""Recorded cases: the bundled ones, or those below a directory that a command-line option names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import pytest

Case = TypeVar("Case")


class Loaded(NamedTuple, Generic[Case]):
    """left_out: a line for each file below the directory that holds something else."""

    cases: Sequence[Case]
    left_out: Sequence[str]


class Recordings(Generic[Case]):
    """Cases in `bundled`, or below the directory that `option` names.

    case_of: one case from its JSON; KeyError, TypeError or AttributeError for what is none. kind: what the
    cases are. fields: of a case. not_run: why a case cannot be run here, or "".
    """

    def __init__(
        self,
        option: str,
        bundled: Path,
        case_of: Callable[[Any], Case],
        kind: str,
        fields: str,
        not_run: Callable[[Case], str] = lambda _: "",
    ) -> None:
        self._option = option
        self._bundled = bundled
        self._case_of = case_of
        self._kind = kind
        self._fields = fields
        self._not_run = not_run

    def add_option(self, parser: pytest.Parser) -> None:
        """Add the option to pytest's."""
        parser.addoption(
            self._option,
            metavar="DIR",
            type=Path,
            default=self._bundled,
            help=f"run the {self._kind} (*.json of format 1) below this directory instead",
        )

    def cases(self, config: pytest.Config) -> Sequence[Case]:
        """All cases there."""
        return self.load(self._place(config)).cases

    def are_bundled(self, config: pytest.Config) -> bool:
        """Whether no other directory is named."""
        return self._place(config) == self._bundled

    def refuse_unreadable(self, config: pytest.Config) -> None:
        """End the run, before anything is collected, where the directory given holds no such cases."""
        if self.are_bundled(config):
            return
        try:
            self.cases(config)
        except (OSError, ValueError) as problem:
            raise pytest.UsageError(
                f"{self._option}: {problem}; expected is a directory with {self._kind}, "
                f'as {{"format": 1, "cases": [{{{self._fields}}}]}} in *.json'
            ) from None

    def say_what_was_left_out(self, reporter: pytest.TerminalReporter) -> None:
        """A line for each file that is not run."""
        for line in self.load(self._place(reporter.config)).left_out:
            reporter.write_line(f"left out: {line}")

    def _place(self, config: pytest.Config) -> Path:
        place: Path = config.getoption(self._option)
        return config.invocation_params.dir / place

    def load(self, place: Path) -> Loaded[Case]:
        """The cases of a file, or of every file of them below a directory, in the order of names.

        Other JSON below a directory is left out. Raises OSError and ValueError, which name the file, for what
        is damaged, for a file that holds no such cases, and for a directory without any.
        """
        if not place.exists():
            raise ValueError(f"{place}: there is no such directory")
        cases: list[Case] = []
        left_out: list[str] = []
        for path in [place] if place.is_file() else sorted(place.rglob("*.json")):
            rows = self._rows(path)
            if rows is None:
                left_out.append(f"{path}: no {self._kind} of format 1")
                continue
            read = [self._read(path, row) for row in rows]
            selection = [case for case in read if not self._not_run(case)]
            cases += selection
            reasons = Counter(why for case in read if (why := self._not_run(case)))
            left_out += [f"{path}: {count} cases: {why}" for why, count in reasons.items()]
        if not cases:
            raise ValueError(left_out[0] if left_out else f"{place}: no {self._kind} (*.json) in it")
        return Loaded(cases, left_out)

    def _rows(self, path: Path) -> list[Any] | None:
        """The cases in a file, as they are written; None if it is a file of something else."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as problem:
            raise ValueError(f"{path}: not JSON: {problem}") from None
        rows = content.get("cases") if isinstance(content, dict) and content.get("format") == 1 else None
        if not isinstance(rows, list) or not rows:
            return None
        fields = [name.strip(' "') for name in self._fields.split(",")]
        return rows if any(isinstance(row, dict) and set(fields) <= set(row) for row in rows) else None

    def _read(self, path: Path, row: Any) -> Case:
        try:
            return self._case_of(row)
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"{path}: a case that is none: {problem!r}") from None
