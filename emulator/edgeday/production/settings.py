"""What of the platform's behaviour is switched on for an edge, and what each model rests on.

Data only. A part that is None or empty is off. Sizes in bytes, times in seconds, instants in epoch seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal, Protocol

COPY_TTL_S = 60
"""How long a data centre keeps what it has read of KV, without a cacheTtl.
Source: Cloudflare docs, KV read key-value pairs (cacheTtl's default)."""


class Draw(Protocol):
    """A distribution: draws a value."""

    def draw(self, random: Random) -> float: ...


@dataclass(frozen=True, slots=True)
class IsolateRule:
    """How many isolates serve a data centre at once, and how long each lives from its first request on."""

    per_colo: int
    life_s: float


@dataclass(frozen=True, slots=True)
class EvictionRule:
    """When caches give entries up before they expire.

    bytes_per_colo: the room of a data centre's caches; beyond it the entries used longest ago go. None: no
    bound. per_hour: the chance of an entry to be gone within an hour, whatever else is there; 0: never.
    """

    bytes_per_colo: int | None = None
    per_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class LatencyRule:
    """Milliseconds from asking a storage service until it acts; one distribution for each operation."""

    kv_get: Draw
    kv_put: Draw
    kv_delete: Draw
    kv_list: Draw
    cache_match: Draw
    cache_put: Draw
    cache_delete: Draw


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong from one instant to another (excluded).

    service: "kv" answers with `status`; "cache" does nothing; "fetch" takes `slower_s` more, or is answered
    with `status`, or else loses its connection. share: the chance of each operation to be hit.
    ops: of KV (get, put, delete, list) or of the cache (match, put, delete); empty: all.
    """

    service: Literal["kv", "cache", "fetch"]
    from_at: float
    until_at: float
    share: float = 1.0
    ops: frozenset[str] = frozenset()
    status: int | None = None
    slower_s: Draw | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """The behaviours an edge is built with.

    propagation:   data centres hold copies of KV values, absences and lists (see `copies`).
    cache_works:   False: the Cache API has no effect, as said of workers.dev and previews.
    latency:       storage takes virtual time, and six connections of an invocation are open at once.
    """

    propagation: bool = False
    isolates: IsolateRule | None = None
    eviction: EvictionRule | None = None
    cache_works: bool = True
    latency: LatencyRule | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Colos:
    """At which data centres requests arrive: name -> weight. An empty mapping: at the account's own."""

    weights: Mapping[str, float] = field(default_factory=dict)

    def of(self, request_seed: str) -> str | None:
        """The data centre of a request; the same for the same seed, whatever runs beside it."""
        if not self.weights:
            return None
        return Random(f"{request_seed}/colo").choices(list(self.weights), list(self.weights.values()))[0]
