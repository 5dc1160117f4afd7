"""Dates in HTTP headers: how they are written, and read strictly."""

from __future__ import annotations

import re
from email.utils import formatdate
from functools import lru_cache

from edgeday.web.javascript_date import parse_date

_IMF_FIXDATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d:\d\d GMT\Z",
    re.ASCII,
)


@lru_cache(maxsize=64)
def imf_fixdate(epoch_s: int) -> str:
    """Text such as `Wed, 01 May 2024 10:20:30 GMT`."""
    return formatdate(epoch_s, usegmt=True)


def strict_date(text: str) -> float | None:
    """Epoch seconds of an IMF-fixdate, None for any other text; the weekday is not checked."""
    return parse_date(text) if _IMF_FIXDATE.match(text) else None
