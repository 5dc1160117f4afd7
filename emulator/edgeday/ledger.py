"""The quota ledger: what one account has spent since the last 00:00 UTC.

It knows nothing of keys or values and reads time only from the clock it is given. The counters
themselves live in the store, so that a store on disk can settle a spend and the write it pays for
in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import NamedTuple, Protocol

from edgeday.clock import DAY_S, Clock, utc_day
from edgeday.errors import QuotaExceeded
from edgeday.limits import AccountLimits, CutOff, Mode


class Op(StrEnum):
    """The four classes of KV operations; each has its own daily quota."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    LIST = "list"


class Quota(NamedTuple):
    """What a day allows of one class of operations: the row from which all that names the class follows.

    name: "reads", in the names of metrics, traffic and texts. service: of the events. operations: those
    events' `op`. limit: field of `AccountLimits`. verb: in the runtime's error. unit: of what is counted.
    """

    op: Op
    name: str
    service: str
    operations: frozenset[str]
    limit: str
    verb: str
    unit: str

    @property
    def label(self) -> str:
        """In texts: "KV reads"."""
        return f"{self.service.upper()} {self.name}"

    @property
    def metric(self) -> str:
        """What the names of its metrics begin with: "kv.reads"."""
        return f"{self.service}.{self.name}"


QUOTAS: tuple[Quota, ...] = (
    Quota(Op.READ, "reads", "kv", frozenset({"get", "getWithMetadata"}), "kv_reads_per_day", "get", "keys"),
    Quota(Op.WRITE, "writes", "kv", frozenset({"put"}), "kv_writes_per_day", "put", "keys"),
    Quota(Op.DELETE, "deletes", "kv", frozenset({"delete"}), "kv_deletes_per_day", "delete", "keys"),
    Quota(Op.LIST, "lists", "kv", frozenset({"list"}), "kv_lists_per_day", "list", "requests"),
)
"""The daily quotas, in the order in which reports name them."""
_BY_OP = {quota.op: quota for quota in QUOTAS}
KV_QUOTAS = tuple(quota for quota in QUOTAS if quota.service == "kv")
"""The quotas of Workers KV, one for each class of operations."""
QUOTA_OF: Mapping[tuple[str, str], Quota] = {
    (quota.service, operation): quota for quota in QUOTAS for operation in quota.operations
}
"""The quota that an event's (service, op) is charged to."""


@dataclass(slots=True)
class Usage:
    """Units of one class on one day: asked = accepted + refused."""

    asked: int = 0
    accepted: int = 0
    refused: int = 0


class Spend(NamedTuple):
    """A request to spend, which a store settles: may `units` of `op` go on the account's `day`?

    limit: accepted units the day allows; None: no limit is enforced.
    """

    op: Op
    units: int
    day: int
    limit: int | None


def quota_error(op: Op) -> QuotaExceeded:
    """The runtime's error for a spent daily quota.

    Source: the texts as users report them. What getWithMetadata and bulk reads say is unknown; they are
    taken to say `get()` like every read.
    """
    quota = _BY_OP[op]
    return QuotaExceeded(f"{quota.service.upper()} {quota.verb}() limit exceeded for the day.")


def settle(usage: Usage, spend: Spend) -> bool:
    """Book a spend on a day's usage; whether it was accepted.

    All or nothing: a bulk read of 100 keys with 50 units left is refused whole (the platform does
    not say; this is the reading that never reports fewer units than were asked).
    """
    accepted = spend.limit is None or usage.accepted + spend.units <= spend.limit
    usage.asked += spend.units
    if accepted:
        usage.accepted += spend.units
    else:
        usage.refused += spend.units
    return accepted


class CounterBook(Protocol):
    """Where the counters are kept: a store."""

    def usage(self, day: int) -> Mapping[Op, Usage]:
        """Counters of one UTC day (see `clock.utc_day`); all four classes are present."""
        ...

    def counted_days(self) -> list[int]:
        """Days on which anything was asked, oldest first."""
        ...


_HARD = CutOff()


class Ledger:
    """The quotas of one account: makes the spends that the store settles, and reads what was spent.

    cut_off: where they are cut, drawn for each class and day. seed: of that.
    """

    def __init__(
        self,
        clock: Clock,
        limits: AccountLimits,
        mode: Mode,
        book: CounterBook,
        *,
        cut_off: CutOff = _HARD,
        seed: int = 0,
    ) -> None:
        self._clock = clock
        self._book = book
        self._limits: dict[Op, int | None] = {quota.op: getattr(limits, quota.limit) for quota in QUOTAS}
        self._enforced = self._limits if mode == "enforce" else dict.fromkeys(Op)
        self._cut_off = cut_off if mode == "enforce" else _HARD
        self._seed = seed
        self._day: int | None = None
        self._single: dict[Op, Spend] = {}  # the spends of one unit: the same all day

    def spend(self, op: Op, units: int = 1) -> Spend:
        """A request for `units` of `op` on the day it is now."""
        day = utc_day(self._clock.now())
        if day != self._day:
            self._day = day
            if not self._cut_off.is_hard:
                self._enforced = self._cut_on(day)
            self._single = {op: Spend(op, 1, day, limit) for op, limit in self._enforced.items()}
        return self._single[op] if units == 1 else Spend(op, units, day, self._enforced[op])

    def _cut_on(self, day: int) -> dict[Op, int | None]:
        """The units of each class that are accepted on a day."""
        cut: dict[Op, int | None] = {}
        for op, limit in self._limits.items():
            draw = Random(f"{self._seed}/cut-off/{op}/{day}")
            cut[op] = None if limit is None else limit + draw.randint(*self._cut_off.units_above(limit))
        return cut

    def limit(self, op: Op) -> int | None:
        """Units of `op` a day, or None where the account sets no limit."""
        return self._limits[op]

    def usage(self, op: Op, day: int | None = None) -> Usage:
        """What was asked, accepted and refused today, or on another UTC day."""
        return self._book.usage(self.today if day is None else day)[op]

    def would_accept(self, spend: Spend) -> bool:
        """Whether a spend would be accepted if it were settled now; books nothing."""
        if spend.limit is None:
            return True
        return self._book.usage(spend.day)[spend.op].accepted + spend.units <= spend.limit

    def days(self) -> list[int]:
        """UTC days on which anything was asked, oldest first."""
        return self._book.counted_days()

    @property
    def today(self) -> int:
        return utc_day(self._clock.now())

    @property
    def resets_at(self) -> int:
        """Epoch seconds of the next 00:00 UTC."""
        return (self.today + 1) * DAY_S
