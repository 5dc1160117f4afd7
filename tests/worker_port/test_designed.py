"""`hybrid_designed` keeps what the design document promised."""

from __future__ import annotations

import asyncio

import pytest

from edgeday.web import PlatformError, Response
from worker_port import AiDietWorker, variant_named

from .site import GOOD_PLAN, Site, fail_at, put_all

VARIANT = "hybrid_designed"


class TestCosts:
    def test_a_successful_plan_costs_no_kv_operation(self):
        site = Site(VARIANT, PLAN_CALLS=9)
        site.run(site.plan)
        assert all(seen.service != "kv" for seen in site.operations)

    def test_nine_calls_with_two_retries_each_stay_under_fifty_subrequests(self):
        site = Site(VARIANT, subrequests="enforce", PLAN_CALLS=9)
        site.provider.script = lambda number: GOOD_PLAN if number % 3 == 0 else 503
        assert site.run(site.plan).status == 200
        (ended,) = site.invocations
        assert (site.provider.attempts, ended.external, ended.refused) == (27, 39, 0)

    def test_each_failed_call_costs_one_kv_write(self):
        site = Site(VARIANT, PLAN_CALLS=9, PLAN_ON_ERROR="continue")
        site.provider.script = fail_at(2, 6)
        site.run(lambda: site.plan(edgeday_request_errors="4,6"))
        assert {name: n for name, n in site.counts().items() if name.startswith("kv")} == {"kv put": 3}

    @pytest.mark.parametrize("off", ["false", "False", False, "0", "off"])
    def test_with_the_switch_off_nothing_at_all_is_asked_of_kv(self, off):
        site = Site(VARIANT, AI_ERROR_LOG_KV_ENABLED=off)
        site.provider.script = fail_at(1)

        async def everything() -> dict:
            await site.plan()
            await site.admin("export-ai-logs")
            await site.admin("cleanup-ai-logs", method="POST", body={"errorsOlderThanDays": 0})
            await site.plan()
            return await site.logs("?hasError=true")

        answer = site.run(everything)
        assert all(seen.service != "kv" for seen in site.operations)
        assert answer["sources"]["kv"] == "off"

    @pytest.mark.parametrize("on", ["true", True, "yes"])
    def test_with_the_switch_on_a_failed_call_is_written(self, on):
        site = Site(VARIANT, AI_ERROR_LOG_KV_ENABLED=on)
        site.provider.script = fail_at(1)
        site.run(site.plan)
        assert site.count("kv", "put") == 1

    @pytest.mark.parametrize("path", ["get-ai-logs?limit=500", "export-ai-logs"])
    def test_reading_a_full_panel_stays_under_fifty_subrequests(self, path):
        site = Site(VARIANT, subrequests="enforce", PLAN_CALLS=9)

        async def fill_and_read() -> None:
            await put_all(site, 35)()
            for _ in range(12):
                await site.chat()
            site.forget()
            assert (await site.admin(path)).status == 200

        site.run(fill_and_read)
        (ended,) = site.invocations
        assert (ended.external, ended.refused) == (41, 0)

    def test_cleaning_a_full_panel_stays_under_fifty_subrequests(self):
        site = Site(VARIANT, subrequests="enforce")

        async def fill_and_clean() -> dict:
            await put_all(site, 35)()
            for _ in range(12):
                await site.chat()
            await site.admin("cleanup-ai-logs", method="POST")
            return await site.logs()

        assert site.run(fill_and_clean)["total"] == 0
        assert all(ended.refused == 0 for ended in site.invocations)


class TestNothingIsLost:
    def test_plans_that_overlap_all_stay_listed(self):
        site = Site(VARIANT)
        site.provider.seconds = 2

        async def overlap() -> dict:
            async def later(seconds: float) -> None:
                await asyncio.sleep(seconds)
                await site.plan()

            await asyncio.gather(*(later(number / 2) for number in range(12)))
            return await site.logs("?limit=500")

        answer = site.run(overlap)
        assert answer["total"] == 12 * 7
        assert answer["sessionCount"] == 12

    def test_an_index_that_cannot_be_read_is_not_overwritten(self, monkeypatch):
        site = Site(VARIANT)
        cache = type(site.edge.caches.default)
        match = cache.match

        async def failing(self, request, *args, **options):
            if "index" in str(request):
                raise PlatformError("read failed")
            return await match(self, request, *args, **options)

        async def plans() -> dict:
            await site.plan()
            with monkeypatch.context() as patch:
                patch.setattr(cache, "match", failing)
                site.edge.new_isolate()
                await site.plan()
            await site.plan()
            return await site.logs("?limit=500")

        assert site.run(plans)["sessionCount"] == 3

    def test_an_index_that_was_evicted_comes_back_with_the_next_plan(self):
        site = Site(VARIANT)

        async def plans() -> dict:
            await site.plan()
            await site.plan()
            async with site.edge.invocation():
                await site.edge.caches.default.delete(
                    "https://ai-logs-cache.internal/ai_session_documents_index"
                )
            assert (await site.logs())["total"] == 0
            await site.plan()
            return await site.logs("?limit=500")

        assert site.run(plans)["sessionCount"] == 3

    def test_an_index_that_is_not_json_is_written_anew(self):
        site = Site(VARIANT)

        async def plans() -> dict:
            async with site.edge.invocation():
                await _seed_index(site, "not json")
            await site.plan()
            return await site.logs()

        assert site.run(plans)["total"] == 7

    def test_chat_messages_push_no_plan_out_of_the_list(self):
        site = Site(VARIANT)

        async def plan_and_chat() -> dict:
            await site.plan()
            for _ in range(20):
                site.clock.advance(seconds=1)
                await site.chat()
            return await site.logs("?limit=500")

        answer = site.run(plan_and_chat)
        assert answer["total"] == 7 + 10

    def test_a_session_that_goes_on_in_another_isolate_keeps_its_earlier_calls(self):
        site = Site(VARIANT)

        async def two_isolates() -> dict:
            log = variant_named(VARIANT).log
            for step in ("one", "two"):
                async with site.edge.invocation():
                    log_id = await log.log_request(
                        site.edge.env, step, {"prompt": step, "sessionId": "session_a"}
                    )
                    await log.log_response(site.edge.env, log_id, step, {"response": "r", "success": True})
                    await log.finalize(site.edge.env, "session_a")
                site.edge.new_isolate()
                site.clock.advance(seconds=1)
            return await site.logs()

        assert [log["stepName"] for log in site.run(two_isolates)["logs"]] == ["one", "two"]

    def test_an_entry_whose_put_failed_is_stored_with_the_next_one(self, monkeypatch):
        site = Site(VARIANT)
        cache = type(site.edge.caches.default)
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
                await site.plan()
            return await site.logs()

        assert site.run(plan)["total"] == 7

    def test_a_document_that_is_gone_is_named(self):
        site = Site(VARIANT)

        async def lose_one() -> dict:
            await site.plan()
            key = next(seen.key for seen in site.operations if "ai_session_document:" in seen.key)
            async with site.edge.invocation():
                await site.edge.caches.default.delete(key)
            return await site.logs()

        (session,) = site.run(lose_one)["unreadable"]
        assert session.startswith("session_")


async def _seed_index(site: Site, text: str) -> None:
    headers = {"Cache-Control": "max-age=3600"}
    await site.edge.caches.default.put(
        "https://ai-logs-cache.internal/ai_session_documents_index", Response(text, headers=headers)
    )


def test_the_worker_names_the_variant_among_its_own():
    assert VARIANT in AiDietWorker.variants
