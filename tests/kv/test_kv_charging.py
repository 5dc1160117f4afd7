"""What a call costs, in which order it is checked, and what it reports."""

from __future__ import annotations

import dataclasses

import pytest

from edgeday.errors import KVRequestFailed, PlatformTypeError, QuotaExceeded, TooManySubrequests
from edgeday.events import Cause, Operation
from edgeday.ledger import Op, Usage
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge


@pytest.fixture
def events(edge):
    operations: list[Operation] = []
    edge.events.subscribe(Operation, operations.append)
    return operations


def usage(edge):
    counted = {op.value: dataclasses.astuple(edge.ledger.usage(op)) for op in Op}
    return {name: numbers for name, numbers in counted.items() if any(numbers)}


async def exhaust(edge, op):
    limit = edge.ledger.limit(op)
    await edge.store.charge(edge.ledger.spend(op, limit - edge.ledger.usage(op).accepted))


async def test_each_class_has_its_own_counter(edge, kv):
    await kv.put("k", "v")
    await kv.get("k")
    await kv.get("missing")
    await kv.getWithMetadata("k")
    await kv.delete("missing")
    await kv.list()
    assert usage(edge) == {"read": (3, 3, 0), "write": (1, 1, 0), "delete": (1, 1, 0), "list": (1, 1, 0)}


@pytest.mark.parametrize(
    "call",
    [
        lambda kv: kv.get(""),
        lambda kv: kv.get("k" * 513),
        lambda kv: kv.put(".", "v"),
        lambda kv: kv.put("k", ["no value"]),
        lambda kv: kv.put("k", "v", expirationTtl=2**31),
        lambda kv: kv.delete(".."),
        lambda kv: kv.list("no options"),
    ],
)
async def test_a_call_refused_for_its_arguments_costs_and_reports_nothing(edge, kv, events, call):
    async with edge.invocation() as invocation:
        with pytest.raises((PlatformTypeError, KVRequestFailed)):
            await call(kv)
        assert invocation.internal == 0
    assert usage(edge) == {}
    assert events == []


@pytest.mark.parametrize(
    ("call", "counter"),
    [
        (lambda kv: kv.put("k", "v", expirationTtl=59), "write"),
        (lambda kv: kv.put("k", "v", metadata="m" * 1025), "write"),
        (lambda kv: kv.get("k", cacheTtl=29), "read"),
        (lambda kv: kv.list(limit=1001), "list"),
        (lambda kv: kv.list(prefix="p" * 513), "list"),
    ],
)
async def test_a_call_refused_by_the_backend_costs_a_unit_and_a_subrequest(edge, kv, events, call, counter):
    async with edge.invocation() as invocation:
        with pytest.raises(KVRequestFailed) as raised:
            await call(kv)
        assert invocation.internal == 1
    assert usage(edge) == {counter: (1, 1, 0)}
    assert [(event.outcome, event.cause, event.reason, event.units) for event in events] == [
        ("error", Cause.BACKEND, str(raised.value), 1)
    ]


@pytest.mark.parametrize(
    ("op", "call", "verb"),
    [
        (Op.READ, lambda kv: kv.get("k"), "get"),
        (Op.READ, lambda kv: kv.getWithMetadata("k"), "get"),
        (Op.READ, lambda kv: kv.get(["k"]), "get"),
        (Op.WRITE, lambda kv: kv.put("k", "v"), "put"),
        (Op.DELETE, lambda kv: kv.delete("k"), "delete"),
        (Op.LIST, lambda kv: kv.list(), "list"),
    ],
)
async def test_a_spent_quota_refuses_with_the_runtimes_text(edge, kv, events, op, call, verb):
    await exhaust(edge, op)
    async with edge.invocation() as invocation:
        with pytest.raises(QuotaExceeded, match=rf"^KV {verb}\(\) limit exceeded for the day\.$"):
            await call(kv)
        assert invocation.internal == 0
    assert edge.ledger.usage(op) == Usage(
        asked=edge.ledger.limit(op) + 1, accepted=edge.ledger.limit(op), refused=1
    )
    assert [(event.outcome, event.cause) for event in events] == [("refused", Cause.QUOTA)]


async def test_the_quota_is_looked_at_before_the_backend(edge, kv):
    await exhaust(edge, Op.WRITE)
    with pytest.raises(QuotaExceeded):
        await kv.put("k", "v", expirationTtl=1)


