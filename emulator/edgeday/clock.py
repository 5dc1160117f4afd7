"""Clocks: the only place that asks what time it is.

Everything that needs the time is given a `Clock`. `SystemClock` reads the time functions at call
time, so freezegun moves it; `VirtualClock` is moved by a test or by the replay's event loop.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

DAY_S = 86_400
"""Seconds of a day."""
LAST_INSTANT = 253_402_300_799
"""The end of the year 9999, in epoch seconds: the last one that a date can name."""

Instant = datetime | str | int | float
"""A point in time: an aware datetime, ISO 8601 text with a zone, or epoch seconds."""


class Clock(Protocol):
    """What time it is, in epoch time (UTC)."""

    def now(self) -> float:
        """Return epoch seconds."""
        ...

    def now_ms(self) -> int:
        """Return whole epoch milliseconds, as JavaScript's `Date.now()` does."""
        ...


class SystemClock:
    """The machine's clock, read at call time; `freezegun.freeze_time` moves it."""

    __slots__ = ()

    def now(self) -> float:
        return time.time()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class VirtualClock:
    """A clock that stands still until it is moved, exact to the microsecond.

    start: where it begins and where `reset()` returns to; default 1970-01-01T00:00:00Z.
    """

    __slots__ = ("_start_us", "elapsed_us")

    elapsed_us: int
    """Microseconds since the start."""

    def __init__(self, start: Instant = 0) -> None:
        self._start_us = round(epoch_seconds(start) * 1_000_000)
        self.elapsed_us = 0

    def now(self) -> float:
        return (self._start_us + self.elapsed_us) / 1_000_000

    def now_ms(self) -> int:
        return (self._start_us + self.elapsed_us) // 1000

    def advance(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: float = 0
    ) -> None:
        """Move forward by the sum of the parts. Raises ValueError if that is backwards."""
        total_s = days * DAY_S + hours * 3600 + minutes * 60 + seconds
        self.advance_us(round(total_s * 1_000_000 + ms * 1000))

    def advance_us(self, us: int) -> None:
        """Move forward by whole microseconds. Raises ValueError if that is backwards."""
        if us < 0:
            raise ValueError(f"a virtual clock does not go back (asked for {us / 1e6:g} s); use reset()")
        self.elapsed_us += us

    def travel_to(self, instant: Instant) -> None:
        """Move forward to an instant. Raises ValueError if it has passed."""
        self.advance_us(round(epoch_seconds(instant) * 1_000_000) - self._start_us - self.elapsed_us)

    def reset(self) -> None:
        """Return to the start."""
        self.elapsed_us = 0


class MovableClock:
    """A clock that runs with another one and can be moved forward; what it has gained, it keeps.

    runs_with: default: the system's. gained_s: seconds to be ahead of it from the start.
    """

    __slots__ = ("_gained_us", "_runs_with")

    def __init__(self, runs_with: Clock | None = None, *, gained_s: float = 0) -> None:
        self._runs_with: Clock = SystemClock() if runs_with is None else runs_with
        self._gained_us = 0
        self.advance(gained_s)

    def now(self) -> float:
        return self._runs_with.now() + self._gained_us / 1_000_000

    def now_ms(self) -> int:
        return self._runs_with.now_ms() + self._gained_us // 1000

    @property
    def gained_s(self) -> float:
        """Seconds this clock is ahead of the one it runs with."""
        return self._gained_us / 1_000_000

    def advance(self, seconds: float) -> None:
        """Move forward. Raises ValueError if that is backwards."""
        if seconds < 0:
            raise ValueError(f"this clock does not go back (asked for {seconds:g} s)")
        self._gained_us += round(seconds * 1_000_000)

    def travel_to(self, instant: Instant) -> None:
        """Move forward to an instant. Raises ValueError if it has passed."""
        self.advance(epoch_seconds(instant) - self.now())


def epoch_seconds(instant: Instant) -> float:
    """Convert an instant to epoch seconds. Raises ValueError for a time without a zone."""
    if isinstance(instant, (int, float)):
        return float(instant)
    if isinstance(instant, str):
        text = instant
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError(f"{text!r} has no time zone; write {in_utc(instant)} for UTC")
    elif instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone; pass an aware datetime")
    return instant.timestamp()


def in_utc(naive: datetime) -> str:
    """The text of an instant without a zone, taken as UTC: what its author may have meant."""
    return f"{naive.isoformat()}Z"


def utc(epoch_s: float) -> datetime:
    """The aware UTC datetime of an instant in epoch seconds."""
    return datetime.fromtimestamp(epoch_s, UTC)


def iso_seconds(epoch_s: float) -> str:
    """Text such as 2026-02-16T14:07:31Z, to the second, rounded down."""
    return utc(int(epoch_s // 1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_day(epoch_s: float) -> int:
    """Number of the UTC day an instant lies in, from 1970-01-01; quotas reset when it changes."""
    return int(epoch_s // DAY_S)


def is_expired(now_s: float, expires_at_s: float | None) -> bool:
    """The one predicate of expiry, for KV entries and cached responses: gone when now >= expires_at.

    An age equal to the freshness lifetime is stale (RFC 9111, 4.2). None never expires.
    """
    return expires_at_s is not None and now_s >= expires_at_s
