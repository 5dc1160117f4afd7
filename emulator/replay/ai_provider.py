"""A stand-in for the AI provider: answers as a plan's script says, after virtual seconds.

Speaks the part of OpenAI's chat completions that the worker uses. An answer is a JSON object that any
step of a plan can be made of, padded to the length the scenario asks for.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import Literal

from emulator.invocation import Invocation
from emulator.replay.traffic import CallOutcome, PlanScript
from emulator.web.json_text import stringify, stringify_utf8
from emulator.web.messages import Request, Response, reason_phrase

AI_HOSTS = ("api.openai.com",)

_LETTERS = {
    "latin": "A balanced meal of oats, yoghurt and fruit. ",
    "cyrillic": "Балансирано хранене с овес и плод. ",
}
_HEADERS = (("content-type", "application/json"),)


async def answer(request: Request, invocation: Invocation) -> Response:
    """Answer one fetch of the invocation's plan; an invocation without a script gets a plain answer."""
    script = invocation.context
    if not isinstance(script, PlanScript):
        return Response.received(200, "OK", _HEADERS, _completion(0, "latin"))
    outcome = (
        script.outcomes[script.calls_made]
        if script.calls_made < len(script.outcomes)
        else CallOutcome(0, 200)
    )
    script.calls_made += 1
    if outcome.seconds:
        await asyncio.sleep(outcome.seconds)
    if outcome.status != 200:
        body = stringify_utf8({"error": {"message": reason_phrase(outcome.status), "type": "server_error"}})
        return Response.received(outcome.status, reason_phrase(outcome.status), _HEADERS, body)
    ai = script.traffic.ai
    return Response.received(200, "OK", _HEADERS, _completion(ai.response_chars, ai.script))


@lru_cache(maxsize=64)
def _completion(chars: int, script: Literal["latin", "cyrillic"]) -> bytes:
    return stringify_utf8(
        {"choices": [{"message": {"content": answer_text(chars, script)}, "finish_reason": "stop"}]}
    )


def answer_text(chars: int, script: Literal["latin", "cyrillic"]) -> str:
    """The text of an answer: at least `chars` characters of JSON that serves every step of a plan."""
    meal = {"meals": [{"name": "meal", "calories": 500}]}
    parts = {
        "bmr": 1400,
        "recommendedCalories": 1800,
        "dietaryModifier": "balanced",
        "foodsToInclude": ["oats"],
        "foodsToAvoid": ["sugar"],
        **{f"day{day}": meal for day in range(1, 8)},
        "summary": {"bmr": 1400},
        "recommendations": ["oats"],
        "forbidden": ["sugar"],
        "notes": "",
    }
    missing = chars - len(stringify(parts))
    if missing > 0:
        letters = _LETTERS[script]
        parts["notes"] = (letters * (missing // len(letters) + 1))[:missing]
    return stringify(parts)
