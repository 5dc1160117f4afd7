"""`ctx`: what a handler can wait for, and what it says to the rest."""

from __future__ import annotations

import asyncio

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformTypeError
from edgeday.runtime.edge import Edge
from edgeday.web import Request, Response
from tests.conftest import START


def as_coroutine(work):
    return work


def as_task(work):
    return asyncio.create_task(work)


def as_future(work):
    return asyncio.ensure_future(work)


def as_gathering(work):
    return asyncio.gather(work)


def as_object(work):
    class Later:
        def __await__(self):
            return work.__await__()

    return Later()


@pytest.mark.parametrize("made", [as_coroutine, as_task, as_future, as_gathering, as_object])
async def test_whatever_can_be_awaited_can_be_waited_for(made):
    class Worker:
        async def fetch(self, _request):
            self.ctx.waitUntil(made(self.env.kv.put("k", "v")))
            return Response("ok")

    edge = Edge(clock=VirtualClock(START), namespaces={"kv": "namespace-1"}, worker=Worker)
    await edge.dispatch(Request("https://example.com/"))
    await edge.drain()
    assert await edge.env.kv.get("k") == "v"


@pytest.mark.parametrize("work", [None, 5, "text", as_coroutine, [as_coroutine]])
async def test_what_cannot_be_awaited_is_refused_in_the_words_of_the_runtime(work):
    edge = Edge(clock=VirtualClock(START), namespaces={})
    async with edge.invocation() as invocation:
        with pytest.raises(PlatformTypeError) as raised:
            invocation.ctx.waitUntil(work)
    assert raised.value.message == (
        "Failed to execute 'waitUntil' on 'ExecutionContext': parameter 1 is not of type 'Promise'."
    )


async def test_no_origin_stands_behind_the_worker_and_no_caller_gives_it_props():
    edge = Edge(clock=VirtualClock(START), namespaces={})
    async with edge.invocation() as invocation:
        invocation.ctx.passThroughOnException()
        assert invocation.ctx.props == {}
