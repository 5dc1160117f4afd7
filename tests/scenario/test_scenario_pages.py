"""The pages on scenarios, budgets and production: their examples run, their tables name what there is."""

from __future__ import annotations

import re

import pytest
import yaml

from edgeday.measure.budgets import parse_budget, parse_selector
from edgeday.replay.runner import replay
from edgeday.scenario.production import ScenarioProduction
from tests.scenario_days import HEAD, ROOT, loaded

PAGES = ("scenarios", "budgets")
EXAMPLES = [
    (page, number, text)
    for page in PAGES
    for number, text in enumerate(
        re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / f"{page}.md").read_text("utf-8"), re.DOTALL)
    )
]


@pytest.mark.parametrize(
    "text", [text for *_, text in EXAMPLES], ids=[f"{page}-{number}" for page, number, _ in EXAMPLES]
)
def test_the_examples_of_the_docs_can_be_replayed_and_pass(text):
    day = loaded(text, "" if "name: shop-week" in text else HEAD)
    assert replay(day).verdict == "pass"


def test_the_tables_of_the_docs_name_selectors_and_budgets_that_there_are():
    text = (ROOT / "docs" / "budgets.md").read_text("utf-8")
    measured = text.partition("## What is measured")[2].partition("## What is allowed")[0]
    allowed = text.partition("## What is allowed")[2].partition("**No data**")[0]
    assert len([parse_selector(key) for key in _first_cells(measured)]) == 5
    assert len([parse_budget(text) for text in _first_cells(allowed) if text != "6"]) == 13


def test_the_example_of_the_platform_page_is_a_platform():
    (example,) = re.findall(
        r"```yaml\n(.*?)```", (ROOT / "docs" / "platform.md").read_text("utf-8"), re.DOTALL
    )
    parts = yaml.safe_load(example)["platform"]
    assert ScenarioProduction.model_validate(parts).eviction.megabytes == 50
    assert set(parts) == set(ScenarioProduction.model_fields)


def _first_cells(table):
    """The code in the first column."""
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`(.+?)`", row)]
