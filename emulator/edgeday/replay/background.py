"""Other code on the same account: KV operations at a steady rate, charged to the same quotas."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from heapq import merge
from typing import NamedTuple

from edgeday.errors import PlatformError
from edgeday.kv.namespace import KVNamespace
from edgeday.ledger import KV_QUOTAS, Op
from edgeday.runtime.edge import Edge
from edgeday.scenario.arrivals import HOURS
from edgeday.scenario.traffic import Background
from edgeday.virtual_loop import sleep

KEY_PREFIX = "background:"
_HOUR_S = 3600


class BackgroundOperation(NamedTuple):
    """at: epoch seconds. number: from 0, within its class of operations and the whole run."""

    at: float
    op: Op
    number: int


def operations(background: Background, start_s: float, hours: int) -> Iterator[BackgroundOperation]:
    """What the other code does in the `hours` of the clock that begin from `start_s` on, in order; even
    within each hour. They are whole ones, so the last goes on after a run that starts within an hour."""
    return merge(
        *(_of_class(quota.op, getattr(background, quota.name), start_s, hours) for quota in KV_QUOTAS)
    )


def _of_class(op: Op, rates: Sequence[int], start_s: float, hours: int) -> Iterator[BackgroundOperation]:
    number = 0
    first = math.ceil(start_s / _HOUR_S)
    for hour in range(first, first + hours):
        rate = rates[hour % HOURS] if len(rates) == HOURS else rates[0]
        for place in range(rate):
            yield BackgroundOperation((hour + (place + 0.5) / rate) * _HOUR_S, op, number)
            number += 1


class BackgroundCode:
    """The other code: uses a KV namespace of its own, `keys` keys in turn, outside any invocation."""

    def __init__(self, background: Background, edge: Edge) -> None:
        self._background = background
        self._namespace = KVNamespace(edge.services, background.name, f"background/{background.name}")
        self._value = b"x" * background.value_bytes

    async def run(self, start_s: float, hours: int) -> None:
        """Do everything at its time. `start_s` is the instant at which the loop's clock shows 0."""
        loop = asyncio.get_running_loop()
        for operation in operations(self._background, start_s, hours):
            wait_s = operation.at - start_s - loop.time()
            if wait_s > 0:
                await sleep(wait_s)
            await self.do(operation)

    async def do(self, operation: BackgroundOperation) -> None:
        """One operation. What the platform refuses is in the events; the other code lives with it."""
        key = f"{KEY_PREFIX}{operation.number % self._background.keys}"
        try:
            match operation.op:
                case Op.READ:
                    await self._namespace.get(key)
                case Op.WRITE:
                    await self._namespace.put(key, self._value)
                case Op.DELETE:
                    await self._namespace.delete(key)
                case Op.LIST:
                    await self._namespace.list(prefix=KEY_PREFIX, limit=1)
        except PlatformError:
            return
