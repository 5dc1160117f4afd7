"""The worker's routes, its options, and the historical admin panel on a real account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeday.errors import WorkerRaised
from edgeday.web import PlatformError, Request
from worker_port import (
    VARIANTS,
    cache_delete,
    cache_get,
    cache_set,
    generate_unique_id,
    log_ai_request,
    log_ai_response,
    variant_named,
)

from .hosted import GOOD_PLAN, HostedWorker

HISTORICAL = [name for name in VARIANTS if name != "hybrid_designed"]


class TestRoutes:
    @pytest.mark.parametrize("variant", VARIANTS)
    @pytest.mark.parametrize(
        ("method", "path"), [("GET", "/api/generate-plan"), ("POST", "/"), ("GET", "/x")]
    )
    def test_an_unknown_path_or_method_is_not_found(self, variant, method, path):
        hosted = HostedWorker(variant)
        assert hosted.run(lambda: hosted.send(method, path)).status == 404

    @pytest.mark.parametrize("variant", HISTORICAL)
    def test_the_historical_admin_routes_ask_nobody_who_they_are(self, variant):
        hosted = HostedWorker(variant)

        async def look() -> int:
            await hosted.plan()
            answer = await (await hosted.admin("get-ai-logs", token=None)).json()
            return answer["total"]

        assert hosted.run(look) > 0

    def test_the_first_form_has_neither_cleanup_nor_a_status(self):
        hosted = HostedWorker("kv_only_v1")

        async def statuses() -> list[int]:
            wanted = [
                ("POST", "cleanup-ai-logs"),
                ("GET", "get-logging-status"),
                ("POST", "set-logging-status"),
            ]
            return [(await hosted.admin(path, method=method)).status for method, path in wanted]

        assert hosted.run(statuses) == [404, 404, 404]

    def test_an_unknown_variant_is_a_defect_of_the_configuration_that_names_the_known_ones(self):
        hosted = HostedWorker("hybird")
        with pytest.raises(WorkerRaised) as raised:
            hosted.run(hosted.plan)
        assert "kv_only, cache_only, hybrid, hybrid_batched" in str(raised.value.__cause__)
        with pytest.raises(ValueError, match="hybird"):
            variant_named("hybird")

    def test_a_plan_request_that_is_not_json_fails_with_the_parser_s_words(self):
        hosted = HostedWorker("hybrid")

        async def send() -> tuple[int, str]:
            url = "https://worker.example/api/generate-plan"
            response = await hosted.edge.dispatch(Request(url, method="POST", body="not json"))
            return response.status, (await response.json())["error"]

        status, error = hosted.run(send)
        assert status == 500
        assert "is not valid JSON" in error


class TestPlans:
    def test_the_answer_is_the_plan(self):
        hosted = HostedWorker("hybrid")

        async def plan() -> dict:
            return (await (await hosted.plan()).json())["plan"]

        plan = hosted.run(plan)
        assert sorted(plan["weekPlan"]) == [f"day{day}" for day in range(1, 8)]
        assert plan["summary"]["recommendations"] == ["oats", "beans", "apples"]

    @pytest.mark.parametrize(
        ("failing", "step"),
        [
            (1, "Стъпка 1 (Анализ): "),
            (2, "Стъпка 2 (Стратегия): "),
            (4, "Стъпка 3 (Хранителен план - прогресивно): Генериране на дни 3-4: "),
        ],
    )
    def test_a_plan_that_stops_says_at_which_step(self, failing, step):
        hosted = HostedWorker("hybrid")
        hosted.provider.script = lambda number: 500 if number == failing else GOOD_PLAN

        async def plan() -> str:
            return (await (await hosted.plan()).json())["error"]

        cause = "OpenAI API failed: OpenAI API error: 500 Internal Server Error"
        assert (
            hosted.run(plan)
            == f"Неуспешно генериране на план: Генерирането на план се провали: {step}{cause}"
        )

    @pytest.mark.parametrize(
        "answer", [f"Here it is:\n```json\n{GOOD_PLAN}\n```", f"  {GOOD_PLAN}  ", f"plan: {GOOD_PLAN}."]
    )
    def test_text_around_the_json_of_an_answer_does_not_matter(self, answer):
        hosted = HostedWorker("hybrid")
        hosted.provider.script = lambda _number: answer
        assert hosted.run(hosted.plan).status == 200

    def test_an_answer_that_cannot_be_parsed_is_logged_as_a_success(self):
        hosted = HostedWorker("hybrid")
        hosted.provider.script = lambda _number: "no json here"

        async def plan_and_list() -> tuple[int, bool]:
            response = await hosted.plan()
            (log,) = (await hosted.logs())["logs"]
            return response.status, log["response"]["success"]

        assert hosted.run(plan_and_list) == (500, True)
        assert hosted.count("kv", "put") == 0

    def test_in_the_design_documents_model_the_failed_steps_are_named(self):
        hosted = HostedWorker("hybrid", PLAN_CALLS=9, PLAN_ON_ERROR="continue")
        hosted.provider.script = lambda number: 400 if number in {2, 9} else GOOD_PLAN

        async def plan() -> str:
            return (await (await hosted.plan()).json())["error"]

        error = hosted.run(plan)
        assert "step2_strategy" in error
        assert "step3_meal_plan_chunk_7" in error
        assert hosted.provider.attempts == 9

    def test_a_request_error_of_the_design_documents_model_leaves_its_call_a_success(self):
        hosted = HostedWorker("hybrid", PLAN_CALLS=9)

        async def plan_and_list() -> tuple[int, list[tuple[bool, bool]]]:
            response = await hosted.plan(edgeday_request_errors="2")
            logs = (await hosted.logs())["logs"]
            return response.status, [(log["hasError"], log["response"]["hasError"]) for log in logs]

        status, flags = hosted.run(plan_and_list)
        assert status == 200
        assert flags == [(number == 2, False) for number in range(1, 10)]

    def test_the_batched_form_asks_for_json_only_and_logs_that_with_the_prompt(self):
        def prompt(variant: str) -> str:
            hosted = HostedWorker(variant)

            async def first() -> str:
                await hosted.plan()
                return (await hosted.logs())["logs"][0]["prompt"]

            return hosted.run(first)

        assert prompt("hybrid_batched").endswith(prompt("hybrid"))
        assert "JSON" in prompt("hybrid_batched").removesuffix(prompt("hybrid"))

    def test_the_batched_form_logs_of_the_analysis_what_the_call_is_given(self):
        psyche = {"temperament": "calm"}
        analysis = {"bmr": 1400, "bmi": 24, "psychoProfile": psyche, "keyProblems": [], "notes": "long"}
        hosted = HostedWorker("hybrid_batched")
        hosted.provider.script = lambda number: json.dumps(analysis) if number == 1 else GOOD_PLAN

        async def logged() -> list[Any]:
            await hosted.plan()
            return [log["calculatedData"] for log in (await hosted.logs())["logs"]]

        first, strategy, days, *_, summary = hosted.run(logged)
        assert first is None
        assert strategy == {
            "bmi": 24, "realBMR": None, "realTDEE": None, "psychoProfile": {"temperament": "calm"},
            "temperament": "calm", "add1": "",
        }  # fmt: skip
        assert days == {"bmr": 1400, "recommendedCalories": None, "macroRatios": None, "macroGrams": None}
        assert summary == {
            "bmr": 1400, "recommendedCalories": None, "psychoProfile": {"temperament": "calm"},
            "psychologicalProfile": None, "keyProblems": [], "nutritionalDeficiencies": [],
        }  # fmt: skip

    @pytest.mark.parametrize(
        "headers",
        [{"edgeday_plan_calls": "8"}, {"edgeday_plan_on_error": "stop"}, {"edgeday_request_errors": "two"}],
    )
    def test_options_that_cannot_be_are_refused_before_any_call(self, headers):
        hosted = HostedWorker("hybrid")
        assert hosted.run(lambda: hosted.plan(**headers)).status == 400
        assert hosted.operations == []


class TestChat:
    @pytest.mark.parametrize("variant", VARIANTS)
    def test_a_chat_message_is_one_call(self, variant):
        hosted = HostedWorker(variant)

        async def chat() -> str:
            return (await (await hosted.chat()).json())["response"]

        assert hosted.run(chat) == GOOD_PLAN
        assert hosted.provider.attempts == 1

    @pytest.mark.parametrize(("variant", "writes"), [("cache_only", 0), ("hybrid", 1), ("hybrid_batched", 1)])
    def test_a_failed_chat_message_is_kept_in_kv_where_errors_are(self, variant, writes):
        hosted = HostedWorker(variant)
        hosted.provider.script = lambda _number: 400
        assert hosted.run(hosted.chat).status == 500
        assert hosted.count("kv", "put") == writes

    def test_ten_chat_messages_push_a_hybrid_plan_out_of_the_list(self):
        hosted = HostedWorker("hybrid")

        async def plan_and_chat() -> set[str]:
            await hosted.plan()
            for _ in range(10):
                await hosted.chat()
            return {log["stepName"] for log in (await hosted.logs())["logs"]}

        assert hosted.run(plan_and_chat) == {"chat_consultation"}

    def test_a_chat_without_a_message_is_refused(self):
        hosted = HostedWorker("hybrid")
        assert hosted.run(lambda: hosted.send("POST", "/api/chat", {})).status == 400
        assert hosted.operations == []


class TestFunctions:
    def test_the_functions_of_the_design_document_log_a_call_into_the_cache(self):
        hosted = HostedWorker("hybrid")

        async def log() -> tuple[str, dict]:
            async with hosted.edge.invocation():
                log_id = await log_ai_request(hosted.edge.env, "step", {"prompt": "p", "sessionId": "s"})
                await log_ai_response(hosted.edge.env, log_id, "step", {"response": "r", "success": True})
                return log_id, await cache_get(f"ai_communication_log:{log_id}_response")

        log_id, entry = hosted.run(log)
        assert log_id.startswith("ai_log_1771236000000_")
        assert entry["response"] == "r"
        assert hosted.counts() == {"cache put": 4, "cache match": 3}

    def test_cached_json_comes_back_until_it_is_deleted(self):
        hosted = HostedWorker("hybrid")

        async def round_trip() -> list:
            async with hosted.edge.invocation():
                return [
                    await cache_set("k", {"a": [1, None]}),
                    await cache_get("k"),
                    await cache_delete("k"),
                    await cache_get("k"),
                    await cache_delete("k"),
                ]

        assert hosted.run(round_trip) == [True, {"a": [1, None]}, True, None, False]

    def test_ids_differ_within_a_millisecond(self):
        hosted = HostedWorker("hybrid")

        async def draw() -> list[str]:
            async with hosted.edge.invocation():
                return [generate_unique_id("session") for _ in range(1000)]

        drawn = hosted.run(draw)
        assert len(set(drawn)) == 1000
        assert len({name.rpartition("_")[0] for name in drawn}) == 1

    def test_a_log_that_fails_stops_no_call(self, monkeypatch):
        hosted = HostedWorker("hybrid")

        async def refuse(*_arguments):
            raise PlatformError("down")

        for name in ("put", "match"):
            monkeypatch.setattr(type(hosted.edge.caches.default), name, refuse)
        assert hosted.run(hosted.plan).status == 200
