"""What the worker calculates of a client itself, where the AI did not: calories a day at rest and in all.

Mifflin and St Jeor's equation, and a factor for the sport that the client says to do.
"""

from __future__ import annotations

import math
from typing import Any

from edgeday.web import PlatformError
from worker_port.entries import fields_of
from worker_port.js import parse_int, text, truthy

_BY_GENDER = {"Мъж": 5, "Жена": -161}
_BY_SPORT = {
    "Никаква (0 дни седмично)": 1.2,
    "Ниска (1–2 дни седмично)": 1.375,
    "Средна (2–4 дни седмично)": 1.55,
    "Висока (5–7 дни седмично)": 1.725,
    "Много висока (атлети)": 1.9,
}
_OTHER_SPORT, _NO_SPORT_SAID = 1.4, 1.525
_TO_LOSE, _TO_GAIN = 0.85, 1.1


def calories_at_rest(client: Any) -> int:
    """Of the client's questionnaire. Raises PlatformError where weight, height, age or gender is missing."""
    data = fields_of(client)
    if not all(truthy(data.get(name)) for name in ("weight", "height", "age", "gender")):
        raise PlatformError("Cannot calculate BMR: Missing required data")
    weight, height, age = (_number(data[name]) for name in ("weight", "height", "age"))
    if not (weight > 0 and height > 0 and age > 0):
        raise PlatformError("Cannot calculate BMR: Invalid numerical values")
    if data["gender"] not in _BY_GENDER:
        raise PlatformError("Cannot calculate BMR: Gender must be specified")
    return _rounded(10 * weight + 6.25 * height - 5 * age + _BY_GENDER[data["gender"]])


def require_calories_at_rest(analysis: Any, client: Any) -> None:
    """Raises PlatformError where neither the analysis says them nor the client's data gives them."""
    said = fields_of(analysis).get("bmr")
    digits = "".join(character if character.isdigit() else " " for character in text(said)).split()
    if not (truthy(said) and (isinstance(said, (int, float)) or (digits and int(digits[0])))):
        calories_at_rest(client)


def calories_of_a_simple_plan(client: Any) -> dict[str, int]:
    """At rest, in all, and recommended for the client's goal. Raises as `calories_at_rest`."""
    data = fields_of(client)
    at_rest = calories_at_rest(client)
    sport = data.get("sportActivity")
    factor = _BY_SPORT.get(sport, _OTHER_SPORT) if isinstance(sport, str) else _NO_SPORT_SAID
    in_all = _rounded(at_rest * factor)
    goal = text(data["goal"]).lower() if truthy(data.get("goal")) else ""
    recommended = in_all
    if "отслабване" in goal:
        recommended = _rounded(in_all * _TO_LOSE)
    elif "мускулна маса" in goal:
        recommended = _rounded(in_all * _TO_GAIN)
    return {"bmr": at_rest, "tdee": in_all, "recommendedCalories": recommended}


def _number(value: Any) -> float:
    """`parseFloat(value)`, of a number or its text."""
    try:
        return float(text(value))
    except ValueError:
        return parse_int(text(value))


def _rounded(value: float) -> int:
    """`Math.round(value)`: halves go up."""
    return math.floor(value + 0.5)
