"""URLs as the Workers runtime reads them: the WHATWG URL Standard, by way of Ada."""

from __future__ import annotations

import re

_LABEL = "(?!xn--)[a-z][a-z0-9-]*+"
_PLAIN = re.compile(rf"https?://{_LABEL}(?:\.{_LABEL})++/[A-Za-z0-9_:~!$&'()*+,;=@/-]*+\Z")
"""URLs that parsing leaves as they are: lower-case host, no port, no dots or escapes in the path."""


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
        return ada_url.URL(url.encode("utf-8", "replace").decode()).href
    except ValueError:
        raise URLError(url) from None
