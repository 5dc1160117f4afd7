"""Caches that give entries up before they expire, that do nothing, or that are lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformError
from edgeday.events import Operation
from edgeday.production.settings import EvictionSettings, Fault, IsolateSettings, ProductionSettings
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Response
from tests.conftest import START

FRESH = {"Cache-Control": "max-age=86400"}


def url(name):
    return f"https://logs.internal/{name}"


def edge_with(clock, **parts):
    return Edge(clock=clock, production=ProductionSettings(**parts))


async def put(edge, name, body=b"x" * 100, headers=FRESH, colo="SOF"):
    async with edge.invocation(colo=colo):
        await edge.caches.default.put(url(name), Response(body, headers=headers))


async def found(edge, name, colo="SOF"):
    async with edge.invocation(colo=colo):
        return await edge.caches.default.match(url(name)) is not None


def names_in_the_books(edge):
    """Names of entries that the eviction remembers; one that is held stands in two books."""
    rooms = edge.production.evicting._rooms.values()
    return sum(len(room.held) + sum(len(due) for due in room._due.values()) for room in rooms)


def heard(edge):
    events = []
    edge.events.subscribe(Operation, events.append)
    return events


async def test_a_full_cache_gives_up_what_was_used_longest_ago(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=300 / 1e6))
    for name in "abc":
        await put(edge, name)
    assert await found(edge, "a")
    await put(edge, "d")
    assert [await found(edge, name) for name in "abcd"] == [True, False, True, True]


@pytest.mark.parametrize(("room", "present"), [(200, True), (199, False)])
async def test_a_cache_is_full_when_its_bodies_are_larger_than_its_room(clock, room, present):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=room / 1e6))
    await put(edge, "a")
    await put(edge, "b")
    assert await found(edge, "a") is present
    assert await found(edge, "b")


async def test_a_put_over_an_old_entry_takes_its_room_only_once(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=200 / 1e6))
    await put(edge, "a")
    for _ in range(5):
        await put(edge, "b")
    assert await found(edge, "a")


async def test_each_data_centre_has_room_of_its_own(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=100 / 1e6))
    await put(edge, "a", colo="SOF")
    await put(edge, "b", colo="FRA")
    assert await found(edge, "a", "SOF")
    assert await found(edge, "b", "FRA")


async def test_an_eviction_is_reported_once_and_explains_the_miss(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=100 / 1e6))
    events = heard(edge)
    await put(edge, "a")
    await put(edge, "b")
    assert not await found(edge, "a")
    (evicted,) = [event for event in events if event.outcome == "evicted"]
    assert (evicted.op, evicted.key, evicted.size_bytes, evicted.colo) == ("evict", url("a"), 100, "SOF")
    assert events[-1].reason == "miss: evicted: the cache was full"


async def test_entries_vanish_by_chance_at_about_the_rate_asked_for(clock):
    edge = edge_with(clock, eviction=EvictionSettings(per_hour=0.2))
    for number in range(500):
        await put(edge, number)
    clock.advance(hours=3)
    left = sum([await found(edge, number) for number in range(500)])
    assert 500 * 0.8**3 * 0.85 < left < 500 * 0.8**3 * 1.15


async def test_what_vanishes_depends_on_the_seed_alone():
    async def survivors(seed):
        clock = VirtualClock(START)
        production = ProductionSettings(eviction=EvictionSettings(per_hour=0.5))
        edge = Edge(clock=clock, seed=seed, production=production)
        for number in range(60):
            await put(edge, number)
        clock.advance(hours=1)
        return [number for number in range(60) if await found(edge, number)]

    assert await survivors(1) == await survivors(1)
    assert await survivors(1) != await survivors(2)


async def test_an_entry_that_expired_is_not_reported_as_evicted(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=1000 / 1e6))
    events = heard(edge)
    await put(edge, "a", headers={"Cache-Control": "max-age=60"})
    clock.advance(hours=1)
    await edge.production.evicting.settle()
    assert not await found(edge, "a")
    assert not [event for event in events if event.outcome == "evicted"]


async def test_what_has_expired_or_vanished_leaves_the_memory_of_store_and_books(clock):
    edge = edge_with(clock, eviction=EvictionSettings(per_hour=0.5))
    for number in range(200):
        await put(edge, number, headers={"Cache-Control": "max-age=3600"})
    clock.advance(hours=2)
    await put(edge, "last")
    assert names_in_the_books(edge) == 2  # the last one, in both books
    assert edge.store.held_entries() == 1


async def test_what_a_full_cache_gave_up_leaves_the_books_long_before_it_would_have_expired(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=500 / 1e6))
    for number in range(100):
        await put(edge, number, headers={"Cache-Control": "max-age=31536000"})
    assert edge.store.held_entries() == 5
    assert names_in_the_books(edge) == 10  # five, in both books


async def test_a_key_that_is_put_again_stands_in_the_books_once(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=1000 / 1e6))
    for _ in range(20):
        await put(edge, "index")
    assert names_in_the_books(edge) == 2


async def test_a_key_put_again_long_after_its_end_is_found_again(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=1000 / 1e6))
    await put(edge, "a", headers={"Cache-Control": "max-age=60"})
    clock.advance(minutes=20)  # the next put also drops what has ended
    await put(edge, "a")
    assert await found(edge, "a")


async def test_a_response_that_is_larger_than_the_whole_room_is_not_stored_and_takes_no_place(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=100 / 1e6))
    events = heard(edge)
    await put(edge, "small")
    await put(edge, "large", b"x" * 101)
    assert [(event.key, event.outcome, event.reason) for event in events][1:] == [
        (url("large"), "not-stored", "not stored: more than 100 bytes")
    ]
    assert await found(edge, "small")


@pytest.mark.parametrize("ends", ["move", "purge", "delete", "put"])
async def test_an_entry_that_has_vanished_unseen_is_evicted_whatever_would_have_ended_it(clock, ends):
    edge = edge_with(clock, eviction=EvictionSettings(per_hour=0.999))
    events = heard(edge)
    await put(edge, "a", headers={"Cache-Control": "max-age=31536000"})
    clock.advance(hours=20)
    if ends == "move":
        await edge.move("SOF")
    elif ends == "purge":
        assert await edge.caches.purge(everything=True) == 0
    elif ends == "delete":
        async with edge.invocation(colo="SOF"):
            assert await edge.caches.default.delete(url("a")) is False
    else:
        await put(edge, "a")
    assert [event.reason for event in events if event.outcome == "evicted"] == ["gone before its time"]


async def test_a_deleted_entry_leaves_the_books(clock):
    edge = edge_with(clock, eviction=EvictionSettings(megabytes=1000 / 1e6))
    await put(edge, "a")
    async with edge.invocation(colo="SOF"):
        assert await edge.caches.default.delete(url("a"))
    assert names_in_the_books(edge) == 0


async def test_a_move_loses_the_caches_of_one_data_centre(clock):
    edge = Edge(clock=clock)
    await put(edge, "a", colo="SOF")
    await put(edge, "a", colo="FRA")
    assert await edge.caches.lose("SOF") == 1
    assert not await found(edge, "a", "SOF")
    assert await found(edge, "a", "FRA")


async def test_a_move_also_forgets_copies_of_kv_and_isolates_of_that_data_centre(clock):
    edge = Edge(
        clock=clock,
        namespaces={"kv": "kv"},
        production=ProductionSettings(propagation=True, isolates=IsolateSettings(per_colo=1, life="1h")),
    )

    async def reads(colo):
        async with edge.invocation(colo=colo) as invocation:
            invocation.isolate["known"] = True
            return await edge.env.kv.get("menu")

    assert [await reads("FRA"), await reads("IAD")] == [None, None]
    async with edge.invocation(colo="SOF"):
        await edge.env.kv.put("menu", "monday")
    await edge.move("FRA")
    async with edge.invocation(colo="FRA") as moved, edge.invocation(colo="IAD") as stayed:
        assert (moved.isolate, stayed.isolate) == ({}, {"known": True})
    assert [await reads("FRA"), await reads("IAD")] == ["monday", None]


async def test_a_move_replaces_the_one_isolate_of_a_data_centre_too(clock):
    edge = Edge(clock=clock)
    async with edge.invocation(colo="SOF") as first:
        first.isolate["known"] = True
    await edge.move("SOF")
    async with edge.invocation(colo="SOF") as second:
        assert second.isolate == {}


async def test_where_the_cache_does_nothing_puts_resolve_matches_miss_and_deletes_find_nothing(clock):
    edge = edge_with(clock, cache_works=False)
    events = heard(edge)
    await put(edge, "a")
    assert not await found(edge, "a")
    async with edge.invocation() as invocation:
        assert await edge.caches.default.delete(url("a")) is False
        assert invocation.external == 1
    assert [event.outcome for event in events] == ["not-stored", "miss", "absent"]
    assert edge.store.held_entries() == 0


@pytest.mark.parametrize(("after_s", "works"), [(3599, True), (3600, False), (7199, False), (7200, True)])
async def test_a_cache_fault_lasts_from_its_begin_to_its_end(clock, after_s, works):
    edge = edge_with(clock, faults=[Fault(service="cache", at="+1h", lasts="1h")])
    clock.advance(seconds=after_s)
    await put(edge, "a")
    assert await found(edge, "a") is works


async def test_a_delete_raises_while_the_cache_answers_with_errors(clock):
    edge = edge_with(clock, faults=[Fault(service="cache", at="+0s", lasts="10s")])
    async with edge.invocation():
        with pytest.raises(PlatformError, match="Unable to delete cached response"):
            await edge.caches.default.delete(url("a"))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 120), st.booleans()), max_size=40))
async def test_the_room_is_never_exceeded_and_the_entry_put_last_is_kept_if_it_fits(steps):
    edge = edge_with(VirtualClock(START), eviction=EvictionSettings(megabytes=200 / 1e6))
    sizes = {}
    for name, size, reads in steps:
        if reads:
            if await found(edge, name):
                sizes[name] = sizes.pop(name)
            else:
                assert name not in sizes
        else:
            await put(edge, name, b"x" * size)
            sizes.pop(name, None)
            sizes[name] = size
            while sum(sizes.values()) > 200:
                del sizes[next(iter(sizes))]
    assert [name for name in "abcdef" if await found(edge, name)] == sorted(sizes)
