"""What a REST call costs beside a trivial aiohttp handler, in requests per second of one run.

    python -m benchmarks.server

Each server is a process of its own; the client keeps 16 connections busy and takes turns between them.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from time import perf_counter

from aiohttp import web

from benchmarks.measure import paired
from edgeday.server.served import Settings
from edgeday.server.serving import running
from edgeday.web import Response
from edgeday.wrangler import Binding

REQUESTS = 2_000
CONNECTIONS = 16
GOAL = 0.6
_NAMESPACE = "0" * 32
_PATH = f"/client/v4/accounts/a/storage/kv/namespaces/{_NAMESPACE}/values/"
_VALUE = b"x" * 1024


class _Worker:
    """Never asked; a server has to have one."""

    async def fetch(self, request: object) -> Response:
        return Response("")


async def _serve_edgeday() -> None:
    bindings = (Binding("kv", _NAMESPACE, "kv"),)
    async with running(Settings(_Worker, account="paid", bindings=bindings), port=0) as (_, port):
        print(port, flush=True)
        await asyncio.Event().wait()


async def _serve_trivial() -> None:
    async def get(request: web.Request) -> web.Response:
        return web.Response(body=_VALUE)

    async def put(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"{}")

    app = web.Application()
    app.add_routes([web.get("/{tail:.*}", get), web.put("/{tail:.*}", put)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def _server(name: str) -> Iterator[int]:
    """A server in a process of its own; gives its port."""
    command = [sys.executable, "-m", "benchmarks.server", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        yield int(process.stdout.readline())
        process.terminate()


class _Connection(asyncio.Protocol):
    """Sends one request after the other for as long as there are any."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._done = done
        self._missing = b""
        self._left = 0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.WriteTransport):
            raise TypeError("a transport that can be written to is needed")
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is not None and self._transport is not None:
            self._transport.write(request)
        elif self._transport is not None:
            self._transport.close()
            self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        else:
            self._missing += data
            head, end, body = self._missing.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self._left, self._missing = length - len(body), b""
        if not self._left:
            self._next()


async def _round(port: int, requests: Iterator[bytes]) -> None:
    loop = asyncio.get_running_loop()
    ends = [loop.create_future() for _ in range(CONNECTIONS)]
    for end in ends:
        await loop.create_connection(partial(_Connection, requests, end), "127.0.0.1", port)
    await asyncio.gather(*ends)


_HEAD = " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\nAccept: */*\r\n"
_NUMBERS = count()


def _gets() -> Iterator[bytes]:
    request = f"GET {_PATH}known{_HEAD}\r\n".encode()
    return (request for _ in range(REQUESTS))


def _puts() -> Iterator[bytes]:
    """Each for a key of its own: the same key twice within a second would be refused."""
    rest = f"{_HEAD}Content-Length: {len(_VALUE)}\r\n\r\n".encode() + _VALUE
    return (f"PUT {_PATH}{next(_NUMBERS)}".encode() + rest for _ in range(REQUESTS))


def main() -> None:
    if sys.argv[1:]:
        asyncio.run({"edgeday": _serve_edgeday, "trivial": _serve_trivial}[sys.argv[1]]())
        return
    with _server("edgeday") as edgeday, _server("trivial") as trivial:
        known = f"PUT {_PATH}known{_HEAD}Content-Length: {len(_VALUE)}\r\n\r\n".encode() + _VALUE
        asyncio.run(_round(edgeday, iter([known])))
        for name, requests in (("get", _gets), ("put", _puts)):
            medians = paired(
                {"trivial handler": _run(trivial, requests), f"REST value {name}": _run(edgeday, requests)},
                clock=perf_counter,
            )
            rates = {variant: REQUESTS / seconds for variant, seconds in medians.items()}
            print(f"{name} of {len(_VALUE)} bytes, {CONNECTIONS} connections")
            for variant, rate in rates.items():
                share = rate / rates["trivial handler"]
                aim = "" if variant == "trivial handler" else f"   goal: at least {GOAL:g}"
                print(f"  {variant:<28} {rate:9.0f} requests/s   {share:6.2f}{aim}")


def _run(port: int, requests: Callable[[], Iterator[bytes]]) -> Callable[[], object]:
    return lambda: asyncio.run(_round(port, requests()))


if __name__ == "__main__":
    main()
