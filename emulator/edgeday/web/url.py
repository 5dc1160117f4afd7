"""URLs as the Workers runtime reads them: the WHATWG URL Standard, by way of Ada."""

from __future__ import annotations

import re

from edgeday.web.text import utf8

_LABEL = "(?!xn--)[a-z][a-z0-9-]*+"
_PLAIN = re.compile(rf"https?://{_LABEL}(?:\.{_LABEL})++/[A-Za-z0-9_:~!$&'()*+,;=@/-]*+\Z")
"""URLs that parsing leaves as they are: lower-case host, no port, no dots or escapes in the path."""


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


def _with_halves_escaped(url: str) -> str:
    """The text with each half of a surrogate pair as the escapes of the three bytes that stand for it."""
    try:
        url.encode()
    except UnicodeEncodeError:
        data = _HALF.sub(lambda half: "".join(f"%{byte:02X}" for byte in half[0]).encode(), utf8(url))
        return data.decode()
    return url
