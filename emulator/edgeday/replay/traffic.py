"""What arrives when: a scenario's traffic as timed requests, drawn from its seed. Pure.

Every draw has a generator of its own, named by traffic, day and request, so that changing one traffic
leaves the draws of the others as they were; only parts that arrive evenly share their instants out among
them. Requests are made one by one as they are due.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from random import Random
from typing import TYPE_CHECKING, Any

from edgeday.clock import DAY_S
from edgeday.scenario.arrivals import Even, spread_evenly
from edgeday.scenario.templates import Lookup
from edgeday.scenario.traffic import TimedTraffic, TrafficPart
from edgeday.scenario.values import Draws, Pool
from edgeday.web.messages import Request

if TYPE_CHECKING:
    from edgeday.scenario.model import Scenario


@dataclass(slots=True)
class Script:
    """One request to come, or one session: when, and what it is.

    at: epoch seconds; of a cron's run when it is planned. number: from 1, within its traffic and the whole
    run. seed: of its draws.
    pools: what the values of its placeholders are drawn from.
    failing: whether it is one of those that fail by the scenario's word. notes: what the handler of a host
    that the worker fetches from keeps of this request; its text says how far the request got. lookup: what
    placeholders stand for, where that is more than its draws.
    """

    traffic: TimedTraffic
    number: int
    at: float
    seed: str
    failing: bool = False
    notes: Any = None
    pools: Mapping[str, Pool] = field(default_factory=dict)
    lookup: Lookup | None = None

    @property
    def shape(self) -> Hashable | None:
        """All in which it differs from others, but for its instant; None: not known."""
        draws = Draws(self.pools, self.seed, self.number)
        shape = self.traffic.shape(draws, failing=self.failing)
        return None if shape is None else (self.traffic.name, shape)

    def request(self, origin: str) -> Request:
        """The HTTP request to the worker, which is asked at `origin`."""
        assert isinstance(self.traffic, TrafficPart)
        return self.traffic.drawn(self.draws(), failing=self.failing, origin=origin)

    def draws(self) -> Draws:
        """Its values, drawn by its seed: the same each time."""
        return Draws(self.pools, self.seed, self.number)

    def values(self) -> Lookup:
        """What placeholders stand for in whatever belongs to it."""
        return self.draws().__getitem__ if self.lookup is None else self.lookup

    @property
    def route(self) -> str | None:
        """What it is counted as; None: its own method and path."""
        return self.traffic.route_of(self.seed)


def requests_in(scenario: Scenario) -> int:
    """How many requests, and runs of crons, the traffic of the whole run has, at most: some sessions end
    before their last step."""
    return sum(requests_of(traffic, scenario) * traffic.requests_each for traffic in scenario.traffic)


def requests_of(traffic: TimedTraffic, scenario: Scenario) -> int:
    """How many of them one traffic has; of sessions, how many begin."""
    return traffic.count(scenario.days, scenario.start.timestamp())


def requests_of_day(scenario: Scenario, seed: int, day: int) -> Iterator[Script]:
    """All requests of one day (from 0), in order of arrival, each made when it is asked for."""
    begins_at = scenario.start.timestamp() + day * DAY_S
    even = [
        part for part in scenario.traffic if isinstance(part, TrafficPart) and type(part.arrivals) is Even
    ]
    spread = spread_evenly([part.on_day(day) for part in even], beside_crons=bool(scenario.crons))
    given = {part.name: instants for part, instants in zip(even, spread, strict=True)}
    parts, pools = [], scenario.pools
    for traffic in scenario.traffic:
        draws = f"{seed}/{traffic.name}/{day}"
        if traffic.name in given:
            times: Iterable[float] = (begins_at + offset for offset in given[traffic.name])
        else:
            times = traffic.times(day, begins_at, Random(f"{draws}/arrivals"))
        before = traffic.count(day, scenario.start.timestamp())
        parts.append(_scripts(traffic, draws, list(times), before, pools))
    return merge(*parts, key=lambda script: script.at)


def _scripts(
    traffic: TimedTraffic, draws: str, times: Sequence[float], before: int, pools: Mapping[str, Pool]
) -> Iterator[Script]:
    failing = traffic.failing(len(times), Random(f"{draws}/errors"))
    for index, at in enumerate(times):
        yield Script(traffic, before + index + 1, at, f"{draws}/{index}", index in failing, pools=pools)
