"""How a stored response answers a request with conditions or a range. Pure, each answer with its reason.

The order is the simulator's (recorded from workerd 1.20260426.1): a Range that cannot be satisfied,
then If-None-Match, then If-Modified-Since, then Range. If-Range is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from edgeday.cache.dates import strict_date
from edgeday.cache.ranges import ByteRange, parse_ranges

CONDITIONS = ("if-none-match", "if-modified-since", "range")
"""The request headers that a match looks at."""

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
    asked = request.get("range")
    if asked:
        parsed = parse_ranges(asked, size_bytes)
        if parsed is None:
            return Answer(416, f"416: no such range of {size_bytes} bytes: {asked}")
        ranges = parsed
    if _none_match(request.get("if-none-match"), stored.get("etag")):
        return Answer(304, "304: If-None-Match names the stored ETag")
    if _unmodified(request.get("if-modified-since"), stored.get("last-modified")):
        return Answer(304, "304: not modified since If-Modified-Since")
    if ranges:
        return Answer(206, f"206: {asked}", ranges)
    return Answer(None, "")


def _none_match(asked: str | None, etag: str | None) -> bool:
    """Whether If-None-Match names the ETag; weak and strong compare alike, `*` names any."""
    stored = None if etag is None else _ETAG.match(etag)
    if asked is None or stored is None:
        return False
    if asked.strip() == "*":
        return True
    named = (_ETAG.match(part) for part in asked.split(","))
    return any(one is not None and one[1] == stored[1] for one in named)


def _unmodified(asked: str | None, last_modified: str | None) -> bool:
    """Whether the entry was last changed at or before If-Modified-Since; only IMF-fixdates are read."""
    if asked is None or last_modified is None:
        return False
    changed_s, since_s = strict_date(last_modified), strict_date(asked)
    return changed_s is not None and since_s is not None and changed_s <= since_s
