"""Running a server: bind, say so, serve until told to stop, finish what is open, close the state."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from aiohttp import web
from aiohttp.http import HttpProcessingError

from edgeday.ambient import installed
from edgeday.errors import BadInput, Problem
from edgeday.runtime.hangs import watched
from edgeday.server.app import Context, Handler, Pages, make_app
from edgeday.server.cron_runs import CronRuns
from edgeday.server.exchanges import ExchangeObserver, Exchanges
from edgeday.server.log import logger
from edgeday.server.reloading import Reloader
from edgeday.server.request_log import RequestLog
from edgeday.server.security import Guard
from edgeday.server.served import Served, Settings
from edgeday.server.state_lock import sole_server_of
from edgeday.server.stopping import Stopping
from edgeday.virtual_loop import give_up_other_tasks

MAX_HEADER_BYTES = 32 * 1024
"""The request line, and each header field: room for a key and a cursor whose every byte is escaped."""
KEEPALIVE_TIMEOUT_S = 20
"""Seconds that a connection may be idle, or take to send the head of its first request."""
SHUTDOWN_TIMEOUT_S = 9
"""Seconds that open requests are given to end once the server is told to stop."""


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    host: str = "127.0.0.1",
    port: int = 8787,
    token: str | None = None,
    names: Iterable[str] = (),
    throttled: bool = False,
    pages: Pages | None = None,
    observer: ExchangeObserver | None = None,
) -> AsyncIterator[tuple[Served, int]]:
    """Serve while the block runs; gives what is served and the port (useful for port 0).

    observer: is told of each request. Raises BadInput if the address or the state file is taken by another
    server, or cannot be used.
    """
    lock: AbstractContextManager[None] = (
        nullcontext() if settings.state is None else sole_server_of(settings.state)
    )
    listener = _bind(host, port)
    try:
        with lock, installed():
            served = await Served.open(settings)
            try:
                exchanges = Exchanges(served.edge, observer)
                crons = CronRuns(served, exchanges)
                context = Context(served, Guard(host, token, tuple(names)), exchanges, crons)
                app = make_app(context, token=token, throttled=throttled, pages=pages)
                with watched(served.edge, served.answers.give_up):
                    async with _listening(app, listener):
                        yield served, listener.getsockname()[1]
                        context.stopping.set()
            finally:
                await served.close()
    finally:
        listener.close()


class _NotOurFault(logging.Filter):
    """Drops reports of requests that were not HTTP: the client has been told."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


_LOG = logger("http")
_LOG.addFilter(_NotOurFault())


@asynccontextmanager
async def _listening(app: Handler, listener: socket.socket) -> AsyncIterator[None]:
    server = web.Server(
        app,
        access_log=None,
        logger=_LOG,
        auto_decompress=False,
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        keepalive_timeout=KEEPALIVE_TIMEOUT_S,
        lingering_time=2.0,
    )
    runner = web.ServerRunner(server, shutdown_timeout=SHUTDOWN_TIMEOUT_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listener, backlog=256).start()
        yield
    finally:
        await runner.cleanup()


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise BadInput(Problem("--host", f"{host} is no address of this machine: {error.strerror}")) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(256)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            what = f"port {port} of {host} is taken, perhaps by another edgeday"
            raise BadInput(Problem("--port", what, "stop that one first, or choose another port")) from None
        raise BadInput(Problem("--host", f"cannot listen on {host}:{port}: {error.strerror}")) from None
    return listener


async def serve_until_told(
    settings: Settings,
    announce: Callable[[int], None],
    *,
    host: str,
    port: int,
    token: str | None,
    names: Iterable[str],
    throttled: bool,
    log: RequestLog,
    reloader: Reloader | None = None,
    pages: Pages | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `announce` is told the port once requests are answered.

    log: where requests are written. reloader: follows changes of files; None: they are not followed.
    A first signal finishes open requests, a second one does not wait for them. Raises BadInput as `running`.
    """
    stopping = Stopping()
    with stopping.heeded():
        try:
            async with running(
                settings,
                host=host,
                port=port,
                token=token,
                names=names,
                throttled=throttled,
                pages=pages,
                observer=log,
            ) as (served, bound_port):
                announce(bound_port)
                async with _meanwhile(reloader, served, log):
                    await stopping.asked.wait()
        except asyncio.CancelledError:
            if not stopping.asked.is_set():
                raise
        await give_up_other_tasks()


@asynccontextmanager
async def _meanwhile(reloader: Reloader | None, served: Served, log: RequestLog) -> AsyncIterator[None]:
    """Follow changes of files while the block runs."""
    if reloader is None:
        yield
        return
    following = asyncio.create_task(reloader.follow(served, log))
    try:
        yield
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
