"""When a run passes, fails or is void, and what its headline says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgeday.measure.results import ExceededLimit, Finding
from edgeday.measure.verdict import NOTHING_ASKED, NOTHING_CHECKED, judged, worst_first
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.replay.runner import replay
from edgeday.report.headline import headline_of, headline_of_all, tone_of_all
from edgeday.scenario.loader import load_one
from edgeday.web import Response
from tests.scenario_days import HEAD, SCENARIOS, SHOP_HEAD, loaded, replayed


class Redirecting:
    """A worker that sends everybody to another page."""

    async def fetch(self, request):
        return Response("", status=302, headers={"Location": "/login"})


REDIRECTS = HEAD + 'worker: {entry: "tests.measure.test_verdict:Redirecting"}\n'
ASKED = "budgets: {requests.started: '>= 0'}\n"


def day(*traffic, budgets=ASKED, more="", head=SHOP_HEAD):
    """The result of a day with these requests: path and how many."""
    parts = "".join(
        f"  - {{name: part {number}, requests: {count}, path: {path}}}\n"
        for number, (path, count) in enumerate(traffic)
    )
    return replayed(f"traffic:\n{parts}{budgets}{more}", head)


def said(result):
    return headline_of(result).text


# void: nothing was tested


def test_a_day_on_which_every_request_meets_a_404_is_void():
    result = day(("/nowhere", 40))
    assert result.verdict == "void"
    assert result.problem == "40 of 40 requests were answered 404"
    assert said(result) == "VOID day: 40 of 40 requests were answered 404"


@pytest.mark.parametrize(("good", "verdict"), [(2, "void"), (3, "pass")])
def test_nearly_all_means_95_percent(good, verdict):
    assert day(("/nowhere", 40), ("/get/a", good)).verdict == verdict


@pytest.mark.parametrize(("good", "verdict"), [(0, "void"), (1, "pass")])
def test_requests_that_fail_and_requests_that_meet_a_404_test_nothing_together(good, verdict):
    result = day(("/nowhere", 5), ("/fail", 5), *[("/get/a", good)] * bool(good))
    assert result.verdict == verdict
    if verdict == "void":
        assert result.problem.startswith(
            "5 of 10 requests were answered 404, and 5 failed: ValueError: a defect"
        )


@pytest.mark.parametrize(
    ("expect", "verdict"),
    [("", "void"), ("expect: {status: 404}", "pass"), ("expect: {status: 200}", "fail")],
)
def test_an_expectation_says_that_a_404_is_wanted(expect, verdict):
    result = replayed(f"traffic: [{{requests: 5, path: /nowhere, {expect}}}]\n{ASKED}", SHOP_HEAD)
    assert result.verdict == verdict


@pytest.mark.parametrize(
    ("budget", "verdict"),
    [
        ("requests.status{status=404}: 5", "pass"),
        ("requests.status{status=4xx}: 5", "pass"),
        ("requests.status{status=200}: 0", "void"),
        ("requests.status{status=404}: 4", "fail"),
    ],
)
def test_a_budget_on_a_status_says_that_it_is_wanted(budget, verdict):
    key, _, text = budget.rpartition(": ")
    assert day(("/nowhere", 5), budgets=f'budgets: {{"{key}": {text}}}\n').verdict == verdict


def test_a_probe_that_expects_a_404_tests_something():
    probe = "probes: [{at: +1h, request: {path: /nowhere}, expect: {status: 404}}]\n"
    result = replayed(probe, SHOP_HEAD)
    assert (result.verdict, [one.id for one in result.findings]) == ("pass", [])


def test_a_day_on_which_every_request_fails_is_void_with_the_first_cause():
    result = day(("/fail", 3))
    assert result.verdict == "void"
    assert result.problem.startswith("all 3 requests failed: ValueError: a defect (tests/scenario_days.py:")


@pytest.mark.parametrize("metric", ["requests.failed: 3", '"requests.status{status=500}": 3'])
def test_a_budget_on_failures_says_that_they_are_wanted(metric):
    assert day(("/fail", 3), budgets=f"budgets: {{{metric}}}\n").verdict == "pass"


def test_a_budget_on_failures_elsewhere_does_not():
    budget = 'budgets: {"requests.failed{route=GET /other}": == 0 or no data}\n'
    assert day(("/fail", 3), budgets=budget).verdict == "void"


def test_a_day_without_any_request_is_void():
    result = replayed(ASKED, SHOP_HEAD)
    assert result.verdict == "void"
    assert result.problem.startswith("no request reached the worker")


def test_a_budget_that_no_request_arrives_says_that_this_is_wanted():
    assert replayed("budgets: {requests.started: 0}\n", SHOP_HEAD).verdict == "pass"


def test_what_other_code_spends_can_be_asked_for_without_a_request():
    hours = ", ".join(["5"] * 24)
    background = f"background: [{{name: importer, writes: [{hours}]}}]\n"
    assert replayed(f"{background}budgets: {{kv.writes.accepted: 120}}\n", SHOP_HEAD).verdict == "pass"


def test_runs_of_crons_meet_no_404():
    head = f'{HEAD}worker: {{entry: "tests.replay.test_crons:Rates", vars: {{TAKES_S: 0, FAILS: false}}}}\n'
    result = replayed(f'traffic: [{{cron: "0 * * * *"}}]\n{ASKED}', f"{head}namespaces: {{KV: kv}}\n")
    assert result.verdict == "pass"


def test_a_run_of_which_nothing_is_asked_is_void_and_says_what_it_shows():
    result = day(("/get/a", 3), budgets="")
    assert (result.verdict, result.problem, result.untested) == ("void", NOTHING_ASKED, "")
    assert said(result) == f"VOID day, FITS the free account: {NOTHING_ASKED}"


@pytest.mark.parametrize(("count", "verdict"), [(0, "void"), (1, "pass")])
@pytest.mark.parametrize("budgets", ["", "budgets: {expectations.failed: '<= 5'}"])
def test_an_expectation_that_no_request_is_looked_at_for_asks_nothing(count, verdict, budgets):
    parts = "{requests: 5, path: /get/a}, {name: b, requests: %d, path: /get/b, expect: {status: 200}}"
    result = replayed(f"traffic: [{parts % count}]\n{budgets}", SHOP_HEAD)
    assert result.verdict == verdict
    assert result.problem == ("" if count else NOTHING_CHECKED)


def test_a_run_whose_requests_are_all_turned_to_another_page_says_so():
    result = replayed("traffic: [{requests: 30, path: /login}]\n" + ASKED, REDIRECTS)
    assert said(result) == "PASS day, FITS the free account: 30 of 30 requests were answered 302"


def test_a_broken_budget_fails_also_a_run_that_tests_nothing():
    result = day(("/nowhere", 5), budgets="budgets: {requests.started: 4}\n")
    assert result.verdict == "fail"
    assert said(result) == (
        "FAIL day: 5 of 5 requests were answered 404; requests.started is 5, allowed == 4"
    )


# fail_on


@pytest.mark.parametrize(("path", "verdict"), [("/get/a", "pass"), ("/nowhere", "fail")])
def test_a_risk_fails_a_run_that_asks_for_no_finding(path, verdict):
    result = day((path, 1), ("/get/b", 9), more="fail_on: finding\n")
    assert result.verdict == verdict
    if verdict == "fail":
        assert (
            result.problem == "a finding (fail_on: finding): the worker refused every request of GET /nowhere"
        )
        assert said(result).endswith("; 1 finding, where fail_on allows none")


def test_fail_on_is_something_that_is_asked():
    assert day(("/get/a", 1), budgets="", more="fail_on: finding\n").verdict == "pass"


def test_a_note_fails_nothing():
    passed = replace(day(("/get/a", 1)), fail_on="finding")
    notes = replace(passed, findings=[Finding("x", "only a note")])
    assert judged(notes).verdict == "pass"
    assert judged(replace(notes, findings=[Finding("x", "a risk", weight="risk")])).verdict == "fail"


def test_a_run_that_does_not_fit_fails_where_no_finding_is_allowed_though_none_tells_it():
    row = ExceededLimit("kv_namespaces", 1, 2, None, "KV namespaces: 2, 1 allowed")
    passed = replace(day(("/get/a", 1)), exceeded=[row])
    assert judged(passed).verdict == "pass"
    failed = judged(replace(passed, fail_on="finding"))
    assert failed.verdict == "fail"
    assert failed.problem == "it does not fit its account (fail_on: finding): KV namespaces: 2, 1 allowed"
    assert said(failed) == "FAIL day, DOES NOT FIT: KV namespaces: 2, 1 allowed"


# the headline


def test_a_run_that_passes_and_fits_and_shows_nothing_is_good():
    result = day(("/get/a", 1))
    assert (said(result), headline_of(result).tone) == ("PASS day, FITS the free account", "good")


def test_a_run_that_passes_and_does_not_fit_is_doubtful_and_says_what_is_lost():
    result = day(("/put/a", 1001))
    assert said(result) == ("PASS day, but DOES NOT FIT: 1 of 1,001 requests were lost to a daily KV quota")
    assert headline_of(result).tone == "doubtful"


def test_a_limit_that_is_only_observed_says_would():
    result = day(("/put/a", 1001), more="limits: {daily_kv: observe}\n")
    assert said(result) == (
        "PASS day, but DOES NOT FIT: 1 KV write beyond the quota of a day would be refused"
    )


def test_a_limit_that_is_off_is_named_as_one_that_was_not_looked_at():
    result = day(("/put/a", 1001), more="limits: {daily_kv: off}\n")
    assert said(result) == "PASS day, FITS the free account, the daily KV quotas aside"
    assert any(text.startswith("the daily KV quotas: the switch is off") for text in result.assumptions)


def test_failures_that_are_more_than_what_the_limits_cost_stand_beside_it():
    result = day(("/put/a", 1001), ("/fail", 9))
    assert said(result).startswith(
        "PASS day, but DOES NOT FIT: 1 of 1,010 requests were lost to a daily KV quota; "
        "9 of 1,010 requests failed with an uncaught ValueError (tests/scenario_days.py:"
    )


def test_the_worst_finding_is_the_loss_of_most_requests_then_a_risk():
    risk = Finding("a", "text", weight="risk", headline="a risk")
    few, many = (Finding("b", "text", weight="loss", headline=str(n), requests=n) for n in (3, 30))
    hidden = Finding("c", "text", weight="loss", requests=300)
    assert worst_first([risk, few, hidden, many]) == [many, few, risk]


def test_a_failed_run_that_lost_nothing_says_what_is_broken():
    result = day(("/get/a", 5), budgets="budgets: {requests.started: 4}\n")
    assert said(result) == "FAIL day, FITS the free account: requests.started is 5, allowed == 4"


def test_several_runs_are_counted_by_their_verdicts():
    results = [day(("/get/a", 1)), day(("/nowhere", 9)), day(("/put/a", 1001))]
    assert headline_of_all(results) == "VOID 2 of 3 scenarios passed, 1 void, 1 does not fit"
    assert tone_of_all(results) == "bad"
    assert tone_of_all(results[::2]) == "doubtful"


@pytest.mark.parametrize("traffic", [[("/nowhere", 5)], [("/fail", 5)], [("/put/a", 1001)]])
def test_a_journal_gives_the_same_verdict_and_headline(tmp_path, traffic):
    parts = ", ".join(f"{{requests: {count}, path: {path}}}" for path, count in traffic)
    writer = JournalWriter(tmp_path / "run.jsonl")
    result = replay(loaded(f"traffic: [{parts}]\n{ASKED}", SHOP_HEAD), observers=[writer])
    writer.keep()
    (again,) = judge_journal(tmp_path / "run.jsonl")
    assert again.result == result
    assert said(again.result) == said(result)


# the scenarios of this project


QUICK = sorted(SCENARIOS.glob("*.yaml"))
SLOW = sorted((SCENARIOS / "production").glob("*.yaml"))
EVERY = [*QUICK, *(pytest.param(path, marks=pytest.mark.slow) for path in SLOW)]


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_no_scenario_says_something_else_in_its_findings_than_in_its_headline(path):
    result = replay(load_one(path))
    headline = headline_of(result)
    assert headline.verdict == "pass"
    losses = [finding for finding in result.findings if finding.weight == "loss"]
    assert result.fits is not any(finding.of_account for finding in losses)
    assert ("DOES NOT FIT" in headline.text) is not result.fits
    assert (headline.tone == "good") is (result.fits and not losses)
    worst = max((finding.requests for finding in losses), default=0)
    told = [finding for finding in losses if finding.headline in headline.says]
    assert max((finding.requests for finding in told), default=0) == worst
    assert bool(told) is bool(losses)
