"""Storage that takes virtual time: overlapping requests, lost updates, six connections, midnight."""

from __future__ import annotations

import asyncio

import pytest

from edgeday.clock import VirtualClock
from edgeday.distributions import Fixed, Uniform
from edgeday.errors import QuotaExceeded
from edgeday.events import Cause, Operation
from edgeday.ledger import Op
from edgeday.limits import Switches
from edgeday.production.settings import Fault, IsolateSettings, LatencySettings, ProductionSettings
from edgeday.runtime.edge import Edge
from edgeday.server.errors import ApiError
from edgeday.server.kv_operations import KVOperations, Write
from edgeday.server.namespaces import Namespace
from edgeday.storage.records import KVEntry
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request, Response

PAGES = Namespace("kv", "pages")


def rule(ms=100.0, **others):
    names = ("kv_get", "kv_put", "kv_delete", "kv_list", "cache_match", "cache_put", "cache_delete")
    return LatencySettings(**{name: Fixed(value=ms) for name in names} | others)


def slow_edge(clock, latency=None, propagation=False, **parts):
    production = ProductionSettings(latency=latency or rule(), propagation=propagation)
    return Edge(clock=clock, namespaces={"kv": "kv"}, production=production, **parts)


def in_virtual_time(work, start="2026-03-01T12:00:00Z", **parts):
    """Run `work(edge, clock)` on an edge whose storage takes 100 ms."""
    clock = VirtualClock(start)
    edge = slow_edge(clock, **parts)
    return run_virtual(clock, work(edge, clock))


def test_a_storage_call_takes_its_time():
    async def work(edge, clock):
        async with edge.invocation():
            await edge.env.kv.put("a", "1")
            await edge.env.kv.get("a")
        return clock.elapsed_us

    assert in_virtual_time(work) == 200_000


def test_two_requests_that_read_and_then_write_lose_an_update():
    async def work(edge, clock):
        async def append(word):
            async with edge.invocation():
                known = await edge.env.kv.get("index") or ""
                await edge.env.kv.put("index", known + word)

        await asyncio.gather(append("a"), append("b"))
        async with edge.invocation():
            return await edge.env.kv.get("index")

    assert in_virtual_time(work, switches=Switches(key_write_rate="off")) in {"a", "b"}


def test_without_latency_the_same_two_requests_lose_nothing(clock):
    async def work():
        edge = Edge(clock=clock, namespaces={"kv": "kv"}, switches=Switches(key_write_rate="off"))

        async def append(word):
            async with edge.invocation():
                known = await edge.env.kv.get("index") or ""
                await edge.env.kv.put("index", known + word)

        await asyncio.gather(append("a"), append("b"))
        async with edge.invocation():
            return await edge.env.kv.get("index")

    assert sorted(run_virtual(clock, work())) == ["a", "b"]


@pytest.mark.parametrize(("calls", "took_ms"), [(6, 100), (7, 200), (12, 200), (13, 300)])
def test_the_seventh_call_at_once_waits_for_a_connection(calls, took_ms):
    async def work(edge, clock):
        async with edge.invocation():
            await asyncio.gather(*(edge.env.kv.get(f"k{number}") for number in range(calls)))
        return clock.elapsed_us / 1000

    assert in_virtual_time(work) == took_ms


def test_each_invocation_has_six_connections_of_its_own():
    async def work(edge, clock):
        async def six():
            async with edge.invocation():
                await asyncio.gather(*(edge.env.kv.get(f"k{number}") for number in range(6)))

        await asyncio.gather(six(), six())
        return clock.elapsed_us / 1000

    assert in_virtual_time(work) == 100


def test_a_bulk_read_waits_for_no_connection():
    async def work(edge, clock):
        async with edge.invocation():
            await asyncio.gather(
                *(edge.env.kv.get(f"k{number}") for number in range(6)), edge.env.kv.get(["a", "b"])
            )
        return clock.elapsed_us / 1000

    assert in_virtual_time(work) == 100


def test_a_bulk_read_of_which_copies_answer_all_but_one_waits_for_no_connection_either():
    async def work(edge, clock):
        async with edge.invocation():
            await edge.env.kv.get("a")
            others = [edge.env.kv.get(f"k{number}") for number in range(6)]
            await asyncio.gather(*others, edge.env.kv.get(["a", "b"]))
        return clock.elapsed_us / 1000

    assert in_virtual_time(work, propagation=True) == 200


def test_calls_that_are_due_at_the_same_instant_act_in_the_order_they_were_made():
    async def work(edge, clock):
        async def put(value):
            async with edge.invocation():
                await edge.env.kv.put("a", value)

        await asyncio.gather(*(put(str(number)) for number in range(10)))
        return await edge.env.kv.get("a")

    assert in_virtual_time(work, switches=Switches(key_write_rate="off")) == "9"


