"""What the limit of 50 subrequests and a spent KV quota do to plans and to the admin panel."""

from __future__ import annotations

import pytest

from edgeday.ledger import Op

from .site import CLIENT, GOOD_PLAN, Site

REFUSED = "Too many subrequests by single Worker invocation."


def test_under_fifty_subrequests_the_ninth_call_of_a_hybrid_plan_is_refused():
    site = Site("hybrid", subrequests="enforce", PLAN_CALLS=9)
    response = site.run(site.plan)
    assert response.status == 500
    assert site.provider.attempts == 8
    external = [seen for seen in site.operations if seen.service != "kv"]
    assert external[49].op == "put"
    assert "ai_communication_log:" in external[49].key
    assert external[49].outcome == "stored"
    assert all(seen.outcome == "refused" for seen in external[50:])


def test_the_refused_call_is_kept_only_by_its_kv_entry():
    site = Site("hybrid", subrequests="enforce", PLAN_CALLS=9)

    async def plan_and_look() -> tuple[int, list[str]]:
        await site.plan()
        keys = (await site.kv.list(prefix="ai_error_log:"))["keys"]
        return (await site.logs())["total"], [key["name"] for key in keys]

    listed, errors = site.run(plan_and_look)
    assert listed == 8
    assert len(errors) == 1


def test_the_kv_entry_of_the_refused_call_says_why():
    site = Site("hybrid", subrequests="enforce", PLAN_CALLS=9)

    async def plan_and_read() -> str:
        await site.plan()
        (key,) = (await site.kv.list(prefix="ai_error_log:"))["keys"]
        return (await site.kv.get(key["name"], "json"))["error"]

    assert site.run(plan_and_read) == f"OpenAI API failed: {REFUSED}"


@pytest.mark.parametrize(("variant", "calls"), [("hybrid", 7), ("hybrid_batched", 9), ("hybrid_designed", 9)])
def test_these_plans_fit_into_fifty_subrequests(variant, calls):
    site = Site(variant, subrequests="enforce", PLAN_CALLS=calls)
    assert site.run(site.plan).status == 200
    assert site.invocations[0].refused == 0


@pytest.mark.parametrize(
    ("failing_attempts", "subrequests", "refused"),
    [({1, 3, 5, 7, 9, 11, 13}, 50, 0), ({1, 2, 4, 6, 8, 10, 12, 14}, 51, 1)],
)
def test_seven_hybrid_calls_leave_room_for_seven_retries_and_not_for_eight(
    failing_attempts, subrequests, refused
):
    site = Site("hybrid", subrequests="enforce")
    site.provider.script = lambda number: 503 if number in failing_attempts else GOOD_PLAN
    site.run(site.plan)
    (ended,) = site.invocations
    assert (ended.external, ended.refused) == (subrequests, refused)


async def _ten_sessions_of_seven(site: Site) -> None:
    for _ in range(10):
        await site.plan()
    site.forget()


def test_the_default_page_of_a_full_panel_needs_111_matches_and_the_export_151():
    site = Site("hybrid")

    async def look() -> list[int]:
        await _ten_sessions_of_seven(site)
        await site.logs()
        await site.admin("export-ai-logs")
        return [ended.external for ended in site.invocations]

    assert site.run(look) == [111, 151]


def test_above_fifty_matches_entries_are_missing_from_an_answer_that_says_success():
    site = Site("hybrid", subrequests="enforce")

    async def look() -> dict:
        await _ten_sessions_of_seven(site)
        return await site.logs()

    answer = site.run(look)
    assert answer["success"] is True
    assert answer["total"] == 70
    assert len(answer["logs"]) == (50 - 11 + 1) // 2


@pytest.mark.parametrize("variant", ["cache_only", "hybrid"])
def test_a_cleanup_past_fifty_subrequests_says_success_and_leaves_the_index(variant):
    site = Site(variant, subrequests="enforce")

    async def clean() -> tuple[dict, dict]:
        for _ in range(4):
            await site.plan()
        cleaned = await (await site.admin("cleanup-ai-logs", method="POST")).json()
        return cleaned, await site.logs()

    cleaned, left = site.run(clean)
    assert cleaned["deletedCount"] == 28
    assert left["sessionCount"] == 4


def test_once_the_write_quota_is_spent_kv_only_logs_nothing_and_plans_go_on():
    site = Site("kv_only")

    async def plan_without_quota() -> tuple[int, int]:
        for number in range(1000):
            await site.kv.put(f"other:{number}", "x")
        site.forget()
        response = await site.plan()
        return response.status, site.edge.ledger.usage(Op.WRITE).accepted

    assert site.run(plan_without_quota) == (200, 1000)
    assert {seen.outcome for seen in site.operations if seen.op == "put"} == {"refused"}


def test_once_the_write_quota_is_spent_a_hybrid_error_is_still_in_the_cache():
    site = Site("hybrid")
    site.provider.script = lambda _number: 400

    async def plan_without_quota() -> dict:
        for number in range(1000):
            await site.kv.put(f"other:{number}", "x")
        await site.plan()
        (log,) = (await site.logs())["logs"]
        return log

    log = site.run(plan_without_quota)
    assert log["response"]["hasError"] is True
    assert log["userData"] == CLIENT
