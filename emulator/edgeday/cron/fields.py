"""The five fields of an expression: which values each has, under which names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

INVALID_CODE = 10100
"""The code with which Cloudflare's API refuses an expression (observed 2025-04 to 2026-09)."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class BadCron(ValueError):
    """An expression that Cloudflare refuses, in its words. hint: what is wrong, and what to write."""

    code = INVALID_CODE

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(f"invalid cron string: {text}")
        self.text = text
        self.hint = hint

    @property
    def with_hint(self) -> str:
        """Cloudflare's words, and what is wrong."""
        return f"{self}: {self.hint}" if self.hint else str(self)


class Field(NamedTuple):
    """One of the five. low, high: its values, both included. names: of its values, in capitals."""

    name: str
    low: int
    high: int
    names: Mapping[str, int] = {}

    @property
    def longest_step(self) -> int:
        """The largest step that may be written; the smallest is 1."""
        return self.high - self.low

    @property
    def rule(self) -> str:
        """Its values in words."""
        return {
            "month": "months are 1 to 12 or JAN to DEC",
            "weekday": "weekdays are 1 (Sunday) to 7 (Saturday) or SUN to SAT",
            "day of the month": "days of the month are 1 to 31",
        }.get(self.name, f"{self.name}s are {self.low} to {self.high}")


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
MONTH_DAY = Field("day of the month", 1, 31)
MONTH = Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)})
WEEKDAY = Field("weekday", 1, 7, {name: number for number, name in enumerate(_WEEKDAYS, 1)})
FIELDS = (MINUTE, HOUR, MONTH_DAY, MONTH, WEEKDAY)
"""In the order in which they are written."""
