"""Lists of values, ranges and steps: `5`, `1-5`, `*/15`, `10/5`, `1-9/2`, and several with commas between."""

from __future__ import annotations

import re
from typing import NamedTuple

from edgeday.cron.fields import Field

_VALUE = r"\*|[0-9]+|[A-Za-z]{3}"
_ITEM = re.compile(rf"(?P<start>{_VALUE})(?:-(?P<end>{_VALUE}))?(?:/(?P<step>[0-9]+))?")


class BadField(Exception):
    """What is wrong with one field, in words."""


class Item(NamedTuple):
    """One item of a list. start, end: as values of the field; a single value is its own end, one with a step
    goes on to the end of the field. step: None where none is written."""

    text: str
    start: int
    end: int
    step: int | None

    @property
    def wraps(self) -> bool:
        """Whether the range goes over the end of its field, as FRI-SUN and 22-2 do."""
        return self.start > self.end

    def run(self, field: Field) -> list[int]:
        """What the item stands for, in its order; a range that wraps goes on from the field's first value."""
        if self.wraps:
            run = [*range(self.start, field.high + 1), *range(field.low, self.end + 1)]
        else:
            run = list(range(self.start, self.end + 1))
        return run[:: self.step or 1]

    def values(self, field: Field) -> frozenset[int]:
        """What the item stands for."""
        return frozenset(self.run(field))


def whole_number(text: str) -> int:
    """The number of some digits; of more than three 1000, which no field has."""
    return int(text) if len(text.lstrip("0")) <= 3 else 1000


def parse_value(text: str, field: Field) -> int:
    """A number of the field or one of its names, in any case. Raises BadField."""
    if text.isdigit():
        number = whole_number(text)
        if field.low <= number <= field.high:
            return number
        if field.name == "weekday" and number == 0:
            raise BadField(f"{field.rule}: write 1 or SUN for Sunday")
        raise BadField(f'{field.rule}; this is "{text}"')
    number = field.names.get(text.upper(), -1)
    if number < 0:
        raise BadField(f'{field.rule}; this is "{text}"')
    return number


def parse_list(text: str, field: Field) -> tuple[Item, ...]:
    """The items of a field that is not a bare `*`. Raises BadField."""
    items = text.split(",")
    if len(items) > 1 and items[0] == "*":
        raise BadField(f'"*" is every {field.name} already: nothing may stand behind it')
    return tuple(_parse_item(item, field, first=number == 0) for number, item in enumerate(items))


def _parse_item(text: str, field: Field, *, first: bool) -> Item:
    match = _ITEM.fullmatch(text)
    if match is None:
        raise BadField(_why_no_item(text, field))
    start, end, step = match["start"], match["end"], match["step"]
    if end == "*" or (first and start == "*" and end is not None):
        raise BadField(f'"{text}": a range has a value at both ends')
    low = field.low if start == "*" else parse_value(start, field)
    to = low if step is None else field.high
    high = to if end is None else parse_value(end, field)
    return Item(text, low, high, None if step is None else _parse_step(step, field))


def _parse_step(text: str, field: Field) -> int:
    step = whole_number(text)
    if not 1 <= step <= field.longest_step:
        hint = _ONCE.get((field.name, step), "")
        raise BadField(f"a step in this field is 1 to {field.longest_step}, this is {text}{hint}")
    return step


def _why_no_item(text: str, field: Field) -> str:
    if not text:
        return f"a value is missing in the field of the {field.name}"
    if text == "?":
        return 'there is no "?"; write "*"'
    near = next((name for name in field.names if text.upper().startswith(name)), "")
    if near and text.isalpha():
        return f'names have three letters: write {near} for "{text}"'
    if re.search(r"[LlWw#]", text) and field.name in {"day of the month", "weekday"}:
        return f'"{text}": {_SPECIAL[field.name]}; each stands alone, with capital L and W'
    return f'"{text}" is no {field.name}: {field.rule}'


_ONCE = {
    ("minute", 60): ": write 0 for once an hour",
    ("hour", 24): ": write 0 for once a day",
    ("day of the month", 31): ": write 1 for once a month",
    ("month", 12): ": write 1 for once a year",
    ("weekday", 7): ": write SUN for once a week",
}
"""What a step of a whole field is meant as."""

_SPECIAL = {
    "day of the month": "the forms are L, LW, L-3, L-3W and 15W",
    "weekday": "the forms are L, FRIL (the last Friday) and MON#1 (the first Monday)",
}
