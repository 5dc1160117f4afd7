"""What the server itself has to remember, kept beside the account's data in the same store.

A reserved KV namespace that no client can name (ids of namespaces are 32 hexadecimal digits). Reading and
writing it costs nothing.
"""

from __future__ import annotations

from typing import Any

from edgeday.clock import Clock
from edgeday.storage.records import KVEntry, Store
from edgeday.web.json_text import parse, stringify_utf8

RESERVED = "edgeday:server"
_PAGE = 1000


class InternalState:
    """JSON records by key."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def read(self, key: str) -> Any:
        """The record, or None."""
        (entry,) = await self._store.kv_peek(RESERVED, (key,), 0.0)
        return None if entry is None else parse(entry.value)

    async def read_all(self, prefix: str) -> dict[str, Any]:
        """Every record whose key starts with `prefix`, by key, in key order."""
        records: dict[str, Any] = {}
        after = ""
        while True:
            page = await self._store.kv_peek_list(RESERVED, prefix, after, _PAGE, 0.0)
            for row in page.keys:
                records[row.name] = await self.read(row.name)
            if not page.more:
                return records
            after = page.keys[-1].name

    async def write(self, key: str, record: Any) -> None:
        """Replace a record. It never expires."""
        entry = KVEntry(stringify_utf8(record), None, None, self._clock.now())
        await self._store.kv_put(None, RESERVED, ((key, entry),), 0.0)

    async def remove(self, key: str) -> None:
        """Remove a record; nothing happens if it is not there."""
        await self._store.kv_delete(None, RESERVED, (key,), 0.0)
