"""Why the platform refused something, in words and numbers."""

from __future__ import annotations

import contextlib

import pytest

from edgeday.events import Operation
from edgeday.runtime.edge import Edge
from edgeday.server.platform_reasons import reason_of
from edgeday.web import caches


async def refused(edge: Edge, work) -> list[str]:
    """What was refused or failed while some work was done, in words."""
    troubles: list[Operation] = []
    edge.events.subscribe(Operation, troubles.append, outcomes=("refused", "error"))
    async with edge.invocation("GET /"):
        with contextlib.suppress(Exception):
            await work()
    return [reason_of(trouble, edge.services) for trouble in troubles]


@pytest.mark.parametrize(
    ("account", "calls", "words"),
    [
        ("free", 51, "all 50 fetches and cache calls of this invocation are used"),
        ("paid", 10_001, "all 10000 of this invocation are used"),
    ],
)
async def test_spent_cache_calls_are_counted(clock, account, calls, words):
    edge = Edge(account=account, clock=clock)

    async def work():
        for number in range(calls):
            await caches.default.match(f"https://x.example/{number}")

    (reason,) = await refused(edge, work)
    assert reason == f"Too many subrequests by single Worker invocation: {words}"


async def test_spent_kv_calls_are_counted(clock):
    edge = Edge(clock=clock, namespaces={"KV": "id"})

    async def work():
        for number in range(1001):
            await edge.env.KV.get(f"k{number}")

    (reason,) = await refused(edge, work)
    assert reason == (
        "Too many API requests by single Worker invocation: all 1000 KV calls of this invocation are used"
    )


async def test_a_spent_quota_says_until_when(clock):
    edge = Edge(clock=clock, namespaces={"KV": "id"})

    async def work():
        for _ in range(2):
            await edge.env.KV.list()

    for _ in range(1000):
        await edge.env.KV.list()
    clock.advance(hours=1)
    assert await refused(edge, work) == [
        "KV list() limit exceeded for the day: 1000 of 1000 lists spent, resets in 11 h"
    ]


async def test_a_second_write_within_a_second_says_the_rule(clock):
    edge = Edge(clock=clock, namespaces={"KV": "id"})

    async def work():
        await edge.env.KV.put("k", "1")
        await edge.env.KV.put("k", "2")

    (reason,) = await refused(edge, work)
    assert reason.endswith("(a key takes one write a second)")