def test_fetches_and_storage_share_the_six_connections():
    async def origin(request, invocation):
        await asyncio.sleep(1)
        return Response("")

    async def work(edge, clock):
        async with edge.invocation() as invocation:
            fetches = [invocation.fetch(Request("https://origin.example/")) for _ in range(6)]
            await asyncio.gather(*fetches, edge.env.kv.get("a"))
        return clock.elapsed_us / 1000

    assert in_virtual_time(work, outbound={"*": origin}) == 1100


def test_a_call_is_charged_on_the_day_it_is_made_although_it_ends_after_midnight():
    async def work(edge, clock):
        async with edge.invocation():
            await edge.env.kv.put("a", "1")
        today = edge.ledger.today
        return [edge.ledger.usage(Op.WRITE, day).accepted for day in (today - 1, today)]

    assert in_virtual_time(work, start="2026-03-01T23:59:59.950Z") == [1, 0]


def test_a_refused_write_takes_no_time_and_changes_nothing():
    async def work(edge, clock):
        for number in range(1000):
            await edge.env.kv.put(f"k{number}", "x")
        began = clock.elapsed_us
        async with edge.invocation():
            with pytest.raises(QuotaExceeded):
                await edge.env.kv.put("a", "1")
            assert clock.elapsed_us == began
            return await edge.env.kv.get("a")

    assert in_virtual_time(work) is None


def test_the_times_of_an_invocation_do_not_depend_on_what_runs_beside_it():
    async def took(edge, clock):
        async with edge.invocation():
            began = clock.elapsed_us
            await edge.env.kv.get("a")
            return clock.elapsed_us - began

    async def alone(edge, clock):
        return await took(edge, clock)

    async def in_company(edge, clock):
        first, *_ = await asyncio.gather(took(edge, clock), took(edge, clock), took(edge, clock))
        return first

    drawn = rule(kv_get=Uniform(low=1, high=1000))
    assert in_virtual_time(alone, latency=drawn) == in_virtual_time(in_company, latency=drawn)


def test_what_is_done_outside_an_invocation_takes_no_time():
    async def work(edge, clock):
        await edge.env.kv.put("a", "1")
        await edge.caches.purge(everything=True)
        return clock.elapsed_us

    assert in_virtual_time(work) == 0


# isolates


def isolates_of(clock, **rule):
    return Edge(clock=clock, production=ProductionSettings(isolates=IsolateSettings(**rule)))


async def state(edge, colo="SOF"):
    async with edge.invocation(colo=colo) as invocation:
        return invocation.isolate


@pytest.mark.parametrize(("waited_s", "same"), [(1799, True), (1800, False)])
async def test_an_isolate_lives_for_its_time_from_the_first_request_on(clock, waited_s, same):
    edge = isolates_of(clock, per_colo=1, life="30m")
    first = await state(edge)
    clock.advance(seconds=waited_s)
    assert (await state(edge) is first) is same


async def test_a_request_that_runs_on_keeps_the_isolate_it_began_in(clock):
    edge = isolates_of(clock, per_colo=1, life="1m")
    async with edge.invocation() as running:
        running.isolate["known"] = 1
        clock.advance(seconds=60)
        assert await state(edge) == {}
        assert running.isolate == {"known": 1}


async def test_requests_are_spread_over_so_many_isolates_and_data_centres_share_none(clock):
    edge = isolates_of(clock, per_colo=3, life="30m")
    states = [await state(edge) for _ in range(60)]
    assert len({id(one) for one in states}) == 3
    elsewhere = await state(edge, "FRA")
    assert all(elsewhere is not one for one in states)


async def test_the_isolates_of_a_seed_are_the_same_again(clock):
    async def marks(seed):
        production = ProductionSettings(isolates=IsolateSettings(per_colo=2, life="30m"))
        edge = Edge(clock=clock, seed=seed, production=production)
        states = [await state(edge) for _ in range(30)]
        return [one is states[0] for one in states]

    assert await marks(1) == await marks(1)
    assert await marks(1) != await marks(2)


# faults


def failing_kv(clock, seed=0, **more):
    """An edge whose KV fails for a minute."""
    production = ProductionSettings(faults=[Fault(service="kv", at="+0s", lasts="1m", **more)])
    return Edge(clock=clock, namespaces={"kv": "kv"}, seed=seed, production=production)


