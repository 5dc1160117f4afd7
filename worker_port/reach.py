"""Which stored entries the admin's lists lead to, looked up without an invocation and without a cost.

A key is a KV key, or the URL of a cached response.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

from worker_port.ai_log import ERROR_KEY, LOG_KEY
from worker_port.designed import DOCUMENT_KEY, INDEX_KEY, entries_in, kv_errors_enabled, references_in
from worker_port.js import text
from worker_port.listing import LogSource
from worker_port.stores import CacheStorage, list_or_none


class Stores(NamedTuple):
    """Both stores, for looking only.

    read:    the JSON value of a key as one data centre has it, or None.
    keys_of: the KV keys that start with a prefix.
    """

    read: Callable[[str], Awaitable[Any]]
    keys_of: Callable[[str], Awaitable[list[str]]]


class Reach(Protocol):
    """What the lists of one form of the log lead to. prefix: what the keys of its entries start with."""

    prefix: str

    async def calls_by_key(self, stores: Stores, env: Any) -> dict[str, int]:
        """The keys that are listed, all pages together, and how many AI calls each of them shows; what is
        listed need not be there. env: with the plain variables of the worker."""
        ...


class IndexReach:
    """The lists of the historical forms: what the index of a source names."""

    prefix = LOG_KEY

    def __init__(self, source: LogSource) -> None:
        self._source = source

    async def calls_by_key(self, stores: Stores, env: Any) -> dict[str, int]:
        origin = self._source.origin
        listing = await self._source.listing(_ReadOnly(stores, origin))
        calls: dict[str, int] = {}
        for log_id in () if listing is None else listing.log_ids:
            key = f"{origin}{LOG_KEY}{text(log_id)}"
            calls |= {key: 1, f"{key}_response": 0}
        return calls


class DesignedReach:
    """The list of `hybrid_designed`: the documents of its index, and the errors in KV where it keeps them."""

    prefix = DOCUMENT_KEY

    def __init__(self, cache: CacheStorage) -> None:
        self._origin = cache.origin

    async def calls_by_key(self, stores: Stores, env: Any) -> dict[str, int]:
        calls: dict[str, int] = {}
        in_documents: set[str] = set()
        for reference in references_in(await stores.read(self._origin + INDEX_KEY)):
            key = self._origin + reference["key"]
            entries = entries_in(await stores.read(key)) or ()
            calls[key] = len(entries)
            in_documents |= {ERROR_KEY + text(entry["id"]) for entry in entries}
        if kv_errors_enabled(env):
            calls |= {key: int(key not in in_documents) for key in await stores.keys_of(ERROR_KEY)}
        return calls


class _ReadOnly:
    """A storage below an origin ("" for KV) that refuses to change."""

    def __init__(self, stores: Stores, origin: str) -> None:
        self._stores = stores
        self._origin = origin

    async def get(self, key: str) -> Any:
        return await self._stores.read(self._origin + key)

    async def get_list(self, key: str) -> list[Any] | None:
        return list_or_none(await self.get(key))

    async def set(self, key: str, value: Any) -> object:
        raise TypeError("an audit changes nothing")

    async def delete(self, key: str) -> object:
        raise TypeError("an audit changes nothing")
