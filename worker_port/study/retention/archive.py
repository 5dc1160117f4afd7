"""The archive of error entries: a file of JSON lines in the form that `edgeday state PATH import` reads.

It grows from run to run: what is in it stays, what is new comes behind, and nothing is in it twice. Each run
writes it aside, whole, and puts it in its place before anything is deleted.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from edgeday import BadInput, KVEntry, Problem, WholeFile, export_header, export_kv_line, exported_kv_entries


class Archive:
    """An archive that is being extended. Get one from `open_archive`.

    folder: descriptor of the folder it is in. lines: a scratch file for what it will hold.
    """

    def __init__(self, path: Path, folder: int, lines: IO[bytes]) -> None:
        self._path = path
        self._folder = folder
        self._known: set[bytes] = set()
        self._lines = lines
        self.records = 0
        """Entries it will hold."""
        self.added = 0
        """Entries that are new in it."""
        if path.exists():
            self._take_over()

    def add(self, namespace: str, key: str, entry: KVEntry) -> None:
        """Add an entry, unless the same one is in the archive already."""
        if self._remember(namespace, key, entry):
            self.added += 1

    def save(self) -> None:
        """Write the file aside and put it in its place; it outlives a loss of power. Raises BadInput."""
        if not self.added:
            return
        self._lines.seek(0)
        file = WholeFile(self._path)
        try:
            file.write(export_header(self.records))
            while part := self._lines.read(1024 * 1024):
                file.write(part)
            file.keep()
        finally:
            file.discard()
        os.fsync(self._folder)

    def _take_over(self) -> None:
        try:
            with self._path.open("rb") as lines:
                for namespace, key, entry in exported_kv_entries(lines, str(self._path)):
                    self._remember(namespace, key, entry)
        except OSError as error:
            raise BadInput(Problem(str(self._path), f"cannot be read: {error.strerror}")) from None

    def _remember(self, namespace: str, key: str, entry: KVEntry) -> bool:
        """Put an entry behind the others; False if it is there already."""
        identity = hashlib.sha256()
        for part in (namespace.encode(), key.encode(), entry.value, (entry.metadata or "").encode()):
            identity.update(len(part).to_bytes(8, "big") + part)
        if identity.digest() in self._known:
            return False
        self._known.add(identity.digest())
        self._lines.write(export_kv_line(namespace, key, entry))
        self.records += 1
        return True


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The archive at a path, made by `save` if there is none.

    Nobody else extends one in its folder meanwhile. Raises BadInput if the file is no archive, or cannot be
    written.
    """
    if path.exists() and not path.is_file():
        raise BadInput(Problem(str(path), "is not an ordinary file", "name another file"))
    try:
        folder = os.open(path.resolve().parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise BadInput(Problem(str(path), what, f"the folder is {path.parent}")) from None
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            what = "another edgeday is writing an archive in this folder"
            raise BadInput(Problem(str(path), what, "wait until it is done")) from None
        with tempfile.TemporaryFile() as lines:
            yield Archive(path, folder, lines)
    finally:
        os.close(folder)
