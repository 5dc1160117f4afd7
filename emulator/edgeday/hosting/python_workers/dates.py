"""Dates: epoch milliseconds, read and changed in UTC, which is the only time zone of a Worker."""

from __future__ import annotations

import math
from typing import Any

from edgeday.hosting.python_workers.arrays import text_of
from edgeday.hosting.python_workers.functions import JsFunction
from edgeday.hosting.python_workers.proxies import JsException, JsProxy, jsnull
from edgeday.web import ambient
from edgeday.web.javascript import to_number
from edgeday.web.javascript_date import parse_date
from edgeday.web.json_text import as_pyodide

_DAY = 86_400_000
_MOST = 8.64e15
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIELDS = ("FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds")


def _days(year: int, month: int) -> int:
    """Days from 1970-01-01 to the first of a month (0 to 11), in the proleptic Gregorian calendar."""
    years = year - (month < 2)
    cycle, rest = divmod(years, 400)
    day = (153 * ((month - 2) % 12) + 2) // 5
    return cycle * 146097 + rest * 365 + rest // 4 - rest // 100 + day - 719468


def _date(days: int) -> tuple[int, int, int]:
    """Year, month (0 to 11) and day of the month, of days since 1970-01-01."""
    cycle, rest = divmod(days + 719468, 146097)
    year = (rest - rest // 1460 + rest // 36524 - rest // 146096) // 365
    day = rest - (365 * year + year // 4 - year // 100)
    month = (5 * day + 2) // 153
    shown = (month + 2) % 12
    return year + cycle * 400 + (shown < 2), shown, day - (153 * month + 2) // 5 + 1


def _whole(values: list[Any]) -> list[int] | None:
    numbers = [to_number(value) for value in values]
    return [int(value) for value in numbers] if all(map(math.isfinite, numbers)) else None


def from_fields(values: list[Any]) -> float:
    """Epoch milliseconds of year, month (from 0), day, hours, minutes, seconds and milliseconds; what is too
    large carries over. NaN if one is no number."""
    whole = _whole(values)
    if whole is None:
        return math.nan
    year, month, day, hours, minutes, seconds, milliseconds = whole + [0, 0, 1, 0, 0, 0, 0][len(whole) :]
    years, month = divmod(month, 12)
    total = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
    return float((_days(year + years, month) + day - 1) * _DAY + total)


class JsDate(JsProxy):
    """A Date. `getHours` and `getUTCHours` (and so on) are the same."""

    js_class = "Date"
    __slots__ = ("_ms",)
    _ms: float

    def __init__(self, ms: float) -> None:
        self._ms = math.nan if not abs(ms) <= _MOST else float(math.trunc(ms))

    def _fields(self) -> list[int]:
        days, rest = divmod(int(self._ms), _DAY)
        year, month, day = _date(days)
        seconds, milliseconds = divmod(rest, 1000)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return [year, month, day, hours, minutes, seconds, milliseconds]

    def __getattr__(self, name: str) -> Any:
        field = name[3:].removeprefix("UTC")
        if name.startswith("get") and field == "Day":
            return lambda: self._get(lambda: (int(self._ms) // _DAY + 4) % 7)
        if field in _FIELDS and name.startswith("get"):
            return lambda: self._get(lambda: self._fields()[_FIELDS.index(field)])
        if field in _FIELDS and name.startswith("set"):
            return lambda *values: self._set(_FIELDS.index(field), values)
        return super().__getattr__(name)

    def _get(self, read: Any) -> Any:
        return math.nan if math.isnan(self._ms) else read()

    def _set(self, first: int, values: tuple[Any, ...]) -> Any:
        fields: list[Any] = [1970, 0, 1, 0, 0, 0, 0] if math.isnan(self._ms) and not first else self._fields()
        fields[first : first + len(values)] = values
        return self.setTime(from_fields(fields[:7]))

    def setTime(self, ms: Any) -> Any:
        """Put another instant in its place."""
        self.__init__(to_number(ms))  # type: ignore[misc]
        return self.getTime()

    def getTime(self) -> Any:
        """Epoch milliseconds; NaN for no date."""
        return self._ms if math.isnan(self._ms) else as_pyodide(self._ms)

    valueOf = getTime

    def __lt__(self, other: JsDate) -> bool:
        return self._ms < other._ms

    def __gt__(self, other: JsDate) -> bool:
        return self._ms > other._ms

    def getTimezoneOffset(self) -> int:
        """Minutes between this time zone and UTC: none."""
        return 0

    def toISOString(self) -> str:
        """The instant as `2026-05-04T00:00:00.000Z`. Raises RangeError for no date."""
        if math.isnan(self._ms):
            raise JsException("RangeError", "Invalid time value")
        year, month, day, hours, minutes, seconds, milliseconds = self._fields()
        shown = f"{year:04d}" if 0 <= year <= 9999 else f"{year:+07d}"
        return (
            f"{shown}-{month + 1:02d}-{day:02d}T{hours:02d}:{minutes:02d}:{seconds:02d}.{milliseconds:03d}Z"
        )

    def toJSON(self, _key: Any = None) -> Any:
        """`toISOString`, or null for no date."""
        return jsnull if math.isnan(self._ms) else self.toISOString()

    def _json(self) -> Any:
        return None if math.isnan(self._ms) else self.toISOString()

    def _shown(self, form: str) -> str:
        if math.isnan(self._ms):
            return "Invalid Date"
        year, month, day, hours, minutes, seconds, _ = self._fields()
        return form.format(
            week=_DAYS[(int(self._ms) // _DAY + 4) % 7],
            month=_MONTHS[month], number=month + 1, day=day, year=year,
            time=f"{hours:02d}:{minutes:02d}:{seconds:02d}",
            clock=f"{hours % 12 or 12}:{minutes:02d}:{seconds:02d} {'AM' if hours < 12 else 'PM'}",
        )  # fmt: skip

    def toString(self) -> str:
        """`Mon May 04 2026 00:00:00 GMT+0000 (Coordinated Universal Time)`."""
        return self._shown("{week} {month} {day:02d} {year:04d} {time} GMT+0000 (Coordinated Universal Time)")

    def toUTCString(self) -> str:
        """`Mon, 04 May 2026 00:00:00 GMT`, as HTTP has it."""
        return self._shown("{week}, {day:02d} {month} {year:04d} {time} GMT")

    def toDateString(self) -> str:
        """`Mon May 04 2026`."""
        return self._shown("{week} {month} {day:02d} {year:04d}")

    def toTimeString(self) -> str:
        """`00:00:00 GMT+0000 (Coordinated Universal Time)`."""
        return self._shown("{time} GMT+0000 (Coordinated Universal Time)")

    def toLocaleString(self, *_: Any) -> str:
        """`5/4/2026, 12:00:00 AM`, whatever the locale."""
        return self._shown("{number}/{day}/{year}, {clock}")

    def toLocaleDateString(self, *_: Any) -> str:
        """`5/4/2026`."""
        return self._shown("{number}/{day}/{year}")

    def toLocaleTimeString(self, *_: Any) -> str:
        """`12:00:00 AM`."""
        return self._shown("{clock}")


def _parse(text: Any) -> float:
    seconds = parse_date(text_of(text))
    return math.nan if seconds is None else seconds * 1000


def new_date(*args: Any) -> JsDate:
    """`new Date()`, `new Date(ms)`, `new Date(text)`, `new Date(date)` or `new Date(year, month, ...)`."""
    if not args:
        return JsDate(ambient.now_ms())
    if len(args) > 1:
        return JsDate(from_fields(list(args)))
    value = args[0]
    if isinstance(value, JsDate):
        return JsDate(value._ms)
    if isinstance(value, str):
        return JsDate(_parse(value))
    return JsDate(math.nan if value is None else to_number(None if value is jsnull else value))


def _shown_number(ms: float) -> Any:
    return ms if math.isnan(ms) else as_pyodide(ms)


DATE = JsFunction(
    "Date", lambda *_: JsDate(ambient.now_ms()).toString(), None, new=new_date,
    now=JsFunction("now", ambient.now_ms, 0),
    parse=JsFunction("parse", lambda text: _shown_number(_parse(text))),
    UTC=JsFunction("UTC", lambda *values: _shown_number(from_fields(list(values))), None),
)  # fmt: skip
"""The class, as `js` has it."""
