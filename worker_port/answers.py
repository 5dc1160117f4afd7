"""What the worker makes of an AI answer: the JSON in it, its days, and what of it later calls are given."""

from __future__ import annotations

from typing import Any

from edgeday.web import PlatformError
from edgeday.web.json_text import parse
from worker_port.entries import fields_of
from worker_port.js import either, text, truthy

NO_JSON = "Could not parse AI response - no JSON found"


def parse_answer(answer: Any) -> Any:
    """The JSON object in an answer, alone or with text around it; {"error": ...} if there is none."""
    if not isinstance(answer, str):
        return {"error": NO_JSON}
    for start, end in ((0, len(answer)), (answer.find("{"), answer.rfind("}") + 1)):
        if 0 <= start < end:
            try:
                return parse(answer[start:end])
            except ValueError:
                continue
    return {"error": NO_JSON}


def expect(answer: Any, complaint: str) -> dict[str, Any]:
    """The answer, if it is an object without an error. Raises PlatformError, with the complaint first."""
    if not isinstance(answer, dict):
        raise PlatformError(complaint + NO_JSON)
    if truthy(answer.get("error")):
        raise PlatformError(complaint + text(answer["error"]))
    return answer


def require_days(
    answer: dict[str, Any], chunk: int, days: tuple[int, int], *, names_others: bool
) -> dict[str, Any]:
    """The days of a chunk. Raises PlatformError for the first one that is missing.

    names_others: whether the message also lists what was there (the worker of 2026-02-23 does).
    """
    wanted = [f"day{day}" for day in range(days[0], days[1] + 1)]
    for name in wanted:
        if not truthy(answer.get(name)):
            others = f". Available keys: {', '.join(answer)}" if names_others else ""
            raise PlatformError(f"Missing {name} in chunk {chunk} response{others}")
    return {name: answer[name] for name in wanted}


def without_normal_problems(analysis: dict[str, Any]) -> dict[str, Any]:
    """The analysis with only those of its key problems that are not of normal severity."""
    problems = analysis.get("keyProblems")
    if not isinstance(problems, list):
        return analysis
    kept = [p for p in problems if not (isinstance(p, dict) and p.get("severity") == "Normal")]
    return {**analysis, "keyProblems": kept}


def compact_analysis(analysis: dict[str, Any], stage: int) -> dict[str, Any]:
    """What the worker of 2026-02-23 passes on of an analysis to the calls of a stage (2 to 4), and logs with
    them. A field that is missing or falsy is None, or empty where its kind is clear."""

    def some(*names: str) -> dict[str, Any]:
        return {name: either(analysis.get(name), None) for name in names}

    if stage == 2:
        corrected = fields_of(analysis.get("correctedMetabolism"))
        psyche = either(analysis.get("psychoProfile"), None)
        return {
            **some("bmi"),
            "realBMR": either(corrected.get("realBMR"), None),
            "realTDEE": either(corrected.get("realTDEE"), None),
            "psychoProfile": psyche,
            "temperament": either(fields_of(psyche).get("temperament"), ""),
            "add1": "",
        }
    if stage == 3:
        return some("bmr", "recommendedCalories", "macroRatios", "macroGrams")
    return {
        **some("bmr", "recommendedCalories", "psychoProfile", "psychologicalProfile"),
        "keyProblems": either(analysis.get("keyProblems"), []),
        "nutritionalDeficiencies": either(analysis.get("nutritionalDeficiencies"), []),
    }
