"""Who may use the REST API: the credentials that Cloudflare's API asks for, and its words where they lack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hmac import compare_digest

from edgeday.server import errors
from edgeday.server.errors import ApiError

_BEARER = re.compile(r"Bearer +([\x21-\x7e]+) *", re.IGNORECASE)
_MISSING = "Missing X-Auth-Key, X-Auth-Email or Authorization headers"


def presented_secret(headers: Mapping[str, str]) -> str:
    """The API token, or the API key, that a request carries.

    Raises ApiError 400 if it has neither `Authorization: Bearer TOKEN` nor both X-Auth-Email and X-Auth-Key.
    Source: messages and codes 9106, 6003 and 6111 as users report them.
    """
    authorization = headers.get("Authorization")
    if authorization is not None:
        bearer = _BEARER.fullmatch(authorization)
        if bearer is None:
            cause = (6111, "Invalid format for Authorization header")
            raise ApiError(400, errors.BAD_HEADERS, "Invalid request headers", causes=[cause])
        return bearer[1]
    key = headers.get("X-Auth-Key")
    if not key or not headers.get("X-Auth-Email"):
        raise ApiError(400, errors.NO_CREDENTIALS, _MISSING)
    return key


def check_credentials(headers: Mapping[str, str], token: str | None) -> str:
    """The secret of a request; any will do unless a `token` is set.

    Raises ApiError 400 for missing or malformed headers, 403 for a secret that is not the token.
    """
    secret = presented_secret(headers)
    if token is not None and not same_secret(secret, token):
        raise ApiError(403, errors.WRONG_CREDENTIALS, "Authentication error")
    return secret


def same_secret(given: str, expected: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing about where they differ."""
    return compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
