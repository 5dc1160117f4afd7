from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.measure.budgets import (
    EXPRESSION_PATTERN,
    BudgetSyntaxError,
    UnknownMetric,
    budget_of,
    parse_budget,
    parse_selector,
)
from tests.replay.runs import METRICS


@pytest.mark.parametrize(
    ("text", "within", "outside"),
    [
        ("<= 6", 6, 7),
        ("< 6", 5, 6),
        (">= 6", 6, 5),
        ("> 6", 7, 6),
        ("== 6", 6, 5),
        ("!= 6", 5, 6),
        ("10..30", 10, 9),
        ("10..30", 30, 31),
        ("<= 1,000", 1000, 1001),
        ("<=0.5", 0.5, 0.5001),
    ],
)
def test_a_budget_holds_up_to_its_bound_and_not_beyond(text, within, outside):
    expression = parse_budget(text)
    assert expression.allows(within, None)
    assert not expression.allows(outside, None)


@pytest.mark.parametrize(("text", "within", "outside"), [("<= 50%", 500, 501), ("10%..20%", 100, 99)])
def test_a_share_is_taken_of_the_limit(text, within, outside):
    expression = parse_budget(text)
    assert expression.allows(within, 1000)
    assert not expression.allows(outside, 1000)


@pytest.mark.parametrize(
    ("text", "value", "margin"),
    [
        ("<= 6", 4, 2),
        ("<= 6", 9, -3),
        (">= 6", 4, -2),
        ("10..30", 12, 2),
        ("10..30", 33, -3),
        ("== 6", 6, None),
    ],
)
def test_the_margin_is_what_is_left_and_negative_beyond_the_bound(text, value, margin):
    assert parse_budget(text).margin(value, None) == margin


@pytest.mark.parametrize("text", ["max over 1h <= 20", "<= 20 max over 1h", "<= 20 max over 1 h"])
def test_a_window_may_stand_before_or_after_the_bound(text):
    expression = parse_budget(text)
    assert (expression.window_h, expression.bound, expression.compare) == (1, 20, "<=")


def test_everything_can_be_said_together():
    expression = parse_budget("max over 1d 10%..50% always or no data")
    assert (expression.bound, expression.high, expression.of_limit) == (10, 50, True)
    assert (expression.window_h, expression.always, expression.no_data_allowed) == (24, True, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("about 6", "is no budget"),
        ("6", "is no budget"),
        ("", "is no budget"),
        ("<= 6 and >= 3", "is no budget"),
        ("<= 1,00", "is no budget"),
        ("30..10", "allows nothing: 30 is more than 10"),
        ("10%..30", "both ends of a range are shares, or neither is"),
        ("<= 6 always at end", "says twice"),
        ("max over 1h <= 6 max over 2h", "says twice"),
        ("max over 5h <= 6", "divides a day into equal parts"),
        ("max over 0h <= 6", "divides a day into equal parts"),
    ],
)
def test_what_is_no_budget_is_refused_with_the_reason(text, why):
    with pytest.raises(BudgetSyntaxError, match=re.escape(why)):
        parse_budget(text)


_NUMBERS = st.integers(0, 10**6)
_CORES = st.one_of(
    st.builds(lambda op, n: f"{op} {n}", st.sampled_from(["<=", "<", ">=", ">", "==", "!="]), _NUMBERS),
    st.builds(lambda a, b: f"{min(a, b)}..{max(a, b)}", _NUMBERS, _NUMBERS),
)
_TEXTS = st.builds(
    lambda window, core, moment, data: f"{window}{core}{moment}{data}",
    st.sampled_from(["", "max over 1h ", "max over 1d "]),
    _CORES,
    st.sampled_from(["", " always", " at end"]),
    st.sampled_from(["", " or no data"]),
)


@given(_TEXTS, _NUMBERS)
def test_a_value_is_never_too_high_and_allowed(text, value):
    expression = parse_budget(text)
    assert not (expression.exceeded(value, None) and expression.allows(value, None))


@given(_TEXTS, _NUMBERS)
def test_a_margin_below_zero_means_broken_and_above_zero_means_kept(text, value):
    expression = parse_budget(text)
    margin = expression.margin(value, None)
    if margin:
        assert expression.allows(value, None) is (margin > 0)
    else:
        assert margin is None or value in {expression.bound, expression.high}


@given(_TEXTS)
def test_the_pattern_in_the_json_schema_accepts_what_the_parser_accepts(text):
    assert re.search(EXPRESSION_PATTERN, text)
    assert json.loads(json.dumps(EXPRESSION_PATTERN)) == EXPRESSION_PATTERN


# selectors


