"""The days of the KV quotas: they end at 00:00 UTC, wherever the account's owner lives."""

from __future__ import annotations

import time as system_time
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from zoneinfo import ZoneInfo

import pytest

from edgeday.errors import QuotaExceeded
from edgeday.ledger import Op
from tests.travel import MS

SOFIA = ZoneInfo("Europe/Sofia")
WRITES_PER_DAY = 1000


@pytest.fixture
def process_in_sofia(monkeypatch):
    """The process's own local time is Sofia's."""
    monkeypatch.setenv("TZ", "Europe/Sofia")
    system_time.tzset()
    yield
    monkeypatch.undo()
    system_time.tzset()


async def is_refused(kv) -> bool:
    try:
        await kv.put("probe", "x")
    except QuotaExceeded:
        return True
    return False


@pytest.mark.usefixtures("process_in_sofia")
@pytest.mark.parametrize("day", [date(2026, 2, 17), date(2026, 7, 16)], ids=["winter", "summer"])
async def test_counters_reset_at_midnight_utc_and_not_at_midnight_in_sofia(time, travelling, day):
    kv = travelling.env.kv
    sofia_midnight = datetime.combine(day, time_of_day(), SOFIA)
    utc_midnight = datetime.combine(day, time_of_day(), UTC)
    assert sofia_midnight < utc_midnight
    time.travel_to(sofia_midnight - MS)
    for number in range(WRITES_PER_DAY):
        await kv.put(f"filler:{number}", "x")
    assert await is_refused(kv)
    time.travel_to(sofia_midnight)
    assert await is_refused(kv)
    time.travel_to(utc_midnight - MS)
    assert await is_refused(kv)
    assert travelling.ledger.resets_at == utc_midnight.timestamp()
    time.travel_to(utc_midnight)
    assert not await is_refused(kv)


@pytest.mark.parametrize("op", list(Op))
async def test_every_counter_starts_again_at_midnight_and_keeps_the_day_before(time, travelling, op):
    ledger, kv = travelling.ledger, travelling.env.kv
    call = {
        Op.READ: lambda: kv.get("a"),
        Op.WRITE: lambda: kv.put("a", "1"),
        Op.DELETE: lambda: kv.delete("a"),
        Op.LIST: kv.list,
    }[op]
    time.travel_to(datetime(2026, 2, 16, 23, 59, 59, tzinfo=UTC))
    await call()
    before = ledger.today
    time.travel_to(datetime(2026, 2, 17, tzinfo=UTC))
    assert ledger.usage(op).accepted == 0
    await call()
    assert [ledger.usage(op, day).accepted for day in (before, before + 1)] == [1, 1]
