"""The admin routes as the worker has them. None of them asks who is calling.

`get-ai-logs` and `export-ai-logs` read what the indexes name; `cleanup-ai-logs` deletes it; the logging
status cannot be changed. What is in KV as `ai_error_log:` is never read, shown or deleted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from edgeday.web import PlatformError, Request, Response
from worker_port.ai_log import FLAT_INDEX_KEY
from worker_port.entries import RESPONSE_FIELDS, Entry, fields_of
from worker_port.export import ExportForm, export_response, nothing_to_export
from worker_port.js import UNDEFINED, array_slice, either, field, parse_int, truthy
from worker_port.listing import Listing, LogSource, both_halves, do_all, read_pairs
from worker_port.responses import json_response
from worker_port.stores import KVStorage, kv_binding

Route = Callable[[Any, Request], Awaitable[Response]]
Routes = Mapping[tuple[str, str], Route]
"""(method, path) -> handler of (env, request)."""

GET_LOGS = ("GET", "/api/admin/get-ai-logs")
EXPORT_LOGS = ("GET", "/api/admin/export-ai-logs")
CLEANUP_LOGS = ("POST", "/api/admin/cleanup-ai-logs")
GET_STATUS = ("GET", "/api/admin/get-logging-status")
SET_STATUS = ("POST", "/api/admin/set-logging-status")

DEFAULT_LIMIT = 50
_ALWAYS_ON = "AI логването е винаги включено за поддържане на последната пълна комуникация"
_KEEPS_LAST = ". Системата автоматично пази само последната сесия."


class Panel:
    """The admin routes over one form of the log.

    cleanup: handler of `cleanup-ai-logs`; None: the form has neither that nor a logging status.
    """

    def __init__(self, source: LogSource, form: ExportForm, cleanup: Route | None = None) -> None:
        self._source = source
        self._form = form
        self.routes: Routes = {GET_LOGS: self.get_logs, EXPORT_LOGS: self.export_logs}
        if cleanup is not None:
            self.routes = {
                **self.routes,
                CLEANUP_LOGS: cleanup,
                GET_STATUS: get_logging_status,
                SET_STATUS: set_logging_status,
            }

    async def get_logs(self, env: Any, request: Request) -> Response:
        """The logs of a page: `limit` (50) of them from `offset` (0), counted over all sessions.

        Costs 1 read for the index, 1 per session, 2 per log of the page. What a cache cannot read (also past
        the subrequest limit) is left out of an answer that says success; a failing KV read gives 500.
        """
        store = self._source.open(env)
        if store is None:
            return no_kv()
        try:
            listing = await self._source.listing(store)
            if listing is None:
                return json_response(self._typed({"success": True, "logs": [], "total": 0}))
            log_ids = listing.log_ids
            if listing.grouped and not log_ids:
                return json_response({"success": True, "logs": [], "total": 0})
            limit, offset = page_of(request.url)
            pairs = await read_pairs(store, array_slice(log_ids, offset, offset + limit))
        except PlatformError as error:
            if self._source.storage_type is None:
                return json_response({"error": f"Failed to get AI logs: {error.message}"}, 500)
            return json_response({"error": "Failed to fetch AI logs", "details": error.message}, 500)
        answer: dict[str, Any] = {
            "success": True,
            "logs": [with_response(*pair) for pair in pairs if truthy(pair[0])],
            "total": len(log_ids),
            "limit": limit,
            "offset": offset,
        }
        if listing.grouped:
            answer["sessionCount"] = len(listing.sessions)
        return json_response(self._typed(answer), cache_control="public, max-age=60")

    async def export_logs(self, env: Any, request: Request) -> Response:
        """All logs as a text file; costs as `get_logs`, for all of them."""
        form = self._form
        store = self._source.open(env)
        if store is None:
            return no_kv()
        try:
            listing = await self._source.listing(store)
            if listing is not None and form.last_only:
                listing = Listing(listing.sessions[:1])
            if listing is None or (listing.grouped and not listing.log_ids):
                return nothing_to_export(form)
            pairs = await read_pairs(store, listing.log_ids)
        except PlatformError as error:
            return json_response({"error": f"Failed to export AI logs: {error.message}"}, 500)
        return export_response(form, listing, pairs)

    def _typed(self, answer: dict[str, Any]) -> dict[str, Any]:
        if self._source.storage_type is not None:
            answer["storageType"] = self._source.storage_type
        return answer


def cleanup_of_listed(source: LogSource) -> Route:
    """A handler that deletes both halves of every listed log, and the index.

    A cache's failing deletes are ignored and counted all the same. Costs the reads of the listing, 2 deletes
    per log, and 1 per key of the index.
    """

    async def cleanup(env: Any, request: Request) -> Response:
        store = source.open(env)
        if store is None:
            return no_kv()
        try:
            listing = await source.listing(store)
        except PlatformError as error:
            return _cleanup_failed(error)
        if listing is None or not listing.log_ids:
            return json_response(
                {"success": True, "message": "No logs to cleanup", "deletedCount": 0, "storageType": "cache"}
            )
        log_ids = listing.log_ids
        await do_all(store.delete, [*both_halves(log_ids), *source.index_keys(listing)])
        message = f"Successfully cleaned up {len(log_ids)} log entries from {len(listing.sessions)} sessions"
        return json_response(
            {
                "success": True,
                "message": message,
                "deletedCount": len(log_ids),
                "sessionCount": len(listing.sessions),
                "storageType": "cache",
            }
        )

    return cleanup


async def cleanup_of_old_index(env: Any, request: Request) -> Response:
    """`kv_only`: keeps the first log of the older flat index and deletes the others.

    It never touches what `kv_only` itself logs. A failing delete gives 500, after all were tried, and leaves
    the index alone. Costs 1 read; 2 deletes per log and 1 write if there is one.
    """
    namespace = kv_binding(env)
    if namespace is None:
        return no_kv()
    store = KVStorage(namespace)
    try:
        index = await store.get_list(FLAT_INDEX_KEY)
        if not index:
            return _nothing_to_clean()
        kept, *dropped = index
        await do_all(store.delete, both_halves(dropped))
        await store.set(FLAT_INDEX_KEY, [kept])
    except PlatformError as error:
        if error.name == "SyntaxError":
            return json_response({"error": "Invalid log index format"}, 500)
        return _cleanup_failed(error)
    message = f"Successfully cleaned up {len(dropped)} old log entries"
    return json_response(
        {"success": True, "message": message, "deletedCount": len(dropped), "keptLogId": kept}
    )


def _cleanup_failed(error: PlatformError) -> Response:
    return json_response({"error": f"Failed to cleanup AI logs: {error.message}"}, 500)


def _nothing_to_clean() -> Response:
    return json_response({"success": True, "message": "No logs to cleanup", "deletedCount": 0})


async def get_logging_status(env: Any, request: Request) -> Response:
    """Always on."""
    if kv_binding(env) is None:
        return no_kv()
    answer = {"success": True, "enabled": True, "message": _ALWAYS_ON}
    return json_response(answer, cache_control="no-cache")


async def set_logging_status(env: Any, request: Request) -> Response:
    """Always on, whatever was asked; changes nothing. 500 for a body that is not JSON, or null."""
    if kv_binding(env) is None:
        return no_kv()
    try:
        if await request.json() is None:
            raise PlatformError("Cannot read properties of null (reading 'enabled')")
    except PlatformError as error:
        return json_response({"error": f"Failed to set logging status: {error.message}"}, 500)
    return json_response({"success": True, "enabled": True, "message": _ALWAYS_ON + _KEEPS_LAST})


def no_kv() -> Response:
    """The answer where a KV binding is needed and missing."""
    return json_response({"error": "KV storage not configured"}, 500)


def query_of(url: str) -> dict[str, str]:
    """The query's parameters; the first of repeated ones counts."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True, errors="replace"):
        query.setdefault(name, value)
    return query


def page_of(url: str) -> tuple[float, float]:
    """`limit` and `offset` of a request as JavaScript numbers, NaN included."""
    query = query_of(url)
    return parse_int(query.get("limit") or str(DEFAULT_LIMIT)), parse_int(query.get("offset") or "0")


def with_response(request: Any, response: Any) -> Entry:
    """One log of the list: the request entry with its response in it."""
    request = fields_of(request)
    if request.get("type") == "combined":
        response = {
            "id": field(request, "id"),
            "timestamp": either(request.get("responseTimestamp"), field(request, "timestamp")),
            "stepName": field(request, "stepName"),
            "type": "response",
            **{name: field(request, name) for name in RESPONSE_FIELDS},
        }
        response = {name: value for name, value in response.items() if value is not UNDEFINED}
    return {**request, "response": response}
