"""The scenarios that tell the design document's story pass, and tell it in these numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one

pytestmark = pytest.mark.slow

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.fixture(scope="module")
def results():
    names = ("benefit-case-day", "quota-spent-days", "incident-week", "batched-week", "designed-week")
    return {name: replay(load_one(SCENARIOS / f"{name}.yaml")) for name in names}


def test_all_of_them_keep_their_budgets_and_answer_their_probes(results):
    assert {name: result.verdict for name, result in results.items()} == dict.fromkeys(results, "pass")


def test_the_benefit_case_holds_in_the_model_of_the_design_document(results):
    claims = {claim.metric: claim.holds for claim in results["benefit-case-day"].claims}
    assert claims == {"kv.writes.accepted": True, "kv.writes.used_percent": True}


def test_the_day_before_runs_out_of_writes_in_plan_46(results):
    (finding,) = results["quota-spent-days"].findings
    assert finding.id == "kv-write-quota-spent"
    # plan 46 of 60 at equal distances begins at 18:12:00; its first four calls are asked within 40 seconds
    assert "2026-02-15T18:12:2" in finding.text
    assert "102 refused" in finding.text


def test_the_week_loses_every_plan_in_the_hybrid_form_and_only_the_failing_ones_in_the_others(results):
    completed = {name: result.metrics.values["plans.completed"] for name, result in results.items()}
    weeks = ("incident-week", "batched-week", "designed-week")
    assert [completed[name] for name in weeks] == [0, 133, 133]


def test_the_three_weeks_have_the_same_traffic():
    weeks = [
        load_one(SCENARIOS / f"{name}-week.yaml").scenario for name in ("incident", "batched", "designed")
    ]
    assert weeks[0].traffic == weeks[1].traffic == weeks[2].traffic
    assert len({week.worker.variant for week in weeks}) == 3


def test_only_the_designed_form_shows_the_errors_of_the_week_two_days_later(results):
    (later,) = [probe for probe in results["designed-week"].probes if "two days later" in probe.name]
    assert ("kv", 7) in [(check.what, check.found) for check in later.checks]
    for name in ("incident-week", "batched-week"):
        (later,) = results[name].probes
        assert ("kv", 0) in [(check.what, check.found) for check in later.checks]
