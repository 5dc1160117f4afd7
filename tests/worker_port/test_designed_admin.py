"""The admin panel of `hybrid_designed`: both stores, filters, pages, a token, cleanup."""

from __future__ import annotations

import json

import pytest

from edgeday.clock import DAY_S

from .hosted import CLIENT, HostedWorker, fail_at, put_all

VARIANT = "hybrid_designed"


class TestReading:
    def test_the_list_says_of_each_log_which_stores_have_it(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.script = fail_at(3)

        async def plan_and_list() -> list[list[str]]:
            await hosted.plan()
            return [log["storedIn"] for log in (await hosted.logs())["logs"]]

        assert hosted.run(plan_and_list) == [["cache"], ["cache"], ["cache", "kv"]]

    def test_after_a_day_the_errors_are_listed_from_kv_and_the_rest_is_gone(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.script = fail_at(3)

        async def list_later() -> dict:
            await hosted.plan()
            hosted.clock.advance(days=3)
            return await hosted.logs()

        answer = hosted.run(list_later)
        (log,) = answer["logs"]
        assert log["storedIn"] == ["kv"]
        assert log["stepName"] == "step3_meal_plan_chunk_1"
        assert answer["total"] == 1

    @pytest.mark.parametrize(("waited_s", "count"), [(DAY_S - 1, 7), (DAY_S, 0)])
    def test_normal_logs_are_there_for_a_day(self, waited_s, count):
        hosted = HostedWorker(VARIANT)

        async def list_later() -> int:
            await hosted.plan()
            hosted.clock.advance(seconds=waited_s)
            return (await hosted.logs())["total"]

        assert hosted.run(list_later) == count

    @pytest.mark.parametrize(("query", "count"), [("", 9), ("?hasError=true", 3), ("?hasError=false", 6)])
    def test_has_error_filters_by_the_outcome_of_the_call(self, query, count):
        hosted = HostedWorker(VARIANT, PLAN_CALLS=9, PLAN_ON_ERROR="continue")
        hosted.provider.script = fail_at(2, 5)

        async def plan_and_list() -> dict:
            await hosted.plan(edgeday_request_errors="8")
            return await hosted.logs(query)

        answer = hosted.run(plan_and_list)
        assert answer["total"] == len(answer["logs"]) == count
        if query:
            assert {log["hasError"] for log in answer["logs"]} == {query.endswith("true")}

    def test_the_kv_entry_of_an_error_is_enough_to_debug_it(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.script = fail_at(2)

        async def read() -> dict:
            await hosted.plan()
            hosted.clock.advance(days=3)
            (key,) = (await hosted.kv.list(prefix="ai_error_log:"))["keys"]
            return await hosted.kv.get(key["name"], "json")

        entry = hosted.run(read)
        assert entry["sessionId"].startswith("session_")
        assert "Ana" in entry["prompt"]
        assert entry["provider"] == "openai"
        assert entry["modelName"] == "gpt-4o-mini"
        assert entry["userData"] == CLIENT
        assert entry["calculatedData"]["bmr"] == 1400
        assert entry["error"] == "OpenAI API failed: OpenAI API error: 400 Bad Request"
        assert {"response", "timestamp", "responseTimestamp", "duration"} <= set(entry)

    def test_no_field_is_logged_that_the_batched_form_does_not_log_but_the_request_s_error(self):
        def fields(variant: str) -> set[str]:
            hosted = HostedWorker(variant)
            hosted.provider.script = fail_at(1)

            async def read() -> set[str]:
                await hosted.plan()
                (key,) = (await hosted.kv.list(prefix="ai_error_log:"))["keys"]
                return set(await hosted.kv.get(key["name"], "json"))

            return hosted.run(read)

        assert fields(VARIANT) - fields("hybrid_batched") == {"requestError"}

    def test_the_export_has_the_logs_of_both_stores(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.script = fail_at(2)

        async def export() -> str:
            await hosted.plan()
            hosted.clock.advance(days=2)
            hosted.provider.attempts = 2
            await hosted.plan()
            return await (await hosted.admin("export-ai-logs")).text()

        text = hosted.run(export)
        assert text.count("Хранилище: Cache API\n") == 7
        assert text.count("Хранилище: KV\n") == 1
        assert "Грешка: OpenAI API failed: OpenAI API error: 400 Bad Request" in text

    def test_pages_join_to_the_whole_list(self):
        hosted = HostedWorker(VARIANT)

        async def pages() -> tuple[list[str], list[str]]:
            await put_all(hosted, 4)()
            whole = [log["id"] for log in (await hosted.logs("?limit=500"))["logs"]]
            joined: list[str] = []
            offset: int | None = 0
            while offset is not None:
                page = await hosted.logs(f"?limit=9&offset={offset}")
                joined += [log["id"] for log in page["logs"]]
                offset = page["nextOffset"]
            return whole, joined

        whole, joined = hosted.run(pages)
        assert joined == whole
        assert len(set(whole)) == 28

    def test_a_page_reads_only_those_kv_entries_that_it_shows(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.script = lambda _number: 400

        async def read_one_page() -> dict:
            await put_all(hosted, 12)()
            hosted.clock.advance(days=2)
            hosted.forget()
            return await hosted.logs("?limit=5")

        assert hosted.run(read_one_page)["total"] == 12
        assert {name: n for name, n in hosted.counts().items() if name.startswith("kv")} == {
            "kv list": 1,
            "kv get": 5,
        }

    def test_when_kv_refuses_to_list_the_cached_logs_are_shown_and_the_refusal_is_named(self):
        hosted = HostedWorker(VARIANT)

        async def list_without_quota() -> dict:
            await hosted.plan()
            for _ in range(1000):
                await hosted.kv.list(prefix="other")
            return await hosted.logs()

        answer = hosted.run(list_without_quota)
        assert len(answer["logs"]) == 7
        assert answer["sources"] == {"cache": "ok", "kv": "KV list() limit exceeded for the day."}

    def test_error_entries_that_hybrid_left_in_kv_are_shown_with_what_they_have(self):
        hosted = HostedWorker(VARIANT)

        async def list_old() -> dict:
            entry = {"id": "ai_log_1771203201000_1dc261a2", "stepName": "s", "type": "response", "error": "e"}
            await hosted.kv.put("ai_error_log:ai_log_1771203201000_1dc261a2_response", json.dumps(entry))
            return (await hosted.logs("?hasError=true"))["logs"][0]

        log = hosted.run(list_old)
        assert log["response"]["error"] == "e"
        assert log["storedIn"] == ["kv"]

    @pytest.mark.parametrize(
        "query", ["?limit=0", "?limit=501", "?limit=x", "?offset=-1", "?hasError=maybe", "?limit=１"]
    )
    def test_a_query_that_cannot_be_is_refused(self, query):
        hosted = HostedWorker(VARIANT)
        assert hosted.run(lambda: hosted.admin(f"get-ai-logs{query}")).status == 400


class TestAccess:
    ROUTES = (
        ("GET", "get-ai-logs"),
        ("GET", "export-ai-logs"),
        ("POST", "cleanup-ai-logs"),
        ("GET", "get-logging-status"),
        ("POST", "set-logging-status"),
    )

    @pytest.mark.parametrize(("method", "path"), ROUTES)
    @pytest.mark.parametrize("token", [None, "", "wrong", "correct hors", "correct horse "])
    def test_without_the_token_every_admin_route_refuses_and_reads_nothing(self, method, path, token):
        hosted = HostedWorker(VARIANT)
        response = hosted.run(lambda: hosted.admin(path, method=method, token=token))
        if token == "correct horse ":  # blanks around a header's value do not count
            assert response.status != 401
        else:
            assert response.status == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert hosted.operations == []

    @pytest.mark.parametrize("token", ["", "None", "undefined"])
    def test_where_no_token_is_configured_nobody_is_let_in(self, token):
        hosted = HostedWorker(VARIANT, ADMIN_TOKEN=None)
        assert hosted.run(lambda: hosted.admin("get-ai-logs", token=token)).status == 401

    def test_another_scheme_is_refused(self):
        hosted = HostedWorker(VARIANT)
        headers = {"Authorization": "Basic correct horse"}
        response = hosted.run(lambda: hosted.send("GET", "/api/admin/get-ai-logs", headers=headers))
        assert response.status == 401

    def test_a_browser_may_send_the_token(self):
        hosted = HostedWorker(VARIANT)
        response = hosted.run(lambda: hosted.send("OPTIONS", "/api/admin/get-ai-logs"))
        assert "Authorization" in response.headers["access-control-allow-headers"]

    def test_the_status_says_whether_errors_go_to_kv_and_cannot_be_set(self):
        hosted = HostedWorker(VARIANT, AI_ERROR_LOG_KV_ENABLED="false")

        async def ask() -> tuple[dict, int]:
            status = await (await hosted.admin("get-logging-status")).json()
            return status, (await hosted.admin("set-logging-status", method="POST", body={})).status

        assert hosted.run(ask) == ({"success": True, "enabled": True, "kvErrorLogging": False}, 409)


class TestCleanup:
    def test_errors_older_than_so_many_days_are_deleted_when_asked_for(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.script = lambda _number: 400

        async def clean() -> tuple[dict, dict]:
            await hosted.plan()
            hosted.clock.advance(days=31)
            await hosted.plan()
            body = {"errorsOlderThanDays": 30}
            cleaned = await (await hosted.admin("cleanup-ai-logs", method="POST", body=body)).json()
            return cleaned, await hosted.logs()

        cleaned, left = hosted.run(clean)
        assert cleaned["deletedErrors"] == 1
        assert cleaned["errorsLeft"] == 0
        assert left["total"] == 1

    def test_errors_stay_unless_asked_for(self):
        hosted = HostedWorker(VARIANT)
        hosted.provider.script = lambda _number: 400

        async def clean() -> dict:
            await hosted.plan()
            await hosted.admin("cleanup-ai-logs", method="POST")
            return await hosted.logs()

        assert [log["storedIn"] for log in hosted.run(clean)["logs"]] == [["kv"]]

    @pytest.mark.parametrize("body", [{"errorsOlderThanDays": "30"}, {"errorsOlderThanDays": -1}])
    def test_days_that_are_no_days_are_refused(self, body):
        hosted = HostedWorker(VARIANT)
        assert hosted.run(lambda: hosted.admin("cleanup-ai-logs", method="POST", body=body)).status == 400
