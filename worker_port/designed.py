"""`hybrid_designed`: the log that the design document promised.

What it promised, and how it is kept:

- Normal calls cost no KV operation; a failed one (or one with a request-level error) costs 1 KV write of an
  entry that is enough to debug it: prompt, session, model, user data, response, error. Session, step and time
  are the key's metadata too, so that errors can be listed without reading them.
- AI_ERROR_LOG_KV_ENABLED=false: no KV use at all, neither to log nor to show.
- Few subrequests: the calls of a session are one cached document, a JSON list that is put again, longer by
  one, after every call. Nine calls cost 9 puts for the document, and 2 matches and 1 put for the index. With
  two retries on each call that is 27 fetches and 12 cache operations: 39 of 50.
- No session is lost to another: a document has one writer. Its key is the first call that this isolate logged
  of the session; a session that goes on in another isolate begins a document of its own.
- The index of documents is the one thing that many write. Before each put it is read and merged with what
  this isolate has written in the last day: plans that overlap in an isolate cannot drop each other, and an
  index that was evicted comes back with the next plan. An index that cannot be read is not taken for an empty
  one: it is left alone until the plan's end or the next plan. Two isolates that write at the same instant can
  still drop one entry; it is listed again when its plan ends or with the next plan of its isolate.
- Chat messages and other calls without a session have places of their own in the index and push no plan out.

Nothing is stored before a call has ended: a request that the platform kills during a call leaves no trace of
that call. No more personal data is kept than by the other forms: the same fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from edgeday.web import PlatformError, isolate_state, now_ms
from edgeday.web.json_text import stringify_utf8
from worker_port.ai_log import ERROR_KEY
from worker_port.entries import Entry, combined_entry, fields_of
from worker_port.ids import generate_unique_id
from worker_port.js import either, iso_timestamp, text, truthy
from worker_port.stores import CACHE_TTL_S, CacheStorage, kv_binding

T = TypeVar("T")
INDEX_KEY = "ai_session_documents_index"
DOCUMENT_KEY = "ai_session_document:"
MAX_PLANS = 30
MAX_SINGLE_CALLS = 10
_OFF = frozenset({"false", "0", "off", "no"})
_METADATA_CHARS = 60
_MAX_OPEN = 1_000
"""Requests without a response, and sessions without an end, that the isolate remembers."""


@dataclass(slots=True)
class Document:
    """The calls of a session that this isolate has logged; `entries` are their JSON texts.

    stored: whether the cache has taken its newest form.
    """

    key: str
    session: str
    started_ms: int
    single: bool
    entries: list[bytes] = field(default_factory=list)
    stored: bool = False

    def reference(self) -> dict[str, Any]:
        """How the index names it."""
        return {"key": self.key, "session": self.session, "startedMs": self.started_ms, "single": self.single}


@dataclass(slots=True)
class _Memory:
    """What the isolate remembers: documents by session, requests by log id, references it has listed."""

    documents: dict[str, Document] = field(default_factory=dict)
    requests: dict[str, Entry] = field(default_factory=dict)
    references: list[dict[str, Any]] = field(default_factory=list)


def _memory() -> _Memory:
    state = isolate_state()
    memory: _Memory | None = state.get("ai_log_designed")
    if memory is None:
        memory = state["ai_log_designed"] = _Memory()
    return memory


def _remember(open_ones: dict[str, T], name: str, value: T) -> None:
    """Keep a value under a name, and give up the oldest one where they are too many."""
    open_ones[name] = value
    if len(open_ones) > _MAX_OPEN:
        del open_ones[next(iter(open_ones))]


def references_in(index: Any) -> list[dict[str, Any]]:
    """The references in a stored index, in its order; what is none is passed over."""
    return [row for row in index if _is_reference(row)] if isinstance(index, list) else []


def _is_reference(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and isinstance(row.get("key"), str)
        and isinstance(row.get("session"), str)
        and type(row.get("startedMs")) is int
        and isinstance(row.get("single"), bool)
    )


def entries_in(document: Any) -> list[Entry] | None:
    """The entries of a stored document; None for what is no list of entries."""
    if not isinstance(document, list):
        return None
    are_entries = all(isinstance(entry, dict) and "id" in entry for entry in document)
    return document if are_entries else None


def forget_references() -> None:
    """Forget what this isolate would list again; for a cleanup."""
    _memory().references.clear()


def kv_errors_enabled(env: Any) -> bool:
    """The switch AI_ERROR_LOG_KV_ENABLED; on unless it says false, 0, off or no."""
    return text(getattr(env, "AI_ERROR_LOG_KV_ENABLED", True)).strip().lower() not in _OFF


class DesignedLog:
    """The logger; see the module's text. A call costs 1 put, a session 2 matches and 1 put more."""

    has_sessions = True

    def __init__(self, cache: CacheStorage) -> None:
        self._cache = cache

    async def log_request(self, env: Any, step_name: Any, request_data: Any) -> str | None:
        log_id = generate_unique_id("ai_log")
        if request_data is None:
            return None
        data = dict(fields_of(request_data))
        data.setdefault("timestamp", iso_timestamp(now_ms()))
        if not truthy(data.get("sessionId")):
            data["sessionId"] = generate_unique_id("auto_session")
        _remember(_memory().requests, log_id, data)
        return log_id

    async def log_response(
        self, env: Any, log_id: Any, step_name: Any, response_data: Any, request_data: Any = None
    ) -> None:
        if not truthy(log_id) or response_data is None:
            return
        memory = _memory()
        request = memory.requests.pop(text(log_id), None) or fields_of(request_data)
        entry = _entry(log_id, step_name, request, fields_of(response_data))
        session = text(either(entry["sessionId"], log_id))
        document = memory.documents.get(session)
        if document is None:
            single = session.startswith("auto_session_") or session == log_id
            document = Document(DOCUMENT_KEY + text(log_id), session, now_ms(), single)
            _remember(memory.documents, session, document)
        document.entries.append(stringify_utf8(entry))
        await self._store(document)
        if len(document.entries) == 1:
            await self._list(document)
        if document.single:
            del memory.documents[session]
        if entry["hasError"] and kv_errors_enabled(env):
            await _keep_error(env, entry)

    async def finalize(self, env: Any, session_id: str | None) -> None:
        document = _memory().documents.pop(text(session_id), None)
        if document is None:
            return
        if not document.stored:
            await self._store(document)
        await self._list(document)

    async def _store(self, document: Document) -> None:
        body = b"[" + b",".join(document.entries) + b"]"
        document.stored = await self._cache.set_json(document.key, body)

    async def _list(self, document: Document) -> None:
        """See to it that the index names the document: 1 match, and 1 put unless it does already."""
        references = _memory().references
        own = document.reference()
        if own not in references:
            references.insert(0, own)
        oldest_ms = now_ms() - CACHE_TTL_S * 1000
        references[:] = _kept(references, oldest_ms)
        try:
            index = await self._cache.read(INDEX_KEY)
        except PlatformError as error:
            if error.name != "SyntaxError":
                return
            index = None
        listed = references_in(index)
        merged = _kept([*references, *(row for row in listed if row not in references)], oldest_ms)
        if merged != listed:
            await self._cache.set(INDEX_KEY, merged)


