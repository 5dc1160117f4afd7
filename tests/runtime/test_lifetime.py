# ruff: noqa: RUF006  (that nothing holds these tasks is the point)
"""What is still under way when the response and the `waitUntil` work are done."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from edgeday.clock import SystemClock, VirtualClock
from edgeday.events import Diagnostic, InvocationEnded
from edgeday.production.settings import ProductionSettings
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web import ReadableStream, Request, Response, caches, sleep

START = "2026-02-16T00:00:00Z"
URL = "https://site.example/"
SLOW = ProductionSettings.model_validate({"latency": {"kv_put": 5000}})


class Base:
    async def later(self, seconds=2):
        await sleep(seconds)
        await self.env.LOG.put("late", "1")


def stored(fetch, *, after_s=60, production=None, read=None, **helpers):
    """What `fetch` leaves in KV under "late", once a minute has passed, and the events of its end."""
    worker = type("Worker", (Base,), {"fetch": fetch, **helpers})
    edge = Edge(clock=VirtualClock(START), namespaces={"LOG": "log"}, worker=worker, production=production)
    events = []
    edge.events.subscribe(Diagnostic, events.append)
    edge.events.subscribe(InvocationEnded, events.append)

    async def main():
        response = await edge.dispatch(Request(URL))
        if read is not None:
            await read(response)
        await edge.drain()
        await sleep(after_s)
        return await edge.env.LOG.get("late")

    return run_virtual(edge.clock, main()), events


def line_of(function, offset=1):
    return f"tests/runtime/test_lifetime.py:{function.__code__.co_firstlineno + offset}"


def test_what_nothing_waits_for_is_lost_and_reported_with_the_line_that_started_it():
    async def fetch(self, request):
        asyncio.ensure_future(self.later())
        return Response("done")

    late, (cut, ended) = stored(fetch)
    assert late is None
    assert (cut.id, cut.place, cut.route) == ("task-cut-off", line_of(fetch), "GET /")
    assert (ended.outcome, ended.cut_off) == ("ok", 1)


def test_what_wait_until_holds_is_done():
    async def fetch(self, request):
        self.ctx.waitUntil(self.later())
        return Response("done")

    late, (ended,) = stored(fetch)
    assert late == "1"
    assert ended.cut_off == 0


def test_wait_until_of_work_that_only_starts_another_task_loses_that_task():
    async def begin(self):
        asyncio.create_task(self.later())

    async def fetch(self, request):
        self.ctx.waitUntil(self.begin())
        return Response("done")

    late, (cut, _) = stored(fetch, begin=begin)
    assert (late, cut.place) == (None, line_of(begin))


def test_a_task_that_is_awaited_later_is_not_cut_off_before():
    async def fetch(self, request):
        task = asyncio.create_task(self.later(5))
        await sleep(10)
        await task
        return Response("done")

    late, (ended,) = stored(fetch)
    assert (late, ended.cut_off) == ("1", 0)


@pytest.mark.parametrize("production", [None, SLOW], ids=["at once", "slow"])
def test_an_operation_that_was_issued_already_completes(production):
    async def fetch(self, request):
        asyncio.create_task(self.env.LOG.put("late", "1"))
        return Response("done")

    late, events = stored(fetch, production=production)
    assert late == "1"
    assert [type(event) for event in events] == [InvocationEnded]


def test_what_stands_behind_an_operation_that_completes_is_lost():
    async def work(self):
        await self.env.LOG.put("first", "1")
        await self.env.LOG.put("late", "1")

    async def fetch(self, request):
        asyncio.create_task(self.work())
        return Response("done")

    late, (cut, _) = stored(fetch, work=work, production=SLOW)
    assert (late, cut.id) == (None, "task-cut-off")


def test_operations_that_were_gathered_complete_and_what_gathered_them_does_not():
    async def work(self):
        await asyncio.gather(self.env.LOG.put("late", "1"), self.env.LOG.put("b", "1"))
        await self.env.LOG.put("late", "2")

    async def fetch(self, request):
        asyncio.create_task(self.work())
        return Response("done")

    late, (cut, ended) = stored(fetch, work=work, production=SLOW)
    assert (late, cut.place, ended.cut_off) == ("1", line_of(fetch), 1)


def test_what_stands_in_finally_does_nothing_any_more():
    async def work(self):
        try:
            await sleep(2)
        finally:
            await self.env.LOG.put("late", "1")

    async def fetch(self, request):
        asyncio.create_task(self.work())
        return Response("done")

    assert stored(fetch, work=work)[0] is None


def test_a_task_that_a_cut_off_task_or_a_timer_starts_does_not_live_either():
    async def fetch(self, request):
        asyncio.get_running_loop().call_later(2, lambda: asyncio.ensure_future(self.later(0)))
        return Response("done")

    assert stored(fetch)[0] is None


def test_what_a_task_raises_is_reported_with_its_place():
    async def work(self):
        raise ValueError("lost")

    async def fetch(self, request):
        asyncio.create_task(self.work())
        return Response("done")

    _, (raised, ended) = stored(fetch, work=work)
    assert (raised.id, raised.place) == ("task-raised", line_of(work))
    assert "ValueError: lost" in raised.text
    assert ended.outcome == "ok"


def test_what_a_task_raises_is_not_reported_where_somebody_asks_for_it():
    async def work(self):
        raise ValueError("met")

    async def fetch(self, request):
        results = await asyncio.gather(self.work(), return_exceptions=True)
        return Response(str(results[0]))

    assert [type(event) for event in stored(fetch, work=work)[1]] == [InvocationEnded]


def test_what_wait_until_work_raises_is_reported_with_its_place():
    async def work(self):
        await sleep(1)
        raise ValueError("lost")

    async def fetch(self, request):
        self.ctx.waitUntil(self.work())
        return Response("done")

    _, (raised, ended) = stored(fetch, work=work)
    assert (raised.id, raised.place) == ("wait-until-raised", line_of(work, 2))
    assert ended.outcome == "ok"


def test_work_that_swallows_its_cancellation_misbehaves_and_holds_nobody_up():
    async def stubborn(self):
        while True:
            with suppress(BaseException):
                await sleep(10)

    async def fetch(self, request):
        self.ctx.waitUntil(self.stubborn())
        return Response("done")

    worker = type("Worker", (), {"fetch": fetch, "stubborn": stubborn})
    edge = Edge(clock=VirtualClock(START), worker=worker)

    async def main():
        await edge.dispatch(Request(URL))
        await edge.drain()

    run_virtual(edge.clock, main())
    assert edge.misbehaved is not None
    assert edge.misbehaved.where == line_of(fetch)
    assert "catches CancelledError" in edge.misbehaved.what


async def test_work_is_cut_off_in_real_time_too():
    class Worker(Base):
        async def fetch(self, request):
            asyncio.ensure_future(self.later(0.01))
            return Response("done")

    edge = Edge(clock=SystemClock(), namespaces={"LOG": "log"}, worker=Worker)
    await edge.dispatch(Request(URL))
    await edge.drain()
    await asyncio.sleep(0.03)
    assert await edge.env.LOG.get("late") is None


async def test_a_task_factory_that_a_loop_has_already_stays_in_use():
    made = []

    def factory(loop, coro, **options):
        made.append(coro)
        return asyncio.Task(coro, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(factory)

    class Worker(Base):
        async def fetch(self, request):
            asyncio.ensure_future(self.later(0.01))
            return Response("done")

    edge = Edge(clock=SystemClock(), namespaces={"LOG": "log"}, worker=Worker)
    await edge.dispatch(Request(URL))
    await edge.drain()
    assert len(made) == 1


# bodies that code makes


def streaming(seconds=5, raises=None):
    async def chunks(self):
        yield b"first "
        await sleep(seconds)
        if raises is not None:
            raise raises
        await self.env.LOG.put("late", "1")
        await caches.default.match("https://cache.internal/x")
        yield b"second"

    async def fetch(self, request):
        asyncio.create_task(self.later(1))
        return Response(ReadableStream(self.chunks()))

    return {"fetch": fetch, "chunks": chunks}


def test_a_body_that_code_makes_keeps_the_invocation_alive_until_it_is_read():
    texts = []

    async def read(response):
        texts.append(await response.text())

    late, (ended,) = stored(**streaming(), read=read)
    assert (late, texts, ended.cut_off) == ("1", ["first second"], 0)
    assert ended.at - ended.started_at == 5
    assert ended.external == 1


def test_a_body_that_nobody_reads_is_given_up():
    late, events = stored(**streaming())
    assert late is None
    assert [getattr(event, "id", "ended") for event in events] == ["task-cut-off", "ended"]


def test_what_a_body_raises_is_raised_to_its_reader_and_is_the_invocation_s_exception():
    async def read(response):
        with pytest.raises(ValueError, match="broken"):
            await response.text()

    _, (ended,) = stored(**streaming(raises=ValueError("broken")), read=read)
    assert (ended.outcome, ended.status, ended.error) == ("exception", 200, "ValueError: broken")
