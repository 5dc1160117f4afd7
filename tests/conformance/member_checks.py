"""What each member of docs/coverage.md does: a check of every supported one, a use of every other."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable

import pytest

from edgeday import web
from edgeday.clock import VirtualClock
from edgeday.errors import KVRequestFailed, PlatformTypeError
from edgeday.ledger import Op
from edgeday.production.settings import ProductionSettings
from edgeday.runtime.edge import Edge
from edgeday.web import ReadableStream, Request, Response
from tests.conftest import START

URL, OTHER_URL = "https://example.com/page", "https://example.com/other"

Check = Callable[[Edge], Awaitable[None]]
CHECKS: dict[str, Check] = {}
"""What shows that a supported member does something, by its name."""
USES: dict[str, Callable[[Edge], object]] = {
    "deleteBulk(keys)": lambda edge: edge.env.kv.deleteBulk(["a"]),
    "match, delete: ignoreSearch": lambda edge: edge.caches.default.match(URL, {"ignoreSearch": True}),
    "match, delete: ignoreVary": lambda edge: edge.caches.default.delete(URL, ignoreVary=False),
    "match, delete: cacheName": lambda edge: edge.caches.default.match(URL, cacheName="a"),
    "caches.match": lambda _: web.caches.match(URL),
    "caches.has": lambda _: web.caches.has("a"),
    "caches.delete": lambda _: web.caches.delete("a"),
    "caches.keys": lambda _: web.caches.keys(),
    "cache.add": lambda edge: edge.caches.default.add(URL),
    "cache.addAll": lambda edge: edge.caches.default.addAll([URL]),
    "cache.matchAll": lambda edge: edge.caches.default.matchAll(),
    "cache.keys": lambda edge: edge.caches.default.keys(),
}
"""A use of each member that is not there, by its name."""


def cacheable(body: str = "body", **headers: str) -> Response:
    return Response(body, headers={"Cache-Control": "max-age=60", **headers})


def shows(*names: str) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        CHECKS.update(dict.fromkeys(names, check))
        return check

    return register


def spent(edge: Edge, op: Op) -> int:
    return edge.ledger.usage(op).accepted


@shows("get(key)")
async def _one_read(edge):
    await edge.env.kv.put("k", "v")
    assert [await edge.env.kv.get("k"), await edge.env.kv.get("missing")] == ["v", None]
    assert spent(edge, Op.READ) == 2


@shows("get(keys)")
async def _bulk_read(edge):
    await edge.env.kv.put("k", "v")
    assert await edge.env.kv.get(["k", "missing"]) == {"k": "v", "missing": None}
    assert spent(edge, Op.READ) == 2
    with pytest.raises(KVRequestFailed):
        await edge.env.kv.get([f"k{number}" for number in range(101)])


@shows("getWithMetadata(key)")
async def _read_with_metadata(edge):
    await edge.env.kv.put("k", "v", metadata=[1])
    assert await edge.env.kv.getWithMetadata("k") == {"value": "v", "metadata": [1], "cacheStatus": None}


@shows("getWithMetadata(keys)")
async def _bulk_read_with_metadata(edge):
    await edge.env.kv.put("k", "v", metadata=[1])
    rows = await edge.env.kv.getWithMetadata(["k", "missing"])
    assert rows == {"k": {"value": "v", "metadata": [1]}, "missing": None}


@shows('get: type "text"', 'get: type "json"')
async def _types_of_every_get(edge):
    await edge.env.kv.put("k", "[1]")
    for kind, value in (("text", "[1]"), ("json", [1])):
        assert await edge.env.kv.get("k", kind) == await edge.env.kv.get("k", {"type": kind}) == value
        assert await edge.env.kv.get(["k"], kind) == {"k": value}


@shows('get: type "arrayBuffer"', 'get: type "stream"')
async def _types_of_one_get(edge):
    await edge.env.kv.put("k", "[1]")
    assert await edge.env.kv.get("k", "arrayBuffer") == memoryview(b"[1]")
    stream = await edge.env.kv.get("k", "stream")
    assert isinstance(stream, ReadableStream)
    for kind in ("arrayBuffer", "stream"):
        with pytest.raises(KVRequestFailed):
            await edge.env.kv.get(["k"], kind)


@shows("get: cacheTtl")
async def _cache_ttl(edge):
    with pytest.raises(KVRequestFailed, match="Cache TTL must be at least 30"):
        await edge.env.kv.get("k", cacheTtl=29)
    assert await _read_after_a_write(edge, cacheTtl=300) == "new"
    assert await _read_after_a_write(_with_copies(), cacheTtl=300) == "old"
    assert await _read_after_a_write(_with_copies()) == "new"


def _with_copies() -> Edge:
    production = ProductionSettings(propagation=True)
    return Edge(clock=VirtualClock(START), namespaces={"kv": "namespace-1"}, production=production)


async def _read_after_a_write(edge: Edge, **options: int) -> str:
    """What one data centre reads again, 100 s after another one's write."""
    await edge.env.kv.put("k", "old")
    async with edge.invocation(colo="FRA"):
        await edge.env.kv.get("k", **options)
    edge.clock.advance(seconds=1)
    await edge.env.kv.put("k", "new")
    edge.clock.advance(seconds=99)
    async with edge.invocation(colo="FRA"):
        return await edge.env.kv.get("k", **options)


@shows("put(key, value)")
async def _put(edge):
    for number, value in enumerate(("v", b"v", memoryview(b"v"), ReadableStream(b"v"))):
        await edge.env.kv.put(f"k{number}", value)
        assert await edge.env.kv.get(f"k{number}") == "v"
    assert spent(edge, Op.WRITE) == 4


