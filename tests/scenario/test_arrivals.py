"""When the requests of a day arrive: each kind of arrivals by itself."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from edgeday.clock import DAY_S
from edgeday.scenario.arrivals import Arrivals, spread_evenly
from edgeday.scenario.errors_in_words import validate

KINDS = ("even", "poisson", "diurnal", "burst", "ramp")


RATES = st.floats(0, 1000) | st.integers(0, 3)


def times(kind, count, begins_s=0, *, seed=7, **more):
    return of({"kind": kind, **more}, count, begins_s, seed=seed)


def of(written, count, begins_s=0, *, seed=7):
    """The instants of arrivals as a scenario writes them."""
    return TypeAdapter(Arrivals).validate_python(written).times(count, Random(seed), begins_s)


def are_whole(instants, count):
    """Whether they are so many, in order, within a day."""
    return (
        len(instants) == count
        and all(earlier <= later for earlier, later in pairwise(instants))
        and all(0 <= instant < DAY_S for instant in instants)
    )


@pytest.mark.parametrize("kind", KINDS)
@given(count=st.integers(0, 40), begins_s=st.integers(0, DAY_S - 1), seed=st.integers(0, 99))
def test_arrivals_are_as_many_as_the_scenario_says_in_order_and_within_the_day(kind, count, begins_s, seed):
    assert are_whole(times(kind, count, begins_s, seed=seed), count)


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


# bursts of seconds


@pytest.mark.parametrize(("at", "begins"), [("12:00:05", 43_205), ("00:00", 0), ("23:59:59", DAY_S - 1)])
def test_a_burst_may_be_as_short_as_a_second(at, begins):
    instants = times("burst", 200, at=at, seconds=1)
    assert begins <= min(instants) < begins + 0.1
    assert begins + 0.9 < max(instants) <= begins + 1


@given(
    count=st.integers(0, 40), begins_s=st.integers(0, DAY_S - 1), seconds=st.integers(1, 90_000),
    at=st.lists(st.sampled_from(["00:00", "09:30:01", "23:59:59"]), min_size=1), share=st.floats(0, 1),
)  # fmt: skip
def test_bursts_of_any_length_hold_all_requests(count, begins_s, seconds, at, share):
    assert are_whole(times("burst", count, begins_s, at=tuple(at), seconds=seconds, share=share), count)


# ramps and stages


@given(
    count=st.integers(0, 40), begins_s=st.integers(0, DAY_S - 1), first=RATES, last=RATES,
    between=st.none() | st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True).map(sorted),
)  # fmt: skip
def test_ramps_hold_all_requests(count, begins_s, first, last, between):
    assume(first or last)
    ends = between and [f"{minute // 60:02}:{minute % 60:02}" for minute in between]
    arrivals = {"kind": "ramp", "from": first, "to": last, "between": ends}
    assert are_whole(of(arrivals, count, begins_s), count)


@example(count=3, begins_s=0, stages=[(1.0, 0.0, 5e-324)])
@given(
    count=st.integers(0, 40), begins_s=st.integers(0, DAY_S - 1),
    stages=st.lists(st.tuples(st.floats(0.001, 17_000), RATES, st.none() | RATES), min_size=1, max_size=5),
)  # fmt: skip
def test_stages_hold_all_requests_and_none_after_the_last(count, begins_s, stages):
    assume(any(rate or then for _, rate, then in stages))
    written = [{"for": length, "rate": rate, "ramp_to": then} for length, rate, then in stages]
    instants = of(written, count, begins_s)
    assert are_whole(instants, count)
    whole = sum(length for length, _, _ in stages)
    of_the_clock = [(instant + begins_s) % DAY_S for instant in instants]
    assert all(instant <= whole + 0.001 or instant > DAY_S - 0.002 for instant in of_the_clock)


def test_a_ramp_grows_over_the_day_from_nothing():
    quarters = Counter(int(instant // 21_600) for instant in of("ramp", 16_000))
    for quarter, share in enumerate((1, 3, 5, 7)):  # sixteenths of the day's requests
        assert abs(quarters[quarter] - share * 1000) < 5 * (share * 1000) ** 0.5


def test_a_ramp_between_two_times_stays_as_it_was_before_and_as_it_is_after():
    arrivals = {"kind": "ramp", "from": 3, "to": 1, "between": ["06:00", "12:00"]}
    quarters = Counter(int(instant // 21_600) for instant in of(arrivals, 7_000))
    for quarter, share in enumerate((3, 2, 1, 1)):  # sevenths
        assert abs(quarters[quarter] - share * 1000) < 5 * (share * 1000) ** 0.5


def test_stages_have_their_rates_and_ramp_where_they_say_so():
    stages = [
        {"until": "09:00", "rate": 0},
        {"for": "2h", "rate": 1, "ramp_to": 3},
        {"for": 3600, "rate": 6},
        {"until": "18:00:00", "rate": 0},
        {"rate": 1},
    ]
    hours = Counter(int(instant // 3600) for instant in of(stages, 16_000))
    expected = {9: 1.5, 10: 2.5, 11: 6, **dict.fromkeys(range(18, 24), 1)}
    assert set(hours) == set(expected)
    for hour, share in expected.items():  # sixteenths
        assert abs(hours[hour] - share * 1000) < 5 * (share * 1000) ** 0.5


def test_a_list_is_the_short_form_of_stages_and_what_is_dumped_is_the_same():
    adapter = TypeAdapter(Arrivals)
    short = adapter.validate_python([{"for": "8h", "rate": 1}, {"rate": 2, "ramp_to": 0}])
    assert short == adapter.validate_python(adapter.dump_python(short, mode="json"))
    ramp = adapter.validate_python({"kind": "ramp", "from": 2, "between": ["01:00", "24:00"]})
    assert ramp == adapter.validate_python(adapter.dump_python(ramp, mode="json"))
    burst = adapter.validate_python({"kind": "burst", "seconds": 2})
    assert burst == adapter.validate_python(adapter.dump_python(burst, mode="json"))


@pytest.mark.parametrize(
    ("arrivals", "messages"),
    [
        ("rampp",
         [(': "arrivals" must be "even", "poisson", "diurnal", "burst", "ramp" or "stages"; this is "rampp" '
           'did you mean "ramp"?')]),
        ({"kind": "ramp", "from": 0, "to": 0}, ["to: the rates are both 0: nothing would arrive"]),
        ({"kind": "ramp", "between": ["12:00", "12:00"]}, ["between: it ends at 12:00, before it begins"]),
        ({"kind": "ramp", "between": ["12:00"]},
         ['between: write two times of day: ["08:00", "12:00"]']),
        ({"kind": "ramp", "between": ["noon", "13:00"]},
         ['between.0: "noon" is no time of day; write HH:MM or HH:MM:SS']),
        ({"kind": "ramp", "frm": 1}, ['frm: unknown key "frm" did you mean "from"?']),
        ({"kind": "burst", "minutes": 5, "seconds": 1},
         ["seconds: say how long it is in minutes or in seconds"]),
        ({"kind": "burst", "seconds": 0}, ['seconds: "seconds" must be more than 0; this is 0']),
        ({"kind": "burst", "at": ["12:00", "12:00:60"]},
         ['at.1: "12:00:60" is no time of day; write HH:MM or HH:MM:SS']),
        ([], [': "arrivals" must have at least 1 item; this is []']),
        ([{"rate": 1}, {"rate": 2}], ["0: say how long it is (for: 2h) or when it ends (until: 18:00)"]),
        ([{"for": "25h", "rate": 1}], ['0.for: "for" must be at most 86400; this is "25h"']),
        ([{"for": "8x", "rate": 1}], ['0.for: "8x" is no duration; write 8h, 30m, 1h30m or 45s']),
        ([{"for": "8h", "rate": 0}], [": the rates are all 0: nothing would arrive"]),
        ([{"for": "8h", "rate": 1}, {"until": "08:00", "rate": 1}], ["1.until: it ends before it begins"]),
        ([{"for": "20h", "rate": 1}, {"for": "4h1s", "rate": 1}],
         ["1.for: the stages are longer than a day"]),
        ([{"for": "1h", "until": "03:00", "rate": 1}],
         ["0.until: say how long it is (for) or when it ends (until)"]),
        ([{"for": "24h", "rate": 1}, {"rate": 1}], ["1: it ends before it begins"]),
        ([{"for": "1h", "rat": 1}],
         ['0: "rate" is missing', '0.rat: unknown key "rat" did you mean "rate"?']),
    ],
)  # fmt: skip
def test_what_is_wrong_with_arrivals_is_said_in_words_at_its_place(arrivals, messages):
    part = {"requests": 1, "get": "/", "arrivals": arrivals}
    scenario, errors = validate({"name": "day", "start": "2026-02-16T00:00:00Z", "traffic": [part]})
    assert scenario is None
    said = [
        ".".join(map(str, error.at[3:])) + ": " + f"{error.what} {error.hint}".strip() for error in errors
    ]
    assert said == messages
