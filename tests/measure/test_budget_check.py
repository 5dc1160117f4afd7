from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import iso_seconds, utc
from edgeday.events import (
    EventStream,
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
    SessionEnded,
    SessionStarted,
)
from edgeday.limits import account_limits
from edgeday.measure.budget_check import OTHERS, BudgetCheck
from edgeday.measure.budgets import BudgetSyntaxError, budget_of
from edgeday.measure.metrics import METRICS, Scope
from tests.scenario_days import SHOP, replayed

START = 1_771_200_000.0  # 2026-02-16T00:00:00Z
FREE = account_limits("free", utc(START).date())
WRITES = "kv.writes.accepted"


def put(at_s, key="a:1", route="POST /x", outcome="stored", units=1):
    return Operation(START + at_s, "kv", "put", "KV", key, outcome, "", units, 0, 1, route, "SOF")


def watched(key, text, *events, limits=FREE):
    stream = EventStream()
    watch = BudgetCheck(stream, Scope(limits), [budget_of(key, text)])
    for event in events:
        stream.emit(event)
    (result,) = watch.results()
    return result


def test_an_error_of_a_call_on_many_keys_is_one_error():
    errors = [put(1, outcome="error", units=100), put(2, outcome="error")]
    assert watched("kv.errors", "<= 2", *errors).measured == 2


def test_a_kept_budget_shows_measured_limit_and_margin():
    result = watched(WRITES, "<= 3", put(1), put(2))
    assert (result.verdict, result.measured, result.limit, result.margin) == ("within", 2, 1000, 1)
    assert result.first is None
    assert result.spent_by == ()


def test_a_broken_budget_names_the_first_operation_over_it_and_who_spent_most():
    result = watched(
        WRITES, "<= 2", put(1), put(2, "b:1"), put(3, "b:2", "GET /y"), put(4, "b:3", "GET /y"), put(5, "b:4")
    )
    assert (result.verdict, result.measured, result.margin) == ("broken", 5, -3)
    assert (result.first.at, result.first.what, result.first.key) == (START + 3, "KV put", "b:2")
    assert result.first.route == "GET /y"
    assert [(one.family, one.route, one.amount) for one in result.spent_by] == [
        ("b:*", "GET /y", 2),
        ("b:*", "POST /x", 2),
        ("a:*", "POST /x", 1),
    ]


def test_too_little_has_no_first_operation_because_none_broke_it():
    result = watched(WRITES, ">= 3", put(1))
    assert (result.verdict, result.margin, result.first) == ("broken", -2, None)


@pytest.mark.parametrize(("text", "verdict"), [("== 2", "within"), ("== 2 always", "broken")])
def test_always_looks_at_every_moment_and_at_end_only_at_the_last(text, verdict):
    stream = EventStream()
    watch = BudgetCheck(stream, Scope(FREE), [budget_of(WRITES, text)])
    stream.emit(put(1))
    stream.emit(put(2))
    (result,) = watch.results()
    assert result.verdict == verdict


def test_a_budget_broken_only_in_between_shows_the_value_that_broke_it():
    result = watched(WRITES, "!= 2 always", put(1), put(2), put(3))
    assert (result.verdict, result.measured, result.first.at) == ("broken", 2, START + 2)


@pytest.mark.parametrize(("gap_s", "measured"), [(3599, 2), (3600, 1)])
def test_a_window_is_an_hour_of_the_clock(gap_s, measured):
    assert watched(WRITES, "max over 1h <= 5", put(0), put(gap_s)).measured == measured


def test_a_broken_window_shows_who_spent_in_that_hour_alone():
    result = watched(
        WRITES, "max over 1h <= 1", put(0, "old:1"), put(3600, "a:1"), put(3601, "a:2"), put(7200, "late:1")
    )
    assert result.measured == 2
    assert result.first.at == START + 3601
    assert [(one.family, one.amount) for one in result.spent_by] == [("a:*", 2)]


def test_a_share_of_a_daily_limit_is_measured_by_day():
    one_day, two_days = [put(i) for i in range(600)], [put(i * 200) for i in range(600)]
    assert watched(WRITES, "<= 50%", *one_day).verdict == "broken"
    assert watched(WRITES, "<= 50%", *two_days).verdict == "within"
    assert watched(WRITES, "<= 500", *two_days).verdict == "broken"


def test_a_family_is_measured_alone():
    events = [put(1), put(2, "b:1"), put(3, "b:2")]
    assert watched(f"{WRITES}{{family=b:*}}", "== 2", *events).ok
    assert watched(f"{WRITES}{{family!=b:*}}", "== 1", *events).ok
    assert watched(f"{WRITES}{{route=POST /x}}", "== 3", *events).ok


def test_a_selector_that_nothing_matched_has_no_data_and_that_fails():
    result = watched(f"{WRITES}{{family=misspelt:*}}", "<= 5", put(1))
    assert (result.verdict, result.measured, result.ok) == ("no data", None, False)
    assert watched(f"{WRITES}{{family=misspelt:*}}", "<= 5 or no data", put(1)).ok


