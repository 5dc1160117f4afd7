"""Files that are read whole if they are small, and written whole or not at all: aside, then put in place.

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
        self._path = path
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
            raise _unwritable(self._path, error) from None

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
            raise _unwritable(self._path, error) from None

    def discard(self) -> None:
        """Give it up; does nothing once it was kept or given up."""
        self._file.close()
        if self._aside != self._place:
            self._aside.unlink(missing_ok=True)


def from_here(path: Path) -> Path:
    """A path as a person writes it: from the current directory, where it lies below that."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def read_capped(
    path: Path, most_bytes: int, *, kind: str, missing: str = "no such file", hint: str = ""
) -> bytes:
    """The bytes of a small file. kind: what it is, with its article. missing: what to say if it is not there.

    Raises BadInput, with the hint, if it cannot be read; and if it has more than `most_bytes`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise BadInput(Problem(str(path), missing, hint)) from None
    except OSError as error:
        raise BadInput(Problem(str(path), f"cannot be read: {error.strerror}", hint)) from None
    if len(data) > most_bytes:
        raise BadInput(Problem(str(path), f"is larger than the {most_bytes:,} bytes that {kind} may have"))
    return data


def write_whole(path: Path, text: str) -> None:
    """Write a text file in UTF-8, whole or not at all. Raises BadInput."""
    file = WholeFile(path)
    file.write(text.encode("utf-8", "replace"))
    file.keep()


def _unwritable(path: Path, error: Exception) -> BadInput:
    why = getattr(error, "strerror", None) or str(error)
    return BadInput(Problem(str(path), f"cannot be written: {why}"))


def unreadable(name: str, error: OSError | ValueError) -> tuple[str, str]:
    """What is said of a file that a scenario names and that cannot be read, and a hint, or "".

    error: what came of reading it; a ValueError where no file can have such a name.
    """
    why = (error.strerror if isinstance(error, OSError) else "") or error
    shown = name if name.strip() and name.isprintable() else repr(name)
    hint = "a file is looked for beside the scenario" if isinstance(error, FileNotFoundError) else ""
    return f"{shown} cannot be read: {why}", hint