@pytest.mark.parametrize(
    ("text", "family", "route", "selected"),
    [
        ("kv.writes.accepted", "a:*", "", True),
        ("kv.writes.accepted{family=a:*}", "a:*", "", True),
        ("kv.writes.accepted{family=a:*}", "ab:*", "", False),
        ("kv.writes.accepted{family=a*}", "ab:*", "", True),
        ("kv.writes.accepted{family!=a:*}", "a:*", "", False),
        ("kv.writes.accepted{family!=a:*}", "b:*", "", True),
        ("kv.writes.accepted{route=POST /api/x}", "a:*", "POST /api/x", True),
        ("kv.writes.accepted{route=POST /api/x}", "a:*", "POST /api/xy", False),
        ("kv.writes.accepted{family=a:*, route=GET /}", "a:*", "GET /", True),
        ("kv.writes.accepted{family=a:*, route=GET /}", "b:*", "GET /", False),
        ('kv.writes.accepted{route="GET /a,b"}', "", "GET /a,b", True),
        ("kv.writes.accepted { family = a.c }", "abc", "", False),
    ],
)
def test_a_selector_selects_by_key_family_and_route(text, family, route, selected):
    assert parse_selector(text).matches(family, route) is selected


@pytest.mark.parametrize(
    "text",
    [
        "kv.writes.accepted{}",
        "kv.writes.accepted{famly=a}",
        "kv.writes.accepted{family=a,family=b}",
        "kv.writes.accepted{family}",
        "kv.writes.accepted{family=a",
        "plans.started{route=GET /}",
        "ai.calls{family=a}",
        "requests.failed{family=a}",
        "subrequests.max_per_invocation{family=a}",
    ],
)
def test_a_selector_that_selects_nothing_sensible_is_refused(text):
    with pytest.raises(BudgetSyntaxError):
        parse_selector(text)


@pytest.mark.parametrize("text", ["kv.write.accepted", "kv.write.accepted{family=a}"])
def test_an_unknown_metric_is_named_with_the_nearest_one(text):
    with pytest.raises(UnknownMetric, match=re.escape('did you mean "kv.writes.accepted"?')):
        parse_selector(text)


# what a metric can have


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("ai.calls", "<= 50%", "no account limit belongs to ai.calls"),
        ("plans.failed{route=POST /x}", "== 0", "is of the plans' route already"),
        ("kv.writes.used_percent", "max over 1h <= 3", "is no sum"),
        ("subrequests.max_per_invocation", "max over 1h <= 3", "is no sum"),
        ("kv.writes.accepted", "max over 1h <= 50%", "a share of a daily limit is measured over each day"),
        (
            "logs.readable{route=POST /x}",
            "<= 3",
            "is counted by the audit of the whole run, so it has no route",
        ),
    ],
)
def test_a_budget_that_its_metric_cannot_have_is_refused(key, text, why):
    with pytest.raises(BudgetSyntaxError, match=re.escape(why)):
        budget_of(key, text, METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_budgeted(name):
    key = f"{name}{{status=404}}" if METRICS[name].by else name
    assert budget_of(key, "<= 6 always or no data", METRICS).selector.metric.name == name


@pytest.mark.parametrize(
    ("written", "matching", "others"),
    [
        ("404", [404], [403, 405, 40, 4040]),
        ("4xx", [400, 404, 499], [399, 500]),
        ("4XX", [400, 499], [399, 500]),
        ("40x", [400, 409], [399, 410]),
        ("4*", [400, 499], [399, 500]),
        ("40*", [400, 409], [399, 410]),
    ],
)
def test_a_status_is_a_number_a_class_or_a_pattern(written, matching, others):
    selector = parse_selector(f"requests.status{{status={written}}}")
    assert all(map(selector.counts, matching))
    assert not any(map(selector.counts, others))
    other = parse_selector(f"requests.status{{status!={written}}}")
    assert all(map(other.counts, others))
    assert not any(map(other.counts, matching))


@pytest.mark.parametrize("written", ["abc", "44", "4x", "x04", "4x4", "4044", "", "*", "-404", "0xx"])
def test_what_is_no_status_is_refused(written):
    with pytest.raises(BudgetSyntaxError, match="is no status: write 404"):
        parse_selector(f'requests.status{{status="{written}"}}')


@pytest.mark.parametrize("key", ["requests.status", "requests.status{route=GET /a}"])
def test_requests_by_status_need_a_status(key):
    with pytest.raises(BudgetSyntaxError, match=r"say which, as in \{status=404\}"):
        parse_selector(key)


def test_other_metrics_have_no_status_and_say_which_has():
    with pytest.raises(BudgetSyntaxError, match=r"not counted by status; requests.status is"):
        parse_selector("requests.failed{status=404}")


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("requests.status", ("status", "route")),
        ("requests.failed", ("route",)),
        ("kv.writes.accepted", ("family", "route")),
        ("plans.started", ()),
        ("logs.readable", ()),
    ],
)
def test_a_metric_says_by_which_labels_a_part_of_it_is_selected(name, labels):
    assert METRICS[name].labels == labels


def test_a_share_of_a_daily_limit_is_that_of_the_busiest_day():
    assert budget_of("kv.writes.accepted", "<= 50%").window_h == 24
    assert budget_of("kv.writes.accepted", "<= 50").window_h is None
    assert budget_of("subrequests.max_per_invocation", "<= 50%").window_h is None
