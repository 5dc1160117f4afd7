"""Runs a scenario: its traffic against its worker on an edge of its own, in virtual time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO

from edgeday.ambient import installed
from edgeday.call_site import error_call_site
from edgeday.clock import VirtualClock
from edgeday.errors import WorkerMisbehaved, WorkerRaised
from edgeday.events import DEFAULT_COLO
from edgeday.hosting.python_workers.modules import held
from edgeday.limits import Switches
from edgeday.measure.results import ProbeResult, ScenarioResult
from edgeday.replay.answers import Answer, compared
from edgeday.replay.background import BackgroundCode
from edgeday.replay.initial_state import fill_kv
from edgeday.replay.judge import Judge, Observer, RunEnd, RunStart
from edgeday.replay.origins import outbound_of
from edgeday.replay.probes import run_probe
from edgeday.replay.sessions import Session
from edgeday.replay.stubs import stubs_of
from edgeday.replay.traffic import Script, requests_in, requests_of, requests_of_day
from edgeday.runtime.edge import Edge
from edgeday.runtime.entry import importable_from_here
from edgeday.runtime.handlers import HangInterrupted, is_from_outside, misbehaviour_text
from edgeday.runtime.hangs import supervised
from edgeday.runtime.response_bodies import consume
from edgeday.runtime.tracebacks import whole_text
from edgeday.scenario.arrivals import HOURS
from edgeday.scenario.cron_traffic import CronTraffic
from edgeday.scenario.loader import Loaded
from edgeday.scenario.model import Scenario
from edgeday.scenario.probes import Probe
from edgeday.scenario.profile import Audit, WorkerProfile
from edgeday.scenario.sessions import SessionTraffic
from edgeday.storage.records import Store
from edgeday.virtual_loop import run_virtual, sleep

Progress = Callable[[int, int, float], None]
"""Told after each request: requests done, requests in all, the virtual instant in epoch seconds."""


def _nobody(*_: int) -> None:
    """Tell nobody."""


class Selection(Protocol):
    """Which requests of a run are made. Those that are not cost nothing and leave no trace."""

    def attach(self, edge: Edge) -> None:
        """The account that the run is on, told before its first event."""
        ...

    def selects(self, script: Script) -> bool:
        """Whether a request is made; asked for each, in order of arrival."""
        ...


class ReplayFailed(Exception):
    """The worker raised what nobody expected, or misbehaved. where: request, call, virtual instant.
    trace: its traceback; "" if it misbehaved, and `where` says how."""

    def __init__(self, scenario: str, where: str, trace: str) -> None:
        super().__init__(f"{scenario}: the worker raised in {where}" if trace else f"{scenario}: {where}")
        self.scenario = scenario
        self.where = where
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process may raise it."""
        return type(self), (self.scenario, self.where, self.trace)


