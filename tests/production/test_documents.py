"""The documents of this part: their output blocks are what the runs print now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from edgeday.scenario.production import ScenarioProduction
from tools.doc_runs import DOCUMENTS, filled, main

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.slow
def test_the_story_of_the_incident_shows_what_its_runs_print(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out


def test_every_scenario_of_production_is_part_of_the_story():
    told = set(re.findall(r"<!-- replay[^:]*: production/(\S+) -->", DOCUMENTS[0].read_text("utf-8")))
    assert told == {path.name for path in (DOCS.parent / "scenarios" / "production").glob("*.yaml")}


def test_a_changed_block_is_noticed_and_put_right():
    head = "<!-- replay without assumptions: production/admin-elsewhere.yaml -->\n"
    document = filled(f"text\n{head}<!-- end -->\n")
    assert "admin-elsewhere" in document.removeprefix(f"text\n{head}")
    assert filled(document.replace("140", "141")) == document


def test_the_example_of_the_platform_page_is_a_platform():
    (example,) = re.findall(r"```yaml\n(.*?)```", (DOCS / "platform.md").read_text("utf-8"), re.DOTALL)
    parts = yaml.safe_load(example)["platform"]
    assert ScenarioProduction.model_validate(parts).eviction.megabytes == 50
    assert set(parts) == set(ScenarioProduction.model_fields)
