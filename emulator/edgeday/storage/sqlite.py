"""The store in one SQLite file, which outlives the process and may be shared by several.

Two ways to run the same transactions. A server's store runs them on a thread of their own (aiosqlite),
so that its event loop never waits for the disk. A replay's store runs them in place: an operation then
completes without letting other tasks in, as in memory, so both stores interleave a day alike.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ParamSpec, Protocol, Self, TypeVar

import aiosqlite

from edgeday.ledger import Op, Spend, Usage
from edgeday.storage.database import explained, open_database, open_reader
from edgeday.storage.records import CachedRow, CacheEntry, KeyPage, KVEntry
from edgeday.storage.transactions import Transactions, counted_days, held_entries, usage_of_day
from edgeday.virtual_loop import external_work

P = ParamSpec("P")
T = TypeVar("T")


class _Driver(Protocol):
    """Where transactions run."""

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...
    async def close(self) -> None: ...


class _InPlace:
    """Runs them in the event loop's thread, without yielding."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return work(*args, **kwargs)

    async def close(self) -> None:
        self._db.close()


class _OnThread:
    """Runs them on aiosqlite's thread, one after the other; virtual time stands still meanwhile."""

    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db

    @classmethod
    async def start(cls, db: sqlite3.Connection) -> Self:
        with external_work():
            return cls(await aiosqlite.Connection(lambda: db, iter_chunk_size=64))

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        # aiosqlite's public methods run one statement each, at a thread's round trip a statement. What
        # they are all made of runs any function, and is the only way to a transaction in one round trip.
        with external_work():
            done: T = await self._db._execute(work, *args, **kwargs)  # type: ignore[no-untyped-call]
        return done

    async def close(self) -> None:
        with external_work():
            await self._db.close()


class SqliteStore:
    """Entries and counters in a file. See `records.Store` for the contract.

    All operations raise BadInput, naming the file and what to do, when the disk or the file fails them.
    Processes may share a file: each operation is one transaction, and the daily quota is one quota.
    """

    def __init__(self, path: Path, transactions: Transactions, driver: _Driver, reader: sqlite3.Connection):
        self._path = path
        self._transactions = transactions
        self._run = driver.run
        self._driver = driver
        self._reader = reader

    @classmethod
    async def open(cls, path: Path | str) -> Self:
        """Open a file, or make it, for a server: operations run on a thread of their own.

        Raises BadInput for a file that is no state file or cannot be used, and leaves it as it is.
        """
        path = Path(path)
        db = open_database(path)
        reader = open_reader(path)  # the counters are read while a transaction may run on the thread
        return cls(path, Transactions(db, path), await _OnThread.start(db), reader)

    @classmethod
    def open_in_place(cls, path: Path | str) -> Self:
        """Open a file, or make it, for a replay: operations run in place and yield to no other task.

        Raises BadInput as `open`.
        """
        path = Path(path)
        db = open_database(path)
        return cls(path, Transactions(db, path), _InPlace(db), db)

    def usage(self, day: int) -> Mapping[Op, Usage]:
        with explained(self._path):
            return usage_of_day(self._reader, day)

    def counted_days(self) -> list[int]:
        with explained(self._path):
            return counted_days(self._reader)

    async def charge(self, spend: Spend) -> bool:
        return await self._run(self._transactions.charge, spend)

    async def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float, cache_ttl_s: int | None = None
    ) -> list[KVEntry | None] | None:
        return await self._run(self._transactions.kv_get, spend, namespace, keys, now)

    async def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        return await self._run(self._transactions.kv_put, spend, namespace, entries, min_interval_s)

    async def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> list[bool] | None:
        return await self._run(self._transactions.kv_delete, spend, namespace, keys, now)

    async def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> KeyPage | None:
        return await self._run(self._transactions.kv_list, spend, namespace, prefix, after, limit, now)

    async def kv_peek(self, namespace: str, keys: Sequence[str], now: float) -> list[KVEntry | None]:
        return await self._run(self._transactions.kv_peek, namespace, keys, now)

    async def kv_peek_list(self, namespace: str, prefix: str, after: str, limit: int, now: float) -> KeyPage:
        return await self._run(self._transactions.kv_peek_list, namespace, prefix, after, limit, now)

    async def kv_drop(self, namespace: str) -> None:
        await self._run(self._transactions.kv_drop, namespace)

    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        await self._run(self._transactions.cache_put, cache, key, entry)

    async def cache_get(self, cache: str, key: str) -> CacheEntry | None:
        return await self._run(self._transactions.cache_get, cache, key)

    async def cache_delete(self, cache: str, key: str, now: float) -> bool:
        return await self._run(self._transactions.cache_delete, cache, key, now)

    async def cache_rows(self) -> list[CachedRow]:
        return await self._run(self._transactions.cache_rows)

    def held_entries(self) -> int:
        with explained(self._path):
            return held_entries(self._reader)

    async def reset(self) -> None:
        await self._run(self._transactions.reset)

    async def close(self) -> None:
        """Close the file, its log merged into it if no other process has it open.

        A store on a thread has to be closed: the thread keeps the process alive. Raises the first error
        that an operation met, in case a worker caught it.
        """
        self._reader.close()
        await self._driver.close()
        failure, self._transactions.failure = self._transactions.failure, None
        if failure is not None:
            raise failure