@shows("put: expiration", "put: expirationTtl")
async def _expiry(edge):
    now = int(edge.clock.now())
    await edge.env.kv.put("at", "v", expiration=now + 60)
    await edge.env.kv.put("after", "v", {"expirationTtl": 70, "expiration": now + 80})
    keys = (await edge.env.kv.list())["keys"]
    assert {key["name"]: key["expiration"] - now for key in keys} == {"at": 60, "after": 70}
    for options in ({"expiration": now + 59}, {"expirationTtl": 59}):
        with pytest.raises(KVRequestFailed):
            await edge.env.kv.put("k", "v", options)


@shows("put: metadata")
async def _metadata(edge):
    await edge.env.kv.put("k", "v", {"metadata": {"a": [None, 1]}})
    assert (await edge.env.kv.getWithMetadata("k"))["metadata"] == {"a": [None, 1]}


@shows("delete(key)")
async def _delete(edge):
    await edge.env.kv.put("k", "v")
    await edge.env.kv.delete("k")
    await edge.env.kv.delete("missing")
    assert await edge.env.kv.get("k") is None
    assert spent(edge, Op.DELETE) == 2


@shows("list()", "list: prefix", "list: limit", "list: cursor")
async def _list(edge):
    for key in ("b", "a", "bb", "é", "z"):
        await edge.env.kv.put(key, "v")

    async def names(**options):
        page = await edge.env.kv.list(options)
        return [key["name"] for key in page["keys"]], page.get("cursor")

    assert await names() == (["a", "b", "bb", "z", "é"], None)
    assert await names(prefix="b") == (["b", "bb"], None)
    first, cursor = await names(limit=2)
    assert first == ["a", "b"]
    assert await names(cursor=cursor) == (["bb", "z", "é"], None)
    assert await names(limit=0) == await names()
    assert spent(edge, Op.LIST) == 6


@shows("caches.default", "caches.open(name)")
async def _apart(edge):
    async with edge.invocation():
        await web.caches.default.put(URL, cacheable())
        named = await web.caches.open("pages")
        assert await web.caches.default.match(URL)
        assert await named.match(URL) is None
        with pytest.raises(PlatformTypeError):
            await web.caches.open("n" * 1_024)
    async with edge.invocation(colo="VIE"):
        assert await web.caches.default.match(URL) is None


@shows("cache.put(request, response)")
async def _cache_put(edge):
    await edge.caches.default.put(URL, cacheable())
    await edge.caches.default.put(OTHER_URL, Response("body", headers={"Cache-Control": "no-store"}))
    assert await edge.caches.default.match(URL)
    assert await edge.caches.default.match(OTHER_URL) is None


@shows("cache.match(request)")
async def _cache_match(edge):
    modified = "Sun, 01 Mar 2026 00:00:00 GMT"
    await edge.caches.default.put(URL, cacheable("body", **{"ETag": '"1"', "Last-Modified": modified}))
    for header, status in (
        ({}, 200),
        ({"If-None-Match": '"1"'}, 304),
        ({"If-Modified-Since": modified}, 304),
        ({"Range": "bytes=1-2"}, 206),
    ):
        assert (await edge.caches.default.match(Request(URL, headers=header))).status == status


@shows("cache.delete(request)")
async def _cache_delete(edge):
    for colo in ("SOF", "VIE"):
        async with edge.invocation(colo=colo):
            await edge.caches.default.put(URL, cacheable())
    async with edge.invocation(colo="SOF"):
        assert await edge.caches.default.delete(URL) is True
        assert await edge.caches.default.match(URL) is None
    async with edge.invocation(colo="VIE"):
        assert await edge.caches.default.match(URL)


@shows("match, delete: ignoreMethod")
async def _ignore_method(edge):
    await edge.caches.default.put(URL, cacheable())
    head = Request(URL, method="HEAD")
    assert await edge.caches.default.match(head) is None
    assert await edge.caches.default.match(head, {"ignoreMethod": True})
    assert await edge.caches.default.delete(head, ignoreMethod=False) is False
    assert await edge.caches.default.delete(head, ignoreMethod=True) is True


@shows("put: encodeBody")
async def _encode_body(edge):
    headers = {"Cache-Control": "max-age=60", "Content-Encoding": "gzip"}
    zipped = gzip.compress(b"body")
    await edge.caches.default.put(URL, Response(b"body", headers=headers))
    await edge.caches.default.put(OTHER_URL, Response(zipped, headers=headers, encodeBody="manual"))
    assert gzip.decompress(await (await edge.caches.default.match(URL)).bytes()) == b"body"
    assert await (await edge.caches.default.match(OTHER_URL)).bytes() == zipped


@shows("request.cf.cacheKey")
async def _cache_key(edge):
    await edge.caches.default.put(Request(URL, cf={"cacheKey": "k"}), cacheable())
    assert await edge.caches.default.match(URL) is None
    assert await edge.caches.default.match(Request(OTHER_URL, cf={"cacheKey": "k"}))


@shows("request.cf.cacheTtl")
async def _cf_cache_ttl(edge):
    request = Request(URL, cf={"cacheTtl": 60})
    await edge.caches.default.put(request, cacheable())
    assert await edge.caches.default.match(URL) is None
    for call in (edge.caches.default.match, edge.caches.default.delete):
        with pytest.raises(PlatformTypeError):
            await call(request)


@shows("Cache-Tag")
async def _cache_tag(edge):
    await edge.caches.default.put(URL, cacheable(**{"Cache-Tag": "news, front"}))
    await edge.caches.default.put(OTHER_URL, cacheable())
    assert await edge.caches.purge(tags=["Front"]) == 1
    assert await edge.caches.default.match(URL) is None
    assert await edge.caches.default.match(OTHER_URL)
