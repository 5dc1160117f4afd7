from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.clock import is_expired
from edgeday.events import Operation
from edgeday.measure.entry_lifetimes import EntryLifetimes

START = 1_771_200_000.0
WIDTH_S = 60


def operation(at, key, outcome="stored", expires_at=None, service="cache"):
    op = "put" if outcome == "stored" else "delete"
    return Operation(at, service, op, "default", key, outcome, "", 0, 0, 1, "GET /", "SOF", expires_at)


def lifetimes(*operations):
    following = EntryLifetimes(START, WIDTH_S)
    for one in operations:
        following.note(one)
    return following


@pytest.mark.parametrize(("after_s", "left"), [(119, 1), (120, 0)])
def test_a_cache_entry_is_readable_until_it_expires(after_s, left):
    following = lifetimes(operation(START, "log:1", expires_at=START + 120))
    (family,) = following.families(START, START + after_s)
    assert (family.readable, family.readable_later) == (1, left)


def test_an_entry_without_an_expiry_stays():
    following = lifetimes(operation(START, "error:1", service="kv"))
    assert following.levels("kv") == [(START + 60, 1, 1)]


def test_a_key_put_again_is_one_entry_that_lives_on():
    following = lifetimes(
        operation(START, "index", expires_at=START + 100),
        operation(START + 90, "index", expires_at=START + 190),
    )
    assert following.levels("cache") == [(START + 60, 1, 1), (START + 240, 1, 0)]


def test_a_key_put_again_after_its_end_is_a_new_entry():
    following = lifetimes(
        operation(START, "log:1", expires_at=START + 60),
        operation(START + 60, "log:1", expires_at=START + 300),
    )
    assert [stored for _, stored, _ in following.levels("cache")] == [1, 2, 2]


def test_an_evicted_entry_is_readable_no_more():
    following = lifetimes(
        operation(START, "log:1", expires_at=START + 600),
        operation(START + 60, "log:1", outcome="evicted"),
    )
    assert following.levels("cache") == [(START + 60, 1, 1), (START + 120, 1, 0)]


def test_data_centres_have_entries_of_their_own_and_kv_has_not():
    sofia, paris = operation(START, "log:1"), operation(START, "log:1")._replace(colo="CDG")
    assert lifetimes(sofia, paris).levels("cache")[-1][1:] == (2, 2)
    kv = [one._replace(service="kv") for one in (sofia, paris)]
    assert lifetimes(*kv).levels("kv")[-1][1:] == (1, 1)


steps = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.sampled_from("abcd"),
        st.sampled_from(["stored", "deleted"]),
        st.none() | st.integers(1, 9000),
    ),
    max_size=40,
)


@given(steps)
def test_the_levels_are_those_of_a_plain_dict(given_steps):
    """The model: a dict of keys that is looked at just before the end of every bucket."""
    at, operations = START, []
    for wait_s, key, outcome, lifetime_s in given_steps:
        at += wait_s
        expires_at = None if lifetime_s is None else at + lifetime_s
        operations.append(operation(at, f"log:{key}", outcome, expires_at))
    following = lifetimes(*operations)

    live, stored, ahead = {}, 0, list(operations)
    levels = dict.fromkeys(range(int(at - START) // WIDTH_S + 160))
    for bucket in levels:
        end = START + (bucket + 1) * WIDTH_S
        while ahead and ahead[0].at < end:
            one = ahead.pop(0)
            alive = one.key in live and not is_expired(one.at, live[one.key])
            if one.outcome == "deleted":
                live.pop(one.key, None)
            else:
                stored += not alive
                live[one.key] = one.expires_at
        levels[bucket] = (stored, sum(expires is None or expires >= end for expires in live.values()))

    rows, level = following.levels("cache"), (0, 0)
    changes = {end: (so_far, readable) for end, so_far, readable in rows}
    for bucket, expected in levels.items():
        level = changes.pop(START + (bucket + 1) * WIDTH_S, level)
        assert level == expected
    assert not changes
    assert sum(family.stored for family in following.families(at, at)) == stored


def test_nothing_is_kept_of_what_has_expired():
    following = EntryLifetimes(START, WIDTH_S)
    for hour in range(100):
        at = START + hour * 3600
        following.note(operation(at, f"log:{hour}", expires_at=at + 60))
    assert len(following._live) <= 2
    assert following.levels("cache")[-1][1:] == (100, 0)
