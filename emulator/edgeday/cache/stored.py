"""Between a Response and the entry that a cache keeps of it.

An entry's headers are those of the HTTP message that the runtime hands to the cache: a body of unknown
length is marked `transfer-encoding: chunked`, any other has the length of its bytes.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from functools import lru_cache, partial

from edgeday.cache.conditional import Answer, answer
from edgeday.cache.freshness import leading_integer
from edgeday.cache.ranges import multipart
from edgeday.storage.records import CacheEntry, HeaderList
from edgeday.web.headers import Headers
from edgeday.web.javascript import WHITE_SPACE
from edgeday.web.messages import Request, Response
from edgeday.web.status import reason_phrase

CHUNKED = ("transfer-encoding", "chunked")

_NOT_KEPT = frozenset(
    {
        "cf-cache-status", "connection", "content-length", "date", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Hop-by-hop headers, and those that the cache writes itself. Recorded from workerd 1.20260426.1."""

_LOST_IF_EMPTY = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "accept-ranges",
        "access-control-allow-origin", "allow", "authorization", "cache-control", "cf-cache-namespace",
        "cf-ray", "content-disposition", "content-encoding", "content-language", "content-location",
        "content-range", "content-type", "cookie", "etag", "expect", "expires", "from", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "link",
        "location", "max-forwards", "origin", "pragma", "range", "referer", "refresh", "retry-after",
        "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-key", "sec-websocket-protocol",
        "sec-websocket-version", "server", "set-cookie", "strict-transport-security", "user-agent", "vary",
        "via", "www-authenticate",
    }
)  # fmt: skip
"""Headers that the runtime knows by name; without a value it does not send them. Recorded, as above."""

_STALE_WARNING = re.compile(r"\s*1\d\d", re.ASCII)


def arriving(fields: HeaderList) -> HeaderList:
    """The fields as the cache sees them after their way through the runtime."""
    trimmed = [(name, value.strip(WHITE_SPACE)) for name, value in fields]
    return tuple([(name, value) for name, value in trimmed if value or name not in _LOST_IF_EMPTY])


@lru_cache(maxsize=512)
def kept_headers(fields: HeaderList) -> HeaderList:
    """The fields that are stored; entries with equal headers share one tuple."""
    kept = []
    for name, value in fields:
        if name in _NOT_KEPT:
            continue
        if name == "warning" and value:
            warnings = [part for part in value.split(",") if not _STALE_WARNING.match(part)]
            if not warnings:
                continue
            value = ",".join(warnings).strip()
        elif name == "age":
            value = str(leading_integer(value))
        kept.append((name, value))
    return tuple(kept)


def whole_response(entry: CacheEntry) -> Response:
    """The stored response of a hit; its headers are made when they are looked at."""
    return Response.received(entry.status, entry.status_text, partial(hit_headers, entry), entry.body)


def hit_headers(entry: CacheEntry) -> HeaderList:
    """The headers of a hit. Age and Date are those of the put (recorded; RFC 9111 wants the current age)."""
    fields = [field for field in entry.headers if field != CHUNKED]
    if len(fields) == len(entry.headers):
        fields.append(("content-length", str(len(entry.body))))
    if not any(name == "age" for name, _ in fields):
        fields.append(("age", "0"))
    return (*fields, ("cf-cache-status", "HIT"), ("date", imf_fixdate(int(entry.stored_at))))


def conditional_response(request: Request, entry: CacheEntry) -> tuple[Response, Answer]:
    """The answer to a request with conditions or a range, and why."""
    fields = Headers(hit_headers(entry))
    decided = answer(request.headers, fields, len(entry.body))
    if decided.status is None:
        return whole_response(entry), decided
    body: bytes | None = None
    if decided.status == 416:
        fields = Headers({"content-range": f"bytes */{len(entry.body)}", "cf-cache-status": "HIT"})
    elif len(decided.ranges) == 1:
        part = decided.ranges[0]
        body = entry.body[part.first : part.last + 1]
        fields["content-range"] = f"{part}/{len(entry.body)}"
        fields["content-length"] = str(len(body))
    elif decided.ranges:
        fields["content-type"], body = multipart(entry.body, decided.ranges, fields.get("content-type"))
        if "content-length" in fields:
            fields["content-length"] = str(len(body))
    status = decided.status
    return Response.received(status, reason_phrase(status), tuple(fields.fields()), body), decided


@lru_cache(maxsize=64)
def imf_fixdate(epoch_s: int) -> str:
    """Text such as `Wed, 01 May 2024 10:20:30 GMT`."""
    return formatdate(epoch_s, usegmt=True)
