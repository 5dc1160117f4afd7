"""The requests an account may have in a day, and the page that those beyond them get.

Counted for each UTC day; Free accounts have 100,000. The page is error 1027 where the route fails closed.
Source: Cloudflare docs, Workers platform limits. The status 429 and the page's text, in the form of the other
error pages, are assumptions.
"""

from __future__ import annotations

from edgeday.clock import Clock, utc_day
from edgeday.events import Cause, EventStream, Operation
from edgeday.limits import AccountLimits, Mode
from edgeday.web.messages import Response

OVER_LIMIT = "error code: 1027"


class DailyRequests:
    """Counts the requests of the day it is. Without a limit, or unless it is enforced, it admits all."""

    __slots__ = ("_clock", "_count", "_day", "_limit")

    def __init__(self, clock: Clock, limits: AccountLimits, mode: Mode) -> None:
        self._clock = clock
        self._limit = limits.requests_per_day if mode == "enforce" else None
        self._day = -1
        self._count = 0

    def admit(self) -> bool:
        """Count a request; False if the day's are spent."""
        if self._limit is None:
            return True
        today = utc_day(self._clock.now())
        if today != self._day:
            self._day, self._count = today, 0
        self._count += 1
        return self._count <= self._limit

    def reset(self) -> None:
        """Forget what was counted."""
        self._day = -1
        self._count = 0


def turn_away(
    method: str, path: str, colo: str, at: float, events: EventStream, *, route: str | None = None
) -> Response:
    """Report a request that never reaches the worker, and answer it. route: default: method and path."""
    route = f"{method} {path}" if route is None else route
    events.emit(
        Operation(
            at, "request", method, "", path, "refused", OVER_LIMIT, 0, 0, 0, route, colo, cause=Cause.REQUESTS
        )
    )
    return Response(OVER_LIMIT, status=429)
