"""What the traffic expects of its answers: checked on every one, counted, and a budget by default."""

from __future__ import annotations

import pytest

from edgeday import limits
from edgeday.commands.cli import main
from edgeday.replay.answers import Answer
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.report import json_report, junit, markdown
from edgeday.report.terminal import as_text
from edgeday.report.wording import why_not_kept
from edgeday.web.headers import Headers
from tests.replay.till import TILL, VALUES, till_day
from tests.scenario_days import HEAD

FAILED = "expectations.failed"


def pages(request, expect, *, requests=1, more=""):
    """A day of one kind of request."""
    return till_day(f"traffic: [{{name: pages, requests: {requests}, {request}, expect: {expect}}}]\n{more}")


@pytest.mark.parametrize(
    ("request_", "expect", "failed"),
    [
        ("get: /item/soup", "{status: 200}", 0),
        ("get: /item/soup", "{status: 201}", 1),
        ("get: /status/299", "{status: 200..299}", 0),
        ("get: /status/300", "{status: 200..299}", 1),
        ("get: /status/399", '{status: "< 400"}', 0),
        ("get: /status/400", '{status: "< 400"}', 1),
        ("get: /status/204", "{status: 2xx}", 0),
        ("get: /status/300", "{status: 2xx}", 1),
        ("get: /item/soup", '{"json:slug": soup}', 0),
        ("get: /item/soup", '{"json:slug": bread}', 1),
        ("get: /item/soup", '{"json:price.eur": "> 1"}', 0),
        ("get: /item/soup", '{"json:price.eur": "> 1.5"}', 1),
        ("get: /item/soup", '{"json:nix": 1}', 1),
        ("get: /item/soup", '{"header:content-type": application/json}', 0),
        ("get: /item/soup", '{"header:etag": x}', 1),
        ("get: /lines/true", "{text: true}", 0),
        ("get: /lines/true", "{text: false}", 1),
        ("get: /item/soup", "{text: soup}", 0),
        ("get: /item/soup", "{text: bread}", 1),
        ("get: /defect", "{status: 500}", 0),
        ("get: /defect", "{status: 200}", 1),
        ("get: /broken", "{text: half of}", 0),
        ("get: /broken", "{text: the rest}", 1),
    ],
)
def test_an_answer_is_as_expected_or_it_is_counted(request_, expect, failed):
    result, _ = pages(request_, expect)
    values = result.metrics.values
    assert (values["expectations.checked"], values[FAILED]) == (1, failed)
    assert [row.ok for row in result.budgets if row.metric == FAILED] == [not failed]


@pytest.mark.parametrize(("wanted", "ok"), [(True, True), (False, False), ("true", True), (1, False)])
def test_a_header_is_compared_as_text(wanted, ok):
    answer = Answer(200, Headers({"x-cached": "true"}), b"")
    assert answer.check("header:x-cached", wanted).ok is ok


def test_traffic_that_expects_nothing_is_not_checked_and_has_no_budget():
    result, _ = till_day("traffic: [{requests: 3, get: /item/soup}]\n")
    assert result.metrics.values["expectations.checked"] == 0
    assert [row.metric for row in result.budgets] == []


@pytest.mark.parametrize(
    ("request_", "expect", "failed"),
    [
        ('get: "/item/{item}"', '{"json:slug": "{item}"}', 0),
        ('get: "/item/{item}"', '{text: "{item}"}', 0),
        ('get: "/item/{n}"', '{"json:slug": "{n}"}', 0),
        ('get: "/item/{n}"', '{"json:number": "{n}"}', 9),
        ('get: "/item/{n}"', '{"json:number": "< {n}"}', 7),
        ('get: "/status/20{digit}"', '{status: "20{digit}"}', 0),
        ('get: "/item/{looks}"', '{"json:slug": "{looks}"}', 0),
        ('get: "/item/{item}"', '{"json:slug": "{{item}}"}', 10),
    ],
)
def test_values_stand_in_expectations_as_in_the_request(request_, expect, failed):
    values = (
        'values: {item: [soup, bread], n: {sequence: 1}, digit: {uniform: [0, 3]}, looks: ["> 5", "1..2"]}\n'
    )
    result, _ = till_day(
        f"traffic: [{{requests: 10, {request_}, expect: {expect}}}]\n", head=HEAD + TILL + values
    )
    assert result.metrics.values[FAILED] == failed


def test_each_answer_is_one_event_with_the_first_expectation_that_it_misses():
    _, watched = pages("get: /status/404", '{status: 200, "json:id": 5, text: as you wish}', requests=2)
    first, second = watched.checks
    assert (first.part, first.route, first.unmet) == ("pages", "GET /status/404", 2)
    assert (first.what, first.expected, first.found) == ("status", "200", "404")
    assert second == first._replace(at=second.at)
    assert second.at - first.at == 43_200


def test_what_was_found_is_cut_to_a_readable_length():
    long = "x" * 500
    _, watched = pages(f"get: /item/{long}", '{"json:slug": soup}')
    assert len(watched.checks[0].found) == 80
    assert watched.checks[0].found.endswith("…")


