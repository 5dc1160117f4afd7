"""When each daily limit was spent, and when it first refused something: two instants, counted from events.

Accepted units are added up for each UTC day. What is kept grows with the days on which a limit was spent or
refused something, not with events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from edgeday.clock import DAY_S, utc_day
from edgeday.events import Cause, EventStream, InvocationStarted, Operation
from edgeday.ledger import QUOTA_OF, QUOTAS
from edgeday.limits import AccountLimits

REQUESTS = "requests_per_day"
_SERVICES = frozenset(quota.service for quota in QUOTAS)
_ACCEPTED = ("stored", "deleted", "absent", "hit", "miss", "ok", "error")


@dataclass(slots=True)
class QuotaDay:
    """One UTC day of one daily limit.

    day: its number, see `clock.utc_day`. limit: units that the account allows. accepted, refused: units.
    spent_at: when the last of `limit` units was spent; None: this run has not seen it. passed_at: when more
    were asked for first, or something was refused; None: never. last_at: when a unit was last accepted before
    the first was refused. first: what was refused first. left: units that were left then, as far as this run
    knows. families: refused units by key family. Instants are epoch seconds.
    """

    day: int
    limit: int
    accepted: int = 0
    refused: int = 0
    spent_at: float | None = None
    passed_at: float | None = None
    last_at: float | None = None
    first: Operation | None = None
    left: int = 0
    families: Counter[str] = field(default_factory=Counter)

    @property
    def is_told(self) -> bool:
        """Whether the day is worth a word: the limit was spent, or refused something."""
        return self.spent_at is not None or self.first is not None

    @property
    def asked(self) -> int:
        """Units that were asked for: accepted and refused ones."""
        return self.accepted + self.refused

    @property
    def beyond(self) -> int:
        """Accepted units above the limit."""
        return max(self.accepted - self.limit, 0)

    def accept(self, units: int, at: float) -> None:
        """Count accepted units."""
        self.accepted += units
        if self.first is None:
            self.last_at = at
        if self.spent_at is None and self.accepted >= self.limit:
            self.spent_at = at
        if self.passed_at is None and self.accepted > self.limit:
            self.passed_at = at

    def refuse(self, event: Operation) -> None:
        """Count refused units."""
        if self.first is None:
            self.first, self.left = event, self.limit - self.accepted
            if self.passed_at is None:
                self.passed_at = event.at
        units = max(event.units, 1)
        self.refused += units
        self.families[event.key_family] += units


class QuotaDays:
    """Follows the daily limits that an account has, from the run's first event on.

    today: those of the day of the last event, by the name of the limit ("kv_writes_per_day").
    """

    def __init__(self, events: EventStream, limits: AccountLimits) -> None:
        names = [*(quota.limit for quota in QUOTAS), REQUESTS]
        self._limits: Mapping[str, int] = {
            name: limit for name in names if (limit := getattr(limits, name)) is not None
        }
        self._told: dict[str, list[QuotaDay]] = {name: [] for name in self._limits}
        self._ends_at = float("-inf")
        self.today: dict[str, QuotaDay] = {}
        self._by_call: dict[tuple[str, str], QuotaDay] = {}
        if self._limits:
            events.subscribe(Operation, self._accepted, outcomes=_ACCEPTED, services=_SERVICES)
            events.subscribe(Operation, self._refused, outcomes=("refused",))
        if REQUESTS in self._limits:
            events.subscribe(InvocationStarted, self._started)

    def of(self, limit: str) -> list[QuotaDay]:
        """The days on which a limit was spent or refused something, in order."""
        today = self.today.get(limit)
        return [*self._told.get(limit, ()), *([today] if today is not None and today.is_told else [])]

    def passed(self, limit: str) -> list[QuotaDay]:
        """The days on which more of a limit was asked for than it allows, in order."""
        return [day for day in self.of(limit) if day.passed_at is not None]

    def _begin_day(self, at: float) -> None:
        for name, day in self.today.items():
            if day.is_told:
                self._told[name].append(day)
        number = utc_day(at)
        self._ends_at = (number + 1) * DAY_S
        self.today = {name: QuotaDay(number, limit) for name, limit in self._limits.items()}
        self._by_call = {
            call: self.today[quota.limit] for call, quota in QUOTA_OF.items() if quota.limit in self.today
        }

    def _accepted(self, event: Operation) -> None:
        if not event.units:
            return
        at = event.at
        if at >= self._ends_at:
            self._begin_day(at)
        day = self._by_call.get((event.service, event.op))
        if day is not None:
            day.accept(event.units, at)

    def _started(self, event: InvocationStarted) -> None:
        if event.at >= self._ends_at:
            self._begin_day(event.at)
        self.today[REQUESTS].accept(1, event.at)

    def _refused(self, event: Operation) -> None:
        if event.at >= self._ends_at:
            self._begin_day(event.at)
        if event.cause is Cause.REQUESTS:
            day = self.today.get(REQUESTS)
        elif event.cause is Cause.QUOTA:
            day = self._by_call.get((event.service, event.op))
        else:
            return
        if day is not None:
            day.refuse(event)
