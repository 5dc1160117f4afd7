"""Numbers and instants in the words of the pages and of the request log. Pure."""

from __future__ import annotations

from edgeday.clock import DAY_S, LAST_INSTANT, utc
from edgeday.report import wording

_HOUR_S, _MINUTE_S = 3_600, 60


def duration(seconds: float) -> str:
    """The two largest parts of a duration: 1 d 3 h, 9 h 52 min, 52 min 3 s, 12 s; below a second 340 ms."""
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 1:
        return f"{round(seconds * 1000)} ms" if seconds else "0 s"
    whole = int(seconds)
    parts = (
        (whole // DAY_S, "d"),
        (whole % DAY_S // _HOUR_S, "h"),
        (whole % _HOUR_S // _MINUTE_S, "min"),
        (whole % _MINUTE_S, "s"),
    )
    first = next(place for place, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


def size(count: int) -> str:
    """A size in bytes as 812 B, 1.2 KiB, 25 MiB."""
    if count < 1024:
        return f"{count:,} B"
    if count < 1024 * 1024:
        return f"{count / 1024:.3g} KiB"
    return f"{count / (1024 * 1024):.4g} MiB"


def instant(at: float) -> str:
    """Text such as 2026-02-16 19:42:11 UTC. Expires, of an old Date, may be later than a date can be."""
    return wording.instant(at) if at <= LAST_INSTANT else "after the year 9999"


def time_of_day(at: float) -> str:
    """Text such as 19:42:11, in UTC."""
    return utc(at).strftime("%H:%M:%S")


def percent(part: float, whole: float) -> float:
    """The share of `part` in `whole`, from 0 to 100; 100 of nothing is all."""
    return 100.0 if whole <= 0 else round(min(100.0, max(0.0, 100 * part / whole)), 2)
