"""A stand-in for the AI provider: answers as a request's script says, after virtual seconds.

Speaks the part of OpenAI's chat completions that the worker uses. An answer is a JSON object of what the
call's step needs, padded to the length the scenario asks for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from edgeday import Invocation, TrafficScript, virtual_sleep
from edgeday.web.json_text import stringify, stringify_utf8
from edgeday.web.messages import Request, Response, reason_phrase
from worker_port.profile.ai_calls import AiCalls

AI_HOSTS = ("api.openai.com",)

Letters = Literal["latin", "cyrillic"]
_LETTERS = {
    "latin": "A balanced meal of oats, yoghurt and fruit. ",
    "cyrillic": "Балансирано хранене с овес и плод. ",
}
_HEADERS = (("content-type", "application/json"),)
_FOODS = ["oats", "beans", "apples"]
_NO_FOODS = ["chips", "cakes", "sweet drinks"]
_ANALYSIS = {"bmr": 1400, "recommendedCalories": 1800, "keyProblems": []}
_STRATEGY = {
    "dietaryModifier": "balanced",
    "planJustification": "Two meals a day of plain food suit the day of this client, who works from morning "
    "to evening and wants to feel well.",
    "welcomeMessage": "Welcome! This plan is made for you: two meals a day that are easy to prepare, with "
    "room for what you like and for a walk.",
    "mealCountJustification": "Two meals a day are enough.",
    "foodsToInclude": _FOODS,
    "foodsToAvoid": _NO_FOODS,
}
_MEALS = [
    {"type": kind, "name": name, "calories": 900, "macros": {"protein": 60, "carbs": 90, "fats": 33}}
    for kind, name in (("Обяд", "lunch"), ("Вечеря", "dinner"))
]
"""What passes the worker's own validation of plans, in all its forms."""


async def answer(request: Request, invocation: Invocation) -> Response:
    """Answer one fetch of the invocation's request; an invocation without a script gets a plain answer."""
    script = invocation.context
    if not isinstance(script, TrafficScript):
        return Response.received(200, "OK", _HEADERS, _completion(0, 0, 0, "latin"))
    calls = AiCalls.of(script)
    outcome, status = calls.attempt(await request.bytes())
    call = calls.made
    if outcome.seconds:
        await virtual_sleep(outcome.seconds)
    if status != 200:
        body = stringify_utf8({"error": {"message": reason_phrase(status), "type": "server_error"}})
        return Response.received(status, reason_phrase(status), _HEADERS, body)
    body = _completion(call, calls.planned, outcome.chars, calls.letters)
    return Response.received(200, "OK", _HEADERS, body)


@lru_cache(maxsize=256)
def _completion(call: int, calls: int, chars: int, letters: Letters) -> bytes:
    text = answer_text(call, calls, chars, letters)
    return stringify_utf8({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})


def answer_text(call: int, calls: int, chars: int, letters: Letters) -> str:
    """The text of an answer: JSON of at least `chars` characters.

    call: which call of a plan of `calls` it answers, from 1; beyond the last, and for 0, it serves any step.
    """
    parts: dict[str, Any] = {}
    if call == 1 or not 0 < call <= calls:
        parts |= _ANALYSIS
    if call == 2 or not 0 < call <= calls:
        parts |= _STRATEGY
    for day in _days(call, calls):
        parts[f"day{day}"] = {"meals": _MEALS}
    if call == calls == 7 or not 0 < call <= calls:
        parts |= {"summary": {"bmr": 1400}, "recommendations": _FOODS, "forbidden": _NO_FOODS}
    parts["notes"] = ""
    missing = chars - len(stringify(parts))
    if missing > 0:
        filling = _LETTERS[letters]
        parts["notes"] = (filling * (missing // len(filling) + 1))[:missing]
    return stringify(parts)


def _days(call: int, calls: int) -> range:
    """The days of the week that a call's answer holds meals for."""
    if not 0 < call <= calls:
        return range(1, 8)
    if calls == 9:
        return range(call - 2, call - 1) if call > 2 else range(0)
    return range(2 * call - 5, min(2 * call - 3, 8)) if 3 <= call <= 6 else range(0)
