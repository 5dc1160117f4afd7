"""Key names: which are refused, what they are made of, and how they are listed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import KVRequestFailed, PlatformTypeError
from edgeday.kv.listing import from_cursor, to_cursor

CALLS = {
    "get": ("GET", lambda kv, key: kv.get(key)),
    "getWithMetadata": ("GET", lambda kv, key: kv.getWithMetadata(key)),
    "put": ("PUT", lambda kv, key: kv.put(key, "v")),
    "delete": ("DELETE", lambda kv, key: kv.delete(key)),
}


@pytest.mark.parametrize("op", CALLS)
@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "Key name cannot be empty."),
        (".", '"." is not allowed as a key name.'),
        ("..", '".." is not allowed as a key name.'),
    ],
)
async def test_some_names_are_refused_by_every_call(kv, op, key, message):
    with pytest.raises(PlatformTypeError) as raised:
        await CALLS[op][1](kv, key)
    assert str(raised.value) == message


@pytest.mark.parametrize("op", CALLS)
@pytest.mark.parametrize("character", ["k", "€", "😀"])
async def test_a_key_has_at_most_512_bytes_of_utf8(kv, op, character):
    method, call = CALLS[op]
    size = len(character.encode())
    longest = 512 // size
    await call(kv, character * longest)
    with pytest.raises(KVRequestFailed) as raised:
        await call(kv, character * (longest + 1))
    assert str(raised.value) == (
        f"KV {method} failed: 414 UTF-8 encoded length of {size * (longest + 1)} "
        "exceeds key length limit of 512."
    )


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (1.0, "1"),
        ({"a": 1}, "[object Object]"),
        ("\ud83d\ude00", "😀"),
    ],
)
async def test_a_key_of_another_type_becomes_its_text(kv, key, name):
    await kv.put(key, "v")
    assert (await kv.list())["keys"] == [{"name": name}]
    assert await kv.get(name) == "v"
    await kv.delete(key)
    assert await kv.get(name) is None


@pytest.mark.parametrize("key", ["\ud800", "a\udfffb", "\udc00\ud800", ["x", "\ud800"], "\ud800" * 170])
async def test_half_a_surrogate_pair_is_no_part_of_a_key(kv, key):
    for method, call in (
        ("PUT", lambda: kv.put(key, "v", expirationTtl=1)),
        ("DELETE", lambda: kv.delete(key)),
    ):
        with pytest.raises(KVRequestFailed) as raised:
            await call()
        assert str(raised.value) == f"KV {method} failed: 400 Could not URL-decode key name"
    if not isinstance(key, list):
        for get in (kv.get, kv.getWithMetadata):
            with pytest.raises(KVRequestFailed, match=r"^KV GET failed: 400 Could not URL-decode key name$"):
                await get(key, cacheTtl=1)
    assert (await kv.list())["keys"] == []


async def test_half_a_surrogate_pair_is_three_replacement_characters_in_bulk_keys_and_prefixes(kv):
    await kv.put("a\ufffd\ufffd\ufffdb", "v")
    assert await kv.get(["a\ud800b"]) == {"a\ufffd\ufffd\ufffdb": "v"}
    assert len((await kv.list(prefix="a\ud800"))["keys"]) == 1
    with pytest.raises(KVRequestFailed, match="414 UTF-8 encoded length of 513 exceeds"):
        await kv.list(prefix="\ud800" * 57)
    with pytest.raises(KVRequestFailed, match="414 UTF-8 encoded length of 513 exceeds"):
        await kv.put("\ud800" * 171, "v")


async def test_a_list_handed_to_delete_or_put_is_one_key(kv):
    await kv.put(["a", "b"], "joined")
    assert await kv.get("a,b") == "joined"
    await kv.delete(["a", "b"])
    assert await kv.get("a,b") is None


async def test_a_tuple_is_refused_as_by_the_python_sdk(kv):
    with pytest.raises(TypeError, match=r"<class 'tuple'> cannot be sent over RPC\."):
        await kv.get(("a", "b"))


async def test_names_are_listed_in_the_order_of_their_bytes(kv):
    names = ["z", "é", "\uffee", "😀", "Z", "a b", "a", "10", "9"]
    for name in names:
        await kv.put(name, "v")
    listed = [row["name"] for row in (await kv.list())["keys"]]
    assert listed == sorted(names, key=str.encode)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 100])
async def test_pages_of_any_size_give_every_key_once(kv, limit):
    names = [f"p:{letter}" for letter in "aéλ€😀"]
    for name in [*names, "other"]:
        await kv.put(name, "v")
    keys, cursor = [], None
    while True:
        page = await kv.list(prefix="p:", limit=limit, cursor=cursor)
        assert len(page["keys"]) <= limit
        assert ("cursor" in page) is not page["list_complete"]
        keys += [row["name"] for row in page["keys"]]
        if page["list_complete"]:
            break
        cursor = page["cursor"]
    assert keys == names


async def test_a_full_last_page_is_complete(kv):
    for name in "abcd":
        await kv.put(name, "v")
    first = await kv.list({"limit": 2})
    second = await kv.list({"limit": 2, "cursor": first["cursor"]})
    assert (first["list_complete"], second["list_complete"]) == (False, True)


async def test_a_key_added_behind_the_cursor_is_not_seen_and_one_ahead_is(kv):
    for name in ("b", "d"):
        await kv.put(name, "v")
    first = await kv.list(limit=1)
    for name in ("a", "c"):
        await kv.put(name, "v")
    rest = await kv.list(cursor=first["cursor"])
    assert [row["name"] for row in rest["keys"]] == ["c", "d"]


@pytest.mark.parametrize("prefix", ["a%", "a_", "a*", "a[", "a\\"])
async def test_no_character_of_a_prefix_is_a_wildcard(kv, prefix):
    for name in ("a%1", "a_1", "a*1", "a[x]1", "a\\1", "ax1"):
        await kv.put(name, "v")
    assert [row["name"] for row in (await kv.list(prefix=prefix))["keys"]] == [
        name for name in ("a%1", "a_1", "a*1", "a[x]1", "a\\1", "ax1") if name.startswith(prefix)
    ]


@pytest.mark.parametrize(("limit", "accepted"), [(1000, True), (1001, False)])
async def test_a_page_has_at_most_1000_keys(kv, limit, accepted):
    if accepted:
        assert (await kv.list(limit=limit))["list_complete"]
    else:
        with pytest.raises(KVRequestFailed, match=r"400 Invalid key_count_limit of 1001\. Please specify an"):
            await kv.list(limit=limit)


@pytest.mark.parametrize("limit", [0, -3, None, "many", float("nan")])
async def test_a_limit_of_nothing_is_the_default(kv, limit):
    for name in "ab":
        await kv.put(name, "v")
    assert len((await kv.list({"limit": limit}))["keys"]) == 2


@pytest.mark.parametrize(("length", "accepted"), [(512, True), (513, False)])
async def test_a_prefix_has_at_most_512_bytes(kv, length, accepted):
    if accepted:
        assert (await kv.list(prefix="p" * length))["keys"] == []
    else:
        with pytest.raises(KVRequestFailed, match="KV GET failed: 414 UTF-8 encoded length of 513"):
            await kv.list(prefix="p" * length)


async def test_options_of_list_that_are_no_object_are_refused(kv):
    with pytest.raises(PlatformTypeError, match="'list' on 'KvNamespace': parameter 1 is not of type"):
        await kv.list("a")
    with pytest.raises(PlatformTypeError, match="'put' on 'KvNamespace': parameter 3 is not of type"):
        await kv.put("k", "v", 60)


async def test_a_prefix_may_hold_a_nul(kv):
    for name in ("a", "a\0b", "a\0c", "a\1"):
        await kv.put(name, "v")
    assert [row["name"] for row in (await kv.list(prefix="a\0"))["keys"]] == ["a\0b", "a\0c"]


async def test_any_text_is_taken_for_a_cursor(kv):
    for name in "ab":
        await kv.put(name, "v")
    assert len((await kv.list(cursor="!!!"))["keys"]) == 2
    assert [row["name"] for row in (await kv.list(cursor="YQ"))["keys"]] == ["b"]


@given(st.text(min_size=1).filter(lambda text: "\ud800" not in text))
def test_a_cursor_leads_back_to_its_name(name):
    assert from_cursor(to_cursor(name)) == name


@given(st.text())
def test_no_text_is_too_odd_for_a_cursor(text):
    assert isinstance(from_cursor(text), str)
