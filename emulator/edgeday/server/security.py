"""Who may talk to the server at all: host names, the token, and what a browser may be made to do.

Three doors with three rules. The REST API asks for credentials itself. The worker answers whoever
reaches it, as it would on the Internet. Pages of the server's own are for people: what changes something
there needs a request from the same origin that carries the page's CSRF token. A server that is bound to
more than the loopback interface asks for its token at every door.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from edgeday.server.errors import ApiError
from edgeday.server.rest.bodies import BODY_TIMEOUT_S
from edgeday.server.rest.credentials import presented_secret, same_secret

TOKEN_HEADER: Final = "edgeday-token"
TOKEN_PARAMETER: Final = "edgeday-token"
CSRF_HEADER: Final = "edgeday-csrf"
COOKIE: Final = "edgeday-token"

PAGE_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of every answer below the server's own pages; no script or style may stand in the HTML."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether a host to bind to is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """The rules of one server.

    host: what it is bound to. token: the secret, or None on loopback. names: further host names by which
    it may be addressed.
    """

    def __init__(self, host: str, token: str | None, names: Collection[str] = ()) -> None:
        if token is None and not is_loopback(host):
            raise ValueError(f"a server on {host} needs a token")
        self._token = token
        self._open = is_loopback(host)
        self._names = {name.lower() for name in (host, *names)} | _LOOPBACK_NAMES
        self.csrf_token: Final = secrets.token_urlsafe(24)
        """What a page's changing requests carry, in the header or the form field `edgeday-csrf`."""

    def refusal_of_host(self, request: web.BaseRequest) -> web.Response | None:
        """A refusal of a request under a name that is not this server's (DNS rebinding), else None.

        On more than loopback, addresses in digits are no names and pass.
        """
        name = _host_name(request.headers.get("Host", ""))
        if name in self._names or (not self._open and _is_address(name)):
            return None
        text = f"This server does not answer for the host name {name!r}; see edgeday serve --allow-host.\n"
        return web.Response(status=421, text=text)

    def refusal_of_stranger(self, request: web.BaseRequest) -> web.Response | None:
        """A refusal where the token is asked for at every door and this request lacks it, else None.

        The token comes as a bearer token, in the header `edgeday-token`, or in the cookie that a visit
        with `?edgeday-token=TOKEN` sets.
        """
        if self._open or self._token is None or self.has_token(request):
            return None
        offered = request.query.get(TOKEN_PARAMETER)
        if offered is not None and request.method == "GET" and same_secret(offered, self._token):
            plain = request.rel_url.without_query_params(TOKEN_PARAMETER)
            response = web.Response(status=303, headers={"Location": "/" + str(plain).lstrip("/\\")})
            response.set_cookie(COOKIE, self._token, httponly=True, samesite="Strict")
            return response
        text = "This server asks for its token: visit it with ?edgeday-token=TOKEN, or send a header.\n"
        return web.Response(status=401, text=text, headers={"WWW-Authenticate": "Bearer"})

    def has_token(self, request: web.BaseRequest) -> bool:
        """Whether a request carries the server's token; False if none is set."""
        if self._token is None:
            return False
        offered = [request.headers.get(TOKEN_HEADER, ""), request.cookies.get(COOKIE, "")]
        with suppress(ApiError):
            offered.append(presented_secret(request.headers))
        return any(same_secret(secret, self._token) for secret in offered)

    async def refusal_of_forgery(self, request: web.BaseRequest) -> web.Response | None:
        """A refusal of a changing request that no page of this server made, else None.

        It passes with the token in a header, or if it comes from the same origin and has the CSRF token.
        """
        if request.method in _SAFE_METHODS:
            return None
        if self._token is not None and same_secret(request.headers.get(TOKEN_HEADER, ""), self._token):
            return None
        if _same_origin(request):
            given = request.headers.get(CSRF_HEADER) or await _form_field(request, CSRF_HEADER)
            if same_secret(given, self.csrf_token):
                return None
        return web.Response(status=403, text="This change was not asked for by a page of this server.\n")


async def _form_field(request: web.BaseRequest, name: str) -> str:
    """A field of the form that a request carries; "" if it has none, or none that can be read in time."""
    if request.content_type != "application/x-www-form-urlencoded":
        return ""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            field = (await request.post()).get(name)
    except (TimeoutError, ValueError, LookupError, web.HTTPRequestEntityTooLarge):
        return ""
    return field if isinstance(field, str) else ""


@lru_cache(maxsize=256)
def _host_name(host: str) -> str:
    """The name in a Host header, in lower case, without its port or an address's brackets."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same_origin(request: web.BaseRequest) -> bool:
    """Whether the browser says that a page of this very host sent the request."""
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return origin.partition("://")[2].lower() == request.headers.get("Host", "").lower()
