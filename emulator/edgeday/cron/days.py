"""Which days of a month the two day fields stand for."""

from __future__ import annotations

import re
from calendar import SATURDAY, SUNDAY, monthrange
from typing import NamedTuple

from edgeday.cron.fields import MONTH_DAY, WEEKDAY
from edgeday.cron.items import BadField, Item, parse_list, parse_value, whole_number


class Month(NamedTuple):
    """One month of one year. first: the weekday of its 1st, from 0 (Monday). length: its days."""

    first: int
    length: int

    @classmethod
    def of(cls, year: int, month: int) -> Month:
        return cls(*monthrange(year, month))

    def weekday(self, day: int) -> int:
        """The weekday of a day of it, from 0 (Monday)."""
        return (self.first + day - 1) % 7

    def days_on(self, weekday: int) -> list[int]:
        """Its days that are such a weekday (1 is Sunday)."""
        return [day for day in self.days if self.weekday(day) == (weekday - 2) % 7]

    @property
    def days(self) -> range:
        return range(1, self.length + 1)

    def nearest_workday(self, day: int) -> int:
        """The day from Monday to Friday that is nearest to one of it, within it; 0 if there is none.

        Of the day after its last one, if that is a Saturday, it is the last, as in the platform's parser.
        """
        weekday = self.weekday(day)
        if weekday == SATURDAY:
            day += 2 if day == 1 else -1
        elif weekday == SUNDAY:
            day += -2 if day == self.length else 1
        return day if day in self.days else 0


class EveryDay(NamedTuple):
    """A bare `*`: the other day field decides alone."""

    def days(self, month: Month) -> frozenset[int]:
        return frozenset(month.days)


class MonthDays(NamedTuple):
    """Days by number."""

    numbers: frozenset[int]

    def days(self, month: Month) -> frozenset[int]:
        return self.numbers.intersection(month.days)


class BeforeLast(NamedTuple):
    """So many days before the last one; 0: the last."""

    before: int

    def days(self, month: Month) -> frozenset[int]:
        return frozenset({month.length - self.before}).intersection(month.days)


class Workday(NamedTuple):
    """The day from Monday to Friday nearest to a day: to one by number, or to one counted from the last."""

    number: int
    from_last: bool

    def days(self, month: Month) -> frozenset[int]:
        day = month.length - self.number if self.from_last else self.number
        return frozenset({month.nearest_workday(day) if day > 0 else 0}).intersection(month.days)


class Weekdays(NamedTuple):
    """Weekdays by number, 1 is Sunday."""

    numbers: frozenset[int]

    def days(self, month: Month) -> frozenset[int]:
        return frozenset(day for number in self.numbers for day in month.days_on(number))


class LastWeekday(NamedTuple):
    """The last such weekday of a month."""

    number: int

    def days(self, month: Month) -> frozenset[int]:
        return frozenset(month.days_on(self.number)[-1:])


class NthWeekday(NamedTuple):
    """The nth such weekday of a month; not every month has five."""

    number: int
    nth: int

    def days(self, month: Month) -> frozenset[int]:
        return frozenset(month.days_on(self.number)[self.nth - 1 : self.nth])


DayRule = EveryDay | MonthDays | BeforeLast | Workday | Weekdays | LastWeekday | NthWeekday

_FROM_LAST = re.compile(r"L(?:-(?P<before>[0-9]+))?(?P<workday>W?)")
_NEAREST = re.compile(r"(?P<day>[0-9]+)W")
_LAST_WEEKDAY = re.compile(r"(?P<day>[0-9]+|[A-Za-z]{3})L")
_NTH_WEEKDAY = re.compile(r"(?P<day>[0-9]+|[A-Za-z]{3})#(?P<nth>[0-9]+)")


class DayField(NamedTuple):
    """A day field as it is written. items: its list, empty for the other forms. number: of the weekday in
    `6L` and `6#1`, where it is written as a number; else 0."""

    rule: DayRule
    items: tuple[Item, ...] = ()
    number: int = 0


def parse_month_days(text: str) -> DayField:
    """The field of the days of the month. Raises BadField."""
    if text == "*":
        return DayField(EveryDay())
    if match := _FROM_LAST.fullmatch(text):
        before = _counted(match["before"], 30, "L-n counts 1 to 30 days back") if match["before"] else 0
        return DayField(Workday(before, from_last=True) if match["workday"] else BeforeLast(before))
    if match := _NEAREST.fullmatch(text):
        return DayField(Workday(parse_value(match["day"], MONTH_DAY), from_last=False))
    items = parse_list(text, MONTH_DAY)
    return DayField(MonthDays(frozenset().union(*(item.values(MONTH_DAY) for item in items))), items)


def parse_weekdays(text: str) -> DayField:
    """The field of the weekdays. Raises BadField."""
    if text == "*":
        return DayField(EveryDay())
    if text == "L":
        return DayField(Weekdays(frozenset({WEEKDAY.high})))
    if match := _LAST_WEEKDAY.fullmatch(text):
        day = parse_value(match["day"], WEEKDAY)
        return DayField(LastWeekday(day), number=day if match["day"].isdigit() else 0)
    if match := _NTH_WEEKDAY.fullmatch(text):
        day = parse_value(match["day"], WEEKDAY)
        nth = _counted(match["nth"], 5, "a month has the 1st to the 5th of a weekday")
        return DayField(NthWeekday(day, nth), number=day if match["day"].isdigit() else 0)
    items = parse_list(text, WEEKDAY)
    return DayField(Weekdays(frozenset().union(*(item.values(WEEKDAY) for item in items))), items)


def _counted(text: str, most: int, rule: str) -> int:
    number = whole_number(text)
    if not 1 <= number <= most:
        raise BadField(f"{rule}; this is {text}")
    return number
