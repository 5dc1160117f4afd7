"""How an invocation ends: what its events say of it, and who is to blame."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from edgeday.call_site import error_call_site
from edgeday.invocation import Failure, Invocation
from edgeday.runtime.handlers import HangInterrupted, is_from_outside, misbehaviour_text
from edgeday.runtime.tracebacks import Tracebacks

SCHEDULED_S = 15 * 60
"""Seconds that a cron may run. Source: Cloudflare docs, Workers limits (duration of Cron Triggers)."""


class Ending(NamedTuple):
    """How an invocation ends; see `InvocationEnded`."""

    outcome: str
    status: int = 0
    error: str = ""
    trace: str = ""
    place: str = ""
    cut_off: int = 0


OK = Ending("ok", 200)
CANCELLED = Ending("cancelled")


class ScheduledOutcome(NamedTuple):
    """How the run of a cron ended.

    outcome: "ok", "exception", or "refused" (the day's requests are spent). no_retry: whether the worker
    called `noRetry()`. error: what it raised, or "".
    """

    outcome: str
    no_retry: bool
    error: str


class Endings:
    """Tells how the invocations of an edge end."""

    def __init__(self) -> None:
        self._tracebacks = Tracebacks()

    def failure(self, invocation: Invocation, raised: BaseException, place: str) -> Ending:
        """How an invocation ends that has raised. place: where its handler is defined.

        `CANCELLED` where not the worker is behind it; what ends a run is noted as the worker's misbehaviour.
        """
        if not isinstance(raised, Exception) and invocation.misbehaved is None:
            if is_from_outside(raised):
                return CANCELLED
            if not isinstance(raised, asyncio.CancelledError):
                seen = raised.place if isinstance(raised, HangInterrupted) else ""
                at = error_call_site(raised).place or seen or place
                invocation.misbehave(misbehaviour_text(raised), place=at)
        if (misbehaved := invocation.misbehaved) is not None:
            return Ending("misbehaved", 500, misbehaved.what, "", misbehaved.where)
        error, at, trace = self._tracebacks.render(raised)
        invocation.failure = failure = Failure(error, trace, at or place)
        return Ending("exception", 500, *failure)
