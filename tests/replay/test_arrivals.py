from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from edgeday.replay.traffic import requests_in
from edgeday.scenario.arrivals import Arrivals
from tests.replay.runs import MIDNIGHT, scenario
from tests.worker_port.scripts import ORIGIN, outcomes_of, plans

DAY_S = 86_400
KINDS = ["even", "poisson", "diurnal", {"kind": "burst", "at": "23:55", "minutes": 10}]


def drawn(scripts):
    """All that is drawn of requests: when they come, their errors, their answers."""
    return [
        (one.at, one.traffic.name, one.number, one.request(ORIGIN).headers.fields(), outcomes_of(one))
        for one in scripts
    ]


arrivals = st.sampled_from(KINDS)
counts = st.integers(0, 60)


@given(counts, arrivals, st.integers(0, 9), st.integers(-(2**40), 2**40))
def test_each_day_has_its_exact_number_of_plans_in_order_and_within_the_day(count, kind, day, seed):
    times = [plan.at for plan in plans(day, seed, days=10, traffic=[{"plans": count, "arrivals": kind}])]
    assert len(times) == count
    assert times == sorted(times)
    assert all(MIDNIGHT + day * DAY_S <= time < MIDNIGHT + (day + 1) * DAY_S for time in times)


@given(arrivals, st.integers(0, 2**31))
def test_the_same_seed_gives_the_same_plans_and_another_seed_others(kind, seed):
    traffic = [{"plans": 8, "arrivals": kind, "errors": {"rate": 0.5}}]
    first = drawn(plans(seed=seed, traffic=traffic))
    assert first == drawn(plans(seed=seed, traffic=traffic))
    assert first != drawn(plans(seed=seed + 1, traffic=traffic))


def test_days_differ_from_each_other():
    traffic = [{"plans": 20, "arrivals": "poisson"}]
    first, second = ([plan.at % DAY_S for plan in plans(day, days=2, traffic=traffic)] for day in (0, 1))
    assert first != second


@given(counts, st.sampled_from([{"arrivals": "burst"}, {"ai_calls": 9}, {"errors": {"rate": 1}}]))
def test_changing_one_traffic_leaves_the_other_as_it_was(count, change):
    kept = {"name": "kept", "plans": 10, "arrivals": "poisson", "errors": {"plans": 3, "response_errors": 2}}
    before = plans(traffic=[kept, {"name": "changed", "plans": 5}])
    after = plans(traffic=[{"name": "changed", "plans": count, **change}, kept])
    assert [row for row in drawn(before) if row[1] == "kept"] == [
        row for row in drawn(after) if row[1] == "kept"
    ]


def test_several_traffics_are_one_stream_in_order_of_arrival():
    found = plans(traffic=[{"name": "a", "plans": 30, "arrivals": "poisson"}, {"name": "b", "plans": 20}])
    assert [plan.at for plan in found] == sorted(plan.at for plan in found)
    assert Counter(plan.traffic.name for plan in found) == {"a": 30, "b": 20}


def test_plans_are_numbered_from_1_through_all_days():
    fields = {"days": 3, "traffic": [{"plans": [2, 3]}]}
    numbers = [plan.number for day in range(3) for plan in plans(day, **fields)]
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
    assert requests_in(scenario(**fields)) == 7


# arrivals


def times(kind, count, begins_s=0, **more):
    arrivals = TypeAdapter(Arrivals).validate_python({"kind": kind, **more})
    return arrivals.times(count, Random(7), begins_s)


def test_even_arrivals_are_at_equal_distances():
    assert times("even", 4) == [10_800, 32_400, 54_000, 75_600]
    assert times("even", 0) == []


def test_a_burst_lies_in_its_window():
    found = times("burst", 200, at=("12:30",), minutes=10)
    assert 45_000 <= min(found) < 45_060
    assert 45_540 < max(found) <= 45_600


def test_diurnal_arrivals_follow_the_hours_weights():
    weights = [0] * 24
    weights[3], weights[20] = 1, 3
    hours = Counter(int(time // 3600) for time in times("diurnal", 2000, weights=weights))
    assert set(hours) == {3, 20}
    assert 2.5 < hours[20] / hours[3] < 3.5


def test_the_default_day_has_its_peak_in_the_evening_and_sleeps_at_night():
    hours = Counter(int(time // 3600) for time in times("diurnal", 5000))
    assert max(hours, key=hours.__getitem__) in {18, 19, 20, 21}
    assert hours[3] < hours[19] / 5


def test_poisson_arrivals_are_spread_over_the_day():
    quarters = Counter(int(time // 21_600) for time in times("poisson", 4000))
    assert all(880 < count < 1120 for count in quarters.values())


@pytest.mark.parametrize("begins_h", [0, 6, 18])
def test_hours_are_those_of_the_clock_whenever_the_run_starts(begins_h):
    found = times("burst", 50, begins_s=begins_h * 3600, at=("12:00",), minutes=5)
    assert {int((time + begins_h * 3600) % DAY_S // 300) for time in found} == {144}


# requests


async def test_requests_of_other_routes_are_as_the_scenario_says():
    traffic = {
        "requests": 1,
        "method": "POST",
        "path": "/api/chat?x=1",
        "body": {"a": "é"},
        "headers": {"X-A": "1"},
    }
    (found,) = plans(traffic=[traffic])
    request = found.request(ORIGIN)
    assert (request.method, request.url) == ("POST", "https://aidiet.example/api/chat?x=1")
    assert request.headers["x-a"] == "1"
    assert request.headers["content-type"] == "application/json"
    assert await request.text() == '{"a":"é"}'
