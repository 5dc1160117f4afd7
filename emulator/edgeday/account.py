"""What the services of one account share: clock, limits, switches, ledger, store, events.

Two more are there only if the account is to behave as many places do: the copies of KV values that each data
centre holds, and the troubles that Cloudflare's own services have. An account without them pays nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from edgeday.clock import Clock
from edgeday.events import EventStream
from edgeday.ledger import Charge, Ledger, Spend
from edgeday.limits import AccountLimits, Switches
from edgeday.storage.records import KeyPage, KVEntry, Store


class KVCopies(Protocol):
    """What each data centre holds of KV values and lists; in front of the store."""

    async def get(
        self, spend: Spend, namespace: str, keys: Sequence[str], colo: str | None, cache_ttl_s: int | None
    ) -> tuple[Charge, list[KVEntry | None]]:
        """As `Store.kv_get`, as seen from a data centre (None: the account's own)."""
        ...

    async def list(
        self, spend: Spend, namespace: str, prefix: str, after: str, limit: int, colo: str | None
    ) -> tuple[Charge, KeyPage]:
        """As `Store.kv_list`, as seen from a data centre."""
        ...

    def written(self, namespace: str, key: str, colo: str | None) -> None:
        """A key was put or deleted in a data centre, which sees it at once."""
        ...

    def clear(self) -> None:
        """Forget all copies."""
        ...


class CacheTrouble(NamedTuple):
    """Why a cache does not do what it is asked. error: what a delete raises; "": it answers False."""

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
    """One account's ground: handed to KV, cache and invocations, owned by the edge."""

    clock: Clock
    limits: AccountLimits
    switches: Switches
    ledger: Ledger
    store: Store
    events: EventStream
    copies: KVCopies | None = None
    troubles: Troubles | None = None
