"""Capacity: the largest day that fits an account's limits, found by one run that grows.

Requests keep arriving, closer and closer together, until a limit would refuse something. Nothing is refused
while that happens, so every one costs what it costs undisturbed, and those that overlap are charged one after
the other, in order of arrival: request n is the first that does not fit when the first n - 1 leave too little
for it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from edgeday.clock import DAY_S, VirtualClock
from edgeday.errors import WorkerMisbehaved
from edgeday.ledger import KV_QUOTAS
from edgeday.replay.capacity_limits import Capacity, CapacityMeter
from edgeday.replay.runner import Progress, ReplayFailed, dispatch, edge_for, run_worker
from edgeday.replay.traffic import Script, requests_of_day
from edgeday.runtime.edge import Edge
from edgeday.scenario.arrivals import HOURS
from edgeday.scenario.loader import Loaded
from edgeday.scenario.model import Scenario
from edgeday.scenario.traffic import Background, TrafficPart
from edgeday.storage.recent import RecentStore
from edgeday.virtual_loop import sleep

UP_TO = 25_000
"""Requests that are tried where no limit binds before."""
_FIRST_PACE = 10
"""The larger, the sooner requests come close together: 37 of them do not overlap, 20,000 fit into a day."""
_SPARED_S = 3_600
"""Left at the end of the day for the last requests."""


def measure_capacity(
    loaded: Loaded, *, variant: str | None = None, up_to: int = UP_TO, progress: Progress | None = None
) -> Capacity:
    """Grow a scenario's requests (of the kind that grows alone, if it has one) until an account limit binds.

    All else that the scenario's first day holds, other requests and background code, comes first and in
    full. Failing requests come as often as the scenario says, counted out: of every 20 one, for 5 in 100.
    Texts are left empty and old entries are forgotten, which costs no operation less.
    variant: in the place of the scenario's. Raises ReplayFailed if the worker raises what it should not.
    """
    scenario = _lean(loaded.scenario, variant)
    clock = VirtualClock(scenario.start)
    switches = scenario.limits
    edge = edge_for(
        scenario,
        loaded.worker,
        clock,
        seed=scenario.seed,
        store=RecentStore(),
        switches=replace(switches, daily_kv="observe", subrequests="observe", requests="observe"),
        strict_worker=True,
    )
    meter = CapacityMeter(edge.events, edge.limits, switches)
    growth = _Growth(scenario, edge, meter, up_to, progress)
    try:
        run_worker(scenario, edge, clock, growth.whole())
    except WorkerMisbehaved as misbehaved:
        raise ReplayFailed(scenario.name, str(misbehaved), "") from None
    noun = growth.growing[0].keyword
    return meter.capacity(scenario.name, scenario.account, scenario.worker.variant or "", noun)


def growing_part(scenario: Scenario) -> Sequence[TrafficPart]:
    """The traffic that grows: that of a kind which grows alone, or all requests where there is none. Crons
    never do: they run when they say."""
    requests = [traffic for traffic in scenario.traffic if isinstance(traffic, TrafficPart)]
    return [traffic for traffic in requests if traffic.grows] or requests


def _lean(scenario: Scenario, variant: str | None) -> Scenario:
    """The scenario with empty texts, and with another variant if one is asked for."""
    traffic = [part.lean() for part in scenario.traffic]
    worker = scenario.worker.model_copy(update={"variant": variant} if variant else {})
    return scenario.model_copy(update={"traffic": traffic, "worker": worker})


class _Growth:
    """The run: first what does not grow, then ever more of what does."""

    def __init__(
        self, scenario: Scenario, edge: Edge, meter: CapacityMeter, up_to: int, progress: Progress | None
    ) -> None:
        self.growing = growing_part(scenario)
        self._scenario = scenario
        self._origin = scenario.profile.origin
        self._edge = edge
        self._meter = meter
        self._up_to = up_to
        self._progress = progress
        self._done = 0

    async def whole(self) -> None:
        """Run until a daily limit binds, or until as many as were asked for have been tried."""
        fixed = [traffic for traffic in self._scenario.traffic if traffic not in self.growing]
        begins_s = 0.0
        start = self._scenario.start.timestamp()
        for background in self._scenario.background:
            self._meter.spend_before(_of_one_day(background), start)
        if fixed:
            begins_s = DAY_S / 4
            only_fixed = self._scenario.model_copy(update={"traffic": fixed})
            async with asyncio.TaskGroup() as group:
                for script in requests_of_day(only_fixed, self._scenario.seed, 0):
                    await self._until((script.at - start) / DAY_S * begins_s)
                    group.create_task(self._one(script))
            await self._edge.drain()
        self._meter.begin_growth()
        pace = (DAY_S - _SPARED_S - begins_s) / math.log1p(self._up_to / _FIRST_PACE)
        async with asyncio.TaskGroup() as group:
            for number, script in enumerate(self._scripts(), start=1):
                await self._until(begins_s + pace * math.log1p(number / _FIRST_PACE))
                if self._meter.settled:
                    break
                group.create_task(self._one(script, counted=True))
        await self._edge.drain()

    async def _until(self, elapsed_s: float) -> None:
        wait_s = elapsed_s - asyncio.get_running_loop().time()
        if wait_s > 0:
            await sleep(wait_s)

    async def _one(self, script: Script, *, counted: bool = False) -> None:
        await dispatch(self._edge, self._scenario, self._origin, script)
        if counted and self._progress is not None:
            self._done += 1
            self._progress(self._done, self._up_to, self._edge.clock.now())

    def _scripts(self) -> Iterator[Script]:
        """The growing traffic, its parts in the proportion that the scenario gives them."""
        weights = [max(sum(traffic.per_day), 1) / len(traffic.per_day) for traffic in self.growing]
        shares = [traffic.failing_share() for traffic in self.growing]
        made, pools = [0] * len(weights), self._scenario.pools
        for _ in range(self._up_to):
            part = min(range(len(weights)), key=lambda part: (made[part] + 1) / weights[part])
            made[part] += 1
            number, traffic = made[part], self.growing[part]
            seed = f"{self._scenario.seed}/{traffic.name}/0/{number - 1}"
            failing = counts_as_error(number, shares[part])
            yield Script(traffic, number, 0.0, seed, failing, pools=pools)


def counts_as_error(number: int, share: Fraction) -> bool:
    """Whether request `number`, from 1, fails: so that of any first n of them share x n do, to the nearest
    whole number (of every 20 the tenth, for one in 20)."""
    half = Fraction(1, 2)
    return math.floor(number * share + half) > math.floor((number - 1) * share + half)


def _of_one_day(background: Background) -> dict[str, int]:
    """KV operations that background code makes in a day, by limit."""
    rates = {quota.limit: getattr(background, quota.name) for quota in KV_QUOTAS}
    return {limit: sum(rate) * (HOURS // len(rate)) for limit, rate in rates.items()}
