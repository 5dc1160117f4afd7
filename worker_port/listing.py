"""What the indexes name: sessions with their log ids, and the entries behind those ids."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from worker_port.ai_log import (
    COMBINED_INDEX_KEY,
    FLAT_INDEX_KEY,
    LOG_KEY,
    SESSION_INDEX_KEY,
    SESSION_LOGS_KEY,
)
from worker_port.entries import fields_of
from worker_port.js import text
from worker_port.stores import CacheStorage, KVStorage, Storage, kv_binding, list_or_none

T = TypeVar("T")


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


class LogSource(Protocol):
    """Where one form of the log keeps its index and entries."""

    storage_type: str | None
    """"cache", or None where answers do not name it."""
    origin: str
    """What the URLs of its cached entries start with; "" for KV."""

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
    origin = ""

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
        self.origin = "" if cache is None else cache.origin

    def open(self, env: Any) -> Storage | None:
        return _kv(env) if self._cache is None else self._cache

    async def listing(self, store: Storage) -> Listing | None:
        session_ids = await store.get_list(SESSION_INDEX_KEY)
        if session_ids is None and self._cache is None:
            return await flat_listing(store)
        if not session_ids:
            return None
        return Listing([(name, await store.get_list(SESSION_LOGS_KEY + text(name))) for name in session_ids])

    def index_keys(self, listing: Listing) -> list[str]:
        lists = [SESSION_LOGS_KEY + text(session_id) for session_id, _ in listing.sessions]
        return [*lists, SESSION_INDEX_KEY]


class CombinedSource:
    """`hybrid_batched`: one index of sessions and their log ids in the cache."""

    storage_type: str | None = "cache"

    def __init__(self, cache: CacheStorage) -> None:
        self._cache = cache
        self.origin = cache.origin

    def open(self, env: Any) -> Storage | None:
        return self._cache

    async def listing(self, store: Storage) -> Listing | None:
        index = fields_of(await store.get(COMBINED_INDEX_KEY))
        sessions, logs = list_or_none(index.get("sessions")), fields_of(index.get("logs"))
        if not sessions:
            return None
        return Listing([(name, list_or_none(logs.get(text(name)))) for name in sessions])

    def index_keys(self, listing: Listing) -> list[str]:
        return [COMBINED_INDEX_KEY]


async def flat_listing(store: Storage) -> Listing | None:
    """The flat index of the first form."""
    log_ids = await store.get_list(FLAT_INDEX_KEY)
    return None if log_ids is None else Listing([(None, log_ids)], grouped=False)


def both_halves(log_ids: Iterable[Any]) -> list[str]:
    """The keys of the request and of the response of each log."""
    return [LOG_KEY + text(log_id) + half for log_id in log_ids for half in ("", "_response")]


async def read_pairs(store: Storage, log_ids: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Request and response entry of each id, None where one is missing. Costs 2 reads per id."""
    keys = both_halves(log_ids)
    entries = await do_all(store.get, keys)
    return list(zip(entries[::2], entries[1::2], strict=True))


async def do_all(operation: Callable[[str], Coroutine[Any, Any, T]], keys: Iterable[str]) -> list[T]:
    """An operation on each key, all at the same time (`Promise.all`). All are begun; the first that fails is
    raised, and the others go on."""
    return list(await asyncio.gather(*(operation(key) for key in keys)))


def _kv(env: Any) -> KVStorage | None:
    namespace = kv_binding(env)
    return None if namespace is None else KVStorage(namespace)
