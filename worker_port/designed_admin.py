"""The admin routes of `hybrid_designed`: both stores, paged, behind a token."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from edgeday.web import PlatformError, Request, Response, now_ms
from edgeday.web.json_text import parse
from worker_port.admin import (
    CLEANUP_LOGS,
    DEFAULT_LIMIT,
    EXPORT_LOGS,
    GET_LOGS,
    GET_STATUS,
    SET_STATUS,
    Route,
    Routes,
    query_of,
    with_response,
)
from worker_port.designed import INDEX_KEY, forget_references, references_in
from worker_port.designed_logs import Log, Overview, errors_in_kv, overview_of, read_entries, uses_kv
from worker_port.entries import Entry
from worker_port.export import RULE, ExportForm, attachment, export_stamp, step_lines
from worker_port.js import iso_timestamp, text
from worker_port.responses import json_response
from worker_port.stores import CacheStorage, KVStorage, kv_binding

MAX_LIMIT = 500
"""Logs per page at most: each may cost a KV read, of which an invocation has 1,000."""
MAX_DELETES = 500
MAX_OFFSET = 1_000_000
DAY_MS = 86_400_000
_FORM = ExportForm()
_STORE_NAMES = {"cache": "Cache API", "kv": "KV"}


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which logs are asked for. has_error None: all."""

    limit: int
    offset: int
    has_error: bool | None


class BadQuery(ValueError):
    """A parameter says what is not possible; the text names it."""


class DesignedPanel:
    """List, export, cleanup and status, each for bearers of ADMIN_TOKEN only."""

    def __init__(self, cache: CacheStorage) -> None:
        self._cache = cache
        handlers = {
            GET_LOGS: self.get_logs,
            EXPORT_LOGS: self.export_logs,
            CLEANUP_LOGS: self.cleanup_logs,
            GET_STATUS: self.get_status,
            SET_STATUS: self.set_status,
        }
        self.routes: Routes = {route: _guarded(handler) for route, handler in handlers.items()}

    async def get_logs(self, env: Any, request: Request) -> Response:
        """A page of logs, newest session first, each with `storedIn`: "cache", "kv" or both.

        limit: 50 if absent, at most 500. offset: 0 if absent. hasError: true or false; by the call's outcome.
        Costs 1 cache match and 1 per document; 1 KV list per 1,000 errors and up to `limit` KV reads.
        """
        page = _page(request, DEFAULT_LIMIT)
        overview, logs, following = await self._page_of(env, page)
        answer = {
            "success": True,
            "logs": [{**_shown(log.entry), "storedIn": log.stores} for log in logs if log.entry is not None],
            "total": len(overview.logs),
            "limit": page.limit,
            "offset": page.offset,
            "nextOffset": following,
            "sessionCount": len({log.session for log in overview.logs}),
            "unreadable": overview.unreadable,
            "sources": overview.sources,
        }
        return json_response(answer)

    async def export_logs(self, env: Any, request: Request) -> Response:
        """A page of logs as a text file; parameters and costs as `get_logs`, limit 500 if absent."""
        page = _page(request, MAX_LIMIT)
        overview, logs, following = await self._page_of(env, page)
        exported_at = iso_timestamp(now_ms())
        lines = [RULE, "AI КОМУНИКАЦИОННИ ЛОГОВЕ - ЕКСПОРТ", RULE, "", f"Дата на експорт: {exported_at}"]
        lines.append(f"Общо стъпки: {len(overview.logs)}")
        lines += [f"{_STORE_NAMES[name]}: {state}" for name, state in overview.sources.items()]
        if following is not None:
            lines.append(f"Следваща страница: ?offset={following}&limit={page.limit}")
        lines.append("")
        for number, log in enumerate(logs, start=page.offset + 1):
            if log.entry is not None:
                entry = _shown(log.entry)
                lines += step_lines(number, entry, entry["response"], session=True)
                lines += [f"Хранилище: {', '.join(_STORE_NAMES[name] for name in log.stores)}", ""]
        lines += [RULE, "КРАЙ НА ЕКСПОРТА", RULE, ""]
        return attachment(_FORM, f"ai_communication_logs_{export_stamp(exported_at)}.txt", "\n".join(lines))

    async def cleanup_logs(self, env: Any, request: Request) -> Response:
        """Delete every listed document and the index; errors in KV only if the body asks for it.

        Body, optional: {"errorsOlderThanDays": N}; then up to 500 KV errors older than that are deleted too,
        and `errorsLeft` says how many more there are. Costs 1 match, 1 cache delete per document and 1 for
        the index; for errors the KV lists, and 1 KV delete each.
        """
        body = await request.text()
        days = _days(body) if body else None
        references = references_in(await self._cache.read(INDEX_KEY))
        forget_references()
        deleted = [await self._cache.delete(reference["key"]) for reference in references]
        await self._cache.delete(INDEX_KEY)
        answer: dict[str, Any] = {
            "success": True,
            "deletedDocuments": sum(deleted),
            "missingDocuments": len(deleted) - sum(deleted),
        }
        if days is not None and uses_kv(env):
            before_ms = now_ms() - days * DAY_MS
            old = [log.error_key for log in await errors_in_kv(env) if 0 < log.logged_ms < before_ms]
            for key in old[:MAX_DELETES]:
                await KVStorage(kv_binding(env)).delete(key)
            answer |= {"deletedErrors": len(old[:MAX_DELETES]), "errorsLeft": len(old[MAX_DELETES:])}
        return json_response(answer)

    async def get_status(self, env: Any, request: Request) -> Response:
        """Whether calls are logged, and whether failed ones go to KV too."""
        return json_response({"success": True, "enabled": True, "kvErrorLogging": uses_kv(env)})

    async def set_status(self, env: Any, request: Request) -> Response:
        """Refused: the switch is a variable of the worker."""
        return json_response({"error": "Set the variable AI_ERROR_LOG_KV_ENABLED of the worker"}, 409)

    async def _page_of(self, env: Any, page: PageRequest) -> tuple[Overview, list[Log], int | None]:
        """All logs that fit, those of the page, read, and where the next page begins (None: nowhere)."""
        overview = await overview_of(self._cache, env)
        if page.has_error is not None:
            overview.logs = [log for log in overview.logs if log.failed is page.has_error]
        end = page.offset + page.limit
        logs = overview.logs[page.offset : end]
        await read_entries(env, logs, overview)
        return overview, logs, end if end < len(overview.logs) else None


