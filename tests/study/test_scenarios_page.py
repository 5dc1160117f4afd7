"""The page on the worker's scenarios: its examples run, and its names are the worker's."""

from __future__ import annotations

import re

import pytest

from edgeday.replay.runner import replay
from edgeday.scenario.profile import all_metrics
from tests.documents import ROOT, blocks
from tests.scenario_days import HEAD, loaded
from worker_port import VARIANTS

PAGE = "worker_port/study/docs/scenarios.md"
EXAMPLES = [block.text for block in blocks(PAGE) if block.kind == "yaml"]


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_of_the_page_can_be_replayed_and_pass(text):
    text += "" if "budgets:" in text else "budgets: {plans.started: '> 0'}\n"
    assert replay(loaded(text, "" if "name: diet-week" in text else HEAD)).verdict == "pass"


def test_the_page_names_every_variant_and_only_metrics_that_there_are():
    text = (ROOT / PAGE).read_text("utf-8")
    assert [name for name in VARIANTS if f"`{name}`" not in text] == []
    named = set(re.findall(r"`(logs\.\w+)`", text))
    assert len(named) > 7
    assert named <= set(all_metrics())
