"""What retention work on a state file will cost, found by looking into the file, which costs nothing.

On the real account the same work costs the same, but nobody can look first.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal

from edgeday import (
    BadInput,
    Ledger,
    Op,
    Problem,
    end_of_prefix,
    is_expired,
    open_state_reader,
    state_file_errors,
)
from worker_port.study.retention.entries import PREFIX, id_time, is_old, logged_at

PAGE = 1_000
"""Keys that one KV list returns at most."""
Work = Literal["review", "archive", "copy", "delete"]
"""To archive is to copy into the archive and to delete then."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What there is and what it takes.

    due: entries that are to be worked on. undated: entries whose id does not tell their age.
    needed: KV operations by class.
    """

    entries: int
    due: int
    undated: int
    needed: Mapping[Op, int]

    def days(self, ledger: Ledger) -> int:
        """Over how many UTC days the work is spread, today included."""
        most = 1
        for op, count in self.needed.items():
            limit, left = ledger.limit(op), left_today(ledger, op)
            if limit is not None and left is not None:
                most = max(most, 1 + ceil(max(count - left, 0) / limit))
        return most


def left_today(ledger: Ledger, op: Op) -> int | None:
    """Units of a class that the day still has; None without a limit."""
    limit = ledger.limit(op)
    return None if limit is None else max(limit - ledger.usage(op).accepted, 0)


def find_namespace(path: Path, name: str | None) -> str:
    """The namespace with error entries: the one asked for, else the only one there is.

    Raises BadInput if the file is no state file, has none of that name, or several that come into question.
    """
    with state_file_errors(path), closing(open_state_reader(path)) as db:
        rows = db.execute(
            "SELECT namespace, max(key >= ? AND key < ?) FROM kv GROUP BY namespace ORDER BY namespace",
            (PREFIX, end_of_prefix(PREFIX)),
        ).fetchall()
    names = [str(namespace) for namespace, _ in rows]
    with_errors = [str(namespace) for namespace, has_errors in rows if has_errors]
    if name is not None:
        if name in names:
            return name
        known = f"it has {', '.join(names)}" if names else "it has none"
        raise BadInput(Problem("--namespace", f"{path} has no namespace {name!r}", known))
    if len(with_errors) > 1:
        what = f"{len(with_errors)} namespaces of {path} have error logs: {', '.join(with_errors)}"
        raise BadInput(Problem(str(path), what, "say which one with --namespace"))
    return (with_errors or names or [""])[0]


def estimate(path: Path, namespace: str, work: Work, now_s: float, older_than_s: float) -> Estimate:
    """Count what the work will find and need, if nothing else happens meanwhile. Raises BadInput."""
    entries = due = undated = reads = 0
    query = "SELECT key, value, expires_at FROM kv WHERE namespace = ? AND key >= ? AND key < ?"
    with state_file_errors(path), closing(open_state_reader(path)) as db:
        for key, value, expires_at in db.execute(query, (namespace, PREFIX, end_of_prefix(PREFIX))):
            if is_expired(now_s, expires_at):
                continue
            is_due = work == "review" or is_old(logged_at(key, value), now_s, older_than_s)
            is_undated = id_time(key) is None
            entries += 1
            due += is_due
            undated += is_undated
            reads += is_undated or (is_due and work != "delete")
    needed = {
        Op.LIST: max(ceil(entries / PAGE), 1),
        Op.READ: reads,
        Op.DELETE: due if work in {"archive", "delete"} else 0,
    }
    return Estimate(entries, due, undated, needed)
