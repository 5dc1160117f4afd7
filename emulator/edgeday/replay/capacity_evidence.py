"""Whether requests that are not run would have changed what others cost: evidence against leaving them out.

A request can act on later ones through KV, through the caches and through what the worker keeps in memory.
What is seen of that in the requests that are run decides: KV keys that several of them use, a count or a text
that grows in the cache, memory that changes, numbers that are drawn. Each is a doubt, in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from edgeday.events import Operation
from edgeday.invocation import Invocation
from edgeday.replay.capacity_memory import GROWTH, Memory, is_instant
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import CacheEntry, HeaderList
from edgeday.web.ambient import current_runtime

_AT_REST_AFTER = 3
_RECORDS = 3
"""New extremes of a number, one write after the other, that make it a count."""
_SEVERAL = -1
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_MOST_LEAVES = 2_000


class Evidence:
    """What is seen of the requests that are run. doubts: why others cannot be left out, each once.

    half: after so many of them the worker's memory is looked at, and again at the end.
    """

    def __init__(self, worker: type, half: int) -> None:
        self._worker = worker
        self._left = half
        self._memory: Memory | None = None
        self._now = 0.0
        self._isolate: dict[str, Any] | None = None
        self._writers: dict[tuple[str, str], int] = {}
        self._readers: dict[tuple[str, str], int] = {}
        self._listed = False
        self.store = WatchedStore()
        self.doubts: dict[str, None] = {}

    def operation(self, event: Operation, number: int) -> None:
        """A call of a request or a cron: KV keys that several of them share. number: of the request if it
        grows; those that do not are all run, and are one here: what they do among themselves is as it is."""
        if event.service != "kv":
            return
        key = (event.binding, event.key)
        writer, reader = self._writers.get(key), self._readers.get(key)
        if event.op == "list":
            self._listed = True
            if any(self._writers.values()):
                self._doubt("keys are listed, and requests write some")
        elif event.op in {"put", "delete"}:
            if writer not in {None, number}:
                self._doubt(f"requests write the same keys ({event.key_family})")
            if number and self._listed:
                self._doubt("keys are listed, and requests write some")
            if number and reader not in {None, number}:
                self._doubt(f"requests write what others have read ({event.key_family})")
            self._writers.setdefault(key, number)
        else:
            if writer and writer != number:
                self._doubt(f"requests read what others have written ({event.key_family})")
            self._readers[key] = number if reader in {None, number} else _SEVERAL

    def ended(self, invocation: Invocation) -> None:
        """A request that grows is over."""
        self._now = invocation.started_at
        self._isolate = invocation.isolate
        self._left -= 1
        if not self._left:
            self._memory = self._look()
        if invocation.generator is not None:
            self._doubt("the worker draws random numbers")

    def finish(self) -> None:
        """Look again when all is over."""
        if self._memory is None or self._look().is_more_than(self._memory):
            self._doubt("the worker keeps something in memory from request to request")
        for text in self.store.doubts():
            self._doubt(text)

    def _doubt(self, text: str) -> None:
        self.doubts[text] = None

    def _look(self) -> Memory:
        memory = Memory(self._now)
        memory.add(self._isolate, ("isolate",))
        memory.add_modules(self._worker)
        return memory


class WatchedStore(MemoryStore):
    """A store that notes how the cache entries develop that several requests write, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._series: dict[tuple[str, str], _Series] = {}

    async def cache_put(self, cache: str, key: str, entry: CacheEntry) -> None:
        await super().cache_put(cache, key, entry)
        runtime = current_runtime.get()
        number = runtime.number if isinstance(runtime, Invocation) else 0
        series = self._series.get((cache, key))
        if series is None:
            self._series[cache, key] = _Series(number, entry)
        else:
            series.add(number, entry)

    def doubts(self) -> Iterator[str]:
        for (_, key), series in self._series.items():
            if series.shared and series.is_growing():
                yield f"requests count or collect something in the cache ({key})"


class _Series:
    """The bodies of one cache entry, as requests write it anew."""

    __slots__ = ("_first", "_records", "_sizes", "_worst", "_writer", "_writes", "shared")

    def __init__(self, writer: int, entry: CacheEntry) -> None:
        self._writer = writer
        self._first = entry
        self.shared = False
        self._writes = 0
        self._sizes: list[int] = []
        self._records: dict[object, tuple[float, float, int, int]] = {}
        self._worst = 0.0

    def add(self, writer: int, entry: CacheEntry) -> None:
        """Another body. Those that one request writes in a row are one step."""
        if not self.shared:
            if writer == self._writer:
                self._first = entry
                return
            self.shared = True
            self._note(self._first)
        elif writer == self._writer:
            return
        self._writer = writer
        self._note(entry)

    def _note(self, entry: CacheEntry) -> None:
        self._writes += 1
        self._sizes.append(len(entry.body))
        for place, value in (*_numbers(entry.body), *_numbers_of(entry.headers)):
            if is_instant(value, entry.stored_at):
                continue
            least, most, up, down = self._records.get(place, (value, value, 0, 0))
            up = up + 1 if value > most else up
            down = down + 1 if value < least else down
            self._records[place] = (min(least, value), max(most, value), up, down)

    def is_growing(self) -> bool:
        """Whether a number goes on and on in one direction, or the text becomes longer."""
        often = max(_RECORDS - 1, self._writes // 4)
        if any(max(up, down) >= often for _, _, up, down in self._records.values()):
            return True
        quarter = len(self._sizes) // 4
        if quarter < _AT_REST_AFTER:
            return len(self._sizes) > 1 and self._sizes[-1] > self._sizes[0] * (1 + GROWTH)
        before, after = self._sizes[quarter : 2 * quarter], self._sizes[-quarter:]
        return sum(after) > sum(before) * (1 + GROWTH)


def _numbers_of(headers: HeaderList) -> Iterator[tuple[object, float]]:
    """The headers that are numbers."""
    yield from ((name, float(text)) for name, text in headers if _NUMBER.fullmatch(text.encode()))


def _numbers(body: bytes) -> Iterator[tuple[object, float]]:
    """The numbers in a body with their places: in JSON the keys that lead to it, in other text its turn."""
    try:
        value = json.loads(body)
    except ValueError:
        yield from ((turn, float(match[0])) for turn, match in enumerate(_NUMBER.finditer(body[:10_000])))
        return
    if isinstance(value, str):
        yield from ((turn, float(match[0])) for turn, match in enumerate(_NUMBER.finditer(value.encode())))
        return
    left: list[tuple[tuple[object, ...], Any]] = [((), value)]
    for _ in range(_MOST_LEAVES):
        if not left:
            return
        place, one = left.pop()
        if isinstance(one, dict):
            left.extend(((*place, name), item) for name, item in one.items())
        elif isinstance(one, (list, tuple)):
            left.extend(((*place, 0), item) for item in one)
        elif isinstance(one, (int, float)) and not isinstance(one, bool):
            yield place, float(one)
