"""Replays that the pages start: one at a time, in a thread of its own, watched while it goes on.

A replay runs on an account of its own in virtual time; the served account is not touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

from edgeday.errors import BadInput
from edgeday.measure.results import ScenarioResult
from edgeday.replay.judge import Judge, RunEnd
from edgeday.replay.runner import ReplayFailed, simulate
from edgeday.replay.timeline import Timeline
from edgeday.report.html.plot import Plot
from edgeday.report.html.plots import plots_of
from edgeday.scenario.loader import Loaded, load_one
from edgeday.server.log import logger

MAX_RUNS: Final = 8
"""Runs that are remembered; the oldest is forgotten first."""
_PLOTS_EVERY = 0.4
"""Seconds between two looks at a run that goes on."""
_SUFFIXES = frozenset({".yaml", ".yml"})
_LOG = logger("dashboard")

State = Literal["running", "done", "failed"]


class Busy(Exception):
    """Another replay is going on; the text is its scenario's name."""


def scenarios_in(directory: Path) -> dict[str, Path]:
    """The scenario files below a directory, by their path in it."""
    files = (path for path in directory.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return {path.relative_to(directory).as_posix(): path for path in sorted(files)}


class _Stopped(Exception):
    """Somebody has stopped the run."""


class Run:
    """One replay. The thread that runs it writes; pages read.

    done, total: requests. at: the virtual instant, epoch seconds; None before the first request.
    plots: of what has happened so far. problem: why there is no result, or "".
    """

    def __init__(self, number: int, name: str, path: Path, stopping: asyncio.Event) -> None:
        self.number = number
        self.name = name
        self.state: State = "running"
        self.done = 0
        self.total = 0
        self.at: float | None = None
        self.plots: list[Plot] = []
        self.result: ScenarioResult | None = None
        self.timeline: Timeline | None = None
        self.problem = ""
        self.stop_asked = False
        self._path = path
        self._stopping = stopping

    def go(self, seconds_of: Callable[[], float]) -> None:
        """Replay to the end. seconds_of: a clock of real seconds, for how often to look at the run."""
        try:
            self._replay(load_one(self._path), seconds_of)
            self.state = "done"
        except BadInput as bad:
            self._failed(str(bad))
        except ReplayFailed as failed:
            self._failed(f"{failed}\n\n{failed.trace}")
        except Exception as error:
            _LOG.exception("replay of %s", self.name)
            self._failed(f"{type(error).__name__}: {error}")

    def _failed(self, problem: str) -> None:
        self.problem = problem
        self.state = "failed"

    def _replay(self, loaded: Loaded, seconds_of: Callable[[], float]) -> None:
        judge, timeline = Judge(), Timeline()
        looked_at = seconds_of()

        def moved(done: int, total: int, at: float) -> None:
            nonlocal looked_at
            self.done, self.total, self.at = done, total, at
            if self.stop_asked or self._stopping.is_set():
                raise _Stopped
            if seconds_of() - looked_at >= _PLOTS_EVERY:
                timeline.end(RunEnd(at, interrupted=True))  # as if the run ended here
                self.plots = plots_of(timeline)
                looked_at = seconds_of()

        try:
            simulate(loaded, progress=moved, observers=(judge, timeline))
        except _Stopped:
            end = RunEnd(self.at or 0.0, interrupted=True)
            judge.end(end)
            timeline.end(end)
        self.timeline = timeline
        self.plots = plots_of(timeline)
        self.result = judge.result


class Replays:
    """The runs of one server. scenarios: what can be replayed, by name; nothing else is ever opened."""

    def __init__(self, scenarios: Mapping[str, Path], stopping: asyncio.Event) -> None:
        self.scenarios = scenarios
        self._stopping = stopping
        self._runs: dict[int, Run] = {}
        self._count = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def runs(self) -> list[Run]:
        """The remembered runs, newest first."""
        return list(reversed(self._runs.values()))

    @property
    def running(self) -> Run | None:
        """The run that is going on."""
        return next((run for run in self._runs.values() if run.state == "running"), None)

    def get(self, number: int) -> Run | None:
        """A remembered run by its number."""
        return self._runs.get(number)

    def start(self, name: str) -> Run:
        """Begin to replay a scenario of that name. Raises KeyError, or Busy while another one goes on."""
        path = self.scenarios[name]
        running = self.running
        if running is not None:
            raise Busy(running.name)
        self._count += 1
        run = self._runs[self._count] = Run(self._count, name, path, self._stopping)
        if len(self._runs) > MAX_RUNS:
            del self._runs[next(iter(self._runs))]
        seconds_of = asyncio.get_running_loop().time
        self._task = asyncio.create_task(asyncio.to_thread(run.go, seconds_of))
        return run
