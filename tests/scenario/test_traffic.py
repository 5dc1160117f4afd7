from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.distributions import Fixed, Lognormal, Normal, Uniform
from edgeday.events import InvocationEnded, Operation
from edgeday.replay.traffic import requests_in, requests_of_day
from edgeday.report import json_report
from edgeday.scenario.arrivals import Burst, Diurnal, Even, Poisson
from edgeday.scenario.model import Scenario
from tests.scenario_days import HEAD, SHOP, SHOP_HEAD, loaded, replayed


def scripts(text, day=0, seed=0, head=HEAD):
    return list(requests_of_day(loaded(text, head).scenario, seed, day))


def arrivals(text, **options):
    """(traffic, arrival, seed, failing) of every request of a day."""
    return [(one.traffic.name, one.at, one.seed, one.failing) for one in scripts(text, **options)]


class Listener:
    """An observer that keeps some events."""

    def __init__(self, kind):
        self.kind, self.events = kind, []

    def begin(self, start, events):
        events.subscribe(self.kind, self.events.append)

    def end(self, end):
        self.ended_at = end.ended_at


# how many, on which day


def test_a_list_gives_a_number_for_each_day_and_begins_again():
    text = "days: 4\ntraffic: [{plans: [5, 0, 3]}]"
    assert [len(scripts(text, day)) for day in range(4)] == [5, 0, 3, 5]
    assert requests_in(loaded(text).scenario) == 13


def test_plans_are_numbered_through_all_days():
    text = "days: 3\ntraffic: [{plans: [2, 3, 1]}]"
    numbers = [one.number for day in range(3) for one in scripts(text, day)]
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_all_days_are_replayed():
    result = replayed(SHOP + "days: 3\ntraffic: [{requests: [4, 5, 6], path: /get/a}]")
    assert result.metrics.values["requests.started"] == 15
    assert result.metrics.values["kv.reads.used_percent"] == round(100 * 6 / 100_000, 4)


# arrivals


@pytest.mark.parametrize(
    "kind", [Even(), Poisson(kind="poisson"), Diurnal(kind="diurnal"), Burst(kind="burst")]
)
@given(count=st.integers(0, 40), seed=st.integers(0, 99))
def test_arrivals_are_as_many_as_asked_in_order_and_within_the_day(kind, count, seed):
    times = kind.times(count, Random(seed))
    assert len(times) == count
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert all(0 <= time < 86_400 for time in times)


def test_even_arrivals_have_equal_distances():
    times = Even().times(24, Random(0))
    assert {later - earlier for earlier, later in pairwise(times)} == {3600.0}


