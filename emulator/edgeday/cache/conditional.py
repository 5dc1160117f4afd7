"""How a stored response answers a request with conditions or a range. Pure, each answer with its reason.

The order is the simulator's (recorded from workerd 1.20260426.1): a Range that cannot be satisfied,
then If-None-Match, then If-Modified-Since, then Range. If-Range is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from edgeday.cache.ranges import ByteRange, parse_ranges
from edgeday.web.javascript_date import parse_date

CONDITIONS = ("if-none-match", "if-modified-since", "range")
"""The request headers that a match looks at."""

_IMF_FIXDATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d:\d\d GMT\Z",
    re.ASCII,
)
_ETAG = re.compile(r'\s*(?:W/)?"(.+)"\s*\Z')


class Answer(NamedTuple):
    """What to answer.

    status: 304, 206 or 416; None: the stored response as it is. ranges: the parts of the body for a 206.
    reason: why, in words.
    """

    status: int | None
    reason: str
    ranges: tuple[ByteRange, ...] = ()


def answer(request: Mapping[str, str], stored: Mapping[str, str], size_bytes: int) -> Answer:
    """Decide the answer from the headers of the request and of the stored response."""
    ranges: tuple[ByteRange, ...] = ()
    header = request.get("range")
    if header:
        parsed = parse_ranges(header, size_bytes)
        if parsed is None:
            return Answer(416, f"416: no such range of {size_bytes} bytes: {header}")
        ranges = parsed
    if _none_match(request.get("if-none-match"), stored.get("etag")):
        return Answer(304, "304: If-None-Match names the stored ETag")
    if _unmodified(request.get("if-modified-since"), stored.get("last-modified")):
        return Answer(304, "304: not modified since If-Modified-Since")
    if ranges:
        return Answer(206, f"206: {header}", ranges)
    return Answer(None, "")


def _none_match(condition: str | None, etag: str | None) -> bool:
    """Whether If-None-Match names the ETag; weak and strong compare alike, `*` names any."""
    stored = None if etag is None else _ETAG.match(etag)
    if condition is None or stored is None:
        return False
    if condition.strip() == "*":
        return True
    named = (_ETAG.match(part) for part in condition.split(","))
    return any(one is not None and one[1] == stored[1] for one in named)


def _unmodified(condition: str | None, last_modified: str | None) -> bool:
    """Whether the entry was last changed at or before If-Modified-Since; only IMF-fixdates are read."""
    if condition is None or last_modified is None:
        return False
    changed_s, since_s = strict_date(last_modified), strict_date(condition)
    return changed_s is not None and since_s is not None and changed_s <= since_s


def strict_date(text: str) -> float | None:
    """Epoch seconds of an IMF-fixdate, None for any other text; the weekday is not checked."""
    return parse_date(text) if _IMF_FIXDATE.match(text) else None
