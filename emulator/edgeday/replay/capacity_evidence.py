"""Whether requests that are not run would have changed what others cost: evidence against leaving them out.

A request can act on later ones through KV, through the caches and through what the worker keeps in memory.
What is seen of that in the requests that are run decides: KV keys that several of them use, a count or a text
that grows in the cache, memory that changes, numbers that are drawn. Each is a doubt, in words.
"""

from __future__ import annotations

import json
import re
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from types import CellType, FunctionType, ModuleType
from typing import Any

from edgeday.call_site import is_user_code
from edgeday.events import Operation
from edgeday.invocation import Invocation
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import CacheEntry
from edgeday.web.ambient import current_runtime

_AT_REST_AFTER = 3
_RECORDS = 3
"""New extremes of a number, one write after the other, that make it a count."""
_GROWTH = 0.05
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NEAR_NOW_S = 400 * 86_400
_MOST_LEAVES = 2_000
_MOST_VALUES = 50_000
_DEEPEST = 10
_OF_MODULE = 2
"""The length of the place of a module's own name."""


class Evidence:
    """What is seen of the requests that are run. doubts: why others cannot be left out, each once.

    half: after so many of them the worker's memory is looked at, and again at the end.
    """

    def __init__(self, worker: type, half: int) -> None:
        self._worker = worker
        self._left = half
        self._memory: _Memory | None = None
        self._now = 0.0
        self._isolate: dict[str, Any] | None = None
        self._writers: dict[tuple[str, str], int] = {}
        self._listed = False
        self.store = WatchedStore()
        self.doubts: dict[str, None] = {}

    def operation(self, event: Operation, number: int) -> None:
        """A call of a request that grows: KV keys that requests share. number: of the request."""
        if event.service != "kv" or not event.key:
            return
        key = (event.binding, event.key)
        if event.op in {"put", "delete"}:
            if self._writers.setdefault(key, number) != number or self._listed:
                self._doubt(f"requests write the same keys ({event.key_family})")
        elif event.op != "list" and self._writers.get(key, number) != number:
            self._doubt(f"requests read what others have written ({event.key_family})")
        if event.op == "list":
            self._listed = True
            if self._writers:
                self._doubt("requests list keys and write some")

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

    def _look(self) -> _Memory:
        memory = _Memory(self._now)
        memory.add(self._isolate, ("isolate",))
        for module in _modules_of(self._worker):
            for name, value in _own(vars(module)):
                memory.add(value, (module.__name__, name))
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
        for place, value in _numbers(entry.body):
            if _is_instant(value, entry.stored_at):
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
            return len(self._sizes) > 1 and self._sizes[-1] > self._sizes[0] * (1 + _GROWTH)
        before, after = self._sizes[quarter : 2 * quarter], self._sizes[-quarter:]
        return sum(after) > sum(before) * (1 + _GROWTH)


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


def _modules_of(worker: type) -> list[ModuleType]:
    """The user's modules that a worker's class is made of: its own, and those that these import."""
    first = sys.modules.get(worker.__module__)
    found: dict[str, ModuleType] = {} if first is None else {first.__name__: first}
    left = list(found.values())
    while left:
        for value in vars(left.pop()).values():
            name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
            module = sys.modules.get(name) if isinstance(name, str) else None
            file = getattr(module, "__file__", None)
            if module is not None and file and module.__name__ not in found and is_user_code(file):
                found[module.__name__] = module
                left.append(module)
    return list(found.values())


class _Memory:
    """What objects hold, so far as it can be seen, in a form that can be compared: how many values there are,
    and the numbers, switches and texts by their place. Items of lists have one place together."""

    def __init__(self, now: float) -> None:
        self.values = 0
        self.numbers: dict[tuple[str, ...], tuple[float, float]] = {}
        self.flags: dict[tuple[str, ...], object] = {}
        self._now = now
        self._seen: dict[int, object] = {}  # kept, so that no id comes twice

    def is_more_than(self, before: _Memory) -> bool:
        """Whether more is held than before, or a number or a switch has changed. What was given up since,
        such as notes of requests that were under way, and what took the place of something alike are nothing.
        """
        if self.values > before.values * (1 + _GROWTH):
            return True
        for place, (least, most) in self.numbers.items():
            then = before.numbers.get(place)
            if then is not None and (least < then[0] or most > then[1]):
                return True
        return any(before.flags.get(place, flag) != flag for place, flag in self.flags.items())

    def add(self, value: object, place: tuple[str, ...]) -> None:
        """Look at a value, and at all that it holds."""
        self.values += 1
        if value is None or isinstance(value, (bool, str, bytes)):
            if isinstance(value, bool) or len(place) <= _OF_MODULE:
                self.flags[place] = value
            return
        if isinstance(value, (int, float)):
            if not _is_instant(value, self._now):
                least, most = self.numbers.get(place, (value, value))
                self.numbers[place] = (min(least, value), max(most, value))
            return
        if id(value) in self._seen or len(place) > _DEEPEST or self.values > _MOST_VALUES:
            return
        self._seen[id(value)] = value
        for name, item in _held(value):
            self.add(item, (*place, name))


def _held(value: object) -> Iterator[tuple[str, object]]:
    """What an object holds, with names; items of a list and of a set have none."""
    if isinstance(value, dict):
        yield from ((str(key), item) for key, item in list(value.items()))
    elif isinstance(value, (list, tuple, set, frozenset, deque)):
        yield from (("", item) for item in list(value))
    elif isinstance(value, FunctionType):
        yield from (("", part) for part in (value.__dict__, value.__defaults__, value.__kwdefaults__))
        yield from (("", _content(cell)) for cell in value.__closure__ or ())
    elif isinstance(value, type):
        module = sys.modules.get(value.__module__)
        if is_user_code(getattr(module, "__file__", None) or ""):
            yield from _own(vars(value))
    elif not isinstance(value, ModuleType):
        yield from _own(getattr(value, "__dict__", {}))
        for name in getattr(type(value), "__slots__", ()):
            if isinstance(name, str) and hasattr(value, name):
                yield name, getattr(value, name)


def _own(names: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    yield from ((name, value) for name, value in list(names.items()) if name[:2] != "__")


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return None


def _is_instant(value: float, now: float) -> bool:
    """Whether a number is likely an instant near now, in seconds or milliseconds."""
    return abs(value - now) < _NEAR_NOW_S or abs(value / 1000 - now) < _NEAR_NOW_S
