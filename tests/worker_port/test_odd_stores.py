"""The historical forms on stores whose contents or answers are odd: what JavaScript makes of them."""

from __future__ import annotations

import json

import pytest

from edgeday.web import PlatformError, Request, Response
from worker_port import variant_named

from .hosted import HOST, HostedWorker

IN_CACHE = ("cache_only", "hybrid", "hybrid_batched")
SESSION_INDEX = "ai_communication_session_index"
FLAT_INDEX = "ai_communication_log_index"
COMBINED_INDEX = "ai_log_combined_index"


def _origin(variant: str) -> str:
    return "https://ai-logs.cache/" if variant == "cache_only" else "https://ai-logs-cache.internal/"


async def _cached(hosted: HostedWorker, variant: str, key: str, text: str) -> None:
    async with hosted.edge.invocation():
        response = Response(text, headers={"Cache-Control": "max-age=3600"})
        await hosted.edge.caches.default.put(_origin(variant) + key, response)


def _listed(variant: str, *, cached: dict[str, str] | None = None, kv: dict[str, str] | None = None) -> dict:
    """What get-ai-logs answers over these stored texts."""
    hosted = HostedWorker(variant)

    async def seed_and_list() -> dict:
        for key, text in (cached or {}).items():
            await _cached(hosted, variant, key, text)
        for key, text in (kv or {}).items():
            await hosted.kv.put(key, text)
        return await (await hosted.admin("get-ai-logs")).json()

    return hosted.run(seed_and_list)


class TestIndexes:
    @pytest.mark.parametrize("variant", IN_CACHE)
    def test_an_empty_index_in_the_cache_is_answered_as_none_at_all(self, variant):
        stored = {SESSION_INDEX: "[]", COMBINED_INDEX: '{"sessions":[],"logs":{}}'}
        assert _listed(variant, cached=stored) == _listed(variant)
        assert _listed(variant)["storageType"] == "cache"

    @pytest.mark.parametrize("variant", IN_CACHE)
    def test_sessions_without_log_ids_are_answered_without_the_storage_type(self, variant):
        stored = {SESSION_INDEX: '["session_a"]', COMBINED_INDEX: '{"sessions":["session_a"]}'}
        assert _listed(variant, cached=stored) == {"success": True, "logs": [], "total": 0}

    def test_the_two_kinds_of_store_name_a_failure_in_their_own_ways(self):
        stored = {SESSION_INDEX: '["session_a"]', "ai_session_logs:session_a": "5"}
        assert _listed("hybrid", cached=stored)["error"] == "Failed to fetch AI logs"
        assert _listed("kv_only", kv=stored)["error"].startswith("Failed to get AI logs: ")

    @pytest.mark.parametrize("variant", ["kv_only_v1", "kv_only"])
    def test_a_null_in_the_place_of_an_index_is_an_error_in_kv(self, variant):
        answer = _listed(variant, kv={FLAT_INDEX: "null", SESSION_INDEX: "null"})
        assert answer["error"].startswith("Failed to get AI logs: ")

    def test_a_session_list_that_cannot_be_read_ends_the_listing_in_kv(self, monkeypatch):
        hosted = HostedWorker("kv_only")
        namespace = type(hosted.kv)
        get = namespace.get
        keys: list[str] = []

        async def failing(self, key, *args, **options):
            keys.append(key)
            if key.startswith("ai_session_logs:"):
                raise PlatformError("KV GET failed: 500")
            return await get(self, key, *args, **options)

        async def list_two_sessions() -> dict:
            await hosted.kv.put(SESSION_INDEX, '["session_a","session_b"]')
            monkeypatch.setattr(namespace, "get", failing)
            return await (await hosted.admin("get-ai-logs")).json()

        assert hosted.run(list_two_sessions) == {"error": "Failed to get AI logs: KV GET failed: 500"}
        assert keys == [SESSION_INDEX, "ai_session_logs:session_a"]

    @pytest.mark.parametrize("entry", ["5", '"text"', "true"])
    @pytest.mark.parametrize("route", ["get-ai-logs", "export-ai-logs"])
    def test_an_entry_that_is_no_object_is_shown_without_fields(self, entry, route):
        hosted = HostedWorker("kv_only")

        async def read() -> str:
            await hosted.kv.put(SESSION_INDEX, '["session_a"]')
            await hosted.kv.put("ai_session_logs:session_a", '["one"]')
            await hosted.kv.put("ai_communication_log:one", entry)
            response = await hosted.admin(route)
            assert response.status == 200
            return await response.text()

        text = hosted.run(read)
        assert ('"logs":[{"response":null}]' if route == "get-ai-logs" else "СТЪПКА 1: undefined") in text


