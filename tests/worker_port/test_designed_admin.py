"""The admin panel of `hybrid_designed`: both stores, filters, pages, a token, cleanup."""

from __future__ import annotations

import json

import pytest

from edgeday.clock import DAY_S

from .site import CLIENT, Site, fail_at, put_all

VARIANT = "hybrid_designed"


class TestReading:
    def test_the_list_says_of_each_log_which_stores_have_it(self):
        site = Site(VARIANT)
        site.provider.script = fail_at(3)

        async def plan_and_list() -> list[list[str]]:
            await site.plan()
            return [log["storedIn"] for log in (await site.logs())["logs"]]

        assert site.run(plan_and_list) == [["cache"], ["cache"], ["cache", "kv"]]

    def test_after_a_day_the_errors_are_listed_from_kv_and_the_rest_is_gone(self):
        site = Site(VARIANT)
        site.provider.script = fail_at(3)

        async def list_later() -> dict:
            await site.plan()
            site.clock.advance(days=3)
            return await site.logs()

        answer = site.run(list_later)
        (log,) = answer["logs"]
        assert log["storedIn"] == ["kv"]
        assert log["stepName"] == "step3_meal_plan_chunk_1"
        assert answer["total"] == 1

    @pytest.mark.parametrize(("waited_s", "found"), [(DAY_S - 1, 7), (DAY_S, 0)])
    def test_normal_logs_are_there_for_a_day(self, waited_s, found):
        site = Site(VARIANT)

        async def list_later() -> int:
            await site.plan()
            site.clock.advance(seconds=waited_s)
            return (await site.logs())["total"]

        assert site.run(list_later) == found

    @pytest.mark.parametrize(("query", "found"), [("", 9), ("?hasError=true", 3), ("?hasError=false", 6)])
    def test_has_error_filters_by_the_outcome_of_the_call(self, query, found):
        site = Site(VARIANT, PLAN_CALLS=9, PLAN_ON_ERROR="continue")
        site.provider.script = fail_at(2, 5)

        async def plan_and_list() -> dict:
            await site.plan(edgeday_request_errors="8")
            return await site.logs(query)

        answer = site.run(plan_and_list)
        assert answer["total"] == len(answer["logs"]) == found
        if query:
            assert {log["hasError"] for log in answer["logs"]} == {query.endswith("true")}

    def test_the_kv_entry_of_an_error_is_enough_to_debug_it(self):
        site = Site(VARIANT)
        site.provider.script = fail_at(2)

        async def read() -> dict:
            await site.plan()
            site.clock.advance(days=3)
            (key,) = (await site.kv.list(prefix="ai_error_log:"))["keys"]
            return await site.kv.get(key["name"], "json")

        entry = site.run(read)
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
            site = Site(variant)
            site.provider.script = fail_at(1)

            async def read() -> set[str]:
                await site.plan()
                (key,) = (await site.kv.list(prefix="ai_error_log:"))["keys"]
                return set(await site.kv.get(key["name"], "json"))

            return site.run(read)

        assert fields(VARIANT) - fields("hybrid_batched") == {"requestError"}

    def test_the_export_has_the_logs_of_both_stores(self):
        site = Site(VARIANT)
        site.provider.script = fail_at(2)

        async def export() -> str:
            await site.plan()
            site.clock.advance(days=2)
            site.provider.attempts = 2
            await site.plan()
            return await (await site.admin("export-ai-logs")).text()

        text = site.run(export)
        assert text.count("Хранилище: Cache API\n") == 7
        assert text.count("Хранилище: KV\n") == 1
        assert "Грешка: OpenAI API failed: OpenAI API error: 400 Bad Request" in text

    def test_pages_join_to_the_whole_list(self):
        site = Site(VARIANT)

        async def pages() -> tuple[list[str], list[str]]:
            await put_all(site, 4)()
            whole = [log["id"] for log in (await site.logs("?limit=500"))["logs"]]
            joined: list[str] = []
            offset: int | None = 0
            while offset is not None:
                page = await site.logs(f"?limit=9&offset={offset}")
                joined += [log["id"] for log in page["logs"]]
                offset = page["nextOffset"]
            return whole, joined

        whole, joined = site.run(pages)
        assert joined == whole
        assert len(set(whole)) == 28

    def test_a_page_reads_only_those_kv_entries_that_it_shows(self):
        site = Site(VARIANT)
        site.provider.script = lambda _number: 400

        async def read_one_page() -> dict:
            await put_all(site, 12)()
            site.clock.advance(days=2)
            site.forget()
            return await site.logs("?limit=5")

        assert site.run(read_one_page)["total"] == 12
        assert {name: n for name, n in site.counts().items() if name.startswith("kv")} == {
            "kv list": 1,
            "kv get": 5,
        }

    def test_when_kv_refuses_to_list_the_cached_logs_are_shown_and_the_refusal_is_named(self):
        site = Site(VARIANT)

        async def list_without_quota() -> dict:
            await site.plan()
            for _ in range(1000):
                await site.kv.list(prefix="other")
            return await site.logs()

        answer = site.run(list_without_quota)
        assert len(answer["logs"]) == 7
        assert answer["sources"] == {"cache": "ok", "kv": "KV list() limit exceeded for the day."}

    def test_error_entries_that_hybrid_left_in_kv_are_shown_with_what_they_have(self):
        site = Site(VARIANT)

        async def list_old() -> dict:
            entry = {"id": "ai_log_1771203201000_1dc261a2", "stepName": "s", "type": "response", "error": "e"}
            await site.kv.put("ai_error_log:ai_log_1771203201000_1dc261a2_response", json.dumps(entry))
            return (await site.logs("?hasError=true"))["logs"][0]

        log = site.run(list_old)
        assert log["response"]["error"] == "e"
        assert log["storedIn"] == ["kv"]

    @pytest.mark.parametrize(
        "query", ["?limit=0", "?limit=501", "?limit=x", "?offset=-1", "?hasError=maybe", "?limit=１"]
    )
    def test_a_query_that_cannot_be_is_refused(self, query):
        site = Site(VARIANT)
        assert site.run(lambda: site.admin(f"get-ai-logs{query}")).status == 400


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
        site = Site(VARIANT)
        response = site.run(lambda: site.admin(path, method=method, token=token))
        if token == "correct horse ":  # blanks around a header's value do not count
            assert response.status != 401
        else:
            assert response.status == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert site.operations == []

    @pytest.mark.parametrize("token", ["", "None", "undefined"])
    def test_where_no_token_is_configured_nobody_is_let_in(self, token):
        site = Site(VARIANT, ADMIN_TOKEN=None)
        assert site.run(lambda: site.admin("get-ai-logs", token=token)).status == 401

    def test_another_scheme_is_refused(self):
        site = Site(VARIANT)
        headers = {"Authorization": "Basic correct horse"}
        response = site.run(lambda: site.send("GET", "/api/admin/get-ai-logs", headers=headers))
        assert response.status == 401

    def test_a_browser_may_send_the_token(self):
        site = Site(VARIANT)
        response = site.run(lambda: site.send("OPTIONS", "/api/admin/get-ai-logs"))
        assert "Authorization" in response.headers["access-control-allow-headers"]

    def test_the_status_says_whether_errors_go_to_kv_and_cannot_be_set(self):
        site = Site(VARIANT, AI_ERROR_LOG_KV_ENABLED="false")

        async def ask() -> tuple[dict, int]:
            status = await (await site.admin("get-logging-status")).json()
            return status, (await site.admin("set-logging-status", method="POST", body={})).status

        assert site.run(ask) == ({"success": True, "enabled": True, "kvErrorLogging": False}, 409)


