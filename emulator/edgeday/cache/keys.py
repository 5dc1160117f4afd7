"""Which entry a request names: the key under which a cache keeps a response. Pure.

Sources: Cloudflare docs, How the cache works; workerd 6552d99 api/cache.c++ (`validateUrl`); recorded
from workerd 1.20260426.1 (fragments, other schemes, cf.cacheKey).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from edgeday.coverage import Member, offers
from edgeday.errors import PlatformTypeError
from edgeday.web.javascript import to_string, truthy
from edgeday.web.messages import Request
from edgeday.web.text import well_formed
from edgeday.web.url import URLError, is_plain, normalize

_INVALID = "Invalid URL. Cache API keys must be fully-qualified, valid URLs."


class CacheKey(NamedTuple):
    """key: the URL without its fragment, or cf.cacheKey. url: as the runtime shows it.

    sets_ttl: the request has a cf.cacheTtl, with which the runtime does not reach the cache.
    """

    key: str
    url: str
    method: str
    sets_ttl: bool = False


def named_entry(request: Request | str | object) -> tuple[str, CacheKey | None]:
    """The key, and what else is to be checked; None for text that is an http or https URL without escapes,
    credentials or fragment, as most are."""
    if type(request) is str and is_plain(request) is not None:
        return request, None
    named = cache_key(request)
    return named.key, named


@offers(
    Member("request.cf.cacheKey", "the key in place of the URL"),
    Member("request.cf.cacheTtl", "with it put stores nothing, match and delete raise TypeError"),
)
def cache_key(request: Request | str | object) -> CacheKey:
    """The key that a Request, a URL or what can be made a string of names. Raises TypeError for no URL."""
    if isinstance(request, Request):
        cf = request.cf or {}
        custom, ttl = cf.get("cacheKey"), cf.get("cacheTtl")
        sets_ttl = isinstance(ttl, (int, float)) and not isinstance(ttl, bool)
        url = request.url
        key = to_string(custom) if truthy(custom) else url.partition("#")[0]
        return CacheKey(key, url, request.method, sets_ttl)
    text = request if isinstance(request, str) else to_string(request)
    try:
        url = normalize(text)
    except URLError:
        raise PlatformTypeError(f"Invalid URL: {well_formed(text)}") from None
    return CacheKey(url.partition("#")[0], url, "GET")


def check_url(url: str) -> None:
    """Raise what the runtime raises for a URL that the cache layer cannot parse."""
    if url.startswith(("https://", "http://")) and "@" not in url:
        return
    after_scheme = url.partition(":")[2]
    authority = re.split("[/?#]", after_scheme[2:], maxsplit=1)[0]
    if not after_scheme.startswith("//") or "@" in authority or "%" in authority:
        raise PlatformTypeError(_INVALID)


def is_fetchable(url: str) -> bool:
    """Whether a cache looks the URL up at all: http and https only."""
    return url.partition(":")[0] in {"http", "https"}