@pytest.mark.parametrize(
    ("status", "text"), [(429, "429 Too Many Requests"), (500, "500 Internal Server Error")]
)
async def test_a_failing_kv_gives_the_runtimes_text_and_stores_nothing(clock, status, text):
    edge = failing_kv(clock, ops=["put"], status=status)
    heard = []
    edge.events.subscribe(Operation, heard.append, outcomes=("error",))
    async with edge.invocation():
        with pytest.raises(Exception, match=f"KV PUT failed: {text}$"):
            await edge.env.kv.put("a", "1")
        assert await edge.env.kv.get("a") is None
    assert [(event.cause, event.reason) for event in heard] == [
        (Cause.FAULT, f"KV PUT failed: {text} (KV was in trouble)")
    ]
    assert edge.ledger.usage(Op.WRITE).accepted == 1
    clock.advance(seconds=60)
    await edge.env.kv.put("a", "1")
    assert await edge.env.kv.get("a") == "1"


@pytest.mark.parametrize("call", ["get", "getWithMetadata", "put", "delete", "list"])
async def test_every_operation_of_kv_can_fail(clock, call):
    edge = failing_kv(clock)
    arguments = {"put": ("a", "1"), "list": ()}.get(call, ("a",))
    with pytest.raises(Exception, match="failed: 500 Internal Server Error"):
        await getattr(edge.env.kv, call)(*arguments)


API_CALLS = {
    "get": lambda api: api.get(PAGES, "a"),
    "put": lambda api: api.put(PAGES, Write("a", b"2")),
    "delete": lambda api: api.delete(PAGES, "a"),
    "list": lambda api: api.list(PAGES, prefix="", limit=10, cursor=""),
    "bulk get": lambda api: api.bulk_get(PAGES, ["a", "b"], "text"),
    "bulk put": lambda api: api.bulk_put(PAGES, [Write("a", b"2"), Write("b", b"2")]),
    "bulk delete": lambda api: api.bulk_delete(PAGES, ["a", "b"]),
}


@pytest.mark.parametrize("call", API_CALLS)
@pytest.mark.parametrize(("status", "code"), [(500, 10001), (503, 10001), (429, 971)])
async def test_a_failing_kv_fails_calls_of_the_rest_api_which_are_charged_and_change_nothing(
    clock, call, status, code
):
    edge = failing_kv(clock, status=status)
    await edge.store.kv_put(None, "kv", [("a", KVEntry(b"1", None, None, 0.0))], 0)
    heard = []
    edge.events.subscribe(Operation, heard.append)
    with pytest.raises(ApiError) as raised:
        await API_CALLS[call](KVOperations(edge.services, {}))
    assert (raised.value.status, raised.value.code) == (status, code)
    units = 2 if call.startswith("bulk") else 1
    assert [(event.outcome, event.cause, event.units, event.colo) for event in heard] == [
        ("error", Cause.FAULT, units, "SOF")
    ]
    assert sum(edge.ledger.usage(op).accepted for op in Op) == units
    (first, second) = await edge.store.kv_peek("kv", ["a", "b"], clock.now())
    assert (first.value, second) == (b"1", None)


async def test_a_share_of_the_operations_fails_the_same_ones_for_the_same_seed(clock):
    async def outcomes(seed):
        edge = failing_kv(clock, seed, share=0.3)
        failed = []
        for number in range(200):
            try:
                await edge.env.kv.get("a")
            except Exception:
                failed.append(number)
        return failed

    assert await outcomes(1) == await outcomes(1)
    assert 30 < len(await outcomes(1)) < 90


@pytest.mark.parametrize(
    ("fault", "answer"),
    [({}, "Network connection lost."), ({"status": 503}, 503), ({"slower_s": Fixed(value=9)}, 200)],
)
def test_a_fetch_fails_is_answered_with_a_status_or_takes_longer(fault, answer):

    async def origin(request, invocation):
        return Response("fine")

    clock = VirtualClock("2026-03-01T12:00:00Z")
    fault = Fault(service="fetch", at="+0s", lasts="1m", **fault)
    edge = Edge(clock=clock, outbound={"*": origin}, production=ProductionSettings(faults=[fault]))

    async def work():
        async with edge.invocation() as invocation:
            try:
                response = await invocation.fetch(Request("https://origin.example/"))
            except Exception as error:
                return str(error)
            return response.status

    assert run_virtual(clock, work()) == answer
    assert clock.elapsed_us == (9_000_000 if fault.slower_s else 0)


async def test_a_reset_draws_the_same_faults_again(clock):
    edge = failing_kv(clock, share=0.5)

    async def failed():
        numbers = []
        for number in range(40):
            try:
                await edge.env.kv.get("a")
            except Exception:
                numbers.append(number)
        return numbers

    first = await failed()
    await edge.reset()
    assert await failed() == first
