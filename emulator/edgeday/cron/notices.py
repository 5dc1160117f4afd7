"""What an expression is easily mistaken for: numbers of weekdays, ranges that wrap, dates that never come."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from edgeday.cron.days import DayField, DayRule, LastWeekday, NthWeekday
from edgeday.cron.fields import WEEKDAY, Field
from edgeday.cron.items import Item

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_NAMES = tuple(WEEKDAY.names)
_PLACES = ("first", "second", "third", "fourth", "fifth")
_SHORTEST_RUN = 3
"""From so many neighbours on they are written as a range."""


class Notice(NamedTuple):
    """id: a stable name of its kind, that of the finding it becomes. text: a sentence, with what to write."""

    id: str
    text: str


class Meaning(NamedTuple):
    """What a weekday field means, in words, and how to write it so that everybody reads it alike."""

    words: str
    names: str


def weekday_numbers(text: str, weekdays: DayField) -> Iterator[Notice]:
    """What is to be said of numbers of weekdays: 1 is Monday in a crontab, Sunday on Cloudflare."""
    if weekdays.number:
        meant = _special(weekdays.rule, weekdays.number)
        crontab = _special(weekdays.rule, _in_crontab(weekdays.number))
    elif not weekdays.items:
        return
    else:
        meant = _several(frozenset().union(*(item.values(WEEKDAY) for item in weekdays.items)))
        crontab = _several(frozenset().union(*(_item_in_crontab(item) for item in weekdays.items)))
    if meant != crontab:
        yield Notice(
            "cron-weekday-number",
            f'weekday "{text}" means {meant.words} on Cloudflare, where 1 is Sunday; '
            f"write {crontab.names} if you mean {crontab.words}, {meant.names} if not",
        )


def wrapping_ranges(items: Sequence[Item], field: Field) -> Iterator[Notice]:
    """What is to be said of ranges over the end of a field.

    In the platform's parser they begin one value too early; whether production does so is not known.
    """
    for item in items:
        if item.wraps:
            written = ",".join(_name(value, field, item) for value in item.run(field))
            yield Notice(
                "cron-wrapping-range",
                f'the {field.name} "{item.text}" goes over the end of its field, and Cloudflare may begin '
                f"it one {field.name} too early; write it as a list: {written}",
            )


NEVER_FIRES = Notice("cron-never-fires", "it never fires: there is no such day in any year")
"""What is to be said of an expression whose day comes in no year."""


def _name(value: int, field: Field, item: Item) -> str:
    """A value in the manner in which the item is written."""
    names = {number: name for name, number in field.names.items()}
    return str(value) if item.text[0].isdigit() and field is not WEEKDAY else names.get(value, str(value))


def _in_crontab(number: int) -> int:
    """The weekday (1 is Sunday) that crontab means with a number: 1 is Monday there, 7 Sunday."""
    return number % 7 + 1


def _item_in_crontab(item: Item) -> frozenset[int]:
    """What crontab means with an item; names mean the same, and its week ends with Sunday."""
    start_text, _, end_text = item.text.partition("/")[0].partition("-")
    is_number = start_text.isdigit()
    start = _in_crontab(item.start) if is_number else item.start
    if end_text:
        end = _in_crontab(item.end) if end_text.isdigit() else item.end
    elif item.step is None:
        end = start
    else:
        end = WEEKDAY.low if is_number else item.end
    return item._replace(start=start, end=end).values(WEEKDAY)


def _special(rule: DayRule, number: int) -> Meaning:
    """The meaning of `6L` or `6#1`, with another weekday."""
    day, name = _DAYS[number - 1], _NAMES[number - 1]
    if isinstance(rule, NthWeekday):
        return Meaning(f"the {_PLACES[rule.nth - 1]} {day} of a month", f"{name}#{rule.nth}")
    assert isinstance(rule, LastWeekday)  # no other form has a weekday by itself
    return Meaning(f"the last {day} of a month", f"{name}L")


def _several(numbers: Collection[int]) -> Meaning:
    """The meaning of some weekdays."""
    days = sorted(numbers)
    if len(days) == len(_DAYS):
        return Meaning("every day", "*")
    first, last = days[0], days[-1]
    if len(days) >= _SHORTEST_RUN and last - first == len(days) - 1:
        return Meaning(f"{_DAYS[first - 1]} to {_DAYS[last - 1]}", f"{_NAMES[first - 1]}-{_NAMES[last - 1]}")
    *others, final = (_DAYS[day - 1] for day in days)
    words = f"{', '.join(others)} and {final}" if others else final
    return Meaning(words, ",".join(_NAMES[day - 1] for day in days))
