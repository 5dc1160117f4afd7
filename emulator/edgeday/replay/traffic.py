"""What arrives when: a scenario's traffic as timed requests, drawn from its seed. Pure.

Every draw has a generator of its own, named by traffic, day and request, so that changing one traffic
leaves the others as they were. Requests are made one by one as they are due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from random import Random
from typing import TYPE_CHECKING, Any

from edgeday.clock import DAY_S
from edgeday.scenario.traffic import TrafficPart
from edgeday.web.messages import Request

if TYPE_CHECKING:
    from edgeday.scenario.model import Scenario


@dataclass(slots=True)
class Script:
    """One request to come: when, and what it is.

    at: epoch seconds. number: from 1, within its traffic and the whole run. seed: of its draws.
    failing: whether it is one of those that fail by the scenario's word. notes: what the handler of a host
    that the worker fetches from keeps of this request; its text says how far the request got.
    """

    traffic: TrafficPart
    number: int
    at: float
    seed: str
    failing: bool = False
    notes: Any = None

    def request(self, origin: str) -> Request:
        """The HTTP request to the worker, which is asked at `origin`."""
        return self.traffic.request(self.number, self.seed, failing=self.failing, origin=origin)


def requests_in(scenario: Scenario) -> int:
    """How many requests the traffic of the whole run has."""
    return sum(requests_of(traffic, scenario.days) for traffic in scenario.traffic)


def requests_of(traffic: TrafficPart, days: int) -> int:
    """How many requests one traffic has in so many days."""
    return sum(_on_day(traffic.per_day, day) for day in range(days))


def requests_of_day(scenario: Scenario, seed: int, day: int) -> Iterator[Script]:
    """All requests of one day (from 0), in order of arrival, each made when it is asked for."""
    start = scenario.start.timestamp()
    return merge(
        *(_traffic_day(traffic, f"{seed}/{traffic.name}/{day}", start, day) for traffic in scenario.traffic),
        key=lambda script: script.at,
    )


def _on_day(per_day: Sequence[int], day: int) -> int:
    return per_day[day % len(per_day)]


def _traffic_day(traffic: TrafficPart, seed: str, run_start: float, day: int) -> Iterator[Script]:
    start = run_start + day * DAY_S
    count = _on_day(traffic.per_day, day)
    before = requests_of(traffic, day)
    times = traffic.arrivals.times(count, Random(f"{seed}/arrivals"), start % DAY_S)
    failing = traffic.failing(count, Random(f"{seed}/errors"))
    for index, offset_s in enumerate(times):
        yield Script(traffic, before + index + 1, start + offset_s, f"{seed}/{index}", index in failing)
