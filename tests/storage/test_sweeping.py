"""Expired entries are swept, counted in entries that are held."""

import pytest

from edgeday.clock import DAY_S
from edgeday.storage.records import SWEEP_INTERVAL_S
from edgeday.storage.sqlite import SqliteStore
from tests.storage.examples import cache_entry, get, names, put

CACHE = "SOF/default"


async def test_thirty_days_hold_no_more_entries_than_one_day(store):
    step_s = 1800
    most = dict.fromkeys(range(30), 0)
    for now in range(0, 30 * DAY_S, step_s):
        await store.cache_put(CACHE, f"https://log/{now}", cache_entry(at=now, lifetime_s=DAY_S))
        await put(store, f"log:{now}", at=now, expiration=now + DAY_S)
        most[now // DAY_S] = max(most[now // DAY_S], store.held_entries())
    one_day = 2 * DAY_S // step_s
    assert most[0] == one_day
    assert max(most.values()) <= one_day + 2  # and the two that expire at the instant of the last put


@pytest.mark.parametrize(("now", "count"), [(1_199, 2), (1_200, 1)])
async def test_expired_entries_are_swept_with_the_first_put_of_the_next_interval(store, now, count):
    await put(store, "short", at=600, expiration=660)
    await put(store, "long", at=now)
    assert store.held_entries() == count


async def test_a_cache_that_gets_no_more_puts_is_swept_too(store):
    for number in range(20):
        await store.cache_put("FRA/default", f"https://a/{number}", cache_entry(at=0))
    await put(store, "elsewhere", at=SWEEP_INTERVAL_S)
    assert store.held_entries() == 1
    assert await store.cache_rows() == []


async def test_an_entry_that_was_overwritten_stays_as_long_as_the_new_one(store):
    await put(store, "for ever", at=0, expiration=60)
    await put(store, "for ever", at=1)
    await put(store, "longer", at=0, expiration=60)
    await put(store, "longer", at=1, expiration=5_000)
    await put(store, "shorter", at=0, expiration=5_000)
    await put(store, "shorter", at=1, expiration=60)
    await put(store, "now", at=4_999)
    assert await names(store, at=4_999) == ["for ever", "longer", "now"]
    assert store.held_entries() == 3


async def test_overwriting_a_key_holds_one_entry(store):
    for now in range(1_000):
        await put(store, "index", at=now, expiration=now + 5_000)
    assert store.held_entries() == 1


async def test_a_deleted_entry_and_a_dropped_namespace_hold_nothing(store):
    for key in ("a", "b", "c"):
        await put(store, key, expiration=60)
    await store.cache_put(CACHE, "https://a/", cache_entry())
    await store.cache_delete(CACHE, "https://a/", 0)
    await store.kv_drop("pages")
    assert store.held_entries() == 0
    await put(store, "a", at=SWEEP_INTERVAL_S)
    assert store.held_entries() == 1


async def test_a_key_that_was_deleted_and_put_again_is_not_swept_with_its_former_self(store):
    await put(store, "key", at=0, expiration=60)
    await store.kv_drop("pages")
    await put(store, "key", b"new", at=1)
    await put(store, "other", at=SWEEP_INTERVAL_S)
    assert (await get(store, "key", at=SWEEP_INTERVAL_S)).value == b"new"


async def test_sqlite_sweeps_in_small_steps_and_shows_none_of_it_meanwhile(tmp_path):
    store = SqliteStore.open_in_place(tmp_path / "day.sqlite")
    for number in range(100):
        await store.cache_put(CACHE, f"https://a/{number}", cache_entry(at=0))
    leftovers, row_counts = [], []
    for number in range(5):
        await put(store, "index", at=SWEEP_INTERVAL_S + number)
        leftovers.append(store.held_entries() - 1)
        row_counts.append(len(await store.cache_rows()))
    assert leftovers == [68, 36, 4, 0, 0]
    assert row_counts == [0, 0, 0, 0, 0]
    await store.close()


async def test_a_sqlite_file_does_not_grow_after_the_second_day(tmp_path):
    path = tmp_path / "day.sqlite"
    store = SqliteStore.open_in_place(path)
    sizes = []
    for day in range(10):
        for number in range(100):
            now = day * DAY_S + number * 800
            entry = cache_entry(b"x" * 5_000, at=now, lifetime_s=DAY_S)
            await store.cache_put(CACHE, f"https://log/{now}", entry)
        sizes.append(path.stat().st_size)
    assert max(sizes[2:]) <= 1.1 * sizes[1]
    await store.close()
