"""Whatever invocations run beside it, each has its own clock and its own numbers."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import datetime
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.ambient import installed
from edgeday.clock import VirtualClock
from edgeday.runtime.edge import Edge
from tests.ambient.conftest import START

Steps = list[int]
"""Turns of the event loop that an invocation leaves to others, between its readings."""


async def invocation(seed: int, steps: Steps, ready: asyncio.Event) -> list[object]:
    """What one invocation reads and draws on an edge of its own, whose clock moves a second at each step."""
    edge = Edge(clock=VirtualClock(START), seed=seed)
    readings: list[object] = []
    await ready.wait()
    async with edge.invocation("GET /"):
        for turns in steps:
            readings += [time.time(), datetime.now(), random.random(), random.Random().random(), uuid4()]
            edge.clock.advance(seconds=seed + 1)
            for _ in range(turns):
                await asyncio.sleep(0)
    return readings


async def together(plan: list[Steps]) -> list[list[object]]:
    ready = asyncio.Event()
    tasks = [asyncio.ensure_future(invocation(seed, steps, ready)) for seed, steps in enumerate(plan)]
    ready.set()
    return await asyncio.gather(*tasks)


async def one_by_one(plan: list[Steps]) -> list[list[object]]:
    ready = asyncio.Event()
    ready.set()
    return [await invocation(seed, steps, ready) for seed, steps in enumerate(plan)]


@given(st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=6), min_size=1, max_size=5))
@settings(max_examples=25, deadline=None)
def test_invocations_beside_each_other_read_and_draw_what_they_do_alone(plan):
    with installed():
        alone = asyncio.run(one_by_one(plan))
        assert asyncio.run(together(plan)) == alone
    assert len({readings[2] for readings in alone}) == len(plan)
