"""The cache browser: ages, what is left, and why something was not stored."""

from __future__ import annotations

import re

import pytest

from edgeday.events import Operation
from edgeday.web import Response, caches
from tests.server.dashboard.conftest import visiting
from tests.server.dashboard.test_overview import words


async def test_an_empty_cache_says_so(visitor):
    text = await visitor.text("cache")
    assert "The caches are empty." in text
    assert "Every put since the server started was stored." in text


@pytest.mark.parametrize(
    ("waited_s", "phrase"),
    [
        (0, "fresh SOF/default · 200 · 4 B · age 0 s 1 min left"),
        (59, "age 59 s 1 s left"),
        (60, "expired"),
        (90, "stale for 30 s"),
    ],
)
async def test_an_entry_shows_its_age_and_what_is_left_of_its_lifetime(visitor, waited_s, phrase):
    await visitor.local.request("GET", "/cache/max-age=60")
    await visitor.local.served.advance(waited_s)
    assert phrase in words(await visitor.text("cache"))


class Forever:
    """A worker whose cached response expires at the end of time, seen from the year 1970."""

    async def fetch(self, request):
        headers = {"date": "Thu, 01 Jan 1970 00:00:00 GMT", "expires": "Fri, 31 Dec 9999 23:59:59 GMT"}
        await caches.default.put("https://cache.test/forever", Response("body", headers=headers))
        return Response("done")


async def test_an_entry_may_be_stale_later_than_a_date_can_say():
    async with visiting(Forever) as visitor:
        await visitor.local.request("GET", "/")
        assert "stale from after the year 9999" in words(await visitor.text("cache"))


async def test_looking_is_no_subrequest_and_costs_nothing(visitor):
    await visitor.local.request("GET", "/cache/max-age=60")
    operations: list[Operation] = []
    visitor.local.served.edge.events.subscribe(Operation, operations.append)
    await visitor.text("cache")
    assert operations == []


async def test_a_put_that_is_not_stored_is_listed_with_its_reason(visitor):
    await visitor.local.request("GET", "/cache/no-store")
    text = words(await visitor.text("cache"))
    assert "https://cache.test/cache/no-store?%3Cb%3E Cache-Control: no-store" in text
    assert "GET /cache/no-store" in text


async def test_an_entry_that_is_never_fresh_is_told_from_an_expired_one(visitor):
    await visitor.local.request("GET", "/cache/max-age=0")
    text = words(await visitor.text("cache"))
    assert "never fresh" in text
    assert "a match does not find it" in text


async def test_entries_are_found_by_a_part_of_their_url(visitor):
    for seconds in (60, 61, 70):
        await visitor.local.request("GET", f"/cache/max-age={seconds}")
    text = await visitor.text("cache?q=age%3D6")
    assert re.findall(r'class="key" title="https://cache.test/cache/max-age=(\d+)', text) == ["60", "61"]
    assert "2 entries with “age=6” in the URL" in words(text)
    assert "No entry has “nothing” in its URL." in words(await visitor.text("cache?q=nothing"))


async def test_many_entries_are_cut_into_pages(visitor):
    for number in range(101):
        await visitor.local.request("GET", f"/cache/max-age={number + 1000}")
    first, second = await visitor.text("cache"), await visitor.text("cache?from=100")
    pages = [re.findall(r'class="key" title="([^"]*)"', text) for text in (first, second)]
    assert [len(keys) for keys in pages] == [100, 1]
    assert len({*pages[0], *pages[1]}) == 101
    assert "from=100" in first


async def test_a_place_that_is_no_number_is_refused(visitor):
    assert (await visitor.get("cache?from=-1")).status == 400
    assert (await visitor.get("cache?from=x")).status == 400


async def test_the_cache_of_a_state_file_is_shown_after_a_restart(tmp_path):
    for first in (True, False):
        async with visiting(state=tmp_path / "day.sqlite") as visitor:
            if first:
                await visitor.local.request("GET", "/cache/max-age=60")
            assert "1 entry" in words(await visitor.text("cache"))
