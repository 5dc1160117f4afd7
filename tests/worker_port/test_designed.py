"""`hybrid_designed` keeps what the design document promised."""

from __future__ import annotations

import asyncio

import pytest

from edgeday.web import PlatformError, Response
from worker_port import AiDietWorker, variant_named

from .hosted import GOOD_PLAN, HostedWorker, fail_at, put_all

VARIANT = "hybrid_designed"


class TestCosts:
    def test_a_successful_plan_costs_no_kv_operation(self):
        hosted = HostedWorker(VARIANT, PLAN_CALLS=9)
        hosted.run(hosted.plan)
        assert all(operation.service != "kv" for operation in hosted.operations)

    def test_nine_calls_with_two_retries_each_stay_under_fifty_subrequests(self):
        hosted = HostedWorker(VARIANT, subrequests="enforce", PLAN_CALLS=9)
        hosted.provider.script = lambda number: GOOD_PLAN if number % 3 == 0 else 503
        assert hosted.run(hosted.plan).status == 200
        (ended,) = hosted.invocations
        assert (hosted.provider.attempts, ended.external, ended.refused) == (27, 39, 0)

    def test_each_failed_call_costs_one_kv_write(self):
        hosted = HostedWorker(VARIANT, PLAN_CALLS=9, PLAN_ON_ERROR="continue")
        hosted.provider.script = fail_at(2, 6)
        hosted.run(lambda: hosted.plan(edgeday_request_errors="4,6"))
        assert {name: n for name, n in hosted.counts().items() if name.startswith("kv")} == {"kv put": 3}

    @pytest.mark.parametrize("off", ["false", "False", False, "0", "off"])
    def test_with_the_switch_off_nothing_at_all_is_asked_of_kv(self, off):
        hosted = HostedWorker(VARIANT, AI_ERROR_LOG_KV_ENABLED=off)
        hosted.provider.script = fail_at(1)

        async def everything() -> dict:
            await hosted.plan()
            await hosted.admin("export-ai-logs")
            await hosted.admin("cleanup-ai-logs", method="POST", body={"errorsOlderThanDays": 0})
            await hosted.plan()
            return await hosted.logs("?hasError=true")

        answer = hosted.run(everything)
        assert all(operation.service != "kv" for operation in hosted.operations)
        assert answer["sources"]["kv"] == "off"

    @pytest.mark.parametrize("on", ["true", True, "yes"])
    def test_with_the_switch_on_a_failed_call_is_written(self, on):
        hosted = HostedWorker(VARIANT, AI_ERROR_LOG_KV_ENABLED=on)
        hosted.provider.script = fail_at(1)
        hosted.run(hosted.plan)
        assert hosted.count("kv", "put") == 1

    @pytest.mark.parametrize("path", ["get-ai-logs?limit=500", "export-ai-logs"])
    def test_reading_a_full_panel_stays_under_fifty_subrequests(self, path):
        hosted = HostedWorker(VARIANT, subrequests="enforce", PLAN_CALLS=9)

        async def fill_and_read() -> None:
            await put_all(hosted, 35)()
            for _ in range(12):
                await hosted.chat()
            hosted.forget()
            assert (await hosted.admin(path)).status == 200

        hosted.run(fill_and_read)
        (ended,) = hosted.invocations
        assert (ended.external, ended.refused) == (41, 0)

    def test_cleaning_a_full_panel_stays_under_fifty_subrequests(self):
        hosted = HostedWorker(VARIANT, subrequests="enforce")

        async def fill_and_clean() -> dict:
            await put_all(hosted, 35)()
            for _ in range(12):
                await hosted.chat()
            await hosted.admin("cleanup-ai-logs", method="POST")
            return await hosted.logs()

        assert hosted.run(fill_and_clean)["total"] == 0
        assert all(ended.refused == 0 for ended in hosted.invocations)


