"""Every run begins with what the worker's modules held at first, wherever they keep it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.replay.capacity import measure_capacity
from edgeday.replay.first_state import FirstState
from edgeday.replay.runner import replay
from tests.replay import keeping_workers
from tests.replay.keeping_workers import Keeping
from tests.scenario_days import loaded

KINDS = [name for name in vars(Keeping) if name.startswith("in_")]
PUT_BACK = [kind for kind in KINDS if kind != "in_generator"]  # nothing can put that back
DAY = """
worker: {entry: "tests.replay.keeping_workers:Keeping"}
namespaces: {K: k}
traffic: [{requests: 13, path: /%s}]
budgets: {kv.reads.accepted: "<= 100"}
"""


def reads(kind):
    return replay(loaded(DAY % kind)).metrics.values["kv.reads.accepted"]


@pytest.mark.parametrize("kind", PUT_BACK)
def test_a_second_run_begins_as_the_first_one_did(kind):
    memory = FirstState([Keeping])
    first = reads(kind)
    second = reads(kind)
    memory.restore()
    assert (reads(kind), first > 13) == (first, True)
    memory.restore()
    assert first != second or kind == "in_draws"  # else there was nothing to put back


def test_what_is_put_back_is_the_same_object():
    memory = FirstState([Keeping])
    meter, rows = keeping_workers.METER, keeping_workers.FROZEN.rows
    keeping_workers.METER = None
    rows.append(1)
    memory.restore()
    assert keeping_workers.METER is meter
    assert keeping_workers.FROZEN.rows is rows
    assert rows == []
    assert "made" not in vars(keeping_workers.FROZEN)


def test_the_module_of_an_installed_worker_is_put_back_too(monkeypatch):
    monkeypatch.setattr("edgeday.replay.first_state.is_user_code", lambda _: False)
    memory = FirstState([Keeping])
    first = reads("in_object")
    memory.restore()
    assert reads("in_object") == first == 15
    memory.restore()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_has_all_requests_of_a_large_day_run(kind):
    memory = FirstState([Keeping])
    capacity = measure_capacity(loaded(DAY % kind), up_to=2_000, thin_above=0.02)
    assert capacity.no_thinning
    memory.restore()


def test_scenarios_of_one_command_do_not_see_what_others_left(tmp_path):
    names = ["one", "two", "three"]
    for name in names:
        (tmp_path / f"{name}.yaml").write_text(
            f"name: {name}\nstart: 2026-02-16T00:00:00Z\n{DAY % 'in_object'}"
        )
    files = [str(tmp_path / f"{name}.yaml") for name in names]
    result = CliRunner().invoke(main, ["replay", *files, "--json", "-"])
    runs = json.loads(result.stdout)["scenarios"]
    assert [run["metrics"]["kv.reads.accepted"] for run in runs] == [15, 15, 15]
