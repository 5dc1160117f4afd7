from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformError, PlatformTypeError, QuotaExceeded, TooManySubrequests
from edgeday.events import Cause, InvocationEnded, Operation
from edgeday.ledger import Op, Usage
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web import Request, Response, caches, fetch, random_uuid

START = "2026-02-16T00:00:00Z"
BEFORE_THE_CHANGE = "2026-02-10T00:00:00Z"
EXTERNAL_TEXT = "Too many subrequests by single Worker invocation."
INTERNAL_TEXT = (
    "Too many API requests by single Worker invocation. To configure this limit, refer to "
    "https://developers.cloudflare.com/workers/wrangler/configuration/#limits"
)
URL = "https://origin.example/"


async def answers(request, invocation):
    return Response("hello")


def make_edge(start=START, **options):
    outbound = {"origin.example": answers, **options.pop("outbound", {})}
    return Edge(clock=VirtualClock(start), namespaces={"KV": "kv"}, outbound=outbound, **options)


def recorded(edge, kind=Operation):
    events = []
    edge.events.subscribe(kind, events.append)
    return events


async def match():
    await caches.default.match("https://cache.internal/x")


async def get_a_page():
    await fetch(URL)


async def try_each(*calls):
    """The error texts of calls made one after the other; None for a call that went well."""
    texts = []
    for call in calls:
        try:
            await call()
        except TooManySubrequests as error:
            texts.append(error.message)
        else:
            texts.append(None)
    return texts


# external subrequests


@pytest.mark.parametrize("call", [get_a_page, match], ids=["fetch", "cache"])
async def test_the_fiftieth_external_subrequest_passes_and_the_next_is_refused(call):
    edge = make_edge()
    async with edge.invocation() as invocation:
        assert await try_each(*[call] * 51) == [None] * 50 + [EXTERNAL_TEXT]
        assert (invocation.external, invocation.refused) == (51, 1)


async def test_fetches_and_cache_calls_share_the_fifty():
    edge = make_edge()
    async with edge.invocation():
        assert await try_each(*[get_a_page] * 20, *[match] * 31) == [None] * 50 + [EXTERNAL_TEXT]


async def test_a_refused_fetch_does_not_reach_the_origin_but_shows_in_the_events():
    reached = []

    async def origin(request, invocation):
        reached.append(request.url)
        return Response("hello")

    edge = make_edge(outbound={"origin.example": origin})
    events = recorded(edge)
    async with edge.invocation("GET /"):
        await try_each(*[get_a_page] * 52)
    assert len(reached) == 50
    assert [event.outcome for event in events] == ["ok"] * 50 + ["refused"] * 2
    assert (events[-1].service, events[-1].binding, events[-1].cause, events[-1].reason) == (
        "fetch",
        "origin.example",
        Cause.SUBREQUESTS,
        EXTERNAL_TEXT,
    )


async def test_every_invocation_counts_anew():
    edge = make_edge()
    for _ in range(2):
        async with edge.invocation():
            assert await try_each(*[match] * 50) == [None] * 50


@pytest.mark.parametrize("mode", ["observe", "off"])
async def test_a_subrequest_limit_that_is_not_enforced_only_counts(mode):
    edge = make_edge(switches=Switches(subrequests=mode))
    ended = recorded(edge, InvocationEnded)
    async with edge.invocation():
        assert await try_each(*[get_a_page] * 60) == [None] * 60
    assert (ended[0].external, ended[0].refused, ended[0].last_fetch) == (60, 0, 60)


# internal subrequests


@pytest.mark.parametrize(("reads", "refused"), [(1000, 0), (1001, 1)])
async def test_a_thousand_kv_calls_pass_and_the_next_is_refused(reads, refused):
    edge = make_edge()

    async def get():
        await edge.env.KV.get("x")

    async with edge.invocation() as invocation:
        texts = await try_each(*[get] * reads)
        assert texts == [None] * 1000 + [INTERNAL_TEXT] * refused
        assert (invocation.internal, invocation.external, invocation.refused) == (reads, 0, refused)
    assert edge.ledger.usage(Op.READ) == Usage(1000, 1000, 0)


