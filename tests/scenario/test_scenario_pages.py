"""The pages on scenarios, budgets and production: their examples run, their tables name what there is."""

from __future__ import annotations

import re
import sys

import pytest
import yaml

from edgeday.limits import Switches
from edgeday.measure.budgets import parse_budget, parse_selector
from edgeday.replay.runner import replay
from edgeday.report.terminal import as_text
from edgeday.scenario.production import ScenarioProduction
from tests.documents import ROOT, Block, blocks
from tests.scenario_days import HEAD, loaded

SHOP = """\
worker: {entry: "shop:Shop", variant: plain, vars: {OPEN: true}}
namespaces: {ORDERS: orders, CATALOGUE: catalogue}
"""
EXAMPLES = [
    pytest.param(block.text, id=f"{page}-{number}")
    for page in ("scenarios", "budgets")
    for number, block in enumerate(block for block in blocks(f"docs/{page}.md") if block.kind == "yaml")
]


@pytest.fixture
def shop(tmp_path, monkeypatch, forgotten_workers) -> Block:
    """The page's worker, in the directory that the test runs in, with its other files."""
    files = [block for block in blocks("docs/scenarios.md") if block.path]
    for block in files:
        (tmp_path / block.path).parent.mkdir(exist_ok=True)
        (tmp_path / block.path).write_text(block.text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "shop", raising=False)
    return files[0]


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_pages_can_be_replayed_and_pass(shop, text):
    if "traffic:" not in text:
        text += "traffic: [{requests: 1, path: /menu}]\n"
    if "budgets:" not in text:
        text += "budgets: {requests.failed: 0}\n"
    result = replay(loaded(text, "" if text.startswith("name: ") else HEAD + SHOP))
    assert result.verdict == "pass"
    assert result.metrics.values["requests.failed"] == 0
    assert [claim.says for claim in result.claims if not claim.holds] == []


def test_the_output_below_the_example_with_sessions_is_what_it_prints(shop):
    texts = [block.text for block in blocks("docs/scenarios.md")]
    number = next(number for number, text in enumerate(texts) if text.startswith("name: guests"))
    printed = as_text(replay(loaded(texts[number], "")), width=80)
    assert texts[number + 1] in printed


def test_the_tables_of_the_pages_name_selectors_and_budgets_that_there_are():
    text = (ROOT / "docs" / "budgets.md").read_text("utf-8")
    measured = text.partition("## What is measured")[2].partition("## What is allowed")[0]
    allowed = text.partition("## What is allowed")[2].partition("**No data**")[0]
    assert len([parse_selector(key) for key in _first_cells(measured)]) == 7
    assert len([parse_budget(text) for text in _first_cells(allowed) if text != "6"]) == 13


def test_the_example_of_the_page_on_production_has_all_that_production_does():
    platform, limits = (block.text for block in blocks("docs/production.md") if block.kind == "yaml")
    parts = yaml.safe_load(platform)["platform"]
    assert ScenarioProduction.model_validate(parts).eviction.megabytes == 50
    assert set(parts) == set(ScenarioProduction.model_fields)
    assert Switches.of(yaml.safe_load(limits)["limits"]).cut_off.percents == (0, 37)


def _first_cells(table):
    """The code in the first column."""
    rows = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`(.+?)`", row)]
