"""Isolates: which of a data centre's workers' memories a request meets.

The rule, an assumption (Cloudflare documents none): a data centre has a number of places for isolates, each
request is given one at random, and an isolate is replaced by a new one with the first request after its life
has passed. A request that is still running keeps the isolate it began in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from edgeday.production.settings import IsolateSettings


class Isolates:
    """The module state of a worker by data centre and place."""

    def __init__(self, settings: IsolateSettings, seed: int) -> None:
        self._per_colo = settings.per_colo
        self._life_s = settings.life_s
        self._seed = seed
        self._living: dict[tuple[str, int], tuple[float, dict[str, Any]]] = {}

    def take(self, colo: str, now: float, number: int) -> dict[str, Any]:
        """The module state that invocation `number` finds; its place depends on the seed and the number."""
        slot = (colo, crc32(f"{self._seed}/{number}".encode()) % self._per_colo)
        living = self._living.get(slot)
        if living is None or now >= living[0] + self._life_s:
            living = self._living[slot] = (now, {})
        return living[1]

    def lose(self, colo: str) -> None:
        """Replace those of one data centre."""
        self._living = {slot: living for slot, living in self._living.items() if slot[0] != colo}

    def clear(self) -> None:
        """Replace all of them."""
        self._living.clear()
