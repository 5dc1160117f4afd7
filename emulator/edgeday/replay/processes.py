"""Runs replays in other processes: several at once, or one before another whose modules are to be as new."""

from __future__ import annotations

import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from typing import TypeVar

from edgeday.replay.gc_tuning import look_for_cycles_rarely

Given = TypeVar("Given")
Found = TypeVar("Found")


class ProcessEnded(Exception):
    """A process ended before its time, as a worker can end it. number: of what it was given, from 0."""

    def __init__(self, number: int) -> None:
        super().__init__("a process ended before its time")
        self.number = number


def in_processes(run: Callable[[Given], Found], each: Sequence[Given], jobs: int) -> Generator[Found]:
    """What a function finds for each of these, in their order, as soon as it is known.

    run: a function of a module, as it is looked up in the processes. jobs: how many processes there are.
    Raises what the function raises, and ProcessEnded. Where it raises, or nobody waits any more, those after
    it are ended.
    """
    others = set(active_children())
    with ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_begin) as pool:
        futures = [pool.submit(run, one) for one in each]
        try:
            for number, future in enumerate(futures):
                try:
                    yield future.result()
                except BrokenProcessPool:
                    raise ProcessEnded(number) from None
        except BaseException:
            for future in futures:
                future.cancel()
            for child in set(active_children()) - others:
                child.terminate()
            raise


def _begin() -> None:
    """Ctrl-C is for the process that started this one, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    look_for_cycles_rarely()
