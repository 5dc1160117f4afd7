"""How long stored entries stay readable: what is alive in which store, over time.

Counts entries by key: an entry begins with the first put of its key, lives on through further puts, and
ends when it expires, is deleted or is evicted. Keeps the keys of live entries, as the store itself does, and
nothing of what has gone.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from edgeday.clock import is_expired
from edgeday.events import Operation, key_family

OUTCOMES = ("stored", "deleted", "evicted")
"""Of the operations that matter here."""

_SWEEP_S = 3600


class FamilyLifetimes(NamedTuple):
    """One key family in one store ("kv" or "cache"): entries stored, and how many of them are readable at an
    instant and at a later one."""

    store: str
    family: str
    stored: int
    readable: int
    readable_later: int


class EntryLifetimes:
    """Follows entries from their first put to their end.

    width_s: births and ends are counted in buckets of so many seconds from `starts_at`.
    """

    def __init__(self, starts_at: float, width_s: int) -> None:
        self._starts_at = starts_at
        self._width_s = width_s
        self._live: dict[tuple[str, str, str, str], float | None] = {}
        self._born: Counter[tuple[str, int]] = Counter()
        self._gone: Counter[tuple[str, int]] = Counter()
        self._by_family: Counter[tuple[str, str]] = Counter()
        self._next_sweep_at = starts_at

    def note(self, event: Operation) -> None:
        """Take in an operation that stored something or ended it."""
        if event.at >= self._next_sweep_at:
            self._live = {
                entry: expires_at
                for entry, expires_at in self._live.items()
                if not is_expired(event.at, expires_at)
            }
            self._next_sweep_at = event.at + _SWEEP_S
        store = event.service
        entry = (store, event.colo if store == "cache" else "", event.binding, event.key)
        known = entry in self._live
        before = self._live.get(entry)
        alive = known and not is_expired(event.at, before)
        if event.outcome != "stored":
            if alive:
                self._ends(store, before, -1)
                self._ends(store, event.at, 1)
            self._live.pop(entry, None)
            return
        if alive:
            self._ends(store, before, -1)
        else:
            self._born[store, self._bucket(event.at)] += 1
            self._by_family[store, event.key_family] += 1
        self._ends(store, event.expires_at, 1)
        self._live[entry] = event.expires_at

    def levels(self, store: str) -> list[tuple[float, int, int]]:
        """(instant, entries stored so far, entries readable) at the end of each bucket with a change."""
        buckets = {at for name, at in self._born.keys() | self._gone.keys() if name == store}
        rows: list[tuple[float, int, int]] = []
        stored = readable = 0
        for bucket in sorted(buckets):
            born, gone = self._born[store, bucket], self._gone[store, bucket]
            stored += born
            readable += born - gone
            if born or gone:
                rows.append((self._starts_at + (bucket + 1) * self._width_s, stored, readable))
        return rows

    def families(self, at: float, later: float) -> list[FamilyLifetimes]:
        """What is left of each key family at an instant after the last event, and at a later one."""
        now: Counter[tuple[str, str]] = Counter()
        then: Counter[tuple[str, str]] = Counter()
        for (store, _, _, key), expires_at in self._live.items():
            family = key_family(key)
            now[store, family] += not is_expired(at, expires_at)
            then[store, family] += not is_expired(later, expires_at)
        return [
            FamilyLifetimes(store, family, stored, now[store, family], then[store, family])
            for (store, family), stored in sorted(self._by_family.items())
        ]

    def _bucket(self, at: float) -> int:
        return int((at - self._starts_at) // self._width_s)

    def _ends(self, store: str, expires_at: float | None, count: int) -> None:
        if expires_at is not None:
            self._gone[store, self._bucket(expires_at)] += count