@dataclass(slots=True)
class _Run:
    """The parts of one run that are needed while it goes on."""

    loaded: Loaded
    seed: int
    edge: Edge
    progress: Progress | None
    selection: Selection | None = None
    probed: list[ProbeResult] = field(default_factory=list)
    done: int = 0
    total: int = field(init=False)
    profile: WorkerProfile = field(init=False)
    audit: Audit | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        scenario = self.loaded.scenario
        self.total = requests_in(scenario) + len(scenario.probes)
        self.profile = scenario.profile
        platform = scenario.platform
        if platform is not None and platform.audit and self.profile.audit is not None:
            self.audit = self.profile.audit(
                self.edge, self.loaded.worker, scenario.variables, platform.admin_colo
            )

    async def whole(self) -> None:
        scenario = self.loaded.scenario
        loop = asyncio.get_running_loop()
        start = scenario.start.timestamp()
        async with asyncio.TaskGroup() as group:
            for background in scenario.background:
                group.create_task(BackgroundCode(background, self.edge).run(start, scenario.days * HOURS))
            for probe in scenario.probes:
                group.create_task(self._probe(probe, start))
            if scenario.platform is not None:
                for after_s, colo in scenario.platform.incidents():
                    group.create_task(self._incident(after_s, colo))
            for day in range(scenario.days):
                for script in requests_of_day(scenario, self.seed, day):
                    if self.selection is not None and not self.selection.selects(script):
                        continue
                    wait_s = script.at - start - loop.time()
                    if wait_s > 0:
                        await sleep(wait_s)
                    group.create_task(self._one(script))
        await self.edge.drain()
        if self.audit is not None:
            await self.audit.report()

    async def _one(self, script: Script) -> None:
        try:
            await dispatch(
                self.edge, self.loaded.scenario, self.profile.origin, script, self._moved, self._unmade
            )
            if self.edge.services.misbehaviour:  # of an earlier request, whose response had been sent
                raise self.edge.services.misbehaviour[0]
        except WorkerRaised as raised:
            count = requests_of(script.traffic, self.loaded.scenario)
            after = "" if script.notes is None else f", after {script.notes}"
            raise WorkerRaised(
                f"{script.traffic.name} {script.number} of {count}{after} ({raised.where})"
            ) from raised.__cause__

    async def _incident(self, after_s: float, colo: str) -> None:
        """Move the requests of a data centre, or purge all caches."""
        await sleep(after_s)
        if colo:
            await self.edge.move(colo)
        else:
            await self.edge.caches.purge(everything=True)

    async def _probe(self, probe: Probe, start_s: float) -> None:
        await sleep(probe.comes_at(start_s) - start_s)
        try:
            scenario = self.loaded.scenario
            self.probed.append(await run_probe(probe, self.edge, self.profile.origin, scenario.worker.vars))
        except WorkerRaised as raised:
            raise WorkerRaised(f"the probe at {probe.at} ({raised.where})") from raised.__cause__
        self._moved()

    def _unmade(self, count: int) -> None:
        """Requests that were planned are not made: a session ended before its last step."""
        self.total -= count

    def _moved(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total, self.edge.clock.now())


def replay(
    loaded: Loaded,
    *,
    seed: int | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
    observers: Sequence[Observer] = (),
    strict_worker: bool = False,
    selection: Selection | None = None,
    console: TextIO | None = None,
) -> ScenarioResult:
    """Replay one scenario and judge it. The same scenario and seed give the same result.

    seed: in the place of the scenario's own. store: default: memory, given up afterwards.
    observers: what else watches the run (a journal, the series of the plots).
    selection: which requests are made; default: all. console: where what the worker prints goes; default:
    standard error.
    strict_worker: whether the first exception of the worker that is not the platform's ends the run, with
    ReplayFailed; else it is one failed request. Ctrl-C gives a result with the verdict "partial" that holds
    what had happened until then.
    """
    judge = Judge()
    simulate(
        loaded,
        seed=seed,
        store=store,
        progress=progress,
        observers=(judge, *observers),
        strict_worker=strict_worker,
        selection=selection,
        console=console,
    )
    assert judge.result is not None  # simulate() has told it the end
    return judge.result


def simulate(
    loaded: Loaded,
    *,
    seed: int | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
    observers: Sequence[Observer] = (),
    strict_worker: bool = False,
    selection: Selection | None = None,
    console: TextIO | None = None,
) -> RunEnd:
    """Run one scenario in virtual time for its observers; nothing else is counted. As `replay`."""
    scenario = loaded.scenario
    seed = scenario.seed if seed is None else seed
    clock = VirtualClock(scenario.start)
    edge = edge_for(scenario, loaded.worker, clock, seed=seed, store=store, strict_worker=strict_worker)
    start = RunStart(scenario, seed, edge.limits, getattr(loaded.worker, "runtime", {}))
    for observer in observers:
        observer.begin(start, edge.events)
    if selection is not None:
        selection.attach(edge)
    run = _Run(loaded, seed, edge, progress, selection)
    interrupted = False
    misbehaved: WorkerMisbehaved | None = None
    try:
        run_worker(scenario, edge, clock, run.whole(), console)
    except KeyboardInterrupt:
        interrupted = True
    except WorkerMisbehaved as raised:
        misbehaved = raised
    end = RunEnd(clock.now(), interrupted, run.probed, "" if misbehaved is None else str(misbehaved))
    for observer in observers:
        observer.end(end)
    return end