def _entry(log_id: Any, step_name: Any, request: Any, response: Any) -> Entry:
    """A combined entry that also keeps the request's own error."""
    entry = combined_entry(log_id, iso_timestamp(now_ms()), step_name, request, response)
    request_error = request.get("error")
    entry["requestError"] = either(request_error, None)
    entry["hasError"] = entry["hasError"] or truthy(request_error)
    return entry


def _kept(references: list[dict[str, Any]], oldest_ms: int) -> list[dict[str, Any]]:
    """The references that stay in the index: those of the last day, newest first, so many of each kind."""
    fresh = sorted(
        (row for row in references if row["startedMs"] > oldest_ms),
        key=lambda row: (-row["startedMs"], row["key"]),
    )
    plans = [row["key"] for row in fresh if not row["single"]][:MAX_PLANS]
    singles = [row["key"] for row in fresh if row["single"]][:MAX_SINGLE_CALLS]
    kept = {*plans, *singles}
    return [row for row in fresh if row["key"] in kept]


async def _keep_error(env: Any, entry: Entry) -> None:
    """Put a call's entry into KV (1 write); a failing put is swallowed, the cache has the entry."""
    namespace = kv_binding(env)
    if namespace is None:
        return
    metadata = {
        "sessionId": text(entry["sessionId"])[:_METADATA_CHARS],
        "stepName": text(entry.get("stepName"))[:_METADATA_CHARS],
        "timestamp": text(entry["timestamp"])[:_METADATA_CHARS],
    }
    try:
        await namespace.put(ERROR_KEY + text(entry["id"]), stringify_utf8(entry), metadata=metadata)
    except PlatformError:
        return
