"""What KV holds when a run starts: read from the files that a scenario names, and checked before the run.

A file has JSON lines (an entry each, or an export of `edgeday state`), is a bulk file of wrangler, or a state
file. Whatever is taken over was written before the run: it costs nothing, and no counter is taken over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from edgeday.clock import is_expired, iso_seconds
from edgeday.errors import BadInput, Problem, did_you_mean
from edgeday.fields import impossible
from edgeday.files import unreadable
from edgeday.kv.validation import Refusal, bulk_key, entry_to_put, expiry
from edgeday.limits import AccountLimits
from edgeday.storage.bulk_file import BadLine, BulkEntry, read_bulk, read_bulk_lines
from edgeday.storage.json_lines import kv_records, stored_entries
from edgeday.storage.records import KVEntry

WHOLE = "file"
"""The key of `state` that names a file with namespaces of its own."""
_MOST_PROBLEMS = 20
_SQLITE = b"SQLite format 3\0"
_EXPORT = re.compile(rb'\{\s*"type"\s*:')
"""How the first line of an export begins, whatever becomes of the rest of it."""
_BEFORE_S = 1
"""How long before the start the latest entry was written, so that its key may be written at once."""

Entries = dict[str, dict[str, KVEntry]]
"""Namespace id -> key -> entry."""
_Record = tuple[int, str, str, KVEntry | Refusal]
"""Line (0: none), namespace or "", key, entry."""


def written_short(value: Any) -> Any:
    """`state: day.sqlite` is `state: {file: day.sqlite}`."""
    if isinstance(value, str):
        value = {WHOLE: value}
    if isinstance(value, Mapping) and (empty := [key for key, file in value.items() if file == ""]):
        raise impossible("names no file", empty[0])
    return value


@dataclass(slots=True)
class InitialState:
    """What was read. entries: by namespace id and key. warnings: as sentences. problems: with the files that
    they are in. at: problems in the scenario itself: the key of `state` they belong to, what, and a hint."""

    entries: Entries = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    at: list[tuple[str, str, str]] = field(default_factory=list)


def read_state(
    written: Mapping[str, str],
    bindings: Mapping[str, str],
    *,
    base: Path,
    start_s: float,
    limits: AccountLimits,
) -> InitialState:
    """Read the files of a scenario's `state`.

    written: binding or namespace id -> file, `WHOLE` for one that holds namespaces of its own, which the
    others stand over. bindings: name -> namespace id. base: what files are named from. start_s: epoch
    seconds.
    """
    state = InitialState()
    for key in sorted(written, key=lambda key: key != WHOLE or key in bindings):
        path = base / written[key]
        namespace = bindings.get(key, key if key in bindings.values() else "")
        if not namespace and key != WHOLE:
            hint = did_you_mean(key, (*bindings, *bindings.values()))
            known = f"there are: {', '.join(bindings)}" if bindings else "the worker has no KV binding"
            state.at.append(
                (key, f'"{key}" is no KV binding of the worker, nor the id of one', hint or known)
            )
            continue
        try:
            kind = _kind_of(path)
        except (OSError, ValueError) as error:  # ValueError: of a name that no file can have
            state.at.append((key, *unreadable(written[key], error)))
            continue
        _File(state, path, namespace, bindings, start_s, limits).read(key, kind)
    return state


def _kind_of(path: Path) -> str:
    """What a file is by its beginning: "state", "bulk", "export", "lines", "empty" or "". Raises OSError."""
    with path.open("rb") as file:
        begins = file.read(4096)
    if begins.startswith(_SQLITE):
        return "state"
    text = begins.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "export" if _EXPORT.match(text) else "lines"
    return "bulk" if text.startswith(b"[") else "" if text else "empty"


class _File:
    """One file on its way into a state. namespace: that it is for; "": those that it names itself."""

    def __init__(
        self,
        state: InitialState,
        path: Path,
        namespace: str,
        bindings: Mapping[str, str],
        start_s: float,
        limits: AccountLimits,
    ) -> None:
        self._state = state
        self._path = path
        self._namespace = namespace
        self._bindings = bindings
        self._start_s = start_s
        self._limits = limits
        self._entries: Entries = {}
        self._problems = 0
        self._expired = 0
        self._ignored: dict[str, None] = {}
        self._others = 0

    def read(self, key: str, kind: str) -> None:
        """Read all of it. key: the one of `state` that names it."""
        readers: Mapping[str, Callable[[], Iterator[_Record]]] = {
            "state": self._stored,
            "export": self._exported,
            "lines": lambda: self._bulk(read_bulk_lines),
            "bulk": lambda: self._bulk(read_bulk),
        }
        wrong = self._wrong_kind(kind)
        if wrong:
            self._state.at.append((key, *wrong))
            return
        if kind == "empty":
            return
        try:
            for line, namespace, name, entry in readers[kind]():
                self._take(line, namespace, name, entry)
                if self._problems >= _MOST_PROBLEMS:
                    self._problem(0, "there may be more; the rest was not read")
                    break
        except BadInput as bad:
            self._state.problems += bad.problems
            return
        self._keep(key)

    def _wrong_kind(self, kind: str) -> tuple[str, str] | None:
        name = self._path.name
        if kind == "state" and self._namespace:
            return f"{name} is a state file, which has namespaces of its own", f"write state: {name}"
        if kind in {"bulk", "lines"} and not self._namespace:
            what = "is a bulk file, which" if kind == "bulk" else "has entries without a namespace: it"
            return (
                f"{name} {what} belongs to one namespace",
                f"write state: {{BINDING: {name}}}, with the name of a KV binding",
            )
        if not kind:
            hint = 'write JSON lines such as {"key": "a", "value": "1"}, or a bulk file: a JSON list of them'
            return f"{name} is neither JSON lines, nor a bulk file of wrangler, nor a state file", hint
        return None

    # what the kinds of files hold

    def _stored(self) -> Iterator[_Record]:
        for namespace, key, entry in stored_entries(self._path):
            yield 0, namespace, key, entry

    def _exported(self) -> Iterator[_Record]:
        with self._path.open("rb") as lines:
            for record in kv_records(lines, str(self._path)):
                if record is None:
                    self._others += 1
                else:
                    yield record

    def _bulk(self, read: Callable[[TextIO], Iterator[BulkEntry | BadLine]]) -> Iterator[_Record]:
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            for item in read(file):
                if isinstance(item, BadLine):
                    self._problem(item.line, str(item))
                else:
                    self._ignored |= dict.fromkeys(item.unknown)
                    yield item.line, self._namespace, item.key, self._put(item)

    def _put(self, item: BulkEntry) -> KVEntry | Refusal:
        """An entry of a bulk file, put before the start; what its TTL counts from is the start."""
        now = int(self._start_s)
        if item.ttl is not None:
            expires_at = expiry(now, None, item.ttl, self._limits)
            if isinstance(expires_at, Refusal):
                return expires_at
        else:
            expires_at = item.expiration
        return KVEntry(item.value, item.metadata, expires_at, self._start_s - _BEFORE_S)

    # what becomes of an entry

    def _take(self, line: int, namespace: str, key: str, entry: KVEntry | Refusal) -> None:
        refusal = entry if isinstance(entry, Refusal) else self._refusal(key, entry)
        if refusal is not None:
            self._problem(line, f'"{key[:60]}": {refusal.reason}')
        elif isinstance(entry, KVEntry) and is_expired(self._start_s, entry.expires_at):
            self._expired += 1
            self._entries.setdefault(namespace, {}).pop(key, None)
        elif isinstance(entry, KVEntry):
            written_at = min(entry.written_at, self._start_s - _BEFORE_S)
            self._entries.setdefault(namespace, {})[key] = entry._replace(written_at=written_at)

    def _refusal(self, key: str, entry: KVEntry) -> Refusal | None:
        """Why KV could not hold an entry."""
        limits = self._limits
        refusal = bulk_key(key, limits.kv_key_bytes)
        if refusal is not None:
            return refusal
        kept = entry_to_put(entry.value, entry.metadata, None, 0, limits, len(entry.value))
        return kept if isinstance(kept, Refusal) else None

    def _problem(self, line: int, what: str) -> None:
        self._problems += 1
        self._state.problems.append(Problem(str(self._path), what, line=line))

    def _keep(self, key: str) -> None:
        """Put what was read into the state, under the ids of the namespaces that the worker knows."""
        entries = self._of_namespace(key) if self._namespace else self._entries
        names = set(self._bindings.values())
        if not self._namespace and not self._problems and names.isdisjoint(entries):
            held = ", ".join(entries) or "none"
            what = f"{self._path.name} holds no namespace of the worker's bindings; it has: {held}"
            hint = f"the ids of the bindings are: {', '.join(sorted(names))}" if names else ""
            self._state.at.append((key, what, hint))
        for namespace, own in entries.items():
            self._state.entries.setdefault(namespace, {}).update(own)
        self._warn()

    def _of_namespace(self, key: str) -> Entries:
        """What the file holds for the one namespace it is for: its own of several, or the only one."""
        named = [name for name in (self._namespace, key) if name in self._entries]
        if not named and len(self._entries) > 1:
            what = f"{self._path.name} holds several namespaces, none of them this one: "
            what += ", ".join(self._entries)
            self._state.at.append((key, what, "export the one you mean, or write its id as the key"))
            return {}
        own = self._entries[named[0]] if named else next(iter(self._entries.values()), {})
        return {self._namespace: own}

    def _warn(self) -> None:
        name, warnings = str(self._path), self._state.warnings
        if self._expired:
            entries = "1 entry has" if self._expired == 1 else f"{self._expired:,} entries have"
            left = "is left out" if self._expired == 1 else "are left out"
            warnings.append(f"{name}: {entries} expired by {iso_seconds(self._start_s)}, and {left}")
        if self._others:
            warnings.append(
                f"{name}: of its records those of KV are taken over, not the {self._others:,} others"
            )
        if self._ignored:
            warnings.append(f"{name}: means nothing to wrangler, and is left out: {', '.join(self._ignored)}")
