"""What `edgeday replay` says and exits with when a worker raises or misbehaves, and what the others get."""

from __future__ import annotations

import json
from xml.etree import ElementTree

RAISE_ONCE = """\
if number == 3:
    raise KeyError("x")
return Response("ok")
"""
EXIT = """\
import sys
try:
    sys.exit(0)
except SystemExit:
    return Response("ok")
"""


def test_an_exception_in_one_request_is_one_failed_request_and_the_run_exits_by_its_budgets(edgeday, day):
    result = edgeday("replay", day("once", fetch=RAISE_ONCE, budgets="{requests.failed: 1}"))
    assert result.exit_code == 0
    assert "worker_of_once.py:9: uncaught KeyError: 'x' in 1 of 10 requests" in " ".join(
        result.stdout.split()
    )
    assert 'raise KeyError("x")' in result.stdout
    assert edgeday("replay", day("strict", fetch=RAISE_ONCE, budgets="{requests.failed: 0}")).exit_code == 1


def test_a_misbehaving_worker_is_an_error_in_every_report_and_the_other_scenarios_run(edgeday, day, tmp_path):
    files = [day("a"), day("exits", fetch=EXIT), day("c")]
    reports = ["--json=r.json", "--junit=r.xml", "--markdown=r.md", "--html=r.html", "--journal=j.jsonl"]
    result = edgeday("replay", *files, *reports)
    assert result.exit_code == 3
    assert result.stdout.count("PASS  ") == 2
    assert "ERROR  exits: the worker misbehaved: worker_of_exits.py:10" in result.stdout
    whole = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert whole["verdict"] == "error"
    assert [one["verdict"] for one in whole["scenarios"]] == ["pass", "error", "pass"]
    problem = whole["scenarios"][1]["problem"]
    assert problem.startswith("worker_of_exits.py:10: GET /get/menu, invocation 1, at ")
    assert problem.endswith("the worker calls sys.exit(0), which ends a process")
    root = ElementTree.parse(tmp_path / "r.xml").getroot()
    assert root.get("errors") == "1"
    assert [len(suite.findall("testcase/error")) for suite in root] == [0, 1, 0]
    assert "the worker misbehaved: worker\\_of\\_exits.py:10" in (tmp_path / "r.md").read_text("utf-8")
    assert "the worker misbehaved: worker_of_exits.py:10" in (tmp_path / "r.html").read_text("utf-8")
    again = edgeday("replay", "--from-journal", "j.jsonl", "--json", "-")
    assert again.exit_code == 3
    assert json.loads(again.stdout) == whole


def test_what_a_worker_prints_leaves_the_json_on_standard_output_alone(edgeday_process, day, tmp_path):
    path = day(fetch='print("in a request")\nreturn Response("ok")\n')
    module = tmp_path / "worker_of_day.py"
    module.write_text('print("at import")\n' + module.read_text())
    result = edgeday_process("replay", path, "--json", "-", "--console")
    assert result.returncode == 0
    assert json.loads(result.stdout)["verdict"] == "pass"
    assert "at import\n" in result.stderr
    assert result.stderr.count("in a request\n") == 10


def test_a_worker_that_misbehaves_while_it_is_imported_is_3_with_the_place(edgeday, day, tmp_path):
    path = day("imported", fetch='return Response("ok")\n')
    module = tmp_path / "worker_of_imported.py"
    module.write_text("import os\nos._exit(0)\n" + module.read_text())
    result = edgeday("replay", path)
    assert result.exit_code == 3
    assert "worker_of_imported.py:2: the worker calls os._exit(0)" in result.stderr
    assert "while it is imported" in result.stderr


def test_a_budget_on_work_that_was_cut_off_can_be_set(edgeday, day):
    late = "import asyncio\nasyncio.ensure_future(sleep(5))\nreturn Response('ok')\n"
    result = edgeday("replay", day("late", fetch=late, budgets="{invocations.cut_off: 0}"))
    assert result.exit_code == 1
    assert "worker_of_late.py:9: work that is started here" in " ".join(result.stdout.split())
