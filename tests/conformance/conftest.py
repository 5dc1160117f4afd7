"""`--vectors DIR`, and the table at the end of a run: store, area, tag, passed, total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.recordings import Recordings

from .notation import Case, case_of

BUNDLED = Path(__file__).parent / "vectors"


BUNDLED_OF_JAVASCRIPT = Path(__file__).parent / "javascript" / "vectors"
"""Cases of values that Python does not have, and of classes that are the runtime's own."""

AREAS = ("kv", "cache")


def _not_run(case: Case) -> str:
    return "" if case.area in AREAS else f"the area {case.area} is not run here, only {' and '.join(AREAS)}"


VECTORS = Recordings(
    "--vectors", BUNDLED, case_of, "conformance vectors", '"id", "area", "title", "steps"', _not_run
)
OF_JAVASCRIPT = Recordings(
    "--vectors", BUNDLED, case_of, "conformance vectors", '"id", "area", "title", "steps"'
)
"""The same with all areas."""


def pytest_addoption(parser: pytest.Parser) -> None:
    VECTORS.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    VECTORS.refuse_unreadable(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = VECTORS.cases(metafunc.config)
        metafunc.parametrize("case", cases, ids=[case.id for case in cases])


@pytest.fixture(scope="session")
def bundled_ids() -> frozenset[str]:
    """The ids of the cases that the registry of differences is checked against."""
    return frozenset(case.id for case in VECTORS.load(BUNDLED).cases)


@pytest.fixture(scope="session")
def javascript_cases(pytestconfig: pytest.Config) -> Sequence[Case]:
    """The cases of all areas: those of Python, and those that only JavaScript can run."""
    cases = OF_JAVASCRIPT.cases(pytestconfig)
    if not OF_JAVASCRIPT.are_bundled(pytestconfig):
        return cases
    return [*cases, *OF_JAVASCRIPT.load(BUNDLED_OF_JAVASCRIPT).cases]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for reports in terminalreporter.stats.values():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if "verdict" in properties and report.when == "call":
                rows[properties["store"], properties["area"], properties["tag"]].append(properties["verdict"])
    if not rows:
        return
    terminalreporter.section("conformance")
    VECTORS.say_what_was_left_out(terminalreporter)
    terminalreporter.write_line(f"{'store':8}{'area':7}{'tag':16}{'passed':>7}{'total':>7}")
    for (store, area, tag), verdicts in sorted(rows.items()):
        notes = [
            f"{verdicts.count(verdict)} {verdict}"
            for verdict in (
                "differ as registered",
                "differ, not explained",
                "without a counterpart",
                "failed",
            )
            if verdict in verdicts
        ]
        line = f"{store:8}{area:7}{tag or '(none)':16}{verdicts.count('passed'):7}{len(verdicts):7}"
        terminalreporter.write_line(line + (f"   {', '.join(notes)}" if notes else ""))
