"""Which door a request goes to, and the guard before all of them.

Doors are chosen by the raw path, as it was sent: keys hold encoded slashes that a router would decode.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from edgeday.server.cron_runs import SCHEDULED_PATHS, CronRuns
from edgeday.server.exchanges import Exchanges
from edgeday.server.rest.api import RestApi
from edgeday.server.rest.paths import PREFIX as REST_PREFIX
from edgeday.server.rest.throttle import Throttle
from edgeday.server.security import PAGE_HEADERS, Guard
from edgeday.server.served import Served
from edgeday.server.worker_routes import SEND_TIMEOUT_S, WorkerRoutes

PAGES_PREFIX: Final = "/__edgeday/"
"""Paths of the server's own pages. Nothing below it reaches the worker."""
_ABSOLUTE = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_AT_ONCE_BYTES = 64 * 1024
"""What the transport takes without waiting for the client, if nothing waits before it."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Context:
    """What the server's own pages work with.

    exchanges: what requests and crons come to. crons: runs them. stopping: set when the server is told to
    stop; answers without an end have to end then.
    """

    served: Served
    guard: Guard
    exchanges: Exchanges
    crons: CronRuns
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


Pages = Callable[[Context], Handler]
"""Makes the handler of every path below `PAGES_PREFIX`. It is behind the guard: changing requests pass only
with the token or the page's CSRF token. Answers get `security.PAGE_HEADERS`, except those that the handler
begins to send itself, which has to add them."""


def make_app(
    context: Context, *, token: str | None = None, throttled: bool = False, pages: Pages | None = None
) -> Handler:
    """The handler of every request to one server.

    throttled: whether the API's limit of 1,200 requests per five minutes is enforced.
    """
    served, guard, exchanges = context.served, context.guard, context.exchanges
    throttle = Throttle(served.edge.clock) if throttled else None
    account_id = served.settings.account_id
    rest = RestApi(served.kv, served.namespaces, account_id, token=token, throttle=throttle)
    worker = WorkerRoutes(served)
    page = None if pages is None else pages(context)

    async def app(request: web.BaseRequest) -> web.StreamResponse:
        refusal = guard.refusal_of_host(request) or guard.refusal_of_stranger(request)
        if refusal is not None:
            return refusal
        target = _ABSOLUTE.sub("", request.raw_path)  # the absolute form is what a proxy is asked
        if not target.startswith("/"):  # OPTIONS *, or an absolute form without a path
            target = f"/{target}"
        path, _, query = target.partition("?")
        if path.startswith(REST_PREFIX):
            with exchanges.begin(request.method, rest.name_of(path)) as exchange:
                response: web.StreamResponse = await rest.handle(request, path, query)
                exchange.status = response.status
        elif path == PAGES_PREFIX.rstrip("/"):
            response = web.Response(status=308, headers={"Location": PAGES_PREFIX})
        elif path.startswith(PAGES_PREFIX):
            response = await _page(request, guard, page)
        elif path in SCHEDULED_PATHS:
            response = await context.crons.handle(request, path, query)
        else:
            with exchanges.begin(request.method, target) as exchange:
                response = await worker.handle(request, target, exchange)
                exchange.status = response.status
        return response if _goes_at_once(request, response) else await _send(request, response)

    return app


async def _page(request: web.BaseRequest, guard: Guard, page: Handler | None) -> web.StreamResponse:
    response: web.StreamResponse | None = await guard.refusal_of_forgery(request)
    if response is None and page is not None:
        response = await page(request)
    elif response is None:
        response = web.Response(status=404, text="There is no such page.\n")
    if not response.prepared:
        response.headers.update(PAGE_HEADERS)
    return response


def _goes_at_once(request: web.BaseRequest, response: web.StreamResponse) -> bool:
    """Whether sending a response cannot wait for the client."""
    if response.prepared or request.transport is None:
        return True
    return (response.content_length or 0) < _AT_ONCE_BYTES and not request.transport.get_write_buffer_size()


async def _send(request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    """Send a response, and hang up on a client that does not take it."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await response.prepare(request)
            await response.write_eof()
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    return response
