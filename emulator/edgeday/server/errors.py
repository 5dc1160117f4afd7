"""What the REST API refuses, as Cloudflare's API says it: an HTTP status, a code and a message.

Codes are those that are documented or reported. Where Cloudflare's number is not known, the refusal
carries 10012 ("bad request body"), the nearest one that is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

NO_ROUTE: Final = 7003
BAD_HEADERS: Final = 6003
NO_CREDENTIALS: Final = 9106
WRONG_CREDENTIALS: Final = 10000
INTERNAL: Final = 10001
KEY_NOT_FOUND: Final = 10009
MALFORMED_NAMESPACE: Final = 10011
BAD_REQUEST: Final = 10012
NAMESPACE_NOT_FOUND: Final = 10013
TITLE_TAKEN: Final = 10014
TITLE_MISSING: Final = 10019
BAD_BULK_GET: Final = 10029
BAD_TTL: Final = 10034
QUOTA_SPENT: Final = 10048
METHOD_NOT_ALLOWED: Final = 10405
THROTTLED: Final = 971

QUOTA_SPENT_TEXT: Final = "your account has reached the free usage limit for this operation for today"
"""Source: reported by users; the HTTP status is 429."""

_QUOTED_CHARS: Final = 100


class ApiError(Exception):
    """A refusal of the REST API.

    causes: (code, message) of what led to it, shown as `error_chain`. headers: of the HTTP response.
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        causes: Sequence[tuple[int, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.causes = tuple(causes)
        self.headers = dict(headers or {})


def bad_request(message: str) -> ApiError:
    """400 for a request that cannot be understood."""
    return ApiError(400, BAD_REQUEST, message)


def quoted(key: str) -> str:
    """A key in a message: in quotes, shortened where it is long."""
    return json.dumps(key if len(key) <= _QUOTED_CHARS else f"{key[:_QUOTED_CHARS]}…", ensure_ascii=False)


def too_large(limit_bytes: int) -> ApiError:
    """413 for a request body over its limit."""
    return ApiError(413, BAD_REQUEST, f"request body exceeds the limit of {limit_bytes} bytes")


def namespace_not_found(op: str) -> ApiError:
    """404 for a namespace id that is not there; `op` as the platform names the operation."""
    return ApiError(404, NAMESPACE_NOT_FOUND, f"{op}: 'namespace not found'")


def key_not_found(op: str) -> ApiError:
    """404 for a missing or expired key."""
    return ApiError(404, KEY_NOT_FOUND, f"{op}: 'key not found'")
