"""What a worker's modules hold before its first run, put back before another: every run begins alike, as it
would in a process of its own."""

from __future__ import annotations

import copy
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import _lru_cache_wrapper
from random import Random
from types import CellType, FunctionType, ModuleType
from typing import Any

from edgeday.call_site import is_user_code
from edgeday.replay.capacity_memory import modules_of, own_names

_MOST_OBJECTS = 50_000
_NOT_LOOKED_AT = frozenset({*sys.stdlib_module_names, "edgeday"})
_LOOKED_AT_ALL_THE_SAME = frozenset({"types"})
"""Modules of the standard library whose objects a user's code fills itself: SimpleNamespace."""


class FirstState:
    """All that can be reached from the modules of workers' classes, as it is when this is made.

    Looked through are the user's modules, classes, functions and objects, and containers. What an iterator
    of no known kind (a generator) or an object of the standard library holds cannot be put back.
    """

    def __init__(self, workers: Iterable[type]) -> None:
        self._undo: list[Callable[[], None]] = []
        self._seen: dict[int, object] = {}  # kept, so that no id comes twice
        left: list[object] = []
        for module in dict.fromkeys(module for worker in workers for module in modules_of(worker)):
            if module.__name__.partition(".")[0] not in _NOT_LOOKED_AT:  # an installed worker's own is
                self._seen[id(module)] = module
                left.extend(self._attributes(module))
        while left and len(self._seen) < _MOST_OBJECTS:
            value = left.pop()
            if id(value) not in self._seen:
                self._seen[id(value)] = value
                left.extend(self._noted(value))

    def restore(self) -> None:
        """Put it back, each object in its place."""
        for undo in self._undo:
            undo()

    def _noted(self, value: object) -> Iterator[object]:
        """Note what a value holds, and give that."""
        if isinstance(value, (dict, list, set, deque, bytearray)):
            yield from self._container(value)
        elif isinstance(value, (tuple, frozenset)):
            yield from value
        elif isinstance(value, FunctionType):
            if is_user_code(value.__code__.co_filename):
                yield from (value.__defaults__, value.__kwdefaults__, value.__dict__)
                for cell in value.__closure__ or ():
                    yield from self._cell(cell)
        elif isinstance(value, Random):
            with suppress(NotImplementedError):  # the system's own has no state
                state = value.getstate()
                self._undo.append(lambda: value.setstate(state))
        elif isinstance(value, _lru_cache_wrapper):
            self._undo.append(value.cache_clear)
            yield value.__wrapped__
        elif _is_looked_through(value):
            yield from self._attributes(value)

    def _container(self, container: Any) -> Iterator[object]:
        held = list(container.items()) if isinstance(container, dict) else list(container)
        flat = [item for pair in held for item in pair] if isinstance(container, dict) else held
        again = [_as_it_is(item) for item in flat]
        is_dict = isinstance(container, dict)

        def put_back() -> None:
            now = [item for pair in container.items() for item in pair] if is_dict else list(container)
            fresh = [one() for one in again]
            if len(now) == len(fresh) and all(a is b for a, b in zip(now, fresh, strict=True)):
                return
            container.clear()
            if is_dict:
                container.update(zip(fresh[::2], fresh[1::2], strict=True))
            elif isinstance(container, set):
                container.update(fresh)
            else:
                container.extend(fresh)

        self._undo.append(put_back)
        yield from flat

    def _cell(self, cell: CellType) -> Iterator[object]:
        try:
            held = cell.cell_contents
        except ValueError:  # not set yet
            return
        again = _as_it_is(held)

        def put_back() -> None:
            cell.cell_contents = again()

        self._undo.append(put_back)
        yield held

    def _attributes(self, owner: object) -> Iterator[object]:
        """Of a module, a class or an object: by its dictionary and by its slots."""
        names = dict(own_names(getattr(owner, "__dict__", {})))
        for one in () if isinstance(owner, type) else type(owner).__mro__:
            slots = vars(one).get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if not name.startswith("__") and hasattr(owner, name):
                    names[name] = getattr(owner, name)
        again = {name: _as_it_is(held) for name, held in names.items()}

        def put_back() -> None:
            now = getattr(owner, "__dict__", {})
            for name, _ in own_names(now):
                if name not in again and not isinstance(now[name], ModuleType):
                    _delete(owner, name)
            for name, held in again.items():
                first = held()
                if now.get(name, _ABSENT) is not first and getattr(owner, name, _ABSENT) is not first:
                    _set(owner, name, first)

        self._undo.append(put_back)
        for held in names.values():
            yield held.__func__ if isinstance(held, (staticmethod, classmethod)) else held


_ABSENT = object()


def _delete(owner: object, name: str) -> None:
    if isinstance(owner, (type, ModuleType)):
        delattr(owner, name)
    else:
        object.__delattr__(owner, name)  # a frozen one too


def _set(owner: object, name: str, value: object) -> None:
    if isinstance(owner, (type, ModuleType)):
        setattr(owner, name, value)
    else:
        object.__setattr__(owner, name, value)


def _is_looked_through(value: object) -> bool:
    """Whether what an object holds is the user's."""
    if isinstance(value, ModuleType):
        return is_user_code(getattr(value, "__file__", None) or "<frozen")
    owner = value if isinstance(value, type) else type(value)
    root = owner.__module__.partition(".")[0]
    return root in _LOOKED_AT_ALL_THE_SAME or root not in _NOT_LOOKED_AT


def _as_it_is(value: Any) -> Callable[[], object]:
    """Gives what is held; of an iterator, one that stands where it stands now."""
    if isinstance(value, Iterator) and type(value).__module__ in {"itertools", "builtins"}:
        with suppress(TypeError), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            first = copy.copy(value)
            return lambda: _copied(first)
    return lambda: value


def _copied(value: object) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return copy.copy(value)
