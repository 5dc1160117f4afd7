"""When Cron Triggers fire: by Cloudflare's grammar, which counts weekdays from Sunday as 1."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edgeday.cron import parse


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def days(text: str, start: str, end: str) -> list[str]:
    """The days on which an expression fires from one day up to and without another."""
    times = (datetime.fromtimestamp(one, UTC) for one in parse(text).times(at(start), at(end)))
    return list(dict.fromkeys(time.strftime("%Y-%m-%d") for time in times))


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("59 23 LW * *", "2026-01-01", "2026-02-01", ["2026-01-30"]),
        ("59 23 LW * *", "2026-05-01", "2026-06-01", ["2026-05-29"]),
        ("59 23 LW * *", "2026-11-01", "2026-12-01", ["2026-11-30"]),
        ("0 18 * * 6L", "2026-11-01", "2026-12-01", ["2026-11-27"]),
        ("0 18 * * friL", "2026-11-01", "2026-12-01", ["2026-11-27"]),
        ("0 12 15W * *", "2026-11-01", "2026-12-01", ["2026-11-16"]),
        ("0 12 15W * *", "2026-08-01", "2026-09-01", ["2026-08-14"]),
        ("0 0 1W * *", "2026-08-01", "2026-09-01", ["2026-08-03"]),
        ("0 0 31W * *", "2026-05-01", "2026-06-01", ["2026-05-29"]),
        ("0 0 31W * *", "2026-11-01", "2026-12-01", []),
        ("0 9 * * MON#1", "2026-12-01", "2027-01-01", ["2026-12-07"]),
        ("0 9 * * 2#5", "2026-11-01", "2027-01-01", ["2026-11-30"]),
        ("0 0 L * *", "2028-02-01", "2028-03-01", ["2028-02-29"]),
        ("0 0 L-3 * *", "2026-02-01", "2026-03-01", ["2026-02-25"]),
        ("0 0 L-30 * *", "2026-01-01", "2026-03-01", ["2026-01-01"]),
        ("0 0 L-1W * *", "2026-01-01", "2026-02-01", ["2026-01-30"]),
        ("0 0 L-27W * *", "2026-02-01", "2026-03-01", ["2026-02-02"]),
        ("0 0 L-30W * *", "2026-08-01", "2026-09-01", ["2026-08-03"]),
        ("0 0 * * L", "2026-11-01", "2026-11-15", ["2026-11-07", "2026-11-14"]),
        ("0 0 * * 1", "2026-11-01", "2026-11-09", ["2026-11-01", "2026-11-08"]),
        ("0 0 * * sun", "2026-11-01", "2026-11-09", ["2026-11-01", "2026-11-08"]),
        ("0 0 * * 7", "2026-11-01", "2026-11-09", ["2026-11-07"]),
        ("0 0 * * Tue-Thu", "2026-11-01", "2026-11-09", ["2026-11-03", "2026-11-04", "2026-11-05"]),
        ("0 0 * * FRI-SUN", "2026-11-02", "2026-11-09", ["2026-11-06", "2026-11-07", "2026-11-08"]),
        (
            "0 0 1 NOV-FEB *",
            "2026-01-01",
            "2027-01-01",
            ["2026-01-01", "2026-02-01", "2026-11-01", "2026-12-01"],
        ),
        ("0 0 31 2 *", "2020-01-01", "2030-01-01", []),
        ("0 0 29 2 *", "2026-01-01", "2030-01-01", ["2028-02-29"]),
    ],
)
def test_it_fires_on_these_days(text, start, end, expected):
    assert days(text, start, end) == expected


def minutes(text: str) -> list[str]:
    times = parse(text).times(at("2026-11-27"), at("2026-11-28"))
    return [datetime.fromtimestamp(one, UTC).strftime("%H:%M") for one in times]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 4 * * *", ["04:05"]),
        ("05 04 * * *", ["04:05"]),
        ("0 */6 * * *", ["00:00", "06:00", "12:00", "18:00"]),
        ("0 9/6 * * *", ["09:00", "15:00", "21:00"]),
        ("0 8-20/6 * * *", ["08:00", "14:00", "20:00"]),
        ("59/5 3 * * *", ["03:59"]),
        ("7-7/3 3 * * *", ["03:07"]),
        ("30 22-2 * * *", ["00:30", "01:30", "02:30", "22:30", "23:30"]),
        ("0 22-2/2 * * *", ["00:00", "02:00", "22:00"]),
        ("*/20,5 7 * * *", ["07:00", "07:05", "07:20", "07:40"]),
        ("5,*/30 7 * * *", ["07:00", "07:05", "07:30"]),
        ("5,* 7 * * *", ["07:00", "07:05"]),
        ("50,*-2 7 * * *", ["07:00", "07:01", "07:02", "07:50"]),
        ("0\t \t12  * * *", ["12:00"]),
    ],
)
def test_it_fires_at_these_minutes_of_a_day(text, expected):
    assert minutes(text) == expected


def test_a_step_begins_again_with_each_hour():
    assert [time[3:] for time in minutes("*/7 0-1 * * *")] == [
        f"{minute:02}" for minute in range(0, 60, 7)
    ] * 2


def test_two_restricted_day_fields_ask_for_either():
    assert days("0 0 13 * FRI", "2026-11-10", "2026-11-22") == ["2026-11-13", "2026-11-20"]
    assert days("0 0 11 * FRI", "2026-11-10", "2026-11-15") == ["2026-11-11", "2026-11-13"]


def test_a_step_over_all_days_is_a_restriction_and_a_bare_star_is_none():
    assert days("0 0 */30 * FRI", "2026-11-01", "2026-11-14") == ["2026-11-01", "2026-11-06", "2026-11-13"]
    assert days("0 0 * * FRI", "2026-11-01", "2026-11-14") == ["2026-11-06", "2026-11-13"]
    assert len(days("0 0 */1 * FRI", "2026-11-01", "2026-11-14")) == 13


def test_times_are_from_the_start_on_and_before_the_end():
    cron = parse("*/5 * * * *")
    assert list(cron.times(0, 600)) == [0, 300]
    assert list(cron.times(0.001, 600.001)) == [300, 600]


def test_the_next_time_is_after_the_instant_also_when_it_fires_at_it():
    cron = parse("*/5 * * * *")
    assert cron.next_after(299.999) == 300
    assert cron.next_after(300) == 600
    assert cron.next_after(-1) == 0


@pytest.mark.parametrize(("second", "fires"), [(-0.001, False), (0, True), (59.999, True), (60, False)])
def test_it_matches_for_the_whole_of_its_minute(second, fires):
    assert parse("30 6 * * *").matches(at("2026-11-27T06:30") + second) is fires


def test_what_never_fires_has_no_next_time():
    assert parse("0 0 31 2,4,6,9,11 *").next_after(0) is None
    assert parse("0 0 30 2 MON#1").next_after(0) == at("1970-02-02")


def test_the_last_minutes_of_the_calendar_have_no_next():
    assert parse("59 23 31 12 *").next_after(at("9999-12-31T23:58")) == at("9999-12-31T23:59")
    assert parse("0 0 * * *").next_after(at("9999-12-31T00:00")) is None


def test_an_expression_of_the_same_times_has_an_equal_schedule():
    assert parse("*/1 * * * *").schedule == parse("* * * * *").schedule
    assert parse("0 0 * * MON-WED").schedule == parse("00 0 * jan-dec mon,3,4").schedule
    assert parse("0 0 * * *").schedule != parse("0 0 */1 * *").schedule