def test_a_family_that_was_only_read_has_data_for_writes_too():
    read = Operation(START, "kv", "get", "KV", "a:1", "hit", "", 1, 0, 1, "POST /x", "SOF")
    result = watched(f"{WRITES}{{family=a:*}}", "== 0", read)
    assert (result.verdict, result.measured) == ("within", 0)


def test_a_share_without_a_limit_has_no_data():
    paid = account_limits("paid", utc(START).date())
    assert watched("kv.writes.used_percent", "<= 5", put(1), limits=paid).verdict == "no data"
    assert watched(WRITES, "<= 5%", put(1), limits=paid).verdict == "no data"
    assert watched(WRITES, "<= 5", put(1), limits=paid).verdict == "within"


def test_refused_operations_do_not_count_as_accepted():
    result = watched(WRITES, "<= 1", put(1), put(2, outcome="refused"))
    assert result.measured == 1


def test_what_is_kept_does_not_grow_with_the_number_of_keys():
    events = [put(number / 100, f"key{number}") for number in range(5000)]
    stream = EventStream()
    watch = BudgetCheck(stream, Scope(FREE), [budget_of(f"{WRITES}{{family=key*}}", "<= 10")])
    for event in events:
        stream.emit(event)
    (tracker,) = watch._trackers
    assert len(tracker._spent) <= 201
    assert len(tracker._selected) <= 200
    (result,) = watch.results()
    assert result.measured == 5000
    assert result.spent_by[0].family == OTHERS


def test_what_is_said_to_be_spent_adds_up_to_what_was_measured():
    events = [put(number, f"family{number % 8}:{number}") for number in range(80)]
    result = watched(WRITES, "<= 10", *events)
    assert [spent.amount for spent in result.spent_by] == [30, 10, 10, 10, 10, 10]
    assert result.spent_by[0].family == OTHERS
    assert sum(spent.amount for spent in result.spent_by) == result.measured == 80
    few = watched(WRITES, "<= 10", *(put(number, f"a:{number}") for number in range(20)))
    assert [(spent.family, spent.amount) for spent in few.spent_by] == [("a:*", 20)]


