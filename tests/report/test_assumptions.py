"""Every report of a run lists the assumptions in force, and none is listed where all is off."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from tests.scenario_days import SCENARIOS

SAID = "the Cache API has no effect"


def reports(path, directory):
    """The terminal, JSON, Markdown and HTML reports of a scenario."""
    files = {kind: directory / f"report.{kind}" for kind in ("json", "markdown", "html")}
    options = [text for kind, file in files.items() for text in (f"--{kind}", str(file))]
    result = CliRunner().invoke(main, ["replay", str(path), *options])
    assert result.exit_code == 0, result.output
    return {"terminal": result.output} | {kind: file.read_text("utf-8") for kind, file in files.items()}


@pytest.mark.slow
def test_every_report_lists_the_assumptions_in_force(tmp_path):
    texts = reports(SCENARIOS / "production" / "workers-dev.yaml", tmp_path)
    assert [kind for kind, text in texts.items() if SAID not in text] == []
    (scenario,) = json.loads(texts["json"])["scenarios"]
    (assumption,) = scenario["assumptions"]
    assert assumption.startswith(SAID)


def test_no_report_speaks_of_assumptions_where_none_is_in_force(tmp_path):
    texts = reports(SCENARIOS / "normal-day.yaml", tmp_path)
    assert [kind for kind, text in texts.items() if "ssumption" in text or "assumed" in text] == []
