from __future__ import annotations

import json
import os
import signal

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one

WRITES = """
name: {name}
start: 2026-02-16T00:00:00Z
worker: {{entry: "tests.replay.capacity_days:Odd"}}
namespaces: {{K: k}}
background: [{{writes: [{spent}, {zeros}]}}]
traffic:
  - {{name: a, requests: 3, path: /writes/1, arrivals: poisson}}
  - {{name: b, requests: 1, get: /reads/1}}
"""


def day(tmp_path, name="day", left=10):
    path = tmp_path / f"{name}.yaml"
    path.write_text(WRITES.format(name=name, spent=1000 - left, zeros=", ".join("0" * 23)))
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["capacity", *map(str, arguments)])


@pytest.mark.parametrize(("count", "fits"), [(13, True), (14, False)])
def test_at_least_answers_in_words_and_by_its_exit_code(tmp_path, count, fits):
    result = run(day(tmp_path), "--at-least", count)
    assert result.exit_code == (0 if fits else 1), result.output
    words = (
        f"Yes: a day of {count} requests fits Free." if fits else f"No: a day of {count} requests does not"
    )
    assert words in result.output
    assert ("KV put" in result.output) is not fits


def test_at_least_answers_in_json_too(tmp_path):
    result = run(day(tmp_path), "--at-least", 14, "--json")
    (row,) = json.loads(result.output)["capacities"]
    assert result.exit_code == 1
    assert (row["at_least"], row["fits_at_least"]) == (14, False)
    assert row["first"]["limit"] == "kv_writes_per_day"
    assert row["checked"] == [{"size": 14, "made": 14, "fits": False, "thinned": False}]


def test_the_day_that_was_found_can_be_written_and_replayed(tmp_path):
    found = run(day(tmp_path), "--json", "--write", tmp_path / "found.yaml")
    assert found.exit_code == 0, found.output
    (row,) = json.loads(found.stdout)["capacities"]
    assert row["fits"] == 13
    assert [checked["size"] for checked in row["checked"]] == [13, 14]
    written = load_one(tmp_path / "found.yaml")
    assert [part.requests for part in written.scenario.traffic] == [(10,), (3,)]  # of 9.75 and 3.25
    assert replay(written).fits
    next_larger = run(day(tmp_path), "--at-least", 14, "--write", tmp_path / "larger.yaml")
    assert next_larger.exit_code == 1
    assert not replay(load_one(tmp_path / "larger.yaml")).fits


@pytest.mark.parametrize(
    ("place", "what"),
    [("sub/found.yaml", "is not in the directory of"), ("day.yaml", "is the scenario itself")],
)
def test_a_day_is_written_beside_its_scenario_only(tmp_path, place, what):
    result = run(day(tmp_path), "--write", tmp_path / place)
    assert result.exit_code == 2
    assert what in result.output
    assert "nothing was measured" in result.output


@pytest.mark.parametrize("jobs", [1, 2])
def test_several_scenarios_are_shown_in_their_order_by_one_process_and_by_several(tmp_path, jobs):
    paths = [day(tmp_path, name, left) for name, left in (("first", 8), ("second", 4))]
    result = run(*paths, "--jobs", jobs)
    assert result.exit_code == 0, result.output
    overview = result.output[result.output.index("scenario  ") :].splitlines()
    assert [line.split()[0] for line in overview[1:3]] == ["first", "second"]
    assert result.output.index("first\n") < result.output.index("second\n")


def test_the_problems_of_all_scenarios_are_told_at_once(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\nstart: 2026-02-16T00:00:00Z\n")
    result = run(tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert result.exit_code == 2
    assert result.output.count("the scenario has no traffic that could grow") == 2


def test_a_day_of_which_nothing_is_served_is_said_and_exits_with_1(tmp_path):
    path = tmp_path / "day.yaml"
    text = WRITES.format(name="day", spent=0, zeros=", ".join("0" * 23))
    path.write_text(text[: text.index("traffic:")] + "traffic: [{requests: 5, path: /fails/1}]\n")
    result = run(path, "--up-to", 30)
    assert result.exit_code == 1
    assert "Nothing could be measured: every request failed." in result.output


class Quits:
    """Ends the process that it runs in."""

    variants = ("a", "b")

    async def fetch(self, request):
        if os.environ.get("EDGEDAY_TEST_QUITS"):
            os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_that_ends_its_process_ends_the_search_with_a_word(tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEDAY_TEST_QUITS", "1")
    path = tmp_path / "day.yaml"
    path.write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\n"
        'worker: {entry: "tests.commands.test_capacity_command:Quits", variant: a}\n'
        "traffic: [{requests: 1, path: /}]\n"
    )
    result = run(path, "--variant", "all", "--jobs", 2)
    assert result.exit_code == 3
    assert "ended before its time; 0 of 2 were measured" in result.output
