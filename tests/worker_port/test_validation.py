"""Whether a plan is complete, rule by rule, each at its boundary."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from worker_port.validation import stage_at_fault

from .hosted import CLIENT, GOOD_PLAN

ANSWER = json.loads(GOOD_PLAN)
MEAL = {"type": "Обяд", "calories": 400, "macros": {"protein": 1, "carbs": 1, "fats": 1}}
PLAN = {
    "analysis": ANSWER,
    "strategy": ANSWER,
    "weekPlan": {f"day{number}": ANSWER[f"day{number}"] for number in range(1, 8)},
    "summary": ANSWER,
}


def _fault(client: Any = CLIENT, *, floors: bool = False, **parts: Any) -> int | None:
    plan = deepcopy(PLAN)
    for name, changes in parts.items():
        plan[name] = changes if changes is None else {**plan[name], **changes}
    return stage_at_fault(plan, client, safety_floors=floors)


def _meals(*kinds: str, calories: Any = 400, **more: Any) -> dict[str, Any]:
    return {"day3": {"meals": [{**MEAL, "type": kind, "calories": calories, **more} for kind in kinds]}}


def test_what_the_stand_in_answers_is_complete_in_all_forms():
    assert _fault() is None
    assert _fault(floors=True) is None


@pytest.mark.parametrize(
    ("parts", "stage"),
    [
        ({"analysis": {"keyProblems": []}}, None),
        ({"analysis": {"keyProblems": None}}, 1),
        ({"strategy": {"dietaryModifier": ""}}, 2),
        ({"strategy": {"planJustification": "x" * 99}}, 2),
        ({"strategy": {"planJustification": "x" * 100}}, None),
        ({"strategy": {"welcomeMessage": "x" * 99}}, 2),
        ({"strategy": {"mealCountJustification": "x" * 19}}, 2),
        ({"strategy": {"mealCountJustification": "x" * 20}}, None),
        ({"weekPlan": {"day7": None}}, 3),
        ({"weekPlan": {"day7": {"meals": []}}}, 3),
        ({"weekPlan": _meals(*["Обяд"] * 5)}, None),
        ({"weekPlan": _meals(*["Обяд"] * 6)}, 3),
        ({"weekPlan": _meals("Обяд", calories=799)}, 3),
        ({"weekPlan": _meals("Обяд", calories="800 kcal")}, None),
        ({"weekPlan": _meals("Обяд", "Вечеря", macros={"protein": 1, "carbs": 1})}, 3),
        ({"weekPlan": _meals("Брънч", "Вечеря")}, 3),
        ({"weekPlan": _meals("Вечеря", "Обяд")}, 2),
        ({"weekPlan": _meals("Обяд", "Закуска")}, 3),
        ({"weekPlan": _meals("Следобедна закуска", "Следобедна закуска")}, 3),
        ({"weekPlan": _meals("Обяд", "Вечеря", "Късна закуска")}, None),
        ({"summary": {"recommendations": ["a", "b"]}}, 4),
        ({"summary": {"recommendations": []}}, 4),
        ({"summary": {"recommendations": None}}, None),
        ({"summary": {"forbidden": "a, b, c"}}, 4),
        ({"summary": None}, None),
        ({"summary": None, "strategy": {"foodsToAvoid": None}}, 4),
    ],
)
def test_the_step_at_fault_is_the_first_whose_part_is_incomplete(parts, stage):
    assert _fault(**parts) == stage


def test_meals_after_dinner_need_a_reason():
    twice = _meals("Обяд", "Вечеря", "Вечеря")
    assert _fault(weekPlan=twice) == 2
    assert _fault(weekPlan=twice, strategy={"afterDinnerMealJustification": "Нощна смяна"}) is None
    assert _fault(weekPlan=twice, strategy={"afterDinnerMealJustification": "Не са необходими"}) == 2


@pytest.mark.parametrize(("calories", "stage"), [(3000, None), (3001, 2)])
def test_a_client_who_wants_to_lose_weight_gets_no_more_than_3000_kcal(calories, stage):
    summary = {"summary": {"dailyCalories": calories}}
    assert _fault({**CLIENT, "goal": "Отслабване"}, summary=summary) == stage
    assert _fault(summary=summary) is None


@pytest.mark.parametrize(
    ("gender", "calories", "stage"),
    [("Жена", 1199, 1), ("Жена", 1200, None), ("Мъж", 1499, 1), ("Мъж", 1500, None)],
)
def test_the_newest_form_has_a_floor_of_calories(gender, calories, stage):
    client, analysis = {**CLIENT, "gender": gender}, {"recommendedCalories": calories}
    assert _fault(client, floors=True, analysis=analysis) == stage
    assert _fault(client, analysis=analysis) is None


@pytest.mark.parametrize(("fats", "stage"), [(48, 1), (49, None)])
def test_the_newest_form_has_a_floor_of_fats_of_0_7_g_a_kilogram(fats, stage):
    assert _fault(floors=True, analysis={"macroGrams": {"fats": fats}}) == stage
    assert _fault(analysis={"macroGrams": {"fats": fats}}) is None


def test_the_newest_form_gives_no_snacks_to_who_has_no_breakfast():
    client = {**CLIENT, "eatingHabits": ["Не закусвам"]}
    assert _fault(client, floors=True, weekPlan=_meals("Закуска", "Обяд")) == 3
    assert _fault(client, weekPlan=_meals("Закуска", "Обяд")) is None
    assert _fault(client, floors=True) is None
