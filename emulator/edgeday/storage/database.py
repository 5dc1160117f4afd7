"""Opening a state file and running transactions on it, with errors that a person can act on.

WAL with synchronous=NORMAL: a commit is written to the log file before it returns, so it outlives the
process however that ends (`kill -9` included); only a power loss or a crash of the operating system can
take the last commits, and even that leaves the file whole. Source: SQLite docs, PRAGMA synchronous.

A file that is not a sound state file is refused before anything in it is touched.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from edgeday.errors import BadInput, Problem
from edgeday.storage import schema

_BUSY_TIMEOUT_S = 1.0
_ATTEMPTS = 60
_PAUSE_S = 0.05
"""SQLite waits a second for another writer, again and again for about a minute. The pause is for the
cases where it does not wait at all, such as the switch to WAL."""

_SMALLEST_BYTES = 512
"""No SQLite file is smaller. Source: SQLite docs, Database File Format, page size."""

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL})

_LEFT = "it was left as it is"
_KEPT = "what was stored before is kept"
_EXPLANATIONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_NOTADB: (
        "is not a state file: it is not a database at all",
        f"name another file; {_LEFT}",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the state file is damaged or cut short",
        f"{_LEFT}; go back to a copy of it, or import an export into a new file",
    ),
    sqlite3.SQLITE_FULL: ("the disk is full: the operation was not stored", f"make room; {_KEPT}"),
    sqlite3.SQLITE_IOERR: (
        "the disk did not take a read or write",
        f"check its free space, quota and file size limit; {_KEPT}",
    ),
    sqlite3.SQLITE_READONLY: (
        "the state file cannot be written",
        "make the file and its folder writable, or work on a copy",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the state file cannot be opened",
        "check that you may read and write the file and create files beside it",
    ),
    sqlite3.SQLITE_BUSY: (
        "another program has held the state file for a minute",
        "end the transaction that it has open",
    ),
}
_EXPLANATIONS[sqlite3.SQLITE_PERM] = _EXPLANATIONS[sqlite3.SQLITE_CANTOPEN]
_EXPLANATIONS[sqlite3.SQLITE_PROTOCOL] = _EXPLANATIONS[sqlite3.SQLITE_BUSY]


def open_database(path: Path, *, create: bool = True) -> sqlite3.Connection:
    """Open a state file for reading and writing, at the newest schema.

    create: make the file if there is none. The connection may be handed to another thread, and starts
    transactions only where it is told to. Raises BadInput for whatever is no state file (a folder,
    another application's database, a newer schema) and for one that cannot be used (damaged, read-only).
    """
    with explained(path):
        _check_place(path, create=create)
        _check_content(path)
        db = _connect(str(path.absolute()))
        try:
            _patiently(db, "PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            with transaction(db):
                _check_marks(schema.marks_of(db), path)
                schema.migrate(db)
                db.execute("DELETE FROM counters WHERE 0")  # fails on a read-only file, which BEGIN does not
        except BaseException:
            db.close()
            raise
    return db


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a state file that must exist, for reading only. Raises BadInput as `open_database`, and for
    an older schema."""
    with explained(path):
        _check_place(path, create=False)
        _check_content(path)
        db = _connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
        try:
            db.execute("PRAGMA query_only = ON")  # unlike mode=ro, it leaves no log behind when it closes
            version = schema.marks_of(db).version
            if not version:
                raise _bad(
                    path, "is an empty database", "name a file that a replay or a server has kept state in"
                )
            if version < schema.SCHEMA_VERSION:
                raise _bad(
                    path,
                    f"has the schema of an older edgeday (version {version}, now {schema.SCHEMA_VERSION})",
                    "serve from it or import into it once, which brings it up to date",
                )
        except BaseException:
            db.close()
            raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction, begun as a writer: whole or not at all, after other writers'."""
    _patiently(db, "BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say about a file into BadInput; defects pass unchanged."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code not in _EXPLANATIONS:
            raise
        what, hint = _EXPLANATIONS[code]
        raise _bad(path, f"{what} (SQLite: {error})", hint) from error
    except OSError as error:
        raise _bad(path, f"cannot be used: {error.strerror}", "name another file") from error


def _patiently(db: sqlite3.Connection, statement: str) -> None:
    """Run a statement that has to wait for other writers."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            db.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or attempt == _ATTEMPTS:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _connect(database: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        database, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, uri=uri
    )


def _check_place(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise _bad(path, "is a folder, not a state file", "name a file in it, such as day.sqlite")
    if not path.exists():
        if not create:
            raise _bad(path, "there is no such state file", "check the path")
        if not path.parent.is_dir():
            raise _bad(path, f"there is no folder {path.parent}", "make it first, or name another file")
    elif not path.is_file():
        raise _bad(path, "is not an ordinary file", "name another file")
    elif not path.stat().st_size and _has_log(path):
        raise _bad(
            path,
            f"the state file was emptied, but {path.name}-wal beside it still holds data",
            f"{_LEFT}; go back to a copy of it, or move both files away",
        )


def _check_content(path: Path) -> None:
    """Refuse what is no state file, before it is opened for good.

    Looks without a trace: even a read-only connection would leave files beside another application's
    database, unless the file is declared immutable. That holds as long as no log is to be merged into it.
    The file is never opened but by SQLite: closing it would drop the locks that this process has on it.
    """
    size = path.stat().st_size if path.exists() else 0
    if not size:
        return
    if size < _SMALLEST_BYTES:  # SQLite would take a single byte for an empty database
        raise _bad(path, *_EXPLANATIONS[sqlite3.SQLITE_NOTADB])
    how = "mode=ro" if _has_log(path) else "mode=ro&immutable=1"
    with closing(_connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as db:
        try:
            marks = schema.marks_of(db)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            return  # or another process is merging a log right now: opening it will tell
        (page_size,) = db.execute("PRAGMA page_size").fetchone()
    _check_marks(marks, path)
    if size % page_size:  # SQLite would fill up the last page with zeros
        raise _bad(path, *_EXPLANATIONS[sqlite3.SQLITE_CORRUPT])


def _check_marks(marks: schema.Marks, path: Path) -> None:
    """Refuse a database of another application, and one of a newer schema."""
    if marks.is_empty:
        return
    if marks.application_id != schema.APPLICATION_ID:
        raise _bad(path, "is a database of another application", f"name another file; {_LEFT}")
    if marks.version > schema.SCHEMA_VERSION:
        raise _bad(
            path,
            f"was written by a newer edgeday (schema {marks.version}; this one knows "
            f"{schema.SCHEMA_VERSION})",
            f"update edgeday, or name another file; {_LEFT}",
        )


def _has_log(path: Path) -> bool:
    """Whether commits beside the file are still to be merged into it."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def _bad(path: Path, what: str, hint: str) -> BadInput:
    return BadInput(Problem(str(path), what, hint))
