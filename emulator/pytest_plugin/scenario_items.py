"""Scenario files as tests: one item for each file, which fails by its budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator.replay.budgets import BudgetResult
    from emulator.replay.results import ScenarioResult

DEFAULT_GLOBS = ("scenarios/*.yaml", "scenarios/*.yml")

_TOP_LEVEL = re.compile(r"^(?:start|traffic|budgets)[ \t]*:", re.MULTILINE)
_LOOKED_AT_CHARS = 65_536
_WIDTH = 100


class BudgetsBroken(Exception):
    """A replayed scenario did not keep its budgets."""

    def __init__(self, result: ScenarioResult) -> None:
        self.result = result
        broken = [row for row in result.budgets if not row.ok]
        super().__init__("; ".join(f"{row.metric} {row.budget}: {_measured(row)}" for row in broken))


def is_scenario(path: Path, parent: pytest.Collector) -> bool:
    """Whether a YAML file is collected: it is named on the command line or matches `edgeday_scenarios`,
    and has `start`, `traffic` or `budgets` at its top level. The text is searched, not parsed.
    """
    return _is_asked_for(path, parent) and _TOP_LEVEL.search(_beginning(path)) is not None


def _is_asked_for(path: Path, parent: pytest.Collector) -> bool:
    if parent.session.isinitpath(path):
        return True
    root = parent.config.rootpath
    globs: list[str] = parent.config.getini("edgeday_scenarios")
    return path.is_relative_to(root) and any(
        _matches(path.relative_to(root).as_posix(), pattern) for pattern in globs
    )


def _matches(path: str, pattern: str) -> bool:
    """Glob match of whole paths: `*` stays within a directory, `**/` crosses any number of them."""
    parts = re.split(r"(\*\*/|\*|\?)", pattern.removeprefix("./"))
    known = {"**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return re.fullmatch("".join(known.get(part, re.escape(part)) for part in parts), path) is not None


def _beginning(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_LOOKED_AT_CHARS)


class ScenarioFile(pytest.File):
    """A scenario file, which gives one test."""

    def collect(self) -> Iterator[pytest.Item]:
        yield ScenarioItem.from_parent(self, name="budgets")


class ScenarioItem(pytest.Item):
    """Replays its file. Passes if every budget is kept, and shows the whole report if one is not."""

    def runtest(self) -> None:
        from emulator.replay.loader import load_one
        from emulator.replay.runner import replay

        result = replay(load_one(self.path))
        if result.verdict == "partial":
            raise KeyboardInterrupt
        self.user_properties += [(row.metric, row.measured) for row in result.budgets]
        if result.verdict == "fail":
            raise BudgetsBroken(result)
        self.add_report_section("call", "edgeday", _as_text(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **options: Any) -> Any:
        from emulator.errors import BadInput
        from emulator.replay.runner import ReplayFailed

        error = excinfo.value
        if isinstance(error, BudgetsBroken):
            return f"{error}\n\n{_as_text(error.result)}"
        if isinstance(error, BadInput):
            return f"{error}\nnothing was replayed"
        if isinstance(error, ReplayFailed):
            return f"{error.trace}\n\n{error}"
        return super().repr_failure(excinfo, *args, **options)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"scenario {self.path.stem}"


def _measured(row: BudgetResult) -> str:
    return "no data" if row.measured is None else f"measured {row.measured}"


def _as_text(result: ScenarioResult) -> str:
    """The terminal report without colour."""
    from rich.console import Console

    from emulator.report.terminal import block

    console = Console(file=StringIO(), width=_WIDTH, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(block(result))
    return captured.get()
