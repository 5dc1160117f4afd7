"""What the indexes name: sessions with their log ids, and the entries behind those ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.web import PlatformError
from worker_port.ai_log import (
    COMBINED_INDEX_KEY,
    FLAT_INDEX_KEY,
    LOG_KEY,
    SESSION_INDEX_KEY,
    SESSION_LOGS_KEY,
    as_list,
    combined_index,
)
from worker_port.entries import Entry
from worker_port.js import text, truthy
from worker_port.stores import CacheStorage, KVStorage, Storage, kv_binding


@dataclass(frozen=True, slots=True)
class Listing:
    """What an index names, in its order.

    sessions: id and log ids of each; None where the session's own list could not be read.
    grouped:  False for the flat form, which is one list without a session.
    """

    sessions: Sequence[tuple[Any, list[Any] | None]]
    grouped: bool = True

    @property
    def log_ids(self) -> list[Any]:
        """The ids of all sessions."""
        return [log_id for _, log_ids in self.sessions for log_id in log_ids or ()]


class Source(Protocol):
    """Where one form of the log keeps its index and entries."""

    storage_type: str | None
    """"cache", or None where answers do not name it."""

    def open(self, env: Any) -> Storage | None:
        """The store; None if it is not configured."""
        ...

    async def listing(self, store: Storage) -> Listing | None:
        """What the index names; None if there is no index."""
        ...

    def index_keys(self, listing: Listing) -> list[str]:
        """The keys that make up the index."""
        ...


class FlatSource:
    """`kv_only_v1`: one list of log ids in KV."""

    storage_type: str | None = None

    def open(self, env: Any) -> Storage | None:
        return _kv(env)

    async def listing(self, store: Storage) -> Listing | None:
        return await flat_listing(store)

    def index_keys(self, listing: Listing) -> list[str]:
        return [FLAT_INDEX_KEY]


class SessionSource:
    """A session index and one list per session, in the cache or (cache None) in KV.

    In KV the older flat index counts where there is no session index.
    """

    def __init__(self, cache: CacheStorage | None) -> None:
        self._cache = cache
        self.storage_type = None if cache is None else "cache"

    def open(self, env: Any) -> Storage | None:
        return _kv(env) if self._cache is None else self._cache

    async def listing(self, store: Storage) -> Listing | None:
        index = await store.get(SESSION_INDEX_KEY)
        if not truthy(index):
            return await flat_listing(store) if self._cache is None else None
        session_ids = as_list(index)
        lists = await read_all(store, [SESSION_LOGS_KEY + text(session_id) for session_id in session_ids])
        return Listing(
            [
                (session_id, as_list(log_ids) if truthy(log_ids) else None)
                for session_id, log_ids in zip(session_ids, lists, strict=True)
            ]
        )

    def index_keys(self, listing: Listing) -> list[str]:
        lists = [SESSION_LOGS_KEY + text(session_id) for session_id, _ in listing.sessions]
        return [*lists, SESSION_INDEX_KEY]


class CombinedSource:
    """`hybrid_batched`: one index of sessions and their log ids in the cache."""

    storage_type: str | None = "cache"

    def __init__(self, cache: CacheStorage) -> None:
        self._cache = cache

    def open(self, env: Any) -> Storage | None:
        return self._cache

    async def listing(self, store: Storage) -> Listing | None:
        index = await store.get(COMBINED_INDEX_KEY)
        if not truthy(index):
            return None
        sessions, logs = combined_index(index)
        return Listing([(name, as_list(logs.get(text(name)))) for name in sessions])

    def index_keys(self, listing: Listing) -> list[str]:
        return [COMBINED_INDEX_KEY]


async def flat_listing(store: Storage) -> Listing | None:
    """The flat index of the first form."""
    index = await store.get(FLAT_INDEX_KEY)
    return Listing([(None, as_list(index))], grouped=False) if truthy(index) else None


async def read_pairs(store: Storage, log_ids: Sequence[Any]) -> list[tuple[Entry | None, Entry | None]]:
    """Request and response entry of each id, None where one is missing. Costs 2 reads per id."""
    keys = [LOG_KEY + text(log_id) + half for log_id in log_ids for half in ("", "_response")]
    entries = await read_all(store, keys)
    return list(zip(entries[::2], entries[1::2], strict=True))


async def read_all(store: Storage, keys: Sequence[str]) -> list[Any]:
    """The values of all keys. All are asked for even if one fails; then the first failure is raised."""
    values: list[Any] = []
    failure: PlatformError | None = None
    for key in keys:
        try:
            values.append(await store.get(key))
        except PlatformError as error:
            failure = failure or error
    if failure is not None:
        raise failure
    return values


def _kv(env: Any) -> KVStorage | None:
    namespace = kv_binding(env)
    return None if namespace is None else KVStorage(namespace)
