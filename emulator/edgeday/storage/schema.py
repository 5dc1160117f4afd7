"""What a state file looks like inside: its mark, its schema version, and the migrations between versions.

`MIGRATIONS[n]` brings a file from version n to n + 1. A migration that was released never changes;
a change of schema is one more migration at the end.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

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


class Marks(NamedTuple):
    """What tells whose a database is. is_empty: nobody has put anything into it yet."""

    application_id: int
    version: int
    is_empty: bool


def marks_of(db: sqlite3.Connection) -> Marks:
    """The marks of an open database."""
    application_id, version = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return Marks(application_id, version, application_id == version == tables == 0)


def migrate(db: sqlite3.Connection) -> None:
    """Bring a state file, or an empty database, to the newest schema; to be run inside a transaction."""
    version = marks_of(db).version
    if version == SCHEMA_VERSION:
        return
    for migration in MIGRATIONS[version:]:
        for statement in migration:
            db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
