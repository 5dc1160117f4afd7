"""Writes the scenarios that the tests of the commands run."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
DAYS = [str(SCENARIOS / f"{name}-day.yaml") for name in ("normal", "high-load", "system-issues")]


@pytest.fixture
def day(tmp_path, monkeypatch):
    """Write a scenario of ten requests to the shop, or to a worker of its own, into the current directory;
    its budget, if none is given, is that they arrive."""
    monkeypatch.chdir(tmp_path)

    def write(name="day", *, fetch=None, **fields):
        lines = [
            f"name: {name}",
            "start: 2026-02-16T00:00:00Z",
            "namespaces: {page_content: page_content}",
        ]
        entry = "tests.scenario_days:Shop"
        fields = {"traffic": "[{requests: 10, path: /get/menu}]", **fields}
        fields.setdefault("budgets", "{requests.started: 10}")
        lines += [f"{field}: {text}" for field, text in fields.items()]
        if fetch is not None:
            module = f"worker_of_{name.replace('-', '_')}"
            (tmp_path / f"{module}.py").write_text(WORKER + dedent(fetch).replace("\n", "\n        "))
            entry = f"{module}:Worker"
        lines.append(f"worker: {{entry: '{entry}'}}")
        path = tmp_path / f"{name}.yaml"
        path.write_text("\n".join(lines))
        return path.name

    return write


WORKER = """\
import os, signal
from itertools import count
from edgeday.web import *
numbers = count(1)
class Worker:
    async def fetch(self, request):
        number = next(numbers)
        """
