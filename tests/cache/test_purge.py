"""The purge of a zone: by URL, by Cache-Tag, of everything, in every data centre."""

from __future__ import annotations

import pytest

from edgeday.events import Operation
from edgeday.web import Request, Response


def tagged(tags):
    return Response("x", headers={"Cache-Control": "max-age=60", "Cache-Tag": tags})


@pytest.fixture
async def filled(edge):
    """Entries a and b in two data centres, b tagged; one in a named cache, one under a key of its own."""
    for colo in ("SOF", "VIE"):
        async with edge.invocation(colo=colo):
            await edge.caches.default.put("https://example.com/a", tagged("red"))
            await edge.caches.default.put("https://example.com/b", tagged("Blue, green"))
    await (await edge.caches.open("named")).put("https://example.com/n", tagged("green"))
    custom = Request("https://example.com/a", cf={"cacheKey": "own"})
    await edge.caches.default.put(custom, tagged("red"))
    return edge


async def present(edge, url, colo="SOF"):
    async with edge.invocation(colo=colo):
        return await edge.caches.default.match(url) is not None


async def test_a_purge_by_url_works_in_every_data_centre(filled):
    assert await filled.caches.purge(urls=["https://example.com:443/a"]) == 2
    assert not await present(filled, "https://example.com/a", "SOF")
    assert not await present(filled, "https://example.com/a", "VIE")
    assert await present(filled, "https://example.com/b")


async def test_a_purge_by_url_leaves_entries_under_keys_of_their_own(filled):
    await filled.caches.purge(urls=["https://example.com/a"])
    assert await filled.caches.default.match(Request("https://other.example/", cf={"cacheKey": "own"}))


async def test_a_purge_by_tag_compares_without_case_and_reaches_named_caches(filled):
    assert await filled.caches.purge(tags=["GREEN", "grey"]) == 3
    assert await present(filled, "https://example.com/a")
    assert await (await filled.caches.open("named")).match("https://example.com/n") is None


async def test_a_purge_of_everything_empties_every_cache(filled):
    assert await filled.caches.purge(everything=True) == 6
    assert await filled.store.cache_rows() == []
    assert await filled.caches.purge(everything=True) == 0


async def test_a_purge_counts_only_what_was_still_fresh(filled, clock):
    clock.advance(seconds=60)
    assert await filled.caches.purge(everything=True) == 0


async def test_a_purge_is_reported_and_costs_no_subrequest(filled):
    operations = []
    filled.events.subscribe(Operation, operations.append)
    async with filled.invocation() as invocation:
        await filled.caches.purge(tags=["red"])
        assert invocation.external == 0
    assert {(event.op, event.outcome) for event in operations} == {("purge", "deleted")}
    assert {event.colo for event in operations} >= {"SOF", "VIE"}
