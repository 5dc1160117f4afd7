"""The standard library's time and randomness in a worker that is served."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import datetime

import pytest

from edgeday.clock import MovableClock
from edgeday.web import Response
from tests.server.conftest import START_S, local_server


class Clock:
    """Says what time it is, before and after it has waited."""

    async def fetch(self, request):
        first = time.time()
        await asyncio.sleep(0.002)
        return Response(f"{first} {time.time()} {datetime.now().isoformat()}")  # noqa: DTZ005


class Ids:
    async def fetch(self, request):
        return Response(str(uuid.uuid4()))


async def text_of(server):
    return (await server.request("GET", "/")).body.decode()


async def test_a_served_worker_has_the_time_of_the_account():
    async with local_server(Clock) as server:
        assert (await text_of(server)).split() == [f"{START_S}.0", f"{START_S}.0", "2026-03-01T12:00:00"]
        server.clock.advance(hours=1)
        assert (await text_of(server)).split()[0] == f"{START_S + 3600}.0"
    assert abs(time.time() - START_S) > 86_400


async def test_a_clock_that_was_moved_forward_moves_the_workers_and_no_timers():
    clock = MovableClock(gained_s=86_400)
    async with local_server(Clock, clock=clock) as server:
        async with asyncio.timeout(30):
            first, second, _ = (await text_of(server)).split()
        assert 0 <= float(second) - float(first) < 30
        assert float(second) - time.time() == pytest.approx(86_400, abs=30)


async def test_each_start_of_a_server_draws_its_own_ids():
    drawn = set()
    for _ in range(2):
        async with local_server(Ids) as server:
            drawn |= {await text_of(server), await text_of(server)}
    assert len(drawn) == 4
