"""A JavaScript worker on a server: whatever it does, other requests are answered meanwhile."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from edgeday.clock import SystemClock
from edgeday.errors import WorkerMisbehaved
from edgeday.events import InvocationEnded
from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.host import JavaScriptWorker, host_javascript
from edgeday.server.request_log import RequestLog
from edgeday.web.messages import Request
from edgeday.wrangler import Binding
from tests.server.conftest import local_server

pytestmark = pytest.mark.workerd

SHOP = """
let requests = 0;
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    requests++;
    if (pathname === "/loop") for (;;);
    if (pathname === "/stream") {
      const { readable, writable } = new TransformStream();
      const writer = writable.getWriter();
      const write = async () => {
        await writer.write(new TextEncoder().encode("first "));
        while ((await env.CARTS.get("released")) === null) await scheduler.wait(1);
        await writer.write(new TextEncoder().encode("last"));
        await writer.close();
      };
      ctx.waitUntil(write());
      return new Response(readable);
    }
    if (pathname === "/throw") throw new TypeError("no such thing");
    if (pathname === "/socket") {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      return new Response(null, { status: 101, webSocket: client });
    }
    if (pathname === "/release") await env.CARTS.put("released", "yes");
    if (pathname === "/wait") {
      while ((await env.CARTS.get("released")) === null) await scheduler.wait(1);
    }
    return new Response(`${requests}`);
  },
  async scheduled(controller, env) {
    await env.CARTS.put("cron", controller.cron);
  },
};
"""


def worker_of(workerd: Path, source: str = SHOP, **options: Any) -> type[JavaScriptWorker]:
    bundle = Bundle("shop.js", "modules", (Module("shop.js", "esModule", source.encode()),))
    return host_javascript(bundle, workerd, namespaces=["CARTS"], **options)


def serving(worker: type, **options: Any) -> Any:
    return local_server(
        worker, bindings=(Binding("CARTS", "carts", "CARTS"),), clock=SystemClock(), **options
    )


async def test_requests_to_one_isolate_are_answered_while_another_waits(workerd: Path) -> None:
    async with serving(worker_of(workerd)) as server:
        waiting = asyncio.ensure_future(server.request("GET", "/wait"))
        assert (await server.request("GET", "/")).status == 200
        assert not waiting.done()
        await server.request("GET", "/release")
        assert (await waiting).body == b"3"


async def test_a_stream_reaches_the_client_as_it_is_written(workerd: Path) -> None:
    async with (
        serving(worker_of(workerd)) as server,
        server.session.get(f"{server.origin}/stream") as response,
    ):
        assert await response.content.readexactly(6) == b"first "
        await server.request("GET", "/release")
        assert await response.content.read() == b"last"


async def test_a_client_that_hangs_up_ends_the_stream(workerd: Path) -> None:
    async with serving(worker_of(workerd)) as server:
        async with server.session.get(f"{server.origin}/stream") as response:
            await response.content.readexactly(6)
        ended = asyncio.Event()
        server.served.edge.events.subscribe(InvocationEnded, lambda _: ended.set())
        await server.request("GET", "/release")
        await ended.wait()
        assert (await server.request("GET", "/")).status == 200


async def test_an_endless_loop_is_answered_with_an_error_page_and_the_next_request_by_a_new_process(
    workerd: Path,
) -> None:
    out = io.StringIO()
    worker = worker_of(workerd, limit_s=1)
    async with serving(worker, observer=RequestLog(out), shows_tracebacks=True) as server:
        assert (await server.request("GET", "/")).body == b"1"
        loop = asyncio.ensure_future(server.request("GET", "/loop"))
        dashboard = await server.request("GET", "/__edgeday/")
        rest = await server.request("GET", "/client/v4/accounts")
        assert not loop.done()
        assert (dashboard.status, rest.status) == (404, 200)  # this server has no pages
        answer = await loop
        assert (answer.status, answer.body.decode().splitlines()[0]) == (500, "error code: 1101")
        assert b"its JavaScript does not come to an end: it ran for 1 s" in answer.body
        assert (await server.request("GET", "/")).body == b"1"
    assert "GET /loop 500" in out.getvalue()
    assert out.getvalue().count("its JavaScript does not come to an end") == 1


async def test_other_isolates_answer_while_one_is_busy(workerd: Path) -> None:
    async with serving(worker_of(workerd, limit_s=3)) as server:

        async def ask(path: str, colo: str) -> str:
            url = f"https://shop.example{path}"
            return await (await server.served.edge.dispatch(Request(url), colo=colo)).text()

        loop = asyncio.ensure_future(ask("/loop", "SOF"))
        assert [await ask("/", "FRA"), await ask("/", "FRA")] == ["1", "2"]
        assert not loop.done()
        with pytest.raises(WorkerMisbehaved, match="does not come to an end"):
            await loop


async def test_what_a_handler_throws_is_in_the_log_once_with_its_line(workerd: Path) -> None:
    out = io.StringIO()
    async with serving(worker_of(workerd), observer=RequestLog(out)) as server:
        await server.request("GET", "/throw")
    first, error, frame, source = out.getvalue().splitlines()
    assert " GET /throw 500 " in first
    assert error.strip() == "TypeError: no such thing"
    assert "shop.js:20:" in frame
    assert source.strip().startswith('if (pathname === "/throw")')


async def test_what_a_handler_throws_is_on_the_page_with_its_line(workerd: Path) -> None:
    async with serving(worker_of(workerd), shows_tracebacks=True) as server:
        text = (await server.request("GET", "/throw")).body.decode()
    assert "TypeError: no such thing" in text
    assert "shop.js:20:" in text


async def test_production_shows_neither_the_error_nor_its_line(workerd: Path) -> None:
    async with serving(worker_of(workerd)) as server:
        assert (await server.request("GET", "/throw")).body == b"error code: 1101"


async def test_a_websocket_is_refused_by_name(workerd: Path) -> None:
    async with serving(worker_of(workerd), shows_tracebacks=True) as server:
        answer = await server.request("GET", "/socket")
    assert answer.status == 500
    assert "edgeday does not emulate WebSockets" in answer.body.decode()


async def test_a_cron_is_run_at_its_address(workerd: Path) -> None:
    async with serving(worker_of(workerd)) as server:
        ran = await server.request("GET", "/cdn-cgi/handler/scheduled?cron=0+*+*+*+*")
        assert (ran.status, ran.body) == (200, b"ok")
        assert await server.served.edge.env.CARTS.get("cron") == "0 * * * *"


async def test_the_process_ends_with_the_server(workerd: Path) -> None:
    worker = worker_of(workerd)
    async with serving(worker) as server:
        await server.request("GET", "/")
        (isolate,) = worker._isolates._living
        assert isolate._engine is not None
        process = isolate._engine.process
        assert process.is_open
    assert not process.is_open
