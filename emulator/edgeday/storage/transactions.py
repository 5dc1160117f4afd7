"""The operations of a store on one SQLite connection: plain functions, each of them one transaction.

A spend and the change it pays for are committed together or not at all. How these functions are run
(on a thread, or right here) is `sqlite.SqliteStore`'s business.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from edgeday.clock import is_expired
from edgeday.errors import BadInput
from edgeday.ledger import Op, Spend, Usage, settle
from edgeday.storage.database import explained, transaction
from edgeday.storage.records import (
    SWEEP_INTERVAL_S,
    CachedRow,
    CacheEntry,
    HeaderList,
    KeyPage,
    KVEntry,
    ListedKey,
)

PUT_KV = """
    INSERT INTO kv (namespace, key, expires_at, written_at, metadata, value) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (namespace, key) DO UPDATE SET expires_at = excluded.expires_at,
    written_at = excluded.written_at, metadata = excluded.metadata, value = excluded.value"""
PUT_CACHE = """
    INSERT INTO cache (cache, key, expires_at, stored_at, lifetime_s, status, status_text, headers, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (cache, key) DO UPDATE SET expires_at = excluded.expires_at, stored_at = excluded.stored_at,
    lifetime_s = excluded.lifetime_s, status = excluded.status, status_text = excluded.status_text,
    headers = excluded.headers, body = excluded.body"""
PUT_COUNTER = "INSERT OR REPLACE INTO counters (day, op, asked, accepted, refused) VALUES (?, ?, ?, ?, ?)"

_GET_COUNTER = "SELECT asked, accepted, refused FROM counters WHERE day = ? AND op = ?"
_GET_KV = "SELECT value, metadata, expires_at, written_at FROM kv WHERE namespace = ? AND key = ?"
_WRITTEN_AT = "SELECT written_at, expires_at FROM kv WHERE namespace = ? AND key = ?"
_GET_CACHE = """
    SELECT status, status_text, headers, body, stored_at, lifetime_s FROM cache
    WHERE cache = ? AND key = ? AND expires_at >= ?"""
_SWEEP = tuple(
    f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE expires_at < ? LIMIT ?)"
    for table in ("kv", "cache")
)
_SWEEP_STEP = 32
"""Expired entries that one put drops at most: a put stays quick however much has expired."""

KVRow = tuple[str, str, int | None, float, str | None, bytes]
CacheRow = tuple[str, str, float, float, float, int, str, str, bytes]


def kv_row(namespace: str, key: str, entry: KVEntry) -> KVRow:
    """The parameters of `PUT_KV`."""
    return namespace, key, entry.expires_at, entry.written_at, entry.metadata, entry.value


def cache_row(cache: str, key: str, entry: CacheEntry) -> CacheRow:
    """The parameters of `PUT_CACHE`."""
    return (
        cache, key, float(entry.expires_at), entry.stored_at, float(entry.lifetime_s), entry.status,
        entry.status_text, json.dumps(entry.headers, separators=(",", ":")), entry.body,
    )  # fmt: skip


def parse_headers(text: str) -> HeaderList:
    """The headers of a cache row."""
    return tuple((name, value) for name, value in json.loads(text))


def usage_of_day(db: sqlite3.Connection, day: int) -> dict[Op, Usage]:
    """The counters of one UTC day; all four classes are present."""
    usage = {op: Usage() for op in Op}
    for op, *counted in db.execute("SELECT op, asked, accepted, refused FROM counters WHERE day = ?", (day,)):
        usage[Op(op)] = Usage(*counted)
    return usage


def counted_days(db: sqlite3.Connection) -> list[int]:
    """UTC days on which anything was asked, oldest first."""
    return [day for (day,) in db.execute("SELECT DISTINCT day FROM counters ORDER BY day")]


def held_entries(db: sqlite3.Connection) -> int:
    """Rows of KV and caches, expired ones included."""
    query = "SELECT (SELECT count(*) FROM kv) + (SELECT count(*) FROM cache)"
    count: int = db.execute(query).fetchone()[0]
    return count


def end_of_prefix(prefix: str) -> str | None:
    """The first text after all that start with `prefix`, in code point order; None: nothing comes after."""
    stem = prefix.rstrip("\U0010ffff")
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    if following == 0xD800:  # surrogates are no characters
        following = 0xE000
    return stem[:-1] + chr(following)


class Transactions:
    """The operations of `records.Store` on one connection, for one thread at a time.

    All raise BadInput, naming the file, when the disk or the file fails them; `failure` keeps the first
    such error, since a worker may have caught it.
    """

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self._db = db
        self._path = path
        self._gone_before = float("-inf")  # what expired before this instant is swept or will be
        self._next_sweep_at = float("-inf")
        self._sweeping = False
        self.failure: BadInput | None = None

    def charge(self, spend: Spend) -> bool:
        with self._writing():
            return self._settle(spend)

    def kv_get(
        self, spend: Spend, namespace: str, keys: Sequence[str], now: float
    ) -> list[KVEntry | None] | None:
        with self._writing():
            return self._entries(namespace, keys, now) if self._settle(spend) else None

    def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        with self._writing():
            if spend is not None and not self._settle(spend):
                return None
            return [self._put(namespace, key, entry, min_interval_s) for key, entry in entries]

    def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> list[bool] | None:
        with self._writing():
            if spend is not None and not self._settle(spend):
                return None
            return [self._delete("kv", "namespace", namespace, key, now) for key in keys]

    def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> KeyPage | None:
        with self._writing():
            return self._page(namespace, prefix, after, limit, now) if self._settle(spend) else None

    def kv_peek(self, namespace: str, keys: Sequence[str], now: float) -> list[KVEntry | None]:
        with self._explained():
            return self._entries(namespace, keys, now)

    def kv_peek_list(self, namespace: str, prefix: str, after: str, limit: int, now: float) -> KeyPage:
        with self._explained():
            return self._page(namespace, prefix, after, limit, now)

    def kv_drop(self, namespace: str) -> None:
        with self._writing() as db:
            db.execute("DELETE FROM kv WHERE namespace = ?", (namespace,))

    def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        with self._writing() as db:
            db.execute(PUT_CACHE, cache_row(cache, key, entry))
            self._sweep(entry.stored_at)

    def cache_get(self, cache: str, key: str) -> CacheEntry | None:
        with self._explained():
            row = self._db.execute(_GET_CACHE, (cache, key, self._gone_before)).fetchone()
        if row is None:
            return None
        status, status_text, headers, body, stored_at, lifetime_s = row
        return CacheEntry(status, status_text, parse_headers(headers), body, stored_at, lifetime_s)

    def cache_delete(self, cache: str, key: str, now: float) -> bool:
        with self._writing():
            return self._delete("cache", "cache", cache, key, now)

    def cache_rows(self) -> list[CachedRow]:
        query = "SELECT cache, key, headers FROM cache WHERE expires_at >= ? ORDER BY cache, key"
        with self._explained():
            rows = self._db.execute(query, (self._gone_before,)).fetchall()
        return [CachedRow(cache, key, parse_headers(headers)) for cache, key, headers in rows]

    def reset(self) -> None:
        with self._writing() as db:
            for table in ("kv", "cache", "counters"):
                db.execute(f"DELETE FROM {table}")
        self._gone_before = self._next_sweep_at = float("-inf")
        self._sweeping = False

    # inside a transaction

    def _settle(self, spend: Spend) -> bool:
        row = self._db.execute(_GET_COUNTER, (spend.day, spend.op)).fetchone()
        usage = Usage() if row is None else Usage(*row)
        accepted = settle(usage, spend)
        self._db.execute(PUT_COUNTER, (spend.day, spend.op, usage.asked, usage.accepted, usage.refused))
        return accepted

    def _entries(self, namespace: str, keys: Sequence[str], now: float) -> list[KVEntry | None]:
        return [_live(self._db.execute(_GET_KV, (namespace, key)).fetchone(), now) for key in keys]

    def _page(self, namespace: str, prefix: str, after: str, limit: int, now: float) -> KeyPage:
        query = """
            SELECT key, expires_at, metadata FROM kv
            WHERE namespace = ? AND (expires_at IS NULL OR expires_at > ?)"""
        query += " AND key > ?" if after >= prefix and after else " AND key >= ?"
        values: list[object] = [namespace, now, max(after, prefix)]
        end = end_of_prefix(prefix)
        if end is not None:
            query += " AND key < ?"
            values.append(end)
        rows = self._db.execute(f"{query} ORDER BY key LIMIT ?", (*values, limit + 1)).fetchall()
        return KeyPage([ListedKey(*row) for row in rows[:limit]], len(rows) > limit)

    def _put(self, namespace: str, key: str, entry: KVEntry, min_interval_s: float) -> bool:
        """Replace a KV row; False, and nothing stored, if its live one is younger than `min_interval_s`."""
        if min_interval_s:
            now = entry.written_at
            before = self._db.execute(_WRITTEN_AT, (namespace, key)).fetchone()
            if before is not None and not is_expired(now, before[1]) and now - before[0] < min_interval_s:
                return False
        self._db.execute(PUT_KV, kv_row(namespace, key, entry))
        self._sweep(entry.written_at)
        return True

    def _delete(self, table: str, part: str, owner: str, key: str, now: float) -> bool:
        """Delete a row; whether it was a live one."""
        row = self._db.execute(
            f"SELECT rowid, expires_at FROM {table} WHERE {part} = ? AND key = ?", (owner, key)
        ).fetchone()
        if row is None:
            return False
        self._db.execute(f"DELETE FROM {table} WHERE rowid = ?", row[:1])
        return not is_expired(now, row[1])

    def _sweep(self, now: float) -> None:
        """Declare gone what expired before this interval, and drop some of it."""
        if now >= self._next_sweep_at:
            self._gone_before = now // SWEEP_INTERVAL_S * SWEEP_INTERVAL_S
            self._next_sweep_at = self._gone_before + SWEEP_INTERVAL_S
            self._sweeping = True
        if self._sweeping:
            dropped = [
                self._db.execute(statement, (self._gone_before, _SWEEP_STEP)).rowcount for statement in _SWEEP
            ]
            self._sweeping = max(dropped) == _SWEEP_STEP

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._explained(), transaction(self._db):
            yield self._db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with explained(self._path):
                yield
        except BadInput as failure:
            self.failure = self.failure or failure
            raise


def _live(row: tuple[bytes, str | None, int | None, float] | None, now: float) -> KVEntry | None:
    return None if row is None or is_expired(now, row[2]) else KVEntry._make(row)
