"""The requests of each day: how many, when, in which order, and what a seed decides of them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import DAY_S, epoch_seconds
from edgeday.replay.traffic import requests_in, requests_of_day
from edgeday.report import json_report
from edgeday.scenario.model import Scenario
from edgeday.scenario.profile import ORIGIN
from tests.scenario_days import SHOP, SHOP_HEAD, loaded, replayed

MIDNIGHT = epoch_seconds("2026-02-16T00:00:00Z")
ARRIVALS = ("even", "poisson", "diurnal", "{kind: burst, at: '23:55', minutes: 10}")


def requests(text, day=0, seed=0):
    """The requests of a day of the shop."""
    return list(requests_of_day(loaded(text, SHOP_HEAD).scenario, seed, day))


def drawn(text, **options):
    """(traffic, number, arrival, seed) of every request of a day."""
    return [(one.traffic.name, one.number, one.at, one.seed) for one in requests(text, **options)]


class Listener:
    """An observer that keeps some events."""

    def __init__(self, kind):
        self.kind, self.events = kind, []

    def begin(self, start, events):
        events.subscribe(self.kind, self.events.append)

    def end(self, end):
        self.ended_at = end.ended_at


def test_a_list_gives_a_number_for_each_day_and_begins_again():
    text = "days: 4\ntraffic: [{requests: [5, 0, 3], path: /get/a}]"
    assert [len(requests(text, day)) for day in range(4)] == [5, 0, 3, 5]
    assert requests_in(loaded(text, SHOP_HEAD).scenario) == 13


def test_requests_are_numbered_from_1_through_all_days():
    text = "days: 3\ntraffic: [{requests: [2, 3], path: /get/a}]"
    assert [one.number for day in range(3) for one in requests(text, day)] == [1, 2, 3, 4, 5, 6, 7]


def test_all_days_are_replayed():
    result = replayed("days: 3\ntraffic: [{requests: [4, 5, 6], path: /get/a}]", SHOP_HEAD)
    assert result.metrics.values["requests.started"] == 15
    assert result.metrics.values["kv.reads.used_percent"] == round(100 * 6 / 100_000, 4)


@given(st.integers(0, 60), st.sampled_from(ARRIVALS), st.integers(0, 9), st.integers(-(2**40), 2**40))
def test_each_day_has_its_exact_number_of_requests_in_order_and_within_the_day(count, kind, day, seed):
    text = f"days: 10\ntraffic: [{{requests: {count}, path: /get/a, arrivals: {kind}}}]"
    times = [one.at for one in requests(text, day, seed)]
    assert len(times) == count
    assert times == sorted(times)
    assert all(MIDNIGHT + day * DAY_S <= time < MIDNIGHT + (day + 1) * DAY_S for time in times)


def test_hours_are_those_of_the_clock_also_when_the_run_starts_at_noon():
    text = "traffic: [{requests: 20, path: /get/a, arrivals: {kind: burst, at: '09:00'}}]"
    scenario = loaded(text, "name: day\nstart: 2026-02-16T12:00:00Z\n" + SHOP).scenario
    times = [one.at for one in requests_of_day(scenario, 0, 0)]
    assert all(9 * 3600 <= time % DAY_S < 9 * 3600 + 600 for time in times)
    assert times[0] - scenario.start.timestamp() >= 21 * 3600


@pytest.mark.parametrize("kind", ARRIVALS)
def test_the_same_seed_draws_the_same_day_and_another_seed_another_one(kind):
    text = f"traffic: [{{requests: 8, path: /get/a, arrivals: {kind}}}]"
    assert drawn(text, seed=4) == drawn(text, seed=4) != drawn(text, seed=5)


def test_days_differ_from_each_other():
    text = "days: 2\ntraffic: [{requests: 20, path: /get/a, arrivals: poisson}]"
    first, second = ([one.at % DAY_S for one in requests(text, day)] for day in (0, 1))
    assert first != second


@pytest.mark.parametrize(
    "other", ["", "  - {name: b, requests: 20, path: /b}\n", "  - {name: b, requests: 50, path: /c}\n"]
)
def test_changing_one_traffic_leaves_the_draws_of_another_alone(other):
    constant = "  - {name: a, requests: 10, path: /a, arrivals: poisson}\n"
    for text in (f"traffic:\n{constant}{other}", f"traffic:\n{other}{constant}"):
        assert [row for row in drawn(text) if row[0] == "a"] == drawn(f"traffic:\n{constant}")


def test_several_traffics_are_one_stream_in_order_of_arrival():
    text = (
        "traffic: [{name: a, requests: 30, path: /a, arrivals: poisson}, {name: b, requests: 20, path: /b}]"
    )
    times = [one.at for one in requests(text)]
    assert times == sorted(times)
    assert Counter(one.traffic.name for one in requests(text)) == {"a": 30, "b": 20}


async def test_a_request_is_as_the_scenario_says():
    (one,) = requests(
        'traffic: [{requests: 1, method: POST, path: "/api/chat?x=1", body: {a: "é"}, headers: {X-A: "1"}}]'
    )
    request = one.request(ORIGIN)
    assert (request.method, request.url) == ("POST", f"{ORIGIN}/api/chat?x=1")
    assert request.headers["x-a"] == "1"
    assert request.headers["content-type"] == "application/json"
    assert await request.text() == '{"a":"é"}'


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


SHOP_DAYS = """
days: 2
traffic:
  - {name: writers, requests: [6, 4], method: PUT, path: /put/menu, body: {a: 1}, arrivals: diurnal}
  - {name: readers, requests: 5, path: /get/menu, arrivals: poisson}
background: [{reads: 7, writes: 3}]
probes: [{at: +1d, request: {path: /json}, expect: {"json:total": 3}}]
"""


def test_the_same_file_and_seed_give_the_same_bytes():
    first, again, other = (
        json_report.render([replayed(SHOP_DAYS, SHOP_HEAD, seed=seed)]) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_scenario_survives_being_written_as_json():
    budgets = "budgets: {kv.refused: 0, kv.writes.accepted: [<= 5, '>= 1 or no data']}"
    scenario = loaded(SHOP + SHOP_DAYS + budgets).scenario
    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario
