"""Both stores of `hybrid_designed` as one list of calls.

A full index is 40 documents: 41 cache operations, whatever is asked for. KV is listed (1 operation per 1,000
errors), and only those errors that are wanted and that the cache does not have are read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edgeday.web import PlatformError
from worker_port.ai_log import ERROR_KEY
from worker_port.designed import INDEX_KEY, entries_in, kv_errors_enabled, references_in
from worker_port.entries import Entry, fields_of
from worker_port.js import either, text, truthy
from worker_port.stores import CacheStorage, KVStorage, kv_binding

_LOG_TIME = re.compile(r"_(\d{13})_")


@dataclass(slots=True)
class Log:
    """One call: from which stores it is known, and its entry if it was read.

    error_key: its key in KV, "" if it has none there.
    """

    id: str
    session: str
    stores: list[str]
    entry: Entry | None = None
    error_key: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.error_key) or (self.entry is not None and truthy(self.entry.get("hasError")))

    @property
    def logged_ms(self) -> int:
        """When it was logged, by its id: epoch milliseconds, 0 for an id of another form."""
        match = _LOG_TIME.search(self.id)
        return int(match[1]) if match else 0


@dataclass(slots=True)
class Overview:
    """All logs there are, newest session first, its calls in order; and what kept others from being seen.

    unreadable: sessions and log ids that are listed, but are not there any more.
    sources:    for "cache" and "kv": "ok", "off", or why it could not be read.
    """

    logs: list[Log]
    unreadable: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=lambda: {"cache": "ok", "kv": "off"})


def uses_kv(env: Any) -> bool:
    """Whether errors are kept in KV: a binding is there and the switch is on."""
    return kv_errors_enabled(env) and kv_binding(env) is not None


async def overview_of(cache: CacheStorage, env: Any) -> Overview:
    """What both stores have. Costs 1 cache match and 1 per document; 1 KV list per 1,000 errors.

    A store that cannot be read is named in `sources`; the other is shown all the same.
    """
    overview = Overview([])
    cached: dict[str, Log] = {}
    try:
        cached = {log.id: log for log in await _documents(cache, overview)}
    except PlatformError as problem:
        overview.sources["cache"] = problem.message
    logs = list(cached.values())
    if uses_kv(env):
        try:
            for error in await errors_in_kv(env):
                log = cached.get(error.id)
                if log is None:
                    logs.append(error)
                else:
                    log.stores.append("kv")
                    log.error_key = error.error_key
            overview.sources["kv"] = "ok"
        except PlatformError as problem:
            overview.sources["kv"] = problem.message
    overview.logs = _by_session(logs)
    return overview


async def _documents(cache: CacheStorage, overview: Overview) -> list[Log]:
    """The logs of every document that the index names; notes which sessions are gone."""
    logs: list[Log] = []
    for reference in references_in(await cache.read(INDEX_KEY)):
        entries = entries_in(await cache.get(reference["key"]))
        if entries is None:
            overview.unreadable.append(reference["session"])
        logs += [Log(text(entry["id"]), reference["session"], ["cache"], entry) for entry in entries or ()]
    return logs


async def errors_in_kv(env: Any) -> list[Log]:
    """Every error entry in KV, unread. Costs 1 KV list per 1,000."""
    logs: list[Log] = []
    cursor: str | None = None
    while True:
        page = await kv_binding(env).list(prefix=ERROR_KEY, cursor=cursor)
        for row in page["keys"]:
            log_id = row["name"].removeprefix(ERROR_KEY).removesuffix("_response")
            session = either(fields_of(row.get("metadata")).get("sessionId"), log_id)
            logs.append(Log(log_id, text(session), ["kv"], error_key=row["name"]))
        if page["list_complete"]:
            return logs
        cursor = page["cursor"]


async def read_entries(env: Any, logs: Iterable[Log], overview: Overview) -> None:
    """Read the entries that are only in KV (1 read each); what is gone or cannot be read is noted."""
    for log in logs:
        if log.entry is not None:
            continue
        try:
            entry = await KVStorage(kv_binding(env)).get(log.error_key)
            log.entry = entry if isinstance(entry, dict) else None
        except PlatformError as problem:
            overview.sources["kv"] = problem.message
        if log.entry is None:
            overview.unreadable.append(log.id)


def _by_session(logs: list[Log]) -> list[Log]:
    sessions: defaultdict[str, list[Log]] = defaultdict(list)
    for log in sorted(logs, key=lambda log: log.logged_ms):
        sessions[log.session].append(log)
    newest_first = sorted(sessions.values(), key=lambda calls: calls[0].logged_ms, reverse=True)
    return [log for calls in newest_first for log in calls]
