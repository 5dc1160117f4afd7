"""What stood in the way of an invocation that failed."""

from __future__ import annotations

from edgeday.events import Cause, EventStream, InvocationEnded, Operation

LIMITS_OF_ACCOUNT = frozenset({Cause.QUOTA, Cause.SUBREQUESTS, Cause.REQUESTS})
"""Causes that are limits of the account."""
LIMITS = LIMITS_OF_ACCOUNT | {Cause.KEY_RATE}
"""Causes that are limits of the platform."""


class Blame:
    """Follows what each invocation was refused, and what failed in it, from a run's first event on.

    What it keeps grows with the number of invocations that go on at once and were refused something.
    """

    def __init__(self, events: EventStream) -> None:
        self._last: dict[int, Cause] = {}
        self._fetch: dict[int, Cause] = {}
        self._later: set[int] = set()  # those in which something else failed after the last fetch had
        events.subscribe(Operation, self._failed, outcomes=("refused", "error"))
        events.subscribe(Operation, self._went_well, outcomes=("ok",), services=("fetch",))

    def _failed(self, event: Operation) -> None:
        if event.service == "fetch":
            self._fetch[event.invocation] = Cause.SUBREQUESTS if event.outcome == "refused" else Cause.ORIGIN
            self._later.discard(event.invocation)
        elif event.invocation and event.cause is not Cause.REQUESTS:
            self._last[event.invocation] = event.cause
            if event.invocation in self._fetch:
                self._later.add(event.invocation)

    def _went_well(self, event: Operation) -> None:
        if self._fetch:  # most runs, most of the time it is empty: this sees every fetch
            self._fetch.pop(event.invocation, None)

    def taken(self, event: InvocationEnded) -> Cause:
        """What is to blame if an invocation that ends has failed, which is then forgotten: why its last fetch
        failed; else why the last other operation did that failed; NONE where nothing did. Of one that raised:
        why the last of all did."""
        if not self._last and not self._fetch:
            return Cause.NONE
        other = self._last.pop(event.invocation, Cause.NONE)
        fetch = self._fetch.pop(event.invocation, other)
        is_later = event.invocation in self._later
        self._later.discard(event.invocation)
        return other if is_later and event.outcome == "exception" else fetch
