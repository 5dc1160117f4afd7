"""Runs the command: in this process, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
DAYS = [str(SCENARIOS / f"{name}-day.yaml") for name in ("normal", "high-load", "system-issues")]


@pytest.fixture
def edgeday():
    """Run the command in this process, on a terminal of 80 columns; gives exit code, output and errors."""

    def run(*arguments):
        return CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke(main, [str(one) for one in arguments])

    return run


@pytest.fixture
def edgeday_process(tmp_path):
    """Run the installed command as a process of its own, in a directory with whatever the test put there."""

    def run(*arguments, stdout=subprocess.PIPE, **environment):
        return subprocess.run(
            [Path(sys.executable).with_name("edgeday"), *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **environment},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def day(tmp_path, monkeypatch):
    """Write a scenario of ten plans, and perhaps a worker of its own, into the current directory."""
    monkeypatch.chdir(tmp_path)

    def write(name="day", *, fetch=None, **fields):
        lines = [f"name: {name}", "start: 2026-02-16T00:00:00Z", "traffic: [{plans: 10}]"]
        lines += [f"{field}: {text}" for field, text in fields.items()]
        if fetch is not None:
            module = f"worker_of_{name.replace('-', '_')}"
            (tmp_path / f"{module}.py").write_text(WORKER + dedent(fetch).replace("\n", "\n        "))
            lines.append(f"worker: {{entry: '{module}:Worker'}}")
        path = tmp_path / f"{name}.yaml"
        path.write_text("\n".join(lines))
        return path.name

    return write


WORKER = """\
import os, signal
from edgeday.web import *
class Worker:
    async def fetch(self, request):
        """
