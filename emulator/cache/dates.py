"""Dates in HTTP headers: how they are written, and read strictly or leniently."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IMF_FIXDATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) "
    rf"({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT\Z",
    re.ASCII,
)


@lru_cache(maxsize=64)
def imf_fixdate(epoch_s: int) -> str:
    """Text such as `Wed, 01 May 2024 10:20:30 GMT`."""
    return formatdate(epoch_s, usegmt=True)


def strict_date(text: str) -> float | None:
    """Epoch seconds of an IMF-fixdate, None for any other text; the weekday is not checked."""
    found = _IMF_FIXDATE.match(text)
    if found is None:
        return None
    day, month, year, hour, minute, second = found.groups()
    try:
        moment = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        return None
    return moment.timestamp()


def lenient_date(text: str) -> float | None:
    """Epoch seconds of a date in any of the formats of HTTP and mail, or in ISO 8601; None if it is none.

    A date without a zone is UTC.
    """
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(text)
        except (TypeError, ValueError, OverflowError):
            continue
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    return None
