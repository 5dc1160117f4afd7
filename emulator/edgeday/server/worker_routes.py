"""The worker over HTTP: every path that is not the server's own is a request to the worker."""

from __future__ import annotations

import asyncio
import re
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from edgeday.errors import PlatformError, WorkerMisbehaved
from edgeday.events import InvocationEnded
from edgeday.invocation import Failure
from edgeday.runtime.entry import BadEntry, check_variant
from edgeday.server.errors import ApiError
from edgeday.server.exception_page import exception_page
from edgeday.server.exchanges import Exchange
from edgeday.server.log import logger
from edgeday.server.request_log import trouble_in_words
from edgeday.server.rest.bodies import read_body
from edgeday.server.security import TOKEN_HEADER
from edgeday.server.served import Served
from edgeday.web.body import ReadableStream
from edgeday.web.messages import Request, Response
from edgeday.web.text import well_formed

VARIANT_HEADER: Final = "edgeday-variant"
"""Names the worker's variant for one request."""
MAX_BODY_BYTES = 100_000_000
"""Body of a request to a worker. Source: Cloudflare docs, Workers limits (Free and Pro zones)."""
SEND_TIMEOUT_S = 60
"""Seconds in which a client has to take what it was sent."""

_LOG = logger("worker")
_OWN_HEADERS = frozenset({TOKEN_HEADER, VARIANT_HEADER})
_CONNECTION_HEADERS = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
_CONTROL = re.compile(r"[\r\n\0]")
NO_WORKER: Final = """\
No worker runs here: this server has the account's KV alone (REST API and dashboard).

Name one when you start it:
  edgeday serve --worker src/entry.py             a file
  edgeday serve --worker package.module:Class     a class
or set "main" in the wrangler configuration that it reads."""
"""What every path of the worker answers where there is none."""


class WorkerRoutes:
    """Hands requests to the worker that is served at the moment."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._answers = served.answers
        served.edge.events.subscribe(InvocationEnded, _report)

    async def handle(self, request: web.BaseRequest, target: str, exchange: Exchange) -> web.StreamResponse:
        """Answer one request; `target` is its path and query as they were sent."""
        worker = self._served.settings.worker
        if worker is None:
            return _refused(503, NO_WORKER)
        try:
            vars = self._vars(request, worker)
            translated = await _as_worker_sees_it(request, target)
        except ApiError as error:
            return _refused(error.status, error.message)
        except (BadEntry, PlatformError) as error:
            return _refused(400, str(error))
        try:
            response = await self._answers.of(
                self._served.edge.dispatch(translated, colo=self._served.arrival_colo(), vars=vars)
            )
            if exchange.failure is not None:
                return self._exception(request, exchange)
            return await _send(request, response)
        except WorkerMisbehaved as misbehaved:
            _LOG.error("%s", misbehaved)
            exchange.misbehaved = misbehaved
        except PlatformError as error:  # a response that cannot be sent
            _LOG.error("%s %s: %s: %s", request.method, target, error.name, error.message)
            exchange.fail(Failure(f"{error.name}: {error.message}", "", ""))
        return self._exception(request, exchange)

    def _exception(self, request: web.BaseRequest, exchange: Exchange) -> web.Response:
        """The page of a worker that threw."""
        if not self._served.settings.shows_tracebacks:
            return exception_page(request, None, [])
        reasons = [trouble_in_words(trouble, exchange.services) for trouble in exchange.refusals]
        return exception_page(request, exchange.failure, list(dict.fromkeys(reasons)))

    def _vars(self, request: web.BaseRequest, worker: type) -> dict[str, str] | None:
        variant = request.headers.get(VARIANT_HEADER)
        if variant is None:
            return None
        check_variant(worker, variant)
        return {self._served.settings.profile.variant_variable: variant}


def _refused(status: int, message: str) -> web.Response:
    return web.Response(status=status, text=f"{well_formed(message)}\n")


def _report(ended: InvocationEnded) -> None:
    if ended.outcome == "exception":
        trace = f"\n{ended.trace}" if ended.trace else ""
        _LOG.warning("%s: uncaught %s (error code 1101)%s", ended.route, ended.error, trace)


async def _as_worker_sees_it(request: web.BaseRequest, target: str) -> Request:
    body = await read_body(request, MAX_BODY_BYTES)
    return Request(
        f"http://{request.headers['Host']}{target}",
        method=request.method,
        headers=[
            (name, value) for name, value in request.headers.items() if name.lower() not in _OWN_HEADERS
        ],
        body=body if request.body_exists and request.method not in {"GET", "HEAD"} else None,
    )


async def _send(request: web.BaseRequest, response: Response) -> web.StreamResponse:
    """Send a worker's response; a stream as it comes.

    Raises PlatformError for a response that HTTP cannot carry.
    """
    if response.status == 0:
        raise PlatformError("a network error is no response")
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in response.headers.fields():
        if _CONTROL.search(name + value):
            raise PlatformError(f"the header {name!r} has a line break in it")
        if name not in _CONNECTION_HEADERS:
            headers.add(name, value)
    reason = _CONTROL.sub(" ", response.status_text) or None
    body = response.take_body()
    if not isinstance(body, ReadableStream):
        return web.Response(status=response.status, reason=reason, headers=headers, body=body)
    stream = web.StreamResponse(status=response.status, reason=reason, headers=headers)
    await stream.prepare(request)
    try:
        async for chunk in body:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await stream.write(chunk)
    except Exception:  # too late for another status: the client sees the connection break off
        _LOG.exception("%s %s: the response broke off", request.method, request.path)
        if request.transport is not None:
            request.transport.abort()
    return stream