def test_an_entry_of_a_mix_has_expectations_of_its_own_over_those_of_the_part():
    result, watched = till_day(
        """
        traffic:
          - name: pages
            requests: 40
            expect: {status: 200, text: slug}
            mix:
              - {get: "/item/{item}"}
              - {get: /status/404, expect: {status: 404, text: as you wish}}
              - {get: /status/500, expect: {status: 5xx}}
        """
    )
    checks = {(check.route, check.unmet, check.what) for check in watched.checks}
    assert checks == {
        ("GET /item/{item}", 0, ""),
        ("GET /status/404", 0, ""),
        ("GET /status/500", 1, "text"),
    }
    assert result.metrics.values["expectations.checked"] == 40


@pytest.fixture
def three_requests_a_day(monkeypatch):
    rows = [row._replace(value=3) if row.name == "requests_per_day" else row for row in limits.LIMITS]
    monkeypatch.setattr(limits, "LIMITS", tuple(rows))


def test_a_request_that_is_turned_away_is_an_answer_too(three_requests_a_day):
    result, watched = pages("get: /status/204", "{status: 204}", requests=4)
    assert result.metrics.values[FAILED] == 1
    assert [check.found for check in watched.checks] == ["", "", "", "429"]


# the budget by default


def test_an_unmet_expectation_fails_the_run_by_a_budget_that_says_it_is_there_by_default():
    result, _ = pages("get: /status/404", "{status: 200}")
    (row,) = result.budgets
    assert (row.metric, row.budget, row.verdict, row.by_default) == (FAILED, "== 0", "broken", True)
    assert (row.first.route, row.first.what) == (
        "GET /status/404",
        "an answer of pages: status was 404, expected 200,",
    )
    assert result.verdict == "fail"
    assert why_not_kept(row) == [
        "measured 1, allowed == 0 (by default)",
        f"first broken at 2026-02-16 12:00:00 UTC: {row.first.what} in GET /status/404",
        "by route: GET /status/404 1",
    ]


def test_a_budget_on_sessions_that_none_of_a_route_broke_has_nothing_to_say_of_routes():
    steps = "steps: [{get: /item/a}]"
    result, _ = till_day(
        f"traffic: [{{name: visit, sessions: 2, {steps}}}]\nbudgets: {{sessions.completed: <= 1}}\n"
    )
    assert why_not_kept(result.budgets[0]) == [
        "measured 2, allowed <= 1, margin -1",
        "first broken at 2026-02-16 18:00:00 UTC: session 2 of visit",
    ]


@pytest.mark.parametrize(("budget", "verdict"), [("<= 2", "within"), ("<= 1", "broken")])
@pytest.mark.parametrize("route", ["", "{route=GET /status/404}"])
def test_a_budget_on_it_takes_the_place_of_the_one_by_default(budget, verdict, route):
    result, _ = pages(
        "get: /status/404",
        "{status: 200}",
        requests=2,
        more=f'budgets: {{"{FAILED}{route}": "{budget}"}}\n',
    )
    (row,) = result.budgets
    assert (row.metric, row.budget, row.verdict, row.by_default) == (FAILED + route, budget, verdict, False)


def test_every_report_says_that_the_budget_is_there_by_default():
    result, _ = pages("get: /status/404", "{status: 200}")
    text = "== 0 (by default)"
    assert text in as_text(result)
    assert text in junit.render([result])
    assert "by default" in markdown.render([result])
    (row,) = json_report.as_dict([result])["scenarios"][0]["budgets"]
    assert (row["budget"], row["by_default"]) == ("== 0", True)


def test_the_finding_says_part_route_and_what_came():
    result, _ = pages("get: /status/404", "{status: 200}", requests=3)
    (text,) = [finding.text for finding in result.findings if finding.id == "expectation-unmet"]
    assert text == (
        "pages: 3 of 3 answers to GET /status/404 were not as expected: status was not 200: "
        "the first, at 2026-02-16T04:00:00Z, had 404, as had all of them"
    )


def test_a_journal_gives_the_same_report(tmp_path):
    writer = JournalWriter(tmp_path / "day.jsonl")
    request = 'get: "/item/{item}"'
    result, _ = till_day(
        f'traffic: [{{requests: 20, {request}, expect: {{"json:slug": soup}}}}]\n', observers=[writer]
    )
    writer.keep()
    (judged,) = judge_journal(tmp_path / "day.jsonl")
    assert 0 < result.metrics.values[FAILED] < 20
    assert json_report.render([judged.result]) == json_report.render([result])


# the command


@pytest.mark.parametrize(("status", "code"), [(200, 0), (201, 1)])
def test_the_command_exits_with_1_and_says_where(tmp_path, monkeypatch, capsys, status, code):
    path = tmp_path / "day.yaml"
    traffic = f"traffic: [{{name: pages, requests: 2, get: /item/soup, expect: {{status: {status}}}}}]\n"
    path.write_text(HEAD + TILL + VALUES + traffic)
    monkeypatch.setattr("sys.argv", ["edgeday", "replay", str(path)])
    with pytest.raises(SystemExit) as exited:
        main()
    assert exited.value.code == code
    said = " ".join(capsys.readouterr().out.split())
    assert ("status was 200, expected 201, in GET /item/soup" in said) is bool(code)
