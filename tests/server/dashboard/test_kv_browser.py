"""The KV browser: everything is charged like any client's, and kept byte for byte."""

from __future__ import annotations

import html
import json
import re

import pytest

from edgeday.clock import LAST_INSTANT
from edgeday.ledger import Op, Spend
from edgeday.storage.records import KVEntry
from tests.server.conftest import NAMESPACE, START_S
from tests.server.dashboard.conftest import kv_path


def used(visitor) -> tuple[int, ...]:
    """Units accepted today: reads, writes, deletes, lists."""
    return tuple(visitor.local.used(op).accepted for op in Op)


async def stored(visitor, key: str) -> KVEntry | None:
    """What the store has under a key; costs nothing."""
    edge = visitor.local.served.edge
    (entry,) = await edge.store.kv_peek(NAMESPACE, (key,), edge.clock.now())
    return entry


async def spend_all(visitor, op: Op) -> None:
    edge = visitor.local.served.edge
    await edge.store.charge(Spend(op, edge.ledger.limit(op), edge.ledger.today, None))


async def test_opening_the_browser_spends_nothing(visitor):
    text = await visitor.text("kv")
    await visitor.text(kv_path("new"))
    assert "Nothing is spent until you do." in text
    assert used(visitor) == (0, 0, 0, 0)


async def test_keys_are_found_by_prefix_for_one_list(visitor):
    for key in ("user:1", "user:2", "plan:1"):
        await visitor.local.put(key)
    text = await visitor.text(f"kv?namespace={NAMESPACE}&prefix=user:")
    assert re.findall(r'class="key" title="([^"]*)"', text) == ["user:1", "user:2"]
    assert used(visitor) == (0, 3, 0, 1)


async def test_a_prefix_without_keys_says_so(visitor):
    assert "No key starts with “none”." in await visitor.text(f"kv?namespace={NAMESPACE}&prefix=none")
    assert "No key is in this namespace." in await visitor.text(f"kv?namespace={NAMESPACE}&prefix=")


@pytest.mark.parametrize(("keys", "pages"), [(50, 1), (51, 2)])
async def test_more_keys_than_a_page_holds_are_on_the_next_one(visitor, keys, pages):
    pairs = [{"key": f"k{number:03}", "value": "v"} for number in range(keys)]
    await visitor.local.kv("PUT", "/bulk", data=json.dumps(pairs))
    titles, path = [], f"kv?namespace={NAMESPACE}&prefix="
    while path:
        text = await visitor.text(path)
        titles += re.findall(r'class="key" title="([^"]*)"', text)
        more = re.search(r'<a class="button" href="/__edgeday/(kv\?[^"]*cursor=[^"]*)"', text)
        path = html.unescape(more[1]) if more else None
    assert titles == [pair["key"] for pair in pairs]
    assert used(visitor)[3] == pages


async def test_a_key_shows_value_metadata_and_expiry_for_one_read(visitor):
    pair = {"key": "k", "value": "hello\n", "expiration_ttl": 7200, "metadata": {"a": 1}}
    await visitor.local.kv("PUT", "/bulk", data=json.dumps([pair]))
    text = await visitor.text(kv_path("key", "k"))
    assert 'name="value" rows="12" spellcheck="false">\nhello\n</textarea>' in text
    assert "{&#34;a&#34;:1}" in text
    assert "in 2 h" in text
    assert "2026-03-01 14:00:00 UTC" in text
    assert used(visitor) == (1, 1, 0, 0)


async def test_a_missing_key_is_said_to_be_missing_and_has_cost_its_read(visitor):
    answer = await visitor.get(kv_path("key", "none"))
    assert answer.status == 404
    assert "This key is not there, or has expired. Looking for it cost 1 read." in answer.body.decode()
    assert used(visitor) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("fields", "expiration"),
    [
        ({"expires": "never"}, None),
        ({"expires": "ttl", "ttl": "60"}, START_S + 60),
        ({"expires": "until", "until": "2026-03-01T12:01"}, START_S + 60),
        ({"expires": "keep", "expiration": str(START_S + 90)}, START_S + 90),
        ({"expires": "keep", "expiration": str(LAST_INSTANT)}, LAST_INSTANT),
    ],
)
async def test_a_save_puts_value_metadata_and_expiry_for_one_write(visitor, fields, expiration):
    fields = {"value": "new\r\nlines", "breaks": "lf", "metadata": '{"b": [2]}', **fields}
    answer = await visitor.post(kv_path("save", "k"), fields)
    assert answer.status == 200
    assert "Saved: 1 write." in answer.body.decode()
    entry = await stored(visitor, "k")
    assert (entry.value, entry.metadata, entry.expires_at) == (b"new\nlines", '{"b":[2]}', expiration)
    assert used(visitor) == (0, 1, 0, 0)