class TestNothingIsLost:
    def test_plans_that_overlap_all_stay_listed(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.seconds = 2

        async def overlap() -> dict:
            async def later(seconds: float) -> None:
                await asyncio.sleep(seconds)
                await hosted.plan()

            await asyncio.gather(*(later(number / 2) for number in range(12)))
            return await hosted.logs("?limit=500")

        answer = hosted.run(overlap)
        assert answer["total"] == 12 * 7
        assert answer["sessionCount"] == 12

    def test_an_index_that_cannot_be_read_is_not_overwritten(self, monkeypatch):
        hosted = HostedWorker(VARIANT)
        cache = type(hosted.edge.caches.default)
        match = cache.match

        async def failing(self, request, *args, **options):
            if "index" in str(request):
                raise PlatformError("read failed")
            return await match(self, request, *args, **options)

        async def plans() -> dict:
            await hosted.plan()
            with monkeypatch.context() as patch:
                patch.setattr(cache, "match", failing)
                hosted.edge.new_isolate()
                await hosted.plan()
            await hosted.plan()
            return await hosted.logs("?limit=500")

        assert hosted.run(plans)["sessionCount"] == 3

    def test_an_index_that_was_evicted_comes_back_with_the_next_plan(self):
        hosted = HostedWorker(VARIANT)

        async def plans() -> dict:
            await hosted.plan()
            await hosted.plan()
            async with hosted.edge.invocation():
                await hosted.edge.caches.default.delete(
                    "https://ai-logs-cache.internal/ai_session_documents_index"
                )
            assert (await hosted.logs())["total"] == 0
            await hosted.plan()
            return await hosted.logs("?limit=500")

        assert hosted.run(plans)["sessionCount"] == 3

    def test_an_index_that_is_not_json_is_written_anew(self):
        hosted = HostedWorker(VARIANT)

        async def plans() -> dict:
            async with hosted.edge.invocation():
                await _seed_index(hosted, "not json")
            await hosted.plan()
            return await hosted.logs()

        assert hosted.run(plans)["total"] == 7

    def test_chat_messages_push_no_plan_out_of_the_list(self):
        hosted = HostedWorker(VARIANT)

        async def plan_and_chat() -> dict:
            await hosted.plan()
            for _ in range(20):
                hosted.clock.advance(seconds=1)
                await hosted.chat()
            return await hosted.logs("?limit=500")

        answer = hosted.run(plan_and_chat)
        assert answer["total"] == 7 + 10

    def test_a_session_that_goes_on_in_another_isolate_keeps_its_earlier_calls(self):
        hosted = HostedWorker(VARIANT)

        async def two_isolates() -> dict:
            log = variant_named(VARIANT).log
            for step in ("one", "two"):
                async with hosted.edge.invocation():
                    log_id = await log.log_request(
                        hosted.edge.env, step, {"prompt": step, "sessionId": "session_a"}
                    )
                    await log.log_response(hosted.edge.env, log_id, step, {"response": "r", "success": True})
                    await log.finalize(hosted.edge.env, "session_a")
                hosted.edge.new_isolate()
                hosted.clock.advance(seconds=1)
            return await hosted.logs()

        assert [log["stepName"] for log in hosted.run(two_isolates)["logs"]] == ["one", "two"]

    def test_an_entry_whose_put_failed_is_stored_with_the_next_one(self, monkeypatch):
        hosted = HostedWorker(VARIANT)
        cache = type(hosted.edge.caches.default)
        put = cache.put
        puts = []

        async def failing(self, request, response):
            puts.append(request)
            if len(puts) in {3, 9}:  # a document in the middle, and the last one
                raise PlatformError("cache unavailable")
            await put(self, request, response)

        async def plan() -> dict:
            with monkeypatch.context() as patch:
                patch.setattr(cache, "put", failing)
                await hosted.plan()
            return await hosted.logs()

        assert hosted.run(plan)["total"] == 7

    def test_a_document_that_is_gone_is_named(self):
        hosted = HostedWorker(VARIANT)

        async def lose_one() -> dict:
            await hosted.plan()
            key = next(
                operation.key for operation in hosted.operations if "ai_session_document:" in operation.key
            )
            async with hosted.edge.invocation():
                await hosted.edge.caches.default.delete(key)
            return await hosted.logs()

        (session,) = hosted.run(lose_one)["unreadable"]
        assert session.startswith("session_")


async def _seed_index(hosted: HostedWorker, text: str) -> None:
    headers = {"Cache-Control": "max-age=3600"}
    await hosted.edge.caches.default.put(
        "https://ai-logs-cache.internal/ai_session_documents_index", Response(text, headers=headers)
    )


def test_the_worker_names_the_variant_among_its_own():
    assert VARIANT in AiDietWorker.variants
