"""The AI calls that a worker has logged: what the caches and KV hold of them, merged by call.

Reads the account's stores directly, so looking costs no quota and changes nothing. Knows the logs by their
keys, in all forms that the worker has: a request and a response apart, both in one entry, or a list of
such entries in one document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from edgeday import Edge, is_expired
from edgeday.web.json_text import parse
from edgeday.web.text import well_formed

IN_CACHE = ("ai_communication_log:", "ai_session_document:")
IN_KV = ("ai_communication_log:", "ai_error_log:")
MAX_ENTRIES = 5_000
"""Stored entries that are read of each store, those whose key sorts last, which are the newest."""
_PAGE = 1_000
_HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")

Outcome = Literal["ok", "error", "no answer"]


class Place(NamedTuple):
    """Where something is stored. where: data centre and cache, or the binding. expires_at: None: never."""

    store: Literal["cache", "kv"]
    where: str
    key: str
    expires_at: float | None


@dataclass(slots=True)
class AiCall:
    """One AI call. request, answer: the entry with its request, or response; the same one if it has both."""

    id: str
    request: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    known_session: str = ""

    @property
    def session(self) -> str:
        """ "" if what is left of the call does not say."""
        return str(self.request.get("sessionId") or self.known_session)

    @property
    def step(self) -> str:
        return str(self.request.get("stepName") or self.answer.get("stepName") or "")

    @property
    def at(self) -> str:
        """When it was logged, as the worker wrote it."""
        return str(self.request.get("timestamp") or self.answer.get("timestamp") or "")

    @property
    def outcome(self) -> Outcome:
        """An error of the request, or of its answer, makes it "error"."""
        both = (self.request, self.answer)
        if any(entry.get(name) for entry in both for name in ("hasError", "error", "requestError")):
            return "error"
        if not self.answer:
            return "no answer"
        return "ok" if self.answer.get("success") else "error"

    @property
    def error(self) -> str:
        return next(
            (
                str(entry[name])
                for entry in (self.answer, self.request)
                for name in ("error", "requestError")
                if entry.get(name)
            ),
            "",
        )


@dataclass(slots=True)
class Session:
    """The calls of one plan or chat, in the order of their time. id: "" for calls that name none."""

    id: str
    calls: list[AiCall]

    @property
    def errors(self) -> int:
        return sum(call.outcome == "error" for call in self.calls)

    @property
    def at(self) -> str:
        return self.calls[0].at


@dataclass(slots=True)
class Logs:
    """All calls by session, newest session first. left_out: stored entries that were too many to read;
    unreadable: those that are no log entry."""

    sessions: list[Session]
    left_out: int = 0
    unreadable: int = 0

    def call(self, id: str) -> AiCall | None:
        """The call of that id."""
        return next((call for session in self.sessions for call in session.calls if call.id == id), None)

    def failed(self) -> Logs:
        """Only the calls with an error."""
        kept = [
            Session(session.id, [call for call in session.calls if call.outcome == "error"])
            for session in self.sessions
        ]
        return Logs([session for session in kept if session.calls], self.left_out, self.unreadable)


class _Stored(NamedTuple):
    place: Place
    value: bytes
    session: str


async def read_logs(edge: Edge) -> Logs:
    """Everything that is logged and has not expired."""
    in_cache, cache_left = await _cached(edge)
    in_kv, kv_left = await _kept(edge)
    calls: dict[str, AiCall] = {}
    unreadable = 0
    for stored in (*in_cache, *in_kv):
        entries = list(_entries(stored.value))
        unreadable += not entries
        for entry in entries:
            _merge(calls, entry, stored)
    return Logs(_by_session(calls.values()), cache_left + kv_left, unreadable)


async def _cached(edge: Edge) -> tuple[list[_Stored], int]:
    now = edge.clock.now()
    rows = [row for row in await edge.store.cache_rows() if _path(row.key).startswith(IN_CACHE)]
    rows.sort(key=lambda row: row.key)
    entries: list[_Stored] = []
    for row in rows[-MAX_ENTRIES:]:
        entry = await edge.store.cache_get(row.cache, row.key)
        if entry is not None and not is_expired(now, entry.expires_at):
            entries.append(_Stored(Place("cache", row.cache, row.key, entry.expires_at), entry.body, ""))
    return entries, max(0, len(rows) - MAX_ENTRIES)


async def _kept(edge: Edge) -> tuple[list[_Stored], int]:
    """What KV holds, looked at for free."""
    now, store = edge.clock.now(), edge.store
    stored: list[_Stored] = []
    left_out = 0
    names = {id: name for name, id in edge.namespaces.items()}
    for namespace, binding in names.items():
        for prefix in IN_KV:
            rows: list[tuple[str, str | None, int | None]] = []
            after, more = "", True
            while more:
                page = await store.kv_peek_list(namespace, prefix, after, _PAGE, now)
                rows += [(row.name, row.metadata, row.expiration) for row in page.keys]
                after, more = rows[-1][0] if rows else "", page.more
            left_out += max(0, len(rows) - MAX_ENTRIES)
            rows = rows[-MAX_ENTRIES:]
            keys = [name for name, _, _ in rows]
            entries = await store.kv_peek(namespace, keys, now)
            stored += [
                _Stored(Place("kv", binding, name, expiration), entry.value, _session_of(metadata))
                for (name, metadata, expiration), entry in zip(rows, entries, strict=True)
                if entry is not None
            ]
    return stored, left_out


def _path(url: str) -> str:
    """The path of a URL without its first slash."""
    return url.partition("://")[2].partition("/")[2]


def _session_of(metadata: str | None) -> str:
    try:
        said = parse(metadata) if metadata else None
    except ValueError:
        return ""
    session = said.get("sessionId") if isinstance(said, dict) else None
    return session if isinstance(session, str) else ""


def _entries(value: bytes) -> Iterator[dict[str, Any]]:
    """The log entries that a stored value holds."""
    try:
        said = parse(value)
        if _HALF_A_PAIR.search(value):
            said = _printable(said)
    except (ValueError, RecursionError):
        return
    for entry in said if isinstance(said, list) else [said]:
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            yield entry


def _printable(value: Any) -> Any:
    """A JSON value whose texts UTF-8 can hold."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {well_formed(name): _printable(item) for name, item in value.items()}
    return value


def _merge(calls: dict[str, AiCall], entry: dict[str, Any], stored: _Stored) -> None:
    call = calls.setdefault(entry["id"], AiCall(entry["id"]))
    kind = entry.get("type")
    if kind != "response":
        call.request = call.request or entry
    if kind in ("response", "combined"):
        call.answer = call.answer or entry
    call.known_session = call.known_session or stored.session
    call.places.append(stored.place)


def _by_session(calls: Iterable[AiCall]) -> list[Session]:
    sessions: dict[str, list[AiCall]] = {}
    for call in sorted(calls, key=lambda call: call.at):
        sessions.setdefault(call.session, []).append(call)
    whole = [Session(id, own) for id, own in sessions.items()]
    return sorted(whole, key=lambda session: session.at, reverse=True)


def as_text(value: Any) -> str:
    """A field of an entry as a person reads it: text as it is, anything else as indented JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
