"""What a state file looks like inside: its mark, its schema version, and the migrations between versions.

`MIGRATIONS[n]` brings a file from version n to n + 1. A migration that was released never changes;
a change of schema is one more migration at the end.
"""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x45444759
"""Marks a SQLite file as edgeday's ("EDGY"). Source: SQLite docs, PRAGMA application_id."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # The values come last: SQLite reads a row's columns in order, so a list never touches them.
        """CREATE TABLE kv (
            namespace TEXT NOT NULL, key TEXT NOT NULL, expires_at INTEGER, written_at REAL NOT NULL,
            metadata TEXT, value BLOB NOT NULL, PRIMARY KEY (namespace, key))""",
        "CREATE INDEX kv_expiry ON kv (expires_at) WHERE expires_at IS NOT NULL",
        """CREATE TABLE cache (
            cache TEXT NOT NULL, key TEXT NOT NULL, expires_at REAL NOT NULL, stored_at REAL NOT NULL,
            lifetime_s REAL NOT NULL, status INTEGER NOT NULL, status_text TEXT NOT NULL,
            headers TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (cache, key))""",
        "CREATE INDEX cache_expiry ON cache (expires_at)",
        """CREATE TABLE counters (
            day INTEGER NOT NULL, op TEXT NOT NULL, asked INTEGER NOT NULL, accepted INTEGER NOT NULL,
            refused INTEGER NOT NULL, PRIMARY KEY (day, op)) WITHOUT ROWID""",
    ),
)

SCHEMA_VERSION = len(MIGRATIONS)


def is_empty(db: sqlite3.Connection) -> bool:
    """Whether nobody has put anything into the database yet."""
    marks = _pragma(db, "application_id"), _pragma(db, "user_version")
    return marks == (0, 0) and db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def is_state_file(db: sqlite3.Connection) -> bool:
    """Whether the database carries edgeday's mark."""
    return _pragma(db, "application_id") == APPLICATION_ID


def version_of(db: sqlite3.Connection) -> int:
    """The schema version of a database; 0 for an empty one."""
    return _pragma(db, "user_version")


def migrate(db: sqlite3.Connection) -> None:
    """Bring a state file, or an empty database, to the newest schema; to be run inside a transaction."""
    for migration in MIGRATIONS[version_of(db) :]:
        for statement in migration:
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _pragma(db: sqlite3.Connection, name: str) -> int:
    value: int = db.execute(f"PRAGMA {name}").fetchone()[0]
    return value
