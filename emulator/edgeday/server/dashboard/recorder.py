"""What the pages remember of events: the newest, invocations, failures, and puts that were not stored.

Everything is bounded, so memory does not grow with traffic. Readers come with the number of the event they
saw last and get what is newer; who is slow misses events, and is told how many.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from edgeday.events import Diagnostic, Event, EventStream, InvocationEnded, InvocationStarted, Operation

MAX_EVENTS = 2_000
MAX_INVOCATIONS = 100
MAX_UNSTORED = 200
MAX_FAILURES = 20


class Numbered(NamedTuple):
    """An event with its place in the stream, from 1."""

    number: int
    event: Event


class Failures(NamedTuple):
    """Exceptions of one kind at one place. ended: the newest invocation with one. times: how many had one."""

    ended: InvocationEnded
    times: int


class Since(NamedTuple):
    """What is newer than an event. missed: events between that were already forgotten."""

    events: list[Numbered]
    missed: int


class Recorder:
    """Subscribes to an event stream and keeps its end. run: names this recorder among its restarts."""

    def __init__(
        self,
        events: EventStream,
        *,
        max_events: int = MAX_EVENTS,
        max_invocations: int = MAX_INVOCATIONS,
        max_unstored: int = MAX_UNSTORED,
    ) -> None:
        self.run = secrets.token_hex(4)
        self.newest = 0
        self._events: deque[Event] = deque(maxlen=max_events)
        self._invocations: deque[InvocationEnded] = deque(maxlen=max_invocations)
        self._unstored: OrderedDict[tuple[str, str, str], Operation] = OrderedDict()
        self._max_unstored = max_unstored
        self._failures: OrderedDict[tuple[str, str], Failures] = OrderedDict()
        self._waiting: set[asyncio.Event] = set()
        events.subscribe(Operation, self._note)
        events.subscribe(Operation, self._note_put, outcomes=("not-stored", "stored", "deleted"))
        events.subscribe(InvocationStarted, self._note)
        events.subscribe(InvocationEnded, self._note)
        events.subscribe(InvocationEnded, self._invocations.append)
        events.subscribe(InvocationEnded, self._note_failure)
        events.subscribe(Diagnostic, self._note)

    @property
    def invocations(self) -> list[InvocationEnded]:
        """Invocations that are over, newest first."""
        return list(reversed(self._invocations))

    @property
    def failures(self) -> list[Failures]:
        """What the worker threw and did not catch, the newest first."""
        return list(reversed(self._failures.values()))

    @property
    def unstored(self) -> list[Operation]:
        """The newest put of each cache key whose newest put was not stored, newest first."""
        return list(reversed(self._unstored.values()))

    def since(self, number: int) -> Since:
        """The remembered events after one of that number, oldest first; 0: all of them."""
        oldest = self.newest - len(self._events) + 1
        first = max(number + 1, oldest)
        events = [
            Numbered(oldest + place, event)
            for place, event in enumerate(self._events)
            if oldest + place >= first
        ]
        return Since(events, max(0, oldest - number - 1))

    @contextmanager
    def news(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever something was recorded; who waits for it clears it."""
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            yield news
        finally:
            self._waiting.discard(news)

    def _note(self, event: Event) -> None:
        self._events.append(event)
        self.newest += 1
        for news in self._waiting:
            news.set()

    def _note_failure(self, ended: InvocationEnded) -> None:
        if not ended.error:
            return
        kind = (ended.error, ended.place)
        before = self._failures.pop(kind, None)
        self._failures[kind] = Failures(ended, 1 if before is None else before.times + 1)
        if len(self._failures) > MAX_FAILURES:
            self._failures.popitem(last=False)

    def _note_put(self, event: Operation) -> None:
        if event.service != "cache":
            return
        place = (event.colo, event.binding, event.key)
        self._unstored.pop(place, None)
        if event.outcome == "not-stored":
            self._unstored[place] = event
            if len(self._unstored) > self._max_unstored:
                self._unstored.popitem(last=False)
