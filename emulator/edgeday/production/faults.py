"""What goes wrong on Cloudflare's side, or beyond it, from one instant to another.

Of the faults that hit an operation the first one counts. What a worker sees of a failing cache: a put
resolves as if nothing had happened, a match finds nothing, a delete raises. Source: workerd 6552d99
api/cache.c++. A failing KV backend gives the runtime's "KV PUT failed: 500 Internal Server Error".
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from edgeday.account import CacheTrouble
from edgeday.clock import Clock
from edgeday.errors import PlatformError
from edgeday.invocation import Invocation, Outbound
from edgeday.virtual_loop import sleep
from edgeday.web.messages import Request, Response, reason_phrase

if TYPE_CHECKING:
    from edgeday.production.settings import Fault

NO_CACHE = CacheTrouble("the Cache API has no effect here, as on workers.dev or in a preview")
CACHE_FAILS = CacheTrouble("the cache answered with an error", "Unable to delete cached response.")
CONNECTION_LOST = "Network connection lost."


class Faults:
    """The faults of an edge. seed: of the draws; each fault has a generator of its own.

    Their offsets count from the instant at which the edge is made.
    cache_works: False: no cache does anything, at any time.
    """

    def __init__(self, clock: Clock, faults: Sequence[Fault], seed: int, *, cache_works: bool = True) -> None:
        self._clock = clock
        self._seed = seed
        self._cache_works = cache_works
        start_s = clock.now()
        self._faults = [(start_s + fault.begins_s, start_s + fault.ends_s, fault) for fault in faults]
        self._draws: list[Random] = []
        self.reset()

    def reset(self) -> None:
        """Draw again from the beginning."""
        self._draws = [Random(f"{self._seed}/fault/{number}") for number in range(len(self._faults))]

    def of_kv(self, op: str) -> tuple[int, str] | None:
        hit = self._hit("kv", op)
        if hit is None:
            return None
        status = hit[0].status or 500
        return status, reason_phrase(status)

    def of_cache(self, op: str) -> CacheTrouble | None:
        if not self._cache_works:
            return NO_CACHE
        return None if self._hit("cache", op) is None else CACHE_FAILS

    def around(self, handler: Outbound) -> Outbound:
        """The handler of a host, as far and as fast as the faults let requests through to it."""

        async def answer(request: Request, invocation: Invocation) -> Response:
            hit = self._hit("fetch", "")
            if hit is None:
                return await handler(request, invocation)
            fault, random = hit
            if fault.slower_s is not None:
                await sleep(fault.slower_s.draw(random))
                return await handler(request, invocation)
            if fault.status is None:
                raise PlatformError(CONNECTION_LOST)
            return Response.received(fault.status, reason_phrase(fault.status), (), b"")

        return answer

    def _hit(self, service: str, op: str) -> tuple[Fault, Random] | None:
        """The first fault that hits an operation now, and the generator of its draws."""
        now = self._clock.now()
        for (begins_at, ends_at, fault), random in zip(self._faults, self._draws, strict=True):
            if (
                fault.service == service
                and begins_at <= now < ends_at
                and (not fault.ops or op in fault.ops)
                and (fault.share >= 1 or random.random() < fault.share)
            ):
                return fault, random
        return None
