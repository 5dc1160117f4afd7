"""What arrives when: a scenario's traffic as timed requests, drawn from its seed. Pure.

Every draw has a generator of its own, named by traffic, day and request, so that changing one traffic
leaves the others as they were. Requests are made one by one as they are due.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from random import Random

from edgeday.clock import DAY_S
from edgeday.scenario.model import Scenario
from edgeday.scenario.traffic import Ai, Errors, PlanTraffic, RequestErrors, RequestTraffic
from edgeday.web.json_text import stringify_utf8
from edgeday.web.messages import Request

PLAN_ROUTE = "POST /api/generate-plan"
ORIGIN = "https://aidiet.example"
_PLAN_URL = f"{ORIGIN}/api/generate-plan"
_RETRIED = frozenset({429, 502, 503, 504})
"""Statuses after which a worker tries the same call again."""


@dataclass(slots=True)
class CallOutcome:
    """What the AI provider does with one call: answers each attempt after `seconds`.

    status: of the call. failing_attempts: how many attempts are answered with `retry_status` before that.
    chars: of the answer, at least.
    """

    seconds: float
    status: int = 200
    failing_attempts: int = 0
    retry_status: int = 503
    chars: int = 0


@dataclass(slots=True)
class Script:
    """One request to come: when, what is asked, and how the AI provider will answer its calls.

    at: epoch seconds. number: from 1, within its traffic and the whole run. seed: of its draws.
    failing: whether it is one of the requests with errors. calls_made: moved on by the AI provider's
    stand-in; an attempt that is repeated is no new call.
    """

    traffic: PlanTraffic | RequestTraffic
    number: int
    at: float
    seed: str
    failing: bool = False
    calls_made: int = 0
    request_errors: tuple[int, ...] = field(init=False)
    _outcomes: Iterator[CallOutcome] = field(init=False)
    _current: CallOutcome = field(init=False)
    _attempts: int = 0
    _failed_body: bytes | None = None

    def __post_init__(self) -> None:
        random = Random(self.seed)
        if isinstance(self.traffic, PlanTraffic):
            self.request_errors, outcomes = _plan_calls(self.traffic, random, self.seed, self.failing)
            self._outcomes = iter(outcomes)
        else:
            self.request_errors = ()
            self._outcomes = _request_calls(self.traffic, random, self.seed, self.failing)

    @property
    def calls(self) -> int:
        """AI calls the request is to make; 0: not known."""
        return self.traffic.ai_calls if isinstance(self.traffic, PlanTraffic) else 0

    def attempt(self, body: bytes) -> tuple[CallOutcome, int]:
        """What the AI provider does with the next fetch: the outcome of its call, and the status to answer.

        A fetch that repeats the body of one that failed in passing is another attempt at the same call.
        """
        if self._failed_body is not None and body == self._failed_body:
            self._attempts += 1
        else:
            self.calls_made += 1
            self._attempts = 1
            self._current = next(self._outcomes, CallOutcome(0))
        outcome = self._current
        status = outcome.retry_status if self._attempts <= outcome.failing_attempts else outcome.status
        self._failed_body = body if status in _RETRIED else None
        return outcome, status

    def request(self) -> Request:
        """The HTTP request. A plan's headers say what only a simulation can know."""
        if isinstance(self.traffic, PlanTraffic):
            return self._plan_request(self.traffic)
        return request_of(self.traffic.method, self.traffic.path, self.traffic.headers, self.traffic.body)

    def _plan_request(self, traffic: PlanTraffic) -> Request:
        ai, errors = traffic.ai, traffic.errors
        sizes = ai.prompt_chars
        prompt_chars = round(
            sizes.value if sizes.kind == "fixed" else sizes.draw(Random(f"{self.seed}/prompt"))
        )
        headers = {
            "Content-Type": "application/json",
            "edgeday-plan-calls": str(traffic.ai_calls),
            "edgeday-prompt-chars": str(prompt_chars),
            "edgeday-prompt-script": ai.script,
        }
        if errors is not None:
            headers["edgeday-plan-on-error"] = errors.then
        if self.request_errors:
            headers["edgeday-request-errors"] = ",".join(map(str, self.request_errors))
        client = {"name": f"Client {self.number}", "age": 20 + self.number % 50, "weight": 70, "height": 170}
        return Request(_PLAN_URL, method="POST", headers=headers, body=stringify_utf8(client))


