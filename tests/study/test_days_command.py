"""`edgeday days`: what the document counts beside what code and platform do."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from tests.commands.conftest import DAYS

DAY = """
name: mine
start: 2026-02-16T00:00:00Z
limits: {subrequests: observe}
traffic: [{plans: 4, ai_calls: 9, errors: {plans: 1, request_errors: 1, response_errors: 2, then: continue}}]
budgets: {plans.failed: <= 1}
"""
CODE = "code and platform"


@pytest.fixture
def days(tmp_path, monkeypatch):
    """Run the command on a scenario, or on words of one's own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, scenario=DAY):
        (tmp_path / "mine.yaml").write_text(scenario)
        words = ["days", *map(str, arguments or ("mine.yaml",))]
        return CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke(main, words)

    return run


def rows(output):
    """Label -> cells, of the only table in an output."""
    lines = [line for line in output.splitlines() if line and not line.startswith(" ")]
    split = (line.split("  ") for line in lines if "  " in line)
    return {label: [cell.strip() for cell in cells if cell.strip()] for label, *cells in split}


def test_the_three_days_stand_side_by_side_with_what_is_so(days):
    result = days(*DAYS, "--json", "-")
    assert result.exit_code == 0
    report = {day["scenario"]: day for day in json.loads(result.stdout)["days"]}
    assert list(report) == ["normal-day", "high-load-day", "system-issues-day"]
    for name, writes, in_code in (
        ("normal-day", 6, 2),
        ("high-load-day", 30, 10),
        ("system-issues-day", 30, 10),
    ):
        day = report[name]
        assert (
            day["document"]["kv.writes.accepted"] == day["model"]["metrics"]["kv.writes.accepted"] == writes
        )
        assert day["code"]["metrics"]["kv.writes.accepted"] == in_code
        assert day["document"]["subrequests.invocations_over_limit"] == 0
        assert day["model"]["metrics"]["subrequests.max_per_invocation"] == 55
        assert day["code"]["metrics"]["subrequests.max_per_invocation"] == 43
        assert (day["model"]["fits"], day["code"]["fits"]) == (False, True)


def test_the_table_of_the_normal_day_is_what_the_document_its_model_and_the_code_give(days):
    result = days(DAYS[0])
    table = rows(result.stdout)
    assert table["plans"] == ["50", "50", "50"]
    assert table["AI calls"] == ["450", "450", "350"]
    assert table["KV writes"] == ["6 (0.6 %)", "6 (0.6 %)", "2 (0.2 %)"]
    assert table["cache operations"] == ["450", "2,300", "1,800"]
    assert table["subrequests of a plan"] == ["-", "55 of 50", "43 of 50"]
    assert table["plans lost to a limit"] == ["0", "50 of 50 would be", "0"]
    assert table["fits the account"] == ["yes", "no", "yes"]


def test_the_report_is_80_columns_wide_and_its_lines_end_where_their_text_ends(days):
    lines = days(*DAYS).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip()] == []


def test_of_what_the_document_does_not_say_nothing_is_said(days):
    table = rows(days().stdout)
    assert table["KV writes"][0] == table["cache operations"][0] == table["fits the account"][0] == "-"


def test_a_limit_that_the_code_meets_shows_although_no_plan_is_lost_to_it(days):
    repeated = DAY.replace("ai_calls: 9", "ai_calls: 9, ai: {retries: {rate: 1, attempts: 2}}")
    table = rows(days(scenario=repeated).stdout)
    assert table["subrequests of a plan"] == ["-", "73 of 50", "56 of 50"]
    assert table["plans lost to a limit"] == [
        "-",
        "4 of 4 would be",
        "0",
    ]  # the summary, which a plan can do without
    assert table["fits the account"] == ["-", "no", "no"]


def test_what_the_days_leave_out_is_said_once(days):
    output = " ".join(days(*DAYS).stdout.split())
    assert output.count("corrected once") == 1
    assert "needs 86 subrequests of 50 and answers 400" in output


@pytest.mark.parametrize(("allowed", "code"), [("<= 1", 0), ("== 0", 1)])
def test_the_exit_code_is_that_of_the_verdicts(days, allowed, code):
    assert days(scenario=DAY.replace("<= 1", allowed)).exit_code == code


def test_a_day_that_passes_in_the_model_and_fails_by_the_code_fails(days):
    budget = DAY.replace("plans.failed: <= 1", "ai.calls: == 36")
    assert days(scenario=budget).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["other.yaml"], "no such file"),
        (["mine.yaml", "--json", "missing/out.json"], "there is no directory missing"),
        (["mine.yaml", "--json", "-", "--markdown", "-"], "standard output is taken"),
        (["mine.yaml", "--json", "mine.yaml"], "mine.yaml"),
    ],
)
def test_bad_input_is_refused_with_exit_code_2(days, arguments, message):
    result = days(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_day_of_anything_but_plans_is_refused(days):
    other = DAY + "worker: {entry: 'worker_port:AiDietWorker'}\n"
    other = other.replace("traffic: [{plans", "traffic: [{name: chat, requests: 3, path: /x}, {plans")
    result = days(scenario=other)
    assert result.exit_code == 2
    assert "a day of the document has plans and nothing else" in result.stderr


def test_markdown_has_the_same_table(days, tmp_path):
    assert days("mine.yaml", "--markdown", "out.md").exit_code == 0
    page = (tmp_path / "out.md").read_text()
    assert "| subrequests of a plan | \\- | 55 of 50 | 43 of 50 |" in page