class TestCleanup:
    def test_errors_older_than_so_many_days_are_deleted_when_asked_for(self):
        site = Site(VARIANT)
        site.provider.script = lambda _number: 400

        async def clean() -> tuple[dict, dict]:
            await site.plan()
            site.clock.advance(days=31)
            await site.plan()
            body = {"errorsOlderThanDays": 30}
            cleaned = await (await site.admin("cleanup-ai-logs", method="POST", body=body)).json()
            return cleaned, await site.logs()

        cleaned, left = site.run(clean)
        assert cleaned["deletedErrors"] == 1
        assert cleaned["errorsLeft"] == 0
        assert left["total"] == 1

    def test_errors_stay_unless_asked_for(self):
        site = Site(VARIANT)
        site.provider.script = lambda _number: 400

        async def clean() -> dict:
            await site.plan()
            await site.admin("cleanup-ai-logs", method="POST")
            return await site.logs()

        assert [log["storedIn"] for log in site.run(clean)["logs"]] == [["kv"]]

    @pytest.mark.parametrize("body", [{"errorsOlderThanDays": "30"}, {"errorsOlderThanDays": -1}])
    def test_days_that_are_no_days_are_refused(self, body):
        site = Site(VARIANT)
        assert site.run(lambda: site.admin("cleanup-ai-logs", method="POST", body=body)).status == 400
