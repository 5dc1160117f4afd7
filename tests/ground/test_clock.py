from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import (
    DAY_S,
    SystemClock,
    VirtualClock,
    epoch_seconds,
    is_expired,
    iso_seconds,
    utc,
    utc_day,
)

MIDNIGHT = 1_771_200_000  # 2026-02-16T00:00:00Z


@pytest.mark.parametrize(
    "instant",
    [
        "2026-02-16T00:00:00Z",
        "2026-02-16T00:00:00+00:00",
        "2026-02-16T02:00:00+02:00",
        datetime(2026, 2, 16, tzinfo=UTC),
        datetime(2026, 2, 15, 19, tzinfo=timezone(timedelta(hours=-5))),
        MIDNIGHT,
        float(MIDNIGHT),
    ],
)
def test_an_instant_may_be_text_with_a_zone_an_aware_datetime_or_epoch_seconds(instant):
    assert epoch_seconds(instant) == MIDNIGHT
    assert VirtualClock(instant).now() == MIDNIGHT


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-02-16T00:00:00", "2026-02-16T00:00:00Z"),
        ("2026-02-16 07:30", "2026-02-16T07:30:00Z"),
        ("2026-02-16", "2026-02-16T00:00:00Z"),
    ],
)
def test_text_without_a_zone_is_refused_and_the_way_to_write_it_in_utc_is_named(text, meant):
    with pytest.raises(ValueError, match=f"has no time zone; write {meant} for UTC"):
        VirtualClock(text)
    assert VirtualClock(meant).now() == epoch_seconds(meant)


def test_a_naive_datetime_is_refused():
    with pytest.raises(ValueError, match="has no time zone; pass an aware datetime"):
        VirtualClock(datetime(2026, 2, 16))  # noqa: DTZ001


def test_a_virtual_clock_stands_still_until_it_is_moved():
    clock = VirtualClock("2026-02-16T00:00:00Z")
    assert [clock.now() for _ in range(3)] == [MIDNIGHT] * 3
    clock.advance(days=1, hours=2, minutes=3, seconds=4, ms=5)
    assert clock.now_ms() == (MIDNIGHT + DAY_S + 2 * 3600 + 3 * 60 + 4) * 1000 + 5
    assert clock.elapsed_us == clock.now_ms() * 1000 - MIDNIGHT * 1_000_000


def test_now_ms_rounds_down_as_date_now_does():
    clock = VirtualClock()
    clock.advance_us(1999)
    assert clock.now_ms() == 1
    clock.advance_us(1)
    assert clock.now_ms() == 2


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_many_small_steps_add_up_without_drift(steps_us):
    clock = VirtualClock("2026-02-16T00:00:00Z")
    for step in steps_us:
        clock.advance(seconds=step / 1_000_000)
    assert clock.elapsed_us == sum(steps_us)


def test_travelling_goes_to_an_instant_and_may_stay_where_it_is():
    clock = VirtualClock("2026-02-16T00:00:00Z")
    clock.travel_to("2026-02-17T00:00:00Z")
    clock.travel_to("2026-02-17T00:00:00Z")
    assert clock.now() == MIDNIGHT + DAY_S


@pytest.mark.parametrize(
    "back",
    [
        lambda clock: clock.advance(seconds=-1),
        lambda clock: clock.advance(ms=-1),
        lambda clock: clock.advance_us(-1),
        lambda clock: clock.travel_to(MIDNIGHT + 9),
    ],
)
def test_a_virtual_clock_never_goes_back(back):
    clock = VirtualClock(MIDNIGHT)
    clock.advance(seconds=10)
    with pytest.raises(ValueError, match="does not go back"):
        back(clock)
    assert clock.now() == MIDNIGHT + 10


def test_reset_returns_to_the_start():
    clock = VirtualClock(MIDNIGHT)
    clock.advance(days=40)
    clock.reset()
    assert (clock.now(), clock.elapsed_us) == (MIDNIGHT, 0)


@pytest.mark.parametrize(("now_s", "expired"), [(99.999, False), (100.0, True), (100.001, True)])
def test_an_entry_is_gone_from_the_instant_at_which_it_expires(now_s, expired):
    assert is_expired(now_s, 100) is expired


def test_what_has_no_expiry_never_expires():
    assert is_expired(1e12, None) is False


@pytest.mark.parametrize(
    ("instant", "day"),
    [("2026-02-15T23:59:59.999999Z", 20_499), ("2026-02-16T00:00:00Z", 20_500), ("1969-12-31T23:59:59Z", -1)],
)
def test_the_utc_day_changes_at_midnight(instant, day):
    assert utc_day(epoch_seconds(instant)) == day


def test_instants_are_shown_in_utc_rounded_down_to_the_second():
    assert iso_seconds(MIDNIGHT - 0.001) == "2026-02-15T23:59:59Z"
    assert iso_seconds(MIDNIGHT) == "2026-02-16T00:00:00Z"
    assert utc(MIDNIGHT) == datetime(2026, 2, 16, tzinfo=UTC)


def test_the_system_clock_follows_freezegun():
    clock = SystemClock()
    with freeze_time("2026-02-16T00:00:00Z") as frozen:
        assert (clock.now(), clock.now_ms()) == (MIDNIGHT, MIDNIGHT * 1000)
        frozen.tick(timedelta(seconds=90))
        assert (clock.now(), clock.now_ms()) == (MIDNIGHT + 90, (MIDNIGHT + 90) * 1000)


def test_the_system_clock_runs_when_nothing_freezes_it():
    clock = SystemClock()
    first = clock.now()
    assert first <= clock.now_ms() / 1000 + 0.001
    assert first > epoch_seconds("2026-01-01T00:00:00Z")
