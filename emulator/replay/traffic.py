"""What arrives when: a scenario's traffic as timed requests, drawn from its seed. Pure.

Every draw has a generator of its own, named by traffic, day and plan, so that changing one traffic
leaves the others as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from emulator.clock import DAY_S
from emulator.replay.scenario import Arrivals, PlanTraffic, Scenario
from emulator.web.json_text import stringify_utf8
from emulator.web.messages import Request

PLAN_ROUTE = "POST /api/generate-plan"
_PLAN_URL = "https://aidiet.example/api/generate-plan"

_DIURNAL = (2, 1, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 7, 6, 5, 5, 6, 8, 10, 12, 12, 10, 7, 4)
"""An assumption: one country's day, with a small peak in the morning and a larger one in the evening."""


@dataclass(slots=True)
class CallOutcome:
    """What the AI provider does with one call: answer after `seconds`, with an HTTP status."""

    seconds: float
    status: int


@dataclass(slots=True)
class PlanScript:
    """One plan to come: when, what is asked, and how the AI provider will answer each call.

    at: epoch seconds. number: from 1, within its traffic and the whole run. calls_made: moved on by the
    AI provider's stand-in.
    """

    traffic: PlanTraffic
    number: int
    at: float
    request_errors: tuple[int, ...]
    outcomes: tuple[CallOutcome, ...]
    calls_made: int = 0

    def request(self) -> Request:
        """The HTTP request of this plan. Its headers say what only a simulation can know."""
        ai, errors = self.traffic.ai, self.traffic.errors
        headers = {
            "Content-Type": "application/json",
            "edgeday-plan-calls": str(self.traffic.ai_calls),
            "edgeday-prompt-chars": str(ai.prompt_chars),
            "edgeday-prompt-script": ai.script,
        }
        if errors is not None:
            headers["edgeday-plan-on-error"] = errors.then
        if self.request_errors:
            headers["edgeday-request-errors"] = ",".join(map(str, self.request_errors))
        client = {"name": f"Client {self.number}", "age": 20 + self.number % 50, "weight": 70, "height": 170}
        return Request(_PLAN_URL, method="POST", headers=headers, body=stringify_utf8(client))


def plans_in(scenario: Scenario) -> int:
    """How many plans the whole run has."""
    return scenario.days * sum(traffic.plans for traffic in scenario.traffic)


def plans_of_day(scenario: Scenario, seed: int, day: int) -> list[PlanScript]:
    """All plans of one day (from 0), in order of arrival."""
    midnight = scenario.start.timestamp() + day * DAY_S
    plans = [
        plan
        for traffic in scenario.traffic
        for plan in _traffic_day(traffic, f"{seed}/{traffic.name}/{day}", midnight, day)
    ]
    plans.sort(key=lambda plan: plan.at)
    return plans


def _traffic_day(traffic: PlanTraffic, seed: str, start: float, day: int) -> Iterator[PlanScript]:
    times = arrival_times(traffic.arrivals, traffic.plans, Random(f"{seed}/arrivals"))
    failing = _error_plans(traffic, Random(f"{seed}/errors"))
    for index, offset_s in enumerate(times):
        draw = Random(f"{seed}/{index}")
        request_errors, outcomes = _draw_calls(traffic, draw, index in failing)
        yield PlanScript(traffic, day * traffic.plans + index + 1, start + offset_s, request_errors, outcomes)


def _error_plans(traffic: PlanTraffic, draw: Random) -> frozenset[int]:
    errors = traffic.errors
    if errors is None:
        return frozenset()
    if errors.plans is not None:
        return frozenset(draw.sample(range(traffic.plans), errors.plans))
    rate = errors.rate or 0.0
    return frozenset(index for index in range(traffic.plans) if draw.random() < rate)


def _draw_calls(
    traffic: PlanTraffic, draw: Random, failing: bool
) -> tuple[tuple[int, ...], tuple[CallOutcome, ...]]:
    least, most = traffic.ai.seconds
    calls = range(1, traffic.ai_calls + 1)
    request_errors: tuple[int, ...] = ()
    failed_calls: frozenset[int] = frozenset()
    status = 200
    if failing and traffic.errors is not None:
        request_errors = tuple(sorted(draw.sample(calls, traffic.errors.request_errors)))
        failed_calls = frozenset(draw.sample(calls, traffic.errors.response_errors))
        status = traffic.errors.status
    outcomes = tuple(
        CallOutcome(round(draw.uniform(least, most), 3), status if call in failed_calls else 200)
        for call in calls
    )
    return request_errors, outcomes


def arrival_times(arrivals: Arrivals, count: int, draw: Random) -> list[float]:
    """Seconds from the start of the day at which `count` requests arrive, in order, to the millisecond."""
    if arrivals.kind == "even":
        return [round((index + 0.5) * DAY_S / count, 3) for index in range(count)] if count else []
    if arrivals.kind == "burst":
        window_s = arrivals.minutes * 60
        times = [arrivals.begins_s + draw.random() * window_s for _ in range(count)]
    elif arrivals.kind == "diurnal":
        times = [_diurnal(arrivals.weights or _DIURNAL, draw) for _ in range(count)]
    else:  # poisson: given their number, arrivals are uniform over the day
        times = [draw.random() * DAY_S for _ in range(count)]
    return sorted(min(round(time, 3), DAY_S - 0.001) for time in times)


def _diurnal(weights: tuple[float, ...] | list[float] | tuple[int, ...], draw: Random) -> float:
    sums = list(accumulate(weights))
    hour = draw.choices(range(24), cum_weights=sums)[0]
    return (hour + draw.random()) * 3600
