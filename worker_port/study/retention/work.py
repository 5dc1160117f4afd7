"""Retention work on an account: each KV operation is charged, and a spent quota ends the day's share.

Reviewing, archiving and deleting can be stopped at any moment and run again: what is done stays done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date

from edgeday import Edge, KVEntry, KVNamespace, Op, QuotaExceeded, quota_error, utc
from edgeday.web.json_text import stringify
from worker_port.study.retention.archive import Archive
from worker_port.study.retention.entries import PREFIX, ErrorEntry, id_time, is_old, logged_at, parse_entry
from worker_port.study.retention.estimate import left_today

Moved = Callable[[], None]
"""Told after each entry that was read or deleted."""


@dataclass(slots=True)
class Review:
    """Errors by day (None: of unknown age), step and message.

    unread: entries for which the day had no reads left.
    """

    errors: Counter[tuple[date | None, str, str]] = field(default_factory=Counter)
    unread: int = 0


@dataclass(slots=True)
class Done:
    """A share of the work. archived: entries that are new in the archive. deleted: from KV.

    left: entries that are due and still in KV, as far as they were looked at. spent: the class whose quota
    ended the share, None if everything was done.
    """

    archived: int = 0
    deleted: int = 0
    left: int = 0
    spent: Op | None = None


@dataclass(frozen=True, slots=True)
class _Listed:
    key: str
    expiration: int | None


class Retention:
    """Works on the error entries of one KV binding.

    moved: called after each entry.
    """

    def __init__(self, edge: Edge, namespace: KVNamespace, moved: Moved = lambda: None) -> None:
        self._edge = edge
        self._namespace = namespace
        self._moved = moved

    async def review(self) -> Review:
        """Read every error entry. Costs 1 list per 1,000 entries and 1 read each; raises QuotaExceeded only
        if not even the list is to be had."""
        review = Review()
        async for listed in self._listed():
            if review.unread:
                review.unread += 1
                continue
            try:
                entry = await self._read(listed)
            except QuotaExceeded:
                review.unread += 1
                continue
            if entry is not None:
                error = parse_entry(listed.key, entry.value)
                review.errors[_day(error), error.step, error.message] += 1
            self._moved()
        return review

    async def archive(self, archive: Archive, older_than_s: float, *, keep: bool = False) -> Done:
        """Put entries of that age into the archive, save it, then delete them from KV (not with `keep`).

        Costs the lists, 1 read for each entry that is due, and 1 delete each. Nothing is deleted that is not
        in the saved archive.
        """
        done = Done()
        in_archive: list[str] = []
        async for listed in self._listed_in_share(done):
            if not self._may_be_due(listed, older_than_s):
                continue
            if done.spent is not None:
                done.left += 1
                continue
            try:
                entry = await self._read(listed)
            except QuotaExceeded:
                done.spent, done.left = Op.READ, done.left + 1
                continue
            if entry is None or not is_old(logged_at(listed.key, entry.value), self._now(), older_than_s):
                continue
            archive.add(self._namespace.namespace_id, listed.key, entry)
            in_archive.append(listed.key)
            self._moved()
        archive.save()
        done.archived = archive.added
        if not keep:
            await self._delete_all(in_archive, done)
        return done

    async def delete(self, older_than_s: float) -> Done:
        """Delete entries of that age. Costs the lists and 1 delete each; 1 read for each entry whose id does
        not tell its age."""
        done = Done()
        due: list[str] = []
        async for listed in self._listed_in_share(done):
            if not self._may_be_due(listed, older_than_s):
                continue
            if id_time(listed.key) is None:
                try:
                    entry = await self._read(listed)
                except QuotaExceeded:
                    done.spent = Op.READ
                    continue
                if entry is None or not is_old(logged_at(listed.key, entry.value), self._now(), older_than_s):
                    continue
            due.append(listed.key)
        await self._delete_all(due, done)
        return done

    async def _delete_all(self, keys: list[str], done: Done) -> None:
        """Delete as many as the day allows."""
        left = left_today(self._edge.ledger, Op.DELETE)
        share = keys if left is None else keys[:left]
        try:
            for key in share:
                await self._namespace.delete(key)
                done.deleted += 1
                self._moved()
        except QuotaExceeded:  # somebody else has spent what was left
            pass
        if done.deleted < len(keys):
            done.spent = Op.DELETE
            done.left += len(keys) - done.deleted

    async def _listed(self) -> AsyncIterator[_Listed]:
        """Every error entry, page by page. Raises QuotaExceeded if the day's lists are spent."""
        cursor: str | None = None
        while True:
            self._check(Op.LIST)
            page = await self._namespace.list(prefix=PREFIX, cursor=cursor)
            for row in page["keys"]:
                yield _Listed(row["name"], row.get("expiration"))
            if page["list_complete"]:
                return
            cursor = page["cursor"]

    async def _listed_in_share(self, done: Done) -> AsyncIterator[_Listed]:
        """The same; where the day's lists are spent it ends, and says so in `done`."""
        try:
            async for listed in self._listed():
                yield listed
        except QuotaExceeded:
            done.spent = Op.LIST

    async def _read(self, listed: _Listed) -> KVEntry | None:
        """An entry; None if it has gone since it was listed. Costs 1 read. Raises QuotaExceeded."""
        self._check(Op.READ)
        row = await self._namespace.getWithMetadata(listed.key, "arrayBuffer")
        if row["value"] is None:
            return None
        value = bytes(row["value"])
        metadata = None if row["metadata"] is None else stringify(row["metadata"])
        return KVEntry(value, metadata, listed.expiration, logged_at(listed.key, value) or 0.0)

    def _check(self, op: Op) -> None:
        """Raise QuotaExceeded if the day has none left, without asking the platform to refuse it."""
        if left_today(self._edge.ledger, op) == 0:
            raise quota_error(op)

    def _may_be_due(self, listed: _Listed, older_than_s: float) -> bool:
        """Whether an entry has to be looked at: its id says that it is old, or says nothing."""
        at = id_time(listed.key)
        return at is None or is_old(at, self._now(), older_than_s)

    def _now(self) -> float:
        return self._edge.clock.now()


def _day(error: ErrorEntry) -> date | None:
    if error.logged_at is None:
        return None
    try:
        return utc(error.logged_at).date()
    except (ValueError, OverflowError, OSError):
        return None
