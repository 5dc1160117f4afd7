"""What the worker calculates of a client itself."""

from __future__ import annotations

import pytest

from edgeday.web import PlatformError
from worker_port.energy import calories_at_rest, calories_of_a_simple_plan, require_calories_at_rest

WOMAN = {"weight": 70, "height": 170, "age": 30, "gender": "Жена"}


@pytest.mark.parametrize(
    ("client", "calories"),
    [
        (WOMAN, 1452),  # 1451.5: halves go up
        ({**WOMAN, "gender": "Мъж"}, 1618),
        ({**WOMAN, "weight": "70 кг", "age": "30"}, 1452),
    ],
)
def test_calories_at_rest_are_those_of_mifflin_and_st_jeor(client, calories):
    assert calories_at_rest(client) == calories


@pytest.mark.parametrize("lacks", ["weight", "height", "age", "gender"])
def test_they_need_weight_height_age_and_gender(lacks):
    with pytest.raises(PlatformError):
        calories_at_rest({**WOMAN, lacks: None})


@pytest.mark.parametrize("odd", [{"gender": "друг"}, {"weight": -70}, {"age": "млад"}, None])
def test_data_that_cannot_be_are_refused(odd):
    with pytest.raises(PlatformError):
        calories_at_rest(None if odd is None else {**WOMAN, **odd})


@pytest.mark.parametrize("said", [1400, "около 1400 kcal"])
def test_what_the_analysis_says_needs_no_data(said):
    require_calories_at_rest({"bmr": said}, {})


@pytest.mark.parametrize("said", [None, 0, "неизвестен", "0"])
def test_what_it_does_not_say_is_calculated(said):
    require_calories_at_rest({"bmr": said}, WOMAN)
    with pytest.raises(PlatformError):
        require_calories_at_rest({"bmr": said}, {})


@pytest.mark.parametrize(
    ("more", "in_all", "recommended"),
    [
        ({}, 2214, 2214),
        ({"sportActivity": "Никаква (0 дни седмично)"}, 1742, 1742),
        ({"sportActivity": "йога"}, 2033, 2033),
        ({"goal": "Отслабване"}, 2214, 1882),
        ({"goal": "Покачване на мускулна маса"}, 2214, 2435),
    ],
)
def test_a_simple_plan_goes_by_sport_and_goal(more, in_all, recommended):
    assert calories_of_a_simple_plan({**WOMAN, **more}) == {
        "bmr": 1452, "tdee": in_all, "recommendedCalories": recommended
    }  # fmt: skip
