"""`edgeday compare`: two scenarios, workers or variants side by side."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import SCENARIOS

NORMAL = str(SCENARIOS / "normal-day.yaml")
DAY = """\
name: {name}
start: 2026-02-16T00:00:00Z
worker: old/entry.py
namespaces: {{K: k}}
traffic: [{{requests: {requests}, path: /}}]
budgets: {{requests.failed: == 0}}
"""
ENTRY = """\
from edgeday.web import Response
from stored import times


class Worker:
    async def fetch(self, request):
        for number in range(times):
            await self.env.K.put(f"k{number}", "v")
        return Response("ok")
"""


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch, forgotten_workers):
    """Two versions of a worker, whose files and modules have the same names."""
    monkeypatch.chdir(tmp_path)
    for folder, times in (("old", 1), ("new", 3)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "entry.py").write_text(ENTRY)
        (tmp_path / folder / "stored.py").write_text(f"times = {times}\n")
    (tmp_path / "day.yaml").write_text(DAY.format(name="day", requests=10))
    (tmp_path / "busy.yaml").write_text(DAY.format(name="busy", requests=400))


def compared(edgeday, *arguments, code=0):
    result = edgeday("compare", *arguments, "--json", "-")
    assert result.exit_code == code, result.stderr
    report = json.loads(result.stdout)
    return report, {row["metric"]: (row["before"], row["after"]) for row in report["changes"]}


def test_two_scenarios_are_compared_metric_by_metric(edgeday):
    report, changes = compared(edgeday, "day.yaml", "busy.yaml")
    assert changes["requests.started"] == (10, 400)
    assert changes["kv.writes.accepted"] == (10, 400)
    assert "requests.failed" not in changes
    every = report["sides"][0]["metrics"] | report["sides"][1]["metrics"]
    assert report["same"] + len(report["changes"]) == len(every)


def test_two_workers_whose_modules_share_their_names_do_not_meet(edgeday):
    report, changes = compared(edgeday, "old/entry.py", "new/entry.py", "--scenario", "day.yaml")
    assert changes["kv.writes.accepted"] == (10, 30)
    assert [side["name"] for side in report["sides"]] == ["old/entry.py", "new/entry.py"]


def test_a_scenario_as_it_stands_is_compared_with_another_worker(edgeday):
    _, changes = compared(edgeday, "day.yaml", "new/entry.py", "--scenario", "day.yaml")
    assert changes["kv.writes.accepted"] == (10, 30)


def test_a_status_that_one_side_never_answered_with_is_0_there(edgeday, tmp_path):
    (tmp_path / "new" / "entry.py").write_text(ENTRY.replace('Response("ok")', 'Response("ok", status=201)'))
    _, changes = compared(edgeday, "old/entry.py", "new/entry.py", "--scenario", "day.yaml")
    statuses = {name: values for name, values in changes.items() if name.startswith("requests.status")}
    assert statuses == {"requests.status{status=200}": (10, 0), "requests.status{status=201}": (0, 10)}


RAISES = ENTRY.replace('return Response("ok")', "raise ValueError(times)")


def test_what_changed_is_told_route_by_route(edgeday, tmp_path):
    arguments = ("old/entry.py", "new/entry.py", "--scenario", "day.yaml")
    report, _ = compared(edgeday, *arguments)
    assert [side["costs"] for side in report["sides"]] == [
        [{"route": "GET /", "what": "KV writes", "amount": amount}] for amount in (10, 30)
    ]
    printed = edgeday("compare", *arguments, "--markdown", "changes.md").stdout
    row = next(line for line in printed.splitlines() if line.split()[:4] == ["GET", "/", "KV", "writes"])
    assert row.split()[4:] == ["10", "30", "+20", "(+200", "%)"]
    assert "| GET / | KV writes | 10 | 30 | \\+20" in (tmp_path / "changes.md").read_text()


def test_what_costs_the_same_is_in_no_table_of_costs(edgeday):
    assert "spent by" not in edgeday("compare", "day.yaml", "day.yaml").stdout


def test_refused_units_of_a_route_are_told_apart(edgeday):
    report, _ = compared(edgeday, "busy.yaml", "new/entry.py", "--scenario", "busy.yaml", code=1)
    costs = {cost["what"]: cost["amount"] for cost in report["sides"][1]["costs"]}
    assert costs == {"KV writes": 1000, "KV writes refused": 67}


@pytest.mark.parametrize(("line", "found"), [("", []), ("# one line more\n", ["A", "B"])])
def test_a_finding_at_the_same_line_of_two_copies_is_one(edgeday, tmp_path, line, found):
    (tmp_path / "old" / "entry.py").write_text(RAISES.replace("(times)", "(1)"))
    (tmp_path / "new" / "entry.py").write_text(line + RAISES.replace("(times)", "(1)"))
    result = edgeday("compare", "old/entry.py", "new/entry.py", "--scenario", "day.yaml")
    assert [letter for letter in "AB" if f"finding in {letter} only" in result.stdout] == found


def test_two_variants_are_compared(edgeday):
    _, changes = compared(edgeday, "cache_only", "hybrid_batched", "--scenario", NORMAL)
    assert changes["kv.writes.accepted"][0] == 0
    assert changes["kv.writes.accepted"][1] > 0


def test_what_is_the_same_has_no_changes(edgeday):
    report, changes = compared(edgeday, "day.yaml", "day.yaml")
    assert changes == {}
    assert "All " in edgeday("compare", "day.yaml", "day.yaml").stdout
    assert report["sides"][0] == report["sides"][1]


def test_each_side_says_its_headline_and_the_routes_that_differ(edgeday):
    result = edgeday("compare", "old/entry.py", "new/entry.py", "--scenario", "busy.yaml")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[1].split()[:2] == ["A", "old/entry.py"]
    assert "PASS busy, FITS the free account" in result.stdout
    assert "DOES NOT FIT" in result.stdout  # 1,200 writes
    assert "GET /" in result.stdout


def test_it_exits_as_a_replay_of_both_would(edgeday, tmp_path):
    broken = DAY.format(name="broken", requests=10).replace("== 0", "== 1")
    (tmp_path / "broken.yaml").write_text(broken)
    compared(edgeday, "day.yaml", "broken.yaml", code=1)


def test_problems_of_both_sides_are_told_in_one_go(edgeday, tmp_path):
    (tmp_path / "bad.yaml").write_text("name: bad\nstart: 2026-02-16T00:00:00Z\ntrafic: []\n")
    result = edgeday("compare", "bad.yaml", "missing.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert 'did you mean "traffic"?' in result.stderr
    assert "missing.yaml: no such file" in result.stderr
    assert result.stderr.rstrip().endswith("nothing was compared")


def test_workers_need_a_scenario_to_be_compared_in(edgeday):
    result = edgeday("compare", "old/entry.py", "new/entry.py")
    assert result.exit_code == 2
    assert "name the scenario to compare them in: --scenario day.yaml" in result.stderr


def test_a_worker_that_is_not_there_is_told_as_the_option_it_is(edgeday):
    result = edgeday("compare", "old/entry.py", "new/entri.py", "--scenario", "day.yaml")
    assert result.exit_code == 2
    assert "--worker: there is no file new/entri.py" in result.stderr


def test_a_worker_that_exits_gives_exit_code_3_and_the_comparison_all_the_same(edgeday, tmp_path):
    (tmp_path / "leaves.py").write_text(
        "import sys\n\n\nclass Worker:\n    async def fetch(self, request):\n        sys.exit(0)\n"
    )
    result = edgeday("compare", "old/entry.py", "leaves.py", "--scenario", "day.yaml")
    assert result.exit_code == 3
    assert "leaves.py" in result.stdout


def test_markdown_says_the_same_for_a_pull_request(edgeday, tmp_path):
    edgeday("compare", "day.yaml", "busy.yaml", "--markdown", "changes.md")
    text = (tmp_path / "changes.md").read_text()
    assert text.startswith("## edgeday: day.yaml and busy.yaml compared\n")
    assert "| requests.started | 10 | 400 |" in text


def test_a_seed_takes_the_place_of_the_scenarios_own(edgeday):
    report, _ = compared(edgeday, "day.yaml", "day.yaml", "--seed", "7")
    assert [side["seed"] for side in report["sides"]] == [7, 7]
