"""One server for one state file: a lock file beside it, held for as long as the server runs.

The lock is the operating system's, so that it ends with the process however that ends; the file is only
what the lock is on. A state file itself must not be locked so: SQLite's own locks would be lost.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgeday.errors import BadInput, Problem


@contextmanager
def sole_server_of(state: Path) -> Iterator[None]:
    """Hold the lock of a state file while the block runs. Raises BadInput if another server has it."""
    if not state.parent.is_dir():
        hint = "make it first, or name another file"
        raise BadInput(Problem(str(state), f"there is no folder {state.parent}", hint))
    path = state.with_name(f"{state.name}.lock")
    descriptor = _take(path, state)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _take(path: Path, state: Path) -> int:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise BadInput(Problem(str(state), f"cannot be locked: {error.strerror} ({path})")) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still_there(path, descriptor):
                return descriptor
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise BadInput(
                Problem(
                    str(state),
                    f"another edgeday serves this state file (process {holder})",
                    "stop that one first, or name another file with --state",
                )
            ) from None
        os.close(descriptor)  # its holder was just leaving and has removed it


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
