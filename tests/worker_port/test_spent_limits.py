"""What the limit of 50 subrequests and a spent KV quota do to plans and to the admin panel."""

from __future__ import annotations

import pytest

from edgeday.ledger import Op

from .hosted import CLIENT, GOOD_PLAN, HostedWorker

REFUSED = "Too many subrequests by single Worker invocation."


def test_under_fifty_subrequests_the_ninth_call_of_a_hybrid_plan_is_refused():
    hosted = HostedWorker("hybrid", subrequests="enforce", PLAN_CALLS=9)
    response = hosted.run(hosted.plan)
    assert response.status == 500
    assert hosted.provider.attempts == 8
    external = [operation for operation in hosted.operations if operation.service != "kv"]
    assert external[49].op == "put"
    assert "ai_communication_log:" in external[49].key
    assert external[49].outcome == "stored"
    assert all(operation.outcome == "refused" for operation in external[50:])


def test_the_refused_call_is_kept_only_by_its_kv_entry():
    hosted = HostedWorker("hybrid", subrequests="enforce", PLAN_CALLS=9)

    async def plan_and_look() -> tuple[int, list[str]]:
        await hosted.plan()
        keys = (await hosted.kv.list(prefix="ai_error_log:"))["keys"]
        return (await hosted.logs())["total"], [key["name"] for key in keys]

    listed, errors = hosted.run(plan_and_look)
    assert listed == 8
    assert len(errors) == 1


def test_the_kv_entry_of_the_refused_call_says_why():
    hosted = HostedWorker("hybrid", subrequests="enforce", PLAN_CALLS=9)

    async def plan_and_read() -> str:
        await hosted.plan()
        (key,) = (await hosted.kv.list(prefix="ai_error_log:"))["keys"]
        return (await hosted.kv.get(key["name"], "json"))["error"]

    assert hosted.run(plan_and_read) == f"OpenAI API failed: {REFUSED}"


@pytest.mark.parametrize(("variant", "calls"), [("hybrid", 7), ("hybrid_batched", 9), ("hybrid_designed", 9)])
def test_these_plans_fit_into_fifty_subrequests(variant, calls):
    hosted = HostedWorker(variant, subrequests="enforce", PLAN_CALLS=calls)
    assert hosted.run(hosted.plan).status == 200
    assert hosted.invocations[0].refused == 0


@pytest.mark.parametrize(
    ("failing_attempts", "subrequests", "refused"),
    [({1, 3, 5, 7, 9, 11, 13}, 50, 0), ({1, 2, 4, 6, 8, 10, 12, 14}, 51, 1)],
)
def test_seven_hybrid_calls_leave_room_for_seven_retries_and_not_for_eight(
    failing_attempts, subrequests, refused
):
    hosted = HostedWorker("hybrid", subrequests="enforce")
    hosted.provider.script = lambda number: 503 if number in failing_attempts else GOOD_PLAN
    hosted.run(hosted.plan)
    (ended,) = hosted.invocations
    assert (ended.external, ended.refused) == (subrequests, refused)


async def _ten_sessions_of_seven(hosted: HostedWorker) -> None:
    for _ in range(10):
        await hosted.plan()
    hosted.forget()


def test_the_default_page_of_a_full_panel_needs_111_matches_and_the_export_151():
    hosted = HostedWorker("hybrid")

    async def look() -> list[int]:
        await _ten_sessions_of_seven(hosted)
        await hosted.logs()
        await hosted.admin("export-ai-logs")
        await hosted.edge.drain()
        return [ended.external for ended in hosted.invocations]

    assert hosted.run(look) == [111, 151]


def test_above_fifty_matches_entries_are_missing_from_an_answer_that_says_success():
    hosted = HostedWorker("hybrid", subrequests="enforce")

    async def look() -> dict:
        await _ten_sessions_of_seven(hosted)
        return await hosted.logs()

    answer = hosted.run(look)
    assert answer["success"] is True
    assert answer["total"] == 70
    assert len(answer["logs"]) == (50 - 11 + 1) // 2


@pytest.mark.parametrize("variant", ["cache_only", "hybrid"])
def test_a_cleanup_past_fifty_subrequests_says_success_and_leaves_the_index(variant):
    hosted = HostedWorker(variant, subrequests="enforce")

    async def clean() -> tuple[dict, dict]:
        for _ in range(4):
            await hosted.plan()
        cleaned = await (await hosted.admin("cleanup-ai-logs", method="POST")).json()
        return cleaned, await hosted.logs()

    cleaned, left = hosted.run(clean)
    assert cleaned["deletedCount"] == 28
    assert left["sessionCount"] == 4


def test_once_the_write_quota_is_spent_kv_only_logs_nothing_and_plans_go_on():
    hosted = HostedWorker("kv_only")

    async def plan_without_quota() -> tuple[int, int]:
        for number in range(1000):
            await hosted.kv.put(f"other:{number}", "x")
        hosted.forget()
        response = await hosted.plan()
        return response.status, hosted.edge.ledger.usage(Op.WRITE).accepted

    assert hosted.run(plan_without_quota) == (200, 1000)
    assert {operation.outcome for operation in hosted.operations if operation.op == "put"} == {"refused"}


def test_once_the_write_quota_is_spent_a_hybrid_error_is_still_in_the_cache():
    hosted = HostedWorker("hybrid")
    hosted.provider.script = lambda _number: 400

    async def plan_without_quota() -> dict:
        for number in range(1000):
            await hosted.kv.put(f"other:{number}", "x")
        await hosted.plan()
        (log,) = (await hosted.logs())["logs"]
        return log

    log = hosted.run(plan_without_quota)
    assert log["response"]["hasError"] is True
    assert log["userData"] == CLIENT
