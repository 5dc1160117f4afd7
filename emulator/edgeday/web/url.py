"""URLs as the Workers runtime reads them: the WHATWG URL Standard, by way of Ada."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from edgeday.web.text import utf8

_LABEL = "(?!xn--)[a-z][a-z0-9-]*+"
_PLAIN = re.compile(rf"https?://{_LABEL}(?:\.{_LABEL})++/[A-Za-z0-9_:~!$&'()*+,;=@/-]*+\Z")
"""URLs that parsing leaves as they are: lower-case host, no port, no dots or escapes in the path."""


_PORT = re.compile(r":\d+\Z")
_HALF = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
"""What the runtime makes of half a surrogate pair."""


class URLError(ValueError):
    """Text that is no absolute URL."""


is_plain = _PLAIN.match
"""Gives something for an http or https URL that parsing leaves as it is (most are), else None."""


def normalize(url: str) -> str:
    """The serialised URL: host lower-cased, default port and dot segments removed, non-ASCII escaped.

    Raises URLError if the text is not an absolute URL. Source: WHATWG URL Standard.
    """
    if _PLAIN.match(url):
        return url
    import ada_url  # a compiled library: loaded only when a URL needs it

    try:
        return ada_url.URL(_with_halves_escaped(url)).href
    except ValueError:
        raise URLError(url) from None


def path_of(url: str) -> str:
    """The path of a serialised URL that has a host: from its first slash, without query and fragment."""
    return url[url.index("/", url.index("://") + 3) :].partition("?")[0].partition("#")[0]


_T = TypeVar("_T")


def best_match(host: str, named: Mapping[str, _T]) -> _T | None:
    """What is named for a host, as a serialised URL has it, most closely; None if nothing is.

    named: hosts, each with a port or for every port; *.example.com for all below it; * for every host.
    """
    if host in named:
        return named[host]
    name, _, port = host.rpartition(":") if _PORT.search(host) else (host, "", "")
    if port and name in named:
        return named[name]
    ends = f":{port}" if port else ""
    below = name
    while "." in below:
        below = below.partition(".")[2]
        for pattern in (f"*.{below}{ends}", f"*.{below}"):
            if pattern in named:
                return named[pattern]
    return named.get(f"*{ends}", named.get("*"))


def _with_halves_escaped(url: str) -> str:
    """The text with each half of a surrogate pair as the escapes of the three bytes that stand for it."""
    try:
        url.encode()
    except UnicodeEncodeError:
        data = _HALF.sub(lambda half: "".join(f"%{byte:02X}" for byte in half[0]).encode(), utf8(url))
        return data.decode()
    return url
