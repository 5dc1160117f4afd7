"""What happens on the account while one request is answered, or one cron runs.

Events are attributed by the context they are emitted in: what a request's own tasks do is its own, whatever
runs beside it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, Protocol

from edgeday.account import Services
from edgeday.errors import WorkerMisbehaved
from edgeday.events import UNDECLARED_ORIGIN, Diagnostic, InvocationEnded, InvocationStarted, Operation
from edgeday.invocation import Failure, Invocation
from edgeday.ledger import QUOTA_OF
from edgeday.runtime.edge import Edge

MAX_TROUBLES: Final = 50
"""Operations of one exchange that are remembered because they were refused or failed."""
_MISHAPS = frozenset({"refused", "error", "cancelled"})


@dataclass(slots=True)
class Counts:
    """Operations of an exchange.

    charged, refused: quota units by the quota's name ("reads"). cache: calls by outcome. fetches: how many.
    troubles: what was refused or failed. diagnostics: what goes wrong without an error.
    """

    charged: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    cache: Counter[str] = field(default_factory=Counter)
    fetches: int = 0
    troubles: list[Operation] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def add(self, operation: Operation) -> None:
        quota = QUOTA_OF.get((operation.service, operation.op))
        if quota is not None:
            if operation.outcome == "refused":
                self.refused[quota.name] += max(operation.units, 1)
            else:
                self.charged[quota.name] += operation.units
        elif operation.service == "cache":
            self.cache[operation.outcome] += 1
        elif operation.service == "fetch":
            self.fetches += 1
        if operation.outcome in _MISHAPS and len(self.troubles) < MAX_TROUBLES:
            self.troubles.append(operation)


class Exchange:
    """One request and its answer.

    services: of its account. method: "cron" for the run of one. target: its path and query, or the cron's
    expression. started_s: on the event loop's clock. invocation: that it became; None if it became none.
    misbehaved: what the worker did that would end a replay.
    ended: how that came to its end; None until then. status: of the answer, 0 until there is one.
    outcome: of a cron's run, "" until it is over.
    """

    def __init__(self, services: Services, method: str, target: str) -> None:
        self.services = services
        self.method = method
        self.target = target
        self.started_s = asyncio.get_running_loop().time()
        self.invocation: Invocation | None = None
        self.ended: InvocationEnded | None = None
        self.status = 0
        self.outcome = ""
        self.misbehaved: WorkerMisbehaved | None = None
        self._failure: Failure | None = None
        self._has_told = False
        self._counts = Counts()

    @property
    def lasted_ms(self) -> float:
        """How long it lasts already, in milliseconds of real time."""
        return (asyncio.get_running_loop().time() - self.started_s) * 1000

    @property
    def subrequests(self) -> int:
        """Of its invocation so far."""
        if self.ended is not None:
            return self.ended.external + self.ended.internal
        return 0 if self.invocation is None else self.invocation.external + self.invocation.internal

    @property
    def failure(self) -> Failure | None:
        """What the worker did wrong, or None."""
        if self.misbehaved is not None:
            return Failure(self.misbehaved.what, "", self.misbehaved.where)
        if self._failure is not None or self.invocation is None:
            return self._failure
        return self.invocation.failure

    def fail(self, failure: Failure) -> None:
        """Note that what the worker answered cannot be sent."""
        self._failure = failure

    @property
    def is_answered(self) -> bool:
        """Whether its answer was sent, or its run is over."""
        return bool(self.status or self.outcome)

    @property
    def refusals(self) -> list[Operation]:
        """What the platform refused since counts were taken last."""
        return [trouble for trouble in self._counts.troubles if trouble.outcome == "refused"]

    def take_failure(self) -> Failure | None:
        """What the worker threw, where it did and this was not asked yet."""
        failure = None if self._has_told else self.failure
        self._has_told = failure is not None or self._has_told
        return failure

    def take(self) -> Counts:
        """What has been counted since this was asked last."""
        counts, self._counts = self._counts, Counts()
        return counts

    def note(self, event: Operation | Diagnostic) -> None:
        """Count an event."""
        if isinstance(event, Operation):
            self._counts.add(event)
        elif event.id != UNDECLARED_ORIGIN:  # the fetch itself says it
            self._counts.diagnostics.append(event)


class ExchangeObserver(Protocol):
    """Is told of exchanges."""

    def answered(self, exchange: Exchange) -> None:
        """The answer was sent, or the cron's run is over."""
        ...

    def ended(self, exchange: Exchange) -> None:
        """The `waitUntil` work that went on after the answer is over."""
        ...


_CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


class Exchanges:
    """Follows the exchanges with one account. observer: None: nobody is told."""

    def __init__(self, edge: Edge, observer: ExchangeObserver | None = None) -> None:
        self._edge = edge
        self._observer = observer
        events = edge.events
        events.subscribe(InvocationStarted, self._start)
        events.subscribe(Operation, _note)
        events.subscribe(Diagnostic, _note)
        events.subscribe(InvocationEnded, self._end)

    @contextmanager
    def begin(self, method: str, target: str) -> Iterator[Exchange]:
        """An exchange that lasts as long as the block; its `status` is set in there."""
        exchange = Exchange(self._edge.services, method, target)
        token = _CURRENT.set(exchange)
        try:
            yield exchange
        finally:
            _CURRENT.reset(token)
        if self._observer is not None:
            self._observer.answered(exchange)

    def _start(self, event: InvocationStarted) -> None:
        exchange = _CURRENT.get()
        if exchange is not None and exchange.invocation is None:
            exchange.invocation = next(
                (running for running in self._edge.running if running.number == event.invocation), None
            )

    def _end(self, event: InvocationEnded) -> None:
        exchange = _CURRENT.get()
        if exchange is None or exchange.ended is not None:
            return
        exchange.ended = event
        if exchange.is_answered and self._observer is not None:
            self._observer.ended(exchange)


def _note(event: Operation | Diagnostic) -> None:
    exchange = _CURRENT.get()
    if exchange is not None:
        exchange.note(event)
