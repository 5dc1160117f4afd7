"""What KV holds, counted from events, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.events import EventStream
from edgeday.measure.budget_check import BudgetCheck
from edgeday.measure.budgets import BudgetSyntaxError, budget_of
from edgeday.measure.findings import rules_of
from edgeday.measure.findings.rule import Conditions
from edgeday.measure.kv_storage import StoredBytes, in_words
from edgeday.measure.metrics import Scope
from tests.replay.runs import FREE, MIDNIGHT, PAID, counting, operation

DAY_S = 86_400
SMALL = replace(FREE, kv_storage_bytes=1_000)


def put(key, size, at_s=0.0, expires_s=None, binding="b", **more):
    expires_at = None if expires_s is None else MIDNIGHT + expires_s
    return operation(key=key, size_bytes=size, at_s=at_s, expires_at=expires_at, binding=binding, **more)


def delete(key, at_s=0.0, binding="b"):
    return operation(op="delete", outcome="deleted", key=key, at_s=at_s, binding=binding)


def stored(*events, **namespaces):
    held, stream = StoredBytes(namespaces), EventStream()
    held.watch(stream)
    for event in events:
        stream.emit(event)
    return held


def test_an_entry_counts_with_its_key_its_value_and_its_metadata():
    assert stored(put("kéy", 10, metadata_bytes=7)).now == 4 + 10 + 7


def test_an_entry_that_is_put_again_is_counted_as_it_is_now():
    held = stored(put("a", 99), put("a", 9, at_s=1))
    assert (held.now, held.peak) == (10, 100)


def test_what_is_deleted_counts_no_more_and_a_key_that_was_not_there_changes_nothing():
    held = stored(put("a", 99), delete("a", 1), delete("b", 2), put("c", 9, at_s=3))
    assert (held.now, held.peak) == (10, 100)


@pytest.mark.parametrize(("at_s", "peak"), [(59, 200), (60, 100)])
def test_an_entry_counts_until_it_expires(at_s, peak):
    assert stored(put("a", 99, expires_s=60), put("b", 99, at_s=at_s)).peak == peak


def test_an_expiry_that_was_replaced_ends_nothing():
    held = stored(put("a", 99, expires_s=60), put("a", 99, at_s=10), put("b", 99, at_s=100))
    assert held.now == 200


def test_two_bindings_of_one_namespace_hold_one_entry_and_two_namespaces_two():
    events = [put("a", 9, binding="A"), put("a", 9, binding="B")]
    assert stored(*events, A="one", B="one").now == 10
    assert stored(*events, A="one", B="two").now == 20
    assert stored(*events).now == 20


def test_what_the_cache_stores_is_not_of_kv():
    assert stored(operation("cache", "put", size_bytes=100)).peak == 0


def test_what_was_there_at_the_start_counts():
    assert stored(put("a", 99, op="seed", units=0)).peak == 100


def test_memory_grows_with_live_keys_and_not_with_puts():
    held = stored(*(put("a", 1, at_s=at_s, expires_s=at_s + DAY_S) for at_s in range(5000)))
    assert len(held._ends) < 2000
    assert held.expire(MIDNIGHT + 4999 + DAY_S) == [(MIDNIGHT + 4999 + DAY_S, 0)]


_WRITES = st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.none() | st.integers(1, 20), st.booleans())


@given(st.lists(_WRITES, max_size=30))
def test_it_agrees_with_a_recount_of_the_live_entries_at_every_instant(writes):
    held, live, peak = StoredBytes({}), {}, 0
    for at_s, (key, size, ttl, deleted) in enumerate(writes):
        held.note(delete(key, at_s) if deleted else put(key, size, at_s, None if ttl is None else at_s + ttl))
        live.pop(key, None)
        if not deleted:
            live[key] = (size, None if ttl is None else at_s + ttl)
        now = {key: row for key, row in live.items() if row[1] is None or at_s < row[1]}
        total = sum(len(key) + size for key, (size, _) in now.items())
        peak = max(peak, total)
        assert held.now == total
        assert held.peak == peak
        assert held.kept == sum(len(key) + size for key, (size, ends) in now.items() if ends is None)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (1_234_567, "1.23 MB"),
        (10**9, "1 GB"),
    ],
)
def test_bytes_are_said_in_powers_of_a_thousand(size, words):
    assert in_words(size) == words


# findings


def findings(*events, limits=SMALL, length=1):
    stream = EventStream()
    counter = counting(stream, limits)
    rules = rules_of(stream, Conditions(limits, starts_at=MIDNIGHT, length=length))
    for event in events:
        stream.emit(event)
    snapshot = counter.snapshot()
    told = {finding.id: finding.text for rule in rules for finding in rule.findings(snapshot)}
    return {id: text for id, text in told.items() if id.startswith("kv-storage")}


@pytest.mark.parametrize(("size", "ids"), [(798, []), (799, ["kv-storage-nearly-full"])])
def test_storage_is_nearly_full_from_80_percent_of_the_account_on(size, ids):
    assert list(findings(put("a", size, expires_s=60))) == ids


@pytest.mark.parametrize(("size", "id"), [(999, "kv-storage-nearly-full"), (1000, "kv-storage-over-limit")])
def test_storage_is_over_the_limit_above_it(size, id):
    assert list(findings(put("a", size, expires_s=60))) == [id]


def test_storage_over_the_limit_says_since_when_and_that_nothing_was_refused():
    texts = findings(put("log:1", 595, at_s=60), put("page:1", 494, at_s=120, expires_s=600))
    assert texts == {
        "kv-storage-over-limit": "KV held 1.1 kB, the Free limit is 1 kB: more than that from "
        "2026-02-16T00:02:00Z on, most of it log:* (600 bytes), page:* (500 bytes); entries without a TTL "
        "grow by 600 bytes a day, most of it log:*; nothing was refused, as what Cloudflare answers then "
        "is not known"
    }


@pytest.mark.parametrize(("a_day", "expected"), [(9, set()), (10, {"kv-storage-fills-up"})])
def test_entries_without_a_ttl_that_fill_the_storage_within_100_days_are_told(a_day, expected):
    size = a_day - len("log:1")
    days = [put(f"log:{day}", size, at_s=day * DAY_S + 60) for day in range(2)]
    texts = findings(*days, length=2)
    assert set(texts) == expected
    if expected:
        assert texts["kv-storage-fills-up"] == (
            "entries without a TTL grow by 10 bytes a day, most of it log:*: 1 kB in 98 days"
        )


def test_what_was_stored_before_the_last_day_or_is_put_again_does_not_grow():
    seeded = put("log:0", 300, op="seed", units=0)
    again = [put("state", 100, at_s=day * DAY_S) for day in range(3)]
    assert findings(seeded, *again, length=3) == {}


def test_a_paid_account_is_never_full():
    assert findings(put("a", 10**10), limits=PAID) == {}


# budgets


def result(key, text, *events, limits=SMALL):
    stream = EventStream()
    check = BudgetCheck(stream, Scope(limits, namespaces={"b": "n"}), [budget_of(key, text)])
    for event in events:
        stream.emit(event)
    return check.results()[0]


@pytest.mark.parametrize(("size", "verdict"), [(499, "within"), (500, "broken")])
def test_a_budget_may_be_a_share_of_the_storage(size, verdict):
    events = [put("log:1", size - 5), delete("log:1", 1)]
    assert result("kv.storage_bytes", "<= 49.9%", *events).verdict == verdict


def test_a_broken_storage_budget_names_what_broke_it_and_what_filled_it():
    row = result(
        "kv.storage_bytes", "<= 500", put("log:1", 395), put("b", 199, at_s=60), put("c", 10, at_s=70)
    )
    assert (row.measured, row.first.at, row.first.key) == (611, MIDNIGHT + 60, "b")
    assert [(spent.family, spent.amount) for spent in row.spent_by] == [("log:*", 400), ("b", 200)]


@pytest.mark.parametrize(("text", "verdict"), [("== 1", "within"), ("<= 0.1%", "within"), ("== 0", "broken")])
def test_namespaces_have_budgets_although_no_event_tells_of_them(text, verdict):
    assert result("kv.namespaces", text).verdict == verdict


def test_what_is_of_the_whole_account_has_no_route_and_no_sum_of_an_hour():
    for key, text in (
        ("kv.storage_bytes{route=GET /}", "<= 1"),
        ("crons.triggers{route=GET /}", "<= 1"),
        ("kv.storage_bytes{family=a}", "<= 1"),
        ("requests.used_percent{family=a}", "<= 1"),
        ("kv.storage_bytes", "max over 1h <= 1"),
    ):
        with pytest.raises(BudgetSyntaxError):
            budget_of(key, text)
