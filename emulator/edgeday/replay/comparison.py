"""Two runs side by side, metric by metric: of two scenarios, two workers or two variants of one.

Each runs in a process of its own, so that neither sees modules of the other, and both run at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from edgeday.errors import BadInput, Problem, WorkerMisbehaved
from edgeday.events import EventStream
from edgeday.files import from_here
from edgeday.measure.baseline_changes import Change
from edgeday.measure.costs_by_route import CostsByRoute, RouteCost
from edgeday.measure.metrics import Number, is_part
from edgeday.measure.results import Finding, RouteRow, RunVerdict, ScenarioResult
from edgeday.replay.judge import RunEnd, RunStart
from edgeday.replay.processes import ProcessEnded, in_processes
from edgeday.replay.runner import replay
from edgeday.replay.worker_console import HiddenConsole
from edgeday.runtime.entry_names import BadEntry, find_file, read_entry
from edgeday.scenario.loader import Loaded, OtherWorker, load_one


class Side(NamedTuple):
    """One of two runs to compare. name: what a person calls it. other: in the place of the scenario's
    worker."""

    name: str
    scenario: Path
    other: OtherWorker = OtherWorker()


@dataclass(frozen=True, slots=True)
class SideRun:
    """What one side gave.

    runs: its worker, in words. folder: where that lies, as texts name it ("old/"), "" for here or nowhere.
    headline: the run in one line. values: metrics, None where there is no data; units: theirs. costs: what
    the requests of each route cost. warnings: as sentences. The rest is as in `ScenarioResult`.
    """

    name: str
    scenario: str
    runs: str
    folder: str
    variant: str
    account: str
    seed: int
    verdict: RunVerdict
    fits: bool
    headline: str
    values: Mapping[str, Number | None]
    units: Mapping[str, str]
    requests: Sequence[RouteRow]
    costs: Sequence[RouteCost]
    findings: Sequence[Finding]
    warnings: Sequence[str]

    @property
    def found(self) -> Mapping[str, Finding]:
        """The findings by what they say of the worker, wherever it lies."""
        return {
            finding.text.replace(self.folder, "") if self.folder else finding.text: finding
            for finding in self.findings
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs. changes: the metrics that differ, from the first side to the second, in the order of the
    metrics. same: how many do not."""

    first: SideRun
    second: SideRun
    changes: Sequence[Change]
    same: int

    @property
    def sides(self) -> tuple[SideRun, SideRun]:
        return self.first, self.second

    @property
    def routes(self) -> Sequence[tuple[str, RouteRow | None, RouteRow | None]]:
        """The routes whose requests fared differently, with their rows on both sides."""
        first = {row.route: row for row in self.first.requests}
        second = {row.route: row for row in self.second.requests}
        every = dict.fromkeys((*first, *second))
        return [
            (route, first.get(route), second.get(route))
            for route in every
            if first.get(route) != second.get(route)
        ]

    @property
    def costs(self) -> Sequence[tuple[str, str, int, int]]:
        """What requests cost differently: route, what, and how much on each side."""
        first, second = ({row[:2]: row.amount for row in side.costs} for side in self.sides)
        return [
            (*key, first.get(key, 0), second.get(key, 0))
            for key in sorted({*first, *second})
            if first.get(key, 0) != second.get(key, 0)
        ]

    @property
    def own_findings(self) -> tuple[Sequence[Finding], Sequence[Finding]]:
        """The findings of each side that the other has not in these words."""
        first, second = (side.found for side in self.sides)
        return (
            [finding for text, finding in first.items() if text not in second],
            [finding for text, finding in second.items() if text not in first],
        )


def compare(
    first: Side, second: Side, *, headline: Callable[[ScenarioResult], str], seed: int | None = None
) -> Comparison:
    """Replay both sides and put them side by side.

    headline: says a result in one line; a function of a module, for it is called in the processes. seed: in
    the place of the scenarios' own. Raises BadInput with the problems of both sides, and
    WorkerMisbehaved if a worker ends its process.
    """
    sides = (first, second)
    try:
        ran = list(in_processes(partial(_run, seed=seed, headline=headline), sides, len(sides)))
    except ProcessEnded:
        raise WorkerMisbehaved("the worker ended the process that it ran in", "") from None
    problems = [one for side in ran if not isinstance(side, SideRun) for one in side]
    if problems:
        raise BadInput(list(dict.fromkeys(problems)))
    one, other = (side for side in ran if isinstance(side, SideRun))
    names = list(dict.fromkeys((*one.values, *other.values)))
    pairs = [(name, _value(one, name), _value(other, name)) for name in names]
    changes = [Change(name, before, after) for name, before, after in pairs if before != after]
    return Comparison(one, other, changes, len(names) - len(changes))


def _value(side: SideRun, name: str) -> Number | None:
    """A metric of one side; of a status that did not occur there it is 0."""
    return side.values.get(name, 0 if is_part(name) else None)


class _Costs:
    """The observer of what each route costs."""

    rows: Sequence[RouteCost] = ()

    def begin(self, start: RunStart, events: EventStream) -> None:
        self._counts = CostsByRoute(events)

    def end(self, end: RunEnd) -> None:
        self.rows = self._counts.rows()


def _run(
    side: Side, seed: int | None, headline: Callable[[ScenarioResult], str]
) -> SideRun | Sequence[Problem]:
    """Replay one side; its problems if it cannot be loaded."""
    try:
        loaded = load_one(side.scenario, side.other)
    except BadInput as bad:
        return bad.problems
    watched = _Costs()
    result = replay(loaded, seed=seed, observers=(watched,), console=HiddenConsole())
    metrics = result.metrics.metrics
    return SideRun(
        name=side.name,
        scenario=result.name,
        runs=loaded.runs,
        folder=_folder_of(loaded),
        variant=result.variant,
        account=result.account,
        seed=result.seed,
        verdict=result.verdict,
        fits=result.fits,
        headline=headline(result),
        values={name: result.metrics.values.get(name) for name in metrics},
        units={name: metric.unit for name, metric in metrics.items()},
        requests=result.requests,
        costs=watched.rows,
        findings=result.findings,
        warnings=loaded.warnings,
    )


def _folder_of(loaded: Loaded) -> str:
    """Where a worker that is a file lies, as the texts of findings name it."""
    bundle = getattr(loaded.worker, "bundle", None)
    folder: Path | None = None if bundle is None else bundle.folder
    if folder is None:
        try:
            named = read_entry(loaded.scenario.entry or "")
            folder = None if named.kind == "module" else find_file(named.name, loaded.path.parent).parent
        except BadEntry:
            return ""
    shown = "." if folder is None else from_here(folder).as_posix()
    return "" if shown == "." else f"{shown}/"
