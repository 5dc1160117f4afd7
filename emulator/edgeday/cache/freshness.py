"""May a response be stored, and for how long is it fresh? Pure rules, each decision with its reason.

Sources: Cloudflare docs, Cache API, Origin Cache Control, Default cache behavior and Edge TTL (read
2026-11-23); where they are silent, recorded from workerd 1.20260426.1 under its simulator, whose
rules are those of RFC 9111 for a shared cache.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from edgeday.web.javascript_date import parse_date

DEFAULT_LIFETIME_S: Mapping[int, int] = {
    200: 7200,
    301: 7200,
    302: 1200,
    303: 1200,
    404: 180,
    410: 180,
}
"""Seconds a response without Cache-Control and Expires stays, by status; the other statuses are not
cached then. Source: Cloudflare docs, Edge TTL (which has 206 too; cache.put refuses it)."""

STORABLE_STATUSES = frozenset({200, 203, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501})
"""Statuses that are stored at all. Cloudflare names none; these were recorded."""

_NEEDS_EXPLICIT = frozenset({302, 303, 307})
"""Statuses that Cache-Control without a lifetime does not let in, unless it says `public`."""

_COOKIE_PERMIT = re.compile(r"private=set-cookie;?", re.IGNORECASE)
_LONGEST_S = 2**31
"""What any greater number of seconds counts as. Source: RFC 9111, 1.2.2."""
_LEADING_INTEGER = re.compile(r"\s*([+-]?\d+)", re.ASCII)


class Decision(NamedTuple):
    """lifetime_s: seconds the response is fresh from now on (0: stored, but never found); None: it is
    not stored, and what was stored before stays. reason: why, in words."""

    lifetime_s: float | None
    reason: str


class Directives(NamedTuple):
    """What a response's Cache-Control says.

    refusal: the directive that forbids storing, or "". ends: the one that ends freshness at once, or "".
    lifetime: (directive, seconds), or None. cookie_permit: private=Set-Cookie was there. admits: it says
    public. admits_authorized: a response to a request with Authorization may be stored.
    """

    refusal: str
    ends: str
    lifetime: tuple[str, int] | None
    cookie_permit: bool
    admits: bool
    admits_authorized: bool


@lru_cache(maxsize=1024)
def directives(cache_control: str) -> Directives:
    """Read Cache-Control; names without regard to case, the last of equal names wins."""
    cookie_permit = "private=set-cookie" in cache_control.lower()
    if cookie_permit:
        cache_control = _COOKIE_PERMIT.sub("", cache_control, count=1)
    values: dict[str, str | None] = {}
    for part in cache_control.split(","):
        name, *arguments = part.split("=")
        values[name.strip().lower()] = _unquoted(arguments[0].strip()) if arguments else None
    given = {name for name, value in values.items() if value != ""}
    lifetime = None
    for name in ("s-maxage", "max-age"):
        if name in given:
            lifetime = (name, leading_integer(values[name]))
            break
    return Directives(
        next((name for name in ("no-store", "private") if name in given), ""),
        next((name for name in ("no-cache", "proxy-revalidate") if name in given), ""),
        lifetime,
        cookie_permit,
        "public" in given,
        not given.isdisjoint({"must-revalidate", "public", "s-maxage"}),
    )


def decide(status: int, headers: Mapping[str, str], now_s: float, *, authorized: bool = False) -> Decision:
    """Whether to store a response, and for how long.

    headers: of the response. now_s: epoch seconds. authorized: the request has Authorization.
    s-maxage beats max-age, which beats Expires; an Age header counts against any of them.
    """
    cache_control = headers.get("cache-control")
    if headers.get("set-cookie") and not (cache_control and directives(cache_control).cookie_permit):
        return Decision(None, "not stored: Set-Cookie")
    age_s = leading_integer(headers.get("age"))
    decision = _decide_by_text(status, cache_control, authorized, bool(headers.get("expires")))
    if decision is None:
        decision = _decide_by_date(status, cache_control, headers, now_s)
    if age_s and decision.lifetime_s:
        left_s = max(0, decision.lifetime_s - age_s)
        return Decision(left_s, f"{decision.reason}, less Age: {age_s}")
    return decision


@lru_cache(maxsize=1024)
def _decide_by_text(
    status: int, cache_control: str | None, authorized: bool, has_expires: bool
) -> Decision | None:
    """The decision as far as status and Cache-Control make it; None: Expires and Pragma have a say."""
    if status not in STORABLE_STATUSES:
        return Decision(None, f"not stored: status {status}")
    said = None if cache_control is None else directives(cache_control)
    if said is not None and said.refusal:
        return Decision(None, f"not stored: Cache-Control: {said.refusal}")
    if authorized and not (said is not None and said.admits_authorized):
        return Decision(None, "not stored: the request has Authorization")
    if status in _NEEDS_EXPLICIT and said is not None and not (has_expires or said.lifetime or said.admits):
        return Decision(None, f"not stored: status {status}, and Cache-Control gives no lifetime")
    if said is not None and said.ends:
        return Decision(0, f"stored, never fresh: Cache-Control: {said.ends}")
    if said is not None and said.lifetime is not None:
        name, seconds = said.lifetime
        return Decision(max(0, seconds), f"stored for {seconds} s: {name}")
    return None


def _decide_by_date(
    status: int, cache_control: str | None, headers: Mapping[str, str], now_s: float
) -> Decision:
    """The decision where Cache-Control gives no lifetime."""
    expires = headers.get("expires")
    if cache_control is None and "no-cache" in headers.get("pragma", ""):
        if status in _NEEDS_EXPLICIT and not expires:
            return Decision(None, f"not stored: status {status} with Pragma: no-cache")
        return Decision(0, "stored, never fresh: Pragma: no-cache")
    if expires:
        from_s = parse_date(headers.get("date", ""))
        until_s = parse_date(expires)
        if until_s is None:
            return Decision(0, "stored, never fresh: Expires is no date")
        seconds = max(0.0, until_s - (now_s if from_s is None else from_s))
        return Decision(seconds, f"stored for {seconds:g} s: Expires")
    if cache_control is None and expires is None:
        lifetime = DEFAULT_LIFETIME_S.get(status)
        if lifetime is None:
            return Decision(None, f"not stored: status {status} without Cache-Control or Expires")
        return Decision(lifetime, f"stored for {lifetime} s: the default for status {status}")
    if cache_control is not None:
        return Decision(0, "stored, never fresh: Cache-Control gives no lifetime")
    if status in _NEEDS_EXPLICIT:
        return Decision(None, f"not stored: status {status}, and Expires is empty")
    return Decision(0, "stored, never fresh: Expires is empty")


def _unquoted(value: str) -> str:
    return value.removeprefix('"').removesuffix('"')


def leading_integer(text: str | None) -> int:
    """The number that a text begins with, 0 if it does not begin with one: 60 for "60s". At most 2**31."""
    digits = None if text is None else _LEADING_INTEGER.match(text)
    return 0 if digits is None else min(int(digits[1][:20]), _LONGEST_S)
