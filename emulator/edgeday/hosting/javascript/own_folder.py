"""A folder of temporary files that is this process's own, and goes with it.

A process that is killed leaves its folder behind: the next one that makes a folder removes it. Which of them
still have an owner is told by a lock that its owner holds, and that no killed process keeps.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: folders of killed processes stay
    _CAN_LOCK = False
else:
    _CAN_LOCK = True

_LOCK = "owner.lock"
_held: list[int] = []
"""Locks of this process's folders, open for as long as it runs."""


def own_folder(prefix: str) -> Path:
    """Make a folder that ends with this process, in the machine's place for such. prefix: of its name."""
    place = Path(tempfile.gettempdir())
    for other in place.glob(f"{prefix}*"):
        _remove_if_left(other)
    folder = Path(tempfile.mkdtemp(prefix=f"new-{prefix}", dir=place))
    _held.append(os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR))
    if _CAN_LOCK:
        fcntl.flock(_held[-1], fcntl.LOCK_EX)
    folder = folder.rename(place / folder.name.removeprefix("new-"))  # seen by others once it is locked
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove_if_left(folder: Path) -> None:
    """Remove the folder of a process that is gone."""
    if not _CAN_LOCK:
        return
    with suppress(OSError):  # somebody else's, removed already, or without a lock
        lock = os.open(folder / _LOCK, os.O_RDWR)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not in a fork of it
        shutil.rmtree(folder, ignore_errors=True)
