"""What the services of one account share: clock, limits, switches, ledger, store, events."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.clock import Clock
from emulator.events import EventStream
from emulator.ledger import Ledger
from emulator.limits import AccountLimits, Switches
from emulator.storage.records import Store


@dataclass(frozen=True, slots=True)
class Services:
    """One account's ground: handed to KV, cache and invocations, owned by the edge."""

    clock: Clock
    limits: AccountLimits
    switches: Switches
    ledger: Ledger
    store: Store
    events: EventStream
