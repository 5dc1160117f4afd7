"""An invocation that code can be run in, with the stand-ins in their places."""

from __future__ import annotations

import asyncio

import pytest

from edgeday.ambient import installed
from edgeday.clock import VirtualClock
from edgeday.events import Diagnostic
from edgeday.runtime.edge import Edge

START = "2026-02-16T10:00:00.123Z"
START_S = 1_771_236_000.123


class Invocations:
    """Runs functions in invocations of an edge, whose clock stands at `START`; the first one is number 1."""

    def __init__(self):
        self.diagnostics = []

    def new_edge(self, start=START, seed=0):
        edge = Edge(clock=VirtualClock(start), seed=seed)
        edge.events.subscribe(Diagnostic, self.diagnostics.append)
        return edge

    def __call__(self, function, *arguments, start=START, seed=0):
        """What the function returns in the first invocation of a new edge."""

        async def main():
            async with self.new_edge(start, seed).invocation("GET /"):
                return function(*arguments)

        return asyncio.run(main())


@pytest.fixture
def within():
    """`within(time.time)`: what it gives in an invocation."""
    with installed():
        yield Invocations()
