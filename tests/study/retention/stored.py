"""State files with error entries in them, and what lies in such a file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from edgeday.clock import epoch_seconds
from edgeday.ledger import Op, Spend
from edgeday.storage.database import open_reader
from edgeday.storage.records import KVEntry
from edgeday.storage.sqlite import SqliteStore

NAMESPACE = "pages"
NOW = "2026-03-30T09:00:00Z"
NOW_S = int(epoch_seconds(NOW))
DAY_S = 86_400
MONTH_S = 30 * DAY_S
FREE_DAY = -1
"""A day nobody looks at: what prepares a file is charged to it."""


def error_key(age_s: float, number: int = 0, *, half: str = "") -> str:
    """The key of an entry that is so old at NOW."""
    return f"ai_error_log:ai_log_{round((NOW_S - age_s) * 1000):013d}_{number:08x}{half}"


def error_value(step: str = "step1_analysis", message: str = "late") -> bytes:
    return json.dumps({"type": "combined", "stepName": step, "error": message}).encode()


def fill(
    path: Path, entries: Mapping[str, bytes], *, metadata: str | None = None, namespace: str = NAMESPACE
) -> Path:
    """Put entries into a state file, made if there is none."""

    async def work() -> None:
        store = SqliteStore.open_in_place(path)
        for key, value in entries.items():
            entry = KVEntry(value, metadata, None, 0.0)
            await store.kv_put(None, namespace, [(key, entry)], 0)
        await store.close()

    asyncio.run(work())
    return path


def spend(path: Path, op: Op, units: int, at_s: float = NOW_S) -> None:
    """Spend a part of a day's quota."""

    async def work() -> None:
        store = SqliteStore.open_in_place(path)
        await store.charge(Spend(op, units, int(at_s // DAY_S), None))
        await store.close()

    asyncio.run(work())


def kv_of(path: Path, namespace=NAMESPACE) -> dict[str, bytes]:
    """What lies in a namespace of a state file."""
    with closing(open_reader(path)) as db:
        return dict(db.execute("SELECT key, value FROM kv WHERE namespace = ?", (namespace,)))


def charged(path: Path, at_s: float = NOW_S) -> dict[str, tuple[int, int]]:
    """Units accepted and refused on a day, by class."""
    query = "SELECT op, accepted, refused FROM counters WHERE day = ?"
    with closing(open_reader(path)) as db:
        return {op: (accepted, refused) for op, accepted, refused in db.execute(query, (int(at_s // DAY_S),))}


def archived(path: Path) -> list[tuple[str, bytes]]:
    """Keys and values of an archive; its header has to count them."""
    header, *records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert header == {"type": "edgeday-state", "version": 1, "records": len(records)}
    return [(record["key"], record["value"].encode()) for record in records]