def request_of(method: str, path: str, headers: dict[str, str], body: object) -> Request:
    """A request to the worker; a body that is not text is sent as JSON."""
    if body is None or isinstance(body, str):
        return Request(ORIGIN + path, method=method, headers=headers, body=body)
    return Request(
        ORIGIN + path,
        method=method,
        headers={"Content-Type": "application/json", **headers},
        body=stringify_utf8(body),
    )


def _plan_calls(
    traffic: PlanTraffic, draw: Random, seed: str, failing: bool
) -> tuple[tuple[int, ...], list[CallOutcome]]:
    calls = range(1, traffic.ai_calls + 1)
    request_errors: tuple[int, ...] = ()
    failed_calls: frozenset[int] = frozenset()
    status = 200
    if failing and traffic.errors is not None:
        request_errors = tuple(sorted(draw.sample(calls, traffic.errors.request_errors)))
        failed_calls = frozenset(draw.sample(calls, traffic.errors.response_errors))
        status = traffic.errors.status
    details = _details(traffic.ai, seed)
    outcomes = [
        CallOutcome(
            round(traffic.ai.seconds.draw(draw), 3), status if call in failed_calls else 200, *next(details)
        )
        for call in calls
    ]
    return request_errors, outcomes


def _request_calls(traffic: RequestTraffic, draw: Random, seed: str, failing: bool) -> Iterator[CallOutcome]:
    status = traffic.errors.status if failing and traffic.errors is not None else 200
    for details in _details(traffic.ai, seed):
        yield CallOutcome(round(traffic.ai.seconds.draw(draw), 3), status, *details)


def _details(ai: Ai, seed: str) -> Iterator[tuple[int, int, int]]:
    """For each call: failing attempts, their status, characters of the answer."""
    retries = ai.retries
    if retries is None and ai.response_chars.kind == "fixed":
        always = (0, 0, round(ai.response_chars.value))
        while True:
            yield always
    attempts, sizes = Random(f"{seed}/attempts"), Random(f"{seed}/answers")
    while True:
        fails = retries is not None and attempts.random() < retries.rate
        failing_attempts = retries.attempts if retries is not None and fails else 0
        yield failing_attempts, retries.status if retries else 0, round(ai.response_chars.draw(sizes))


def requests_in(scenario: Scenario) -> int:
    """How many requests the traffic of the whole run has."""
    return sum(requests_of(traffic, scenario.days) for traffic in scenario.traffic)


def requests_of(traffic: PlanTraffic | RequestTraffic, days: int) -> int:
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


def _traffic_day(
    traffic: PlanTraffic | RequestTraffic, seed: str, run_start: float, day: int
) -> Iterator[Script]:
    start = run_start + day * DAY_S
    count = _on_day(traffic.per_day, day)
    before = requests_of(traffic, day)
    times = traffic.arrivals.times(count, Random(f"{seed}/arrivals"), start % DAY_S)
    failing = _failing(traffic.errors, count, Random(f"{seed}/errors"))
    for index, offset_s in enumerate(times):
        yield Script(traffic, before + index + 1, start + offset_s, f"{seed}/{index}", index in failing)


def _failing(errors: Errors | RequestErrors | None, count: int, draw: Random) -> frozenset[int]:
    if errors is None:
        return frozenset()
    if errors.count is not None:
        return frozenset(draw.sample(range(count), errors.count))
    rate = errors.rate or 0.0
    return frozenset(index for index in range(count) if draw.random() < rate)
