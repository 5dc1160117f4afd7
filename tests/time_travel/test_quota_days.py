"""Quota days: they end at 00:00 UTC, wherever the account's owner lives."""

from __future__ import annotations

import time as system_time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import pytest

from edgeday.clock import utc_day
from edgeday.errors import QuotaExceeded
from edgeday.ledger import Op
from tests.time_travel.conftest import START

SOFIA = ZoneInfo("Europe/Sofia")
LIMIT = 1000


@pytest.fixture
def process_in_sofia(monkeypatch):
    """The process's own local time is Sofia's."""
    monkeypatch.setenv("TZ", "Europe/Sofia")
    system_time.tzset()
    yield
    monkeypatch.undo()
    system_time.tzset()


async def spend_the_day(site, leaving: int = 0) -> None:
    for number in range(LIMIT - leaving):
        await site.edge.env.page_content.put(f"filler:{number}", "x")


async def is_refused(site) -> bool:
    try:
        await site.edge.env.page_content.put("probe", "x")
    except QuotaExceeded:
        return True
    return False


@pytest.mark.usefixtures("process_in_sofia")
@pytest.mark.parametrize("day", [date(2026, 2, 17), date(2026, 7, 16)], ids=["winter", "summer"])
async def test_counters_reset_at_midnight_utc_and_not_at_midnight_in_sofia(site_of, day):
    site = site_of("kv_only")
    sofia_midnight = datetime.combine(day, time_of_day(), SOFIA)
    utc_midnight = datetime.combine(day, time_of_day(), UTC)
    assert sofia_midnight < utc_midnight
    site.after(sofia_midnight, seconds=-10)
    await spend_the_day(site)
    assert await is_refused(site)
    site.time.travel_to(sofia_midnight)
    assert await is_refused(site)
    site.after(utc_midnight, seconds=-1)
    assert await is_refused(site)
    assert site.edge.ledger.resets_at == utc_midnight.timestamp()
    site.time.travel_to(utc_midnight)
    assert not await is_refused(site)


@pytest.mark.parametrize("op", list(Op))
async def test_every_counter_starts_again_at_midnight_and_keeps_the_day_before(site_of, op):
    site = site_of("kv_only")
    call = {
        Op.READ: lambda kv: kv.get("a"),
        Op.WRITE: lambda kv: kv.put("a", "1"),
        Op.DELETE: lambda kv: kv.delete("a"),
        Op.LIST: lambda kv: kv.list(),
    }[op]
    site.time.travel_to(datetime(2026, 2, 16, 23, 59, 59, tzinfo=UTC))
    await call(site.edge.env.page_content)
    before = site.edge.ledger.today
    site.time.travel_to(datetime(2026, 2, 17, tzinfo=UTC))
    assert site.edge.ledger.usage(op).accepted == 0
    await call(site.edge.env.page_content)
    assert [site.edge.ledger.usage(op, day).accepted for day in (before, before + 1)] == [1, 1]


async def test_a_plan_across_midnight_charges_each_day_for_its_own_writes(site_of):
    site = site_of("kv_only", takes_s=10)
    site.time.travel_to(datetime(2026, 2, 16, 23, 59, 35, tzinfo=UTC))
    assert await site.plan() == 200
    # 23:59:35 request 1 (3 writes); :45 answer 1, request 2 (1 + 2); :55 answer 2, request 3 (1 + 2)
    assert site.writes(START) == 9
    assert site.writes(START + timedelta(days=1)) == 22 - 9


async def test_a_plan_that_begins_on_a_spent_day_is_logged_from_midnight_on(site_of):
    site = site_of("kv_only", takes_s=10)
    site.time.travel_to(datetime(2026, 2, 16, 23, 59, 35, tzinfo=UTC))
    await spend_the_day(site)
    assert await site.plan() == 200
    today = utc_day(START.timestamp())
    assert site.edge.ledger.usage(Op.WRITE, today).refused == 3  # the requests of calls 1 to 3
    assert site.writes(START + timedelta(days=1)) == 3 * 4 + 1  # calls 4 to 7, in a session of their own
    shown = await site.logs()
    assert [log["stepName"] for log in shown["logs"]] == [
        "step3_meal_plan_chunk_2",
        "step3_meal_plan_chunk_3",
        "step3_meal_plan_chunk_4",
        "step4_summary",
    ]


@pytest.mark.parametrize(("starts", "charged"), [("23:59:49", [1, 0]), ("23:59:50", [0, 1])])
async def test_an_error_is_charged_to_the_day_on_which_its_call_ended(site_of, starts, charged):
    site = site_of("hybrid", takes_s=10)
    site.time.travel_to(datetime.fromisoformat(f"2026-02-16T{starts}Z"))
    assert await site.plan(1) == 500
    assert [site.writes(START), site.writes(START + timedelta(days=1))] == charged


async def test_a_month_passes_in_a_moment(site_of):
    site = site_of("hybrid")
    for day in range(30):
        site.after(START, days=day)
        assert await site.plan(3) == 500
        assert await site.plan() == 200
    first = utc_day(START.timestamp())
    ledger = site.edge.ledger
    assert ledger.days() == list(range(first, first + 30))
    assert [ledger.usage(Op.WRITE, day).accepted for day in ledger.days()] == [1] * 30
    assert len(await site.kv_entries("ai_error_log:")) == 30
    assert (await site.logs())["total"] == 10  # of the last day: 3 calls and 7
    entries_of_a_day = 2 * 10 + 2 + 1
    assert site.store.held_entries() <= 30 + 2 * entries_of_a_day
