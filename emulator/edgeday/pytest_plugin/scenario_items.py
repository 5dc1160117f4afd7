"""Scenario files as tests: one item for each file, which fails by its budgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import ReprExceptionInfo, ReprFileLocation, ReprTracebackNative, TerminalRepr

if TYPE_CHECKING:
    from edgeday.measure.results import ScenarioResult

DEFAULT_GLOBS = ("scenarios/*.yaml", "scenarios/*.yml")

_TOP_LEVEL = re.compile(r"^(?:start|traffic|budgets)[ \t]*:", re.MULTILINE)
_LOOKED_AT_CHARS = 65_536


class ScenarioFailed(Exception):
    """A replayed scenario did not keep its budgets, or a probe's answer was not as expected.

    summary: what was not as it should be, in one line.
    """

    def __init__(self, result: ScenarioResult) -> None:
        reasons = list(_reasons(result))
        super().__init__("\n".join(reasons))
        self.summary = "; ".join(reason.partition("\n")[0] for reason in reasons)
        self.result = result


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
    """Replays its file; fails, with the whole report, if a budget is broken or a probe is not answered so."""

    def runtest(self) -> None:
        from edgeday.files import from_here
        from edgeday.replay.runner import replay
        from edgeday.report.terminal import as_text
        from edgeday.scenario.loader import load_one

        result = replay(load_one(from_here(self.path)))
        if result.verdict == "partial":
            raise KeyboardInterrupt
        self.user_properties += [(row.metric, row.measured) for row in result.budgets]
        if result.verdict != "pass":
            raise ScenarioFailed(result)
        self.add_report_section("call", "edgeday", as_text(result))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **options: Any
    ) -> str | TerminalRepr:
        from edgeday.errors import BadInput

        error = excinfo.value
        if isinstance(error, BadInput):  # looked at first: the imports below fail where an extension does
            line = error.problems[0].line
            return self._failure(str(error), f"{error}\nnothing was replayed\n", line or 1)
        from edgeday.replay.runner import ReplayFailed
        from edgeday.report.terminal import as_text

        if isinstance(error, ScenarioFailed):
            return self._failure(error.summary, f"{error}\n\n{as_text(error.result)}")
        if isinstance(error, ReplayFailed):
            return self._failure(str(error), f"{error.trace}\n\n{error}\n")
        return super().repr_failure(excinfo, *args, **options)

    def _failure(self, summary: str, text: str, line: int = 1) -> TerminalRepr:
        """A text to show, whose summary's first line stands for it where pytest gives a test one line.

        Of a plain string pytest takes the whole for that line, in CI and with `-vv`.
        """
        from edgeday.web.text import well_formed

        crash = ReprFileLocation(str(self.path), line, well_formed(summary.partition("\n")[0]))
        return ReprExceptionInfo(ReprTracebackNative([well_formed(text)]), crash)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"scenario {self.path.stem}"


def _reasons(result: ScenarioResult) -> Iterator[str]:
    """What was not as it should be, a line each, with what is known about it on the lines below."""
    from edgeday.report.wording import problem_lines, why_not_found, why_not_kept

    yield from problem_lines(result)
    for row in result.budgets:
        if not row.ok:
            yield f"{row.metric}: " + "\n  ".join(why_not_kept(row))
    for probe in result.probes:
        wrong = [why_not_found(check) for check in probe.checks if not check.ok]
        if wrong:
            yield f"probe {probe.name}: " + "\n  ".join(wrong)
