"""Files that are whole or not there: written aside, then put in their place.

A full disk, a missing permission or a kill while writing leaves the earlier file as it was.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from edgeday.errors import BadInput, Problem


class WholeFile:
    """A file under construction beside the place it is for; `keep` puts it there, `discard` gives it up.

    A place that is no regular file (a terminal, a pipe) is written straight. A symbolic link stays, and
    what it points to is replaced. Every method raises BadInput if the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._shown = path
        try:
            self._place = path.resolve()
            straight = self._place.exists() and not self._place.is_file()
            self._aside = (
                self._place if straight else self._place.with_name(f".{self._place.name}.{os.getpid()}.tmp")
            )
            self._file: BinaryIO = self._aside.open("wb", buffering=0)
        except (OSError, ValueError, RuntimeError) as error:
            raise _unwritable(path, error) from None

    def write(self, data: bytes) -> None:
        """Append bytes."""
        try:
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            self.discard()
            raise _unwritable(self._shown, error) from None

    def keep(self) -> None:
        """Put the file in its place."""
        try:
            if self._aside != self._place:
                os.fsync(self._file.fileno())
            self._file.close()
            if self._aside != self._place:
                self._aside.replace(self._place)
        except OSError as error:
            self.discard()
            raise _unwritable(self._shown, error) from None

    def discard(self) -> None:
        """Give it up; does nothing once it was kept or given up."""
        self._file.close()
        if self._aside != self._place:
            self._aside.unlink(missing_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all. Raises BadInput."""
    file = WholeFile(path)
    file.write(text.encode("utf-8", "replace"))
    file.keep()


def _unwritable(path: Path, error: Exception) -> BadInput:
    why = getattr(error, "strerror", None) or str(error)
    return BadInput(Problem(str(path), f"cannot be written: {why}"))
