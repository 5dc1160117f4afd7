"""The AI logs: every form of the log, from the caches and from KV, by session."""

from __future__ import annotations

import json
import re

import pytest

from edgeday.clock import SystemClock
from edgeday.ledger import Op
from edgeday.storage.records import KVEntry
from tests.server.conftest import NAMESPACE
from tests.server.dashboard.conftest import Storer, plan, visiting
from tests.server.dashboard.test_overview import words
from worker_port import AiDietWorker
from worker_port.profile.stand_in import AiStandIn

VARIANTS = ("kv_only_v1", "kv_only", "cache_only", "hybrid", "hybrid_batched", "hybrid_designed")


def failing() -> AiStandIn:
    return AiStandIn(failure_rate=1.0)


async def exported(visitor, query="") -> list[dict]:
    answer = await visitor.get(f"logs/export?as=json{query}")
    assert answer.status == 200
    return json.loads(answer.body)["sessions"]


async def test_without_logs_the_page_says_how_to_get_some(planner):
    assert "No AI call is logged." in await planner.text("logs")
    assert "No logged call has an error." in await planner.text("logs?errors=1")


@pytest.mark.parametrize("variant", ["hybrid", "hybrid_batched", "hybrid_designed"])
async def test_a_plan_is_one_session_with_all_its_calls_in_order(variant):
    ai = AiStandIn(seconds=(0.002, 0.003))
    async with visiting(AiDietWorker, ai=ai, clock=SystemClock()) as visitor:
        assert (await plan(visitor, variant)).status == 200
        sessions = await exported(visitor)
    assert len(sessions) == 1
    calls = sessions[0]["calls"]
    assert sessions[0]["session"].startswith("session_")
    assert calls[0]["request"]["stepName"] == "step1_analysis"
    assert [call["outcome"] for call in calls] == ["ok"] * 7
    assert {place["store"] for call in calls for place in call["storedIn"]} == {"cache"}


@pytest.mark.parametrize("variant", VARIANTS)
async def test_a_failed_call_is_shown_with_its_error_whatever_wrote_it(variant):
    async with visiting(AiDietWorker, ai=failing()) as visitor:
        assert (await plan(visitor, variant)).status == 500
        sessions = await exported(visitor, "&errors=1")
        text = words(await visitor.text("logs?errors=1"))
    calls = [call for session in sessions for call in session["calls"]]
    in_kv = variant in {"kv_only_v1", "kv_only", "hybrid", "hybrid_batched", "hybrid_designed"}
    assert len(calls) == 1
    assert calls[0]["outcome"] == "error"
    assert ("kv" in {place["store"] for place in calls[0]["storedIn"]}) is in_kv
    assert "1 call with errors in 1 session" in text


async def test_an_error_outlives_the_cache_in_kv():
    async with visiting(AiDietWorker, ai=failing()) as visitor:
        await plan(visitor)
        await visitor.post("time", {"by": "24h"})
        sessions = await exported(visitor)
        text = words(await visitor.text("logs"))
    assert [
        place["store"] for session in sessions for call in session["calls"] for place in call["storedIn"]
    ] == ["kv"]
    assert sessions[0]["session"] is None
    assert "Session not known" in text


async def test_the_filter_leaves_out_calls_without_an_error():
    async with visiting(AiDietWorker) as visitor:
        await plan(visitor)
        assert await exported(visitor)
        assert await exported(visitor, "&errors=1") == []


async def test_looking_at_logs_spends_nothing_and_is_no_event(planner):
    await plan(planner)
    before = [planner.local.used(op).asked for op in Op]
    newest = await planner.text("logs")
    assert "costs no quota" in newest
    await exported(planner)
    assert [planner.local.used(op).asked for op in Op] == before


