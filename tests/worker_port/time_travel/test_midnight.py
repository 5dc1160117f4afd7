"""A plan around midnight UTC: which day pays for what, and what a spent day leaves out of the logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from edgeday.clock import utc_day
from edgeday.ledger import Op
from tests.worker_port.time_travel.conftest import START

WRITES_PER_DAY = 1000


async def spend_the_day(worker) -> None:
    for number in range(WRITES_PER_DAY):
        await worker.edge.env.page_content.put(f"filler:{number}", "x")


async def test_a_plan_across_midnight_charges_each_day_for_its_own_writes(deployed):
    worker = deployed("kv_only", takes_s=10)
    worker.time.travel_to(datetime(2026, 2, 16, 23, 59, 35, tzinfo=UTC))
    assert await worker.plan() == 200
    # 23:59:35 request 1 (3 writes); :45 answer 1, request 2 (1 + 2); :55 answer 2, request 3 (1 + 2)
    assert worker.writes(START) == 9
    assert worker.writes(START + timedelta(days=1)) == 22 - 9


async def test_a_plan_that_begins_on_a_spent_day_is_logged_from_midnight_on(deployed):
    worker = deployed("kv_only", takes_s=10)
    worker.time.travel_to(datetime(2026, 2, 16, 23, 59, 35, tzinfo=UTC))
    await spend_the_day(worker)
    assert await worker.plan() == 200
    today = utc_day(START.timestamp())
    assert worker.edge.ledger.usage(Op.WRITE, today).refused == 3  # the requests of calls 1 to 3
    assert worker.writes(START + timedelta(days=1)) == 3 * 4 + 1  # calls 4 to 7, in a session of their own
    listing = await worker.logs()
    assert [log["stepName"] for log in listing["logs"]] == [
        "step3_meal_plan_chunk_2",
        "step3_meal_plan_chunk_3",
        "step3_meal_plan_chunk_4",
        "step4_summary",
    ]


@pytest.mark.parametrize(("starts", "charged"), [("23:59:49", [1, 0]), ("23:59:50", [0, 1])])
async def test_an_error_is_charged_to_the_day_on_which_its_call_ended(deployed, starts, charged):
    worker = deployed("hybrid", takes_s=10)
    worker.time.travel_to(datetime.fromisoformat(f"2026-02-16T{starts}Z"))
    assert await worker.plan(1) == 500
    assert [worker.writes(START), worker.writes(START + timedelta(days=1))] == charged


async def test_a_month_passes_in_a_moment(deployed):
    worker = deployed("hybrid")
    for day in range(30):
        worker.after(START, days=day)
        assert await worker.plan(3) == 500
        assert await worker.plan() == 200
    first = utc_day(START.timestamp())
    ledger = worker.edge.ledger
    assert ledger.days() == list(range(first, first + 30))
    assert [ledger.usage(Op.WRITE, day).accepted for day in ledger.days()] == [1] * 30
    assert len(await worker.kv_entries("ai_error_log:")) == 30
    assert (await worker.logs())["total"] == 10  # of the last day: 3 calls and 7
    entries_of_a_day = 2 * 10 + 2 + 1
    assert worker.store.held_entries() <= 30 + 2 * entries_of_a_day
