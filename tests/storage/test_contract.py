"""What every store does: see `edgeday.storage.records.Store`."""

import pytest

from edgeday.ledger import Op, Usage
from edgeday.storage.records import CachedRow, KeyPage, KVEntry, ListedKey
from tests.storage.examples import (
    DAY,
    DELETE,
    LIST,
    NS,
    WRITE,
    cache_entry,
    get,
    kv_entry,
    names,
    put,
    spend,
)

# KV


async def test_a_put_entry_comes_back_whole(store):
    entry = KVEntry(b"\x00\xff value", '{"ключ": "стойност"}', 1_771_203_600, 1_771_200_000.25)
    await store.kv_put(WRITE, NS, [("ключ/😀", entry)], 0)
    assert await get(store, "ключ/😀", at=1_771_200_001) == entry


async def test_an_empty_value_and_a_key_with_a_nul_are_kept(store):
    await put(store, "a\x00b", b"")
    await put(store, "a\x00c", b"other")
    assert (await get(store, "a\x00b")).value == b""
    assert await names(store, "a\x00") == ["a\x00b", "a\x00c"]


async def test_a_value_of_25_mib_comes_back_whole(store):
    value = bytes(range(256)) * (26_214_400 // 256)
    await put(store, "film", value)
    assert (await get(store, "film")).value == value


@pytest.mark.parametrize(("now", "present"), [(59.999, True), (60, False)])
async def test_an_entry_is_gone_at_its_expiration(store, now, present):
    await put(store, "token", expiration=60)
    assert (await get(store, "token", at=now) is not None) is present
    assert await names(store, at=now) == (["token"] if present else [])


async def test_a_put_replaces_value_metadata_and_expiration_together(store):
    await put(store, "menu", b"monday", metadata='"m"', expiration=60)
    await put(store, "menu", b"tuesday", at=1.0)
    assert await get(store, "menu", at=100) == kv_entry(b"tuesday", at=1.0)


async def test_several_keys_are_read_in_their_order_with_none_for_the_missing(store):
    await put(store, "a", b"1")
    await put(store, "b", b"2")
    entries = await store.kv_get(spend(Op.READ, 4), NS, ("b", "no", "a", "b"), 0)
    assert [entry and entry.value for entry in entries] == [b"2", None, b"1", b"2"]


async def test_namespaces_are_apart(store):
    await put(store, "key", b"mine")
    await put(store, "key", b"theirs", namespace="other")
    assert (await get(store, "key")).value == b"mine"
    await store.kv_drop(NS)
    assert await get(store, "key") is None
    assert (await get(store, "key", namespace="other")).value == b"theirs"


@pytest.mark.parametrize(("now", "live"), [(59, True), (60, False)])
async def test_a_delete_says_whether_a_live_entry_was_there(store, now, live):
    await put(store, "token", expiration=60)
    assert await store.kv_delete(DELETE, NS, ["token"], now) == [live]
    assert await store.kv_delete(DELETE, NS, ["token"], now) == [False]
    assert await get(store, "token", at=0) is None


@pytest.mark.parametrize(("waited_s", "stored"), [(0.999, False), (1.0, True)])
async def test_a_key_is_written_again_only_after_the_interval(store, waited_s, stored):
    await put(store, "menu", b"monday", at=100.0)
    tuesday = kv_entry(b"tuesday", at=100.0 + waited_s)
    assert await store.kv_put(WRITE, NS, [("menu", tuesday)], 1.0) == [stored]
    assert (await get(store, "menu", at=200)).value == (b"tuesday" if stored else b"monday")


async def test_the_interval_is_kept_for_each_key_and_ends_with_a_delete(store):
    await put(store, "menu", at=100.0)
    assert await store.kv_put(WRITE, NS, [("other", kv_entry(at=100.0))], 1.0) == [True]
    await store.kv_delete(DELETE, NS, ["menu"], 100.0)
    assert await store.kv_put(WRITE, NS, [("menu", kv_entry(at=100.0))], 1.0) == [True]


async def test_a_batch_of_puts_is_stored_under_one_spend(store):
    entries = [("a", kv_entry(b"1", expiration=60)), ("b", kv_entry(b"2", metadata="[1]"))]
    assert await store.kv_put(spend(Op.WRITE, 2), NS, entries, 1.0) == [True, True]
    assert [await get(store, key) for key, _ in entries] == [entry for _, entry in entries]
    assert store.usage(DAY)[Op.WRITE] == Usage(2, 2, 0)


async def test_the_interval_holds_within_a_batch_too(store):
    entries = [("menu", kv_entry(b"monday")), ("other", kv_entry()), ("menu", kv_entry(b"tuesday"))]
    assert await store.kv_put(WRITE, NS, entries, 1.0) == [True, True, False]
    assert (await get(store, "menu")).value == b"monday"
    assert await store.kv_put(WRITE, NS, entries, 0) == [True, True, True]
    assert (await get(store, "menu")).value == b"tuesday"


async def test_a_batch_of_deletes_says_of_each_key_whether_it_was_there(store):
    await put(store, "a")
    await put(store, "old", expiration=60)
    keys = ("a", "no", "a", "old")
    assert await store.kv_delete(spend(Op.DELETE, 4), NS, keys, 60) == [True, False, False, False]
    assert await names(store) == []
    assert store.usage(DAY)[Op.DELETE] == Usage(4, 4, 0)


async def test_an_empty_batch_costs_nothing(store):
    assert await store.kv_put(spend(Op.WRITE, 0, limit=0), NS, (), 1.0) == []
    assert await store.kv_delete(spend(Op.DELETE, 0, limit=0), NS, (), 0) == []
    assert {op: store.usage(DAY)[op] for op in Op} == dict.fromkeys(Op, Usage())


# lists


async def test_keys_are_listed_in_utf8_order_with_expiration_and_metadata(store):
    for key in ("b", "a", "\ufffd", "\U0001f600", "Z"):
        await put(store, key)
    await put(store, "a", metadata="[1]", expiration=60)
    page = await store.kv_list(LIST, NS, "", "", 1000, 0)
    assert page.keys[:2] == [ListedKey("Z", None, None), ListedKey("a", 60, "[1]")]
    assert [row.name for row in page.keys] == ["Z", "a", "b", "\ufffd", "\U0001f600"]


@pytest.mark.parametrize(
    ("prefix", "matches"),
    [
        ("log:", ["log:", "log:1", "log:\U0010ffff"]),
        ("log", ["log:", "log:1", "log:\U0010ffff", "log;"]),
        ("log:\U0010ffff", ["log:\U0010ffff"]),
        ("%", ["%"]),
        ("_", ["_"]),
        ("\ud7ff", ["\ud7ff", "\ud7ffa"]),
        ("\U0010ffff", ["\U0010ffff\U0010ffff"]),
        ("no", []),
    ],
)
async def test_a_prefix_keeps_the_keys_that_start_with_it(store, prefix, matches):
    keys = ["lof", "log:", "log:1", "log:\U0010ffff", "log;", "%", "_", "\ud7ff", "\ud7ffa", "\ue000"]
    for key in [*keys, "\U0010ffff\U0010ffff"]:
        await put(store, key)
    assert await names(store, prefix) == matches


@pytest.mark.parametrize(("limit", "more"), [(2, True), (3, False), (4, False)])
async def test_a_page_says_whether_live_keys_follow_it(store, limit, more):
    for key in "abc":
        await put(store, key)
    await put(store, "d", expiration=60)
    page = await store.kv_list(LIST, NS, "", "", limit, 60)
    assert [row.name for row in page.keys] == list("abc")[:limit]
    assert page.more is more


async def test_a_page_goes_on_after_a_key_that_need_not_exist(store):
    for key in ("a", "log:", "log:1", "log:2"):
        await put(store, key)
    assert await names(store, "log:", after="log:") == ["log:1", "log:2"]
    assert await names(store, "log:", after="log:0") == ["log:1", "log:2"]
    assert await names(store, "log:", after="a") == ["log:", "log:1", "log:2"]
    assert await names(store, "log:", after="z") == []


# charges


async def test_a_charge_of_several_units_is_accepted_whole_or_refused_whole(store):
    assert await store.charge(spend(Op.READ, 3, limit=10)) is True
    assert await store.charge(spend(Op.READ, 8, limit=10)) is False
    assert await store.charge(spend(Op.READ, 7, limit=10)) is True
    assert store.usage(DAY)[Op.READ] == Usage(asked=18, accepted=10, refused=8)


async def test_the_last_unit_of_a_day_is_accepted_and_the_next_is_refused(store):
    accepted = [await store.charge(spend(limit=2)) for _ in range(3)]
    assert accepted == [True, True, False]
    assert store.usage(DAY)[Op.WRITE] == Usage(asked=3, accepted=2, refused=1)


async def test_classes_and_days_are_counted_apart(store):
    await store.charge(spend(Op.WRITE, 2))
    await store.charge(spend(Op.LIST, day=DAY - 1))
    assert store.usage(DAY) == {
        Op.READ: Usage(), Op.WRITE: Usage(2, 2, 0), Op.DELETE: Usage(), Op.LIST: Usage()
    }  # fmt: skip
    assert store.counted_days() == [DAY - 1, DAY]
    assert store.usage(DAY + 1)[Op.WRITE] == Usage()
    assert store.counted_days() == [DAY - 1, DAY]


async def test_usage_is_a_snapshot(store):
    await store.charge(WRITE)
    before = store.usage(DAY)[Op.WRITE]
    await store.charge(WRITE)
    assert before == Usage(1, 1, 0)


async def test_a_refused_operation_changes_nothing_but_the_counters(store):
    await put(store, "menu", b"monday")
    refused = {op: spend(op, limit=0) for op in Op}
    assert await store.kv_put(refused[Op.WRITE], NS, [("menu", kv_entry(b"tuesday"))], 0) is None
    assert await store.kv_delete(refused[Op.DELETE], NS, ["menu"], 0) is None
    assert await store.kv_get(refused[Op.READ], NS, ["menu"], 0) is None
    assert await store.kv_list(refused[Op.LIST], NS, "", "", 10, 0) is None
    usage = store.usage(DAY)
    assert [usage[op].refused for op in Op] == [1, 1, 1, 1]
    assert (await get(store, "menu")).value == b"monday"


async def test_a_refused_batch_changes_nothing_but_the_counters(store):
    await put(store, "menu", b"monday")
    entries = [("menu", kv_entry(b"tuesday")), ("new", kv_entry())]
    assert await store.kv_put(spend(Op.WRITE, 2, limit=2), NS, entries, 0) is None
    assert await store.kv_delete(spend(Op.DELETE, 2, limit=1), NS, ("menu", "x"), 0) is None
    assert store.usage(DAY)[Op.WRITE] == Usage(3, 1, 2)
    assert store.usage(DAY)[Op.DELETE] == Usage(2, 0, 2)
    assert await names(store) == ["menu"]
    assert (await get(store, "menu")).value == b"monday"


async def test_a_write_that_comes_too_soon_is_charged_all_the_same(store):
    await put(store, "menu", at=100.0)
    await store.kv_put(WRITE, NS, [("menu", kv_entry(at=100.5))], 1.0)
    assert store.usage(DAY)[Op.WRITE].accepted == 2


async def test_a_look_shows_what_a_read_would_and_costs_nothing(store):
    await put(store, "b", b"2", metadata="[1]")
    await put(store, "a", b"1", expiration=60)
    before = store.usage(DAY)
    assert await store.kv_peek(NS, ("b", "no", "a"), 59) == [
        kv_entry(b"2", metadata="[1]"), None, kv_entry(b"1", expiration=60)
    ]  # fmt: skip
    assert await store.kv_peek(NS, ("a",), 60) == [None]
    assert await store.kv_peek_list(NS, "", "", 1, 59) == KeyPage([ListedKey("a", 60, None)], True)
    assert await store.kv_peek_list(NS, "", "a", 1, 59) == KeyPage([ListedKey("b", None, "[1]")], False)
    assert store.usage(DAY) == before


async def test_writes_that_nothing_is_owed_for_count_nowhere(store):
    assert await store.kv_put(None, NS, [("menu", kv_entry(at=1.0)), ("menu", kv_entry(at=1.5))], 1.0) == [
        True, False
    ]  # fmt: skip
    assert await store.kv_delete(None, NS, ["menu", "no"], 1.0) == [True, False]
    assert store.counted_days() == []


# cache


async def test_a_cached_response_comes_back_whole(store):
    headers = (("set-x", "1"), ("set-x", "2"), ("x-text", "caf\xe9 \u0442"))
    entry = cache_entry(b"\x00\xff", at=1_771_200_000.125, lifetime_s=7200.0, headers=headers)
    await store.cache_put("SOF/default", "https://a/", entry)
    assert await store.cache_get("SOF/default", "https://a/") == entry


async def test_a_lifetime_beyond_all_time_is_kept(store):
    await store.cache_put("SOF/default", "https://a/", cache_entry(lifetime_s=2**100))
    assert (await store.cache_get("SOF/default", "https://a/")).lifetime_s == 2**100


async def test_caches_are_apart_and_a_put_replaces(store):
    await store.cache_put("SOF/default", "https://a/", cache_entry(b"old"))
    await store.cache_put("SOF/default", "https://a/", cache_entry(b"new", at=1.0))
    assert (await store.cache_get("SOF/default", "https://a/")).body == b"new"
    assert await store.cache_get("FRA/default", "https://a/") is None


@pytest.mark.parametrize(("now", "fresh"), [(59.999, True), (60, False)])
async def test_a_cache_delete_says_whether_something_fresh_was_there(store, now, fresh):
    await store.cache_put("SOF/default", "https://a/", cache_entry())
    assert await store.cache_delete("SOF/default", "https://a/", now) is fresh
    assert await store.cache_get("SOF/default", "https://a/") is None
    assert await store.cache_delete("SOF/default", "https://a/", now) is False


async def test_a_stale_response_is_found_until_the_next_interval_begins(store):
    await store.cache_put("SOF/default", "https://a/", cache_entry(b"stale", at=1_000, lifetime_s=60))
    await store.cache_put("SOF/default", "https://b/", cache_entry(at=1_140, lifetime_s=60))
    await store.cache_put("SOF/default", "https://c/", cache_entry(at=1_199))
    assert (await store.cache_get("SOF/default", "https://a/")).body == b"stale"
    await store.cache_put("SOF/default", "https://d/", cache_entry(at=1_200))
    assert await store.cache_get("SOF/default", "https://a/") is None
    assert await store.cache_get("SOF/default", "https://b/") is not None  # stale at 1,200, not before it


async def test_cache_rows_show_every_cache_in_order(store):
    await store.cache_put("SOF/default", "https://b/", cache_entry(headers=(("cache-tag", "x"),)))
    await store.cache_put("SOF/default", "https://a/", cache_entry(headers=()))
    await store.cache_put("FRA/default", "https://c/", cache_entry(headers=()))
    assert await store.cache_rows() == [
        CachedRow("FRA/default", "https://c/", ()),
        CachedRow("SOF/default", "https://a/", ()),
        CachedRow("SOF/default", "https://b/", (("cache-tag", "x"),)),
    ]


# upkeep


async def test_reset_forgets_entries_and_counters(store):
    await put(store, "menu")
    await store.cache_put("SOF/default", "https://a/", cache_entry())
    await store.reset()
    assert store.counted_days() == []
    assert store.held_entries() == 0
    assert await get(store, "menu") is None
    assert await store.cache_get("SOF/default", "https://a/") is None
