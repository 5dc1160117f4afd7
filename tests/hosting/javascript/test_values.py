"""Values, metadata and cached responses of a JavaScript worker: nothing is lost on the way and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edgeday.events import Diagnostic, Operation

from .workers import answer, edge_with, texts, worker_of

pytestmark = pytest.mark.workerd

MEBIBYTE = 2**20
AROUND = """export default {
  async fetch(request, { KV }) { const cache = caches.default; %s },
};"""


def seen(workerd: Path, code: str) -> Any:
    """What a handler returns, by way of JSON."""
    body = f"return Response.json(await (async () => {{ {code} }})());"
    return json.loads(answer(workerd, AROUND % body))


def test_numbers_are_those_of_json_parse(workerd: Path) -> None:
    found = seen(
        workerd,
        """await KV.put("n", '[1.0, -0, 1e400, 12345678901234567890, 0.1e-7, 1e21]');
        const [one, zero, huge, long, small, large] = await KV.get("n", "json");
        return [one, Object.is(zero, -0), huge === Infinity, String(long), small, String(large)];""",
    )
    assert found == [1, True, True, "12345678901234567000", 1e-8, "1e+21"]


def test_members_named_proto_or_twice_are_as_json_parse_has_them(workerd: Path) -> None:
    found = seen(
        workerd,
        """await KV.put("m", '{"b":1,"__proto__":{"x":1},"10":2,"b":3,"9":4}');
        const value = await KV.get("m", "json");
        const isPlain = Object.getPrototypeOf(value) === Object.prototype;
        return [Object.keys(value), value.b, value.x === undefined, isPlain];""",
    )
    assert found == [["9", "10", "b", "__proto__"], 3, True, True]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{ one: 1.0, large: 1e21, zero: -0, 7: 'seven', b: [undefined, NaN] }",
         '{"7":"seven","one":1,"large":1e+21,"zero":0,"b":[null,null]}'),
        ("new Date(0)", '"1970-01-01T00:00:00.000Z"'),
        ("new Map([[1, 2]])", "{}"),
        ("'\\ud800'", '"\\ud800"'),
        ("JSON.parse('{\"__proto__\":1}')", '{"__proto__":1}'),
        ("() => 1", "null"),
    ],
    ids=["object", "date", "map", "half a pair", "proto", "function"],
)  # fmt: skip
def test_metadata_goes_through_the_json_of_javascript(workerd: Path, written: str, read: str) -> None:
    found = seen(
        workerd,
        f"""await KV.put("key", "value", {{ metadata: {written} }});
        const [row] = (await KV.list()).keys;
        const bulk = await KV.getWithMetadata(["key"]);
        const alone = await KV.getWithMetadata("key");
        const found = [alone.metadata, row.metadata ?? null, bulk.get("key").metadata];
        return found.map((one) => JSON.stringify(one));""",
    )
    assert found == [read] * 3


def test_bytes_of_any_kind_come_back(workerd: Path) -> None:
    found = seen(
        workerd,
        """const all = Uint8Array.from({ length: 256 }, (_, i) => i);
        const put = [all, all.buffer, all.subarray(250), new DataView(all.buffer, 128, 2),
          new Uint16Array([258]), new Response(all).body, new SharedArrayBuffer(2), new Uint8Array(0)];
        const got = [];
        for (const [i, one] of put.entries()) {
          await KV.put(`${i}`, one);
          got.push([...new Uint8Array(await KV.get(`${i}`, "arrayBuffer"))]);
        }
        await KV.put("text", "\\ufeffю\\ud800");
        got.push([...new Uint8Array(await KV.get("text", "arrayBuffer"))], await KV.get("text"));
        return got;""",
    )
    every = [*range(256)]
    halves = [0xEF, 0xBB, 0xBF, 0xD1, 0x8E, 0xED, 0xA0, 0x80]
    assert found == [
        every, every, every[250:], [128, 129], [2, 1], every, [0, 0], [], halves, "\ufeffю\ufffd\ufffd\ufffd",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("put", "refused"),
    [
        (f"KV.put('k', 'x'.repeat({25 * MEBIBYTE}))", None),
        (f"KV.put('k', 'x'.repeat({25 * MEBIBYTE + 1}))",
         "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400."),
        (f"KV.put('k', new Uint8Array({25 * MEBIBYTE}).fill(255))", None),
        (f"KV.put('k', new Uint8Array({25 * MEBIBYTE + 1}))",
         "KV PUT failed: 413 Value length of 26214401 exceeds limit of 26214400."),
        ("KV.put('ю'.repeat(256), '')", None),
        ("KV.put('ю'.repeat(256) + 'a', '')",
         "KV PUT failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512."),
        ("KV.put('k', '', { metadata: 'x'.repeat(1022) })", None),
        ("KV.put('k', '', { metadata: 'x'.repeat(1023) })",
         "KV PUT failed: 413 Metadata length of 1025 exceeds limit of 1024."),
        ("KV.put('k', '', { metadata: 'ю'.repeat(511) })", None),
    ],
    ids=lambda value: "stored" if value is None else str(value)[:36],
)  # fmt: skip
def test_limits_are_those_of_the_platform(workerd: Path, put: str, refused: str | None) -> None:
    found = seen(workerd, f"return {put}.then(() => null, (error) => error.message);")
    assert found == refused


def test_a_call_that_nothing_waits_for_is_made(workerd: Path) -> None:
    edge = edge_with(worker_of(workerd, AROUND % "KV.put('key', 'value'); return new Response('at once');"))
    puts: list[Operation] = []
    edge.events.subscribe(Operation, puts.append)
    assert texts(edge, "/") == ["at once"]
    assert [(put.key, put.outcome) for put in puts] == [("key", "stored")]


def test_calls_of_one_turn_happen_in_the_order_in_which_they_were_made(workerd: Path) -> None:
    found = seen(
        workerd,
        """const calls = [KV.get("a"), KV.put("a", "1"), KV.get("a"), KV.delete("a"), KV.get("a")];
        return (await Promise.all(calls)).map((one) => one ?? null);""",
    )
    assert found == [None, None, "1", None, None]


def test_an_option_that_is_none_is_named_with_what_it_was_meant_for(workerd: Path) -> None:
    edge = edge_with(
        worker_of(workerd, AROUND % "await KV.put('k', 'v', { expirationTTL: 60 }); return new Response('');")
    )
    said: list[Diagnostic] = []
    edge.events.subscribe(Diagnostic, said.append)
    texts(edge, "/")
    assert [one.text for one in said] == [
        "put() ignores expirationTTL, which is no option of KV (expirationTtl is): the key never expires"
    ]


def test_a_cached_response_comes_back_as_it_was_put(workerd: Path) -> None:
    found = seen(
        workerd,
        """const headers = [["Cache-Control", "max-age=60"], ["X-Twice", "1"], ["x-twice", "2"],
          ["X-U", "ü€"], ["X-Empty", ""]];
        await cache.put("https://e.com/", new Response(new Uint8Array([255, 0]), { headers, status: 404 }));
        const hit = await cache.match("https://e.com/");
        const { status, url, redirected, type } = hit;
        const fields = Object.fromEntries([...hit.headers].filter(([name]) => name !== "date"));
        return [status, url, redirected, type, fields, [...new Uint8Array(await hit.arrayBuffer())]];""",
    )
    fields = {
        "age": "0", "cache-control": "max-age=60", "cf-cache-status": "HIT", "content-length": "2",
        "x-empty": "", "x-twice": "1, 2", "x-u": "ü€",
    }  # fmt: skip
    assert found == [404, "", False, "default", fields, [255, 0]]


def test_a_stream_has_no_length_in_the_cache(workerd: Path) -> None:
    found = seen(
        workerd,
        """const fixed = new FixedLengthStream(4);
        const { writable, readable } = new TransformStream();
        const headers = { "cache-control": "max-age=9" };
        for (const [stream, to] of [[fixed, "fixed"], [{ writable, readable }, "unknown"]]) {
          const writer = stream.writable.getWriter();
          writer.write(new TextEncoder().encode("body"));
          writer.close();
          await cache.put(`https://e.com/${to}`, new Response(stream.readable, { headers }));
        }
        const lengths = [];
        for (const to of ["fixed", "unknown"]) {
          const hit = await cache.match(`https://e.com/${to}`);
          lengths.push([hit.headers.get("content-length"), await hit.text()]);
        }
        return lengths;""",
    )
    assert found == [["4", "body"], [None, "body"]]


@pytest.mark.parametrize(
    ("response", "unzipped", "read"),
    [
        ('new Response("plain", { headers })', 1, "plain"),
        ('new Response(zipped, { headers, encodeBody: "manual" })', 1, "zipped"),
        ("new Response(zipped, { headers })", 2, "zipped"),
        ('new Response(zipped, { headers, encodeBody: "manual" }).clone()', 1, "zipped"),
        ('new Response("x", new Response(zipped, { headers, encodeBody: "manual" }))', 0, "x"),
        ("new (class extends Response {})(zipped, { headers, encodeBody: 'manual' })", 1, "zipped"),
        ("await again()", 1, "zipped"),
        ("new Response((await again()).body, { headers })", 1, "zipped"),
    ],
)
def test_a_gzip_body_is_compressed_unless_it_says_that_it_is(
    workerd: Path, response: str, unzipped: int, read: str
) -> None:
    found = seen(
        workerd,
        f"""const through = (response, stream) => new Response(response.body.pipeThrough(stream));
        const zipped = await through(new Response("zipped"), new CompressionStream("gzip")).arrayBuffer();
        const headers = {{ "cache-control": "max-age=60", "content-encoding": "gzip" }};
        const again = async () => {{
          await cache.put("https://e.com/b", new Response(zipped, {{ headers, encodeBody: "manual" }}));
          return cache.match("https://e.com/b");
        }};
        await cache.put("https://e.com/a", {response});
        let hit = await cache.match("https://e.com/a");
        for (let i = 0; i < {unzipped}; i++) hit = through(hit, new DecompressionStream("gzip"));
        return hit.text();""",
    )
    assert found == read


@pytest.mark.parametrize(
    ("init", "answered"),
    [
        ("{}", [200, "0123"]),
        ('{ headers: { range: "bytes=1-2" } }', [206, "12"]),
        ('{ headers: { range: "bytes=9-" } }', [416, ""]),
        ("""{ headers: { "if-none-match": '"e"' } }""", [304, ""]),
        ('{ method: "HEAD" }', None),
        ('{ cf: { cacheKey: "https://e.com/" } }', [200, "0123"]),
        ('{ cf: { cacheKey: "other" } }', None),
    ],
)
def test_a_match_looks_at_what_its_request_says(workerd: Path, init: str, answered: Any) -> None:
    found = seen(
        workerd,
        f"""const headers = {{ "cache-control": "max-age=60", etag: '"e"' }};
        await cache.put("https://e.com/", new Response("0123", {{ headers }}));
        const hit = await cache.match(new Request("https://e.com/", {init}));
        return hit === undefined ? null : [hit.status, await hit.text()];""",
    )
    assert found == answered


def test_named_caches_are_apart(workerd: Path) -> None:
    found = seen(
        workerd,
        """const headers = { "cache-control": "max-age=60" };
        const named = await caches.open("named");
        await named.put("https://e.com/", new Response("named", { headers }));
        const again = await (await caches.open("named")).match("https://e.com/");
        return [(await cache.match("https://e.com/")) === undefined, await again.text()];""",
    )
    assert found == [True, "named"]


def test_a_match_with_a_cache_ttl_is_refused(workerd: Path) -> None:
    found = seen(
        workerd,
        """const request = new Request("https://e.com/", { cf: { cacheTtl: 5 } });
        const start = ({ name, message }) => `${name}: ${message.slice(0, 44)}`;
        const refused = (promise) => promise.then(() => null, start);
        return [await refused(cache.match(request)), await refused(cache.delete(request))];""",
    )
    assert found == ["TypeError: The 'cacheControl' and 'cacheTtl' options on"] * 2
