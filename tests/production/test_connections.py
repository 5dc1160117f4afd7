"""Six connections at once, until an answer begins; before 2026-04-09 until it was read."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from edgeday.errors import PlatformError
from edgeday.web import ReadableStream
from edgeday.web.messages import Request, Response
from tests.production.test_latency import in_virtual_time

BEFORE, SINCE = "2026-04-08T12:00:00Z", "2026-04-09T12:00:00Z"
BOTH = pytest.mark.parametrize("day", [BEFORE, SINCE])


async def origin(request, invocation):
    if "redirect" in request.url:
        return Response("moved", status=302, headers={"location": "https://origin.example/"})
    if "empty" in request.url:
        return Response(None)
    if "made" in request.url:
        return Response(ReadableStream(part for part in (b"a", b"b")))
    if "fails" in request.url:
        raise PlatformError("Network connection lost.")
    return Response("body")


def runs(day, work):
    """What `work(fetch, get)` gives in one invocation, and the ms it took; each KV get takes 100."""

    async def whole(edge, clock):
        async with edge.invocation() as invocation:
            answer = await work(
                lambda path="": invocation.fetch(Request(f"https://origin.example/{path}")), edge.env.kv.get
            )
        return answer, clock.elapsed_us / 1000

    return in_virtual_time(whole, start=day, outbound={"*": origin})


async def five_gets_and_one_more(get):
    await asyncio.gather(*(get(f"k{number}") for number in range(6)))


@pytest.mark.parametrize(("day", "took_ms"), [(BEFORE, 200), (SINCE, 100)])
def test_an_answer_that_nobody_has_read_holds_its_connection_before_that_day(day, took_ms):
    async def work(fetch, get):
        response = await fetch()
        await five_gets_and_one_more(get)
        return await response.text()

    assert runs(day, work) == ("body", took_ms)


@BOTH
@pytest.mark.parametrize("path", ["", "made", "redirect"])
def test_an_answer_that_was_read_holds_none(day, path):
    async def work(fetch, get):
        text = await (await fetch(path)).text()
        await five_gets_and_one_more(get)
        return text

    assert runs(day, work) == ("ab" if path == "made" else "body", 100)


@BOTH
@pytest.mark.parametrize("path", ["empty", "fails"])
def test_an_answer_without_a_body_and_a_fetch_that_failed_hold_none(day, path):
    async def work(fetch, get):
        with suppress(PlatformError):
            await fetch(path)
        await five_gets_and_one_more(get)

    assert runs(day, work) == (None, 100)


@pytest.mark.parametrize(
    ("day", "texts"),
    [(BEFORE, ["Response closed due to connection limit", *["body"] * 6]), (SINCE, ["body"] * 7)],
)
def test_before_that_day_a_seventh_fetch_closed_the_oldest_answer_that_nobody_read(day, texts):
    async def text_of(response):
        try:
            return await response.text()
        except PlatformError as error:
            return error.message

    async def work(fetch, get):
        responses = [await fetch() for _ in range(7)]
        return [await text_of(response) for response in responses]

    assert runs(day, work) == (texts, 0)


def test_an_answer_is_closed_only_when_all_six_lie_unread():
    async def work(fetch, get):
        responses = [await fetch() for _ in range(5)]
        await asyncio.gather(get("a"), get("b"))  # one connection for both
        return [await response.text() for response in responses]

    assert runs(BEFORE, work) == (["body"] * 5, 200)


@BOTH
def test_a_body_that_is_read_in_parts_holds_its_connection_until_its_end(day):
    async def work(fetch, get):
        response = await fetch("made")
        chunks = aiter(response.body)
        first = await anext(chunks)
        await five_gets_and_one_more(get)
        return first, [chunk async for chunk in chunks]

    assert runs(day, work) == ((b"a", [b"b"]), 200 if day == BEFORE else 100)


@BOTH
def test_a_copy_of_an_answer_can_be_read_beside_it(day):
    async def work(fetch, get):
        response = await fetch()
        return await response.clone().text() + await response.text()

    assert runs(day, work)[0] == "bodybody"