async def test_kv_calls_do_not_use_up_the_external_ones_on_free():
    edge = make_edge()
    async with edge.invocation():
        for _ in range(60):
            await edge.env.KV.get("x")
        assert await try_each(*[match] * 50) == [None] * 50


async def test_the_quota_error_comes_before_the_subrequest_error():
    edge = make_edge()
    async with edge.invocation() as invocation:
        for _ in range(1000):
            await edge.env.KV.get("x")
        await edge.store.charge(edge.ledger.spend(Op.WRITE, 1000))
        with pytest.raises(QuotaExceeded, match=re.escape("KV put() limit exceeded for the day.")):
            await edge.env.KV.put("x", "1")
        with pytest.raises(TooManySubrequests):
            await edge.env.KV.get("x")
        assert (invocation.internal, invocation.refused) == (1001, 1)
    assert edge.ledger.usage(Op.WRITE).refused == 1


async def test_a_call_that_the_quota_refuses_is_no_subrequest():
    edge = make_edge()
    await edge.store.charge(edge.ledger.spend(Op.WRITE, 1000))
    async with edge.invocation() as invocation:
        with pytest.raises(QuotaExceeded):
            await edge.env.KV.put("x", "1")
        assert invocation.internal == 0


async def test_outside_an_invocation_kv_calls_are_charged_but_no_subrequests():
    edge = make_edge()
    for _ in range(1001):
        await edge.env.KV.get("x")
    assert edge.ledger.usage(Op.READ) == Usage(1001, 1001, 0)


# paid accounts


@pytest.mark.parametrize(("start", "limit"), [(BEFORE_THE_CHANGE, 1_000), (START, 10_000)])
async def test_paid_accounts_have_the_external_limit_of_their_day(start, limit):
    edge = make_edge(start, account="paid")
    async with edge.invocation() as invocation:
        invocation.external = limit - 1
        assert await try_each(match, match) == [None, EXTERNAL_TEXT]


async def test_paid_accounts_count_both_kinds_together_since_the_change():
    edge = make_edge(account="paid")
    async with edge.invocation() as invocation:
        invocation.internal, invocation.external = 4_000, 5_999
        await match()
        with pytest.raises(TooManySubrequests, match=re.escape(EXTERNAL_TEXT)):
            await match()
        with pytest.raises(TooManySubrequests, match=re.escape(INTERNAL_TEXT)):
            await edge.env.KV.get("x")


async def test_paid_accounts_counted_the_kinds_apart_before_the_change():
    edge = make_edge(BEFORE_THE_CHANGE, account="paid")
    async with edge.invocation() as invocation:
        invocation.internal, invocation.external = 999, 999
        await match()
        await edge.env.KV.get("x")
        assert (invocation.external, invocation.internal, invocation.refused) == (1000, 1000, 0)


# fetch


def redirects_to_itself(times):
    async def origin(request, invocation):
        step = int(request.url.rpartition("/")[2] or 0)
        if step >= times:
            return Response("arrived")
        return Response(None, status=302, headers={"Location": f"/{step + 1}"})

    return origin


@pytest.mark.parametrize(("hops", "arrives"), [(0, True), (1, True), (20, True), (21, False)])
async def test_a_fetch_follows_twenty_redirects_and_each_hop_is_a_subrequest(hops, arrives):
    edge = make_edge(outbound={"origin.example": redirects_to_itself(hops)})
    async with edge.invocation() as invocation:
        if arrives:
            assert await (await fetch(URL)).text() == "arrived"
        else:
            with pytest.raises(PlatformTypeError, match=re.escape("Too many redirects.")):
                await fetch(URL)
        assert invocation.external == min(hops, 20) + 1


