"""The story of the incident: its output blocks are what the runs print now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.doc_runs import DOCUMENTS, filled, main

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.mark.slow
def test_the_story_shows_what_its_runs_print(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_every_scenario_of_production_is_part_of_the_story():
    replayed = set(re.findall(r"<!-- replay[^:]*: production/(\S+) -->", DOCUMENTS[0].read_text("utf-8")))
    assert replayed == {path.name for path in (SCENARIOS / "production").glob("*.yaml")}


def test_a_changed_block_is_noticed_and_put_right():
    head = "<!-- replay without assumptions: production/admin-elsewhere.yaml -->\n"
    document = filled(f"text\n{head}<!-- end -->\n")
    assert "admin-elsewhere" in document.removeprefix(f"text\n{head}")
    assert filled(document.replace("140", "141")) == document
