"""Requests as JavaScript gets them, and its responses as they leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgeday.events import InvocationEnded, Operation
from edgeday.invocation import Invocation
from edgeday.web.messages import Request, Response
from tests.hosting.javascript.workers import answer, edge_with, responses, texts, worker_of

pytestmark = pytest.mark.workerd

URL = "https://worker.example/path?a=1"


def handler(body: str) -> str:
    return f"export default {{ async fetch(request, env, ctx) {{ {body} }} }};"


def sent(workerd: Path, source: str, request: Request | str = "/", **options: Any) -> Response:
    (response,) = responses(edge_with(worker_of(workerd, source), **options), request)
    return response


PARAMETERS = "application/x-www-form-urlencoded"
FORM = b'--X\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhi\r\n--X--\r\n'


@pytest.mark.parametrize(
    ("read", "kind", "body", "text"),
    [
        ("await request.text()", "text/plain", "свят".encode(), "свят"),
        ("(await request.json()).a", "application/json", b'{"a": 5}', "5"),
        ("(await request.arrayBuffer()).byteLength", "a/b", b"\x00\xff", "2"),
        ("(await request.blob()).type", "a/b", b"\x00\xff", "a/b"),
        ("[...(await request.bytes())].join()", "a/b", b"\x00\xff", "0,255"),
        (
            "[...(await request.formData())].join()",
            "application/x-www-form-urlencoded",
            b"a=1&b=2",
            "a,1,b,2",
        ),
        ("await (await request.formData()).get('f').text()", "multipart/form-data; boundary=X", FORM, "hi"),
        ("await request.clone().text() + await request.text()", "text/plain", b"ab", "abab"),
        ("await new Response(request.body.tee()[0]).text()", "text/plain", b"ab", "ab"),
        ("await new Request(request, { body: 'other' }).text()", "text/plain", b"ab", "other"),
        ("await new Request('https://other.example/', request).text()", "text/plain", b"ab", "ab"),
        ("String(request.body)", "text/plain", b"", "null"),
    ],
)
def test_a_request_body_is_read_in_any_way(
    workerd: Path, read: str, kind: str, body: bytes, text: str
) -> None:
    request = Request(URL, method="POST", headers={"content-type": kind}, body=body or None)
    edge = edge_with(worker_of(workerd, handler(f"return new Response(String({read}));")))
    assert texts(edge, request) == [text]


def test_a_request_says_where_it_comes_from(workerd: Path) -> None:
    source = handler("return Response.json([request.cf, request.headers.get('host'), request.url]);")
    edge = edge_with(worker_of(workerd, source))
    text = '[{"colo":"SOF","country":"BG"},"worker.example","https://worker.example/path?a=1"]'
    assert texts(edge, Request(URL, cf={"country": "BG"})) == [text]


@pytest.mark.parametrize(
    ("body", "status", "content"),
    [
        ("new Response()", 200, None),
        ("new Response(null, { status: 204 })", 204, None),
        ("new Response(null, { status: 304 })", 304, None),
        ("new Response('')", 200, b""),
        ("new Response('x', { status: 418 })", 418, b"x"),
        ("new Response(new Uint8Array([0, 255]))", 200, b"\x00\xff"),
        ("Response.redirect('https://other.example/')", 302, None),
    ],
)
def test_statuses_and_bodies_leave_as_they_are(
    workerd: Path, body: str, status: int, content: bytes | None
) -> None:
    response = sent(workerd, handler(f"return {body};"))
    assert (response.status, response._body) == (status, content)


def test_headers_leave_one_by_one(workerd: Path) -> None:
    source = handler("""const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
      headers.set("x-a", "ж");
      headers.append("x-b", "1");
      headers.append("x-b", "2");
      return new Response("x", { headers });""")
    fields = sent(workerd, source).headers.fields()
    assert sorted(fields) == [
        ("content-type", "text/plain;charset=UTF-8"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("x-a", "ж"),
        ("x-b", "1, 2"),
    ]


async def origin(request: Request, _: Invocation) -> Response:
    if request.url.endswith("/old"):
        return Response(None, status=302, headers={"location": "/new"})
    headers = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-method", request.method)]
    return Response(await request.bytes() + b"\xff", headers=headers, status=201)


def test_a_request_that_is_handed_on_comes_back_unchanged(workerd: Path) -> None:
    request = Request("https://worker.example/new", method="PUT", body=b"\x00")
    response = sent(workerd, handler("return fetch(request);"), request, outbound={"worker.example": origin})
    fields = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-method", "PUT")]
    assert (response.status, sorted(response.headers.fields()), response._body) == (201, fields, b"\x00\xff")


def test_the_redirects_of_a_request_that_is_handed_on_are_the_clients(workerd: Path) -> None:
    request = Request("https://worker.example/old")
    response = sent(workerd, handler("return fetch(request);"), request, outbound={"worker.example": origin})
    assert (response.status, response.headers.get("location")) == (302, "/new")


def test_bindings_and_wait_until_are_there_for_every_module(workerd: Path) -> None:
    source = """import { env, waitUntil, withEnv } from "cloudflare:workers";
      const later = async () => { await scheduler.wait(2000); await env.KV.put("later", "yes"); };
      export default {
        fetch() {
          waitUntil(later());
          return new Response(withEnv({ A: "a" }, () => env.A));
        },
      };"""
    edge = edge_with(worker_of(workerd, source))
    operations: list[Operation] = []
    ends: list[InvocationEnded] = []
    edge.events.subscribe(Operation, operations.append)
    edge.events.subscribe(InvocationEnded, ends.append)
    assert texts(edge, "/") == ["a"]
    assert [(one.op, one.key) for one in operations] == [("put", "later")]
    assert [end.at - end.started_at for end in ends] == [2]


@pytest.mark.parametrize(
    "call",
    [
        "new WebSocket('wss://other.example/')",
        "new EventSource('https://other.example/')",
        "(await import('cloudflare:sockets')).connect('other.example:80')",
    ],
)
def test_clients_without_a_network_are_refused_by_name(workerd: Path, call: str) -> None:
    source = handler(f"try {{ {call}; }} catch (error) {{ return new Response(error.message); }}")
    assert answer(workerd, source).startswith("edgeday does not emulate ")


def test_a_worker_that_calls_itself_is_told_that_it_cannot(workerd: Path) -> None:
    source = handler(
        "return ctx.exports.default.fetch(request).catch((error) => new Response(error.message));"
    )
    assert answer(workerd, source) == "edgeday does not emulate ctx.exports: a worker cannot call itself"
