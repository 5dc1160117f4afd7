"""The worker's responses: JSON with CORS headers that allow every origin."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from edgeday.web import Headers, Response
from edgeday.web.json_text import stringify_utf8

ORIGIN_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
}
CORS_HEADERS = {
    **ORIGIN_HEADERS,
    "Access-Control-Max-Age": "86400",
    "Content-Type": "application/json",
}
NOT_CACHED = "no-cache, no-store, must-revalidate"


def json_response(data: Any, status: int = 200, *, cache_control: str = "") -> Response:
    """A JSON response; not to be cached unless `cache_control` says otherwise."""
    return Response(stringify_utf8(data), status=status, headers=_json_headers(cache_control or NOT_CACHED))


@lru_cache(maxsize=16)
def _json_headers(cache_control: str) -> Headers:
    """The same for every response; whoever changes a response's headers changes a copy."""
    return Headers({**CORS_HEADERS, "Cache-Control": cache_control})


def preflight_response(*, token: bool = False) -> Response:
    """The answer to every OPTIONS request; token: whether requests may carry an Authorization header."""
    headers = dict(CORS_HEADERS)
    if token:
        headers["Access-Control-Allow-Headers"] += ", Authorization"
    return Response(None, status=204, headers=headers)
