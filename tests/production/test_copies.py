"""KV seen from several data centres: copies, their age, and who sees a write when."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.distributions import Fixed
from edgeday.errors import KVRequestFailed, QuotaExceeded
from edgeday.ledger import Op
from edgeday.limits import Switches
from edgeday.production.settings import Fault, LatencySettings, ProductionSettings
from edgeday.runtime.edge import Edge
from edgeday.server.errors import ApiError
from edgeday.server.kv_operations import KVOperations, Write
from edgeday.server.namespaces import Namespace
from edgeday.virtual_loop import run_virtual
from tests.conftest import START

PAGES = Namespace("kv", "pages")


@pytest.fixture
def edge(clock):
    return Edge(clock=clock, namespaces={"kv": "kv"}, production=ProductionSettings(propagation=True))


async def at(edge, colo, call):
    """What a call on the namespace gives in a data centre."""
    async with edge.invocation(colo=colo):
        return await call(edge.env.kv)


async def get(edge, colo, key="menu", **options):
    return await at(edge, colo, lambda kv: kv.get(key, **options))


async def put(edge, colo, value, key="menu", **options):
    await at(edge, colo, lambda kv: kv.put(key, value, **options))


async def names(edge, colo):
    page = await at(edge, colo, lambda kv: kv.list())
    return [row["name"] for row in page["keys"]]


@pytest.mark.parametrize(("waited_s", "value"), [(59.999, "monday"), (60, "tuesday")])
async def test_a_data_centre_that_has_read_a_key_sees_a_write_from_elsewhere_after_60_s(
    edge, clock, waited_s, value
):
    await put(edge, "SOF", "monday")
    assert await get(edge, "FRA") == "monday"
    clock.advance(seconds=1)
    await put(edge, "SOF", "tuesday")
    clock.advance(seconds=waited_s - 1)
    assert await get(edge, "FRA") == value


async def test_a_write_is_seen_at_once_where_it_was_made(edge, clock):
    await put(edge, "SOF", "monday")
    assert await get(edge, "SOF") == "monday"
    clock.advance(seconds=1)
    await put(edge, "SOF", "tuesday")
    assert await get(edge, "SOF") == "tuesday"


async def test_a_data_centre_without_a_copy_sees_the_newest_write(edge):
    await put(edge, "SOF", "monday")
    assert await get(edge, "IAD") == "monday"


@pytest.mark.parametrize(("waited_s", "value"), [(59, None), (60, "monday")])
async def test_an_absence_is_kept_like_a_value(edge, clock, waited_s, value):
    assert await get(edge, "FRA") is None
    await put(edge, "SOF", "monday")
    clock.advance(seconds=waited_s)
    assert await get(edge, "FRA") == value


@pytest.mark.parametrize(("waited_s", "value"), [(299, "monday"), (300, "tuesday")])
async def test_a_cache_ttl_keeps_a_copy_for_longer(edge, clock, waited_s, value):
    await put(edge, "SOF", "monday")
    await get(edge, "FRA", cacheTtl=300)
    clock.advance(seconds=1)
    await put(edge, "SOF", "tuesday")
    clock.advance(seconds=waited_s - 1)
    assert await get(edge, "FRA", cacheTtl=300) == value


async def test_a_read_with_a_shorter_cache_ttl_shortens_the_life_of_a_copy(edge, clock):
    await put(edge, "SOF", "monday")
    await get(edge, "FRA", cacheTtl=300)
    clock.advance(seconds=1)
    await put(edge, "SOF", "tuesday")
    assert await get(edge, "FRA", cacheTtl=30) == "monday"
    clock.advance(seconds=30)
    assert await get(edge, "FRA", cacheTtl=300) == "tuesday"


async def test_a_deleted_key_stays_visible_elsewhere_until_its_copy_is_out_of_date(edge, clock):
    await put(edge, "SOF", "monday")
    await get(edge, "FRA")
    await at(edge, "SOF", lambda kv: kv.delete("menu"))
    assert await get(edge, "SOF") is None
    assert await get(edge, "FRA") == "monday"
    clock.advance(seconds=60)
    assert await get(edge, "FRA") is None


async def test_an_expired_key_is_gone_even_inside_a_longer_cache_ttl(edge, clock):
    await put(edge, "SOF", "monday", expirationTtl=60)
    assert await get(edge, "FRA", cacheTtl=600) == "monday"
    assert await names(edge, "FRA") == ["menu"]
    clock.advance(seconds=60)
    assert await get(edge, "FRA", cacheTtl=600) is None
    assert await names(edge, "FRA") == []


@pytest.mark.parametrize(("waited_s", "keys"), [(59, ["a"]), (60, ["a", "b"])])
async def test_lists_are_delayed_elsewhere_and_not_where_the_write_was_made(edge, clock, waited_s, keys):
    await put(edge, "SOF", "1", key="a")
    assert await names(edge, "FRA") == await names(edge, "SOF") == ["a"]
    await put(edge, "SOF", "2", key="b")
    assert await names(edge, "SOF") == ["a", "b"]
    clock.advance(seconds=waited_s)
    assert await names(edge, "FRA") == keys


async def test_a_bulk_read_mixes_copies_and_new_values_in_the_order_asked(edge, clock):
    await put(edge, "SOF", "old", key="a")
    await get(edge, "FRA", "a")
    clock.advance(seconds=1)
    await put(edge, "SOF", "new", key="a")
    await put(edge, "SOF", "new", key="b")
    values = await at(edge, "FRA", lambda kv: kv.get(["b", "a", "c"]))
    assert values == {"b": "new", "a": "old", "c": None}


def test_a_bulk_read_may_take_its_time_while_a_copy_it_found_is_dropped():
    clock = VirtualClock(START)
    times = {name: Fixed(value=50 if name == "kv_put" else 100) for name in LatencySettings.model_fields}
    edge = Edge(
        clock=clock,
        namespaces={"kv": "kv"},
        switches=Switches(key_write_rate="off"),
        production=ProductionSettings(propagation=True, latency=LatencySettings(**times)),
    )

    async def work():
        await put(edge, "SOF", "old", key="a")
        await get(edge, "SOF", "a")
        bulk = at(edge, "SOF", lambda kv: kv.get(["a", "b"]))
        values, _ = await asyncio.gather(bulk, put(edge, "SOF", "new", key="a"))
        return values, await get(edge, "SOF", "a")

    assert run_virtual(clock, work()) == ({"a": "old", "b": None}, "new")


async def test_reads_and_lists_that_copies_answer_are_charged_all_the_same(edge):
    for _ in range(3):
        await get(edge, "FRA")
        await names(edge, "FRA")
    assert edge.ledger.usage(Op.READ).accepted == edge.ledger.usage(Op.LIST).accepted == 3


async def test_a_copy_is_not_shown_once_the_days_reads_are_spent(clock):
    edge = Edge(clock=clock, namespaces={"kv": "kv"}, production=ProductionSettings(propagation=True))
    await put(edge, "SOF", "monday")
    for _ in range(edge.limits.kv_reads_per_day // 100):
        await at(edge, "FRA", lambda kv: kv.get([f"k{number}" for number in range(100)]))
    with pytest.raises(QuotaExceeded):
        await get(edge, "FRA", "k1")


async def spend_all(edge, op):
    left = edge.ledger.limit(op) - edge.ledger.usage(op).accepted
    await edge.store.charge(edge.ledger.spend(op, left))


@pytest.mark.parametrize(
    "change",
    [
        lambda edge: put(edge, "FRA", "wednesday"),
        lambda edge: at(edge, "FRA", lambda kv: kv.delete("menu")),
        lambda edge: KVOperations(edge.services, {}).put(PAGES, Write("menu", b"wednesday")),
        lambda edge: KVOperations(edge.services, {}).bulk_put(PAGES, [Write("menu", b"wednesday")]),
        lambda edge: KVOperations(edge.services, {}).bulk_delete(PAGES, ["menu"]),
    ],
    ids=["put", "delete", "put over the API", "bulk put", "bulk delete"],
)
@pytest.mark.parametrize("why", ["quota", "fault"])
async def test_a_write_that_is_refused_leaves_the_copies_of_its_data_centre(clock, why, change):
    faults = [Fault(service="kv", at="+3s", lasts="1s", ops=["put", "delete"])]
    edge = Edge(
        clock=clock,
        colo="FRA",
        namespaces={"kv": "kv"},
        production=ProductionSettings(propagation=True, faults=faults if why == "fault" else []),
    )
    await put(edge, "SOF", "monday")
    assert await get(edge, "FRA") == "monday"
    assert await names(edge, "FRA") == ["menu"]
    clock.advance(seconds=2)
    await put(edge, "SOF", "tuesday")
    await at(edge, "SOF", lambda kv: kv.put("new", "1"))
    clock.advance(seconds=1)
    if why == "quota":
        await spend_all(edge, Op.WRITE)
        await spend_all(edge, Op.DELETE)
    with pytest.raises((QuotaExceeded, KVRequestFailed, ApiError)):
        await change(edge)
    assert await get(edge, "FRA") == "monday"
    assert await names(edge, "FRA") == ["menu"]


@pytest.mark.parametrize("bulk", [False, True])
async def test_a_put_that_comes_too_soon_leaves_the_copies_of_its_data_centre(clock, bulk):
    edge = Edge(
        clock=clock, colo="FRA", namespaces={"kv": "kv"}, production=ProductionSettings(propagation=True)
    )
    assert await get(edge, "FRA") is None
    await put(edge, "SOF", "monday")
    if bulk:
        result = await KVOperations(edge.services, {}).bulk_put(PAGES, [Write("menu", b"tuesday")])
        assert result.failed == ["menu"]
    else:
        with pytest.raises(KVRequestFailed, match="429"):
            await put(edge, "FRA", "tuesday")
    assert await get(edge, "FRA") is None
    clock.advance(seconds=60)
    assert await get(edge, "FRA") == "monday"


async def test_a_read_that_the_quota_refuses_does_not_shorten_the_life_of_a_copy(edge, clock):
    await put(edge, "SOF", "monday")
    await get(edge, "FRA", cacheTtl=86_400)
    clock.travel_to("2026-03-01T23:59:00Z")
    await put(edge, "SOF", "tuesday")
    await spend_all(edge, Op.READ)
    with pytest.raises(QuotaExceeded):
        await get(edge, "FRA", cacheTtl=30)
    clock.advance(seconds=60)
    assert await get(edge, "FRA", cacheTtl=86_400) == "monday"


async def test_the_rest_api_sees_and_drops_the_copies_of_the_accounts_own_data_centre(clock):
    edge = Edge(
        clock=clock, colo="FRA", namespaces={"kv": "kv"}, production=ProductionSettings(propagation=True)
    )
    api = KVOperations(edge.services, {})
    await put(edge, "SOF", "monday")
    assert (await api.get(PAGES, "menu")).value == b"monday"
    clock.advance(seconds=1)
    await put(edge, "SOF", "tuesday")
    assert (await api.get(PAGES, "menu")).value == b"monday"
    assert await get(edge, "FRA") == "monday"
    clock.advance(seconds=1)
    await api.put(PAGES, Write("menu", b"wednesday"))
    assert (await api.get(PAGES, "menu")).value == b"wednesday"
    assert await get(edge, "FRA") == "wednesday"
    await api.bulk_delete(PAGES, ["menu"])
    assert await get(edge, "FRA") is None


async def test_a_look_at_the_store_sees_no_copies(edge, clock):
    await put(edge, "SOF", "monday")
    await get(edge, "SOF")
    await put(edge, "FRA", "1", key="new")
    (entry,) = await edge.store.kv_peek("kv", ["new"], clock.now())
    assert entry.value == b"1"
    page = await edge.store.kv_peek_list("kv", "", "", 10, clock.now())
    assert [row.name for row in page.keys] == ["menu", "new"]


async def test_copies_that_are_out_of_date_leave_memory(edge, clock):
    for number in range(100):
        await get(edge, "FRA", f"key{number}")
    clock.advance(seconds=120)
    await get(edge, "FRA", "one more")
    places = edge.production.copying._places.values()
    assert [list(place.entries) for place in places] == [["one more"]]


async def test_a_reset_forgets_the_copies(edge):
    assert await get(edge, "FRA") is None
    await edge.reset()
    await put(edge, "SOF", "monday")
    assert await get(edge, "FRA") == "monday"


Steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "get", "delete", "wait"]),
        st.sampled_from(["SOF", "FRA"]),
        st.integers(1, 70),
    ),
    max_size=25,
)


@given(Steps)
async def test_a_read_gives_a_value_that_was_current_within_the_last_minute_and_never_an_older_one(steps):
    clock = VirtualClock(START)
    edge = Edge(clock=clock, namespaces={"kv": "kv"}, production=ProductionSettings(propagation=True))
    history = [(clock.now() - 1000, None)]  # (since, value), the newest last
    own = {"SOF": 0.0, "FRA": 0.0}  # when each data centre wrote last
    for number, (what, colo, seconds) in enumerate(steps):
        if what == "wait":
            clock.advance(seconds=seconds)
        elif what == "put":
            clock.advance(seconds=1)
            await put(edge, colo, f"v{number}")
            history.append((clock.now(), f"v{number}"))
            own[colo] = clock.now()
        elif what == "delete":
            clock.advance(seconds=1)
            await at(edge, colo, lambda kv: kv.delete("menu"))
            history.append((clock.now(), None))
            own[colo] = clock.now()
        else:
            since = max(clock.now() - 60, own[colo])
            ended = [began for began, _ in history[1:]] + [float("inf")]
            current = {value for (_, value), end in zip(history, ended, strict=True) if end > since}
            assert await get(edge, colo) in current
