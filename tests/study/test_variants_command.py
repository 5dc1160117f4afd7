"""`edgeday variants`: with a scenario of one's own, and with input it cannot use."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.report.markdown import escape

pytestmark = pytest.mark.slow

SCENARIO = "name: mine\nstart: 2026-02-16T00:00:00Z\ntraffic: [{plans: 20, errors: {plans: 1}}]\n"


@pytest.fixture
def variants(tmp_path, monkeypatch):
    """Run the command in a directory with a scenario in it."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, scenario=SCENARIO):
        (tmp_path / "mine.yaml").write_text(scenario)
        words = ["variants", *map(str, arguments)]
        return CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke(main, words)

    return run


def test_a_scenario_is_replayed_with_every_variant_and_stretched_to_a_month(variants):
    result = variants("mine.yaml", "--json", "-")
    assert result.exit_code == 0
    (comparison,) = json.loads(result.stdout)["comparisons"]
    assert comparison["scenario"] == "mine"
    replays = {row["variant"]: row["replay"] for row in comparison["variants"]}
    assert {row["plans.started"] for row in replays.values()} == {20}
    assert replays["hybrid"]["kv.writes.accepted"] == 1
    assert replays["kv_only"]["kv.writes.accepted"] > 19 * 22
    months = {row["variant"]: row["month"] for row in comparison["variants"]}
    assert months["hybrid"]["plans"] == 600
    assert months["hybrid"]["units"]["kv.writes.accepted"] == 30


def test_the_month_may_have_another_number_of_plans(variants):
    data = json.loads(variants("mine.yaml", "--month-plans", 4_000_000, "--json", "-").stdout)
    hybrid, kv_only = (data["comparisons"][0]["variants"][place]["month"] for place in (3, 1))
    assert hybrid["plans"] == kv_only["plans"] == 4_000_000
    assert hybrid["units"]["kv.writes.accepted"] == 200_000
    assert (hybrid["over"], hybrid["usd"]) == (["writes"], 5)
    assert kv_only["usd"] > 300
    assert {"reads", "writes"} <= set(kv_only["over"])


def test_tables_and_markdown_say_the_same(variants, tmp_path):
    output = variants("mine.yaml", "--markdown", "out.md").stdout
    page = (tmp_path / "out.md").read_text()
    assert "mine: a month of 600 plans" in output
    assert "Free costs nothing" in output
    assert "on Free" in output
    assert "## " + escape("mine: a month of 600 plans") in page
    assert "| hybrid | 0 | 1 | 0 | 0 | 10 | 6 | 19 |" in page


@pytest.mark.parametrize(
    ("scenario", "message"),
    [
        (
            "name: mine\nstart: 2026-02-16T00:00:00Z\nworker: {entry: 'worker_port:AiDietWorker'}\n",
            "the scenario has no plans to compare the variants by",
        ),
        (SCENARIO + "worker: {entry: 'plain:Plain'}\n", "has no variants to compare"),
        (SCENARIO + "wroker: {}\n", 'did you mean "worker"'),
    ],
)
def test_a_scenario_that_cannot_be_compared_is_refused(variants, tmp_path, monkeypatch, scenario, message):
    (tmp_path / "plain.py").write_text("class Plain:\n    async def fetch(self, request): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    result = variants("mine.yaml", scenario=scenario)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "nothing was measured" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["other.yaml"], "no such file"),
        (["mine.yaml", "--json", "missing/out.json"], "there is no directory missing"),
        (["mine.yaml", "--json", "-", "--markdown", "-"], "standard output is taken"),
        (["mine.yaml", "--month-plans", "0"], "Invalid value"),
    ],
)
def test_bad_input_is_refused_with_exit_code_2(variants, arguments, message):
    result = variants(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
