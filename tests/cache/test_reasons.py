"""Why something was, or was not, in a cache: the reasons that reach the event stream."""

from __future__ import annotations

import pytest

from edgeday.events import Operation
from edgeday.web import Request, Response

URL = "https://example.com/item"


@pytest.fixture
def operations(edge):
    """Outcome and reason of every cache operation so far."""
    rows: list[tuple[str, str, str]] = []
    edge.events.subscribe(Operation, lambda event: rows.append((event.op, event.outcome, event.reason)))
    return rows


def response(cache_control):
    return Response("body", headers={"Cache-Control": cache_control})


async def test_a_put_says_how_long_it_keeps_what_it_stored(caches, operations):
    await caches.default.put(URL, response("max-age=60"))
    assert operations == [("put", "stored", "stored for 60 s: max-age")]


async def test_a_put_that_stores_nothing_says_why(caches, operations):
    await caches.default.put(URL, response("no-store"))
    await caches.default.put(URL, Response(status=304))
    await caches.default.put("ftp://example.com/f", response("max-age=60"))
    assert operations == [
        ("put", "not-stored", "not stored: Cache-Control: no-store"),
        ("put", "not-stored", "not stored: status 304"),
        ("put", "not-stored", "not stored: no http or https URL"),
    ]


async def test_a_miss_says_that_nothing_was_put(caches, operations):
    await caches.default.match(URL)
    assert operations == [("match", "miss", "miss: no entry (never put, deleted, or expired long ago)")]


async def test_a_miss_repeats_why_the_put_was_not_stored(caches, operations):
    await caches.default.put(URL, response("no-store"))
    await caches.default.match(URL)
    assert operations[-1] == ("match", "miss", "miss: not stored: Cache-Control: no-store")


async def test_a_miss_says_how_long_ago_the_entry_expired(caches, clock, operations):
    await caches.default.put(URL, response("max-age=60"))
    clock.advance(seconds=63)
    await caches.default.match(URL)
    assert operations[-1] == ("match", "miss", "miss: expired 3 s ago")


async def test_a_miss_says_that_the_entry_was_never_fresh(caches, operations):
    await caches.default.put(URL, response("max-age=0"))
    await caches.default.match(URL)
    assert operations[-1] == ("match", "miss", "miss: stored, but never fresh")


async def test_a_stored_put_makes_an_older_refusal_forgotten(caches, operations):
    await caches.default.put(URL, response("no-store"))
    await caches.default.put(URL, response("max-age=60"))
    await caches.default.delete(URL)
    await caches.default.match(URL)
    assert operations[-1] == ("match", "miss", "miss: no entry (never put, deleted, or expired long ago)")


async def test_a_reset_forgets_the_refusals(edge, caches, operations):
    await caches.default.put(URL, response("no-store"))
    await edge.reset()
    await caches.default.match(URL)
    assert operations[-1] == ("match", "miss", "miss: no entry (never put, deleted, or expired long ago)")


async def test_only_the_newest_refusals_are_remembered(caches, operations):
    for number in range(1100):
        await caches.default.put(f"{URL}/{number}", response("private"))
    await caches.default.match(f"{URL}/0")
    await caches.default.match(f"{URL}/1099")
    assert [reason for _, _, reason in operations[-2:]] == [
        "miss: no entry (never put, deleted, or expired long ago)",
        "miss: not stored: Cache-Control: private",
    ]


async def test_a_method_that_is_not_looked_up_says_so(caches, operations):
    post = Request(URL, method="POST")
    await caches.default.match(post)
    await caches.default.delete(post)
    assert operations == [
        ("match", "miss", "miss: method POST without ignoreMethod"),
        ("delete", "absent", "absent: method POST without ignoreMethod"),
    ]


async def test_a_conditional_hit_says_which_condition_held(caches, operations):
    await caches.default.put(URL, response("max-age=60"))
    await caches.default.match(Request(URL, headers={"Range": "bytes=0-1"}))
    assert operations[-1] == ("match", "hit", "206: bytes=0-1")


async def test_a_refused_call_is_reported_with_the_runtimes_text(edge, operations):
    async with edge.invocation() as invocation:
        invocation.external = 50
        with pytest.raises(Exception, match="Too many subrequests"):
            await edge.caches.default.match(URL)
    assert operations == [("match", "refused", "Too many subrequests by single Worker invocation.")]
