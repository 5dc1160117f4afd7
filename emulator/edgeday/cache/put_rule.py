"""What a cache does with a response of a certain status and certain headers, whatever its body. Pure.

Found out once for each set of headers: a worker puts many responses with the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from edgeday.cache.freshness import Decision, decide
from edgeday.cache.stored import arriving, kept_headers
from edgeday.storage.records import HeaderList
from edgeday.web.status import reason_phrase


class PutRule(NamedTuple):
    """varies_on_all: `Vary` names "*", which the runtime refuses. headers: the fields by name.

    decision: whether and how long to store; None: Expires makes it depend on the clock. kept: the headers
    that are stored. encoding: how the runtime encodes the body by itself, or "". reason_phrase: the usual
    one; a response's own is not kept (recorded).
    """

    varies_on_all: bool
    headers: Mapping[str, str]
    decision: Decision | None
    kept: HeaderList
    encoding: str
    reason_phrase: str


@lru_cache(maxsize=512)
def put_rule(status: int, fields: HeaderList, authorized: bool) -> PutRule:
    """The rule for a status and combined header fields (`Headers.combined`).

    authorized: the request has Authorization.
    """
    headers = dict(fields)
    encoding = headers.get("content-encoding", "")
    decision = None if "expires" in headers else decide(status, headers, 0, authorized=authorized)
    return PutRule(
        "*" in headers.get("vary", ""),
        headers,
        decision,
        kept_headers(arriving(fields)),
        encoding if encoding in ("gzip", "br") else "",
        reason_phrase(status),
    )
