"""Values and metadata: what goes in, what comes out, and how large it may be."""

from __future__ import annotations

import math
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgeday.errors import KVRequestFailed, PlatformSyntaxError, PlatformTypeError
from edgeday.runtime.edge import Edge
from edgeday.web import ReadableStream

MIB = 2**20
LIMIT_BYTES = 25 * MIB


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        ("", ""),
        ("žluť 😀", "žluť 😀"),
        (b"bytes", "bytes"),
        (memoryview(b"a view")[2:], "view"),
        (None, "null"),
        (True, "true"),
        (12.0, "12"),
        (0.5, "0.5"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        ("lone \ud800 surrogate", "lone \ufffd\ufffd\ufffd surrogate"),
        ("a pair in halves: \ud83d\ude00", "a pair in halves: 😀"),
    ],
)
async def test_a_value_comes_back_as_text(kv, value, text):
    await kv.put("k", value)
    assert await kv.get("k") == text


@pytest.mark.parametrize("value", [["a"], {"a": 1}, object()])
async def test_objects_are_no_values(kv, value):
    with pytest.raises(PlatformTypeError, match=r"KV put\(\) accepts only strings, ArrayBuffers"):
        await kv.put("k", value)
    assert await kv.get("k") is None


@pytest.mark.parametrize("value", [bytearray(b"x"), ("a", "b")])
async def test_what_the_python_sdk_does_not_hand_over_is_refused(kv, value):
    with pytest.raises(TypeError, match=r"cannot be sent over RPC\."):
        await kv.put("k", value)


async def test_a_stream_is_read_to_its_end(kv):
    await kv.put("k", ReadableStream([b"streamed ", b"value"]))
    assert await kv.get("k") == "streamed value"


async def test_every_type_reads_the_same_bytes(kv):
    await kv.put("k", '{"x": [1, 2.5]}')
    assert await kv.get("k", "text") == '{"x": [1, 2.5]}'
    assert await kv.get("k", type="json") == {"x": [1, 2.5]}
    buffer = await kv.get("k", {"type": "arrayBuffer"})
    assert isinstance(buffer, memoryview)
    assert bytes(buffer) == b'{"x": [1, 2.5]}'
    assert await (await kv.get("k", "stream")).read_all() == b'{"x": [1, 2.5]}'


async def test_text_keeps_a_byte_order_mark_and_replaces_malformed_bytes(kv):
    await kv.put("k", b"\xef\xbb\xbfa\xff\xc3(")
    assert await kv.get("k") == "\ufeffa\ufffd\ufffd("


@pytest.mark.parametrize("value", ["hello", "", '{"a":1} x', "\ufeff{}"])
async def test_json_that_is_none_is_a_syntax_error(kv, value):
    await kv.put("k", value)
    with pytest.raises(PlatformSyntaxError):
        await kv.get("k", "json")


async def test_an_unknown_type_is_an_error_only_if_the_key_is_there(kv):
    assert await kv.get("missing", "blob") is None
    await kv.put("k", "v")
    for second in ("blob", "", {"type": None}, 5):
        with pytest.raises(PlatformTypeError, match="Unknown response type"):
            await kv.get("k", second)


async def test_a_put_replaces_value_metadata_and_expiry_together(kv, clock):
    await kv.put("k", "old", expirationTtl=60, metadata={"a": 1})
    clock.advance(seconds=1)
    await kv.put("k", "new")
    assert await kv.getWithMetadata("k") == {"value": "new", "metadata": None, "cacheStatus": None}
    assert (await kv.list())["keys"] == [{"name": "k"}]


@pytest.mark.parametrize("metadata", ["text", 0, False, "", [1, {"b": None}], {"1": "x", "a": "é"}])
async def test_metadata_may_be_any_json_value(kv, metadata):
    await kv.put("k", "v", {"metadata": metadata})
    assert (await kv.getWithMetadata("k"))["metadata"] == metadata
    assert (await kv.list())["keys"] == [{"name": "k", "metadata": metadata}]


async def test_metadata_of_none_is_none_and_of_nan_is_null(kv):
    await kv.put("k", "v", metadata=None)
    assert (await kv.list())["keys"] == [{"name": "k"}]
    await kv.put("l", "v", metadata=math.nan)
    assert (await kv.list(prefix="l"))["keys"] == [{"name": "l", "metadata": None}]


async def test_metadata_that_json_cannot_say_is_refused(kv):
    circular: list = []
    circular.append(circular)
    for metadata in (circular, {"when": object()}):
        with pytest.raises(PlatformTypeError):
            await kv.put("k", "v", metadata=metadata)


@pytest.mark.parametrize(("length", "fits"), [(1022, True), (1023, False)])
async def test_metadata_has_at_most_1024_bytes_as_json(kv, length, fits):
    metadata = "m" * length  # and two quotes
    if fits:
        await kv.put("k", "v", metadata=metadata)
        assert (await kv.getWithMetadata("k"))["metadata"] == metadata
    else:
        with pytest.raises(KVRequestFailed, match="413 Metadata length of 1025 exceeds limit of 1024"):
            await kv.put("k", "v", metadata=metadata)


@pytest.mark.parametrize("store", ["memory"], indirect=True)
@pytest.mark.parametrize("kind", ["text", "bytes", "stream"])
@pytest.mark.parametrize(("over", "fits"), [(0, True), (1, False)])
async def test_a_value_has_at_most_25_mib(kv, kind, over, fits):
    size = LIMIT_BYTES + over
    value = {
        "text": "v" * size,
        "bytes": b"v" * size,
        "stream": ReadableStream([b"v" * MIB] * 25 + [b"v" * over]),
    }
    if fits:
        await kv.put("k", value[kind])
        assert len(await kv.get("k", "arrayBuffer")) == size
    else:
        await kv.put("k", "old")
        with pytest.raises(KVRequestFailed, match=rf"413 Value length of {size} exceeds limit of 26214400\."):
            await kv.put("other", value[kind])
        assert await kv.get("k") == "old"
        assert await kv.get("other") is None


async def test_a_large_value_is_held_once_and_streams_out_in_pieces(clock):
    kv = Edge(clock=clock, namespaces={"kv": "n"}).env.kv
    tracemalloc.start()
    try:
        await kv.put("k", ReadableStream(b"s" * MIB for _ in range(25)))
        bytes_before, peak_of_put = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        read = 0
        async for chunk in await kv.get("k", "stream"):
            read += len(chunk)
        view = await kv.get("k", "arrayBuffer")
        await kv.put("copy", view)
        _, peak_of_reads = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert read == len(view) == LIMIT_BYTES
    assert peak_of_put < 1.5 * LIMIT_BYTES
    assert peak_of_reads - bytes_before < MIB


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
async def test_any_bytes_survive_a_round_trip(kv, value):
    await kv.delete("k")
    await kv.put("k", value)
    assert bytes(await kv.get("k", "arrayBuffer")) == value
