"""The bulk get."""

from __future__ import annotations

import math

import pytest

from edgeday.errors import KVRequestFailed
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge

MIB = 2**20


async def refusal(call):
    with pytest.raises(KVRequestFailed) as raised:
        await call
    assert str(raised.value).startswith("KV GET_BULK failed: ")
    return str(raised.value).removeprefix("KV GET_BULK failed: ")


async def test_values_come_by_key_and_missing_ones_are_none(kv):
    await kv.put("a", "1")
    await kv.put("b", "2")
    assert await kv.get(["b", "missing", "a", "b"]) == {"b": "2", "missing": None, "a": "1"}


async def test_one_key_in_a_list_still_gives_a_dict(kv):
    assert await kv.get(["missing"]) == {"missing": None}


async def test_keys_that_look_like_array_indices_are_silently_absent(kv):
    for name in ("7", "007", "-1", "1.5", "4294967294", "4294967295", "__proto__", "a"):
        await kv.put(name, name)
    keys = ["7", "007", "-1", "1.5", "4294967294", "4294967295", "__proto__", "a", 7, "0"]
    assert sorted(await kv.get(keys)) == ["-1", "007", "1.5", "4294967295", "a"]


async def test_json_values_are_parsed(kv):
    await kv.put("a", '{"x":[1]}')
    await kv.put("b", "false")
    assert await kv.get(["a", "b", "c"], "json") == {"a": {"x": [1]}, "b": False, "c": None}


async def test_metadata_comes_with_every_value_that_is_there(kv):
    await kv.put("a", "", metadata={"m": 1})
    await kv.put("b", "v")
    assert await kv.getWithMetadata(["a", "b", "c"]) == {
        "a": {"value": "", "metadata": {"m": 1}},
        "b": {"value": "v", "metadata": None},
        "c": None,
    }


@pytest.mark.parametrize("count", [0, 101])
async def test_a_request_has_1_to_100_keys(kv, count):
    text = "You must request a minimum of 1 key" if count == 0 else "You can request a maximum of 100 keys"
    assert await refusal(kv.get([f"k{n}" for n in range(count)])) == f"400 {text}"
    assert len(await kv.get([f"k{n}" for n in range(100)])) == 100


@pytest.mark.parametrize("kind", ["stream", "arrayBuffer", "banana"])
async def test_only_text_and_json_are_bulk_types(kv, kind):
    expected = f'400 "{kind}" is not a valid type. Use "json" or "text"'
    assert await refusal(kv.get(["a"], kind)) == expected
    assert await refusal(kv.get([], {"type": kind})) == expected


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("", "400 Key names must not be empty"),
        (".", '400 Illegal key name ".". Please use a different name.'),
        ("..", '400 Illegal key name "..". Please use a different name.'),
        ("k" * 513, "414 UTF-8 encoded length of 513 exceeds key length limit of 512."),
    ],
)
async def test_one_bad_key_refuses_the_request(kv, key, text):
    assert await refusal(kv.get(["fine", key])) == text


async def test_what_comes_first_in_the_list_is_refused_first(kv):
    await kv.put("words", "not json")
    not_json = "400 At least one of the requested keys corresponds to a non-json value"
    assert await refusal(kv.get(["words", "."], "json")) == not_json
    assert await refusal(kv.get([".", "words"], "json")) == (
        '400 Illegal key name ".". Please use a different name.'
    )
    assert await refusal(kv.get([".", "words"], {"type": "json", "cacheTtl": 5})) == (
        '400 Illegal key name ".". Please use a different name.'
    )
    assert await refusal(kv.get(["words", "."], {"type": "json", "cacheTtl": 5})) == (
        "400 Invalid cache_ttl of 5. Cache TTL must be at least 30."
    )


@pytest.mark.parametrize("store", ["memory"], indirect=True)
@pytest.mark.parametrize(("over", "fits"), [(0, True), (1, False)])
async def test_all_values_together_have_at_most_25_mib_of_characters(kv, over, fits):
    await kv.put("a", "é" * (12 * MIB))
    await kv.put("b", "b" * (13 * MIB + over))
    if fits:
        assert {name: len(value) for name, value in (await kv.get(["a", "b"])).items()} == {
            "a": 12 * MIB,
            "b": 13 * MIB,
        }
    else:
        text = await refusal(kv.get(["a", "b"]))
        assert text == "413 Total size of request exceeds the limit of 25MB"


async def test_numbers_beyond_the_doubles_are_null_in_a_bulk_get(kv):
    await kv.put("k", '{"a": [1e400, -1e400, 0.5]}')
    await kv.put("n", "1e400")
    assert await kv.get(["k", "n"], "json") == {"k": {"a": [None, None, 0.5]}, "n": None}
    assert await kv.getWithMetadata(["n"], "json") == {"n": {"value": None, "metadata": None}}
    assert await kv.get("n", "json") == math.inf


async def test_a_deep_value_is_read_as_json_one_by_one_and_in_bulk(kv):
    depth = 5000
    await kv.put("deep", "[" * depth + "1e999" + "]" * depth)
    for value, innermost in (
        (await kv.get("deep", "json"), math.inf),
        ((await kv.get(["deep"], "json"))["deep"], None),
    ):
        for _ in range(depth):
            (value,) = value
        assert value == innermost


async def test_a_bulk_get_costs_a_unit_for_each_key_and_one_subrequest(edge, kv):
    async with edge.invocation() as invocation:
        await kv.get(["a", "b", "a"])
        await kv.getWithMetadata(["a", "b"])
        assert invocation.internal == 2
    assert edge.ledger.usage("read").accepted == 5


async def test_a_bulk_get_that_is_refused_has_been_charged(edge, kv):
    await refusal(kv.get(["a", "."]))
    await refusal(kv.get([f"k{n}" for n in range(101)]))
    assert edge.ledger.usage("read").accepted == 103


async def test_where_value_sizes_are_off_a_too_large_value_is_stored_and_too_much_for_a_bulk_get(clock):
    kv = Edge(clock=clock, namespaces={"kv": "n"}, switches=Switches(value_sizes="off")).env.kv
    await kv.put("large", b"v" * (25 * MIB + 1))
    assert len(await kv.get("large", "arrayBuffer")) == 25 * MIB + 1
    assert await refusal(kv.get(["large"])) == "413 Total size of request exceeds the limit of 25MB"
