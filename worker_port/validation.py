"""Whether a plan is complete, by the worker's own rules: the first step that has to be made again.

These are the rules of `validatePlan` about structure and numbers. Those about words are left out: foods that
are banned or not on a list, and what does not go with an illness, a medicine or a way of eating.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from worker_port.entries import fields_of
from worker_port.js import length, parse_int, text, truthy

MEAL_ORDER = {"Закуска": 0, "Обяд": 1, "Следобедна закуска": 2, "Вечеря": 3, "Късна закуска": 4}
"""The kinds of meals there may be, and in which order those of a day come."""
_SNACKS = ("Следобедна закуска", "Късна закуска")
_DINNER = "Вечеря"
_NOT_NEEDED = "Не са необходими"
MOST_MEALS, LEAST_CALORIES, LEAST_FOODS = 5, 800, 3
_LEAST_LENGTHS = {"planJustification": 100, "welcomeMessage": 100, "mealCountJustification": 20}
"""Of texts of the strategy, in UTF-16 units."""
_MOST_CALORIES_TO_LOSE = 3000
_CALORIE_FLOOR, _CALORIE_FLOOR_OF_MEN, _FAT_PER_KG = 1200, 1500, 0.7


def stage_at_fault(plan: Mapping[str, Any], client: Any, *, safety_floors: bool) -> int | None:
    """The first stage (1 to 4) whose part of a plan is at fault, or None for a valid plan.

    plan: analysis, strategy, weekPlan, and the summary, or None if there is none.
    safety_floors: whether least calories and fats, and what goes with no breakfast, count too (the worker of
    2026-02-23).
    """
    data = fields_of(client)
    faults = [
        *_of_analysis(fields_of(plan["analysis"]), data if safety_floors else None),
        *_of_strategy(plan, data),
        *_of_days(plan, data if safety_floors else None),
        *_of_foods(plan),
    ]
    return min(faults, default=None)


def _of_analysis(analysis: Mapping[str, Any], client: Mapping[str, Any] | None) -> Iterator[int]:
    if not truthy(analysis.get("keyProblems")):
        yield 1
    if client is None:
        return
    calories, fats = _integer(analysis.get("recommendedCalories")), 0.0
    if truthy(analysis.get("macroGrams")) and truthy(client.get("weight")):
        fats = _integer(fields_of(analysis["macroGrams"]).get("fats"))
    if 0 < calories < (_CALORIE_FLOOR_OF_MEN if client.get("gender") == "Мъж" else _CALORIE_FLOOR):
        yield 1
    if 0 < fats < int(_number(client.get("weight")) * _FAT_PER_KG + 0.5):
        yield 1


def _of_strategy(plan: Mapping[str, Any], client: Mapping[str, Any]) -> Iterator[int]:
    strategy = fields_of(plan["strategy"])
    if not truthy(strategy.get("dietaryModifier")):
        yield 2
    if any(length(strategy.get(name)) < least for name, least in _LEAST_LENGTHS.items()):
        yield 2
    summary = fields_of(plan["summary"]).get("summary")
    if truthy(summary):
        calories = fields_of(summary).get("dailyCalories")
    else:
        calories = fields_of(plan["analysis"]).get("recommendedCalories")
    if client.get("goal") == "Отслабване" and _integer(calories) > _MOST_CALORIES_TO_LOSE:
        yield 2


def _of_days(plan: Mapping[str, Any], client: Mapping[str, Any] | None) -> Iterator[int]:
    justified = fields_of(plan["strategy"]).get("afterDinnerMealJustification")
    may_eat_late = truthy(justified) and justified != _NOT_NEEDED
    habits = None if client is None else client.get("eatingHabits")
    no_breakfast = isinstance(habits, list) and "Не закусвам" in habits
    for number in range(1, 8):
        meals = fields_of(plan["weekPlan"].get(f"day{number}")).get("meals")
        if not isinstance(meals, list) or not 0 < len(meals) <= MOST_MEALS:
            yield 3
            continue
        of_day = [fields_of(meal) for meal in meals]
        kinds = [meal.get("type") for meal in of_day]
        if not all(_has_macros(meal) for meal in of_day):
            yield 3
        if sum(_integer(meal.get("calories")) for meal in of_day) < LEAST_CALORIES:
            yield 3
        places = [MEAL_ORDER[kind] for kind in kinds if kind in MEAL_ORDER]
        if len(places) < len(kinds) or places != sorted(places):
            yield 3
        if any(kinds.count(snack) > 1 for snack in _SNACKS):
            yield 3
        if no_breakfast and any(kind in kinds for kind in ("Закуска", *_SNACKS)):
            yield 3
        late = kinds[kinds.index(_DINNER) + 1 :] if _DINNER in kinds else []
        if late and late != ["Късна закуска"] and not may_eat_late:
            yield 2


def _of_foods(plan: Mapping[str, Any]) -> Iterator[int]:
    """The summary's foods, or the strategy's where it has none."""
    summary, strategy = fields_of(plan["summary"]), fields_of(plan["strategy"])
    for name, instead in (("recommendations", "foodsToInclude"), ("forbidden", "foodsToAvoid")):
        foods = summary.get(name) if truthy(summary.get(name)) else strategy.get(instead)
        if not isinstance(foods, list) or len(foods) < LEAST_FOODS:
            yield 4


def _has_macros(meal: Mapping[str, Any]) -> bool:
    macros = fields_of(meal.get("macros"))
    return all(truthy(macros.get(name)) for name in ("protein", "carbs", "fats"))


def _integer(value: Any) -> float:
    """`parseInt(value) || 0`."""
    number = parse_int(text(value))
    return number if truthy(number) else 0


def _number(value: Any) -> float:
    try:
        return float(text(value)) or 70
    except ValueError:
        return 70
