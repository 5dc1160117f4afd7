"""The page on reports: its commands run, and its journal is one."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.events import InvocationStarted, Operation

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reports.md").read_text("utf-8")


def blocks(language):
    return [match.splitlines() for match in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)]


def test_the_commands_of_the_page_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    commands = [line for lines in blocks("sh") for line in lines if line.startswith("edgeday ")]
    assert len(commands) == 3
    for command in commands:
        result = CliRunner().invoke(main, shlex.split(command)[1:])
        assert result.exit_code == 0, f"{command}: {result.output}"
    written = {path.name for path in tmp_path.iterdir()}
    assert {"junit.xml", "summary.md", "report.html", "report.json", "day.jsonl"} <= written
    assert len((tmp_path / "report.html").read_bytes()) < 150_000


def test_the_lines_of_the_pages_journal_have_the_fields_of_a_journal():
    ((head, scenario, started, operation),) = blocks("json")
    assert json.loads(head).keys() == {"event", "format", "edgeday"}
    assert json.loads(scenario).keys() == {"event", "scenario", "sha256", "seed", "limits", "runtime"}
    assert tuple(json.loads(started)) == ("event", *InvocationStarted._fields)
    assert tuple(json.loads(operation)) == ("event", *Operation._fields)