async def test_a_call_opens_with_its_texts_and_the_places_it_is_in(planner):
    await plan(planner)
    link = re.search(r'hx-get="/__edgeday/(logs/call\?id=[^"]+)"', await planner.text("logs"))
    text = await planner.text(link[1], headers={"HX-Request": "true"})
    assert "<!doctype" not in text
    assert "SOF/default" in text
    assert "1 d left" in text
    assert "&lt;script&gt;document.title=" in text
    assert "<!doctype" in await planner.text(link[1])


async def test_a_call_that_is_gone_is_said_to_be_gone(planner):
    answer = await planner.get("logs/call?id=ai_log_1")
    assert answer.status == 404
    assert "not there any more" in answer.body.decode()


async def test_the_text_export_names_session_step_and_prompt(planner):
    await plan(planner)
    answer = await planner.get("logs/export")
    text = answer.body.decode()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith(
        'attachment; filename="ai-logs-2026-03-01T12-00-00Z'
    )
    assert "Session session_" in text
    assert "step1_analysis  [ok]" in text
    assert "--- prompt" in text


async def test_an_export_of_an_unknown_form_is_refused(planner):
    assert (await planner.get("logs/export?as=xml")).status == 400


@pytest.mark.parametrize(
    "value", [b"", b"{", b"[1, 2]", b"\xff", b"null", b'{"id": 7}', b"[" * 5000, b'{"a": 1}']
)
async def test_what_is_no_log_entry_is_counted_and_hurts_nothing(planner, value):
    edge = planner.local.served.edge
    await edge.store.kv_put(None, NAMESPACE, [("ai_error_log:x", KVEntry(value, "{", None, 0.0))], 0)
    text = words(await planner.text("logs"))
    assert "1 entry is no log entry that can be read" in text


async def test_fields_of_odd_types_are_shown_as_they_are(planner):
    entry = {
        "id": "x",
        "type": "combined",
        "sessionId": 7,
        "prompt": ["<b>"],
        "timestamp": None,
        "error": {"a": 1},
    }
    await planner.local.put("ai_error_log:x", json.dumps(entry).encode())
    assert "7 1 error 1 call" in words(await planner.text("logs"))
    assert "&lt;b&gt;" in await planner.text("logs/call?id=x")


async def test_half_a_surrogate_pair_is_shown_as_what_cannot_be_read(planner):
    entry = {
        "id": "\ud800",
        "type": "combined",
        "sessionId": "s",
        "stepName": "a\udc00",
        "prompt": ["\ud83d"],
    }
    await planner.local.put("ai_error_log:x", json.dumps(entry).encode())
    assert "a\ufffd\ufffd\ufffd" in await planner.text("logs")
    assert (await planner.get("logs/call?id=%EF%BF%BD%EF%BF%BD%EF%BF%BD")).status == 200


@pytest.mark.parametrize("kind", [["response"], {}, 1e300, None])
async def test_a_type_that_is_no_text_breaks_nothing(planner, kind):
    await planner.local.put("ai_error_log:x", json.dumps({"id": "x", "type": kind}).encode())
    assert "1 call" in words(await planner.text("logs"))


@pytest.mark.parametrize(("sessions", "more"), [(25, False), (26, True)])
async def test_many_sessions_are_cut_into_pages(planner, sessions, more):
    pairs = [
        {"key": f"ai_error_log:{entry['id']}", "value": json.dumps(entry)}
        for entry in (
            {"id": str(number), "sessionId": f"s{number:02}", "timestamp": f"2026-03-01T10:{number:02}:00Z"}
            for number in range(sessions)
        )
    ]
    await planner.local.kv("PUT", "/bulk", data=json.dumps(pairs))
    text = await planner.text("logs")
    assert f'title="s{sessions - 1:02}"' in text
    assert ("Older sessions" in text) is more
    assert ('title="s00"' in await planner.text("logs?from=25")) is more


async def test_only_a_server_of_the_worker_with_these_logs_has_their_page(planner):
    assert ">AI logs</a>" in (await planner.get("")).body.decode()
    async with visiting(Storer) as visitor:
        assert "AI logs" not in (await visitor.get("")).body.decode()
        assert (await visitor.get("logs")).status == 404
