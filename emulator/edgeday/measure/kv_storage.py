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

_Entry = tuple[str, str]  # namespace, key
_Row = tuple[int, float | None]  # bytes, when it expires
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
        self._live: dict[_Entry, _Row] = {}
        self._ends: list[tuple[float, _Entry]] = []  # a heap; an entry of it may have gone, or end later
        self._kept_in: dict[int, int] = {}  # hour -> `kept` at its end, or not if nothing was stored in it
        self._kept_at_start = 0
        self.now = 0
        self.peak = 0
        self.kept = 0
        self.over_at: float | None = None
        self.at_limit: Counter[str] = Counter()

    def watch(self, events: EventStream) -> Callable[[], None]:
        """Take in what happens from now on; returns how to stop it."""
        return events.subscribe(Operation, self.note, outcomes=OUTCOMES)

    def note(self, event: Operation) -> None:
        """Take in an operation that stored something or deleted it."""
        if event.service != "kv":
            return
        at, key = event.at, event.key
        if self._ends and self._ends[0][0] <= at:
            self.expire(at)
        entry = (self._namespaces.get(event.binding, event.binding), key)
        before = self._live.pop(entry, None)
        if before is not None:
            self._forget(before)
        ends = event.expires_at
        if event.outcome == "stored" and not is_expired(at, ends):
            size = len(key) if key.isascii() else len(key.encode())
            size += event.size_bytes + event.metadata_bytes
            self._live[entry] = (size, ends)
            self.now += size
            if ends is None:
                self.kept += size
            else:
                heappush(self._ends, (ends, entry))
                if len(self._ends) > 2 * len(self._live) + _SPARE:
                    self._tidy()
            if self.now > self.peak:
                self.peak = self.now
                if self.peak > self._limit and self.over_at is None:
                    self.over_at, self.at_limit = at, self.families()
        self._kept_in[int(at // _HOUR_S)] = self.kept
        if event.op == SEED:
            self._kept_at_start = self.kept

    def kept_since(self, at: float) -> int:
        """By how many bytes the entries that never expire have grown since an instant, to the hour."""
        hours = [hour for hour in self._kept_in if hour < at // _HOUR_S]
        return self.kept - (self._kept_in[max(hours)] if hours else self._kept_at_start)

    def expire(self, at: float) -> list[tuple[float, int]]:
        """Let entries go that have expired; (when, bytes left) for each that did, in order."""
        gone: list[tuple[float, int]] = []
        while self._ends and self._ends[0][0] <= at:
            ends, entry = heappop(self._ends)
            row = self._live.get(entry)
            if row is not None and row[1] == ends:
                del self._live[entry]
                self._forget(row)
                gone.append((ends, self.now))
        return gone

    def _forget(self, row: _Row) -> None:
        size, ends = row
        self.now -= size
        if ends is None:
            self.kept -= size

    def _tidy(self) -> None:
        self._ends = [(ends, entry) for entry, (_, ends) in self._live.items() if ends is not None]
        heapify(self._ends)

    def families(self, *, kept: bool = False) -> Counter[str]:
        """Bytes by key family. kept: only those of entries that never expire. Looks at every live entry."""
        sizes: Counter[str] = Counter()
        for (_, key), (size, ends) in self._live.items():
            if not kept or ends is None:
                sizes[key_family(key)] += size
        return sizes


def in_words(size: float) -> str:
    """Bytes for a reader, in powers of 1,000 as Cloudflare counts: 83 bytes, 12 kB, 1.2 GB."""
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size:,.0f} {'byte' if size == 1 else 'bytes'}"
