"""Messages with bodies, which travel outside of JSON, are what was sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeday.hosting.javascript.frames import PIECE_BYTES, decode, encode, pieces
from edgeday.web.messages import Request
from tests.hosting.javascript.workers import answer, edge_with, responses, texts, worker_of

ECHO = "export default { async fetch(request) { return new Response(await request.arrayBuffer()); } };"


def test_a_message_without_a_body_is_text() -> None:
    assert encode({"t": "ok", "v": "ключ"}) == (False, '{"t":"ok","v":"ключ"}'.encode())
    assert decode(False, b'[{"t":"end"}]') == [{"t": "end"}]


def test_bodies_follow_the_json_with_their_sizes() -> None:
    is_binary, data = encode({"v": [{"b": b"\0\xff"}, {"b": b""}]})
    assert is_binary
    json = b'{"v":[{"b":0},{"b":1}]}'
    sizes = b"\3\0\0\0" + bytes([len(json)]) + b"\0\0\0" + b"\2\0\0\0" + b"\0\0\0\0"
    assert data == sizes + json + b"\0\xff"


def test_metadata_that_looks_like_a_body_is_left_alone() -> None:
    json = b'[{"t":"op","a":["KV",{"b":0},{"metadata":{"b":0}}]}]'
    data = b"\2\0\0\0" + bytes([len(json)]) + b"\0\0\0" + b"\1\0\0\0" + json + b"x"
    assert decode(True, data) == [{"t": "op", "a": ["KV", {"b": b"x"}, {"metadata": {"b": 0}}]}]


def test_a_lone_surrogate_is_escaped() -> None:
    assert encode({"v": "\ud800"}) == (False, b'{"v": "\\ud800"}')
    assert decode(False, b'[{"k":"\\ud800"}]') == [{"k": "\ud800"}]


def test_a_message_that_is_too_long_for_workerd_comes_in_pieces() -> None:
    whole = bytes(range(256)) * (PIECE_BYTES // 128)
    sent = pieces(whole)
    assert [len(piece) <= PIECE_BYTES for piece in sent] == [True] * 3
    assert [piece[:8] for piece in sent] == [bytes([0, 0, 0, 0, left, 0, 0, 0]) for left in (2, 1, 0)]
    assert b"".join(piece[8:] for piece in sent) == whole
    assert pieces(whole[:PIECE_BYTES]) == [whole[:PIECE_BYTES]]


@pytest.mark.parametrize(("length", "binary"), [(PIECE_BYTES - 8, False), (PIECE_BYTES - 7, True)])
def test_long_json_is_binary_so_that_it_can_come_in_pieces(length: int, binary: bool) -> None:
    assert encode({"v": "x" * length})[0] is binary


@pytest.mark.workerd
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 20_000_000])
def test_bodies_of_every_size_pass_both_ways(workerd: Path, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    request = Request("https://worker.example/", method="POST", body=body[:size])
    (response,) = responses(edge_with(worker_of(workerd, ECHO)), request)
    assert response._body == body[:size]


@pytest.mark.workerd
@pytest.mark.parametrize("value", ["'ключ'", "'k'", "new Uint8Array([0, 255, 1])"])
def test_values_of_20_mb_pass_both_ways(workerd: Path, value: str) -> None:
    source = f"""const one = {value}, isText = typeof one === "string";
    const count = 20e6 / new Blob([one]).size;
    const all = isText ? one.repeat(count) : new Uint8Array(3 * count).map((_, i) => one[i % 3]);
    export default {{ async fetch(request, env) {{
      await env.KV.put("key", all);
      const got = await env.KV.get("key", isText ? "text" : "arrayBuffer");
      const same = isText ? got === all : new Uint8Array(got).every((byte, i) => byte === all[i]);
      return new Response(`${{same}} ${{got.length ?? got.byteLength}}`);
    }} }};"""
    assert answer(workerd, source).startswith("true ")


@pytest.mark.workerd
def test_what_is_put_is_what_it_was_then(workerd: Path) -> None:
    source = """export default { async fetch(request, env) {
      const bytes = new Uint8Array([1, 2, 3]);
      const done = env.KV.put("key", bytes);
      bytes[0] = 9;
      await done;
      return new Response(String(new Uint8Array(await env.KV.get("key", "arrayBuffer"))));
    } };"""
    assert answer(workerd, source) == "1,2,3"


@pytest.mark.workerd
def test_a_buffer_from_kv_holds_the_value_alone(workerd: Path) -> None:
    source = """export default { async fetch(request, env) {
      await env.KV.put("key", new Uint8Array([255, 2]));
      return new Response((await env.KV.get("key", "arrayBuffer")).byteLength);
    } };"""
    assert texts(edge_with(worker_of(workerd, source)), "/") == ["2"]


@pytest.mark.workerd
@pytest.mark.parametrize("mebibytes", [1, 33])
def test_bodies_of_any_length_arrive(workerd: Path, mebibytes: int) -> None:
    edge = edge_with(worker_of(workerd, ECHO))
    body = b"0123456789abcdef" * 65536 * mebibytes
    (response,) = responses(edge, Request("https://worker.example/", method="POST", body=body))
    assert response._body == body


@pytest.mark.workerd
def test_json_of_more_than_a_message_holds_arrives(workerd: Path) -> None:
    source = """export default { async fetch(request, { KV }) {
      const value = "\u0436".repeat(3 << 20);
      await Promise.all(["a", "b", "c"].map((key) => KV.put(key, value)));
      const found = await KV.get(["a", "b", "c"]);
      return new Response(String([...found.values()].every((one) => one === value)));
    } };"""
    assert answer(workerd, source) == "true"
