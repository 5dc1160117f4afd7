"""`--traces DIR`, and the table at the end of a run: variant, group, passed, total."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.recordings import Recordings

from .recorded import case_of

BUNDLED = Path(__file__).parent / "cases"
TRACES = Recordings("--traces", BUNDLED, case_of, "golden traces", '"variant", "group", "name", "steps"')


def pytest_addoption(parser: pytest.Parser) -> None:
    TRACES.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    TRACES.refuse_unreadable(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "trace" in metafunc.fixturenames:
        cases = TRACES.cases(metafunc.config)
        metafunc.parametrize("trace", cases, ids=[case.name for case in cases])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    total: Counter[tuple[str, str]] = Counter()
    passed: Counter[tuple[str, str]] = Counter()
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if "trace" in properties and report.when == "call":
                total[properties["trace"]] += 1
                passed[properties["trace"]] += outcome == "passed"
    if not total:
        return
    terminalreporter.section("golden traces")
    TRACES.say_what_was_left_out(terminalreporter)
    terminalreporter.write_line(f"{'variant':16}{'group':16}{'passed':>7}{'total':>7}")
    for key in sorted(total):
        terminalreporter.write_line(f"{key[0]:16}{key[1]:16}{passed[key]:7}{total[key]:7}")
    terminalreporter.write_line(f"{'all':32}{passed.total():7}{total.total():7}")
