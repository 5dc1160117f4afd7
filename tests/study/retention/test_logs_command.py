"""`edgeday logs`: what it says before, what it does, and how it refuses."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.ledger import Op

from .stored import MONTH_S, NOW, archived, charged, error_key, error_value, fill, kv_of, spend

OLD_COUNT = 5


@pytest.fixture
def logs():
    """Run `edgeday logs` at NOW, not on a terminal."""

    def run(*arguments, at=NOW, **options):
        words = ["logs", *map(str, arguments), *(["--at", at] if at else [])]
        return CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke(main, words, **options)

    return run


@pytest.fixture
def state(tmp_path):
    """A state file with five old errors and a young one."""
    old = {error_key(MONTH_S + 9, number): error_value(message="late") for number in range(OLD_COUNT)}
    return fill(tmp_path / "day.sqlite", {**old, error_key(0, 99): error_value(message="early")})


def rows(text):
    return [line.split() for line in text.splitlines()]


def test_review_says_what_it_costs_and_counts_by_day_step_and_message(logs, state):
    result = logs("review", state)
    assert result.exit_code == 0
    assert ["KV", "lists", "1", "1,000", "1,000"] in rows(result.stdout)
    assert ["KV", "reads", "6", "100,000", "100,000"] in rows(result.stdout)
    assert ["2026-03-30", "1", "step1_analysis", "early"] in rows(result.stdout)
    assert ["2026-02-28", "5", "step1_analysis", "late"] in rows(result.stdout)
    assert charged(state) == {"list": (1, 0), "read": (6, 0)}


@pytest.mark.parametrize("work", ["review", "archive", "delete"])
def test_what_is_said_beforehand_is_what_it_costs(logs, state, tmp_path, work):
    options = {
        "review": [],
        "archive": ["--older-than", "30d", "--to", tmp_path / "a.jsonl"],
        "delete": ["--older-than", "30d"],
    }[work]
    forecast = logs(work, state, *options, "--dry-run")
    assert charged(state) == {}
    needed = {row[1].rstrip("s"): int(row[2]) for row in rows(forecast.stdout) if row[:1] == ["KV"]}
    logs(work, state, *options)
    assert {op: accepted for op, (accepted, _) in charged(state).items()} == {
        op: count for op, count in needed.items() if count
    }


def test_archive_moves_old_errors_into_the_file(logs, state, tmp_path):
    result = logs("archive", state, "--older-than", "30d", "--to", tmp_path / "a.jsonl")
    assert result.exit_code == 0
    assert "5 error logs added" in result.stdout
    assert "5 error logs deleted" in result.stdout
    assert len(archived(tmp_path / "a.jsonl")) == OLD_COUNT
    assert len(kv_of(state)) == 1


def test_an_archive_comes_back_with_state_import(logs, state, tmp_path):
    before = kv_of(state)
    logs("archive", state, "--older-than", "30d", "--to", tmp_path / "a.jsonl")
    CliRunner().invoke(main, ["state", str(state), "import", str(tmp_path / "a.jsonl")])
    assert kv_of(state) == before


def test_a_share_of_a_day_says_when_to_go_on_and_a_later_run_goes_on(logs, state):
    spend(state, Op.DELETE, 997)
    today = logs("delete", state, "--older-than", "30d")
    assert today.exit_code == 0
    assert "today's share is 3 of 5 deletes; go on after 2026-03-31 00:00 UTC, 2 days" in today.stdout
    assert "3 error logs deleted" in today.stdout
    assert "2 are left: today's KV deletes are spent; run it again after 2026-03-31" in today.stdout
    assert charged(state)["delete"] == (1000, 0)
    assert (
        "2 error logs deleted"
        in logs("delete", state, "--older-than", "30d", at="2026-03-31T00:00:00Z").stdout
    )
    assert len(kv_of(state)) == 1


@pytest.mark.parametrize(("at", "due"), [("2026-03-30T08:59:50Z", 0), ("2026-03-30T08:59:51Z", 5)])
def test_an_entry_is_due_from_the_second_on_in_which_it_has_the_age(logs, state, at, due):
    output = logs("delete", state, "--older-than", "30d", "--dry-run", at=at).stdout.replace("\n", " ")
    assert f"6 error logs, {due} to be deleted" in output


def test_a_dry_run_touches_nothing(logs, state, tmp_path):
    before = kv_of(state)
    result = logs("archive", state, "--older-than", "30d", "--to", tmp_path / "a.jsonl", "--dry-run")
    assert result.stdout.endswith("dry run: nothing was touched\n")
    assert kv_of(state) == before
    assert charged(state) == {}
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize(
    ("answer", "options", "left"), [("n\n", [], 6), ("y\n", [], 1), ("", ["--yes"], 1)]
)  # fmt: skip
def test_on_a_terminal_it_asks_unless_told_not_to(logs, state, monkeypatch, answer, options, left):
    monkeypatch.setattr("worker_port.study.commands.logs._on_terminal", lambda: True)
    result = logs("delete", state, "--older-than", "30d", *options, input=answer)
    assert result.exit_code == 0
    assert ("Go on?" in result.stdout) is (not options)
    assert len(kv_of(state)) == left


def test_nothing_to_do_is_said_and_costs_nothing(logs, state):
    result = logs("delete", state, "--older-than", "90d")
    assert result.exit_code == 0
    assert result.stdout.endswith("nothing to do\n")
    assert charged(state) == {}


def test_paid_has_no_limits(logs, state):
    table = rows(logs("delete", state, "--older-than", "30d", "--account", "paid").stdout)
    assert ["KV", "deletes", "5", "no", "limit", "-"] in table


def test_of_several_namespaces_with_errors_one_has_to_be_named(logs, state):
    fill(state, {error_key(MONTH_S + 9): error_value()}, namespace="other")
    result = logs("review", state)
    assert result.exit_code == 2
    assert "2 namespaces" in result.stderr
    assert "--namespace" in result.stderr
    assert "1 error log," in logs("review", state, "--namespace", "other").stdout


def test_a_namespace_without_errors_is_not_asked_about(logs, state):
    fill(state, {"menu": b"monday"}, namespace="other")
    assert logs("review", state).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["review", "missing.sqlite"], "there is no such state file"),
        (["review", "STATE", "--at", "2026-01-01"], "has no time zone"),
        (["review", "STATE", "--at", "soon"], "--at"),
        (["review", "STATE", "--namespace", "none"], "has no namespace 'none'"),
        (["delete", "STATE", "--older-than", "30 days"], "is no age; write 30d or 12h"),
        (["delete", "STATE"], "Missing option '--older-than'"),
        (["archive", "STATE", "--older-than", "30d", "--to", "missing/a.jsonl"], "cannot be written"),
    ],
)
def test_bad_input_is_refused_with_exit_code_2_and_touches_nothing(logs, state, arguments, message):
    before = kv_of(state)
    words = [str(state) if word == "STATE" else word for word in arguments]
    result = logs(*words, at=None if "--at" in words else NOW)
    assert result.exit_code == 2
    assert message in result.stderr
    assert kv_of(state) == before


def test_a_missing_state_file_is_not_made(logs, tmp_path):
    logs("review", tmp_path / "new.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_replayed_day_is_reviewed_from_its_state_file(logs, tmp_path):
    scenario = tmp_path / "day.yaml"
    scenario.write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\nworker: {variant: hybrid}\n"
        "traffic: [{plans: 10, errors: {plans: 4}}]\n"
    )
    state = tmp_path / "day.sqlite"
    CliRunner().invoke(main, ["replay", str(scenario), "--store", f"sqlite:{state}"])
    output = logs("review", state).stdout
    assert "4 error logs reviewed" in output
    assert "2026-02-16" in output
