"""The HTTP application: which door a request goes to, and the guard before all of them.

Doors are chosen by the raw path, as it was sent: keys hold encoded slashes that a router would decode.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from emulator.server.rest_api import RestApi
from emulator.server.rest_paths import PREFIX as REST_PREFIX
from emulator.server.security import PAGE_HEADERS, Guard
from emulator.server.served import Served
from emulator.server.throttle import Throttle
from emulator.server.worker_routes import SEND_TIMEOUT_S, WorkerRoutes

PAGES_PREFIX: Final = "/__edgeday/"
"""Paths of the server's own pages. Nothing below it reaches the worker."""
MAX_HEADER_BYTES = 32 * 1024
"""The request line, and each header field: room for a key and a cursor whose every byte is escaped."""
KEEPALIVE_TIMEOUT_S = 20
"""Seconds that a connection may be idle, or take to send the head of its first request."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Context:
    """What a page of the server's own works with."""

    served: Served
    guard: Guard


AddPages = Callable[[web.Application, Context], None]
"""Adds routes below `PAGES_PREFIX` to the application. They are behind the guard: changing requests pass
only with the token or the page's CSRF token, and every answer carries `security.PAGE_HEADERS`."""


def make_app(
    served: Served,
    guard: Guard,
    *,
    token: str | None = None,
    throttled: bool = False,
    pages: Iterable[AddPages] = (),
) -> web.Application:
    """The application of one server.

    throttled: whether the API's limit of 1,200 requests per five minutes is enforced.
    """
    throttle = Throttle(served.edge.clock) if throttled else None
    account_id = served.settings.account_id
    rest = RestApi(served.kv, served.namespaces, account_id, token=token, throttle=throttle)
    worker = WorkerRoutes(served.edge, served.settings.worker)

    async def front(request: web.Request) -> web.StreamResponse:
        target = request.raw_path
        if not target.startswith("/"):  # the absolute form, as a proxy is asked, or OPTIONS *
            target = str(request.rel_url.relative()) if request.rel_url.absolute else f"/{target}"
        path, _, query = target.partition("?")
        if path.startswith(REST_PREFIX):
            return await _send(request, await rest.handle(request, path, query))
        if path.startswith(PAGES_PREFIX):
            return web.Response(status=404, text="There is no such page.\n")
        return await _send(request, await worker.handle(request, target))

    @web.middleware
    async def guarded(request: web.Request, handler: _Handler) -> web.StreamResponse:
        refusal = guard.refusal_of_host(request) or guard.refusal_of_stranger(request)
        if refusal is None and request.raw_path.startswith(PAGES_PREFIX):
            refusal = await guard.refusal_of_forgery(request)
        return await handler(request) if refusal is None else refusal

    app = web.Application(middlewares=[guarded], client_max_size=1024 * 1024)
    app.on_response_prepare.append(_harden)
    for add_pages in pages:
        add_pages(app, Context(served, guard))
    app.router.add_route("*", "/{tail:.*}", front)
    return app


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    if request.raw_path.startswith(PAGES_PREFIX):
        response.headers.update(PAGE_HEADERS)


async def _send(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send an answer, and hang up on a client that does not take it."""
    if response.prepared:
        return response
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await response.prepare(request)
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response
