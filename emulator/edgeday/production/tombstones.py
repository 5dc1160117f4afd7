"""Lists that walk over keys which are gone: a page may be empty and not the last.

A key that expired or was deleted holds its place in the lists of its namespace until it is compacted away, so
that a page of 10 may hold 3 keys, or none, while more follow. Source: Cloudflare docs, KV list keys, which
warn of empty pages that are not the last; after how long a key is compacted away is not documented.

Known are the keys that were written through this store, not those that a state file held before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edgeday.ledger import Spend
from edgeday.production.layers import StoreLayer
from edgeday.storage.records import KeyPage, KVEntry, ListedKey, Store

TOMBSTONE_S = 3600
"""How long a key that is gone holds its place. An assumption."""

_SWEEP_INTERVAL_S = 600


class TombstoneStore(StoreLayer):
    """A store whose lists count recently expired and deleted keys among those that a page may have."""

    def __init__(self, below: Store) -> None:
        super().__init__(below)
        self._gone_at: dict[str, dict[str, float]] = {}  # by namespace: key -> when it goes, or went
        self._next_sweep_at = float("-inf")

    async def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        answer = await self._below.kv_put(spend, namespace, entries, min_interval_s)
        gone_at = self._gone_at.setdefault(namespace, {})
        for (key, entry), stored in zip(entries, answer or (), strict=False):
            if stored:
                gone_at.pop(key, None)
                if entry.expires_at is not None:
                    gone_at[key] = entry.expires_at
        if entries:
            self._sweep(entries[-1][1].written_at)
        return answer

    async def kv_delete(
        self, spend: Spend | None, namespace: str, keys: Sequence[str], now: float
    ) -> list[bool] | None:
        answer = await self._below.kv_delete(spend, namespace, keys, now)
        gone_at = self._gone_at.setdefault(namespace, {})
        for key, was_there in zip(keys, answer or (), strict=False):
            if was_there:
                gone_at[key] = now
        return answer

    async def kv_list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, now: float
    ) -> KeyPage | None:
        """The live keys among the first `limit` names, dead ones included."""
        page = await self._below.kv_list(spend, namespace, prefix, after, limit, now)
        if page is None:
            return None
        live = {row.name: row for row in page.keys}
        dead = (name for name in self._dead(namespace, now) if name.startswith(prefix) and name > after)
        names = sorted({*live, *dead})
        walked = names[:limit]
        keys: list[ListedKey] = [live[name] for name in walked if name in live]
        return KeyPage(keys, page.more or len(names) > limit, walked[-1] if walked else "")

    async def kv_drop(self, namespace: str) -> None:
        self._gone_at.pop(namespace, None)
        await self._below.kv_drop(namespace)

    async def reset(self) -> None:
        self._gone_at.clear()
        self._next_sweep_at = float("-inf")
        await self._below.reset()

    def _dead(self, namespace: str, now: float) -> Iterator[str]:
        """Keys that are gone, and not yet compacted away."""
        for key, gone_at in self._gone_at.get(namespace, {}).items():
            if gone_at <= now < gone_at + TOMBSTONE_S:
                yield key

    def _sweep(self, now: float) -> None:
        """Forget what has been compacted away, once in a while."""
        if now < self._next_sweep_at:
            return
        for namespace, gone_at in self._gone_at.items():
            self._gone_at[namespace] = {key: at for key, at in gone_at.items() if now < at + TOMBSTONE_S}
        self._next_sweep_at = now + _SWEEP_INTERVAL_S
