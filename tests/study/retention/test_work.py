"""Retention work on an account: what is archived, deleted, left, and charged to which day."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.clock import VirtualClock
from edgeday.errors import BadInput
from edgeday.ledger import Op
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.storage.records import KVEntry
from worker_port.study.retention.archive import open_archive
from worker_port.study.retention.work import Retention

from .stored import DAY_S, MONTH_S, NAMESPACE, NOW, archived, error_key, error_value

HEADER = b'{"type":"edgeday-state","version":1}\n'
COUNTER = b'{"type":"counters","day":"2026-02-16","op":"write","asked":0,"accepted":0,"refused":0}\n'
OLD, YOUNG = MONTH_S + 5, MONTH_S - 5


class Account:
    """An account in memory with error entries; `left` is what today still has."""

    def __init__(self, entries, *, left=None):
        self.clock = VirtualClock(NOW)
        self.edge = Edge(clock=self.clock, namespaces={"logs": NAMESPACE})
        self.retention = Retention(self.edge, self.edge.env.logs)
        self._left = left or {}
        asyncio.run(self._fill(entries))

    async def _fill(self, entries):
        store = self.edge.store
        for key, value in entries.items():
            await store.kv_put(None, NAMESPACE, [(key, KVEntry(value, None, None, 0.0))], 0)
        for op, left in self._left.items():
            await store.charge(self.edge.ledger.spend(op, self.edge.ledger.limit(op) - left))

    def held(self):
        return set(self.edge.store._namespace(NAMESPACE).entries)

    def archive(self, path, **options):
        async def work():
            with open_archive(path) as archive:
                return await self.retention.archive(archive, MONTH_S, **options)

        return asyncio.run(work())

    def delete(self):
        return asyncio.run(self.retention.delete(MONTH_S))

    def review(self):
        return asyncio.run(self.retention.review())

    def accepted(self, op):
        return self.edge.ledger.usage(op).accepted

    def refused(self):
        return sum(self.edge.ledger.usage(op).refused for op in Op)


def old_entries(count):
    return {error_key(OLD, number): error_value(message=f"error {number}") for number in range(count)}


def test_old_entries_go_into_the_archive_and_out_of_kv_and_young_ones_stay(tmp_path):
    young = error_key(YOUNG)
    account = Account({**old_entries(3), young: error_value()})
    result = account.archive(tmp_path / "a.jsonl")
    assert (result.archived, result.deleted, result.left, result.spent) == (3, 3, 0, None)
    assert dict(archived(tmp_path / "a.jsonl")) == old_entries(3)
    assert account.held() == {young}


def test_archiving_costs_one_list_and_a_read_and_a_delete_for_each_old_entry(tmp_path):
    account = Account({**old_entries(3), error_key(YOUNG): error_value()})
    account.archive(tmp_path / "a.jsonl")
    assert [account.accepted(op) for op in (Op.LIST, Op.READ, Op.DELETE, Op.WRITE)] == [1, 3, 3, 0]


@pytest.mark.parametrize(("entries", "lists"), [(1000, 1), (1001, 2)])
def test_deleting_costs_a_list_for_every_thousand_entries_and_no_read(entries, lists):
    account = Account(old_entries(entries))
    account.delete()
    assert [account.accepted(op) for op in (Op.LIST, Op.READ)] == [lists, 0]


def test_a_deletion_of_1500_entries_takes_two_days_on_free():
    account = Account(old_entries(1500))
    first = account.delete()
    assert (first.deleted, first.left, first.spent) == (1000, 500, Op.DELETE)
    assert account.refused() == 0
    account.clock.travel_to("2026-03-31T00:00:00Z")
    second = account.delete()
    assert (second.deleted, second.left, second.spent) == (500, 0, None)
    assert account.held() == set()


@pytest.mark.parametrize(
    ("waits_until", "deleted"), [("2026-03-30T23:59:59Z", 0), ("2026-03-31T00:00:00Z", 5)]
)
def test_work_goes_on_at_midnight_utc_and_not_before(waits_until, deleted):
    account = Account(old_entries(5), left={Op.DELETE: 0})
    account.clock.travel_to(waits_until)
    assert account.delete().deleted == deleted


def test_what_could_not_be_read_is_neither_archived_nor_deleted(tmp_path):
    account = Account(old_entries(5), left={Op.READ: 2})
    result = account.archive(tmp_path / "a.jsonl")
    assert (result.archived, result.deleted, result.left, result.spent) == (2, 2, 3, Op.READ)
    assert len(account.held()) == 3
    assert account.refused() == 0


def test_without_lists_left_nothing_is_done_and_said_so(tmp_path):
    account = Account(old_entries(2), left={Op.LIST: 0})
    assert account.archive(tmp_path / "a.jsonl").spent is Op.LIST
    assert account.delete().spent is Op.LIST
    assert len(account.held()) == 2
    assert not (tmp_path / "a.jsonl").exists()


def test_a_deletion_that_another_spender_overtakes_stops_and_counts_what_is_left():
    account = Account(old_entries(4), left={Op.DELETE: 4})

    deleted = []

    async def work():
        retention = Retention(account.edge, account.edge.env.logs, moved)
        return await retention.delete(MONTH_S)

    def moved():
        deleted.append(1)
        if len(deleted) == 1:
            account.edge.store._settle(account.edge.ledger.spend(Op.DELETE, 2))

    result = asyncio.run(work())
    assert (result.deleted, result.left, result.spent) == (2, 2, Op.DELETE)


def test_a_second_archiving_adds_nothing_twice(tmp_path):
    path = tmp_path / "a.jsonl"
    account = Account(old_entries(3), left={Op.DELETE: 0})
    assert account.archive(path).archived == 3
    again = account.archive(path)
    assert (again.archived, again.deleted, again.left) == (0, 0, 3)
    assert len(archived(path)) == 3


def test_an_entry_that_has_changed_since_it_was_archived_is_archived_again(tmp_path):
    path, key = tmp_path / "a.jsonl", error_key(OLD)
    Account({key: b'{"error": "one"}'}).archive(path)
    Account({key: b'{"error": "two"}'}).archive(path)
    assert archived(path) == [(key, b'{"error": "one"}'), (key, b'{"error": "two"}')]


def test_keep_leaves_the_entries_in_kv(tmp_path):
    account = Account(old_entries(3))
    result = account.archive(tmp_path / "a.jsonl", keep=True)
    assert (result.archived, result.deleted, result.spent) == (3, 0, None)
    assert len(account.held()) == 3


def test_on_paid_no_quota_ends_the_share(tmp_path):
    account = Account(old_entries(1500))
    account.edge = Edge(
        account="paid", clock=account.clock, store=account.edge.store, namespaces={"logs": NAMESPACE},
        switches=Switches(),
    )  # fmt: skip
    account.retention = Retention(account.edge, account.edge.env.logs)
    assert account.delete().deleted == 1500


def test_an_entry_whose_id_has_no_time_is_read_for_its_timestamp():
    old = b'{"timestamp": "2026-01-01T00:00:00Z"}'
    account = Account({"ai_error_log:a": old, "ai_error_log:b": b"{}", "ai_error_log:c": b"no json"})
    assert account.delete().deleted == 1
    assert account.accepted(Op.READ) == 3
    assert account.held() == {"ai_error_log:b", "ai_error_log:c"}


def test_keys_of_other_families_are_left_alone():
    others = {
        error_key(OLD).replace("ai_error_log", name): b"{}" for name in ("ai_communication_log", "ai_error")
    }
    account = Account({**others, **old_entries(1)})
    account.delete()
    assert account.held() == set(others)


def test_a_review_counts_by_day_step_and_message():
    account = Account(
        {
            error_key(0, 1): error_value("a", "late"),
            error_key(1, 2): error_value("a", "late"),
            error_key(2, 3): error_value("b", "late"),
            error_key(DAY_S, 4): error_value("a", "late"),
            "ai_error_log:undated": error_value("a", "late"),
        }
    )
    review = account.review()
    counts = {(str(day), step): count for (day, step, _), count in review.errors.items()}
    assert counts == {
        ("2026-03-30", "a"): 2,
        ("2026-03-30", "b"): 1,
        ("2026-03-29", "a"): 1,
        ("None", "a"): 1,
    }
    assert account.accepted(Op.READ) == 5


def test_a_review_says_how_many_it_could_not_read():
    review = Account(old_entries(5), left={Op.READ: 2}).review()
    assert (review.errors.total(), review.unread) == (2, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not the header of an edgeday export"),
        (b"my own notes\n", "is not the header of an edgeday export"),
        (b'{"type":"edgeday-state","version":1,"records":2}\n', "has 0 records, where its header says 2"),
        (HEADER + COUNTER, "has records that are no KV entries"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_archive_is_left_as_it_was_and_nothing_is_deleted(tmp_path, content, message):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    account = Account(old_entries(2))
    with pytest.raises(BadInput, match=message):
        account.archive(path)
    assert path.read_bytes() == content
    assert len(account.held()) == 2


def test_two_archives_are_not_written_in_one_folder_at_once(tmp_path):
    with open_archive(tmp_path / "a.jsonl"), pytest.raises(BadInput, match="another edgeday"):
        Account(old_entries(1)).archive(tmp_path / "a.jsonl")


def test_an_archive_that_cannot_be_written_deletes_nothing(tmp_path):
    account = Account(old_entries(2))
    with pytest.raises(BadInput):
        account.archive(tmp_path / "missing" / "a.jsonl")
    assert len(account.held()) == 2


def test_values_that_are_no_text_come_back_from_the_archive(tmp_path):
    path, key = tmp_path / "a.jsonl", error_key(OLD)
    Account({key: b"\xff\x00\xfe"}).archive(path)
    assert '"value_base64":"/wD+"' in path.read_text()


@contextmanager
def a_folder():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@settings(max_examples=40, deadline=None)
@given(
    ages_s=st.lists(st.integers(0, 2 * MONTH_S), max_size=30),
    shares=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=6),
)
def test_whatever_the_quotas_leave_each_day_nothing_is_lost_and_nothing_is_twice_in_the_archive(
    ages_s, shares
):
    keys = [error_key(age, number) for number, age in enumerate(ages_s)]
    entries = {key: error_value(message=str(number)) for number, key in enumerate(keys)}
    with a_folder() as folder:
        path = folder / "a.jsonl"
        left = dict(entries)
        for day, (reads, deletes) in enumerate(shares):
            account = Account(left, left={Op.READ: reads, Op.DELETE: deletes})
            due = [number for number, age in enumerate(ages_s) if age >= MONTH_S and keys[number] in left]
            result = account.archive(path)
            left = {key: value for key, value in left.items() if key in account.held()}
            archive = archived(path) if path.exists() else []
            assert len(archive) == len(set(archive)), f"day {day}"
            assert {**left, **dict(archive)} == entries
            assert result.deleted == min(len(due), reads, deletes)
        assert all(entries[key] == value for key, value in archive)