def edge_for(
    scenario: Scenario,
    worker: type,
    clock: VirtualClock,
    *,
    seed: int,
    store: Store | None = None,
    switches: Switches | None = None,
    strict_worker: bool = False,
) -> Edge:
    """The account that a scenario describes, with its worker on it. switches: in the place of its own."""
    production = scenario.platform
    return Edge(
        account=scenario.account,
        clock=clock,
        store=store,
        switches=switches or scenario.limits,
        namespaces=scenario.bindings,
        vars={**scenario.variables, **stubs_of(scenario)},
        worker=worker,
        outbound=outbound_of(scenario, scenario.profile.outbound, clock.now()),
        colo=DEFAULT_COLO if production is None else production.admin_colo,
        seed=seed,
        production=production,
        strict_worker=strict_worker,
    )


async def dispatch(
    edge: Edge,
    scenario: Scenario,
    origin: str,
    script: Script,
    moved: Callable[[], None] = _nobody,
    unmade: Callable[[int], None] = _nobody,
) -> None:
    """Send a request of the traffic to the data centre that it arrives at, go through a session there, or run
    a cron.

    origin: of the worker. moved: called after each request or run; unmade: with how many requests a session
    did not make.
    """
    production = scenario.platform
    colo = None if production is None else production.colo_of(script.seed)
    part = script.traffic
    if isinstance(part, CronTraffic):
        late_s = part.late_s(script.seed)
        if late_s:
            await sleep(late_s)
        await edge.dispatch_scheduled(part.cron, scheduled_at=script.at, colo=colo, context=script)
        moved()
        return
    if isinstance(part, SessionTraffic):
        session = Session(edge, script, colo=colo, origin=origin, told=moved)
        unmade(part.requests_each - await session.run())
        return
    request = script.request(origin)
    response = await edge.dispatch(request, colo=colo, context=script, route=script.route)
    template = part.planned(script.seed)
    if template is None or not template.expect:
        await consume(response)
    else:
        answer, values = await Answer.of(response), script.draws()
        at = edge.clock.now()
        edge.events.emit(
            compared(template.expect, answer, part.name, template.counted_as, at, values.__getitem__)
        )
    moved()


async def _after_filling(edge: Edge, scenario: Scenario, work: Coroutine[Any, Any, None]) -> None:
    """Put into KV what it holds at the start, then do the work."""
    try:
        await fill_kv(edge, scenario)
    except BaseException:
        work.close()
        raise
    await work


def run_worker(
    scenario: Scenario,
    edge: Edge,
    clock: VirtualClock,
    work: Coroutine[Any, Any, None],
    console: TextIO | None = None,
) -> None:
    """Run `work`, which has a worker's edge answer requests, in virtual time, after KV holds what it holds at
    the start. What the worker prints goes to `console`, by default standard error.

    Raises WorkerMisbehaved as soon as the worker did what ends a run, ReplayFailed for what a strict edge
    raises, KeyboardInterrupt for Ctrl-C, and a defect of the replay itself as it is.
    """
    try:
        with importable_from_here(), installed(), held(), redirect_stdout(console or sys.stderr):
            run_virtual(clock, supervised(edge, _after_filling(edge, scenario, work)))
    except BaseException as raised:
        first = raised
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        if edge.misbehaved is not None:
            raise edge.misbehaved from None
        if isinstance(first, WorkerRaised):
            cause = first.__cause__ or first
            raise ReplayFailed(scenario.name, str(first), whole_text(cause)) from None
        if isinstance(first, (SystemExit, HangInterrupted, KeyboardInterrupt)) and not is_from_outside(first):
            place, request = error_call_site(first).place, ""
            if isinstance(first, HangInterrupted):
                place, request = first.place, first.request
            raise WorkerMisbehaved(misbehaviour_text(first), place, request=request) from None
        if first is raised:
            raise
        raise first from None
    finally:
        edge.new_isolate()  # they may be large, and an edge is a cycle that lies about for long
    if edge.misbehaved is not None:
        raise edge.misbehaved
