"""How long logs can be read: cached ones for a day after their put, the index for a day after its own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.travel import MS
from tests.worker_port.time_travel.conftest import START

DAY = timedelta(days=1)
IN_CACHE = ("cache_only", "hybrid", "hybrid_batched", "hybrid_designed")
LOG_URL = "https://ai-logs-cache.internal/ai_communication_log:{}{}"


@pytest.mark.parametrize("variant", IN_CACHE)
@pytest.mark.parametrize(("age", "readable"), [(DAY - timedelta(seconds=1), 7), (DAY - MS, 7), (DAY, 0)])
async def test_cached_logs_are_readable_at_23_59_59_and_gone_at_24_00_00(deployed, variant, age, readable):
    worker = deployed(variant)
    assert await worker.plan() == 200
    worker.time.travel_to(START + age)
    assert len((await worker.logs())["logs"]) == readable


@pytest.mark.parametrize("variant", IN_CACHE)
@pytest.mark.parametrize(("age", "steps"), [(DAY - timedelta(seconds=1), 7), (DAY, 0)])
async def test_the_export_ends_with_the_logs(deployed, variant, age, steps):
    worker = deployed(variant)
    await worker.plan()
    worker.time.travel_to(START + age)
    assert (await worker.export()).count("СТЪПКА ") == steps


@pytest.mark.parametrize(("variant", "listed"), [("kv_only_v1", 1), ("kv_only", 7)])
async def test_logs_in_kv_do_not_expire(deployed, variant, listed):
    worker = deployed(variant, takes_s=10)
    await worker.plan()
    worker.after(START, days=400)
    assert len((await worker.logs())["logs"]) == listed


async def test_an_index_written_once_takes_younger_entries_out_of_sight(deployed):
    worker = deployed("hybrid", takes_s=10)
    await worker.plan()
    newest = (await worker.logs())["logs"][-1]["id"]
    worker.time.travel_to(START + DAY - MS)
    assert (await worker.logs())["total"] == 7
    worker.time.travel_to(START + DAY)  # the session index was put with the first call's request
    assert (await worker.logs())["total"] == 0
    request_url, response_url = LOG_URL.format(newest, ""), LOG_URL.format(newest, "_response")
    assert await worker.edge.caches.default.match(request_url) is not None
    worker.after(START + DAY, seconds=60)  # the seventh request was logged a minute after the first
    assert await worker.edge.caches.default.match(request_url) is None
    assert await worker.edge.caches.default.match(response_url) is not None
    worker.after(START + DAY, seconds=70)
    assert await worker.edge.caches.default.match(response_url) is None


@pytest.mark.parametrize(
    ("past_a_day_s", "total", "readable"),
    [(0, 7, 7), (9, 7, 7), (10, 7, 6), (19, 7, 6), (20, 7, 5), (69, 7, 1), (70, 0, 0)],
)
async def test_entries_fade_one_by_one_under_an_index_that_was_written_last(
    deployed, past_a_day_s, total, readable
):
    worker = deployed("hybrid_batched", takes_s=10)  # entries at 10 s, 20 s ... 70 s, the index at 70 s
    await worker.plan()
    worker.after(START + DAY, seconds=past_a_day_s)
    listing = await worker.logs()
    assert (listing["total"], len(listing["logs"])) == (total, readable)


async def test_the_index_lives_a_day_from_its_last_write_and_names_sessions_that_are_gone(deployed):
    worker = deployed("hybrid")
    await worker.plan()
    worker.after(START, hours=12)
    await worker.plan()
    worker.time.travel_to(START + DAY - MS)
    assert (await worker.logs())["total"] == 14
    worker.time.travel_to(START + DAY)
    listing = await worker.logs()
    assert (listing["sessionCount"], listing["total"], len(listing["logs"])) == (2, 7, 7)
    worker.after(START, hours=36)
    assert await worker.logs() == {"success": True, "logs": [], "total": 0, "storageType": "cache"}
