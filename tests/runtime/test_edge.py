from __future__ import annotations

import asyncio

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformError, WorkerRaised
from edgeday.events import InvocationEnded, InvocationStarted
from edgeday.ledger import Op, Usage
from edgeday.runtime.edge import Edge
from edgeday.runtime.handlers import Env
from edgeday.virtual_loop import run_virtual
from edgeday.web import Request, Response, caches, isolate_state, random_uuid, sleep

START = "2026-02-16T00:00:00Z"
URL = "https://site.example/path?q=1#part"


def make_edge(worker=None, **options):
    return Edge(clock=VirtualClock(START), namespaces={"KV": "kv"}, worker=worker, **options)


def recorded(edge):
    """Everything that is told of invocations."""
    events = []
    edge.events.subscribe(InvocationStarted, events.append)
    edge.events.subscribe(InvocationEnded, events.append)
    return events


def worker_that(fetch):
    """A worker whose handler is a function of the worker and the request."""

    class Worker:
        async def fetch(self, request):
            return await fetch(self, request)

    return Worker


async def text_of(edge, **options):
    return await (await edge.dispatch(Request(URL), **options)).text()


# what a worker is given


async def test_a_worker_without_an_init_finds_env_and_ctx_on_itself():
    async def handler(worker, request):
        await worker.env.KV.put("a", "stored")
        worker.ctx.waitUntil(asyncio.sleep(0))
        return Response(await worker.env.KV.get("a"))

    edge = make_edge(worker_that(handler))
    assert await text_of(edge) == "stored"
    await edge.drain()


async def test_a_worker_with_an_init_is_given_ctx_and_env():
    class Worker:
        def __init__(self, ctx, env):
            self.kept = (ctx, env)

        async def fetch(self, request):
            ctx, env = self.kept
            ctx.wait_until(asyncio.sleep(0))
            return Response(env.GREETING)

    edge = make_edge(Worker, vars={"GREETING": "hello"})
    assert await text_of(edge) == "hello"
    await edge.drain()


async def test_a_worker_is_made_anew_for_each_invocation_and_its_isolate_stays():
    async def handler(worker, request):
        worker.seen = getattr(worker, "seen", 0) + 1
        state = isolate_state()
        state["seen"] = state.get("seen", 0) + 1
        return Response(f"{worker.seen} {state['seen']}")

    edge = make_edge(worker_that(handler))
    assert [await text_of(edge) for _ in range(3)] == ["1 1", "1 2", "1 3"]
    assert await text_of(edge, colo="FRA") == "1 1"
    await edge.env.KV.put("a", "kept")
    edge.new_isolate()
    assert await text_of(edge) == "1 1"
    assert await edge.env.KV.get("a") == "kept"


def test_a_name_that_env_does_not_have_is_an_attribute_error_that_lists_those_it_has():
    env = Env(KV=1, self=2)
    assert (env.KV, env.self) == (1, 2)
    with pytest.raises(AttributeError, match="env has no 'KW'; its bindings and variables are: KV, self"):
        _ = env.KW
    assert getattr(env, "KW", "default") == "default"


async def test_an_edge_without_a_worker_says_how_to_give_it_one():
    with pytest.raises(ValueError, match=r"pass Edge\(worker=YourWorker\)"):
        await make_edge().dispatch(Request(URL))


# errors


async def fails(worker, request):
    raise PlatformError("KV put() limit exceeded for the day.")


async def breaks(worker, request):
    return {}["missing"]


async def test_a_platform_error_that_is_not_caught_is_the_page_of_error_1101():
    edge = make_edge(worker_that(fails))
    events = recorded(edge)
    response = await edge.dispatch(Request(URL))
    assert (response.status, await response.text()) == (500, "error code: 1101")
    assert (events[-1].outcome, events[-1].status) == ("exception", 500)
    assert events[-1].error == "Error: KV put() limit exceeded for the day."


async def test_any_other_exception_is_one_failed_request_with_its_place_and_traceback():
    edge = make_edge(worker_that(breaks))
    events = recorded(edge)
    response = await edge.dispatch(Request(URL))
    assert (response.status, await response.text()) == (500, "error code: 1101")
    ended = events[-1]
    assert (ended.outcome, ended.error) == ("exception", "KeyError: 'missing'")
    line = breaks.__code__.co_firstlineno + 1
    assert ended.place == f"tests/runtime/test_edge.py:{line}"
    assert ended.trace.splitlines()[-3:] == [
        f'  File "tests/runtime/test_edge.py", line {line}, in breaks',
        '    return {}["missing"]',
        "KeyError: 'missing'",
    ]


async def test_a_strict_edge_raises_a_defect_of_the_worker_named_with_route_and_instant():
    edge = make_edge(worker_that(breaks), strict_worker=True)
    events = recorded(edge)
    edge.clock.advance(hours=5)
    with pytest.raises(WorkerRaised) as raised:
        await edge.dispatch(Request(URL, method="POST"))
    assert raised.value.where == "POST /path, invocation 1, at 2026-02-16T05:00:00Z"
    assert isinstance(raised.value.__cause__, KeyError)
    assert (events[-1].outcome, events[-1].error) == ("exception", "KeyError: 'missing'")


# events


