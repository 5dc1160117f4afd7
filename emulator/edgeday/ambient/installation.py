"""Putting the stand-ins in their places, and taking them away again without a trace."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock
from types import ModuleType

from edgeday.ambient.dates import methods
from edgeday.ambient.dispatch import StandIn
from edgeday.ambient.freezing import Freezing, forget_names_of, is_frozen, real_function
from edgeday.ambient.held_names import HeldNames
from edgeday.ambient.randomness import random_functions, seeding
from edgeday.ambient.time_functions import time_functions


class Installation:
    """The stand-ins of this process. There is one; see `installed`."""

    def __init__(self) -> None:
        self._stand_ins = [
            StandIn(owner, name, real_function(owner, name), inside)
            for (owner, name), inside in (time_functions() | random_functions()).items()
            if hasattr(owner, name)
        ]
        self._lock = RLock()
        self._blocks = 0
        self._methods = tuple(methods())
        self._seed = random.Random.seed
        self._seeding = seeding(self._seed)
        self._freezing = Freezing(self._place)
        self._holders_of_real = HeldNames()
        self._holders_of_stand_ins = HeldNames()

    def enter(self) -> None:
        """Put everything in its place, unless it is there."""
        with self._lock:
            self._blocks += 1
            if self._blocks == 1:
                self._put()

    def leave(self) -> None:
        """Leave everything as it was, once as many have left as have entered."""
        with self._lock:
            self._blocks -= 1
            if self._blocks == 0:
                self._remove()

    def _put(self) -> None:
        self._place()
        for method in self._methods:
            method.put()
        random.Random.seed = self._seeding  # type: ignore[method-assign]
        self._freezing.join()

    def _remove(self) -> None:
        self._freezing.leave()
        random.Random.seed = self._seed  # type: ignore[method-assign]
        for method in self._methods:
            method.undo()
        for stand_in in self._stand_ins:
            if vars(stand_in.owner)[stand_in.__name__] is stand_in:
                setattr(stand_in.owner, stand_in.__name__, stand_in.outer)
            stand_in.outer = stand_in.real
        changed = self._holders_of_stand_ins.rebind({id(one): one.real for one in self._stand_ins})
        self._holders_of_real.look_again(changed)
        forget_names_of(changed)

    def _place(self) -> None:
        """Put the functions in their places, in front of the real ones and of freezegun's. What else a test
        has put there stays: it may mean the worker to have it, and may call what it stands in front of."""
        for stand_in in self._stand_ins:
            newest = vars(stand_in.owner)[stand_in.__name__]
            if newest is stand_in.real or is_frozen(newest):
                stand_in.outer = newest
                setattr(stand_in.owner, stand_in.__name__, stand_in)
        real = {id(one.real): one for one in self._stand_ins if isinstance(one.owner, ModuleType)}
        frozen = any(is_frozen(one.outer) for one in self._stand_ins)
        changed = self._holders_of_real.rebind(real, settled=not frozen)
        self._holders_of_stand_ins.look_again(changed)
        forget_names_of(changed)


@cache
def _installation() -> Installation:
    return Installation()


@contextmanager
def installed() -> Iterator[None]:
    """While the block runs, a worker's clock and randomness are its invocation's, throughout the process.

    Blocks may lie in one another and overlap, also in threads: the last one to end undoes it. To enter takes
    some milliseconds the first time, and less than one after that.
    """
    installation = _installation()
    installation.enter()
    try:
        yield
    finally:
        installation.leave()
