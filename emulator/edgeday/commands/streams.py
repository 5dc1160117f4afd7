"""Standard output and error that leave the exit code alone.

A reader that goes away (`| head`), or a letter that the encoding lacks, changes nothing: the command goes on
and exits as it would have. Standard output that cannot be written otherwise (a full disk) is bad input.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from edgeday.commands.console import refuse
from edgeday.errors import Problem


class _Forgiving(io.RawIOBase):
    """A file descriptor that keeps its first error and drops what is written after it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.error: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        if self.error is None:
            try:
                return os.write(self._descriptor, data)
            except OSError as error:
                self.error = error
        return len(data)


@contextmanager
def forgiving_streams() -> Iterator[None]:
    """Use such streams for the length of a command; exits with code 2 if standard output is not whole."""
    before = sys.stdout, sys.stderr
    out, sys.stdout = _forgiving(sys.stdout)
    _, sys.stderr = _forgiving(sys.stderr)
    try:
        yield
    finally:
        if out is not None:
            sys.stdout.flush()
        sys.stdout, sys.stderr = before
        if out is not None and out.error is not None and not isinstance(out.error, BrokenPipeError):
            refuse(
                [Problem("standard output", f"cannot be written: {out.error.strerror}")], "it is not whole"
            )


def _forgiving(stream: TextIO) -> tuple[_Forgiving | None, TextIO]:
    """The stream's descriptor and text; a stream without one (closed, or a test's) stays as it is."""
    try:
        raw = _Forgiving(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return None, stream
    stream.flush()
    text = io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=raw.isatty() or stream is sys.stderr,
    )
    return raw, text
