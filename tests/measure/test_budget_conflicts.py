from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.limits import account_limits
from edgeday.measure.budget_conflicts import conflicts_of
from edgeday.measure.budgets import budget_of

FREE = account_limits("free", date(2026, 2, 16))
WRITES = "kv.writes.accepted"
FAMILY = "kv.writes.accepted{family=a:*}"


def found(*rows):
    return [(one.budget, one.other) for one in conflicts_of([budget_of(*row) for row in rows], FREE)]


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("<= 6", ">= 7", True),
        ("<= 6", ">= 6", False),
        ("< 6", "> 4", False),  # 5
        ("< 6", "> 5", True),
        ("== 6", "!= 6", True),
        ("== 6", "!= 5", False),
        ("== 6", "7..9", True),
        ("== 7", "7..9", False),
        ("<= 50%", ">= 501", False),  # of one day, and of the whole run
        ("<= 50%", ">= 51%", True),
        ("max over 1h <= 5", "max over 1h >= 6", True),
        ("<= 5", "max over 1h >= 6", True),
        ("max over 1d <= 5", "max over 1h >= 6", True),
        ("max over 1h <= 5", ">= 6", False),
        ("== 6 or no data", "== 7 or no data", False),
        ("== 6 or no data", "== 7", True),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_two_budgets_on_one_metric_that_no_value_satisfies_are_found(one, other, clash, turned):
    rows = [(WRITES, other), (WRITES, one)] if turned else [(WRITES, one), (WRITES, other)]
    assert found(*rows) == ([(1, 0)] if clash else [])


def test_a_part_cannot_be_asked_to_be_more_than_the_whole():
    assert found((WRITES, "<= 6"), (FAMILY, ">= 7")) == [(1, 0)]
    assert found((WRITES, "<= 6"), (FAMILY, ">= 6")) == []
    assert found((FAMILY, "<= 6"), (WRITES, ">= 7")) == []


@pytest.mark.parametrize(
    ("part", "whole", "clash"),
    [
        ("requests.status{status=404}", "requests.status{status=4xx}", True),
        ("requests.status{status=4xx}", "requests.status{status=404}", False),
        ("requests.status{status=4xx}", "requests.status{status=4*}", True),
        ("requests.status{status=404}", "requests.status{status=5xx}", False),
        ("requests.status{status=404, route=GET /a}", "requests.status{status=404}", True),
        ("requests.failed{route=GET /a}", "requests.failed{route=GET /*}", True),
        ("requests.failed{route=GET /*}", "requests.failed{route=GET /a}", False),
    ],
)
def test_one_status_or_route_is_part_of_a_pattern_that_matches_it(part, whole, clash):
    assert found((whole, "<= 6"), (part, ">= 7")) == ([(1, 0)] if clash else [])


def test_other_metrics_and_other_families_do_not_contradict():
    assert found((WRITES, "<= 6"), ("kv.reads.accepted", ">= 7")) == []
    assert found((FAMILY, "<= 6"), ("kv.writes.accepted{family=b:*}", ">= 7")) == []


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("< 0", True),
        ("<= -1", True),
        ("<= 0", False),
        ("== 2.5", True),
        ("2.1..2.9", True),
        ("2.1..3.9", False),
        (">= 1 always", True),
        (">= 0 always", False),
        ("!= 0 always", True),
        ("5..9 always", True),
        ("0..9 always", False),
    ],
)
def test_a_budget_that_cannot_be_kept_is_found_alone(text, alone):
    assert found((WRITES, text)) == ([(0, None)] if alone else [])


def test_shares_may_lie_between_whole_numbers():
    assert found(("kv.writes.used_percent", "> 2"), ("kv.writes.used_percent", "< 3")) == []
    assert found(("kv.writes.used_percent", "> 2"), ("kv.writes.used_percent", "<= 2")) == [(1, 0)]


_TEXTS = st.one_of(
    st.builds(
        lambda op, n: f"{op} {n}", st.sampled_from(["<=", "<", ">=", ">", "==", "!="]), st.integers(-2, 12)
    ),
    st.builds(lambda a, b: f"{min(a, b)}..{max(a, b)}", st.integers(0, 12), st.integers(0, 12)),
)


@given(_TEXTS, _TEXTS)
def test_a_pair_is_contradictory_exactly_when_no_number_is_allowed_by_both(one, other):
    budgets = [budget_of(WRITES, one), budget_of(WRITES, other)]
    possible = any(all(budget.expression.allows(value, 1000) for budget in budgets) for value in range(40))
    assert possible is (found((WRITES, one), (WRITES, other)) == [])
