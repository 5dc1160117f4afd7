"""A whole expression: its parsing, and the minutes in which it fires.

A day counts if both day fields are `*`; if only one of them is, the other decides; with both restricted,
either of them suffices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime
from typing import NamedTuple

from edgeday.clock import DAY_S, utc
from edgeday.cron.days import DayRule, EveryDay, Month, parse_month_days, parse_weekdays
from edgeday.cron.fields import FIELDS, HOUR, MINUTE, MONTH, BadCron, Field
from edgeday.cron.items import BadField, Item, parse_list
from edgeday.cron.notices import NEVER_FIRES, Notice, weekday_numbers, wrapping_ranges

_CALENDAR_YEARS = 400
"""After so many years the calendar begins again: what has not fired by then never does."""
_EPOCH = date(1970, 1, 1).toordinal()
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * SUN",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class Schedule(NamedTuple):
    """What an expression stands for; two expressions with the same schedule are duplicates to Cloudflare."""

    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: DayRule
    months: frozenset[int]
    weekdays: DayRule

    def days(self, year: int, month: int) -> list[int]:
        """The days of a month on which it fires, in order."""
        if month not in self.months:
            return []
        this = Month.of(year, month)
        rules = [rule for rule in (self.month_days, self.weekdays) if not isinstance(rule, EveryDay)]
        return sorted(frozenset().union(*(rule.days(this) for rule in rules)) if rules else this.days)

    @property
    def a_day(self) -> int:
        """How often it fires on a day on which it does."""
        return len(self.hours) * len(self.minutes)

    @property
    def ever(self) -> bool:
        """Whether there is a day on which it fires, in all the calendar."""
        return any(
            self.days(year, month) for year in range(2000, 2000 + _CALENDAR_YEARS) for month in self.months
        )


@dataclass(frozen=True, slots=True)
class Cron:
    """An expression that Cloudflare takes. text: as it was written. notices: what it may be mistaken for."""

    text: str
    schedule: Schedule
    notices: tuple[Notice, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notices in words."""
        return tuple(notice.text for notice in self.notices)

    def matches(self, epoch_s: float) -> bool:
        """Whether it fires in the minute that an instant lies in."""
        at, schedule = utc(epoch_s), self.schedule
        return (
            at.minute in schedule.minutes
            and at.hour in schedule.hours
            and at.day in schedule.days(at.year, at.month)
        )

    def next_after(self, epoch_s: float) -> float | None:
        """The first instant after another at which it fires, epoch seconds at second 0 of a minute; None: it
        never does."""
        return next(self._from(int(epoch_s // 60) * 60 + 60), None)

    def times(self, start: float, end: float) -> Iterator[float]:
        """When it fires from `start` on and before `end`, in order; epoch seconds at second 0 of minutes."""
        for at in self._from(-int(-start // 60) * 60):
            if at >= end:
                return
            yield at

    def count(self, start: float, end: float) -> int:
        """How often it fires from `start` on and before `end`; looks at the days between, not at minutes."""
        first, last = -int(-start // DAY_S), int(end // DAY_S)
        if first >= last:
            return sum(1 for _ in self.times(start, end))
        edges = (*self.times(start, first * DAY_S), *self.times(last * DAY_S, end))
        return len(edges) + self._days_between(first, last) * self.schedule.a_day

    def _days_between(self, first: int, last: int) -> int:
        """On how many days it fires, from one up to and without another; numbered from 1970-01-01."""
        begins, ends = utc(first * DAY_S), utc((last - 1) * DAY_S)
        total = 0
        for year in range(begins.year, ends.year + 1):
            for month in self.schedule.months:
                if (begins.year, begins.month) <= (year, month) <= (ends.year, ends.month):
                    numbers = (date(year, month, day).toordinal() for day in self.schedule.days(year, month))
                    total += sum(first <= number - _EPOCH < last for number in numbers)
        return total

    def _from(self, first: int) -> Iterator[float]:
        """When it fires from a whole minute on."""
        begins, minutes, hours = utc(first).year, sorted(self.schedule.minutes), sorted(self.schedule.hours)
        for year in range(begins, min(begins + _CALENDAR_YEARS, MAXYEAR) + 1):
            for month in sorted(self.schedule.months):
                for day in self.schedule.days(year, month):
                    midnight = int(datetime(year, month, day, tzinfo=UTC).timestamp())
                    if midnight + DAY_S <= first:
                        continue
                    of_day = (midnight + hour * 3600 + minute * 60 for hour in hours for minute in minutes)
                    yield from (float(at) for at in of_day if at >= first)


def parse(text: str) -> Cron:
    """Read an expression. Raises BadCron, in Cloudflare's words and with a hint, for what it refuses."""
    try:
        return _parse(text)
    except BadField as bad:
        raise BadCron(text, str(bad)) from None


def _parse(text: str) -> Cron:
    minute, hour, month_day, month, weekday = _fields(text)
    minutes, hours, months = _items(minute, MINUTE), _items(hour, HOUR), _items(month, MONTH)
    month_days, weekdays = parse_month_days(month_day), parse_weekdays(weekday)
    schedule = Schedule(
        _values(minutes, MINUTE),
        _values(hours, HOUR),
        month_days.rule,
        _values(months, MONTH),
        weekdays.rule,
    )
    notices = [*weekday_numbers(weekday, weekdays)]
    for field, items in zip(FIELDS, (minutes, hours, month_days.items, months, weekdays.items), strict=True):
        notices += wrapping_ranges(items, field)
    if not schedule.ever:
        notices.append(NEVER_FIRES)
    return Cron(text, schedule, tuple(notices))


def _fields(text: str) -> list[str]:
    """The five texts. Raises BadField with what else the text may be."""
    if macro := _MACROS.get(text.strip().lower()):
        raise BadField(f"there are no names for whole expressions: write {macro}")
    if text != text.strip():
        raise BadField("no blanks or line ends may stand before or behind the five fields")
    fields = re.split(r"[ \t]+", text)
    if len(fields) != len(FIELDS):
        order = "minute, hour, day of the month, month, weekday"
        more = "; there is none for seconds or years" if len(fields) > len(FIELDS) else ""
        raise BadField(f"five fields are needed ({order}), these are {len(fields) if text else 0}{more}")
    return fields


def _items(text: str, field: Field) -> tuple[Item, ...]:
    """The items of a field without special forms; none for a bare `*`."""
    return () if text == "*" else parse_list(text, field)


def _values(items: tuple[Item, ...], field: Field) -> frozenset[int]:
    if not items:
        return frozenset(range(field.low, field.high + 1))
    return frozenset().union(*(item.values(field) for item in items))