def test_diurnal_arrivals_come_only_in_hours_that_have_a_weight():
    weights = [0.0] * 24
    weights[3], weights[20] = 1.0, 3.0
    times = Diurnal(kind="diurnal", weights=weights).times(400, Random(1))
    hours = Counter(int(time // 3600) for time in times)
    assert set(hours) == {3, 20}
    assert 2 < hours[20] / hours[3] < 4.5


def test_several_bursts_share_the_requests_and_the_rest_comes_over_the_day():
    burst = Burst(kind="burst", at=("09:00", "23:55"), minutes=10, share=0.8)
    times = burst.times(1000, Random(1))
    morning = sum(9 * 3600 <= time < 9 * 3600 + 600 for time in times)
    midnight = sum(time >= 23 * 3600 + 55 * 60 or time < 300 for time in times)  # it goes past midnight
    assert 330 < morning < 480
    assert 330 < midnight < 480
    assert 140 < 1000 - morning - midnight < 260


def test_hours_are_those_of_the_clock_also_when_the_run_starts_at_noon():
    head = "name: day\nstart: 2026-02-16T12:00:00Z\n"
    at = [
        one.at for one in scripts("traffic: [{plans: 20, arrivals: {kind: burst, at: '09:00'}}]", head=head)
    ]
    assert all(9 * 3600 <= moment % 86_400 < 9 * 3600 + 600 for moment in at)
    assert at[0] - loaded("", head).scenario.start.timestamp() >= 21 * 3600


# draws


ONE = "  - {name: one, plans: 20, arrivals: poisson, errors: {plans: 3}}\n"
TWO = "  - {name: two, requests: 20, path: /x, arrivals: diurnal, errors: {rate: 0.5}}\n"
TWO_CHANGED = "  - {name: two, requests: 50, path: /y, arrivals: burst}\n"


def test_changing_one_traffic_leaves_the_draws_of_the_others_alone():
    def of_one(text):
        return [row for row in arrivals(text) if row[0] == "one"]

    assert (
        of_one("traffic:\n" + ONE + TWO)
        == of_one("traffic:\n" + TWO_CHANGED + ONE)
        == arrivals("traffic:\n" + ONE)
    )


def test_another_seed_draws_another_day():
    assert arrivals("traffic:\n" + ONE) == arrivals("traffic:\n" + ONE)
    assert arrivals("traffic:\n" + ONE) != arrivals("traffic:\n" + ONE, seed=1)


EVERYTHING = """
days: 2
traffic:
  - plans: [6, 4]
    errors: {plans: 1}
    ai: {seconds: {kind: lognormal, median: 8, sigma: 0.5}, response_chars: [100, 900], retries: {rate: 0.3}}
  - {name: chat, requests: 5, method: POST, path: /api/chat, body: {message: hi}, arrivals: poisson}
background: [{reads: 7, writes: 3}]
probes: [{at: +1d, get_ai_logs: {expect: {cache: "> 0"}}}]
"""


def test_the_same_file_and_seed_give_the_same_bytes():
    assert json_report.render([replayed(EVERYTHING)]) == json_report.render([replayed(EVERYTHING)])
    assert json_report.render([replayed(EVERYTHING)]) != json_report.render([replayed(EVERYTHING, seed=2)])


@pytest.mark.parametrize("count", [0, 3, 20])
def test_an_exact_number_of_error_plans_fails(count):
    rows = arrivals(f"traffic: [{{plans: 20, errors: {{plans: {count}}}}}]")
    assert sum(failing for *_, failing in rows) == count


def test_a_scenario_survives_being_written_as_json():
    scenario = loaded(
        EVERYTHING + "budgets: {kv.refused: 0, kv.writes.accepted: [<= 5, '>= 1 or no data']}"
    ).scenario
    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario


# distributions


@given(st.integers(0, 10_000))
def test_clipped_draws_stay_within_their_ends(seed):
    for one in (
        Normal(kind="normal", mean=5, sd=4, least=2, most=7),
        Lognormal(kind="lognormal", median=5, sigma=2, least=2, most=7),
        Uniform(low=2, high=7),
    ):
        assert 2 <= one.draw(Random(seed)) <= 7


def test_draws_have_the_middle_they_say():
    draw = Random(4)
    bell, skewed = Normal(kind="normal", mean=50, sd=5), Lognormal(kind="lognormal", median=50, sigma=0.5)
    for one in (bell, skewed):
        values = sorted(one.draw(draw) for _ in range(2001))
        low, high = one.middle
        assert abs(values[1000] - 50) < 2.5
        assert 0.93 < sum(low <= value <= high for value in values) / 2001 < 0.98
    assert Fixed(value=3).draw(draw) == 3


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [("5", 5, 5), ("[2, 3]", 2, 3), ("{kind: normal, mean: 9, sd: 1, least: 8, most: 10}", 8, 10)],
)
def test_an_ai_call_takes_the_seconds_that_its_distribution_draws(seconds, least, most):
    ended = Listener(InvocationEnded)
    replayed(f"traffic: [{{plans: 5, ai: {{seconds: {seconds}}}}}]", observers=[ended])
    for event in ended.events:
        assert 7 * least <= round(event.at - event.started_at, 3) <= 7 * most


def test_sizes_are_drawn_for_each_answer():
    stored = Listener(Operation)
    text = "traffic: [{plans: 10, ai: {response_chars: [100, 3000], prompt_chars: 10, script: latin}}]"
    replayed(text, observers=[stored])
    sizes = [e.size_bytes for e in stored.events if e.op == "put" and e.key.endswith("_response")]
    assert len(set(sizes)) > 60
    assert max(sizes) - min(sizes) > 2000


# AI failures


def test_a_retried_attempt_costs_a_fetch_and_leaves_no_log():
    text = """
    limits: {subrequests: observe}
    traffic: [{plans: 10, ai: {retries: {rate: 1, attempts: 2, status: 429}}}]
    """
    values = replayed(text).metrics.values
    assert (values["ai.calls"], values["ai.errors"]) == (10 * 7 * 3, 10 * 7 * 2)
    assert (values["plans.completed"], values["kv.writes.accepted"]) == (10, 0)
    assert values["subrequests.max_per_invocation"] == 43 + 14


def test_more_failing_attempts_than_the_worker_makes_fail_the_call():
    text = "traffic: [{plans: 4, ai: {seconds: 1, retries: {rate: 1, attempts: 3}}}]"
    values = replayed(text).metrics.values
    assert (values["plans.failed"], values["ai.calls"], values["kv.writes.accepted"]) == (4, 12, 4)


@pytest.mark.parametrize(("status", "fetches"), [(500, 1), (503, 3)])
def test_a_failing_call_fails_at_every_attempt(status, fetches):
    text = f"traffic: [{{plans: 4, ai_calls: 9, errors: {{plans: 4, response_errors: 9, status: {status}}}}}]"
    values = replayed(text).metrics.values
    assert (values["plans.failed"], values["ai.errors"]) == (4, 4 * fetches)
    assert values["kv.writes.accepted"] == 4


def test_retries_do_not_change_which_calls_fail_otherwise():
    text = "traffic: [{plans: 30, errors: {plans: 9}%s}]"
    plain = replayed(text % "").metrics.values
    retried = replayed(text % ", ai: {retries: {rate: 0.5}}").metrics.values
    for name in ("plans.failed", "kv.writes.accepted"):
        assert plain[name] == retried[name]
    assert retried["ai.calls"] > plain["ai.calls"]


# other routes


def test_requests_of_any_route_reach_any_worker():
    result = replayed(
        """
        traffic:
          - {name: a, requests: 3, method: PUT, path: /put/menu, body: "text"}
          - {name: b, requests: 2, path: /get/menu}
          - {name: c, requests: 1, path: "/nowhere?x=1"}
        budgets:
          "requests.started{route=GET /get/menu}": == 2
          "requests.started{route=GET /nowhere}": == 1
          "kv.writes.accepted{route=PUT /put/menu}": == 3
        """,
        SHOP_HEAD,
    )
    assert result.verdict == "pass"


def test_failed_chat_messages_are_logged_to_kv():
    text = """
    traffic:
      - {name: chat, requests: 9, method: POST, path: /api/chat, body: {message: hi}, errors: {requests: 4}}
    """
    values = replayed(text).metrics.values
    assert (values["requests.started"], values["requests.failed"], values["kv.writes.accepted"]) == (9, 4, 4)
    assert values["plans.started"] == 0
