"""When the requests of a day arrive: each kind of arrivals by itself."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from edgeday.clock import DAY_S
from edgeday.scenario.arrivals import Arrivals, spread_evenly

KINDS = ("even", "poisson", "diurnal", "burst")


def times(kind, count, begins_s=0, *, seed=7, **more):
    arrivals = TypeAdapter(Arrivals).validate_python({"kind": kind, **more})
    return arrivals.times(count, Random(seed), begins_s)


@pytest.mark.parametrize("kind", KINDS)
@given(count=st.integers(0, 40), begins_s=st.integers(0, DAY_S - 1), seed=st.integers(0, 99))
def test_arrivals_are_as_many_as_the_scenario_says_in_order_and_within_the_day(kind, count, begins_s, seed):
    instants = times(kind, count, begins_s, seed=seed)
    assert len(instants) == count
    assert all(earlier <= later for earlier, later in pairwise(instants))
    assert all(0 <= instant < DAY_S for instant in instants)


def test_even_arrivals_are_at_equal_distances():
    assert times("even", 4) == [10_800, 32_400, 54_000, 75_600]


@given(counts=st.lists(st.integers(0, 60), min_size=1, max_size=6))
def test_parts_that_arrive_evenly_are_one_even_stream_together(counts):
    parts = spread_evenly(counts)
    assert [len(instants) for instants in parts] == counts
    together = sorted(instant for instants in parts for instant in instants)
    assert together == times("even", sum(counts))
    assert all(list(instants) == sorted(instants) for instants in parts)


@given(counts=st.lists(st.integers(1, 2000), min_size=1, max_size=4))
def test_even_parts_never_meet_a_cron(counts):
    instants = [instant for part in spread_evenly(counts, beside_crons=True) for instant in part]
    assert all(instant % 60 for instant in instants)


def test_a_burst_lies_in_its_window():
    instants = times("burst", 200, at=("12:30",), minutes=10)
    assert 45_000 <= min(instants) < 45_060
    assert 45_540 < max(instants) <= 45_600


def test_several_bursts_share_the_requests_and_the_rest_comes_over_the_day():
    instants = times("burst", 1000, at=("09:00", "23:55"), minutes=10, share=0.8)
    morning = sum(9 * 3600 <= instant < 9 * 3600 + 600 for instant in instants)
    midnight = sum(instant >= 23 * 3600 + 55 * 60 or instant < 300 for instant in instants)  # it goes past it
    assert 330 < morning < 480
    assert 330 < midnight < 480
    assert 140 < 1000 - morning - midnight < 260


def test_diurnal_arrivals_follow_the_hours_weights():
    weights = [0] * 24
    weights[3], weights[20] = 1, 3
    hours = Counter(int(instant // 3600) for instant in times("diurnal", 2000, weights=weights))
    assert set(hours) == {3, 20}
    assert 2.5 < hours[20] / hours[3] < 3.5


def test_the_default_day_has_its_peak_in_the_evening_and_sleeps_at_night():
    hours = Counter(int(instant // 3600) for instant in times("diurnal", 5000))
    assert max(hours, key=hours.__getitem__) in {18, 19, 20, 21}
    assert hours[3] < hours[19] / 5


def test_poisson_arrivals_are_spread_over_the_day():
    quarters = Counter(int(instant // 21_600) for instant in times("poisson", 4000))
    assert len(quarters) == 4
    assert all(880 < count < 1120 for count in quarters.values())


@pytest.mark.parametrize("begins_h", [0, 6, 18])
def test_hours_are_those_of_the_clock_whenever_the_run_starts(begins_h):
    instants = times("burst", 50, begins_s=begins_h * 3600, at=("12:00",), minutes=5)
    assert {int((instant + begins_h * 3600) % DAY_S // 300) for instant in instants} == {144}
