"""Every command that runs a Python worker runs a JavaScript one: what it says, and what it exits with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.workerd, pytest.mark.usefixtures("forgotten_workers")]

WORKER = """\
let requests = 0;
export default {
  async fetch(request, env) {
    requests += 1;
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new RangeError("too much");
    if (pathname === "/loop") for (;;);
    for (let n = 0; n < TIMES; n++) await env.K.put(`${requests}/${n}`, env.WORD ?? "v");
    return new Response("ok");
  },
  async scheduled(controller, env) {
    await env.K.put("cron", controller.cron);
  },
};
"""
PYTHON = """\
from itertools import count
from edgeday import Response

numbers = count(1)


class Worker:
    async def fetch(self, request):
        await self.env.K.put(f"{next(numbers)}/0", "v")
        return Response("ok")

    async def scheduled(self, controller):
        await self.env.K.put("cron", controller.cron)
"""
DAY = """\
name: {name}
start: 2026-02-16T00:00:00Z
worker: {worker}
namespaces: {{K: k}}
traffic: [{{requests: {requests}, path: {path}}}, {{cron: "0 */6 * * *"}}]
budgets: {{requests.failed: == 0}}
"""


def day(name: str = "day", *, worker: str = "one.js", requests: int = 20, path: str = "/") -> str:
    """A scenario file in the current directory."""
    Path(f"{name}.yaml").write_text(DAY.format(name=name, worker=worker, requests=requests, path=path))
    return f"{name}.yaml"


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worker that puts one key with each request, one that puts three, and the first in Python."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.js").write_text(WORKER.replace("TIMES", "1"))
    (tmp_path / "three.js").write_text(WORKER.replace("TIMES", "3"))
    (tmp_path / "worker.py").write_text(PYTHON)
    return tmp_path


def report_of(edgeday: Any, *arguments: str, code: int = 0) -> Any:
    result = edgeday(*arguments, "--json", "-")
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_scenarios_of_one_worker_begin_with_its_modules_as_they_were_first(edgeday: Any) -> None:
    files = [day(f"day {number}") for number in range(3)]
    whole = report_of(edgeday, "replay", *files, "--journal", "days.jsonl")
    assert [one["metrics"]["kv.writes.accepted"] for one in whole["scenarios"]] == [24, 24, 24]
    keys = [json.loads(line).get("key") for line in Path("days.jsonl").read_text().splitlines()]
    assert keys.count("1/0") == 3
    again = report_of(edgeday, "replay", "--from-journal", "days.jsonl")
    assert [one["metrics"] for one in again["scenarios"]] == [one["metrics"] for one in whole["scenarios"]]


def test_another_worker_can_be_run_on_the_day(edgeday: Any) -> None:
    metrics = report_of(edgeday, "replay", day(), "--worker", "three.js")["scenarios"][0]["metrics"]
    assert metrics["kv.writes.accepted"] == 64


def test_what_kv_holds_can_be_kept_in_a_file(edgeday: Any) -> None:
    assert edgeday("replay", day(), "--store", "sqlite:day.sqlite").exit_code == 0
    listed = edgeday("state", "day.sqlite", "export")
    assert '"20/0"' in listed.stdout, listed.output


@pytest.mark.parametrize(("other", "accepted"), [("three.js", [24, 64]), ("worker.py", None)])
def test_workers_are_compared_whatever_they_are_written_in(
    edgeday: Any, other: str, accepted: list[int] | None
) -> None:
    report = report_of(edgeday, "compare", "one.js", other, "--scenario", day())
    changes = {row["metric"]: [row["before"], row["after"]] for row in report["changes"]}
    assert changes.get("kv.writes.accepted") == accepted


def test_a_baseline_is_kept_and_compared_with(edgeday: Any) -> None:
    assert edgeday("baseline", "update", day(), "--to", "baseline.json").exit_code == 0
    assert edgeday("replay", day(), "--baseline", "baseline.json").exit_code == 0
    assert edgeday("replay", day(), "--baseline", "baseline.json", "--worker", "three.js").exit_code == 1


@pytest.mark.slow
def test_capacity_searches_in_processes_of_its_own(edgeday: Any) -> None:
    files = [day("one"), day("three", worker="three.js")]
    result = edgeday("capacity", *files, "--jobs", "2")
    assert result.exit_code == 0
    assert [line.split()[:2] for line in result.stdout.splitlines()[-2:]] == [
        ["one", "996"],
        ["three", "332"],
    ]


def test_an_uncaught_exception_is_a_failed_request_with_its_line(edgeday: Any) -> None:
    result = edgeday("replay", day(path="/throw"))
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert "one.js:6: uncaught RangeError: too much in 20 of 24 requests" in said
    assert edgeday("replay", day(path="/throw"), "--strict-worker").exit_code == 3


def test_an_endless_loop_is_an_error_of_its_scenario_alone(
    edgeday: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGEDAY_HANG_SECONDS", "1")
    result = edgeday("replay", day("loops", path="/loop"), day("after"))
    assert result.exit_code == 3
    assert "its JavaScript does not come to an end: it ran for 1 s" in " ".join(result.stdout.split())
    assert "PASS  after" in result.stdout


def test_a_syntax_error_is_bad_input_at_its_line(edgeday: Any, project: Path) -> None:
    (project / "one.js").write_text("export default {\n  fetch() { return = 1; },\n};\n")
    for command in ("validate", "replay"):
        result = edgeday(command, day())
        assert result.exit_code == 2
        assert "one.js:2:" in result.stderr


def test_validate_says_which_worker_runs_on_what(edgeday: Any) -> None:
    result = edgeday("validate", day())
    assert result.exit_code == 0
    assert "worker  one.js (bundle " in result.stderr
    assert "on workerd " in result.stderr
