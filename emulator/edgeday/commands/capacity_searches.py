"""Runs the searches of `edgeday capacity`: one after the other, or several at once, each in a process."""

from __future__ import annotations

import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

from edgeday.replay.capacity import measure_capacity, measure_day
from edgeday.replay.capacity_limits import Capacity, DayAnswer
from edgeday.replay.capacity_replays import THIN_ABOVE
from edgeday.replay.processes import ProcessEnded, in_processes
from edgeday.replay.runner import Progress, ReplayFailed
from edgeday.scenario.loader import Loaded, OtherWorker, load_one


class Search(NamedTuple):
    """What is to be found of one scenario. at_least: the day that is asked about, None: the largest that
    fits. worker: in the place of the scenario's, "" for that. The rest is as the options say."""

    path: Path
    variant: str | None
    up_to: int
    at_least: int | None
    full: bool
    strict_worker: bool
    worker: str = ""

    def loaded(self) -> Loaded:
        """The scenario, read anew, with the worker that is asked for. Raises BadInput."""
        return load_one(self.path, OtherWorker(entry=self.worker))


def searched(
    searches: Sequence[Search], loaded: Sequence[Loaded], jobs: int
) -> Generator[Capacity | DayAnswer]:
    """What each search finds, in their order, as soon as it is known. loaded: the scenarios, for searches in
    this process; other processes load theirs themselves. Raises ReplayFailed.

    A search that raises, or that nobody waits for any more, ends those after it.
    """
    if jobs > 1:
        yield from _in_processes(searches, jobs)
        return
    by_path = {one.path: one for one in loaded}
    for number, search in enumerate(searches, start=1):
        place = f"{number} of {len(searches)}: " if len(searches) > 1 else ""
        yield _with_progress(search, by_path[search.path], place)


def _with_progress(search: Search, loaded: Loaded, place: str) -> Capacity | DayAnswer:
    if not sys.stderr.isatty():
        return _find(search, loaded, None)
    from edgeday.commands.progress import progress_bar

    with progress_bar(f"{place}{search.variant or loaded.scenario.name}") as progress:
        return _find(search, loaded, progress)


def _find(search: Search, loaded: Loaded, progress: Progress | None) -> Capacity | DayAnswer:
    thin_above = None if search.full else THIN_ABOVE
    if search.at_least is not None:
        return measure_day(
            loaded,
            search.at_least,
            variant=search.variant,
            progress=progress,
            strict_worker=search.strict_worker,
            thin_above=thin_above,
        )
    return measure_capacity(
        loaded,
        variant=search.variant,
        up_to=search.up_to,
        progress=progress,
        strict_worker=search.strict_worker,
        thin_above=thin_above,
    )


def _in_processes(searches: Sequence[Search], jobs: int) -> Generator[Capacity | DayAnswer]:
    try:
        yield from in_processes(_find_alone, searches, jobs)
    except ProcessEnded as ended:
        search = searches[ended.number]
        where = "the process that measured it ended before its time"
        raise ReplayFailed(search.variant or search.path.stem, where, "") from None


def _find_alone(search: Search) -> Capacity | DayAnswer:
    return _find(search, search.loaded(), None)
