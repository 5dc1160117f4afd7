"""Another worker, or another variant, in the place of the one that a scenario names."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import SCENARIOS

KV = """\
from edgeday.web import Response


class {name}:
{variants}    async def fetch(self, request):
{body}"""
WRITES = '        await self.env.K.put("k", "v")\n        return Response("stored")\n'
READS = '        await self.env.K.get("k")\n        return Response(self.env.VARIANT)\n'
DAY = """\
name: day
start: 2026-02-16T00:00:00Z
worker: writer.py
namespaces: {K: k}
traffic: [{requests: 10, path: /}]
budgets: {requests.failed: == 0}
"""


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch, forgotten_workers):
    """A scenario in a folder of its own, its worker beside it, and another worker where the person is."""
    monkeypatch.chdir(tmp_path)
    days = tmp_path / "days"
    days.mkdir()
    (days / "day.yaml").write_text(DAY)
    (days / "writer.py").write_text(KV.format(name="Writer", variants="", body=WRITES))
    variants = '    variants = ("a", "b")\n\n'
    (tmp_path / "reader.py").write_text(KV.format(name="Reader", variants=variants, body=READS))


def metrics(edgeday, *options):
    result = edgeday("replay", "days/day.yaml", "--json", "-", *options)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)["scenarios"][0]["metrics"]


def test_the_scenarios_own_worker_runs_where_no_other_is_given(edgeday):
    assert metrics(edgeday)["kv.writes.accepted"] == 10


def test_another_worker_is_looked_for_from_where_the_person_is(edgeday):
    measured = metrics(edgeday, "--worker", "reader.py", "--variant", "b")
    assert (measured["kv.writes.accepted"], measured["kv.reads.accepted"]) == (0, 10)


def test_another_variant_takes_the_place_of_the_scenarios(edgeday):
    result = edgeday("replay", SCENARIOS / "normal-day.yaml", "--variant", "cache_only", "--json", "-")
    scenario = json.loads(result.stdout)["scenarios"][0]
    assert (scenario["variant"], scenario["metrics"]["kv.writes.accepted"]) == ("cache_only", 0)


def test_a_worker_that_is_not_there_is_told_as_the_option_it_is(edgeday):
    result = edgeday("replay", "days/day.yaml", "--worker", "raeder.py")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "--worker: there is no file raeder.py",
        '  did you mean "reader.py"?',
        "1 problem; nothing was replayed",
    ]


def test_a_name_that_cannot_be_a_worker_is_told_once_for_all_files(edgeday, tmp_path):
    (tmp_path / "other.yaml").write_text(DAY.replace("name: day", "name: other"))
    result = edgeday("replay", "days/day.yaml", "other.yaml", "--worker", "nowhere")
    assert result.exit_code == 2
    assert result.stderr.count('--worker: "nowhere" names no class') == 1
    assert "other.yaml" in result.stderr  # its own worker is not beside it: told in the same go


@pytest.mark.parametrize(("variant", "code"), [("b", 0), ("c", 2)])
def test_a_variant_that_the_worker_has_not_is_told_as_the_option_it_is(edgeday, variant, code):
    result = edgeday("replay", "days/day.yaml", "--worker", "reader.py", "--variant", variant)
    assert result.exit_code == code
    assert ('--variant: unknown variant "c" (there are a, b)' in result.stderr) is (code == 2)


@pytest.mark.parametrize("option", [("--worker", "reader.py"), ("--variant", "a")])
def test_a_journal_leaves_no_room_for_another_worker(edgeday, option):
    assert edgeday("replay", "days/day.yaml", "--journal", "day.jsonl").exit_code == 0
    result = edgeday("replay", "--from-journal", "day.jsonl", *option)
    assert result.exit_code == 2
    assert f"{option[0]}: does not go with --from-journal" in result.stderr


def test_validate_checks_with_another_worker_too(edgeday):
    assert edgeday("validate", "days/day.yaml", "--worker", "reader.py").exit_code == 0
    assert edgeday("validate", "days/day.yaml", "--worker", "raeder.py").exit_code == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_capacity_of_another_worker_is_found_in_this_and_in_other_processes(edgeday, tmp_path, jobs):
    (tmp_path / "days" / "twice.yaml").write_text(DAY.replace("name: day", "name: twice"))
    paths = ("days/day.yaml", "days/twice.yaml")
    options = ("--up-to", "2000", "--jobs", jobs, "--json")
    own = json.loads(edgeday("capacity", *paths, *options).stdout)
    other = edgeday("capacity", *paths, "--worker", "reader.py", "--variant", "a", *options)
    assert [one["fits"] for one in own["capacities"]] == [1000, 1000]
    assert [one["fits"] for one in json.loads(other.stdout)["capacities"]] == [None, None]


def test_a_day_that_capacity_writes_names_the_worker_that_was_measured(edgeday, tmp_path):
    edgeday("capacity", "days/day.yaml", "--worker", "reader.py", "--variant", "a", "--at-least", "30",
            "--write", "days/thirty.yaml")  # fmt: skip
    result = edgeday("replay", "days/thirty.yaml", "--json", "-")
    assert json.loads(result.stdout)["scenarios"][0]["metrics"]["kv.reads.accepted"] == 30
