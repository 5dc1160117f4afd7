"""Where in the user's code an operation was asked for.

Frames of the emulator itself, of asyncio and of installed packages are nobody's call site, unless there is no
other. What a JavaScript worker asks for has no frame of its own here: whoever runs it knows its line
(`asked_from`). A coroutine that was handed to a task (`asyncio.gather(kv.put(...), ...)`) has no caller on
the stack; the place it was made is known only while origins are tracked, which `quota_budget` turns on for as
long as it counts.
"""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

from edgeday.errors import Thrown
from edgeday.files import from_here

_EMULATOR = str(Path(__file__).parent) + os.sep
_ASYNCIO = str(Path(asyncio.__file__).parent) + os.sep
_LIBRARY = sysconfig.get_path("stdlib") + os.sep
_INSTALLED = tuple(
    f"{os.sep}{folder}{os.sep}" for folder in ("site-packages", "dist-packages", "python_modules")
)
_ORIGIN_DEPTH = 8
_TASK_DEPTH = 40


class CallSite(NamedTuple):
    """A line of user code. file "": not known."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        if not self.file:
            return "call site unknown"
        return f"{self.place} in {self.function}"

    @property
    def place(self) -> str:
        """`src/entry.py:12`, relative to the current directory where it lies in it; "" if not known."""
        if not self.file:
            return ""
        return f"{from_here(Path(self.file)).as_posix()}:{self.line}"


UNKNOWN = CallSite("", 0, "")
asked_from: ContextVar[Callable[[], CallSite] | None] = ContextVar("asked_from", default=None)
"""Tells the line of code in another language that asked for the operation which runs; None: Python did."""


def user_call_site() -> CallSite:
    """The innermost line of user code that led here, over awaits or, in a bare task, to its making."""
    elsewhere = _line_elsewhere()
    if elsewhere.file:
        return elsewhere
    frame: FrameType | None = sys._getframe(1)
    nearest = UNKNOWN
    while frame is not None and not frame.f_code.co_filename.startswith(_ASYNCIO):
        file = frame.f_code.co_filename
        if not file.startswith(_EMULATOR):
            site = CallSite(file, frame.f_lineno, frame.f_code.co_name)
            if is_user_code(file):
                return site
            nearest = nearest if nearest.file else site
        frame = frame.f_back
    return nearest if nearest.file else _origin_of_task()


def task_call_site() -> CallSite:
    """The innermost line of user code that is starting a task; UNKNOWN where none is near."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_TASK_DEPTH):
        if frame is None:
            break
        code = frame.f_code
        if is_user_code(code.co_filename):
            return CallSite(code.co_filename, frame.f_lineno, code.co_name)
        frame = frame.f_back
    return UNKNOWN


def nearest_user_line() -> CallSite:
    """The innermost line of user code on the stack, whatever lies between; UNKNOWN if there is none."""
    elsewhere = _line_elsewhere()
    if elsewhere.file:
        return elsewhere
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if is_user_code(code.co_filename):
            return CallSite(code.co_filename, frame.f_lineno, code.co_name)
        frame = frame.f_back
    return UNKNOWN


def _line_elsewhere() -> CallSite:
    ask = asked_from.get()
    return UNKNOWN if ask is None else ask()


_KINDS = ("cr", "gi", "ag")
"""Prefixes of the attributes of coroutines, generators and asynchronous generators."""


def awaited_steps(work: object) -> Iterator[object]:
    """A coroutine or generator, what it waits for, what that waits for, and so on, as far as Python says."""
    step: object | None = work
    while step is not None:
        yield step
        inner = (getattr(step, name, None) for name in ("cr_await", "gi_yieldfrom", "ag_await"))
        step = next((one for one in inner if one is not None), None)


def code_of(step: object) -> CodeType | None:
    """The code of a coroutine or generator; None for anything else that can be awaited."""
    codes = (getattr(step, f"{kind}_code", None) for kind in _KINDS)
    return next((code for code in codes if code is not None), None)


def waiting_line(work: object) -> CallSite:
    """The innermost line of user code in which a coroutine or generator waits; UNKNOWN if it is in none."""
    site = UNKNOWN
    for step in awaited_steps(work):
        frames = (getattr(step, f"{kind}_frame", None) for kind in _KINDS)
        frame: FrameType | None = next((frame for frame in frames if frame is not None), None)
        if frame is not None and is_user_code(frame.f_code.co_filename):
            site = CallSite(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
    return site


def error_call_site(error: BaseException) -> CallSite:
    """The innermost line of user code that an exception came through; UNKNOWN if it came through none."""
    thrown: Thrown | None = getattr(error, "thrown", None)
    if thrown is not None:  # Python has only handed it on
        return CallSite(*thrown[:3])
    site = UNKNOWN
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if is_user_code(code.co_filename):
            site = CallSite(code.co_filename, trace.tb_lineno, code.co_name)
        trace = trace.tb_next
    return site


@cache
def is_user_code(file: str) -> bool:
    """Whether a source file is neither the emulator's nor Python's nor an installed package's."""
    return not file.startswith((_EMULATOR, _LIBRARY, "<frozen")) and not is_installed_code(file)


def is_installed_code(file: str) -> bool:
    """Whether a source file is an installed package's."""
    return any(mark in file for mark in _INSTALLED)


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
