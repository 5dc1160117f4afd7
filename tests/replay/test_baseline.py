from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.errors import BadInput
from edgeday.measure.baseline_changes import Change
from edgeday.replay.baseline import (
    Baseline,
    Tolerance,
    baseline_run,
    compare_with_baseline,
    load_baseline,
    parse_tolerance,
    render,
    scenario_hash,
    with_comparison,
)
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one
from tests.replay.runs import METRICS
from tests.scenario_days import HEAD, SCENARIOS, SHOP, loaded

STORED = load_baseline(SCENARIOS / "baselines" / "baseline.json")
DAY = SHOP + "traffic: [{requests: 5, method: POST, path: /put/a, body: x}]\n"


def baseline_of(day, **metrics):
    """A baseline of one run, in which some metrics are changed."""
    run = baseline_run(day.scenario, replay(day))
    return Baseline(Path("b.json"), {"day": run.model_copy(update={"metrics": run.metrics | metrics})})


def compared(day, baseline, tolerance="0", **options):
    return compare_with_baseline(day.scenario, replay(day, **options), baseline, parse_tolerance(tolerance))


# the baseline of this project


@pytest.mark.slow
@pytest.mark.parametrize("name", STORED.runs)
def test_the_scenarios_give_what_their_baseline_holds(name):
    day = load_one(SCENARIOS / f"{name}.yaml")
    result = replay(day)
    comparison = compare_with_baseline(day.scenario, result, STORED)
    assert comparison.changes == []
    assert not comparison.scenario_changed
    assert comparison.compared == len(result.metrics.metrics) >= len(METRICS)


def test_the_days_of_the_design_document_have_a_baseline():
    assert {"normal-day", "high-load-day", "system-issues-day", "subrequest-limit-day"} <= set(STORED.runs)


# the hash


@pytest.mark.parametrize(
    "text",
    [
        DAY,
        "# a comment\n" + DAY,
        DAY + "budgets: {kv.refused: == 0}\n",
        DAY + "description: words\n",
        DAY + "days: 1\naccount: free\n",  # the defaults, written out
        SHOP + "traffic:\n  - path: /put/a\n    body: x\n    method: POST\n    requests: 5\n",
    ],
)
def test_the_hash_is_of_what_the_run_depends_on(text):
    assert scenario_hash(loaded(text).scenario) == scenario_hash(loaded(DAY).scenario)


@pytest.mark.parametrize(
    "text",
    [
        DAY.replace("requests: 5", "requests: 6"),
        DAY.replace("/put/a", "/put/b"),
        DAY + "days: 2\n",
        DAY + "seed: 1\n",
        DAY + "limits: {daily_kv: observe}\n",
        DAY + "background: [{reads: 1}]\n",
        DAY + "probes: [{at: +1h, request: {path: /get/a}, expect: {status: 200}}]\n",
    ],
)
def test_the_hash_changes_with_the_run(text):
    assert scenario_hash(loaded(text).scenario) != scenario_hash(loaded(DAY).scenario)


# comparing


def test_an_unchanged_run_has_no_changes():
    day = loaded(DAY)
    comparison = compared(day, baseline_of(day))
    assert (comparison.ok, comparison.changes, comparison.tolerated, comparison.notes) == (True, [], [], [])


def test_every_metric_that_differs_is_named_with_both_values():
    day = loaded(DAY)
    comparison = compared(day, baseline_of(day, **{"kv.writes.accepted": 4, "requests.started": 7}))
    assert comparison.changes == [Change("requests.started", 7, 5), Change("kv.writes.accepted", 4, 5)]
    assert not comparison.ok
    assert (comparison.changes[1].difference, comparison.changes[1].percent) == (1, 25.0)


@pytest.mark.parametrize(
    ("tolerance", "before", "ok"),
    [
        ("1", 4, True),
        ("0.5", 4, False),
        ("25%", 4, True),
        ("24%", 4, False),
        ("1", 6, True),
        ("99%", 0, False),
    ],
)
def test_the_tolerance_is_an_amount_or_a_share_of_the_baseline(tolerance, before, ok):
    day = loaded(DAY)
    comparison = compared(day, baseline_of(day, **{"kv.writes.accepted": before}), tolerance)
    assert comparison.ok is ok
    assert len(comparison.tolerated) == ok
    assert len(comparison.changes) == (not ok)


def test_data_that_appears_or_goes_is_beyond_every_tolerance():
    day = loaded(DAY)
    comparison = compared(day, baseline_of(day, **{"kv.writes.accepted": None, "gone.metric": 3}), "100%")
    assert comparison.changes == [Change("kv.writes.accepted", None, 5), Change("gone.metric", 3, None)]
    assert any("gone.metric is no metric" in note for note in comparison.notes)


