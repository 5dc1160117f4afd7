"""Scenario files as tests: which are collected, how they fail."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from edgeday.pytest_plugin.scenario_items import _matches

pytest_plugins = ["pytester"]

WORKER = """
from edgeday.web import Response

class Notes:
    async def fetch(self, request):
        await self.env.notes.put(f"note:{self.env.USER}", "x" * 10)
        return Response("saved")

class Broken:
    async def fetch(self, request):
        raise LookupError("a defect")

class Absent:
    async def fetch(self, request):
        await self.env.notes.put(f"note:{self.env.USER}", "x")
        return Response("none", status=404)

class Sometimes:
    async def fetch(self, request):
        await self.env.notes.put(f"note:{self.env.USER}", "x")
        Sometimes.calls = getattr(Sometimes, "calls", 0) + 1
        if Sometimes.calls == 2:
            raise LookupError("a defect")
        return Response("saved")

class Halved:
    async def fetch(self, request):
        raise LookupError("no \\ud800")
"""

SCENARIO = """
name: {name}
start: 2026-02-16T00:00:00Z
worker: {{entry: "my_worker:{worker}", vars: {{USER: ada}}}}
namespaces: {{notes: notes}}
traffic: [{{requests: 3, path: /note}}]
budgets: {{kv.writes.accepted: "{budget}", requests.started: 3}}
"""


def scenario(name: str = "three-notes", budget: str = "== 3", worker: str = "Notes") -> str:
    return SCENARIO.format(name=name, budget=budget, worker=worker)


@pytest.fixture
def written(project):
    """Write files into the project, by path; a worker to run is there."""
    project.makepyfile(my_worker=WORKER)

    def write(**files: str) -> None:
        for path, text in files.items():
            target = project.path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    return write


def collected(project, *arguments: str) -> list[str]:
    result = project.runpytest_inprocess("--collect-only", "-q", *arguments)
    return [line for line in result.outlines if "::" in line]


def test_a_scenario_within_its_budgets_passes(project, written):
    written(**{"scenarios/day.yaml": scenario()})
    result = project.runpytest_inprocess("-v", "scenarios")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["scenarios/day.yaml::budgets PASSED*"])


def test_a_broken_budget_fails_with_the_whole_report(project, written):
    written(**{"scenarios/day.yaml": scenario(budget="<= 2")})
    result = project.runpytest_inprocess("scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*scenario day*",
            "kv.writes.accepted: measured 3, allowed <= 2, margin -1, account limit 1,000",
            "  first broken at 2026-02-16 20:00:00 UTC: KV put note:ada in GET /note",
            "  spent by note:[*] 3 (all in GET /note)",
            "FAIL  three-notes*",
            "*KV writes*3*1,000/day*0.3 %*",
            "*budget*allowed*measured*margin*",
            "*kv.writes.accepted*<= 2*3*-1*broken*",
            "FAILED scenarios/day.yaml::budgets - kv.writes.accepted: measured 3, *",
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("-vv",), ("-p", "xdist", "-n", "1")])
def test_the_summary_gives_a_failed_scenario_one_line_in_ci_too(project, written, monkeypatch, arguments):
    monkeypatch.setenv("CI", "true")
    broken = scenario(budget="<= 2").replace("requests.started: 3", "requests.started: 4")
    written(**{"scenarios/day.yaml": broken})
    result = project.runpytest_subprocess(*arguments, "scenarios")
    result.assert_outcomes(failed=1)
    assert result.outlines[-2] == (
        "FAILED scenarios/day.yaml::budgets - "
        "kv.writes.accepted: measured 3, allowed <= 2, margin -1, account limit 1,000; "
        "requests.started: measured 3, allowed == 4, account limit 100,000"
    )


def test_junit_gets_the_broken_budgets_as_the_message_and_the_report_as_its_text(project, written):
    written(**{"scenarios/day.yaml": scenario(budget="<= 2")})
    project.runpytest_inprocess("scenarios", "--junit-xml=junit.xml")
    failure = ElementTree.parse(project.path / "junit.xml").getroot().find(".//failure")
    assert failure.get("message") == (
        "kv.writes.accepted: measured 3, allowed <= 2, margin -1, account limit 1,000"
    )
    assert "FAIL  three-notes" in failure.text


def test_a_probe_with_another_answer_fails(project, written):
    probe = "probes: [{at: +1h, request: {path: /}, expect: {status: 404}}]\n"
    written(
        **{
            "scenarios/day.yaml": scenario(budget="== 4").replace(
                "requests.started: 3", "requests.started: 4"
            )
            + probe
        }
    )
    result = project.runpytest_inprocess("scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["probe GET /: status: expected 404, found 200"])


def test_every_problem_of_a_file_that_cannot_be_used_is_shown_at_its_place(project, written):
    written(
        **{"scenarios/day.yaml": scenario().replace("requests: 3", "reqests: 3").replace("start:", "starts:")}
    )
    result = project.runpytest_inprocess("scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ['scenarios/day.yaml:3:1: unknown key "starts"', '*did you mean "start"?', "nothing was replayed"]
    )
    result.stdout.fnmatch_lines(['scenarios/day.yaml:*: unknown key "reqests"'])


def test_a_worker_that_always_raises_fails_with_its_place_and_its_first_traceback(project, written):
    written(**{"scenarios/day.yaml": scenario(worker="Broken")})
    result = project.runpytest_inprocess("scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "all 3 requests failed: LookupError: a defect (my_worker.py:*)",
            "*my_worker.py:*: uncaught LookupError: a defect in 3 of 3 requests*",
            '*my_worker.py", line *, in fetch',
            "*LookupError: a defect",
        ]
    )


def test_a_scenario_that_tests_nothing_fails_and_says_so(project, written):
    written(**{"scenarios/day.yaml": scenario(worker="Absent")})
    result = project.runpytest_inprocess("scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["3 of 3 requests were answered 404", "*VOID  three-notes: 3 of 3 requests were answered 404"]
    )


@pytest.mark.parametrize(("fail_on", "outcome"), [("", "passed"), ("fail_on: finding\n", "failed")])
def test_a_finding_fails_a_scenario_that_allows_none(project, written, fail_on, outcome):
    written(**{"scenarios/day.yaml": scenario(worker="Sometimes") + fail_on})
    result = project.runpytest_inprocess("scenarios")
    result.assert_outcomes(**{outcome: 1})
    if fail_on:
        result.stdout.fnmatch_lines(
            ["a finding (fail_on: finding): 1 of 3 requests failed with an uncaught LookupError*"]
        )


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("-p", "xdist", "-n", "1")])
def test_what_a_worker_raises_is_shown_although_utf8_cannot_hold_it(project, written, arguments):
    written(**{"scenarios/day.yaml": scenario(worker="Halved")})
    result = project.runpytest_subprocess(*arguments, "scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LookupError: no \ufffd\ufffd\ufffd*"])


@pytest.mark.slow
def test_scenarios_spread_over_workers_of_xdist(project, written):
    written(**{f"scenarios/day{number}.yaml": scenario(f"day-{number}") for number in range(3)})
    result = project.runpytest_subprocess("-p", "xdist", "-n", "2", "scenarios")
    result.assert_outcomes(passed=3)


def test_junit_gets_one_case_with_the_measured_metrics(project, written):
    written(**{"scenarios/day.yaml": scenario()})
    project.runpytest_inprocess("scenarios", "--junit-xml=junit.xml", "-o", "junit_logging=all")
    case = ElementTree.parse(project.path / "junit.xml").getroot().find(".//testcase")
    properties = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert case.get("name") == "budgets"
    assert properties == {"kv.writes.accepted": "3", "requests.started": "3"}


def test_the_report_of_a_passed_scenario_can_be_asked_for(project, written):
    written(**{"scenarios/day.yaml": scenario()})
    result = project.runpytest_inprocess("-rP", "scenarios")
    result.stdout.fnmatch_lines(["*Captured edgeday call*", "PASS  three-notes*"])


def test_only_yaml_files_in_the_scenario_directory_that_look_like_scenarios_are_collected(project, written):
    written(
        **{
            "scenarios/day.yaml": scenario(),
            "scenarios/night.yml": scenario("night"),
            "scenarios/values.yaml": "replicas: 3\nservice:\n  start: now\n  traffic: none\n",
            "scenarios/empty.yaml": "",
            "scenarios/notes.txt": scenario(),
            "scenarios/old/day.yaml": scenario("old"),
            "deploy/day.yaml": scenario("elsewhere"),
            "tests/scenarios/day.yaml": scenario("nested"),
        }
    )
    assert collected(project) == ["scenarios/day.yaml::budgets", "scenarios/night.yml::budgets"]


def test_a_file_named_on_the_command_line_is_collected_wherever_it_is(project, written):
    written(**{"deploy/day.yaml": scenario(), "deploy/values.yaml": "replicas: 3\n"})
    assert collected(project, "deploy/day.yaml") == ["deploy/day.yaml::budgets"]
    assert collected(project, "deploy/values.yaml") == []


@pytest.mark.parametrize(
    ("option", "items"),
    [
        ("load/**/*.yaml", ["load/a.yaml::budgets", "load/deep/b.yaml::budgets"]),
        ("load/*.yaml scenarios/*.yaml", ["load/a.yaml::budgets", "scenarios/c.yaml::budgets"]),
        ("", []),
    ],
)
def test_the_ini_option_says_where_scenarios_are(project, written, option, items):
    written(
        **{
            "load/a.yaml": scenario("a"),
            "load/deep/b.yaml": scenario("b"),
            "scenarios/c.yaml": scenario("c"),
        }
    )
    assert collected(project, "-o", f"edgeday_scenarios={option}") == items


def test_a_broken_scenario_is_collected_so_that_it_fails(project, written):
    written(**{"scenarios/day.yaml": "name: day\nbudgets: {kv.refused: 0}\ntrafic: [{requests: 3}]\n"})
    result = project.runpytest_inprocess("scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(['*"start" is missing*', '*did you mean "traffic"?*'])


@pytest.mark.parametrize(
    ("path", "pattern", "matches"),
    [
        ("scenarios/a.yaml", "scenarios/*.yaml", True),
        ("scenarios/a/b.yaml", "scenarios/*.yaml", False),
        ("scenarios/a.yaml", "./scenarios/*.yaml", True),
        ("scenarios/a.yaml", "**/*.yaml", True),
        ("a.yaml", "**/*.yaml", True),
        ("x/y/z/a.yaml", "x/**/a.yaml", True),
        ("x/a.yaml", "x/**/a.yaml", True),
        ("xx/a.yaml", "x/**/a.yaml", False),
        ("day1.yaml", "day?.yaml", True),
        ("day12.yaml", "day?.yaml", False),
        ("day-yaml", "day.yaml", False),
    ],
)
def test_globs_match_whole_paths(path, pattern, matches):
    assert _matches(path, pattern) is matches
