"""What of a Python Worker's invocation goes on, and until when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from edgeday.clock import VirtualClock
from edgeday.events import Diagnostic
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request

STARTS = """
import asyncio
from workers import Response, WorkerEntrypoint, fetch, wait_until

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        async def later(key):
            await asyncio.sleep(1)
            await self.env.KV.put(key, "done")
        {start}
        return Response("answered")
"""
CUT_OFF = "work that is started here and that nothing waits for was cut off at the end of the request"


def stored(host, source: str, keys: str) -> tuple[list[Any], list[Diagnostic]]:
    """The values of these keys an hour after a request, and what was diagnosed; in virtual time."""
    clock = VirtualClock("2026-03-01T12:00:00Z")
    edge = Edge(worker=host(source), namespaces={"KV": "1"}, clock=clock)
    diagnostics: list[Diagnostic] = []
    edge.events.subscribe(Diagnostic, diagnostics.append)

    async def run() -> list[Any]:
        assert await (await edge.dispatch(Request("https://a.example/"))).text() == "answered"
        await asyncio.sleep(3600)
        await edge.drain()
        return [await edge.env.KV.get(key) for key in keys]

    return run_virtual(clock, run()), diagnostics


@pytest.mark.parametrize(
    "start",
    [
        'asyncio.create_task(later("k"))',
        'asyncio.ensure_future(later("k"))',
        'asyncio.gather(later("k"))',
        '__import__("js").setTimeout(lambda: later("k"), 10)',
    ],
)
def test_work_that_nothing_waits_for_is_cut_off_and_reported(host, start):
    values, diagnostics = stored(host, STARTS.format(start=f"self.held = {start}"), "k")
    assert values == [None]
    assert [one.id for one in diagnostics] == ["task-cut-off"]
    assert diagnostics[0].text.startswith(CUT_OFF)


@pytest.mark.parametrize(
    "start",
    [
        'self.ctx.waitUntil(later("k"))',
        'self.ctx.waitUntil(asyncio.create_task(later("k")))',
        'wait_until(later("k"))',
        'await later("k")',
    ],
)
def test_work_that_is_waited_for_goes_on(host, start):
    assert stored(host, STARTS.format(start=start), "k") == (["done"], [])


def test_work_that_only_starts_other_work_loses_it(host):
    start = "async def starts(): self.held = asyncio.create_task(later('k'))\n"
    start += "        self.ctx.waitUntil(starts())"
    values, diagnostics = stored(host, STARTS.format(start=start), "k")
    assert values == [None]
    assert [one.id for one in diagnostics] == ["task-cut-off"]


def test_an_operation_that_was_issued_completes(host):
    start = 'self.held = asyncio.ensure_future(self.env.KV.put("k", "done"))'
    assert stored(host, STARTS.format(start=start), "k") == (["done"], [])


CRON = """
from workers import WorkerEntrypoint
class Default(WorkerEntrypoint):
    {handler}
"""


@pytest.mark.parametrize(
    ("handler", "outcome", "error"),
    [
        ("async def scheduled(self, controller, *_): await self.env.KV.put('k', controller.cron)", "ok", ""),
        ("def scheduled(self, controller, env, ctx): controller.noRetry()", "ok", ""),
        ("async def scheduled(self, controller): pass", "exception", "TypeError"),
        ("async def scheduled(self, _, env, ctx): await env.KV.get('k')", "exception", "AttributeError"),
        ("async def fetch(self): pass", "exception", "Handler does not export a scheduled() function"),
    ],
)  # fmt: skip
async def test_a_cron_runs_as_on_cloudflare(host, account, handler, outcome, error):
    edge = account(host(CRON.format(handler=handler)))
    ended = await edge.dispatch_scheduled("*/5 * * * *")
    assert (ended.outcome, error in ended.error) == (outcome, True)
    assert ended.no_retry is ("noRetry" in handler)


async def test_chunks_of_a_body_are_made_after_the_handler_has_returned(host, account):
    worker = host("""
from js import ReadableStream, Response
from pyodide.ffi import create_proxy, to_js
from js import Object
from workers import WorkerEntrypoint

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        made = []
        async def pull(controller):
            from js import console                    # a late import, while the body is sent
            value = await self.env.KV.get(f"part:{len(made)}")
            if value is None:
                return controller.close()
            made.append(value)
            controller.enqueue(to_js(value.encode()))
        source = to_js({"pull": pull}, dict_converter=Object.fromEntries)
        return Response.new(ReadableStream.new(source))
""")
    edge = account(worker)
    for number, text in enumerate(("one ", "two ", "three")):
        await edge.env.KV.put(f"part:{number}", text)
    response = await edge.dispatch(Request("https://a.example/"))
    assert await response.text() == "one two three"
