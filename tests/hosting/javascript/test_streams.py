"""Bodies that JavaScript writes while they are sent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from edgeday.events import InvocationEnded, Operation
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Request
from tests.hosting.javascript.workers import answer, edge_with, in_virtual_time, worker_of

pytestmark = pytest.mark.workerd

URL = "https://worker.example/"
TICKER = """const encoder = new TextEncoder();
export default {
  fetch(request, env, ctx) {
    let n = 0;
    return new Response(new ReadableStream({
      async pull(controller) {
        await scheduler.wait(1000);
        await env.KV.get(`tick ${++n}`);
        controller.enqueue(encoder.encode(`${n} `));
        if (n === MOST) controller.close();
      },
      cancel: (reason) => ctx.waitUntil(env.KV.put("cancelled", "yes")),
    }), { headers: { "x-ticks": "yes" } });
  },
};"""
WRITER = """const encoder = new TextEncoder();
export default {
  fetch(request, env, ctx) {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const write = async () => { WRITES };
    ctx.waitUntil(write());
    return new Response(readable);
  },
};"""


def watched(workerd: Path, source: str) -> tuple[Edge, list[InvocationEnded], list[Operation]]:
    edge = edge_with(worker_of(workerd, source))
    ends: list[InvocationEnded] = []
    operations: list[Operation] = []
    edge.events.subscribe(InvocationEnded, ends.append)
    edge.events.subscribe(Operation, operations.append)
    return edge, ends, operations


def parts(edge: Edge, most: int = 100) -> list[tuple[float, str]]:
    """The parts of an answer's body, so many at most, each with the seconds after which it came; then the
    client hangs up."""
    got: list[tuple[float, str]] = []
    start = edge.clock.now()

    async def read() -> None:
        response = await edge.dispatch(Request(URL))
        assert response.body is not None
        stream: Any = aiter(response.body)
        async for part in stream:
            got.append((round(edge.clock.now() - start, 3), part.decode()))
            if len(got) == most:
                break
        await stream.aclose()
        await edge.drain()

    in_virtual_time(edge, read())
    return got


def test_a_body_comes_in_parts_as_it_is_written_in_the_accounts_time(workerd: Path) -> None:
    edge, ends, _ = watched(workerd, TICKER.replace("MOST", "3"))
    assert parts(edge) == [(1.0, "1 "), (2.0, "2 "), (3.0, "3 ")]
    assert [(end.outcome, end.status, end.cut_off) for end in ends] == [("ok", 200, 0)]


def test_an_endless_body_ends_when_the_client_hangs_up(workerd: Path) -> None:
    edge, ends, operations = watched(workerd, TICKER.replace("MOST", "Infinity"))
    assert parts(edge, 2) == [(1.0, "1 "), (2.0, "2 ")]
    assert "put" in [one.op for one in operations]
    assert [end.outcome for end in ends] == ["ok"]


def test_the_head_is_there_before_the_body(workerd: Path) -> None:
    edge, _, _ = watched(workerd, TICKER.replace("MOST", "3"))
    seen: list[Any] = []

    async def head() -> None:
        response = await edge.dispatch(Request(URL))
        seen.append((edge.clock.now_ms() % 1000, response.status, response.headers.get("x-ticks")))
        await edge.drain()

    in_virtual_time(edge, head())
    assert seen == [(0, 200, "yes")]


def test_a_writer_may_go_on_after_the_response(workerd: Path) -> None:
    writes = """for (const part of ["a", "b"]) {
        await writer.write(encoder.encode(part));
        await scheduler.wait(500);
      }
      await writer.close();"""
    edge, ends, _ = watched(workerd, WRITER.replace("WRITES", writes))
    assert parts(edge) == [(0.0, "a"), (0.5, "b")]
    assert [end.outcome for end in ends] == ["ok"]


def test_a_body_that_nothing_closes_is_the_platforms_error(workerd: Path) -> None:
    edge, ends, _ = watched(workerd, WRITER.replace("WRITES", 'writer.write(encoder.encode("a"));'))
    with pytest.raises(Exception, match="never generate a response"):
        parts(edge)
    assert [(end.outcome, end.status) for end in ends] == [("exception", 200)]


def test_a_body_that_fails_is_an_exception_with_the_status_that_was_sent(workerd: Path) -> None:
    writes = 'await writer.write(encoder.encode("a")); await writer.abort(new RangeError("boom"));'
    edge, ends, _ = watched(workerd, WRITER.replace("WRITES", writes))
    with pytest.raises(Exception, match="boom"):
        parts(edge)
    assert [(end.outcome, end.status, end.error) for end in ends] == [("exception", 200, "RangeError: boom")]


@pytest.mark.parametrize(
    "body",
    [
        '"x".repeat(2_000_000)',
        "new Uint8Array(2_000_000).fill(120)",
        'new Blob(["x".repeat(2_000_000)])',
        'new Response("x".repeat(2_000_000)).body',
        'new Response("x".repeat(2_000_000)).body.pipeThrough(new TransformStream())',
        """new Response("x".repeat(2_000_000)).body
          .pipeThrough(new CompressionStream("gzip")).pipeThrough(new DecompressionStream("gzip"))""",
    ],
)
def test_large_bodies_arrive_whole(workerd: Path, body: str) -> None:
    assert answer(workerd, f"export default {{ fetch: () => new Response({body}) }};") == "x" * 2_000_000


def test_two_bodies_are_written_at_the_same_time(workerd: Path) -> None:
    edge, _, _ = watched(workerd, TICKER.replace("MOST", "2"))
    got: list[tuple[float, str]] = []

    async def one() -> None:
        response = await edge.dispatch(Request(URL))
        got.append((edge.clock.now() - 1771200000, await response.text()))

    async def both() -> None:
        await asyncio.gather(one(), one())

    in_virtual_time(edge, both())
    assert [text for _, text in got] == ["1 2 ", "1 2 "]
    assert edge.clock.now() - 1771200000 == pytest.approx(2)
