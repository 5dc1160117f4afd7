"""The implementation beside a second reading of the grammar, written from its sentences, minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.cron import BadCron, parse

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def number(text: str, names: list[str]) -> int:
    return names.index(text.upper()) + 1 if text.upper() in names else int(text)


def in_list(value: int, text: str, low: int, high: int, names: list[str]) -> bool:
    """Whether a value is in a list, by walking through each of its items."""
    for item in text.split(","):
        ends, _, step = item.partition("/")
        first, dash, last = ends.partition("-")
        begin = low if first == "*" else number(first, names)
        end = number(last, names) if dash else (high if step else begin)
        at = begin
        for count in range(high - low + 1):
            if count % int(step or 1) == 0 and at == value:
                return True
            if at == end:
                break
            at = low if at == high else at + 1
    return False


def workday(day: datetime) -> datetime:
    """The nearest day from Monday to Friday within the month of a day, tried from near to far."""
    for away in (0, -1, 1, -2, 2):
        near = day + timedelta(away)
        if near.month == day.month and near.isoweekday() <= 5:
            return near
    raise AssertionError


def last_day(at: datetime) -> datetime:
    while (at + timedelta(1)).month == at.month:
        at += timedelta(1)
    return at


def is_month_day(at: datetime, text: str) -> bool:
    if text == "L":
        return at == last_day(at)
    if text.startswith("L"):
        before = int(text.strip("LW-") or 0)
        aim = last_day(at) - timedelta(before)
        if aim.month != at.month:
            return False
        return at == (workday(aim) if text.endswith("W") else aim)
    if text.endswith("W"):
        aim_day = int(text[:-1])
        if aim_day > last_day(at).day:  # the day after the last, a Saturday, has the last as its neighbour
            return at == last_day(at) and at.isoweekday() == 5 and aim_day == at.day + 1
        return at == workday(at.replace(day=aim_day))
    return in_list(at.day, text, 1, 31, [])


def is_weekday(at: datetime, text: str) -> bool:
    own = at.isoweekday() % 7 + 1
    if text == "L":
        return own == 7
    if text.endswith("L"):
        return own == number(text[:-1], WEEKDAYS) and (at + timedelta(7)).month != at.month
    if "#" in text:
        day, _, nth = text.partition("#")
        return own == number(day, WEEKDAYS) and len(range(at.day, 0, -7)) == int(nth)
    return in_list(own, text, 1, 7, WEEKDAYS)


def fires(text: str, at: datetime) -> bool:
    minute, hour, month_day, month, weekday = text.split()
    if minute != "*" and not in_list(at.minute, minute, 0, 59, []):
        return False
    if hour != "*" and not in_list(at.hour, hour, 0, 23, []):
        return False
    if month != "*" and not in_list(at.month, month, 1, 12, MONTHS):
        return False
    day = at.replace(hour=0, minute=0)
    if month_day == "*":
        return weekday == "*" or is_weekday(day, weekday)
    return is_month_day(day, month_day) or (weekday != "*" and is_weekday(day, weekday))


def items(low: int, high: int, names: list[str]) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high).map(str)
    cased = st.sampled_from(names).flatmap(lambda name: st.sampled_from([name, name.lower(), name.title()]))
    value = st.one_of(numbers, cased) if names else numbers
    step = st.integers(1, high - low).map(str)
    return st.one_of(
        value,
        st.tuples(value, value).map("-".join),
        st.tuples(st.one_of(value, st.just("*")), step).map("/".join),
        st.tuples(value, value, step).map(lambda parts: f"{parts[0]}-{parts[1]}/{parts[2]}"),
    )


def field(low: int, high: int, names: list[str], *special: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(items(low, high, names), min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), several, *special)


month_days = field(
    1, 31, [], st.sampled_from(["L", "LW"]), st.integers(1, 30).map("L-{}".format),
    st.integers(1, 30).map("L-{}W".format), st.integers(1, 31).map("{}W".format),
)  # fmt: skip
one_weekday = st.sampled_from([*WEEKDAYS, *"1234567"])
weekdays = field(
    1, 7, WEEKDAYS, st.just("L"), one_weekday.map("{}L".format),
    st.tuples(one_weekday, st.integers(1, 5)).map(lambda one: f"{one[0]}#{one[1]}"),
)  # fmt: skip
expressions = st.tuples(
    field(0, 59, []), field(0, 23, []), month_days, field(1, 12, MONTHS), weekdays
).map(" ".join)  # fmt: skip
instants = st.integers(0, 4_102_444_800 // 60).map(lambda minute: datetime.fromtimestamp(minute * 60, UTC))
months = instants.map(lambda at: at.replace(day=1, hour=0, minute=0))


@given(expressions, months)
@settings(deadline=None)
def test_it_fires_on_the_days_that_the_sentences_say(text, first):
    cron = parse(text)
    every = [first + timedelta(days=day) for day in range(35)]
    day_only = " ".join(["0 0", *text.split()[2:]])
    own = set(parse(day_only).times(every[0].timestamp(), (every[-1] + timedelta(1)).timestamp()))
    assert own == {day.timestamp() for day in every if fires(day_only, day)}
    assert cron.schedule.days(first.year, first.month) == [
        day.day for day in every if day.month == first.month and fires(day_only, day)
    ]


@given(expressions, instants, st.integers(1, 600))
@settings(deadline=None)
def test_its_times_are_all_minutes_that_match(text, first, length):
    cron = parse(text)
    every = [first + timedelta(minutes=minute) for minute in range(length)]
    times = list(cron.times(first.timestamp(), (first + timedelta(minutes=length)).timestamp()))
    assert times == [minute.timestamp() for minute in every if cron.matches(minute.timestamp())]
    assert times == [minute.timestamp() for minute in every if fires(text, minute)]
    assert len(times) == cron.count(first.timestamp(), first.timestamp() + length * 60)


@given(expressions, st.integers(0, 4_000_000_000))
@settings(deadline=None)
def test_the_next_time_is_the_least_that_matches(text, instant):
    cron = parse(text)
    following = cron.next_after(instant)
    if following is None:
        assert [notice.id for notice in cron.notices][-1:] == ["cron-never-fires"]
        return
    assert following > instant
    assert following % 60 == 0
    assert cron.matches(following)
    between = range((instant // 60 + 1) * 60, min(int(following), instant + 86_400), 60)
    assert not any(cron.matches(minute) for minute in between)
    assert list(cron.times(instant + 1, following)) == []


@given(expressions, instants, st.integers(1, 6000))
@settings(deadline=None)
def test_it_counts_what_it_fires_over_days(text, first, minutes):
    start, end = first.timestamp(), first.timestamp() + minutes * 60 + 30
    assert parse(text).count(start, end) == len(list(parse(text).times(start, end)))


def written_out(text: str) -> str:
    """The same expression, of lists alone, with every value of each list."""
    bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7)]
    return " ".join(
        field
        if field == "*"
        else ",".join(str(value) for value in range(low, high + 1) if in_list(value, field, low, high, []))
        for field, (low, high) in zip(text.split(), bounds, strict=True)
    )


@given(
    st.tuples(*(field(low, high, []) for low, high in ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7)))).map(
        " ".join
    )
)
@settings(deadline=None)
def test_an_expression_and_its_values_written_out_have_the_same_schedule(text):
    assert parse(written_out(text)).schedule == parse(text).schedule


@given(st.text(alphabet="0123456789*/-,LW# SUNMONjan?", max_size=20))
@settings(deadline=None)
def test_any_text_is_taken_or_refused_in_words(text):
    try:
        said = parse(text).text
    except BadCron as bad:
        said = str(bad).removeprefix("invalid cron string: ") if bad.hint else "no hint"
    assert said == text


@pytest.mark.parametrize("text", ["0 0 31W 11 *", "0 0 30W 2 *"])
def test_the_saturday_after_the_last_day_of_a_month_has_that_day_for_its_neighbour(text):
    fired = [datetime.fromtimestamp(at, UTC) for at in parse(text).times(0, 2e9)]
    assert fired
    assert all((at.isoweekday(), (at + timedelta(1)).day) == (5, 1) for at in fired)