def test_a_metric_that_the_baseline_does_not_know_yet_is_said_and_does_not_fail():
    day = loaded(DAY)
    baseline = baseline_of(day)
    run = baseline.runs["day"]
    fewer = {name: value for name, value in run.metrics.items() if name != "cache.puts"}
    comparison = compared(day, Baseline(baseline.path, {"day": run.model_copy(update={"metrics": fewer})}))
    assert comparison.ok
    assert comparison.notes == ["not in the baseline yet: cache.puts"]


STATUS = "requests.status{status=%s}"


def test_a_status_that_the_baseline_lacks_is_a_change_from_0():
    day = loaded(DAY)
    baseline = baseline_of(day)
    run = baseline.runs["day"]
    metrics = {name.replace("=200}", "=201}"): value for name, value in run.metrics.items()}
    comparison = compared(day, Baseline(baseline.path, {"day": run.model_copy(update={"metrics": metrics})}))
    assert comparison.changes == [Change(STATUS % 200, 0, 5), Change(STATUS % 201, 5, 0)]
    assert comparison.notes == []


def test_a_baseline_from_before_statuses_were_measured_does_not_fail():
    day = loaded(DAY)
    baseline = baseline_of(day)
    run = baseline.runs["day"]
    before = {name: value for name, value in run.metrics.items() if "{" not in name}
    comparison = compared(day, Baseline(baseline.path, {"day": run.model_copy(update={"metrics": before})}))
    assert comparison.ok
    assert comparison.notes == ["not in the baseline yet: requests.status"]


def test_a_scenario_that_has_changed_is_said_and_compared_all_the_same():
    day = loaded(DAY)
    other = loaded(DAY.replace("requests: 5", "requests: 6"))
    comparison = compared(other, baseline_of(day))
    assert comparison.scenario_changed
    assert Change("kv.writes.accepted", 5, 6) in comparison.changes
    assert not comparison.ok
    assert "the scenario has changed" in comparison.notes[0]


def test_a_changed_scenario_that_costs_the_same_passes_with_the_note():
    day = loaded(DAY)
    comparison = compared(loaded(DAY.replace("/put/a", "/put/b")), baseline_of(day))
    assert (comparison.ok, comparison.scenario_changed) == (True, True)


def test_another_seed_and_another_version_are_said():
    day = loaded(DAY)
    baseline = baseline_of(day)
    old = baseline.runs["day"].model_copy(update={"edgeday": "0.0.1"})
    comparison = compared(day, Baseline(baseline.path, {"day": old}), seed=7)
    assert [note.split(",")[0] for note in comparison.notes] == [
        "the baseline was drawn from seed 0",
        "the baseline was made by edgeday 0.0.1",
    ]


def test_a_scenario_that_the_baseline_lacks_fails():
    day = loaded(DAY)
    result = with_comparison(day.scenario, replay(day), Baseline(Path("b.json"), {}))
    assert result.verdict == "fail"
    assert "edgeday baseline update" in result.comparison.notes[0]


def test_a_part_of_a_run_is_not_compared():
    day = loaded(DAY)
    part = replace(replay(day), verdict="partial")
    assert with_comparison(day.scenario, part, baseline_of(day)).comparison is None


@pytest.mark.parametrize(
    ("text", "parsed"), [("0", Tolerance()), ("2.5", Tolerance(2.5)), (" 2 % ", Tolerance(2, True))]
)
def test_a_tolerance_is_a_number_or_a_share(text, parsed):
    assert parse_tolerance(text) == parsed


@pytest.mark.parametrize("text", ["", "-1", "x", "2%%", "1e3"])
def test_anything_else_is_no_tolerance(text):
    with pytest.raises(ValueError, match="is no tolerance"):
        parse_tolerance(text)


# files


def test_a_baseline_is_read_back_as_it_was_written(tmp_path):
    day = loaded(DAY)
    path = tmp_path / "b.json"
    path.write_text(render(baseline_of(day).runs), encoding="utf-8")
    assert load_baseline(path).runs == baseline_of(day).runs
    assert render(load_baseline(path).runs) == path.read_text(encoding="utf-8")


