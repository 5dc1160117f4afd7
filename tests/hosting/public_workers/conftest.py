"""`--public-workers DIR`: Cloudflare's public suites and examples, and the table at the end of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

OPTION = "--public-workers"
PROPERTY = "public workers"


def pytest_addoption(parser: pytest.Parser) -> None:
    help = "run the tests and examples in the checkouts workers-py and python-workers-examples below DIR"
    parser.addoption(OPTION, metavar="DIR", type=Path, default=None, help=help)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    rows = [
        properties[PROPERTY]
        for reports in terminalreporter.stats.values()
        for report in reports
        if PROPERTY in (properties := dict(getattr(report, "user_properties", ()))) and report.when == "call"
    ]
    if rows:
        terminalreporter.section(PROPERTY)
        for row in sorted(rows):
            terminalreporter.write_line(row)
