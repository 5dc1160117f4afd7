"""What the server itself has to remember, kept beside the account's data in the same store.

A reserved KV namespace that no client can name (ids of namespaces are 32 hexadecimal digits), read and
written without spending units. It needs nothing of a store that KV does not have.
"""

from __future__ import annotations

from typing import Any

from edgeday.clock import Clock, utc_day
from edgeday.ledger import Op, Spend
from edgeday.storage.records import KVEntry, Store
from edgeday.web.json_text import parse, stringify_utf8

RESERVED = "edgeday:server"
_PAGE = 1000


class InternalState:
    """JSON records by key."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def _free(self, op: Op) -> Spend:
        return Spend(op, 0, utc_day(self._clock.now()), None)

    async def read(self, key: str) -> Any:
        """The record, or None."""
        _, entries = await self._store.kv_get(self._free(Op.READ), RESERVED, (key,), 0.0)
        return None if entries[0] is None else parse(entries[0].value)

    async def read_all(self, prefix: str) -> dict[str, Any]:
        """Every record whose key starts with `prefix`, by key, in key order."""
        found: dict[str, Any] = {}
        after = ""
        while True:
            _, page = await self._store.kv_list(self._free(Op.LIST), RESERVED, prefix, after, _PAGE, 0.0)
            for row in page.keys:
                found[row.name] = await self.read(row.name)
            if not page.more:
                return found
            after = page.keys[-1].name

    async def write(self, key: str, record: Any) -> None:
        """Replace a record. It never expires."""
        entry = KVEntry(stringify_utf8(record), None, None, self._clock.now())
        await self._store.kv_put(self._free(Op.WRITE), RESERVED, key, entry, 0.0)

    async def remove(self, key: str) -> None:
        """Remove a record; nothing happens if it is not there."""
        await self._store.kv_delete(self._free(Op.DELETE), RESERVED, key, 0.0)
