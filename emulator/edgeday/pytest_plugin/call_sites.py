"""Where in the user's code an operation was asked for.

Frames of the emulator itself and of asyncio are nobody's call site. A coroutine that was handed to a
task (`asyncio.gather(kv.put(...), ...)`) has no caller on the stack; the place it was made is known only
while origins are tracked, which `quota_budget` turns on for as long as it counts.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

_EMULATOR = str(Path(__file__).parents[1]) + os.sep
_ASYNCIO = str(Path(asyncio.__file__).parent) + os.sep
_ORIGIN_DEPTH = 8


class CallSite(NamedTuple):
    """A line of user code. file "": not known."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        if not self.file:
            return "call site unknown"
        path = Path(self.file)
        here = Path.cwd()
        place = path.relative_to(here) if path.is_relative_to(here) else path
        return f"{place.as_posix()}:{self.line} in {self.function}"


UNKNOWN = CallSite("", 0, "")


def user_call_site() -> CallSite:
    """The innermost line of user code that led here, over awaits or, in a bare task, to its making."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not frame.f_code.co_filename.startswith(_ASYNCIO):
        if not frame.f_code.co_filename.startswith(_EMULATOR):
            return CallSite(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return _origin_of_task()


def _origin_of_task() -> CallSite:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # no loop runs
        return UNKNOWN
    origin = getattr(task.get_coro(), "cr_origin", None) if task is not None else None
    for file, line, function in origin or ():
        if not file.startswith((_EMULATOR, _ASYNCIO)):
            return CallSite(file, line, function)
    return UNKNOWN


@contextmanager
def origins_tracked() -> Iterator[None]:
    """Remember where each coroutine is made, in this thread, while the block runs."""
    before = sys.get_coroutine_origin_tracking_depth()
    sys.set_coroutine_origin_tracking_depth(max(before, _ORIGIN_DEPTH))
    try:
        yield
    finally:
        sys.set_coroutine_origin_tracking_depth(before)
