"""What only the store on disk does: it lasts, it is shared, and it runs in place or on a thread."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from edgeday.clock import VirtualClock
from edgeday.ledger import Op, Usage
from edgeday.storage.memory import MemoryStore
from edgeday.storage.sqlite import SqliteStore
from edgeday.virtual_loop import run_virtual
from tests.storage.examples import DAY, NS, WRITE, cache_entry, get, kv_entry, put


async def test_everything_is_there_after_reopening(tmp_path, open_store):
    path = tmp_path / "day.sqlite"
    store = await open_store(path)
    await put(store, "menu", b"monday", metadata="[1]", expiration=60)
    await store.cache_put("SOF/default", "https://a/", cache_entry(b"page"))
    await store.close()
    store = await open_store(path)
    assert await get(store, "menu") == kv_entry(b"monday", metadata="[1]", expiration=60)
    assert await store.cache_get("SOF/default", "https://a/") == cache_entry(b"page")
    assert store.usage(DAY)[Op.WRITE] == Usage(1, 1, 0)


async def test_a_closed_store_leaves_one_file(tmp_path, open_store):
    store = await open_store()
    await put(store, "menu")
    await store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["day.sqlite"]


async def test_commits_go_to_a_write_ahead_log(tmp_path, open_store):
    await open_store()
    with closing(sqlite3.connect(tmp_path / "day.sqlite")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("name", ["a b?c#d%20.sqlite", "дневник.sqlite", ":memory:"])
async def test_any_file_name_will_do(tmp_path, name, monkeypatch, open_store):
    monkeypatch.chdir(tmp_path)
    store = await open_store(name)
    await store.charge(WRITE)
    assert store.usage(DAY)[Op.WRITE].accepted == 1
    await store.close()
    assert (tmp_path / name).stat().st_size > 0


async def test_a_write_that_fails_takes_its_charge_back(open_store):
    store = await open_store()
    with pytest.raises(sqlite3.ProgrammingError):
        await store.kv_put(WRITE, NS, [("menu", kv_entry(["no bytes"]))], 0)
    assert store.usage(DAY)[Op.WRITE] == Usage()
    await put(store, "menu")
    assert store.usage(DAY)[Op.WRITE] == Usage(1, 1, 0)


async def test_a_batch_that_fails_part_way_stores_and_costs_nothing(open_store):
    store = await open_store()
    with pytest.raises(sqlite3.ProgrammingError):
        await store.kv_put(WRITE, NS, [("menu", kv_entry()), ("other", kv_entry(["no bytes"]))], 1.0)
    assert store.usage(DAY)[Op.WRITE] == Usage()
    assert await get(store, "menu") is None


async def test_two_stores_on_one_file_share_entries_and_quota(open_store):
    first = await open_store()
    second = await open_store()
    limited = WRITE._replace(limit=3)
    for number in range(2):
        await first.kv_put(limited, NS, [(f"first:{number}", kv_entry())], 0)
    answers = [await second.kv_put(limited, NS, [(f"second:{n}", kv_entry())], 0) for n in range(2)]
    assert answers == [[True], None]
    assert first.usage(DAY)[Op.WRITE] == Usage(4, 3, 1)
    assert await get(first, "second:0") is not None


async def test_concurrent_operations_of_one_store_lose_no_count(open_store):
    store = await open_store()
    limited = WRITE._replace(limit=30)
    answers = await asyncio.gather(
        *(store.kv_put(limited, NS, [(f"key:{number}", kv_entry())], 0) for number in range(50))
    )
    assert answers.count([True]) == 30
    assert store.usage(DAY)[Op.WRITE] == Usage(50, 30, 20)


async def test_a_cancelled_operation_leaves_the_store_usable(open_store):
    store = await open_store()
    task = asyncio.create_task(store.charge(WRITE))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(store, "menu")
    assert store.usage(DAY)[Op.WRITE].asked == 2  # the transaction was under way, and went through whole


def test_operations_in_place_yield_to_no_other_task(tmp_path):
    store = SqliteStore.open_in_place(tmp_path / "day.sqlite")
    for operation in (put(store, "menu"), get(store, "menu"), store.cache_rows(), store.reset()):
        with pytest.raises(StopIteration):
            operation.send(None)
    with pytest.raises(StopIteration):
        store.close().send(None)


def test_virtual_time_stands_still_while_the_thread_works(tmp_path):
    clock = VirtualClock()

    async def day():
        store = await SqliteStore.open(tmp_path / "day.sqlite")
        sleeper = asyncio.create_task(asyncio.sleep(3600))
        for number in range(20):
            await put(store, f"key:{number}")
        before = clock.now()
        await sleeper
        await store.close()
        return before

    assert run_virtual(clock, day()) == 0
    assert clock.now() == 3600


async def _racing_writers(store, names):
    """Ten tasks that wake at the same virtual instants and each append to one key what they read."""

    async def writer(name):
        for _ in range(5):
            await asyncio.sleep(1)
            entry = await get(store, "index")
            await put(store, "index", (b"" if entry is None else entry.value) + name)
            names.append(name)

    await asyncio.gather(*(writer(bytes([65 + number])) for number in range(10)))
    return (await get(store, "index")).value


def test_overlapping_tasks_interleave_in_place_as_in_memory(tmp_path):
    orders = {}, {}
    stores = MemoryStore(), SqliteStore.open_in_place(tmp_path / "day.sqlite")
    for store, order in zip(stores, orders, strict=True):
        order["seen"] = []
        order["value"] = run_virtual(VirtualClock(), _racing_writers(store, order["seen"]))
    assert orders[0] == orders[1]
    assert len(orders[0]["value"]) == 50
    asyncio.run(stores[1].close())