async def test_redirects_run_into_the_subrequest_limit_like_anything_else():
    edge = make_edge(outbound={"origin.example": redirects_to_itself(5)})
    async with edge.invocation() as invocation:
        invocation.external = 47
        with pytest.raises(TooManySubrequests):
            await fetch(URL)
        assert invocation.external == 51


@pytest.mark.parametrize(
    ("method", "status", "then", "body"),
    [
        ("POST", 301, "GET", ""),
        ("POST", 302, "GET", ""),
        ("POST", 303, "GET", ""),
        ("PUT", 302, "PUT", "data"),
        ("PUT", 303, "GET", ""),
        ("HEAD", 303, "HEAD", ""),
        ("POST", 307, "POST", "data"),
        ("PUT", 308, "PUT", "data"),
    ],
)
async def test_a_redirect_keeps_or_drops_method_and_body_as_the_fetch_standard_says(
    method, status, then, body
):
    async def origin(request, invocation):
        if request.url == URL:
            assert await request.text() == ("" if method == "HEAD" else "data")
            return Response(None, status=status, headers={"Location": "/there"})
        return Response(f"{request.method} {request.headers['x-kept']} {await request.text()}")

    edge = make_edge(outbound={"origin.example": origin})
    sent = None if method == "HEAD" else "data"
    async with edge.invocation():
        answer = await fetch(URL, method=method, body=sent, headers={"X-Kept": "yes"})
    assert await answer.text() == f"{then} yes {body}"


async def test_a_redirect_may_lead_to_another_host():
    async def moved(request, invocation):
        return Response(None, status=301, headers={"Location": "https://new.example/page"})

    async def new(request, invocation):
        return Response(request.url)

    edge = make_edge(outbound={"origin.example": moved, "new.example": new})
    async with edge.invocation():
        assert await (await fetch(URL)).text() == "https://new.example/page"


async def test_a_host_that_nothing_answers_for_is_a_lost_connection_that_names_it():
    edge = make_edge()
    events = recorded(edge)
    async with edge.invocation() as invocation:
        with pytest.raises(PlatformError, match=r"Network connection lost.*nobody\.example"):
            await fetch("https://nobody.example/")
        assert invocation.external == 1
    assert [(event.outcome, event.cause, event.binding) for event in events] == [
        ("error", Cause.UNDECLARED, "nobody.example")
    ]


async def test_a_star_answers_for_every_other_host():
    async def anyone(request, invocation):
        return Response("somebody", status=503)

    edge = make_edge(outbound={"*": anyone})
    events = recorded(edge)
    async with edge.invocation():
        assert await (await fetch("https://nobody.example/")).text() == "somebody"
        assert await (await fetch(URL)).text() == "hello"
    assert [(event.outcome, event.cause, event.reason) for event in events] == [
        ("error", Cause.ORIGIN, "503 Service Unavailable"),
        ("ok", Cause.NONE, ""),
    ]


async def test_the_place_of_the_last_fetch_among_the_external_ones_is_kept():
    edge = make_edge()
    ended = recorded(edge, InvocationEnded)
    async with edge.invocation():
        await try_each(match, match, get_a_page, match)
    async with edge.invocation():
        await match()
    assert [(event.external, event.last_fetch) for event in ended] == [(4, 3), (1, 0)]


# waitUntil


@pytest.mark.parametrize(("lasts_s", "finished"), [(29.999, True), (30.001, False)])
def test_wait_until_work_has_thirty_seconds(lasts_s, finished):
    edge = make_edge()
    ended = recorded(edge, InvocationEnded)
    endings = []

    async def background():
        await asyncio.sleep(lasts_s)
        endings.append(True)

    async def main():
        async with edge.invocation() as invocation:
            invocation.ctx.waitUntil(background())

    run_virtual(edge.clock, main())
    assert bool(endings) is finished
    assert ended[0].at - ended[0].started_at == pytest.approx(min(lasts_s, 30), abs=1e-6)


