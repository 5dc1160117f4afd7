"""`hybrid_designed` on stores that hold what it did not write: nothing of that stops a plan or the panel."""

from __future__ import annotations

import json
from typing import Any

import pytest

from edgeday.web import Response
from worker_port import variant_named

from .hosted import HostedWorker

VARIANT = "hybrid_designed"
ORIGIN = "https://ai-logs-cache.internal/"
INDEX = "ai_session_documents_index"
REFERENCE = {
    "key": "ai_session_document:x",
    "session": "session_x",
    "startedMs": 1771236000000,
    "single": False,
}
ERROR_KEY = "ai_error_log:ai_log_1771236000000_0000000a"


async def _cached(hosted: HostedWorker, key: str, stored: Any) -> None:
    async with hosted.edge.invocation():
        response = Response(json.dumps(stored), headers={"Cache-Control": "max-age=3600"})
        await hosted.edge.caches.default.put(ORIGIN + key, response)


@pytest.mark.parametrize(
    "index", [{}, 5, ["x"], [None], [{}], [{**REFERENCE, "startedMs": "x"}], [{**REFERENCE, "key": 1}]]
)
def test_rows_of_the_index_that_name_nothing_are_passed_over(index):
    hosted = HostedWorker(VARIANT)

    async def plan_and_list() -> tuple[int, dict]:
        await _cached(hosted, INDEX, index)
        assert (await hosted.logs())["total"] == 0
        status = (await hosted.plan()).status
        return status, await hosted.logs()

    status, answer = hosted.run(plan_and_list)
    assert status == 200
    assert (answer["total"], answer["unreadable"]) == (7, [])


def test_a_cleanup_passes_over_them_too():
    hosted = HostedWorker(VARIANT)

    async def clean() -> int:
        await _cached(hosted, INDEX, ["x"])
        return (await hosted.admin("cleanup-ai-logs", method="POST")).status

    assert hosted.run(clean) == 200


@pytest.mark.parametrize("document", [{}, 5, "text", ["x"], [None], [{}]])
@pytest.mark.parametrize("route", ["get-ai-logs", "export-ai-logs"])
def test_a_document_that_holds_no_entries_is_unreadable(document, route):
    hosted = HostedWorker(VARIANT)

    async def read() -> list[str]:
        await _cached(hosted, INDEX, [REFERENCE])
        await _cached(hosted, "ai_session_document:x", document)
        assert (await hosted.admin(route)).status == 200
        return (await hosted.logs())["unreadable"]

    assert hosted.run(read) == ["session_x"]


@pytest.mark.parametrize("value", ["5", '"text"', "[]", "null"])
@pytest.mark.parametrize("route", ["get-ai-logs", "export-ai-logs"])
def test_an_error_in_kv_that_is_no_entry_is_unreadable(value, route):
    hosted = HostedWorker(VARIANT)

    async def read() -> list[str]:
        await hosted.kv.put(ERROR_KEY, value)
        assert (await hosted.admin(route)).status == 200
        return (await hosted.logs())["unreadable"]

    assert hosted.run(read) == [ERROR_KEY.removeprefix("ai_error_log:")]


@pytest.mark.parametrize(
    "metadata", ["text", [1], {"sessionId": 5}, {"sessionId": ["a"]}, {"sessionId": None}]
)
def test_an_error_in_kv_with_metadata_of_another_kind_is_listed(metadata):
    hosted = HostedWorker(VARIANT)

    async def read() -> dict:
        await hosted.kv.put(ERROR_KEY, '{"error":"late"}', metadata=metadata)
        return await hosted.logs()

    assert [log["error"] for log in hosted.run(read)["logs"]] == ["late"]


def test_a_log_id_that_is_no_text_is_listed_like_others():
    hosted = HostedWorker(VARIANT)

    async def log_and_list() -> list:
        async with hosted.edge.invocation():
            log = variant_named(VARIANT).log
            await log.log_response(hosted.edge.env, 5, "step", {"response": "r", "success": True})
        return (await hosted.logs())["logs"]

    assert [log["id"] for log in hosted.run(log_and_list)] == [5]
