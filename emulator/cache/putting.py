"""What a cache does with a response of a certain status and certain headers, whatever its body. Pure.

Found out once for each set of headers: a worker puts many responses with the same ones.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from emulator.cache.freshness import Decision, decide
from emulator.cache.stored import kept_headers
from emulator.storage.records import HeaderList
from emulator.web.status import reason_phrase


class PutRule(NamedTuple):
    """varies_on_all: `Vary` names "*", which the runtime refuses. kept: the headers that are stored.

    decision: whether and how long to store; None: Expires makes it depend on the clock.
    gzipped: Content-Encoding is gzip. reason_phrase: the usual one; a response's own is not kept (recorded).
    """

    varies_on_all: bool
    decision: Decision | None
    kept: HeaderList
    gzipped: bool
    reason_phrase: str


@lru_cache(maxsize=512)
def put_rule(status: int, fields: HeaderList, authorized: bool) -> PutRule:
    """The rule for a status and combined header fields (`Headers.combined`).

    authorized: the request has Authorization.
    """
    headers = dict(fields)
    decision = None if "expires" in headers else decide(status, headers, 0, authorized=authorized)
    return PutRule(
        "*" in headers.get("vary", ""),
        decision,
        kept_headers(fields),
        headers.get("content-encoding") == "gzip",
        reason_phrase(status),
    )
