"""What the stores cost: memory beside a bare dict, SQLite beside bare aiosqlite, imports beside executemany.

    python -m benchmarks.storage

The dict holds the same text made by the same serialiser. Bare aiosqlite does the same statements on the
same tables, once with a call for each statement and once with all of an operation in one call.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiosqlite
import orjson

from benchmarks.measure import paired, show
from edgeday.clock import DAY_S, VirtualClock
from edgeday.ledger import Op, Spend
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.storage.database import open_database, transaction
from edgeday.storage.json_lines import import_lines
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import CacheEntry, KVEntry
from edgeday.storage.sqlite import SqliteStore
from edgeday.web.json_text import parse, stringify
from edgeday.web.messages import Response

_CALLS = 2_000
_NAMESPACE = "81fc0991b2764918b682f9ca170abd4b"
_SQLITE_GOAL = 1 / 0.75
_SWEEPING_GOAL = 1.05
_IMPORT_GOAL = 3.0
_WRITE, _READ = Spend(Op.WRITE, 1, 20_500, None), Spend(Op.READ, 1, 20_500, None)

_GET_COUNTER = "SELECT asked, accepted, refused FROM counters WHERE day = ? AND op = ?"
_PUT_COUNTER = "INSERT OR REPLACE INTO counters (day, op, asked, accepted, refused) VALUES (?, ?, ?, ?, ?)"
_PUT_KV = """
    INSERT OR REPLACE INTO kv (namespace, key, expires_at, written_at, metadata, value)
    VALUES (?, ?, ?, ?, ?, ?)"""
_GET_KV = "SELECT value, metadata, expires_at, written_at FROM kv WHERE namespace = ? AND key = ?"


# memory


def log_entry(size: int) -> dict[str, Any]:
    """A log entry of about `size` characters as JSON."""
    return {
        "id": "ai_log_1",
        "stepName": "step1_analysis",
        "prompt": "x" * size,
        "success": True,
        "error": None,
    }


def bare_dict(entry: dict[str, Any]) -> Callable[[], object]:
    def run() -> None:
        store: dict[str, bytes] = {}
        for number in range(_CALLS):
            key = f"https://logs.internal/{number}"
            store[key] = stringify(entry).encode()
            parse(store[key])

    return run


def on_an_edge(use: Callable[[Edge], Awaitable[object]]) -> Callable[[], object]:
    """Run `use` on a new account in memory."""

    def run() -> None:
        edge = Edge(
            account="paid",
            clock=VirtualClock("2026-02-16T00:00:00Z"),
            switches=Switches(key_write_rate="off"),
            namespaces={"kv": _NAMESPACE},
        )
        asyncio.run(_awaited(use(edge)))

    return run


async def _awaited(work: Awaitable[object]) -> None:
    await work


def kv_put_and_get(entry: dict[str, Any]) -> Callable[[Edge], Awaitable[object]]:
    async def use(edge: Edge) -> None:
        for number in range(_CALLS):
            key = f"https://logs.internal/{number}"
            await edge.env.kv.put(key, stringify(entry))
            await edge.env.kv.get(key, "json")

    return use


def cache_put_and_match(entry: dict[str, Any]) -> Callable[[Edge], Awaitable[object]]:
    async def use(edge: Edge) -> None:
        cache = edge.caches.default
        headers = {"Content-Type": "application/json", "Cache-Control": "max-age=86400"}
        for number in range(_CALLS):
            url = f"https://logs.internal/{number}"
            await cache.put(url, Response(stringify(entry), headers=headers))
            response = await cache.match(url)
            assert response is not None
            await response.json()

    return use


def days_of_logs(*, sweeping: bool) -> Callable[[], object]:
    """Thirty days of puts straight into the store, 2,000 a day, each for a day."""

    async def use() -> None:
        store = MemoryStore()
        if not sweeping:
            store._next_sweep_at = float("inf")
        for number in range(30 * 2_000):
            at = number * DAY_S / 2_000
            await store.cache_put("SOF/default", str(number), CacheEntry(200, "OK", (), b"", at, DAY_S))

    return lambda: asyncio.run(use())


# SQLite


class Sqlite:
    """One open file each for the store and for bare aiosqlite, on one event loop."""

    def __init__(self, folder: Path, runner: asyncio.Runner) -> None:
        self._runner = runner
        for name in ("statements", "transactions"):
            open_database(folder / f"{name}.sqlite").close()
        self._store = runner.run(SqliteStore.open(folder / "store.sqlite"))
        self._statements = runner.run(self._bare(folder / "statements.sqlite"))
        self._transactions = runner.run(self._bare(folder / "transactions.sqlite"))
        self._entry = KVEntry(b"x" * 2_000, None, None, 1_771_200_000.0)

    @staticmethod
    async def _bare(path: Path) -> aiosqlite.Connection:
        db = await aiosqlite.connect(path, isolation_level=None)
        await db.execute("PRAGMA synchronous = NORMAL")
        return db

    def variants(self) -> dict[str, Callable[[], object]]:
        return {
            "aiosqlite, by statement": lambda: self._runner.run(self._by_statement()),
            "aiosqlite, by transaction": lambda: self._runner.run(self._by_transaction()),
            "edgeday, sqlite store": lambda: self._runner.run(self._by_store()),
        }

    async def _by_store(self) -> None:
        for number in range(_CALLS // 4):
            key = f"key:{number}"
            await self._store.kv_put(_WRITE, _NAMESPACE, ((key, self._entry),), 0)
            await self._store.kv_get(_READ, _NAMESPACE, (key,), 1_771_200_000.0)

    async def _by_statement(self) -> None:
        for number in range(_CALLS // 4):
            for op, query, values in self._work(f"key:{number}"):
                await self._statements.execute("BEGIN IMMEDIATE")
                rows = await self._statements.execute_fetchall(_GET_COUNTER, (20_500, op))
                row = next(iter(rows), (0, 0, 0))
                await self._statements.execute(_PUT_COUNTER, (20_500, op, row[0] + 1, row[1] + 1, row[2]))
                await self._statements.execute_fetchall(query, values)
                await self._statements.execute("COMMIT")

    async def _by_transaction(self) -> None:
        db = self._transactions._conn

        def operate(op: str, query: str, values: tuple[object, ...]) -> list[Any]:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute(_GET_COUNTER, (20_500, op)).fetchone() or (0, 0, 0)
            db.execute(_PUT_COUNTER, (20_500, op, row[0] + 1, row[1] + 1, row[2]))
            rows = db.execute(query, values).fetchall()
            db.execute("COMMIT")
            return rows

        for number in range(_CALLS // 4):
            for work in self._work(f"key:{number}"):
                await self._transactions._execute(operate, *work)  # type: ignore[no-untyped-call]

    def _work(self, key: str) -> Iterator[tuple[str, str, tuple[object, ...]]]:
        entry = self._entry
        row = (_NAMESPACE, key, entry.expires_at, entry.written_at, entry.metadata, entry.value)
        yield "write", _PUT_KV, row
        yield "read", _GET_KV, (_NAMESPACE, key)

    def close(self) -> None:
        self._runner.run(self._store.close())
        self._runner.run(self._statements.close())
        self._runner.run(self._transactions.close())


# import


def imports(folder: Path, keys: int) -> dict[str, Callable[[], object]]:
    """Each run fills a new file."""
    rows = [
        (_NAMESPACE, f"ai_log:{number:08}", 1_771_300_000 + number, 1_771_200_000.5, None, b"x" * 100)
        for number in range(keys)
    ]
    lines = [b'{"type":"edgeday-state","version":1}\n']
    lines += [
        orjson.dumps(
            {"type": "kv", "namespace": namespace, "key": key, "value": value.decode(),
             "expiration": expiration, "written_at": written_at},
            option=orjson.OPT_APPEND_NEWLINE,
        )
        for namespace, key, expiration, written_at, _, value in rows
    ]  # fmt: skip
    files = (folder / f"import-{number}.sqlite" for number in range(1_000))

    def bare() -> None:
        with closing(open_database(next(files))) as db, transaction(db):
            db.executemany(_PUT_KV, rows)

    return {"executemany": bare, "edgeday state import": lambda: import_lines(next(files), lines, "lines")}


def main() -> None:
    for size in (8_192, 200):
        entry = log_entry(size)
        medians = paired(
            {
                "bare dict": bare_dict(entry),
                "KV put + get": on_an_edge(kv_put_and_get(entry)),
                "cache put + match": on_an_edge(cache_put_and_match(entry)),
            }
        )
        show(f"memory store, {_CALLS} entries of {size} characters", medians, "bare dict")
    medians = paired({"kept": days_of_logs(sweeping=False), "swept": days_of_logs(sweeping=True)})
    show("memory store, thirty days of entries that expire", medians, "kept", _SWEEPING_GOAL)
    with TemporaryDirectory() as folder, asyncio.Runner() as runner:
        sqlite = Sqlite(Path(folder), runner)
        medians = paired(sqlite.variants(), clock=time.perf_counter)
        show(
            f"SQLite {sqlite3.sqlite_version}, {_CALLS // 2} operations",
            medians,
            "aiosqlite, by transaction",
            _SQLITE_GOAL,
        )
        sqlite.close()
        medians = paired(imports(Path(folder), 100_000), rounds=5)
        show("100,000 keys into a new file", medians, "executemany", _IMPORT_GOAL)


if __name__ == "__main__":
    main()
