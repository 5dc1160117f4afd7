"""The AI provider's stand-in of a server: answers after real seconds, and sometimes fails."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

from edgeday import Invocation, ServedOrigins
from edgeday.web.json_text import stringify_utf8
from edgeday.web.messages import Request, Response, reason_phrase
from worker_port.profile.ai_provider import AI_HOSTS, Letters, answer_text
from worker_port.profile.traffic import PlanTraffic

if TYPE_CHECKING:
    from edgeday import Scenario

_HEADERS = (("content-type", "application/json"),)


class AiStandIn:
    """Answers every fetch as a chat completion that serves any step of a plan.

    seconds: least and most of an answer, drawn evenly. failure_rate: chance of each call, 0 to 1, to be
    answered with `failure_status`. response_chars: characters of an answer, at least.
    """

    def __init__(
        self,
        *,
        seconds: tuple[float, float] = (0.0, 0.0),
        failure_rate: float = 0.0,
        failure_status: int = 500,
        response_chars: int = 0,
        letters: Letters = "latin",
        seed: int = 0,
    ) -> None:
        self.seconds = seconds
        self.failure_rate = failure_rate
        self._failure_status = failure_status
        text = answer_text(0, 0, response_chars, letters)
        self._completion = stringify_utf8(
            {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
        )
        self._random = Random(seed)

    async def __call__(self, request: Request, invocation: Invocation) -> Response:
        wait_s = self._random.uniform(*self.seconds)
        fails = self._random.random() < self.failure_rate
        if wait_s:
            await asyncio.sleep(wait_s)
        if not fails:
            return Response.received(200, "OK", _HEADERS, self._completion)
        reason = reason_phrase(self._failure_status)
        body = stringify_utf8({"error": {"message": reason, "type": "server_error"}})
        return Response.received(self._failure_status, reason, _HEADERS, body)


def stand_in_of(scenario: Scenario) -> AiStandIn:
    """The stand-in that a scenario describes for its first plans; at once and faultless if it has none.

    A server does not know which of its requests is which plan, so a call fails with the chance that a
    call of the scenario's day has: the share of error plans, times the share of their calls that fail.
    """
    plans = [traffic for traffic in scenario.traffic if isinstance(traffic, PlanTraffic)]
    if not plans:
        return AiStandIn(seed=scenario.seed)
    traffic = plans[0]
    errors = traffic.errors
    rate = 0.0
    if errors is not None:
        share = errors.rate if errors.plans is None else errors.plans / max(1, traffic.plans[0])
        rate = (share or 0.0) * errors.response_errors / traffic.ai_calls
    return AiStandIn(
        seconds=traffic.ai.seconds.middle,
        failure_rate=rate,
        failure_status=500 if errors is None else errors.status,
        response_chars=round(traffic.ai.response_chars.middle[1]),
        letters=traffic.ai.script,
        seed=scenario.seed,
    )


def served_origins(scenario: Scenario | None) -> ServedOrigins:
    """How a server's worker finds the AI provider."""
    ai = AiStandIn() if scenario is None else stand_in_of(scenario)
    least, most = ai.seconds
    delay = "at once" if not most else f"after {least:g} to {most:g} s"
    failing = f", {ai.failure_rate:.1%} of the calls fail" if ai.failure_rate else ""
    return ServedOrigins(dict.fromkeys(AI_HOSTS, ai), f"the AI answers {delay}{failing}")