def _page(request: Request, default_limit: int) -> PageRequest:
    query = query_of(request.url)

    def whole(name: str, default: int, least: int, most: int) -> int:
        said = query.get(name) or str(default)
        if not (said.isascii() and said.isdigit() and len(said) < 10 and least <= int(said) <= most):
            raise BadQuery(f"{name} must be a whole number from {least} to {most}")
        return int(said)

    has_error = query.get("hasError") or None
    if has_error not in {None, "true", "false"}:
        raise BadQuery("hasError must be true or false")
    return PageRequest(
        whole("limit", default_limit, 1, MAX_LIMIT),
        whole("offset", 0, 0, MAX_OFFSET),
        None if has_error is None else has_error == "true",
    )


def _days(body: str) -> int | None:
    try:
        said = parse(body)
    except ValueError:
        raise BadQuery("the body must be JSON") from None
    days = said.get("errorsOlderThanDays") if isinstance(said, dict) else None
    if days is not None and (type(days) is not int or days < 0):
        raise BadQuery("errorsOlderThanDays must be a whole number")
    return days


def _shown(entry: Entry) -> Entry:
    """A log with its response in it. `hybrid` left response entries alone in KV: those have nothing else."""
    if entry.get("type") == "response":
        known: Entry = {name: entry[name] for name in ("id", "timestamp", "stepName") if name in entry}
        return {**known, "response": entry}
    return with_response(entry, None)


def _guarded(handler: Route) -> Route:
    """The handler, for requests with `Authorization: Bearer` and ADMIN_TOKEN; 401 for others.

    Where no ADMIN_TOKEN is configured nobody is let in.
    """

    async def guarded(env: Any, request: Request) -> Response:
        token = text(getattr(env, "ADMIN_TOKEN", None) or "")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8", "replace"))
        if not token or scheme.lower() != "bearer" or not right:
            refusal = json_response({"error": "Unauthorized"}, 401)
            refusal.headers["WWW-Authenticate"] = "Bearer"
            return refusal
        try:
            return await handler(env, request)
        except BadQuery as bad:
            return json_response({"error": str(bad)}, 400)
        except PlatformError as error:
            return json_response({"error": error.message}, 503)

    return guarded
