"""Lists that walk over keys that are gone, on every kind of store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.ledger import Op
from edgeday.production.settings import ProductionSettings
from edgeday.production.tombstones import TOMBSTONE_S
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from tests.conftest import START


def edge_with(clock, store=None, **production):
    settings = ProductionSettings(list_tombstones=True, **production)
    return Edge(clock=clock, store=store, namespaces={"kv": "kv", "other": "other"}, production=settings)


@pytest.fixture
def kv(clock, store):
    return edge_with(clock, store).env.kv


async def pages(kv, **options):
    """The names on each page of a list, from the first to the last."""
    walked, cursor = [], None
    while True:
        page = await kv.list(cursor=cursor, **options)
        walked.append([row["name"] for row in page["keys"]])
        if page["list_complete"]:
            return walked
        cursor = page["cursor"]


async def test_a_page_can_be_empty_and_not_the_last(kv, clock):
    for number in range(30):
        await kv.put(f"a:{number:02}", "x", expirationTtl=60)
    await kv.put("a:99", "x")
    clock.advance(seconds=61)
    page = await kv.list(prefix="a:", limit=10)
    assert (page["keys"], page["list_complete"]) == ([], False)
    assert await pages(kv, prefix="a:", limit=10) == [[], [], [], ["a:99"]]


async def test_the_last_page_can_be_empty_too(kv):
    for name in ("a", "b", "c"):
        await kv.put(name, "x")
    await kv.delete("b")
    await kv.delete("c")
    assert await pages(kv, limit=1) == [["a"], [], []]
    assert await pages(kv, limit=2) == [["a"], []]
    assert await pages(kv, limit=3) == [["a"]]


@pytest.mark.parametrize(("waited_s", "names"), [(59.999, ["a", "b"]), (60, ["b"])])
async def test_a_key_holds_its_place_from_its_expiry_on(kv, clock, waited_s, names):
    await kv.put("a", "x", expirationTtl=60)
    await kv.put("b", "x")
    clock.advance(seconds=waited_s)
    assert [name for page in await pages(kv, limit=1) for name in page] == names
    assert len(await pages(kv, limit=1)) == 2


@pytest.mark.parametrize(("waited_s", "first"), [(TOMBSTONE_S - 0.001, []), (TOMBSTONE_S, ["b"])])
async def test_a_deleted_key_holds_its_place_for_a_while(kv, clock, waited_s, first):
    await kv.put("a", "x")
    await kv.put("b", "x")
    await kv.delete("a")
    clock.advance(seconds=waited_s)
    await kv.put("c", "x")  # what is compacted away is forgotten with a write
    assert (await pages(kv, limit=1))[0] == first


async def test_a_key_that_is_written_again_is_no_tombstone(kv, clock):
    await kv.put("a", "x", expirationTtl=60)
    await kv.put("b", "x")
    await kv.delete("b")
    clock.advance(seconds=1)
    await kv.put("a", "again")
    await kv.put("b", "again")
    clock.advance(seconds=61)
    assert await pages(kv, limit=2) == [["a", "b"]]


async def test_a_key_that_never_was_leaves_no_tombstone(kv):
    await kv.delete("a")
    await kv.put("b", "x")
    assert await pages(kv, limit=1) == [["b"]]


async def test_tombstones_of_other_prefixes_and_namespaces_are_not_walked_over(clock, store):
    env = edge_with(clock, store).env
    for name in ("a:1", "b:1"):
        await env.kv.put(name, "x")
        await env.kv.delete(name)
    await env.kv.put("b:2", "x")
    await env.other.put("b:1", "x")
    assert await pages(env.kv, prefix="b:", limit=1) == [[], ["b:2"]]
    assert await pages(env.other, prefix="b:", limit=1) == [["b:1"]]


async def test_each_page_costs_a_list_also_an_empty_one(clock, store):
    edge = edge_with(clock, store)
    for name in "abc":
        await edge.env.kv.put(name, "x")
        await edge.env.kv.delete(name)
    await pages(edge.env.kv, limit=1)
    assert edge.ledger.usage(Op.LIST).accepted == 3


async def test_a_reset_forgets_the_tombstones(clock, store):
    edge = edge_with(clock, store)
    await edge.env.kv.put("a", "x")
    await edge.env.kv.delete("a")
    await edge.reset()
    await edge.env.kv.put("b", "x")
    assert await pages(edge.env.kv, limit=1) == [["b"]]


async def test_without_the_switch_every_page_but_the_last_is_full(clock, store):
    kv = Edge(clock=clock, store=store, namespaces={"kv": "kv"}, production=ProductionSettings()).env.kv
    for number in range(30):
        await kv.put(f"a:{number:02}", "x", expirationTtl=60)
    await kv.put("a:99", "x")
    clock.advance(seconds=61)
    assert await pages(kv, prefix="a:", limit=10) == [["a:99"]]


async def test_a_data_centres_copy_of_a_page_ends_where_the_page_did(clock):
    """The copy leaves out what has expired since, all of its keys if need be, and the list goes on behind."""
    kv = Edge(clock=clock, namespaces={"kv": "kv"}, production=ProductionSettings(propagation=True)).env.kv
    for name in ("a", "b"):
        await kv.put(name, "x", expirationTtl=60)
    await kv.put("c", "x")
    clock.advance(seconds=30)
    assert await pages(kv, limit=2) == [["a", "b"], ["c"]]
    clock.advance(seconds=30)
    assert await pages(kv, limit=2) == [[], ["c"]]


KEYS = [f"k{number}" for number in range(6)]
actions = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(KEYS), st.sampled_from([None, 60, 90])),
        st.tuples(st.just("delete"), st.sampled_from(KEYS), st.none()),
        st.tuples(st.just("wait"), st.integers(0, 70), st.none()),
    ),
    max_size=15,
)


@given(actions, st.integers(1, 7), st.booleans())
def test_all_pages_together_are_the_live_keys_and_none_is_over_its_limit(actions, limit, propagation):
    clock = VirtualClock(START)
    plain = Edge(clock=clock, namespaces={"kv": "kv"}).env.kv
    walking = edge_with(clock, propagation=propagation).env.kv

    async def compared():
        for action, key, ttl in actions:
            if action == "wait":
                clock.advance(seconds=key)
                continue
            clock.advance(seconds=1)
            expiry = {} if ttl is None else {"expirationTtl": ttl}
            for kv in (plain, walking):
                await (kv.delete(key) if action == "delete" else kv.put(key, "x", **expiry))
        walked = await pages(walking, limit=limit)
        assert [[name for page in walked for name in page]] == await pages(plain)
        assert all(len(page) <= limit for page in walked)

    run_virtual(clock, compared())
