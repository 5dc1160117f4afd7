"""What became of the logs: which stored keys are logs, and which of them the admin's lists reach.

For whoever looks at the stores from outside, without an invocation and without a cost. A key is a KV key, or
the URL of a cached response.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from worker_port.ai_log import ERROR_KEY, LOG_KEY
from worker_port.designed import DOCUMENT_KEY, INDEX_KEY, entries_in, kv_errors_enabled, references_in
from worker_port.js import text, truthy
from worker_port.listing import CombinedSource, FlatSource, LogSource, SessionSource
from worker_port.stores import CACHE_ORIGIN, OLD_CACHE_ORIGIN, CacheStorage, list_or_none

Read = Callable[[str], Awaitable[Any]]
"""The JSON value of a key as one data centre has it, or None."""
KeysOf = Callable[[str], Awaitable[list[str]]]
"""The KV keys that start with a prefix."""

_LOGS = (LOG_KEY, ERROR_KEY, DOCUMENT_KEY)
_TO_DEBUG = ("prompt", "sessionId", "modelName", "error")
_SOURCES: Mapping[str, tuple[LogSource, str]] = {
    "kv_only_v1": (FlatSource(), ""),
    "kv_only": (SessionSource(None), ""),
    "cache_only": (SessionSource(CacheStorage(OLD_CACHE_ORIGIN)), OLD_CACHE_ORIGIN),
    "hybrid": (SessionSource(CacheStorage()), CACHE_ORIGIN),
    "hybrid_batched": (CombinedSource(CacheStorage()), CACHE_ORIGIN),
}
"""Of each historical form, what its lists read, and where it keeps its logs ("" for KV)."""


class LogAudit:
    """The logs of one form of the worker. vars: the plain variables of its `env`."""

    def __init__(self, vars: Mapping[str, Any]) -> None:
        self._vars = vars
        self._variant = str(vars.get("AI_LOG_VARIANT") or "hybrid")

    def is_log(self, key: str) -> bool:
        """Whether a key holds what was logged of AI calls, and is not an index."""
        return key.rpartition("/")[2].startswith(_LOGS)

    def is_error(self, key: str) -> bool:
        """Whether a key holds a failed call, kept in KV."""
        return key.startswith(ERROR_KEY)

    def can_be_debugged(self, value: Any) -> bool:
        """Whether an error entry holds what is needed to repeat its call: prompt, session, model, error."""
        return isinstance(value, dict) and all(truthy(value.get(name)) for name in _TO_DEBUG)

    async def reached(self, read: Read, keys_of: KeysOf) -> dict[str, int]:
        """The keys of logs that the admin's lists lead to, all pages together, and how many AI calls each
        of them shows; what is listed need not be there."""
        if self._variant == "hybrid_designed":
            return await self._designed(read, keys_of)
        source, origin = _SOURCES[self._variant]
        listing = await source.listing(_Looked(read, origin))
        found: dict[str, int] = {}
        for log_id in () if listing is None else listing.log_ids:
            key = f"{origin}{LOG_KEY}{text(log_id)}"
            found |= {key: 1, f"{key}_response": 0}
        return found

    async def _designed(self, read: Read, keys_of: KeysOf) -> dict[str, int]:
        found: dict[str, int] = {}
        shown: set[str] = set()
        for reference in references_in(await read(CACHE_ORIGIN + INDEX_KEY)):
            key = CACHE_ORIGIN + reference["key"]
            entries = entries_in(await read(key)) or ()
            found[key] = len(entries)
            shown |= {ERROR_KEY + text(entry["id"]) for entry in entries}
        if kv_errors_enabled(_Variables(self._vars)):
            found |= {key: int(key not in shown) for key in await keys_of(ERROR_KEY)}
        return found


class _Variables:
    """Plain variables as `env` has them."""

    def __init__(self, vars: Mapping[str, Any]) -> None:
        self.__dict__.update(vars)


class _Looked:
    """A storage that only looks."""

    def __init__(self, read: Read, origin: str) -> None:
        self._read = read
        self._origin = origin

    async def get(self, key: str) -> Any:
        return await self._read(self._origin + key)

    async def get_list(self, key: str) -> list[Any] | None:
        return list_or_none(await self.get(key))

    async def set(self, key: str, value: Any) -> object:
        raise TypeError("an audit changes nothing")

    async def delete(self, key: str) -> object:
        raise TypeError("an audit changes nothing")
