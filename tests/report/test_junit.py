from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.measure.baseline_changes import BaselineChanges, Change
from edgeday.measure.results import ExceededLimit, RouteRow
from edgeday.report import junit
from tests.report.days import HOSTILE


def suites(*results):
    return ElementTree.fromstring(junit.render(results).encode()).findall("testsuite")


def cases(result):
    (suite,) = suites(result)
    return {case.get("name"): case for case in suite.findall("testcase")}


def test_each_budget_is_a_test_case_of_its_scenario(by_name):
    assert {name: case.get("classname") for name, case in cases(by_name["passing"]).items()} == {
        "plans.started == 3": "passing",
        "kv.writes.accepted <= 50%": "passing",
    }
    assert all(len(case) == 0 for case in cases(by_name["passing"]).values())


def test_a_broken_budget_says_what_was_measured_and_what_broke_it_first(by_name):
    failure = cases(by_name["failing"])["kv.writes.accepted <= 100"].find("failure")
    assert failure.get("type") == "broken"
    assert failure.get("message") == "measured 1,000, allowed <= 100, margin -900, account limit 1,000"
    measured, first, spent = failure.text.splitlines()
    assert measured == failure.get("message")
    assert first.startswith("first broken at 2026-02-16 0")
    assert "KV put ai_" in first
    assert spent.startswith("spent by ai_communication_log:* ")
    assert spent.endswith("(all in POST /api/generate-plan)")


def test_no_data_is_a_failure(by_name):
    failure = cases(by_name["failing"])["kv.reads.accepted{family=never_read:*} <= 5"].find("failure")
    assert failure.get("type") == "no data"
    assert "no data" in failure.get("message")


def test_a_probe_with_another_answer_is_a_failure(by_name):
    failure = cases(by_name["failing"])["probe GET /nowhere at 2026-02-16 23:00:00 UTC"].find("failure")
    assert failure.get("message") == "status: expected 200, found 404"


def test_what_has_changed_against_the_baseline_is_one_failure(by_name):
    changes = [Change("kv.writes.accepted", 4, 6), Change("ai.calls", None, 3)]
    compared = BaselineChanges("base.json", True, True, ["the scenario has changed"], changes, [], 40)
    failure = cases(replace(by_name["passing"], comparison=compared))["baseline"].find("failure")
    assert failure.text.splitlines() == [
        "2 metrics of 40 changed against base.json",
        "the scenario has changed",
        "kv.writes.accepted: 4 -> 6, +2 (+50 %)",
        "ai.calls: - -> 3, -",
    ]


def test_an_unchanged_run_has_a_test_case_that_says_so(by_name):
    same = BaselineChanges("base.json", True, False, [], [], [], 40)
    assert len(cases(replace(by_name["passing"], comparison=same))["baseline"]) == 0


def test_an_interrupted_run_is_an_error(by_name):
    error = cases(by_name["partial"])["the whole run"].find("error")
    assert error.get("message").startswith("interrupted at 2026-02-16 04:00:")


def test_the_counts_of_the_suites_add_up(results):
    root = ElementTree.fromstring(junit.render(results).encode())
    for what, tag in (("tests", "testcase"), ("failures", ".//failure"), ("errors", ".//error")):
        counted = [len(suite.findall(tag)) for suite in root]
        assert [int(suite.get(what)) for suite in root] == counted
        assert int(root.get(what)) == sum(counted)
    assert int(root.get("failures")) == 6


def test_the_terminals_block_is_the_output_of_the_suite(by_name):
    (suite,) = suites(by_name["failing"])
    assert suite.find("system-out").text.startswith("FAIL  failing, DOES NOT FIT: 172 KV writes")
    assert "KV writes" in suite.find("system-out").text


def test_a_run_that_tests_nothing_is_a_failure_of_its_own(by_name):
    (suite,) = suites(by_name["idle"])
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    assert suite.find("testcase/failure").get("message").startswith("no request reached the worker")


@pytest.mark.parametrize("control", ["\x00", "\x1b", "\x0b", "\ufffe", "\ud800"])
def test_characters_that_xml_cannot_hold_are_replaced(by_name, control):
    row = replace(by_name["failing"].budgets[0], metric=f"a{control}b")
    assert "a\N{REPLACEMENT CHARACTER}b <= 100" in cases(replace(by_name["failing"], budgets=[row]))


@given(st.text(), st.text())
def test_any_text_gives_well_formed_xml_that_holds_it(by_name, metric, budget):
    row = replace(by_name["failing"].budgets[0], metric=metric + HOSTILE, budget=budget)
    result = replace(by_name["failing"], budgets=[row], description=budget + HOSTILE, probes=[])
    (case,) = suites(result)[0].findall("testcase")
    assert HOSTILE in case.get("name")


def properties(result):
    (suite,) = suites(result)
    assert suite[0].tag == "properties"  # before the test cases, as the schemas of JUnit have it
    return [(one.get("name"), one.get("value")) for one in suite[0]]


def test_properties_say_whether_a_run_fits_its_account(by_name):
    assert {("verdict", "pass"), ("fits", "true")} <= set(properties(by_name["passing"]))
    limit = ExceededLimit("kv_writes_per_day", 1000, 1200, None, f"1,200 of 1,000 {HOSTILE}\x00")
    said = properties(replace(by_name["passing"], exceeded=[limit]))
    assert ("fits", "false") in said
    assert ("exceeded", f"1,200 of 1,000 {HOSTILE}\N{REPLACEMENT CHARACTER}") in said


def test_requests_by_route_stand_in_the_output(by_name):
    rows = [RouteRow("GET /a", 2, {200: 1, 404: 1}, 0, 0, 0)]
    (suite,) = suites(replace(by_name["passing"], requests=rows))
    assert "requests by route  started  200  404" in suite.find("system-out").text


def test_the_headline_is_a_property(by_name):
    assert ("headline", "PASS passing, FITS the free account") in properties(by_name["passing"])


def test_a_void_run_is_a_failure_with_its_reason(by_name):
    void = by_name["idle"]
    assert ("verdict", "void") in properties(void)
    failure = cases(void)["the whole run"].find("failure")
    assert failure.get("type") == "void"
    assert failure.get("message") == void.problem.splitlines()[0] != ""
    (suite,) = suites(void)
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
