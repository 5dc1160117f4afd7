"""`Date.parse` as V8 has it: ISO 8601, and rules of its own for every other text.

The runtime's simulator reads Expires and Date with it: "2027", "24 Nov 2026" and the dates of RFC 850 are
dates to it. A text without a zone is UTC, the zone of a Worker. Source: V8, src/date/dateparser-inl.h.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from edgeday.clock import DAY_S

_ISO = re.compile(
    r"(?P<year>[0-9]{4}|\+[0-9]{6}|-(?!0{6})[0-9]{6})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    r"(?P<time>T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?:Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):?(?P<zone_minute>[0-9]{2}))?)?\Z",
    re.IGNORECASE | re.ASCII,
)
_STARTS_ISO_TIME = re.compile(
    r"(?:[0-9]{4}|\+[0-9]{6}|-(?!0{6})[0-9]{6})(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
    r"T(?![A-Z[-`{-~\x80-\U0010ffff])",
    re.IGNORECASE | re.ASCII,
)
_TOKEN = re.compile(r"([0-9]+)|((?:(?![\s\ufeff])[A-Z[-`a-z{-\U0010ffff])+)|([\s\ufeff])|(.)", re.DOTALL)
_ISO_YEAR = re.compile(r"(?:[0-9]{4}|[+-][0-9]{6})(?![0-9])")
_SIGNIFICANT_DIGITS = 9

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HALF_DAYS = {"am": 0, "pm": 12}
_ZONES = {
    "ut": 0, "utc": 0, "z": 0, "gmt": 0, "cdt": -5, "cst": -6, "edt": -4, "est": -5, "mdt": -6, "mst": -7,
    "pdt": -7, "pst": -8,
}  # fmt: skip

_LAST_S = 100_000_000 * DAY_S
"""The furthest second from 1970 that a JavaScript date can name."""
_YEARS_OF_A_CYCLE, _DAYS_OF_A_CYCLE = 400, 146_097


class _NoDate(Exception):
    """The text is no date."""


class _Token(NamedTuple):
    """kind: "number", "word", "space", "symbol" or "end"; number: its value, of the first nine digits."""

    kind: str
    text: str = ""
    number: int = 0


_END = _Token("end")


def parse_date(text: str) -> float | None:
    """Epoch seconds of what JavaScript takes for a date, None for what it does not."""
    iso = _ISO.match(text)
    try:
        if iso is not None and _iso_is_in_range(iso):
            return _iso_date(iso)
        if _STARTS_ISO_TIME.match(text):
            return None
        return _Reading(text).read()
    except _NoDate:
        return None


def seconds_of(year: int, month: int, day: int, second_of_day: float) -> float:
    """Epoch seconds in the Gregorian calendar, for any year; 31 November is 1 December.

    Raises ValueError beyond what a JavaScript date can name.
    """
    cycles, year_of_cycle = divmod(year - 2000, _YEARS_OF_A_CYCLE)
    days = date(2000 + year_of_cycle, month, 1).toordinal() - date(1970, 1, 1).toordinal()
    seconds = (days + cycles * _DAYS_OF_A_CYCLE + day - 1) * DAY_S + second_of_day
    if abs(seconds) > _LAST_S:
        raise ValueError("no date that JavaScript can name")
    return seconds


def _checked(year: int, month: int, day: int, second_of_day: float) -> float:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise _NoDate
    try:
        return seconds_of(year, month, day, second_of_day)
    except ValueError:
        raise _NoDate from None


def _second_of_day(hour: int, minute: int, second: int, millisecond: int) -> float:
    """24:00:00 is the end of the day; there is no leap second."""
    if not (hour <= 23 and minute <= 59 and second <= 59 and millisecond <= 999) and (
        (hour, minute, second, millisecond) != (24, 0, 0, 0)
    ):
        raise _NoDate
    return hour * 3600 + minute * 60 + second + millisecond / 1000


def _milliseconds(digits: str) -> int:
    return int(digits[:3].ljust(3, "0"))


def _iso_is_in_range(iso: re.Match[str]) -> bool:
    """Whether the month and the day are such; else the text is no ISO date, but may be another."""
    return 1 <= int(iso["month"] or 1) <= 12 and 1 <= int(iso["day"] or 1) <= 31


def _iso_date(iso: re.Match[str]) -> float:
    of_day = 0.0
    if iso["time"]:
        of_day = _second_of_day(
            int(iso["hour"]),
            int(iso["minute"]),
            int(iso["second"] or 0),
            _milliseconds(iso["fraction"] or "0"),
        )
    if iso["sign"]:
        hours, minutes = int(iso["zone_hour"]), int(iso["zone_minute"])
        if hours > 23 or minutes > 59:
            raise _NoDate
        of_day -= (hours * 3600 + minutes * 60) * (-1 if iso["sign"] == "-" else 1)
    return _checked(int(iso["year"]), int(iso["month"] or 1), int(iso["day"] or 1), of_day)


def _tokens(text: str) -> list[_Token]:
    """The tokens; text in parentheses is one symbol, as long as it takes to close them."""
    tokens, at = [], 0
    while at < len(text):
        if text[at] == "(":
            depth = 0
            while at < len(text):
                depth += (text[at] == "(") - (text[at] == ")")
                at += 1
                if not depth:
                    break
            tokens.append(_Token("symbol", "()"))
            continue
        match = _TOKEN.match(text, at)
        assert match is not None
        at = match.end()
        number, word, space, _ = match.groups()
        if number:
            tokens.append(_Token("number", number, int(number.lstrip("0")[:_SIGNIFICANT_DIGITS] or 0)))
        elif word:
            tokens.append(_Token("word", word.lower()))
        else:
            tokens.append(_Token("space" if space else "symbol", match[0]))
    return tokens


class _Reading:
    """One text while it is read by the rules for texts that are not ISO 8601."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._day: list[int] = []
        self._month: int | None = None
        self._time: list[int] = []
        self._half_day: int | None = None
        self._sign = 0
        self._zone_hour: int | None = None
        self._zone_minute: int | None = None
        self._has_number = False
        self._read_iso_start(text)

    def read(self) -> float:
        """Epoch seconds; raises _NoDate."""
        while (token := self._next()).kind != "end":
            if token.kind == "number":
                self._has_number = True
                self._number(token)
            elif token.kind == "word":
                self._word(token.text)
            elif token.text in "+-" and (self._is_utc or self._time):
                self._offset(token.text)
            elif token.text in "+-)" and token.kind == "symbol" and self._has_number:
                raise _NoDate
        return self._written()

    def _read_iso_start(self, text: str) -> None:
        """A year, month and day as ISO 8601 has them are such, whatever follows."""
        year = _ISO_YEAR.match(text)
        if year is None:
            return
        self._at = 1 if year[0].isdigit() else 2
        if year[0] == "-000000":
            return
        self._has_number = True
        self._day.append(int(year[0]))
        for highest in (12, 31):
            if not self._skip("-"):
                return
            part = self._peek()
            if len(part.text) != 2 or part.kind != "number" or not 1 <= part.number <= highest:
                return
            self._day.append(self._next().number)

    def _peek(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self) -> _Token:
        token = self._peek()
        self._at += 1
        return token

    def _skip(self, symbol: str) -> bool:
        """Go past a symbol if it is next."""
        if self._peek().text != symbol:
            return False
        self._at += 1
        return True

    @property
    def _is_utc(self) -> bool:
        return self._zone_hour == 0 and self._zone_minute == 0

    def _expects(self, number: int) -> bool:
        """Whether a number can be the next part of the time: minute, second, millisecond."""
        parts = len(self._time)
        return 0 < parts < 4 and number <= (0, 59, 59, 999)[parts]

    def _add_time(self, number: int) -> None:
        if len(self._time) == 4:
            raise _NoDate
        self._time.append(number)

    def _finish_time(self, number: int) -> None:
        self._time = [*self._time, number, 0, 0, 0][:4]

    def _number(self, token: _Token) -> None:
        number = token.number
        if self._skip(":"):
            if self._skip(":"):
                if self._time:
                    raise _NoDate
                self._time += [number, 0]
            else:
                self._add_time(number)
                self._skip(".")
        elif self._skip(".") and self._expects(number):
            self._add_time(number)
            fraction = self._next()
            if fraction.kind != "number":
                raise _NoDate
            self._finish_time(_milliseconds(fraction.text))
        elif self._zone_hour is not None and self._zone_minute is None and number <= 59:
            self._zone_minute = number
        elif self._expects(number):
            self._finish_time(number)
            after = self._peek()
            if after.kind not in ("end", "space") and after.text not in ("z", "+", "-"):
                raise _NoDate
        else:
            if len(self._day) == 3:
                raise _NoDate
            self._day.append(number)
            self._skip("-")

    def _word(self, word: str) -> None:
        if word in _HALF_DAYS and self._time:
            self._half_day = _HALF_DAYS[word]
        elif word[:3] in _MONTHS:
            self._month = _MONTHS.index(word[:3]) + 1
            self._skip("-")
        elif word in _ZONES and self._has_number:
            hours = _ZONES[word]
            self._sign, self._zone_hour, self._zone_minute = (-1 if hours < 0 else 1), abs(hours), 0
        elif self._has_number or self._peek().kind == "number":
            raise _NoDate

    def _offset(self, sign: str) -> None:
        """What follows a sign after a time or UTC: hours and minutes from UTC."""
        self._sign = -1 if sign == "-" else 1
        digits, number = 0, 0
        if self._peek().kind == "number":
            token = self._next()
            digits, number = len(token.text), token.number
        self._has_number = True
        if self._peek().text == ":":
            self._zone_hour, self._zone_minute = number, None
        elif digits in (1, 2):
            self._zone_hour, self._zone_minute = number, 0
        elif digits in (3, 4):
            self._zone_hour, self._zone_minute = divmod(number, 100)
        else:
            raise _NoDate

    def _written(self) -> float:
        year, month, day = self._date()
        if 0 <= year <= 49:
            year += 2000
        elif 50 <= year <= 99:
            year += 1900
        hour, minute, second, millisecond = self._time + [0] * (4 - len(self._time))
        if self._half_day is not None:
            if hour > 12:
                raise _NoDate
            hour = hour % 12 + self._half_day
        of_day = _second_of_day(hour, minute, second, millisecond)
        of_day -= self._sign * ((self._zone_hour or 0) * 3600 + (self._zone_minute or 0) * 60)
        return _checked(year, month, day, of_day)

    def _date(self) -> tuple[int, int, int]:
        """Year, month and day, whichever order they were written in; what is missing is 1."""
        if not self._day:
            raise _NoDate
        first, second, third = self._day + [1] * (3 - len(self._day))
        first_is_day = 1 <= first <= 31
        if self._month is None:
            return (third, first, second) if first_is_day else (first, second, third)
        return (second, self._month, first) if first_is_day else (first, self._month, second)
