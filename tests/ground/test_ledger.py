from __future__ import annotations

import asyncio
from datetime import date

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edgeday.clock import DAY_S, VirtualClock, epoch_seconds, utc_day
from edgeday.ledger import Ledger, Op, Spend, Usage, quota_error, settle
from edgeday.limits import CutOff, account_limits
from edgeday.storage.memory import MemoryStore

START = "2026-02-16T00:00:00Z"
MIDNIGHT = int(epoch_seconds(START))
LIMITS = account_limits("free", date(2026, 2, 16))
DAILY = {Op.READ: 100_000, Op.WRITE: 1_000, Op.DELETE: 1_000, Op.LIST: 1_000}


class Account:
    """A ledger on a memory store, and its clock."""

    def __init__(self, mode="enforce", account="free"):
        self.clock = VirtualClock(START)
        self.store = MemoryStore()
        self.ledger = Ledger(self.clock, account_limits(account, date(2026, 2, 16)), mode, self.store)

    def charge(self, op, units=1):
        return asyncio.run(self.store.charge(self.ledger.spend(op, units)))


# settle: pure


@pytest.mark.parametrize(("before", "accepted"), [(998, True), (999, True), (1000, False), (1001, False)])
def test_the_thousandth_write_is_accepted_and_the_next_refused(before, accepted):
    usage = Usage(asked=before, accepted=before)
    assert settle(usage, Spend(Op.WRITE, 1, 20_500, 1000)) is accepted
    assert usage == Usage(before + 1, before + accepted, 1 - accepted)


@pytest.mark.parametrize(("units", "accepted"), [(50, True), (51, False)])
def test_a_bulk_spend_is_accepted_whole_or_refused_whole(units, accepted):
    usage = Usage(asked=950, accepted=950)
    assert settle(usage, Spend(Op.READ, units, 0, 1000)) is accepted
    assert usage == (Usage(1000, 1000, 0) if accepted else Usage(1001, 950, 51))


def test_a_smaller_spend_still_fits_after_a_larger_one_was_refused():
    usage = Usage(asked=950, accepted=950)
    settle(usage, Spend(Op.READ, 51, 0, 1000))
    assert settle(usage, Spend(Op.READ, 50, 0, 1000))
    assert usage == Usage(asked=1051, accepted=1000, refused=51)


def test_without_a_limit_everything_is_accepted():
    usage = Usage()
    assert settle(usage, Spend(Op.WRITE, 10**9, 0, None))
    assert usage == Usage(10**9, 10**9, 0)


@pytest.mark.parametrize(
    ("op", "text"),
    [
        (Op.READ, "KV get() limit exceeded for the day."),
        (Op.WRITE, "KV put() limit exceeded for the day."),
        (Op.DELETE, "KV delete() limit exceeded for the day."),
        (Op.LIST, "KV list() limit exceeded for the day."),
    ],
)
def test_a_refusal_has_the_platforms_text(op, text):
    error = quota_error(op)
    assert (error.message, error.name) == (text, "Error")


# the ledger of an account


@pytest.mark.parametrize("op", Op)
def test_each_class_has_its_own_limit_and_counter(op):
    account = Account()
    limit = DAILY[op]
    assert account.ledger.limit(op) == limit
    assert account.charge(op, limit)
    assert not account.charge(op)
    for other in set(Op) - {op}:
        assert account.charge(other)
        assert account.ledger.usage(other) == Usage(1, 1, 0)
    assert account.ledger.usage(op) == Usage(limit + 1, limit, 1)


@pytest.mark.parametrize(("later_s", "accepted"), [(DAY_S - 1, False), (DAY_S - 0.001, False), (DAY_S, True)])
def test_the_counters_reset_at_midnight_utc_and_not_a_second_earlier(later_s, accepted):
    account = Account()
    account.charge(Op.WRITE, 1000)
    account.clock.advance(seconds=later_s)
    assert account.charge(Op.WRITE) is accepted


def test_yesterday_stays_readable():
    account = Account()
    account.charge(Op.WRITE, 7)
    yesterday = account.ledger.today
    account.clock.advance(days=1)
    account.charge(Op.READ, 3)
    assert account.ledger.usage(Op.WRITE) == Usage()
    assert account.ledger.usage(Op.WRITE, yesterday) == Usage(7, 7, 0)
    assert account.ledger.days() == [yesterday, yesterday + 1]


@pytest.mark.parametrize(("at", "resets"), [(0, DAY_S), (DAY_S - 1, DAY_S), (DAY_S, 2 * DAY_S)])
def test_the_next_reset_is_the_next_midnight(at, resets):
    account = Account()
    account.clock.advance(seconds=at)
    assert account.ledger.resets_at == MIDNIGHT + resets


