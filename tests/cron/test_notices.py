"""What is said of expressions that mean something else than they seem to."""

from __future__ import annotations

import pytest

from edgeday.cron import parse


@pytest.mark.parametrize(
    ("weekday", "means", "write", "if_meant", "otherwise"),
    [
        ("1-5", "Sunday to Thursday", "MON-FRI", "Monday to Friday", "SUN-THU"),
        ("7", "Saturday", "SUN", "Sunday", "SAT"),
        ("1", "Sunday", "MON", "Monday", "SUN"),
        ("2,4", "Monday and Wednesday", "TUE,THU", "Tuesday and Thursday", "MON,WED"),
        (
            "1,3,5",
            "Sunday, Tuesday and Thursday",
            "MON,WED,FRI",
            "Monday, Wednesday and Friday",
            "SUN,TUE,THU",
        ),
        (
            "1-5/2",
            "Sunday, Tuesday and Thursday",
            "MON,WED,FRI",
            "Monday, Wednesday and Friday",
            "SUN,TUE,THU",
        ),
        ("MON-5", "Monday to Thursday", "MON-FRI", "Monday to Friday", "MON-THU"),
        ("MON,3", "Monday and Tuesday", "MON,WED", "Monday and Wednesday", "MON,TUE"),
        ("6L", "the last Friday of a month", "SATL", "the last Saturday of a month", "FRIL"),
        ("2#1", "the first Monday of a month", "TUE#1", "the first Tuesday of a month", "MON#1"),
        ("6-7", "Friday and Saturday", "SUN,SAT", "Sunday and Saturday", "FRI,SAT"),
    ],
)
def test_numbers_of_weekdays_are_said_by_name(weekday, means, write, if_meant, otherwise):
    cron = parse(f"0 9 * * {weekday}")
    said = f'weekday "{weekday}" means {means} on Cloudflare, where 1 is Sunday; '
    assert cron.warnings == (f"{said}write {write} if you mean {if_meant}, {otherwise} if not",)
    assert [notice.id for notice in cron.notices] == ["cron-weekday-number"]
    assert parse(f"0 9 * * {otherwise}").schedule == cron.schedule
    assert parse(f"0 9 * * {otherwise}").warnings == parse(f"0 9 * * {write}").warnings == ()


@pytest.mark.parametrize("weekday", ["*", "MON-FRI", "L", "FRIL", "MON#1", "*/2", "1-7", "SUN/2", "sat"])
def test_names_and_whole_weeks_are_taken_without_a_word(weekday):
    assert parse(f"0 9 * * {weekday}").warnings == ()


@pytest.mark.parametrize(
    ("text", "field", "wraps", "written"),
    [
        ("0 0 * * FRI-SUN", "weekday", "FRI-SUN", "FRI,SAT,SUN"),
        ("0 22-2 * * *", "hour", "22-2", "22,23,0,1,2"),
        ("58-1 * * * *", "minute", "58-1", "58,59,0,1"),
        ("0 0 30-2 * *", "day of the month", "30-2", "30,31,1,2"),
        ("0 0 1 NOV-FEB *", "month", "NOV-FEB", "NOV,DEC,JAN,FEB"),
        ("0 0 1 11-2 *", "month", "11-2", "11,12,1,2"),
        ("0 0 * * FRI-MON/2", "weekday", "FRI-MON/2", "FRI,SUN"),
        ("0 3,22-0 * * *", "hour", "22-0", "22,23,0"),
    ],
)
def test_a_range_over_the_end_of_its_field_is_to_be_written_as_a_list(text, field, wraps, written):
    cron = parse(text)
    said = f'the {field} "{wraps}" goes over the end of its field, and Cloudflare may begin it one '
    assert cron.warnings == (f"{said}{field} too early; write it as a list: {written}",)
    assert [notice.id for notice in cron.notices] == ["cron-wrapping-range"]
    as_list = parse(text.replace(wraps, written))
    assert (as_list.schedule, as_list.warnings) == (cron.schedule, ())


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("0 0 31 2 *", False),
        ("0 0 29 2 *", True),
        ("0 0 31 11 *", False),
        ("0 0 31 12 *", True),
        ("0 0 31W 2 *", False),
        ("0 0 30W 2 *", True),
        ("0 0 L-29 2 *", False),
        ("0 0 L-28 2 *", True),
        ("0 0 31 2 MON", True),
        ("0 0 31 2 MON#5", True),
    ],
)
def test_an_expression_whose_day_never_comes_is_pointed_out(text, fires):
    cron = parse(text)
    assert (cron.next_after(0) is not None) is fires
    said = () if fires else ("it never fires: there is no such day in any year",)
    assert cron.warnings == said
    assert [notice.id for notice in cron.notices] == ["cron-never-fires"] * len(said)
