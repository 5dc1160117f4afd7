"""What a state file holds: namespaces, caches and the counters of each day, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from edgeday.ledger import Op, Usage
from edgeday.storage.database import explained, open_reader
from edgeday.storage.transactions import counted_days, usage_of_day


class Holding(NamedTuple):
    """One namespace, or one cache of one data centre (named "SOF/default").

    entries: expired ones included, as a file does not know which clock it lives by.
    size_bytes: of the values or bodies. expiring: entries that will expire or have.
    last_write_at: epoch seconds.
    """

    name: str
    entries: int
    size_bytes: int
    expiring: int
    last_write_at: float


@dataclass(frozen=True, slots=True)
class Summary:
    """namespaces, caches: by name. days: counters by UTC day (see `clock.utc_day`), oldest first."""

    namespaces: list[Holding]
    caches: list[Holding]
    days: Mapping[int, Mapping[Op, Usage]]


def summarize(path: Path) -> Summary:
    """Look into a state file, which may be in use. Raises BadInput if it is none or cannot be read."""
    with explained(path), closing(open_reader(path)) as db:
        db.execute("BEGIN")  # all of it as of one moment
        namespaces = db.execute(
            """SELECT namespace, count(*), sum(length(value)), count(expires_at), max(written_at)
            FROM kv GROUP BY namespace ORDER BY namespace"""
        ).fetchall()
        caches = db.execute(
            """SELECT cache, count(*), sum(length(body)), count(*), max(stored_at)
            FROM cache GROUP BY cache ORDER BY cache"""
        ).fetchall()
        days = {day: usage_of_day(db, day) for day in counted_days(db)}
    return Summary([Holding(*row) for row in namespaces], [Holding(*row) for row in caches], days)
