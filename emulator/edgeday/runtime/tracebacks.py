"""An exception of the worker as text: the worker's own lines, the same on any machine."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

from edgeday.call_site import CallSite, error_call_site, is_user_code
from edgeday.errors import JavaScriptError, PlatformError, Thrown

_SHOWN = 10
"""Frames of a traceback that are shown at each end; a recursion has a thousand."""
_KEPT = 100
"""Exceptions of an account that are remembered, so that one that comes again costs no second rendering."""


class Rendered(NamedTuple):
    """An exception as text. error: type and message. place: the innermost line of the worker's own code, or
    "". trace: the traceback through that code, or ""."""

    error: str
    place: str
    trace: str


def error_text(error: BaseException) -> str:
    """Type and message: "ValueError: no price"; the platform's errors with their name in JavaScript."""
    if isinstance(error, PlatformError):
        return f"{error.name}: {error.message}"
    text = str(error)
    if isinstance(error, JavaScriptError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def whole_text(error: BaseException) -> str:
    """An exception with all its frames, those of libraries too; of JavaScript, the worker's own."""
    thrown: Thrown | None = getattr(error, "thrown", None)
    if thrown is not None:
        return thrown.trace or error_text(error)
    return "".join(traceback.format_exception(error)).rstrip()


class Tracebacks:
    """Renders exceptions."""

    def __init__(self) -> None:
        self._rendered: dict[tuple[object, ...], Rendered] = {}

    def render(self, error: BaseException) -> Rendered:
        """An exception as text."""
        text = error_text(error)
        thrown: Thrown | None = getattr(error, "thrown", None)
        if thrown is not None:  # its stack is rendered where it comes from
            return Rendered(text, error_call_site(error).place, thrown.trace)
        key = (text, type(error), *_lines(error))
        rendered = self._rendered.get(key)
        if rendered is None:
            if len(self._rendered) >= _KEPT:
                self._rendered.clear()
            rendered = self._rendered[key] = Rendered(
                text, error_call_site(error).place, "\n".join(_text(error, text))
            )
        return rendered


def _lines(error: BaseException) -> Iterator[tuple[CodeType, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code, trace.tb_lasti
        trace = trace.tb_next


def _text(error: BaseException, text: str) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        inner = list(_frames(cause))
        if inner:
            yield from inner
            yield error_text(cause)
            yield ""
            named = "the direct cause of" if error.__cause__ is not None else "handled at the time of"
            yield f"which was {named}"
            yield ""
    frames = list(_frames(error))
    if frames:
        yield from frames
        yield text


def _frames(error: BaseException) -> Iterator[str]:
    """The traceback through the worker's own code, without the last line; nothing if there is none."""
    sites: list[CallSite] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if is_user_code(code.co_filename):
            sites.append(CallSite(code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    if sites:
        yield "Traceback (most recent call last):"
    left_out = len(sites) - 2 * _SHOWN
    for number, site in enumerate(sites):
        if number == _SHOWN and left_out > 0:
            yield f"  ... {left_out} more"
        if left_out > 0 and _SHOWN <= number < _SHOWN + left_out:
            continue
        file, _, line = site.place.rpartition(":")
        yield f'  File "{file}", line {line}, in {site.function}'
        source = linecache.getline(site.file, site.line).strip()
        if source:
            yield f"    {source}"
