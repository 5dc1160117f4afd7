"""Chats: what they need, what an isolate remembers of them, and new plans that come of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeday.web import Response

from .hosted import CLIENT, GOOD_PLAN, HostedWorker

LATER_FORMS = ["kv_only", "cache_only", "hybrid", "hybrid_batched"]
PLAN = {"day1": {"meals": []}}
WHOLE = {"userId": "ana", "message": "May I eat beans?", "userData": CLIENT, "userPlan": PLAN}
SHORT = {"userId": "ana", "message": "And peas?", "useCachedContext": True}


async def _chat(hosted: HostedWorker, **asked: Any) -> Response:
    return await hosted.send("POST", "/api/chat", asked)


@pytest.mark.parametrize("variant", ["kv_only_v1", *LATER_FORMS])
@pytest.mark.parametrize("missing", ["message", "userData", "userPlan"])
def test_a_chat_without_message_data_or_plan_is_refused_before_anything_is_read(variant, missing):
    hosted = HostedWorker(variant, PLAN_CONFIG_READS="on")
    asked = {name: value for name, value in WHOLE.items() if name != missing}
    assert hosted.run(lambda: _chat(hosted, **asked)).status == 400
    assert hosted.operations == []


@pytest.mark.parametrize("variant", LATER_FORMS)
@pytest.mark.parametrize(("waited_s", "status"), [(1799.999, 200), (1800, 400)])
def test_an_isolate_remembers_data_and_plan_of_a_client_for_30_minutes(variant, waited_s, status):
    hosted = HostedWorker(variant)

    async def two() -> tuple[int, Any]:
        await _chat(hosted, **WHOLE)
        hosted.clock.advance(seconds=waited_s)
        response = await _chat(hosted, **SHORT)
        return response.status, (await response.json()).get("cacheUsed")

    assert hosted.run(two) == (status, True if status == 200 else None)


@pytest.mark.parametrize("case", ["another isolate", "another client", "the first form", "no name"])
def test_what_is_not_remembered_has_to_be_sent(case):
    hosted = HostedWorker("kv_only_v1" if case == "the first form" else "hybrid")

    async def two() -> int:
        named = {**WHOLE, "userId": ""} if case == "no name" else WHOLE
        await _chat(hosted, **named)
        if case == "another isolate":
            hosted.edge.new_isolate()
        return (
            await _chat(hosted, **{**SHORT, "userId": "eva" if case == "another client" else "ana"})
        ).status

    assert hosted.run(two) == 400


def test_of_a_thousand_clients_the_hundred_oldest_are_forgotten_for_the_next_one():
    hosted = HostedWorker("hybrid")

    async def statuses() -> list[int]:
        for number in range(1001):
            await _chat(hosted, **{**WHOLE, "userId": f"client {number}"})
            hosted.clock.advance(seconds=1)
        asked = [{**SHORT, "userId": f"client {number}"} for number in (99, 100, 1000)]
        return [(await _chat(hosted, **one)).status for one in asked]

    assert hosted.run(statuses) == [400, 200, 200]


def _answer_with_a_plan_to_make(modifications: list[str]) -> str:
    return f"Да. [REGENERATE_PLAN:{json.dumps({'modifications': modifications})}] Готово."


@pytest.mark.parametrize(("mode", "calls"), [("modification", 8), ("consultation", 1), (None, 1)])
def test_only_a_chat_about_changes_makes_a_new_plan(mode, calls):
    hosted = HostedWorker("hybrid")
    asked = _answer_with_a_plan_to_make(["exclude_food: лук", "vegetarian"])
    hosted.provider.script = lambda number: asked if number == 1 else GOOD_PLAN

    async def chat() -> dict[str, Any]:
        return await (await _chat(hosted, **WHOLE, mode=mode)).json()

    answer = hosted.run(chat)
    assert answer["response"] == "Да.  Готово."
    assert answer["planUpdated"] is (calls == 8)
    assert hosted.provider.attempts == calls
    if calls == 8:
        assert answer["updatedUserData"] == {
            **CLIENT, "planModifications": ["vegetarian"], "dietDislike": "лук"
        }  # fmt: skip


def test_a_new_plan_that_fails_leaves_the_answer_and_what_is_remembered():
    hosted = HostedWorker("hybrid")
    asked = _answer_with_a_plan_to_make(["vegetarian"])
    hosted.provider.script = lambda number: asked if number == 1 else 400

    async def two() -> tuple[Any, int]:
        answer = await (await _chat(hosted, **WHOLE, mode="modification")).json()
        hosted.provider.script = lambda _: "Да."
        return answer["planUpdated"], (await _chat(hosted, **SHORT)).status

    assert hosted.run(two) == (False, 200)


def test_an_answer_without_a_text_is_an_error_of_the_chat():
    hosted = HostedWorker("hybrid")

    async def nothing(request: Any, invocation: Any) -> Response:
        return Response.from_json({"choices": [{"message": {"content": None}}]})

    hosted.edge.outbound["api.openai.com"] = nothing
    assert hosted.run(lambda: _chat(hosted, **WHOLE)).status == 500
