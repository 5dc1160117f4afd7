"""Fixtures of the server's tests: a real server on a loopback port, and clients for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from yarl import URL

from edgeday.clock import VirtualClock
from edgeday.ledger import Op
from edgeday.server.served import Served, Settings
from edgeday.server.serving import running
from edgeday.web import Response
from edgeday.wrangler import Binding
from worker_port import AiDietWorker
from worker_port.profile import PROFILE
from worker_port.profile.ai_provider import AI_HOSTS
from worker_port.profile.stand_in import AiStandIn

NAMESPACE = "81fc0991b2764918b682f9ca170abd4b"
ACCOUNT = "023e105f4ecef8ad9ca31a8372d0c353"
COLLECTION = f"/client/v4/accounts/{ACCOUNT}/storage/kv/namespaces"
START = "2026-03-01T12:00:00Z"
START_S = 1_772_366_400


class Hello:
    """A worker without variants that says hello."""

    async def fetch(self, request):
        return Response("hello")


@dataclass
class Answer:
    """What came back from one request."""

    status: int
    reason: str
    headers: Any
    body: bytes
    json: Any

    @property
    def code(self) -> int:
        return self.json["errors"][0]["code"]

    @property
    def message(self) -> str:
        return self.json["errors"][0]["message"]


@dataclass
class Local:
    """A running server and a client that sends what it is told, byte for byte."""

    served: Served
    port: int
    clock: VirtualClock
    session: aiohttp.ClientSession

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def used(self, op: Op):
        return self.served.edge.ledger.usage(op)

    async def request(self, method: str, path: str, *, headers=None, **options) -> Answer:
        """Send a request to a path as it is written; with a bearer token unless `headers` are given."""
        headers = {"Authorization": "Bearer any"} if headers is None else headers
        url = URL(self.origin + path, encoded=True)
        async with self.session.request(
            method, url, headers=headers, allow_redirects=False, **options
        ) as response:
            body = await response.read()
            is_json = response.headers.get("Content-Type") == "application/json"
            data = await response.json() if is_json else None
            return Answer(response.status, response.reason or "", response.headers, body, data)

    async def kv(self, method: str, path: str, *, namespace: str = NAMESPACE, **options) -> Answer:
        """Send a request to a path below one namespace."""
        base = f"{COLLECTION}/{namespace}"
        return await self.request(method, f"{base}{path}", **options)

    async def put(self, key: str = "k", data: Any = b"v", query: str = "", **options) -> Answer:
        """Put one value."""
        return await self.kv("PUT", f"/values/{key}{query}", data=data, **options)


@asynccontextmanager
async def local_server(
    worker: type = Hello, *, ai: AiStandIn | None = None, **options
) -> AsyncIterator[Local]:
    """A running server in virtual time; options of `Settings` and of `running`.

    ai: answers in the place of the AI provider, where the worker is the one that asks it.
    """
    if worker is AiDietWorker:
        options |= {"profile": PROFILE, "outbound": dict.fromkeys(AI_HOSTS, ai or AiStandIn())}
    clock = VirtualClock(START)
    running_options = {
        name: options.pop(name)
        for name in ("host", "token", "names", "throttled", "pages", "observer")
        if name in options
    }
    bindings = (Binding("page_content", NAMESPACE, "page_content"),)
    settings = Settings(worker, **{"bindings": bindings, "clock": clock, **options})
    async with (
        running(settings, port=0, **running_options) as (served, port),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        yield Local(served, port, clock, session)


@pytest.fixture
async def server() -> AsyncIterator[Local]:
    """A server on the memory store."""
    async with local_server() as local:
        yield local
