"""What the services of one account share: clock, limits, switches, ledger, store, events.

One more is there only if something is to go wrong: the troubles that Cloudflare's own services have. An
account without them pays nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from edgeday.clock import Clock
from edgeday.errors import WorkerMisbehaved
from edgeday.events import EventStream
from edgeday.ledger import Ledger
from edgeday.limits import AccountLimits, Switches
from edgeday.storage.records import Store


class NoInvocation:
    """The caller where no invocation runs: a test, the REST API, the dashboard. Counts no subrequests.

    colo: the data centre it calls from.
    """

    __slots__ = ("colo",)

    number = 0
    route = ""

    def __init__(self, colo: str) -> None:
        self.colo = colo

    def take_external(self) -> None:
        """Count nothing."""

    def take_internal(self) -> bool:
        """Count nothing; there is always one left."""
        return True

    def cancel_internal(self) -> None:
        """Count nothing."""

    def refuse_internal(self) -> None:
        """Count nothing."""

    def diagnose(self, id: str, text: str, place: str | None = None) -> None:
        """Report nothing: whoever calls has the error before it."""


class CacheTrouble(NamedTuple):
    """Why a cache does nothing. error: what a delete raises; "": it answers False."""

    reason: str
    error: str = ""


class Troubles(Protocol):
    """What goes wrong at an instant on Cloudflare's side."""

    def of_kv(self, op: str) -> tuple[int, str] | None:
        """Status and reason phrase with which the KV backend answers an operation (get, put, delete, list);
        None: nothing is wrong."""
        ...

    def of_cache(self, op: str) -> CacheTrouble | None:
        """What keeps a cache from an operation (match, put, delete); None: nothing does."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """One account's ground: handed to KV, cache and invocations, owned by the edge.

    store: with what lies in front of it. outside: the caller where no invocation runs.
    misbehaviour: what its worker did that ends a run, in order.
    """

    clock: Clock
    limits: AccountLimits
    switches: Switches
    ledger: Ledger
    store: Store
    events: EventStream
    outside: NoInvocation
    troubles: Troubles | None = None
    misbehaviour: list[WorkerMisbehaved] = field(default_factory=list)
    key_write_interval_s: float = field(init=False)
    """Seconds that have to pass between two writes of one KV key; 0.0 where that is not enforced."""

    def __post_init__(self) -> None:
        enforced = self.switches.key_write_rate == "enforce"
        interval_s = self.limits.kv_key_write_interval_ms / 1000 if enforced else 0.0
        object.__setattr__(self, "key_write_interval_s", interval_s)