@pytest.mark.parametrize(
    ("handler", "outcome"),
    [
        pytest.param(fails, "exception", id="fails"),
        pytest.param(breaks, "exception", id="breaks"),
        pytest.param(None, "ok", id="answers"),
    ],
)
async def test_every_invocation_starts_and_ends_once(handler, outcome):
    async def answers(worker, request):
        worker.ctx.waitUntil(asyncio.sleep(0))
        return Response("ok", status=201)

    edge = make_edge(worker_that(handler or answers))
    events = recorded(edge)
    for _ in range(2):
        await edge.dispatch(Request(URL), colo="FRA")
    await edge.drain()
    assert sorted((event.invocation, type(event).__name__) for event in events) == [
        (1, "InvocationEnded"),
        (1, "InvocationStarted"),
        (2, "InvocationEnded"),
        (2, "InvocationStarted"),
    ]
    assert {(event.route, event.colo) for event in events} == {("GET /path", "FRA")}
    assert {event.outcome for event in events if isinstance(event, InvocationEnded)} == {outcome}


def test_an_invocation_ends_when_its_background_work_is_over():
    async def handler(worker, request):
        worker.ctx.waitUntil(sleep(20))
        await sleep(5)
        return Response("ok")

    edge = make_edge(worker_that(handler))
    events = recorded(edge)
    answered = []

    async def main():
        await edge.dispatch(Request(URL))
        answered.append(edge.clock.elapsed_us)
        await edge.drain()

    run_virtual(edge.clock, main())
    assert answered == [5_000_000]
    assert events[-1].at - events[-1].started_at == 20
    assert events[-1].status == 200


@pytest.mark.parametrize("background_s", [0, 60])
def test_a_cancelled_invocation_ends_as_cancelled(background_s):
    async def handler(worker, request):
        if background_s:
            worker.ctx.waitUntil(sleep(background_s))
        await sleep(1000)

    edge = make_edge(worker_that(handler))
    events = recorded(edge)

    async def main():
        task = asyncio.create_task(edge.dispatch(Request(URL)))
        await asyncio.sleep(10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(edge.clock, main())
    assert [type(event) for event in events] == [InvocationStarted, InvocationEnded]
    assert (events[-1].outcome, events[-1].status) == ("cancelled", 0)


def test_cancelling_the_wait_for_background_work_still_ends_the_invocation():
    edge = make_edge()
    events = recorded(edge)

    async def opened():
        async with edge.invocation() as invocation:
            invocation.ctx.waitUntil(sleep(20))

    async def main():
        task = asyncio.create_task(opened())
        await asyncio.sleep(10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    run_virtual(edge.clock, main())
    assert [type(event) for event in events] == [InvocationStarted, InvocationEnded]


async def test_an_invocation_without_a_worker_tells_what_was_raised_in_it():
    edge = make_edge()
    events = recorded(edge)
    with pytest.raises(ValueError, match="mine"):
        async with edge.invocation("GET /x"):
            raise ValueError("mine")
    assert (events[-1].route, events[-1].outcome, events[-1].error) == ("GET /x", "exception", "mine")


# edges apart, and from the start


async def stored_in(edge):
    """What an edge holds: a KV value, a cached page, its reads, what its isolate remembers, its next id."""
    value = await edge.env.KV.get("a")
    async with edge.invocation():
        page = await caches.default.match("https://cache.internal/a")
        remembered = isolate_state().get("a")
        return value, page is not None, edge.ledger.usage(Op.WRITE), remembered, random_uuid()


async def fill(edge):
    await edge.env.KV.put("a", "1")
    async with edge.invocation():
        headers = {"Cache-Control": "max-age=600"}
        await caches.default.put("https://cache.internal/a", Response("x", headers=headers))
        isolate_state()["a"] = 1


async def test_two_edges_in_one_process_never_see_each_other():
    first, second, untouched = make_edge(), make_edge(), make_edge()
    await fill(first)
    first.clock.advance(seconds=10)
    assert (await stored_in(first))[:4] == ("1", True, Usage(1, 1, 0), 1)
    assert await stored_in(second) == await stored_in(untouched)
    assert second.clock.elapsed_us == 0


async def test_two_edges_may_be_entered_inside_each_other():
    first, second = make_edge(seed=1), make_edge(seed=2)
    async with first.invocation() as outer:
        async with second.invocation() as inner:
            await caches.default.match("https://cache.internal/a")
        await caches.default.match("https://cache.internal/a")
        await caches.default.match("https://cache.internal/a")
    assert (outer.external, inner.external) == (2, 1)


async def test_reset_returns_an_edge_to_its_first_moment():
    edge, new = make_edge(), make_edge()
    await fill(edge)
    edge.clock.advance(days=3)
    await edge.reset()
    assert edge.clock.elapsed_us == 0
    assert edge.ledger.days() == []
    assert await stored_in(edge) == await stored_in(new)


async def test_bindings_of_one_namespace_share_it_and_others_do_not():
    edge = Edge(clock=VirtualClock(START), namespaces={"A": "one", "B": "one", "C": "two"})
    await edge.env.A.put("key", "value")
    assert await edge.env.B.get("key") == "value"
    assert await edge.env.C.get("key") is None
    assert edge.ledger.usage(Op.READ).accepted == 2
