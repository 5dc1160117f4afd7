"""A JavaScript worker runs on an edge as a Python worker does."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import WorkerMisbehaved
from edgeday.events import InvocationEnded, Operation
from edgeday.hosting.javascript.host import CannotHost
from edgeday.invocation import Invocation
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request, Response
from tests.hosting.javascript.workers import edge_with, in_virtual_time, worker_of

pytestmark = pytest.mark.workerd


def answers(edge: Edge, *paths: str) -> list[tuple[int, str]]:
    """What an edge answers to requests that come one after the other, and what comes of them."""
    got = []

    async def all_of_them() -> None:
        for path in paths:
            response = await edge.dispatch(Request(f"https://worker.example{path}"))
            got.append((response.status, await response.text()))
            await edge.drain()

    in_virtual_time(edge, all_of_them())
    return got


def test_a_value_that_is_put_can_be_read_in_a_later_request(workerd: Path) -> None:
    worker = worker_of(
        workerd,
        """export default {
          async fetch(request, env) {
            const { pathname } = new URL(request.url);
            if (pathname === "/get") return Response.json(await env.KV.getWithMetadata("key"));
            await env.KV.put("key", "ключ 🤓", { metadata: { n: 1 } });
            return new Response("put");
          },
        };""",
    )
    edge = edge_with(worker)
    found = '{"value":"ключ 🤓","metadata":{"n":1},"cacheStatus":null}'
    assert answers(edge, "/put", "/get") == [(200, "put"), (200, found)]


def test_time_passes_for_timers_alone(workerd: Path) -> None:
    worker = worker_of(
        workerd,
        """export default {
          async fetch() {
            const start = Date.now();
            for (let i = 0; i < 1e6; i++);
            const worked = Date.now() - start;
            await new Promise((resolve) => setTimeout(resolve, 90_000));
            return Response.json([start, worked, Date.now() - start]);
          },
        };""",
    )
    assert answers(edge_with(worker), "/") == [(200, "[1771200000000,0,90000]")]


def test_operations_pass_the_accounts_limits(workerd: Path) -> None:
    worker = worker_of(
        workerd,
        """export default {
          async fetch(request, env) {
            try { for (let n = 0; n < 1001; n++) await env.KV.get("key"); }
            catch (error) { return new Response(`${error.name}: ${error.message}`); }
          },
        };""",
    )
    edge = edge_with(worker)
    ((status, text),) = answers(edge, "/")
    assert (status, text.split(".")[0]) == (200, "Error: Too many API requests by single Worker invocation")


def test_a_fetch_reaches_a_declared_origin(workerd: Path) -> None:
    async def echo(request: Request, _: Invocation) -> Response:
        return Response.from_json({"got": await request.json()})

    worker = worker_of(
        workerd,
        """export default {
          fetch: () => fetch("https://api.example/", { method: "POST", body: '{"text":"свят"}' }),
        };""",
    )
    edge = edge_with(worker, outbound={"api.example": echo})
    assert answers(edge, "/") == [(200, '{"got":{"text":"свят"}}')]


def test_work_after_the_response_goes_on_with_wait_until(workerd: Path) -> None:
    worker = worker_of(
        workerd,
        """const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
        export default {
          async fetch(request, env, ctx) {
            ctx.waitUntil(later(2000).then(() => env.KV.put("waited", String(Date.now()))));
            return new Response("sent");
          },
        };""",
    )
    edge = edge_with(worker)
    puts: list[Operation] = []
    edge.events.subscribe(Operation, puts.append)
    assert answers(edge, "/") == [(200, "sent")]
    assert [(put.op, put.key, put.at) for put in puts] == [("put", "waited", 1771200002.0)]


def test_an_exception_is_a_1101_and_says_what_was_thrown(workerd: Path) -> None:
    worker = worker_of(workerd, 'export default { fetch() { throw new RangeError("boom"); } };')
    edge = edge_with(worker)
    ends: list[InvocationEnded] = []
    edge.events.subscribe(InvocationEnded, ends.append)
    assert answers(edge, "/") == [(500, "error code: 1101")]
    assert [(end.outcome, end.error) for end in ends] == [("exception", "RangeError: boom")]


def test_two_data_centres_have_module_scopes_of_their_own(workerd: Path) -> None:
    worker = worker_of(workerd, "let n = 0; export default { fetch: () => new Response(String(++n)) };")
    edge = edge_with(worker)
    got = []

    async def three() -> None:
        for colo in ("SOF", "FRA", "SOF"):
            response = await edge.dispatch(Request("https://worker.example/"), colo=colo)
            got.append(await response.text())

    assert isinstance(edge.clock, VirtualClock)
    run_virtual(edge.clock, three())
    assert got == ["1", "1", "2"]


def test_what_never_resolves_is_the_platforms_error(workerd: Path) -> None:
    worker = worker_of(workerd, "export default { fetch: () => new Promise(() => {}) };")
    edge = edge_with(worker)
    ends: list[InvocationEnded] = []
    edge.events.subscribe(InvocationEnded, ends.append)
    assert answers(edge, "/") == [(500, "error code: 1101")]
    assert ends[0].error == "Error: The script will never generate a response."


def test_a_promise_of_another_invocation_can_be_waited_for(workerd: Path) -> None:
    worker = worker_of(
        workerd,
        """let shared;
        export default {
          async fetch(request, env) {
            shared ??= env.KV.get("key").then(() => "read once");
            return new Response(await shared);
          },
        };""",
    )
    edge = edge_with(worker)
    got = []

    async def both() -> None:
        async def one() -> None:
            got.append(await (await edge.dispatch(Request("https://worker.example/"))).text())

        await asyncio.gather(one(), one())

    assert isinstance(edge.clock, VirtualClock)
    run_virtual(edge.clock, both())
    assert got == ["read once", "read once"]


def test_an_endless_loop_is_named(workerd: Path) -> None:
    worker = worker_of(workerd, "export default { fetch() { for (;;) {} } };", limit_s=0.5)
    with pytest.raises(WorkerMisbehaved, match="does not come to an end") as raised:
        answers(edge_with(worker), "/spin")
    assert "GET /spin, invocation 1" in str(raised.value)


def test_a_syntax_error_is_no_worker(workerd: Path) -> None:
    with pytest.raises(CannotHost, match="SyntaxError"):
        worker_of(workerd, "export default { fetch() { return new Response( } };")


def test_an_invocation_has_its_own_variables_and_no_other_has_them(workerd: Path) -> None:
    worker = worker_of(workerd, "export default { fetch: (request, env) => Response.json([env.A, env.B]) };")
    edge = edge_with(worker, vars={"A": "1"})
    got: list[str] = []

    async def ask() -> None:
        for own in ({"B": "2"}, None, {"A": "3"}, {"B": "4"}):
            response = await edge.dispatch(Request("https://worker.example/"), vars=own)
            got.append(await response.text())

    in_virtual_time(edge, ask())
    assert got == ['["1","2"]', '["1",null]', '["3",null]', '["1","4"]']
