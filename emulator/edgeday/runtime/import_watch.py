"""A watch on the import of a worker: what holds it for too long in real time is interrupted."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from edgeday.call_site import CallSite, is_installed_code, is_user_code
from edgeday.runtime.interrupts import INTERRUPTS, LOOKS, OWN_SHARE, end_process, interrupt, real_limit_s


@contextmanager
def watched_import() -> Iterator[None]:
    """While the block runs, HangInterrupted is raised in the worker's code if that holds this thread for too
    long; a worker that catches it again and again ends with the process, exit code 3."""
    stopped = threading.Event()
    thread = threading.Thread(
        target=_watch, args=(threading.get_ident(), stopped), name="edgeday import watchdog", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(timeout=1)


def _watch(thread_id: int, stopped: threading.Event) -> None:
    looks = interrupts = 0
    held: list[CallSite] = []
    pause_s = real_limit_s() / LOOKS
    while not stopped.wait(pause_s):
        looks += 1
        line = _held_by(sys._current_frames().get(thread_id))
        if line is not None:
            held.append(line)
        if looks < LOOKS:
            continue
        if len(held) >= LOOKS * OWN_SHARE:
            where = held[-1].place
            if interrupts == INTERRUPTS:
                end_process(f"{where}: while the worker is imported")
            interrupts += 1
            interrupt(thread_id, where, "")
        looks, held = 0, []


def _held_by(frame: FrameType | None) -> CallSite | None:
    """The line of the worker's code that a thread is in, itself or through Python's library; None while a
    module is looked for or an installed package runs."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith("<frozen importlib") or is_installed_code(file):
            return None
        if is_user_code(file):
            return CallSite(file, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return None
