"""The cookies of one visitor, by the rules of RFC 6265, in virtual time.

The standard library's `http.cookiejar` asks the machine's clock and wants requests of `urllib`'s own; here
every question comes with its instant and its URL. What RFC 6265 leaves to the user agent is left out: there
is no list of public suffixes, and no limit on how many cookies there may be.
"""

from __future__ import annotations

import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

_NEVER = float("inf")
_DELIMITERS = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)")
_DAY = re.compile(r"(\d{1,2})(?!\d)")
_YEAR = re.compile(r"(\d{2,4})(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MAX_AGE = re.compile(r"-?\d+\Z", re.ASCII)


@dataclass(slots=True)
class Cookie:
    """One cookie. created, expires_at: epoch seconds; it is gone from `expires_at` on. host_only: whether it
    is sent to exactly its domain, and not to those below."""

    name: str
    value: str
    domain: str
    path: str
    created: float
    expires_at: float
    host_only: bool
    secure: bool


class CookieJar:
    """The cookies that a visitor has."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], Cookie] = {}

    def take(self, set_cookies: list[str], url: str, at: float) -> None:
        """Keep what an answer sets. set_cookies: its Set-Cookie headers. at: epoch seconds."""
        for header in set_cookies:
            cookie = _parse(header, url, at)
            if cookie is None:
                continue
            key = (cookie.name, cookie.domain, cookie.path)
            old = self._cookies.get(key)
            if old is not None:  # it takes the place of the old one, in the order too (5.3, 11)
                cookie.created = old.created
            if cookie.expires_at <= at:
                self._cookies.pop(key, None)
            else:
                self._cookies[key] = cookie

    def header(self, url: str, at: float) -> str:
        """The Cookie header of a request: longer paths first, then the older cookies (5.4); "" for none."""
        parts = urlsplit(url)
        host, path = _host_of(url), parts.path or "/"
        sent = [
            cookie
            for cookie in self._cookies.values()
            if at < cookie.expires_at
            and (parts.scheme == "https" or not cookie.secure)
            and (host == cookie.domain or (not cookie.host_only and _domain_matches(host, cookie.domain)))
            and _path_matches(path, cookie.path)
        ]
        sent.sort(key=lambda cookie: (-len(cookie.path), cookie.created))
        return "; ".join(f"{cookie.name}={cookie.value}" if cookie.name else cookie.value for cookie in sent)


def cookie_set(set_cookies: list[str], name: str) -> str | None:
    """The value that an answer sets for a cookie, wherever it may be sent; the last one counts."""
    value = None
    for header in set_cookies:
        found, _, rest = header.partition(";")[0].partition("=")
        if found.strip(" \t") == name:
            value = rest.strip(" \t")
    return value


def _parse(header: str, url: str, at: float) -> Cookie | None:
    """What a Set-Cookie header sets (5.2 and 5.3); None where it is to be ignored."""
    pair, *attributes = header.split(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(" \t"), value.strip(" \t")
    if not equals or not name:
        return None
    host = _host_of(url)
    cookie = Cookie(name, value, host, _default_path(url), at, _NEVER, True, False)
    max_age: float | None = None
    for attribute in attributes:
        word, _, said = attribute.partition("=")
        word, said = word.strip(" \t").lower(), said.strip(" \t")
        if word == "expires":
            cookie.expires_at = _NEVER if (date := parse_date(said)) is None else date
        elif word == "max-age" and _MAX_AGE.match(said):
            max_age = at + int(said[:18]) if int(said[:18]) > 0 else float("-inf")
        elif word == "domain" and said:
            cookie.domain, cookie.host_only = said.removeprefix(".").lower(), False
        elif word == "path":
            cookie.path = said if said.startswith("/") else _default_path(url)
        elif word == "secure":
            cookie.secure = True
    if max_age is not None:  # it stands over Expires, whichever comes first
        cookie.expires_at = max_age
    if not cookie.host_only and not _domain_matches(host, cookie.domain):
        return None
    return cookie


def _host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _domain_matches(host: str, domain: str) -> bool:
    """Whether a host is a domain or lies below it (5.1.3); nothing lies below an address."""
    if host == domain:
        return True
    if not host.endswith(f".{domain}"):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _path_matches(path: str, of: str) -> bool:
    """Whether a request's path is a cookie's or lies below it (5.1.4)."""
    return path == of or (path.startswith(of) and (of.endswith("/") or path[len(of)] == "/"))


def _default_path(url: str) -> str:
    """The path of a request up to its last slash, but that slash (5.1.4)."""
    path = urlsplit(url).path
    return path.rpartition("/")[0] or "/" if path.startswith("/") else "/"


def parse_date(text: str) -> float | None:
    """Epoch seconds of a date in any of the ways that servers write it (5.1.1); None if it is none."""
    time: tuple[int, int, int] | None = None
    day = month = year = None
    for token in _DELIMITERS.split(text):
        if time is None and (match := _TIME.match(token)):
            hours, minutes, seconds = map(int, match.groups())
            time = (hours, minutes, seconds)
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.match(token)):
            year = int(match[1])
            year += 1900 if 70 <= year <= 99 else 2000 if year <= 69 else 0
    if time is None or day is None or month is None or year is None or year < 1601:
        return None
    try:
        return float(timegm(datetime(year, month, day, *time, tzinfo=UTC).timetuple()))
    except ValueError:
        return None
