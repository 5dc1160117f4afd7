"""The Cache API on every store: what is refused, what is silently left out, what comes back."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from edgeday.errors import PlatformError, PlatformTypeError, TooManySubrequests
from edgeday.runtime.edge import Edge
from edgeday.web import ReadableStream, Request, Response

URL = "https://example.com/item"
MIB = 2**20


def cacheable(body="body", **headers):
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, headers={"Cache-Control": "max-age=60", **fields})


async def stored_body(caches, url=URL):
    response = await caches.default.match(url)
    return None if response is None else await response.text()


@pytest.mark.parametrize(("waited_s", "body"), [(59, "body"), (60, None)])
async def test_an_entry_is_found_until_its_lifetime_is_over(caches, clock, waited_s, body):
    await caches.default.put(URL, cacheable())
    clock.advance(seconds=waited_s)
    assert await stored_body(caches) == body


@pytest.mark.parametrize(("waited_s", "deleted"), [(59, True), (60, False)])
async def test_delete_says_whether_something_fresh_was_there(caches, clock, waited_s, deleted):
    await caches.default.put(URL, cacheable())
    clock.advance(seconds=waited_s)
    assert await caches.default.delete(URL) is deleted
    assert await caches.default.delete(URL) is False


@pytest.mark.parametrize(
    ("request_", "response", "message"),
    [
        (URL, "text", "Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'."),
        (URL, Response.error(), "Cache is unable to store an error response"),
        ("/p", Response(), "Invalid URL: /p"),
        (Request(URL, method="POST"), Response(), "Cannot cache response to non-GET request."),
        (
            URL,
            Response("x", status=206),
            "Cannot cache response to a range request (206 Partial Content).",
        ),
        (
            URL,
            Response("x", headers={"Vary": "Accept, *"}),
            "Cannot cache response with 'Vary: *' header.",
        ),
        (
            "https://u:p@example.com/",
            Response(),
            "Invalid URL. Cache API keys must be fully-qualified, valid URLs.",
        ),
        ("data:text/plain,x", Response(), "Invalid URL. Cache API keys must be fully-qualified, valid URLs."),
    ],
)
async def test_put_refuses_in_the_words_of_the_runtime(caches, request_, response, message):
    with pytest.raises(PlatformTypeError) as raised:
        await caches.default.put(request_, response)
    assert str(raised.value) == message


async def test_put_uses_the_body_up_and_takes_no_used_one(caches):
    response = cacheable()
    await caches.default.put(URL, response)
    assert response.bodyUsed
    with pytest.raises(PlatformTypeError, match="Body has already been used"):
        await caches.default.put(URL, response)


@pytest.mark.parametrize("header", ["no-store", "private"])
async def test_a_response_that_may_not_be_stored_leaves_the_old_one(caches, header):
    await caches.default.put(URL, cacheable("old"))
    await caches.default.put(URL, Response("new", headers={"Cache-Control": header}))
    assert await stored_body(caches) == "old"


async def test_a_response_that_is_never_fresh_replaces_the_old_one(caches):
    await caches.default.put(URL, cacheable("old"))
    await caches.default.put(URL, Response("new", headers={"Cache-Control": "max-age=0"}))
    assert await stored_body(caches) is None


async def test_a_hit_has_the_headers_of_the_cache_and_they_cannot_be_changed(caches, clock):
    await caches.default.put(
        URL, cacheable(x_kept="1", connection="close", date="now", cf_cache_status="MISS")
    )
    clock.advance(seconds=30)
    headers = (await caches.default.match(URL)).headers
    assert dict(headers) == {
        "age": "0",
        "cache-control": "max-age=60",
        "cf-cache-status": "HIT",
        "content-length": "4",
        "content-type": "text/plain;charset=UTF-8",
        "date": "Sun, 01 Mar 2026 12:00:00 GMT",
        "x-kept": "1",
    }
    with pytest.raises(PlatformTypeError, match="Can't modify immutable headers"):
        headers["x-kept"] = "2"


async def test_each_match_gives_a_body_of_its_own(caches):
    await caches.default.put(URL, cacheable())
    one, two = await caches.default.match(URL), await caches.default.match(URL)
    assert await one.text() == await two.text() == "body"


async def test_a_stream_is_stored_without_a_length(caches):
    await caches.default.put(URL, cacheable(ReadableStream([b"in ", b"pieces"])))
    response = await caches.default.match(URL)
    assert "content-length" not in response.headers
    assert await response.text() == "in pieces"


async def test_private_set_cookie_stores_the_response_without_the_cookie(caches):
    response = Response(
        "x", headers=[("Cache-Control", "private=Set-Cookie, max-age=60"), ("Set-Cookie", "a=b")]
    )
    await caches.default.put(URL, response)
    answer = await caches.default.match(URL)
    assert await answer.text() == "x"
    assert "set-cookie" not in answer.headers


async def test_named_caches_are_apart_from_the_default_one(caches):
    named = await caches.open("default")
    await named.put(URL, cacheable("named"))
    assert await stored_body(caches) is None
    assert await (await (await caches.open("default")).match(URL)).text() == "named"
    assert await caches.open("") is caches.default


@pytest.mark.parametrize(("length", "fits"), [(1023, True), (1024, False)])
async def test_a_cache_name_has_at_most_1023_bytes(caches, length, fits):
    if fits:
        assert (await caches.open("n" * length)).name == "named:" + "n" * length
    else:
        with pytest.raises(PlatformTypeError, match=r"Cache name is too long\."):
            await caches.open("n" * length)


async def test_another_method_finds_the_entry_only_with_ignore_method(caches):
    await caches.default.put(URL, cacheable())
    post = Request(URL, method="POST", body="question")
    assert await caches.default.match(post) is None
    assert await (await caches.default.match(post, ignoreMethod=True)).text() == "body"
    assert await caches.default.delete(post) is False
    assert await caches.default.delete(post, {"ignoreMethod": 1}) is True


async def test_a_head_request_with_ignore_method_gets_the_body_too(caches):
    await caches.default.put(URL, cacheable())
    response = await caches.default.match(Request(URL, method="HEAD"), {"ignoreMethod": True})
    assert await response.text() == "body"


@pytest.mark.parametrize(
    ("stored", "url", "same"),
    [
        ("https://Example.COM:443/a", "https://example.com/a", True),
        ("https://example.com/a#top", "https://example.com/a", True),
        ("https://example.com", "https://example.com/", True),
        ("https://example.com/a?x=1&y=2", "https://example.com/a?y=2&x=1", False),
        ("https://example.com/a", "http://example.com/a", False),
        ("https://example.com/a", "https://example.com/a/", False),
    ],
)
async def test_the_normalised_url_is_the_key(caches, stored, url, same):
    await caches.default.put(stored, cacheable())
    assert (await caches.default.match(url) is not None) is same


async def test_cf_cache_key_takes_the_place_of_the_url(caches):
    keyed = Request(URL, cf={"cacheKey": "k"})
    await caches.default.put(keyed, cacheable())
    assert await caches.default.match(URL) is None
    elsewhere = Request("https://other.example/", cf={"cacheKey": "k"})
    assert await caches.default.match(elsewhere) is not None


async def test_a_range_gives_a_part_and_several_give_a_multipart_body(caches):
    await caches.default.put(URL, cacheable("0123456789"))
    part = await caches.default.match(Request(URL, headers={"Range": "bytes=2-4"}))
    assert (part.status, part.status_text, await part.text()) == (206, "Partial Content", "234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    several = await caches.default.match(Request(URL, headers={"Range": "bytes=0-1,8-"}))
    body = await several.bytes()
    assert several.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert several.headers["content-length"] == str(len(body))
    nothing = await caches.default.match(Request(URL, headers={"Range": "bytes=10-"}))
    assert (nothing.status, dict(nothing.headers)) == (
        416,
        {"cf-cache-status": "HIT", "content-range": "bytes */10"},
    )


async def test_a_condition_that_holds_gives_304_without_a_body(caches):
    await caches.default.put(URL, cacheable(etag='"1"'))
    response = await caches.default.match(Request(URL, headers={"If-None-Match": '"1"'}))
    assert (response.status, response.body, response.headers["etag"]) == (304, None, '"1"')


async def test_gzip_is_applied_unless_the_body_is_encoded_already(caches):
    await caches.default.put(URL, cacheable("plain", content_encoding="gzip"))
    response = await caches.default.match(URL)
    assert gzip.decompress(await response.bytes()) == b"plain"
    assert "content-length" not in response.headers
    ready = gzip.compress(b"ready")
    headers = {"Cache-Control": "max-age=60", "Content-Encoding": "gzip"}
    await caches.default.put(URL, Response(ready, headers=headers, encodeBody="manual"))
    response = await caches.default.match(URL)
    assert await response.bytes() == ready
    assert response.headers["content-length"] == str(len(ready))


async def test_options_that_the_runtime_lacks_are_refused_even_if_false(caches):
    for options in ({"ignoreSearch": False}, {"ignoreSearch": None}):
        with pytest.raises(PlatformError, match="The 'ignoreSearch' field on 'CacheQueryOptions'"):
            await caches.default.match(URL, options)
    with pytest.raises(PlatformError, match="The 'ignoreVary' field on 'CacheQueryOptions'"):
        await caches.default.delete(URL, ignoreVary=True)
    with pytest.raises(PlatformTypeError, match="parameter 2 is not of type 'CacheQueryOptions'"):
        await caches.default.match(URL, "ignoreMethod")


async def test_a_cache_belongs_to_its_data_centre(edge):
    async with edge.invocation(colo="SOF"):
        await edge.caches.default.put(URL, cacheable())
    async with edge.invocation(colo="VIE"):
        assert await edge.caches.default.match(URL) is None
        assert await edge.caches.default.delete(URL) is False
    async with edge.invocation(colo="SOF"):
        assert await edge.caches.default.match(URL) is not None


async def test_calls_that_reach_the_cache_cost_an_external_subrequest(edge):
    async with edge.invocation() as invocation:
        await edge.caches.default.put(URL, cacheable())
        await edge.caches.default.match(URL)
        await edge.caches.default.delete(URL)
        with pytest.raises(PlatformTypeError):
            await edge.caches.default.match("data:text/plain,x")
        assert (invocation.external, invocation.internal) == (4, 0)


async def test_calls_that_end_early_cost_no_subrequest(edge):
    async with edge.invocation() as invocation:
        await edge.caches.default.put(URL, Response(status=304))
        await edge.caches.default.match(Request(URL, method="POST"))
        await edge.caches.default.delete(Request(URL, method="HEAD"))
        with pytest.raises(PlatformTypeError):
            await edge.caches.default.put(Request(URL, method="PUT"), cacheable())
        assert invocation.external == 0


async def test_a_cache_call_past_the_subrequest_limit_is_refused(edge):
    async with edge.invocation() as invocation:
        for _ in range(50):
            await edge.caches.default.match(URL)
        with pytest.raises(TooManySubrequests):
            await edge.caches.default.put(URL, cacheable())
        assert invocation.refused == 1
    assert await stored_body(edge.caches) is None


async def test_a_large_body_is_held_once(clock):
    edge = Edge(clock=clock)
    size = 25 * MIB
    tracemalloc.start()
    try:
        stream = ReadableStream(b"s" * MIB for _ in range(25))
        await edge.caches.default.put(URL, cacheable(stream))
        _, peak_of_put = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        bytes_before, _ = tracemalloc.get_traced_memory()
        response = await edge.caches.default.match(URL)
        read = 0
        async for chunk in response.body:
            read += len(chunk)
        _, peak_of_match = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read == size
    assert peak_of_put < 1.5 * size
    assert peak_of_match - bytes_before < MIB
