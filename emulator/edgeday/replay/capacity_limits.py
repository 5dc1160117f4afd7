"""What a capacity search gives: the largest day that fits, what binds first, and what lies behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edgeday.ledger import QUOTAS
from edgeday.limits import Mode, Switches

REQUESTS = "requests_per_day"
EXTERNAL = "external_subrequests"
INTERNAL = "internal_subrequests"
OF_REQUEST = frozenset({EXTERNAL, INTERNAL})
OF_EVERY_DAY = frozenset({"kv_namespaces", "cron_triggers"})
"""Limits that a day of any size exceeds, or none."""
LIMIT_NAMES: Mapping[str, str] = {
    **{quota.limit: f"{quota.label} a day" for quota in QUOTAS},
    REQUESTS: "requests a day",
    EXTERNAL: "subrequests of a request",
    INTERNAL: "KV calls of a request",
}
"""The limits of which is said how much of them a request takes, in words."""


def mode_of(limit: str, switches: Switches) -> Mode:
    """What happens at a limit."""
    modes = {REQUESTS: switches.requests, EXTERNAL: switches.subrequests, INTERNAL: switches.subrequests}
    return modes.get(limit, switches.daily_kv)


class LimitReached(NamedTuple):
    """Where a limit is passed: by request `number` (0: by something else than those that grow) at an instant
    (epoch seconds), with an operation in words, its key family and its route."""

    limit: str
    number: int
    at: float
    what: str
    family: str
    route: str


class LimitUse(NamedTuple):
    """One limit beside what requests ask for.

    value: of the limit, None: the account has none. each: units of an average request, or the most of any one
    where the limit is one of a request. before: units that are spent besides, on the day that most are spent.
    binds_at: the smallest day that does not fit it, None if every one would. measured: whether that day was
    replayed, or is reckoned from the average. enforced: whether the scenario enforces it. counts: whether it
    is looked at, also where it is only observed.
    """

    limit: str
    value: int | None
    each: float
    before: int
    binds_at: int | None
    measured: bool
    enforced: bool
    counts: bool = True


class DayReplayed(NamedTuple):
    """A day that was replayed: with `size` requests that grow, of which `made` were run, the others charged
    what those of their kind cost."""

    size: int
    made: int
    fits: bool

    @property
    def whole(self) -> bool:
        return self.made == self.size


@dataclass(frozen=True, slots=True)
class Capacity:
    """The largest day that fits.

    noun: what the requests that grow are called. fits: how many of them, None: as many as were tried, and
    more. tried: the largest day that was replayed. first: where the next larger day passes the limit that
    binds, None: nowhere, or it has no place. exceeded: all limits that it exceeds, by name, in words. behind:
    the limit that would bind next if the first were lifted. failed_writes: KV puts of the answer's day that
    met a 429, because their key was written within the same second. uncaught: how many requests of that day
    ended with an error that the worker does not catch, by route; first_error: the first of these errors.

    checked: the replays of the answer's day and of the next larger one. replays: how many days were replayed
    in all. no_thinning: why every request of large days was run, "" where none was. not_monotone: a day that
    does not fit although a larger one does, and that larger one. void: why nothing could be measured, or "".
    """

    scenario: str
    account: str
    variant: str
    noun: str
    fits: int | None
    tried: int
    first: LimitReached | None
    behind: LimitUse | None
    uses: Sequence[LimitUse]
    failed_writes: int
    uncaught: Mapping[str, int] = field(default_factory=dict)
    first_error: str = ""
    exceeded: Mapping[str, str] = field(default_factory=dict)
    checked: Sequence[DayReplayed] = ()
    replays: int = 0
    no_thinning: str = ""
    not_monotone: tuple[int, int] | None = None
    void: str = ""


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """Whether a day of so many requests fits. The rest is as of a capacity."""

    scenario: str
    account: str
    variant: str
    noun: str
    checked: DayReplayed
    first: LimitReached | None
    exceeded: Mapping[str, str]
    void: str = ""

    @property
    def fits(self) -> bool:
        return self.checked.fits
