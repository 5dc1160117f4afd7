"""A store in memory that forgets: it keeps only the entries that were written last."""

from __future__ import annotations

from collections.abc import Sequence

from edgeday.ledger import Spend
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import CacheEntry, KVEntry


class RecentStore(MemoryStore):
    """A store for runs in which operations are counted, and only what was written last is read again.

    entries: how many it keeps, KV and cache together; of the others it knows nothing any more.
    """

    def __init__(self, entries: int = 20_000) -> None:
        super().__init__()
        self._most = entries
        self._written: dict[tuple[str, str, str], float] = {}  # the order of writing

    async def kv_put(
        self,
        spend: Spend | None,
        namespace: str,
        entries: Sequence[tuple[str, KVEntry]],
        min_interval_s: float,
    ) -> list[bool] | None:
        answer = await super().kv_put(spend, namespace, entries, min_interval_s)
        if answer is not None:
            for (key, entry), stored in zip(entries, answer, strict=True):
                if stored:
                    await self._note("kv", namespace, key, entry.written_at)
        return answer

    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        await super().cache_put(cache, key, entry)
        await self._note("cache", cache, key, entry.stored_at)

    async def _note(self, service: str, place: str, key: str, now: float) -> None:
        written = self._written
        written.pop((service, place, key), None)
        written[service, place, key] = now
        if len(written) > self._most:
            oldest = next(iter(written))
            del written[oldest]
            service, place, key = oldest
            if service == "cache":
                await self.cache_delete(place, key, now)
            else:
                self._namespace(place).remove(key, now)