GOOD_RUN = {"sha256": "0" * 64, "seed": 0, "edgeday": "0.1.0", "metrics": {}}


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("{", ":1:2", "not JSON"),
        ("", ":1:1", "not JSON"),
        ('{"edgeday_baseline": 1,\n "scenarios": {\n', ":3:1", "not JSON"),
        ("[]", ":1:1", "is no baseline"),
        ('{"other": 1}', ":1:1", "is no baseline"),
        ('{"edgeday_baseline": 2, "scenarios": {}}', ":1:22", "a baseline of format 2"),
        ('{"edgeday_baseline": 1}', ":1:1", "scenarios"),
        ('{"edgeday_baseline": 1,\n "scenarios": {"a": 3}}', ":2:21", "scenarios.a"),
        (
            json.dumps({"edgeday_baseline": 1, "scenarios": {"a": GOOD_RUN | {"sha256": "x"}}}),
            ":1:",
            "sha256",
        ),
        (
            json.dumps(
                {"edgeday_baseline": 1, "scenarios": {"a": GOOD_RUN | {"metrics": {"kv.refused": "no"}}}}
            ),
            ":1:",
            "scenarios.a.metrics.kv.refused: a metric is a number or null",
        ),
    ],
)
def test_a_broken_baseline_is_refused_with_its_place(tmp_path, text, place, reason):
    path = tmp_path / "b.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as raised:
        load_baseline(path)
    message = str(raised.value)
    assert message.startswith(f"{path}{place}")
    assert reason in message


def test_a_baseline_that_is_missing_or_a_directory_or_not_text_is_refused(tmp_path):
    (tmp_path / "latin.json").write_bytes(b'{"edgeday_baseline": "\xff"}')
    for name, reason in (
        ("none.json", "no such baseline"),
        ("", "cannot be read"),
        ("latin.json", "not UTF-8"),
    ):
        with pytest.raises(BadInput, match=reason):
            load_baseline(tmp_path / name)


# the commands


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def day_file(tmp_path, text=DAY, name="day"):
    path = tmp_path / f"{name}.yaml"
    path.write_text(HEAD.replace("name: day", f"name: {name}") + text, encoding="utf-8")
    return path


def test_update_writes_beside_the_scenarios_and_replay_compares(tmp_path):
    path = day_file(tmp_path)
    assert run("baseline", "update", path).exit_code == 0
    stored = tmp_path / "baselines" / "baseline.json"
    assert run("replay", path, "--baseline", stored).exit_code == 0
    day_file(tmp_path, DAY.replace("requests: 5", "requests: 6"))
    assert run("replay", path, "--baseline", stored).exit_code == 1
    assert run("replay", path, "--baseline", stored, "--tolerance", "20%").exit_code == 0


def test_update_keeps_the_scenarios_that_are_not_named(tmp_path):
    stored = tmp_path / "b.json"
    one, two = day_file(tmp_path, name="one"), day_file(tmp_path, name="two")
    run("baseline", "update", one, "--to", stored)
    before = stored.read_text(encoding="utf-8")
    result = run("baseline", "update", two, "--to", stored)
    assert "two is new" in result.output
    runs = load_baseline(stored).runs
    assert set(runs) == {"one", "two"}
    assert "two has the same metrics" in run("baseline", "update", two, "--to", stored).output
    run("baseline", "update", one, "--to", stored)
    assert json.loads(before)["scenarios"]["one"] == json.loads(stored.read_text())["scenarios"]["one"]


def test_a_broken_baseline_is_never_overwritten(tmp_path):
    stored = tmp_path / "b.json"
    stored.write_text("{ not json", encoding="utf-8")
    result = run("baseline", "update", day_file(tmp_path), "--to", stored)
    assert result.exit_code == 2
    assert "restore it, or remove it and make it with `edgeday baseline update`" in result.output
    assert stored.read_text(encoding="utf-8") == "{ not json"
    assert run("replay", day_file(tmp_path), "--baseline", stored).exit_code == 2


def test_a_worker_that_misbehaves_leaves_the_baseline_alone(tmp_path):
    stored = tmp_path / "b.json"
    path = day_file(tmp_path, SHOP + "traffic: [{requests: 1, path: /exit}]")
    assert run("baseline", "update", path, "--to", stored).exit_code == 3
    assert not stored.exists()


def test_the_json_report_holds_the_comparison(tmp_path):
    path, stored, report = day_file(tmp_path), tmp_path / "b.json", tmp_path / "r.json"
    run("baseline", "update", path, "--to", stored)
    day_file(tmp_path, DAY.replace("requests: 5", "requests: 6"))
    run("replay", path, "--baseline", stored, "--json", report)
    (scenario,) = json.loads(report.read_text(encoding="utf-8"))["scenarios"]
    comparison = scenario["comparison"]
    assert (comparison["ok"], comparison["scenario_changed"]) == (False, True)
    assert {"metric": "kv.writes.accepted", "before": 5, "after": 6, "difference": 1} in comparison["changes"]
    run("replay", path, "--json", report)
    assert "comparison" not in json.loads(report.read_text(encoding="utf-8"))["scenarios"][0]


def test_every_problem_of_scenario_tolerance_and_baseline_is_told_in_one_go(tmp_path):
    result = run(
        "replay", day_file(tmp_path, "days: 0\n"), "--baseline", tmp_path / "none.json", "--tolerance", "x"
    )
    assert result.exit_code == 2
    assert "days" in result.output
    assert "is no tolerance" in result.output
