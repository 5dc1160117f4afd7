"""What a worker keeps in the memory of its modules and isolates, looked at and compared."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import _lru_cache_wrapper
from itertools import count
from random import Random
from types import CellType, FunctionType, ModuleType

from edgeday.call_site import is_user_code

GROWTH = 0.05
"""By how much what is collected may become more and still count as at rest: texts and instants vary."""
_NEAR_NOW_S = 400 * 86_400
_MOST_VALUES = 50_000
_DEEPEST = 10
_OF_MODULE = 2
"""The length of the place of a module's own name."""


def modules_of(worker: type) -> list[ModuleType]:
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


class Memory:
    """What objects hold, so far as it can be seen, in a form that can be compared: how many values there are,
    and the numbers, switches and texts by their place. Items of lists have one place together."""

    def __init__(self, now: float) -> None:
        self.values = 0
        self.numbers: dict[tuple[str, ...], tuple[float, float]] = {}
        self.flags: dict[tuple[str, ...], object] = {}
        self._now = now
        self._seen: dict[int, object] = {}  # kept, so that no id comes twice

    def is_more_than(self, before: Memory) -> bool:
        """Whether more is held than before, or a number or a switch has changed. What was given up since,
        such as notes of requests that were under way, and what took the place of something alike are nothing.
        """
        if self.values > before.values * (1 + GROWTH):
            return True
        for place, (least, most) in self.numbers.items():
            then = before.numbers.get(place)
            if then is not None and (least < then[0] or most > then[1]):
                return True
        return any(before.flags.get(place, flag) != flag for place, flag in self.flags.items())

    def add_modules(self, worker: type) -> None:
        """Look at all that the modules of a worker's class hold."""
        for module in modules_of(worker):
            for name, value in own_names(vars(module)):
                self.add(value, (module.__name__, name))

    def add(self, value: object, place: tuple[str, ...]) -> None:
        """Look at a value, and at all that it holds."""
        self.values += 1
        if value is None or isinstance(value, (bool, str, bytes)):
            if isinstance(value, bool) or len(place) <= _OF_MODULE:
                self.flags[place] = value
            return
        if isinstance(value, (int, float)):
            if not is_instant(value, self._now):
                least, most = self.numbers.get(place, (value, value))
                self.numbers[place] = (min(least, value), max(most, value))
            return
        if id(value) in self._seen or len(place) > _DEEPEST or self.values > _MOST_VALUES:
            return
        self._seen[id(value)] = value
        state = _state_of(value)
        if state is not None:
            self.flags[place] = state
            return
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
            yield from own_names(vars(value))
    elif not isinstance(value, ModuleType):
        yield from own_names(getattr(value, "__dict__", {}))
        for name in getattr(type(value), "__slots__", ()):
            if isinstance(name, str) and hasattr(value, name):
                yield name, getattr(value, name)


def _state_of(value: object) -> object:
    """What stands for the state of an object that does not show what it holds; None for others. A generator
    or another iterator shows nothing: it counts as one that moves on."""
    if isinstance(value, Random):
        with suppress(NotImplementedError):  # the system's own has no state
            return hash(value.getstate())
    if isinstance(value, count):
        return repr(value)
    if isinstance(value, Iterator):
        return object()
    if isinstance(value, _lru_cache_wrapper):
        return value.cache_info().currsize
    return None


def own_names(names: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Names and values, without those that Python itself puts there."""
    yield from ((name, value) for name, value in list(names.items()) if name[:2] != "__")


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return None


def is_instant(value: float, now: float) -> bool:
    """Whether a number is likely an instant near now, in seconds or milliseconds."""
    return abs(value - now) < _NEAR_NOW_S or abs(value / 1000 - now) < _NEAR_NOW_S