@pytest.mark.parametrize(
    ("lasts_s", "reasons"), [(29, []), (31, ["1 task cancelled 30 s after the response"])]
)
def test_work_that_is_cut_off_is_reported_and_is_no_subrequest(lasts_s, reasons):
    edge = make_edge()
    events, ended = recorded(edge), recorded(edge, InvocationEnded)

    async def main():
        async with edge.invocation() as invocation:
            invocation.ctx.waitUntil(asyncio.sleep(1))
            invocation.ctx.waitUntil(asyncio.sleep(lasts_s))

    run_virtual(edge.clock, main())
    assert [event.reason for event in events] == reasons
    assert {event.cause for event in events} <= {Cause.TIME}
    assert (ended[0].outcome, ended[0].external, ended[0].internal) == ("ok", 0, 0)


def test_work_that_background_work_hands_in_shares_the_same_thirty_seconds():
    edge = make_edge()
    steps = []

    async def second():
        await asyncio.sleep(25)
        steps.append("second")

    async def first(ctx):
        await asyncio.sleep(20)
        ctx.wait_until(second())
        steps.append("first")

    async def main():
        async with edge.invocation() as invocation:
            invocation.ctx.waitUntil(first(invocation.ctx))

    run_virtual(edge.clock, main())
    assert steps == ["first"]
    assert edge.clock.elapsed_us == 30_000_000


def test_wait_until_work_shares_the_invocations_counters():
    edge = make_edge()
    ended = recorded(edge, InvocationEnded)
    texts = []

    async def background():
        texts.extend(await try_each(match, match))

    async def main():
        async with edge.invocation() as invocation:
            await try_each(*[match] * 49)
            invocation.ctx.waitUntil(background())

    run_virtual(edge.clock, main())
    assert texts == [None, EXTERNAL_TEXT]
    assert (ended[0].external, ended[0].refused) == (51, 1)


def test_background_work_that_raises_does_not_disturb_the_rest():
    edge = make_edge()
    endings = []

    async def fails():
        raise PlatformError("lost")

    async def works():
        await asyncio.sleep(1)
        endings.append(True)

    async def main():
        async with edge.invocation() as invocation:
            invocation.ctx.waitUntil(fails())
            invocation.ctx.waitUntil(works())

    run_virtual(edge.clock, main())
    assert endings == [True]


# random ids


async def ids_of(edge, count):
    async with edge.invocation():
        return [random_uuid() for _ in range(count)]


async def test_random_ids_are_version_4_uuids():
    ids = await ids_of(make_edge(), 50)
    assert len(set(ids)) == 50
    for made in ids:
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made)


async def test_random_ids_are_drawn_from_the_seed_and_differ_between_invocations():
    first, second, other = make_edge(seed=1), make_edge(seed=1), make_edge(seed=2)
    ids = [await ids_of(first, 3) for _ in range(2)]
    assert ids == [await ids_of(second, 3) for _ in range(2)]
    drawn = [*ids[0], *ids[1], *await ids_of(other, 3)]
    assert len(set(drawn)) == len(drawn)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=8))
def test_random_ids_do_not_depend_on_what_runs_beside(pauses_s):
    edge, quiet = make_edge(seed=5), make_edge(seed=5)

    async def draws(pause_s):
        async with edge.invocation():
            first = random_uuid()
            await asyncio.sleep(pause_s)
            return [first, random_uuid()]

    async def main():
        return await asyncio.gather(*(draws(pause_s) for pause_s in pauses_s))

    async def alone():
        return [await ids_of(quiet, 2) for _ in pauses_s]

    assert run_virtual(edge.clock, main()) == run_virtual(quiet.clock, alone())


async def test_outside_an_invocation_the_global_names_say_how_to_open_one():
    for use in (random_uuid, lambda: caches.default):
        with pytest.raises(RuntimeError, match="inside an invocation"):
            use()
    with pytest.raises(RuntimeError, match=re.escape("async with edge.invocation()")):
        await fetch(Request(URL))
