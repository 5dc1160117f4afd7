"""How the AI provider answers the calls of one request, drawn from the request's seed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from edgeday import TrafficScript
from worker_port.profile.traffic import Ai, AiRequestTraffic, PlanTraffic

_RETRIED = frozenset({429, 502, 503, 504})
"""Statuses after which the worker tries the same call again."""
_DEFAULT = Ai()


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


class AiCalls:
    """The AI calls of one request.

    made: calls so far; an attempt that is repeated is no new call. planned: calls that the request is to
    make, 0: not known. letters: those of the answers.
    """

    __slots__ = ("_attempts", "_current", "_failed_body", "_outcomes", "letters", "made", "planned")

    def __init__(self, script: TrafficScript) -> None:
        traffic, random = script.traffic, Random(script.seed)
        self.made = 0
        self.planned = 0
        self._attempts = 0
        self._failed_body: bytes | None = None
        if isinstance(traffic, PlanTraffic):
            self.planned = traffic.ai_calls
            self.letters = traffic.ai.script
            self._outcomes = iter(_of_plan(traffic, random, script.seed, failing=script.failing))
        else:
            errors = traffic.errors if isinstance(traffic, AiRequestTraffic) else None
            ai = traffic.ai if isinstance(traffic, AiRequestTraffic) else _DEFAULT
            status = errors.status if script.failing and errors is not None else 200
            self.letters = ai.script
            self._outcomes = _without_end(ai, random, script.seed, status)

    @classmethod
    def of(cls, script: TrafficScript) -> AiCalls:
        """The calls of a request, kept in its `notes`."""
        if not isinstance(script.notes, cls):
            script.notes = cls(script)
        return script.notes

    def __str__(self) -> str:
        return "1 AI call" if self.made == 1 else f"{self.made} AI calls"

    def attempt(self, body: bytes) -> tuple[CallOutcome, int]:
        """What the AI provider does with the next fetch: the outcome of its call, and the status to answer.

        A fetch that repeats the body of one that failed in passing is another attempt at the same call.
        """
        if self._failed_body is not None and body == self._failed_body:
            self._attempts += 1
        else:
            self.made += 1
            self._attempts = 1
            self._current = next(self._outcomes, CallOutcome(0))
        outcome = self._current
        status = outcome.retry_status if self._attempts <= outcome.failing_attempts else outcome.status
        self._failed_body = body if status in _RETRIED else None
        return outcome, status


def _of_plan(traffic: PlanTraffic, draw: Random, seed: str, *, failing: bool) -> list[CallOutcome]:
    calls = range(1, traffic.ai_calls + 1)
    failed_calls: frozenset[int] = frozenset()
    status = 200
    if failing and traffic.errors is not None:
        traffic.request_errors(draw)  # drawn before, for the request's headers
        failed_calls = traffic.response_errors(draw)
        status = traffic.errors.status
    details = _details(traffic.ai, seed)
    return [
        CallOutcome(
            round(traffic.ai.seconds.draw(draw), 3), status if call in failed_calls else 200, *next(details)
        )
        for call in calls
    ]


def _without_end(ai: Ai, draw: Random, seed: str, status: int) -> Iterator[CallOutcome]:
    for details in _details(ai, seed):
        yield CallOutcome(round(ai.seconds.draw(draw), 3), status, *details)


def _details(ai: Ai, seed: str) -> Iterator[tuple[int, int, int]]:
    """For each call: failing attempts, their status, characters of the answer."""
    retries = ai.retries
    if retries is None and ai.response_chars.kind == "fixed":
        always = (0, 0, round(ai.response_chars.value))
        while True:
            yield always
    status, sizes = retries.status if retries else 0, Random(f"{seed}/answers")
    for failing_attempts in ai.failing_attempts(seed):
        yield failing_attempts, status, round(ai.response_chars.draw(sizes))