async def test_a_new_key_is_named_by_its_form(visitor):
    assert (await visitor.post(kv_path("save"), {"key": "neu/ключ", "value": "v"})).status == 200
    assert (await stored(visitor, "neu/ключ")).value == b"v"


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"metadata": "{no json"}, 400, "the metadata is no JSON"),
        ({"metadata": json.dumps("x" * 1100)}, 413, "1024"),
        ({"expires": "ttl", "ttl": "59"}, 400, "at least 60"),
        ({"expires": "ttl", "ttl": "-1"}, 400, "ttl must be a whole number of seconds"),
        ({"expires": "until", "until": "soon"}, 400, "is no instant"),
        ({"expires": "keep"}, 400, "expiration must be a whole number"),
        ({"expires": "keep", "expiration": "999999999999"}, 400, "It is in seconds, up to 253402300799."),
        ({"expires": "later"}, 400, "a key expires never"),
    ],
)
async def test_what_cannot_be_saved_leaves_the_old_value_and_what_was_typed(visitor, fields, status, message):
    await visitor.local.put("k", b"old")
    visitor.local.served.edge.clock.advance(2)
    answer = await visitor.post(kv_path("save", "k"), {"value": "typed", **fields})
    text = answer.body.decode()
    assert answer.status == status
    assert message in text
    assert ">\ntyped</textarea>" in text
    assert (await stored(visitor, "k")).value == b"old"


@pytest.mark.parametrize("key", ["", ".", "..", "k" * 513])
async def test_a_key_that_kv_refuses_is_refused(visitor, key):
    answer = await visitor.post(kv_path("save"), {"key": key, "value": "typed"})
    assert answer.status in {400, 414}
    assert "typed" in answer.body.decode()


async def test_a_delete_removes_the_key_for_one_delete(visitor):
    await visitor.local.put("k")
    answer = await visitor.post(kv_path("delete", "k"))
    assert "Deleted: 1 delete." in answer.body.decode()
    assert await stored(visitor, "k") is None
    assert used(visitor) == (0, 1, 1, 0)


async def test_once_a_quota_is_spent_its_step_is_refused_with_the_time_to_the_reset(visitor):
    await visitor.local.put("k", b"old")
    for op in Op:
        await spend_all(visitor, op)
    refusals = [
        await visitor.get(f"kv?namespace={NAMESPACE}&prefix="),
        await visitor.get(kv_path("key", "k")),
        await visitor.post(kv_path("save", "k"), {"value": "new"}),
        await visitor.post(kv_path("delete", "k")),
    ]
    assert [answer.status for answer in refusals] == [429] * 4
    message = "reached the free usage limit for this operation for today; it resets in 12 h"
    assert message in refusals[0].body.decode()
    assert message in refusals[2].body.decode()
    assert (await stored(visitor, "k")).value == b"old"
    assert [visitor.local.used(op).refused for op in Op] == [1, 1, 1, 1]


async def test_a_binary_value_is_dumped_not_edited_and_downloads_as_it_is(visitor):
    await visitor.local.put("bin", b"\x00\xff<b>")
    text = await visitor.text(kv_path("key", "bin"))
    assert "it is binary" in text
    assert "<textarea" not in text
    answer = await visitor.get(kv_path("value", "bin"))
    assert answer.body == b"\x00\xff<b>"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''bin"
    assert used(visitor) == (2, 1, 0, 0)


@pytest.mark.parametrize("key", ["a/b", "a%2Fb", "a+b c", "a&key=b", "ключ", "\n", '"><script>', "a#b?c"])
async def test_any_key_can_be_listed_opened_saved_and_deleted(visitor, key):
    await visitor.post(kv_path("save"), {"key": key, "value": "v"})
    text = await visitor.text(f"kv?namespace={NAMESPACE}&prefix=")
    path = html.unescape(re.search(r'href="/__edgeday/(kv/key\?[^"]*)"', text)[1])
    text = await visitor.text(path)
    save = html.unescape(re.search(r'hx-post="/__edgeday/(kv/save\?[^"]*)"', text)[1])
    delete = html.unescape(re.search(r'hx-post="/__edgeday/(kv/delete\?[^"]*)"', text)[1])
    visitor.local.served.edge.clock.advance(2)
    assert (await visitor.post(save, {"value": "other"})).status == 200
    assert (await stored(visitor, key)).value == b"other"
    assert (await visitor.post(delete)).status == 200
    assert await stored(visitor, key) is None


@pytest.mark.parametrize(
    "path", ["kv?namespace=none", "kv/key?namespace=none&key=k", "kv/new?namespace=none"]
)
async def test_a_namespace_that_is_not_there_is_said_not_to_be(visitor, path):
    answer = await visitor.get(path)
    assert answer.status == 404
    assert "There is no such namespace." in answer.body.decode()
    assert used(visitor) == (0, 0, 0, 0)


async def test_a_key_has_to_be_named(visitor):
    assert (await visitor.get(kv_path("key"))).status == 400
    assert (await visitor.post(kv_path("delete"))).status == 400
