"""How much Workers KV holds: counted from the operations that store and end its entries.

An entry counts with the UTF-8 bytes of its key, its value and its metadata, from its put until it is
replaced, deleted or expired. Cloudflare does not say what it counts; see `fidelity.ASSUMED`. Keeps one small
row for each live key, as the store itself does, and nothing of what has gone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from heapq import heapify, heappop, heappush

from edgeday.clock import is_expired
from edgeday.events import SEED, EventStream, Operation, key_family

OUTCOMES = ("stored", "deleted")
"""Of the operations that change what is stored."""
SERVICES = ("kv",)
"""Theirs."""

_Row = tuple[int, float | None]  # bytes, when it expires
_Entries = dict[str, _Row]  # by key
_HOUR_S = 3600
_SPARE = 1024
"""Entries of the heap that have gone, beyond as many as are live, before it is made anew."""


class StoredBytes:
    """The bytes that KV holds, as operations come. now: those after the last one. peak: the most there were.

    kept: of those of now, the ones of entries that never expire. namespaces: binding -> namespace id; two
    bindings may share one; one that is not in it is a namespace of its own. limit: of the account, or None.
    over_at: when there were first more than that, epoch seconds. at_limit: bytes by key family just then.
    """

    def __init__(self, namespaces: Mapping[str, str], limit: int | None = None) -> None:
        self._namespaces = namespaces
        self._limit = math.inf if limit is None else limit
        self._by_namespace: dict[str, _Entries] = {}
        self._by_binding: dict[str, _Entries] = {}
        self._ends: list[tuple[float, str, str]] = []  # a heap; what is in it may have gone, or end later
        self._look_at = _SPARE  # its length at which what has gone is to be looked for
        self._hour = -1  # the one of the last operation
        self._kept_in: dict[int, int] = {}  # earlier hour -> `kept` at its end, if anything was stored in it
        self._kept_at_start = 0
        self.now = 0
        self.peak = 0
        self.kept = 0
        self.over_at: float | None = None
        self.at_limit: Counter[str] = Counter()

    def watch(self, events: EventStream) -> Callable[[], None]:
        """Take in what happens from now on; returns how to stop it."""
        return events.subscribe(Operation, self.note, outcomes=OUTCOMES, services=SERVICES)

    def note(self, event: Operation) -> None:
        """Take in an operation that stored something in KV or deleted it: of SERVICES and OUTCOMES."""
        at, key, ends = event.at, event.key, event.expires_at
        if self._ends and self._ends[0][0] <= at:
            self.expire(at)
        hour = int(at // _HOUR_S)
        if hour != self._hour:
            self._kept_in[self._hour] = self.kept
            self._hour = hour
        entries = self._by_binding.get(event.binding)
        if entries is None:
            entries = self._entries_of(event.binding)
        before = entries.get(key)
        if before is not None:
            self._forget(before)
        if event.outcome == "stored" and not (ends is not None and is_expired(at, ends)):
            size = (len(key) if key.isascii() else len(key.encode())) + event.size_bytes
            size += event.metadata_bytes
            entries[key] = (size, ends)
            self.now = now = self.now + size
            if ends is None:
                self.kept += size
            else:
                self._push(ends, self._namespaces.get(event.binding, event.binding), key)
            if now > self.peak:
                self.peak = now
                if now > self._limit and self.over_at is None:
                    self.over_at, self.at_limit = at, self.families()
        elif before is not None:
            del entries[key]
        if event.op == SEED:
            self._kept_at_start = self.kept

    def _entries_of(self, binding: str) -> _Entries:
        namespace = self._namespaces.get(binding, binding)
        entries = self._by_binding[binding] = self._by_namespace.setdefault(namespace, {})
        return entries

    def _push(self, ends: float, namespace: str, key: str) -> None:
        heappush(self._ends, (ends, namespace, key))
        if len(self._ends) > self._look_at:
            self._drop_what_has_gone()

    def _drop_what_has_gone(self) -> None:
        """Make the heap anew, if most of it has gone."""
        live = sum(map(len, self._by_namespace.values()))
        self._look_at = 2 * live + _SPARE
        if len(self._ends) > self._look_at:
            self._ends = [
                (ends, namespace, key)
                for namespace, entries in self._by_namespace.items()
                for key, (_, ends) in entries.items()
                if ends is not None
            ]
            heapify(self._ends)

    def kept_since(self, at: float) -> int:
        """By how many bytes the entries that never expire have grown since an instant, to the hour."""
        before = at // _HOUR_S
        hours = [hour for hour in self._kept_in if 0 <= hour < before]
        if 0 <= self._hour < before:
            return 0
        return self.kept - (self._kept_in[max(hours)] if hours else self._kept_at_start)

    def expire(self, at: float) -> list[tuple[float, int]]:
        """Let entries go that have expired; (when, bytes left) for each that did, in order."""
        gone: list[tuple[float, int]] = []
        while self._ends and self._ends[0][0] <= at:
            ends, namespace, key = heappop(self._ends)
            entries = self._by_namespace[namespace]
            row = entries.get(key)
            if row is not None and row[1] == ends:
                del entries[key]
                self._forget(row)
                gone.append((ends, self.now))
        return gone

    def _forget(self, row: _Row) -> None:
        size, ends = row
        self.now -= size
        if ends is None:
            self.kept -= size

    def families(self, *, kept: bool = False) -> Counter[str]:
        """Bytes by key family. kept: only those of entries that never expire. Looks at every live entry."""
        sizes: Counter[str] = Counter()
        for entries in self._by_namespace.values():
            for key, (size, ends) in entries.items():
                if not kept or ends is None:
                    sizes[key_family(key)] += size
        return sizes


def in_words(size: float) -> str:
    """Bytes for a reader, in powers of 1,000 as Cloudflare counts: 83 bytes, 12 kB, 1.2 GB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size:,.0f} {'byte' if size == 1 else 'bytes'}"
