"""The main job: the three days of the design document, and the day that enforces what it did not know."""

from __future__ import annotations

import json

import pytest

from edgeday.replay.runner import replay
from edgeday.report.json_report import as_dict
from edgeday.scenario.loader import load
from tests.commands.conftest import DAYS, SCENARIOS

TABLE = {  # plans, error plans, KV writes, used percent, AI calls, cache puts, cache matches
    "normal-day": (50, 2, 6, 0.6, 450, 1400, 900),
    "high-load-day": (200, 10, 30, 3, 1800, 5600, 3600),
    "system-issues-day": (100, 10, 30, 3, 900, 2800, 1800),
}


@pytest.fixture(scope="module")
def report():
    """The JSON report of the three days, by scenario."""
    results = [replay(loaded) for loaded in load([SCENARIOS / f"{name}.yaml" for name in TABLE])]
    return {scenario["name"]: scenario for scenario in as_dict(results)["scenarios"]}


@pytest.mark.parametrize("name", TABLE)
def test_a_day_of_the_design_document_gives_the_numbers_of_its_table(report, name):
    plans, failed, writes, percent, calls, puts, matches = TABLE[name]
    metrics = report[name]["metrics"]
    assert (metrics["plans.started"], metrics["plans.failed"]) == (plans, failed)
    assert metrics["plans.completed"] == plans - failed
    assert (metrics["kv.writes.accepted"], metrics["kv.writes.used_percent"]) == (writes, percent)
    assert metrics["kv.writes.asked"] == writes
    assert [metrics[f"kv.{name}.asked"] for name in ("reads", "deletes", "lists")] == [0, 0, 0]
    assert metrics["ai.calls"] == calls
    assert (metrics["cache.puts"], metrics["cache.matches"]) == (puts, matches)
    assert metrics["subrequests.max_per_invocation"] == 55
    assert metrics["subrequests.invocations_over_limit"] == plans
    assert report[name]["verdict"] == "pass"


@pytest.mark.parametrize("name", TABLE)
def test_what_the_design_document_counts_stands_beside_what_was_measured(report, name):
    plans, _, writes, _, _, puts, matches = TABLE[name]
    claims = {
        claim["metric"]: (claim["claimed"], claim["measured"], claim["holds"])
        for claim in report[name]["claims"]
    }
    assert claims == {
        "kv.writes.accepted": (writes, writes, True),
        "cache.operations": (9 * plans, puts + matches, False),
        "subrequests.invocations_over_limit": (0, plans, False),
    }


@pytest.mark.parametrize("name", TABLE)
def test_each_of_them_shows_that_the_subrequest_limit_would_fail_every_plan(report, name):
    plans = TABLE[name][0]
    lost, over = report[name]["findings"]
    assert lost["id"] == "plans-lost"
    assert over == {
        "id": "subrequests-over-limit",
        "weight": "loss",
        "text": "55 subrequests in one invocation, the Free limit is 50: "
        f"with the limit enforced, {plans} of {plans} plans would fail",
    }


def test_with_the_limit_enforced_no_plan_is_completed(edgeday):
    result = edgeday("replay", SCENARIOS / "subrequest-limit-day.yaml", "--json", "-")
    metrics = json.loads(result.stdout)["scenarios"][0]["metrics"]
    assert (metrics["plans.started"], metrics["plans.completed"]) == (50, 0)
    assert metrics["subrequests.refused"] > 0
    assert metrics["ai.refused"] >= 48


@pytest.mark.slow
def test_the_command_shows_each_day_and_exits_with_0(edgeday_process):
    result = edgeday_process("replay", *DAYS)
    assert (result.returncode, result.stderr) == (0, "")
    for name in TABLE:
        assert f"PASS  {name}, but DOES NOT FIT" in result.stdout
    assert result.stdout.rstrip().endswith("3 of 3 scenarios passed, 3 do not fit, 12 of 12 budgets kept")