@given(st.lists(st.tuples(st.integers(0, 3 * 86_400), st.sampled_from(["a:1", "b:1", "c"])), max_size=60))
def test_every_window_and_family_agrees_with_a_plain_count(rows):
    rows = sorted(rows)
    events = [put(at_s, key) for at_s, key in rows]
    hours = [at_s // 3600 for at_s, _ in rows]
    busiest = max((hours.count(hour) for hour in hours), default=0)
    assert watched(WRITES, "max over 1h <= 0", *events).measured == busiest
    of_a = sum(key == "a:1" for _, key in rows)
    value = watched(f"{WRITES}{{family=a:*}}", ">= 0 or no data", *events).measured
    assert value == (of_a or None)


# beside the counter, in real runs

_DAY = """
days: 2
traffic:
  - {name: a, requests: [40, 20], method: POST, path: /put/menu:1, body: x}
  - {name: b, requests: 30, path: /get/menu:1}
  - {name: c, requests: 10, path: /delete/menu:1}
  - {name: d, requests: 10, path: /list/menu}
  - {name: e, requests: 10, path: /cache/x}
background: [{writes: 50, reads: 3, deletes: 1, lists: 1}]
budgets:
"""


def test_every_metric_is_measured_as_the_counter_counts_it():
    names = [*(name for name, metric in METRICS.items() if not metric.by), "requests.status{status=200}"]
    budgets = "".join(f"  {name}: {'>= 0 or no data'!r}\n" for name in names)
    result = replayed(SHOP + _DAY + budgets)
    assert {row.metric: row.measured for row in result.budgets} == {
        name: result.metrics.values.get(name) for name in names
    }
    assert result.metrics.values["kv.writes.refused"] > 0


def test_a_replay_says_when_and_by_whom_a_budget_was_first_broken():
    result = replayed(SHOP + _DAY + "  kv.writes.accepted: <= 50%\n")
    (row,) = result.budgets
    assert (result.verdict, row.measured, row.limit) == ("fail", 1000, 1000)
    assert iso_seconds(row.first.at).startswith("2026-02-16T09:")
    families = {spent.family: spent.route for spent in row.spent_by}
    assert families == {"background:*": "", "menu:*": "POST /put/menu:1"}


# requests by status


def answered(status, at_s=0.0, route="GET /a", outcome="ok"):
    at = START + at_s
    return InvocationEnded(at, 1, route, "SOF", at, outcome, status, 0, 0, 0, 0, "")


DAY_OF_STATUSES = [
    answered(200, 1), answered(404, 2), answered(200, 3, "GET /b"), answered(405, 4, "GET /b"),
    answered(500, 5, outcome="exception"), answered(0, 6, "cron * * * * *"), answered(404, 3605, "GET /b"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "measured"),
    [
        ("status=200", 2),
        ("status=404", 2),
        ("status=4xx", 3),
        ("status=4*", 3),
        ("status=40x", 3),
        ("status=5xx", 1),
        ("status=201", 0),
        ("status!=2xx", 4),
        ("status=404, route=GET /b", 1),
        ("route=GET /*, status=2xx", 2),
        ("status=404, route!=GET /b", 1),
    ],
)
def test_requests_are_measured_by_status_and_route(labels, measured):
    starts = [InvocationStarted(START, 1, route, "SOF") for route in ("GET /a", "GET /b")]
    result = watched(f"requests.status{{{labels}}}", ">= 0", *starts, *DAY_OF_STATUSES)
    assert (result.verdict, result.measured) == ("within", measured)


def test_a_status_that_did_not_occur_is_0_and_of_a_route_that_nobody_asked_there_is_no_data():
    assert watched("requests.status{status=404}", "== 0").verdict == "within"
    assert watched("requests.status{status=404, route=GET /a}", "== 0").verdict == "no data"
    started = InvocationStarted(START, 1, "GET /a", "SOF")
    assert watched("requests.status{status=404, route=GET /a}", "== 0", started).verdict == "within"


@pytest.mark.parametrize(
    ("text", "at_s", "spent_by"),
    [
        ("<= 1", 4, {"GET /b": 2, "GET /a": 1}),
        ("== 0 always", 2, {"GET /b": 2, "GET /a": 1}),
        ("max over 1h <= 1", 4, {"GET /a": 1, "GET /b": 1}),
    ],
)
def test_a_broken_budget_on_a_status_says_which_request_broke_it_and_the_routes(text, at_s, spent_by):
    result = watched("requests.status{status=4xx}", text, *DAY_OF_STATUSES)
    assert result.verdict == "broken"
    assert (result.first.at, result.first.what) == (START + at_s, "request 1")
    assert {one.route: one.amount for one in result.spent_by} == spent_by


@pytest.mark.parametrize(
    ("text", "verdict"), [("max over 1h <= 2", "within"), ("max over 1h <= 1", "broken")]
)
def test_the_busiest_hour_of_a_status_counts(text, verdict):
    assert watched("requests.status{status=4xx}", text, *DAY_OF_STATUSES).verdict == verdict


def test_a_replay_measures_statuses_as_its_rows_say():
    result = replayed(
        SHOP
        + "traffic:\n- {requests: 5, path: /nowhere}\n- {name: b, requests: 3, path: /get/x}\n"
        + 'budgets: {"requests.status{status=4xx}": == 5, "requests.status{status=200}": == 2}\n'
    )
    four, two = result.budgets
    assert (four.verdict, two.verdict, two.measured) == ("within", "broken", 3)
    assert [(one.route, one.amount) for one in two.spent_by] == [("GET /get/x", 3)]


# what the traffic expects, and sessions


def checked(at_s, route="GET /a", unmet=1):
    details = ("status", "201", "404") if unmet else ()
    return ExpectationChecked(START + at_s, "pages", route, unmet, *details)


def test_an_answer_that_is_not_as_expected_breaks_a_budget_at_its_instant():
    result = watched("expectations.failed", "<= 1", checked(1), checked(2, unmet=0), checked(3), checked(4))
    assert (result.verdict, result.measured, result.margin) == ("broken", 3, -2)
    assert (result.first.at, result.first.route) == (START + 3, "GET /a")
    assert result.first.what == "an answer of pages: status was 404, expected 201,"
    assert [(one.route, one.amount) for one in result.spent_by] == [("GET /a", 3)]


@pytest.mark.parametrize(
    ("route", "verdict"), [("GET /a", "within"), ("GET /b", "broken"), ("GET /c", "no data")]
)
def test_a_budget_on_the_answers_of_a_route_has_no_data_where_none_was_compared(route, verdict):
    events = [checked(1, unmet=0), checked(2, "GET /b"), InvocationStarted(START, 1, "GET /c", "SOF")]
    assert watched(f"expectations.failed{{route={route}}}", "== 0", *events).verdict == verdict


def test_a_session_that_fails_breaks_a_budget_with_its_reason():
    ends = [
        SessionEnded(START + number, "shop", number, START, "failed", 2, 2, "POST /pay", "answered 500")
        for number in (1, 2)
    ]
    result = watched("sessions.failed", "<= 1", SessionStarted(START, "shop", 1), *ends)
    assert (result.measured, result.first.at, result.first.route) == (2, START + 2, "POST /pay")
    assert result.first.what == "session 2 of shop: answered 500,"


@pytest.mark.parametrize(("count", "verdict"), [(2, "within"), (3, "broken")])
def test_sessions_that_begin_are_counted_for_budgets(count, verdict):
    begun = [SessionStarted(START, "shop", number) for number in range(count)]
    assert watched("sessions.started", "<= 2", *begun).verdict == verdict


def test_sessions_have_no_route():
    with pytest.raises(BudgetSyntaxError, match="the requests of a session have several"):
        budget_of("sessions.failed{route=GET /}", "== 0")