class TestTheCombinedIndex:
    def _after_finalize(self, stored: str, session_id: object) -> str:
        hosted = HostedWorker("hybrid_batched")
        log = variant_named("hybrid_batched").log

        async def one_call() -> str:
            await _cached(hosted, "hybrid_batched", COMBINED_INDEX, stored)
            async with hosted.edge.invocation():
                await log.log_request(hosted.edge.env, "step", {"sessionId": session_id})
                await log.finalize(hosted.edge.env, session_id)
                response = await hosted.edge.caches.default.match(_origin("hybrid_batched") + COMBINED_INDEX)
                return await response.text()

        return hosted.run(one_call)

    def test_what_else_it_holds_stays_and_in_its_order(self):
        written = json.loads(self._after_finalize('{"v":2,"logs":{"a":["x"]},"sessions":["a"]}', "b"))
        assert list(written) == ["v", "logs", "sessions"]
        assert written["sessions"] == ["b", "a"]

    @pytest.mark.parametrize("stored", ['{"logs":{}}', '{"sessions":[]}', "[]", '{"sessions":[],"logs":5}'])
    def test_one_that_is_no_index_is_left_alone(self, stored):
        assert self._after_finalize(stored, "a") == stored

    def test_a_null_in_the_place_of_log_ids_is_an_empty_list(self):
        written = json.loads(self._after_finalize('{"sessions":["a"],"logs":{"a":null}}', "a"))
        assert len(written["logs"]["a"]) == 1

    @pytest.mark.parametrize(
        ("logged_as", "finalized_as"), [("5", 5), (5, "5"), ("null", None), (True, 1), ("true", True)]
    )
    def test_a_session_is_finalized_under_the_very_id_it_was_logged_under(self, logged_as, finalized_as):
        hosted = HostedWorker("hybrid_batched")
        log = variant_named("hybrid_batched").log

        async def operations_of_finalize() -> int:
            async with hosted.edge.invocation():
                await log.log_request(hosted.edge.env, "step", {"sessionId": logged_as})
                await log.finalize(hosted.edge.env, finalized_as)
                missed = len(hosted.operations)
                await log.finalize(hosted.edge.env, logged_as)
                assert len(hosted.operations) == missed + 2
                return missed

        assert hosted.run(operations_of_finalize) == 0

    def test_a_combined_entry_without_a_response_time_shows_its_own(self):
        stored = {
            COMBINED_INDEX: '{"sessions":["a"],"logs":{"a":["one"]}}',
            "ai_communication_log:one": '{"type":"combined","timestamp":"then"}',
        }
        (log,) = _listed("hybrid_batched", cached=stored)["logs"]
        assert log["response"] == {"timestamp": "then", "type": "response"}


class TestCleanupOfTheOldIndex:
    def _clean(self, index: str, monkeypatch, *, failing: str = "") -> tuple[dict, str, list[str]]:
        """The answer, the index afterwards, and the keys that were to be deleted."""
        hosted = HostedWorker("kv_only")
        namespace = type(hosted.kv)
        delete = namespace.delete
        deleted: list[str] = []

        async def noted(self, key):
            deleted.append(key)
            if key == failing:
                raise PlatformError("KV delete() limit exceeded for the day.")
            await delete(self, key)

        async def clean() -> tuple[dict, str]:
            await hosted.kv.put(FLAT_INDEX, index)
            monkeypatch.setattr(namespace, "delete", noted)
            answer = await (await hosted.admin("cleanup-ai-logs", method="POST")).json()
            return answer, await hosted.kv.get(FLAT_INDEX)

        return *hosted.run(clean), deleted

    def test_a_failing_delete_is_reported_after_all_were_tried_and_keeps_the_index(self, monkeypatch):
        answer, index, deleted = self._clean(
            '["a","b","c"]', monkeypatch, failing="ai_communication_log:b_response"
        )
        limit = "KV delete() limit exceeded for the day."
        assert answer == {"error": f"Failed to cleanup AI logs: {limit}"}
        assert index == '["a","b","c"]'
        assert deleted == [
            f"ai_communication_log:{name}{half}" for name in "bc" for half in ("", "_response")
        ]

    def test_an_index_that_is_not_json_is_told_from_one_that_is_no_list(self, monkeypatch):
        assert self._clean("not json", monkeypatch)[0] == {"error": "Invalid log index format"}
        assert self._clean("{}", monkeypatch)[0]["error"].startswith("Failed to cleanup AI logs: ")
        assert self._clean("null", monkeypatch)[0]["error"].startswith("Failed to cleanup AI logs: ")


class TestTheLoggingStatus:
    @pytest.mark.parametrize("variant", ["kv_only", *IN_CACHE])
    @pytest.mark.parametrize(
        ("body", "status"), [('{"enabled":false}', 200), ("5", 200), ("", 500), ("null", 500)]
    )
    def test_only_a_body_that_has_fields_is_answered_with_success(self, variant, body, status):
        hosted = HostedWorker(variant)
        request = Request(f"{HOST}/api/admin/set-logging-status", method="POST", body=body)

        async def send() -> tuple[int, str]:
            response = await hosted.edge.dispatch(request)
            return response.status, await response.text()

        status_code, answer = hosted.run(send)
        assert status_code == status
        assert ("Failed to set logging status: " in answer) is (status == 500)
