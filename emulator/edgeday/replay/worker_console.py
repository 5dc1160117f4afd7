"""What a worker writes to its console while it is replayed: `print` of Python, `console` of JavaScript.

A worker may write a line for each request of a day, under which the report would be lost: a command shows
them when it is asked to, and else says how many there were.
"""

from __future__ import annotations

import io
from typing import Any


class HiddenConsole(io.TextIOWrapper):
    """Takes what a worker writes, and keeps only how many lines that were."""

    def __init__(self) -> None:
        self._counted = _Counted()
        super().__init__(io.BufferedWriter(self._counted), encoding="utf-8", errors="backslashreplace")

    @property
    def lines(self) -> int:
        """How many were written; one that has not ended counts."""
        self.flush()
        return self._counted.ended + self._counted.has_begun


class _Counted(io.RawIOBase):
    """Counts lines. ended: whole ones. has_begun: whether another one has begun."""

    ended = 0
    has_begun = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = bytes(data)
        if written:
            self.ended += written.count(b"\n")
            self.has_begun = not written.endswith(b"\n")
        return len(written)
