"""The module `time` in an invocation: its clock, in UTC, which stands still between I/O.

Milliseconds are the finest there are, as of `Date.now()`. Timers (`monotonic`, `perf_counter`) read the same
clock; processor time stands still at 0, since a worker cannot measure it on Cloudflare either.
"""

from __future__ import annotations

import calendar
import logging
import time
from typing import Any

from edgeday.ambient.dispatch import Inside, Owner
from edgeday.web.ambient import Runtime

SLEEP_TEXT = (
    "time.sleep() does not wait here, and the clock stands still; "
    "`await asyncio.sleep()` waits, on Cloudflare too"
)

_MONTHS = 12


def now_s(runtime: Runtime) -> float:
    """Epoch seconds, to the millisecond."""
    return runtime.now_ms() / 1000


def now_ns(runtime: Runtime) -> int:
    """Epoch nanoseconds, to the millisecond."""
    return runtime.now_ms() * 1_000_000


def _gmtime(runtime: Runtime, seconds: float | None = None, /) -> time.struct_time:
    return time.gmtime(now_s(runtime) if seconds is None else seconds)


def _asctime(runtime: Runtime, parts: Any = None, /) -> str:
    return time.asctime(_gmtime(runtime) if parts is None else parts)


def _ctime(runtime: Runtime, seconds: float | None = None, /) -> str:
    return time.asctime(_gmtime(runtime, seconds))


def _strftime(runtime: Runtime, format: str, parts: Any = None, /) -> str:
    return time.strftime(format, _gmtime(runtime) if parts is None else parts)


def _mktime(runtime: Runtime, parts: Any, /) -> float:
    year, month, *rest = parts
    years, month = divmod(month - 1, _MONTHS)
    return float(calendar.timegm((year + years, month + 1, *rest)))


def _sleep(runtime: Runtime, seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    diagnose = getattr(runtime, "diagnose", None)  # there is none while a worker is imported
    if diagnose is not None:
        diagnose("time-sleep", SLEEP_TEXT)


def _clock_gettime(runtime: Runtime, clock: int, /) -> float:
    return 0.0 if clock in _PROCESSOR_CLOCKS else now_s(runtime)


def _clock_gettime_ns(runtime: Runtime, clock: int, /) -> int:
    return 0 if clock in _PROCESSOR_CLOCKS else now_ns(runtime)


def _no_seconds(runtime: Runtime) -> float:
    return 0.0


def _no_nanoseconds(runtime: Runtime) -> int:
    return 0


_PROCESSOR_CLOCKS = {
    getattr(time, name, None)
    for name in ("CLOCK_PROCESS_CPUTIME_ID", "CLOCK_THREAD_CPUTIME_ID", "CLOCK_PROF")
}

_OF_THE_MODULE: dict[str, Inside] = {
    "time": now_s,
    "time_ns": now_ns,
    "monotonic": now_s,
    "monotonic_ns": now_ns,
    "perf_counter": now_s,
    "perf_counter_ns": now_ns,
    "process_time": _no_seconds,
    "process_time_ns": _no_nanoseconds,
    "thread_time": _no_seconds,
    "thread_time_ns": _no_nanoseconds,
    "clock_gettime": _clock_gettime,
    "clock_gettime_ns": _clock_gettime_ns,
    "gmtime": _gmtime,
    "localtime": _gmtime,
    "asctime": _asctime,
    "ctime": _ctime,
    "strftime": _strftime,
    "mktime": _mktime,
    "sleep": _sleep,
}


def time_functions() -> dict[tuple[Owner, str], Inside]:
    """What each function that reads a clock or the local time zone does in an invocation, by its place."""
    places: dict[tuple[Owner, str], Inside] = {(logging.Formatter, "converter"): _gmtime}
    return places | {(time, name): inside for name, inside in _OF_THE_MODULE.items()}
