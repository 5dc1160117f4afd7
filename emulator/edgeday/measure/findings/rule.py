"""What a rule of findings is, and what it may know of its run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from edgeday.events import Cause, EventStream, InvocationEnded, Operation
from edgeday.ledger import QUOTA_OF, Quota
from edgeday.limits import AccountLimits, Switches
from edgeday.measure.kv_storage import StoredBytes
from edgeday.measure.metrics import Snapshot
from edgeday.measure.noun import REQUESTS, Noun
from edgeday.measure.quota_days import QuotaDays
from edgeday.measure.requests_by_route import RequestsByRoute
from edgeday.measure.results import Finding


class Conditions(NamedTuple):
    """The conditions of a run. limits: of the account. switches: which of them are enforced. noun: what the
    requests are called that can be lost. audited: whether an audit looks at the stores at the end. crons: the
    expressions that the worker has. expected: routes of probes, which say what their answers are to be.
    namespaces: of KV, binding -> namespace id. starts_at: epoch seconds. length: days. stubbed: the names of
    bindings that the scenario stubs."""

    limits: AccountLimits
    switches: Switches = Switches()
    noun: Noun = REQUESTS
    audited: bool = False
    crons: Sequence[str] = ()
    expected: Collection[str] = ()
    namespaces: Mapping[str, str] = MappingProxyType({})
    starts_at: float = 0.0
    length: int = 1
    stubbed: Sequence[str] = ()


class FindingRule(ABC):
    """Notes what it needs of a run's events, and says afterwards what stands out.

    What the metrics count already it reads from their snapshot. audits_only: whether it speaks only of runs
    with an audit. days: what each day used of the daily limits; stored: what KV holds; routes: what became of
    the requests of each route; all rules of a run share them.
    """

    audits_only: ClassVar[bool] = False
    days: QuotaDays
    stored: StoredBytes
    routes: RequestsByRoute

    def __init__(self, events: EventStream, run: Conditions) -> None:
        """Subscribe to the events that are needed; here to none."""
        self.run = run

    @property
    def problem(self) -> str:
        """Why the run cannot pass, whatever its budgets say; "" where nothing is in its way."""
        return ""

    @abstractmethod
    def findings(self, snapshot: Snapshot) -> Iterator[Finding]:
        """What stands out when the run is over. snapshot: its metrics."""


def refused_by(event: Operation) -> Quota | None:
    """The daily quota that refused an operation; None if none did."""
    return QUOTA_OF.get((event.service, event.op)) if event.cause is Cause.QUOTA else None


def has_failed(event: InvocationEnded) -> bool:
    """Whether a request was answered with 400 or above, or not at all."""
    return event.outcome != "ok" or event.status >= 400


def most(counts: Counter[str], limit: int, noun: str) -> str:
    """The most common of some, with how often they came, and how many more there are."""
    named = [f"{one} {count:,}" for one, count in counts.most_common(limit)]
    more = len(counts) - len(named)
    return ", ".join([*named, f"{more:,} more {noun}"] if more else named)