@pytest.mark.parametrize("mode", ["observe", "off"])
def test_a_limit_that_is_not_enforced_lets_pass_and_counts(mode):
    account = Account(mode)
    assert account.charge(Op.WRITE, 1000)
    assert account.charge(Op.WRITE)
    assert account.ledger.usage(Op.WRITE) == Usage(1001, 1001, 0)
    assert account.ledger.limit(Op.WRITE) == 1000


def test_a_paid_account_has_no_daily_limit():
    account = Account(account="paid")
    assert account.charge(Op.WRITE, 10**6)
    assert account.ledger.limit(Op.WRITE) is None


@pytest.mark.parametrize(("units", "accepted"), [(1, True), (2, False)])
def test_asking_whether_a_spend_would_pass_books_nothing(units, accepted):
    account = Account()
    account.charge(Op.WRITE, 999)
    assert account.ledger.would_accept(account.ledger.spend(Op.WRITE, units)) is accepted
    assert account.ledger.usage(Op.WRITE) == Usage(999, 999, 0)
    assert account.charge(Op.WRITE, units) is accepted


def test_what_usage_hands_out_is_a_copy():
    account = Account()
    account.charge(Op.WRITE)
    account.ledger.usage(Op.WRITE).accepted = 500
    assert account.ledger.usage(Op.WRITE) == Usage(1, 1, 0)


def test_a_reset_of_the_store_forgets_every_day():
    account = Account()
    account.charge(Op.WRITE)
    asyncio.run(account.store.reset())
    assert account.ledger.usage(Op.WRITE) == Usage()
    assert account.ledger.days() == []


class LedgerAgainstModel(RuleBasedStateMachine):
    """A ledger beside a dict of plain numbers, over days and bulk units."""

    @initialize(mode=st.sampled_from(["enforce", "observe", "off"]))
    def open_account(self, mode):
        self.account = Account(mode)
        self.enforced = mode == "enforce"
        self.model: dict[tuple[int, Op], list[int]] = {}

    @rule(op=st.sampled_from(Op), share=st.sampled_from([0.0, 0.001, 0.1, 0.5, 0.999, 1.0]))
    def charge(self, op, share):
        units = max(1, round(share * DAILY[op]))
        day = utc_day(self.account.clock.now())
        attempts, accepted, refused = self.model.setdefault((day, op), [0, 0, 0])
        fits = not self.enforced or accepted + units <= DAILY[op]
        assert self.account.charge(op, units) is fits
        self.model[day, op] = [attempts + units, accepted + units * fits, refused + units * (not fits)]

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.account.clock.advance(hours=hours)

    @invariant()
    def every_day_agrees(self):
        ledger = self.account.ledger
        assert ledger.days() == sorted({day for day, _ in self.model})
        for (day, op), (attempts, accepted, refused) in self.model.items():
            usage = ledger.usage(op, day)
            assert usage == Usage(attempts, accepted, refused)
            assert usage.asked == usage.accepted + usage.refused
            assert not self.enforced or usage.accepted <= DAILY[op]


LedgerAgainstModel.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLedgerAgainstModel = LedgerAgainstModel.TestCase


# where a day is cut off


def accepted_writes(seed, days=1, soft="0..37%", mode="enforce"):
    """How many single writes each day accepts."""
    clock, store = VirtualClock(START), MemoryStore()
    ledger = Ledger(clock, LIMITS, mode, store, cut_off=CutOff(soft), seed=seed)

    async def spend_all():
        for _ in range(days):
            while await store.charge(ledger.spend(Op.WRITE)):
                if ledger.usage(Op.WRITE).accepted == 2000:
                    break
            clock.advance(seconds=DAY_S)

    asyncio.run(spend_all())
    return [ledger.usage(Op.WRITE, day).accepted for day in ledger.days()]


def test_a_soft_cut_off_is_within_its_band_and_drawn_for_each_day():
    counts = accepted_writes(1, days=30)
    assert all(1000 <= count <= 1370 for count in counts)
    assert len(set(counts)) > 20
    assert min(counts) < 1100
    assert max(counts) > 1270


def test_a_seed_cuts_off_at_the_same_units_again_and_another_one_does_not():
    assert accepted_writes(7, days=3) == accepted_writes(7, days=3)
    assert accepted_writes(7, days=3) != accepted_writes(8, days=3)


@pytest.mark.parametrize(("soft", "accepted"), [(None, 1000), ("0..0%", 1000), ("37..37%", 1370)])
def test_a_cut_off_without_room_is_exact(soft, accepted):
    assert accepted_writes(0, soft=soft) == [accepted]


def test_a_quota_that_is_not_enforced_is_cut_off_nowhere():
    assert accepted_writes(0, mode="observe") == [2000]