async def test_a_refused_put_keeps_the_old_value(edge, kv):
    await kv.put("menu", "monday")
    await exhaust(edge, Op.WRITE)
    with pytest.raises(QuotaExceeded):
        await kv.put("menu", "tuesday")
    assert await kv.get("menu") == "monday"


async def test_a_bulk_get_that_would_pass_the_quota_is_refused_whole(edge, kv):
    await edge.store.charge(edge.ledger.spend(Op.READ, edge.ledger.limit(Op.READ) - 1))
    with pytest.raises(QuotaExceeded):
        await kv.get(["a", "b"])
    assert await kv.get("a") is None


async def test_the_quota_comes_back_at_midnight_utc(edge, kv, clock):
    await exhaust(edge, Op.LIST)
    clock.travel_to("2026-03-01T23:59:59Z")
    with pytest.raises(QuotaExceeded):
        await kv.list()
    clock.travel_to("2026-03-02T00:00:00Z")
    assert (await kv.list())["list_complete"]


@pytest.mark.parametrize(("waited_ms", "stored"), [(999, False), (1000, True)])
async def test_one_key_takes_one_write_a_second(edge, kv, clock, events, waited_ms, stored):
    await kv.put("k", "first")
    clock.advance(ms=waited_ms)
    if stored:
        await kv.put("k", "second")
        assert await kv.get("k") == "second"
    else:
        with pytest.raises(KVRequestFailed, match=r"^KV PUT failed: 429 Too Many Requests$"):
            await kv.put("k", "second")
        assert (events[-1].outcome, events[-1].cause) == ("error", Cause.KEY_RATE)
        assert await kv.get("k") == "first"
        await kv.put("other", "at once")
    assert edge.ledger.usage(Op.WRITE).accepted == (2 if stored else 3)


async def test_the_subrequest_limit_comes_after_the_quota_and_before_the_backend(edge, kv, events):
    async with edge.invocation() as invocation:
        invocation.internal = 1000
        with pytest.raises(TooManySubrequests, match="Too many API requests by single Worker invocation"):
            await kv.put("k", "v", expirationTtl=1)
        assert usage(edge) == {}
        await exhaust(edge, Op.WRITE)
        with pytest.raises(QuotaExceeded):
            await kv.put("k", "v")
    assert [(event.outcome, event.cause) for event in events] == [
        ("refused", Cause.SUBREQUESTS),
        ("refused", Cause.QUOTA),
    ]


async def test_operations_are_reported_with_their_outcome_units_and_size(edge, kv, events):
    async with edge.invocation("GET /page", colo="VIE"):
        await kv.put("log:1", "value")
        await kv.get("log:1")
        await kv.get("log:2")
        await kv.get(["log:1", "log:2"])
        await kv.delete("log:1")
        await kv.delete("log:1")
        await kv.list(prefix="log:")
    assert [(e.op, e.key, e.outcome, e.reason, e.units, e.size_bytes) for e in events] == [
        ("put", "log:1", "stored", "", 1, 5),
        ("get", "log:1", "hit", "", 1, 5),
        ("get", "log:2", "miss", "", 1, 0),
        ("get", "log:1,log:2", "ok", "1 of 2 keys found", 2, 5),
        ("delete", "log:1", "deleted", "", 1, 0),
        ("delete", "log:1", "absent", "", 1, 0),
        ("list", "log:", "ok", "", 1, 0),
    ]
    assert {(e.service, e.binding, e.route, e.colo) for e in events} == {("kv", "kv", "GET /page", "VIE")}


async def test_two_bindings_of_one_namespace_share_its_keys(clock, store):
    edge = Edge(clock=clock, store=store, namespaces={"one": "n", "two": "n", "apart": "m"})
    await edge.env.one.put("k", "v")
    assert await edge.env.two.get("k") == "v"
    assert await edge.env.apart.get("k") is None


async def test_limits_that_are_off_count_and_refuse_nothing(clock, store):
    off = Switches(daily_kv="off", key_write_rate="off", subrequests="off", value_sizes="off")
    edge = Edge(clock=clock, store=store, switches=off, namespaces={"kv": "n"})
    for _ in range(2):
        await edge.env.kv.put("k", "v", metadata="m" * 2000)
    assert len((await edge.env.kv.getWithMetadata("k"))["metadata"]) == 2000
