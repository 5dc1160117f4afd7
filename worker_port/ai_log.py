"""The loggers: what each form of the worker stores before and after an AI call, and in which order.

None of them ever raises: logging must not stop the call that it logs.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, ClassVar, Protocol

from edgeday.web import PlatformError, isolate_state, now_ms
from edgeday.web.json_text import stringify
from worker_port.entries import (
    combined_entry,
    fields_of,
    request_entry,
    response_entry,
    without,
)
from worker_port.ids import generate_unique_id
from worker_port.js import includes, iso_timestamp, text, truthy
from worker_port.stores import CacheStorage, KVStorage, Storage, as_list, kv_binding, list_or_none

INDEX_LIMIT = 10
LOG_KEY = "ai_communication_log:"
FLAT_INDEX_KEY = "ai_communication_log_index"
SESSION_INDEX_KEY = "ai_communication_session_index"
SESSION_LOGS_KEY = "ai_session_logs:"
COMBINED_INDEX_KEY = "ai_log_combined_index"
ERROR_KEY = "ai_error_log:"
_PENDING = "ai_log_pending"


class AiLog(Protocol):
    """The log of one variant."""

    has_sessions: bool
    """Whether a plan draws a session id for its calls."""

    async def log_request(self, env: Any, step_name: Any, request_data: Any) -> str | None:
        """Log a call before it is made; its log id, or None if it could not be logged.

        request_data: dict of prompt, estimatedInputTokens, maxTokens, provider, modelName, sessionId,
        userData, calculatedData, error.
        """
        ...

    async def log_response(
        self, env: Any, log_id: Any, step_name: Any, response_data: Any, request_data: Any = None
    ) -> None:
        """Log how a call ended; nothing for a falsy log id and for data that is None.

        response_data: dict of response, success, error, duration (ms), estimatedOutputTokens.
        """
        ...

    async def finalize(self, env: Any, session_id: str | None) -> None:
        """The end of a plan, whether it succeeded or not."""
        ...


class FlatLog:
    """`kv_only_v1`: two KV entries a call and one flat index, which remembers only the newest call.

    First call: 3 writes and 1 read; later ones also 2 deletes (of the call before).
    """

    has_sessions = False
    _NOT_IN_REQUEST: ClassVar = ("sessionId", "userData", "calculatedData", "hasError", "error")

    async def log_request(self, env: Any, step_name: Any, request_data: Any) -> str | None:
        namespace = kv_binding(env)
        if namespace is None:
            return None
        log_id = generate_unique_id("ai_log")
        if request_data is None:
            return None
        store = KVStorage(namespace)
        entry = request_entry(log_id, None, iso_timestamp(now_ms()), step_name, fields_of(request_data))
        try:
            await store.set(LOG_KEY + log_id, without(entry, self._NOT_IN_REQUEST))
            old_ids = await store.get_list(FLAT_INDEX_KEY) or ()
            begun = [
                asyncio.ensure_future(self._delete_unattended(store, f"{LOG_KEY}{text(old_id)}{half}"))
                for old_id in old_ids
                for half in ("", "_response")
            ]
            if begun:  # in the order of the worker, which waits for the last of the three only
                await asyncio.ensure_future(store.set(FLAT_INDEX_KEY, [log_id]))
            else:
                await store.set(FLAT_INDEX_KEY, [log_id])
        except PlatformError:
            return None
        return log_id

    async def log_response(
        self, env: Any, log_id: Any, step_name: Any, response_data: Any, request_data: Any = None
    ) -> None:
        namespace = kv_binding(env)
        if namespace is None or not truthy(log_id) or response_data is None:
            return
        entry = response_entry(log_id, iso_timestamp(now_ms()), step_name, fields_of(response_data))
        try:
            await KVStorage(namespace).set(f"{LOG_KEY}{text(log_id)}_response", without(entry, ("hasError",)))
        except PlatformError:
            return

    async def finalize(self, env: Any, session_id: str | None) -> None:
        return

    @staticmethod
    async def _delete_unattended(store: Storage, key: str) -> None:
        """The worker does not wait for these deletes and never learns how they ended."""
        try:
            await store.delete(key)
        except PlatformError:
            return


class SessionLog:
    """`kv_only`, `cache_only` and `hybrid`: two entries a call, listed under a session.

    First call of a session: 4 puts and 2 reads, later ones 3 and 2. A new session goes to the front of an
    index of 10; the read and the put of index and list are not one step, so parallel requests lose entries.

    cache:       where the log is kept; None: the KV namespace.
    keeps_errors: whether entries have `hasError`, and failed ones are also put into KV (1 write each).
    """

    has_sessions = True

    def __init__(self, *, cache: CacheStorage | None, keeps_errors: bool) -> None:
        self._cache = cache
        self._keeps_errors = keeps_errors

    def _open(self, env: Any) -> Storage | None:
        if self._cache is not None:
            return self._cache
        namespace = kv_binding(env)
        return None if namespace is None else KVStorage(namespace)

    async def log_request(self, env: Any, step_name: Any, request_data: Any) -> str | None:
        store = self._open(env)
        if store is None:
            return None
        log_id = generate_unique_id("ai_log")
        if request_data is None:
            return None
        data = fields_of(request_data)
        session_id = data.get("sessionId")
        if not truthy(session_id):
            session_id = generate_unique_id("auto_session")
        entry = request_entry(log_id, session_id, iso_timestamp(now_ms()), step_name, data)
        if not self._keeps_errors:
            without(entry, ("hasError", "error"))
        try:
            await store.set(LOG_KEY + log_id, entry)
            sessions = await store.get_list(SESSION_INDEX_KEY) or []
            if not includes(sessions, session_id):
                await store.set(SESSION_INDEX_KEY, [session_id, *sessions][:INDEX_LIMIT])
            list_key = SESSION_LOGS_KEY + text(session_id)
            await store.set(list_key, [*(await store.get_list(list_key) or ()), log_id])
        except PlatformError:
            return None
        if self._keeps_errors and entry["hasError"]:
            await keep_error(env, ERROR_KEY + log_id, entry)
        return log_id

    async def log_response(
        self, env: Any, log_id: Any, step_name: Any, response_data: Any, request_data: Any = None
    ) -> None:
        store = self._open(env)
        if store is None or not truthy(log_id) or response_data is None:
            return
        entry = response_entry(log_id, iso_timestamp(now_ms()), step_name, fields_of(response_data))
        if not self._keeps_errors:
            del entry["hasError"]
        suffix = f"{text(log_id)}_response"
        try:
            await store.set(LOG_KEY + suffix, entry)
        except PlatformError:
            return
        if self._keeps_errors and entry["hasError"]:
            await keep_error(env, ERROR_KEY + suffix, entry)

    async def finalize(self, env: Any, session_id: str | None) -> None:
        return


class CombinedLog:
    """`hybrid_batched`: one cache entry a call, and the index written once at the end of the plan.

    A call costs 1 put; a plan's end 1 match and 1 put. Until then the isolate remembers the ids: if it is
    replaced, they are never listed. Nor are calls without a session.
    """

    has_sessions = True

    def __init__(self, cache: CacheStorage) -> None:
        self._cache = cache

    async def log_request(self, env: Any, step_name: Any, request_data: Any) -> str | None:
        log_id = generate_unique_id("ai_log")
        if request_data is None:
            return None
        session_id = fields_of(request_data).get("sessionId")
        if truthy(session_id):
            isolate_state().setdefault(_PENDING, {}).setdefault(stringify(session_id), []).append(log_id)
        return log_id

    async def log_response(
        self, env: Any, log_id: Any, step_name: Any, response_data: Any, request_data: Any = None
    ) -> None:
        if not truthy(log_id) or response_data is None:
            return
        timestamp = iso_timestamp(now_ms())
        entry = combined_entry(
            log_id, timestamp, step_name, fields_of(request_data), fields_of(response_data)
        )
        await self._cache.set(LOG_KEY + text(log_id), entry)
        if entry["hasError"]:
            await keep_error(env, ERROR_KEY + text(log_id), entry)

    async def finalize(self, env: Any, session_id: str | None) -> None:
        if not truthy(session_id):
            return
        log_ids = isolate_state().get(_PENDING, {}).pop(stringify(session_id), None)
        if not log_ids:
            return
        index = await self._cache.get(COMBINED_INDEX_KEY)
        if not truthy(index):
            index = {"sessions": [], "logs": {}}
        with suppress(PlatformError):
            list_session(index, session_id, log_ids)
            await self._cache.set(COMBINED_INDEX_KEY, index)


async def keep_error(env: Any, key: str, entry: dict[str, Any]) -> None:
    """Put a failed call's entry into KV, without expiry (1 write); a failing put is swallowed."""
    namespace = kv_binding(env)
    if namespace is None:
        return
    try:
        await KVStorage(namespace).set(key, entry)
    except PlatformError:
        return


def list_session(index: Any, session_id: Any, log_ids: list[str]) -> None:
    """Add log ids of a session to the combined index; a new session goes to the front, an eleventh drops out.

    Raises PlatformError for what is no index.
    """
    fields = fields_of(index)
    sessions, logs = as_list(fields.get("sessions")), fields.get("logs")
    if not isinstance(logs, dict):
        raise PlatformError("the stored index has no logs")
    if not includes(sessions, session_id):
        sessions.insert(0, session_id)
        for dropped in sessions[INDEX_LIMIT:]:
            logs.pop(text(dropped), None)
        del sessions[INDEX_LIMIT:]
    name = text(session_id)
    logs[name] = [*(list_or_none(logs.get(name)) or ()), *log_ids]
