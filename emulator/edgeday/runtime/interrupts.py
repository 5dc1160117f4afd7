"""Ending what holds a thread for too long, in real time: an exception raised in it, and at last its end."""

from __future__ import annotations

import ctypes
import os
from typing import NoReturn

from edgeday.runtime.handlers import HangInterrupted

REAL_S = 10.0
"""Seconds of real time without progress after which a worker hangs."""
REAL_S_VARIABLE = "EDGEDAY_HANG_SECONDS"
"""The variable of the environment that says otherwise; for edgeday's own tests."""
LOOKS = 20
"""How often a watchdog looks in that time."""
OWN_SHARE = 0.2
"""In which share of these looks the worker's own code has to hold the thread, for it to be to blame: edgeday,
and a package that takes long to be imported, are not."""
INTERRUPTS = 3
"""How often a worker that goes on is interrupted before its process is ended."""


def real_limit_s() -> float:
    """Seconds of real time without progress that a worker has."""
    return float(os.environ.get(REAL_S_VARIABLE) or REAL_S)


def interrupt(thread_id: int, place: str, name: str) -> None:
    """Raise HangInterrupted in a thread, as soon as it runs Python code. place: the line that it is in.
    name: of the request that it is busy with, or ""."""
    HangInterrupted.seen_at, HangInterrupted.seen_in = place, name
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), ctypes.py_object(HangInterrupted))


def end_process(where: str) -> NoReturn:
    """End the process, exit code 3, for a worker that goes on whenever it is interrupted."""
    text = f"{where}: {HangInterrupted.says}, and goes on when it is interrupted"
    os.write(2, f"{text}\n".encode("utf-8", "replace"))
    os._exit(3)
