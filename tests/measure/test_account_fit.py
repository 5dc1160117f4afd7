"""Which limits of the account a run exceeds, or would exceed where they are only observed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edgeday.events import Cause, EventStream
from edgeday.limits import CutOff, Switches
from edgeday.measure.account_fit import AccountFit
from edgeday.measure.findings.rule import Conditions
from tests.replay.runs import FREE, MIDNIGHT, PAID, counting, ended, operation, started
from tests.scenario_days import SHOP_HEAD, replayed

DAY_S = 86_400
OBSERVED = Switches(daily_kv="observe", subrequests="observe", requests="observe")
OFF = Switches(daily_kv="off", subrequests="off", requests="off")
THREE_A_DAY = replace(FREE, requests_per_day=3)


def exceeded(*events, limits=FREE, switches=None, **more):
    """The exceeded limits by their name."""
    stream = EventStream()
    counter = counting(stream, limits)
    fit = AccountFit(stream, Conditions(limits, switches or Switches(), **more))
    for event in events:
        stream.emit(event)
    return {row.limit: row for row in fit.exceeded(counter.snapshot())}


def refused(units=1, at_s=0.0):
    return operation(outcome="refused", cause=Cause.QUOTA, units=units, at_s=at_s)


def test_a_run_at_all_its_limits_fits():
    events = [
        operation(units=1000), operation(units=1000, at_s=DAY_S), started(), ended(external=50, internal=1000)
    ]  # fmt: skip
    for switches in (Switches(), OBSERVED):
        assert exceeded(*events, switches=switches, crons=["* * * * *"] * 5) == {}


def test_what_a_daily_quota_refused_does_not_fit():
    row = exceeded(operation(units=1000), refused(2, at_s=7200), refused(3, at_s=7300))["kv_writes_per_day"]
    assert (row.allowed, row.asked, row.first_at) == (1000, 1005, MIDNIGHT + 7200)
    assert row.text == "KV writes a day: 1,005 asked for on 2026-02-16, 1,000 allowed"


@pytest.mark.parametrize(("second_day", "fits"), [(1000, True), (1001, False)])
def test_a_quota_that_is_only_observed_is_compared_with_each_utc_day(second_day, fits):
    events = [
        operation(units=600),
        operation(units=600, at_s=DAY_S),
        operation(units=second_day - 600, at_s=DAY_S + 60),
    ]
    rows = exceeded(*events, switches=OBSERVED)
    assert (rows == {}) is fits
    if not fits:
        assert rows["kv_writes_per_day"].first_at == MIDNIGHT + DAY_S + 60


def test_the_day_that_asked_for_most_is_named_and_the_others_are_counted():
    events = [operation(units=units, at_s=day * DAY_S) for day, units in enumerate((1001, 1500, 900, 1200))]
    row = exceeded(*events, switches=OBSERVED)["kv_writes_per_day"]
    assert row.text == (
        "KV writes a day: 1,500 asked for on 2026-02-17, 1,000 allowed; more than allowed on 3 days"
    )


def test_a_quota_that_was_partly_spent_before_the_run_says_so():
    row = exceeded(operation(units=10), refused())["kv_writes_per_day"]
    assert row.text == (
        "KV writes a day: 11 asked for on 2026-02-16, 1,000 allowed, some of them spent before this run"
    )


@pytest.mark.parametrize("switches", [Switches(), OBSERVED])
@pytest.mark.parametrize(("on_a_day", "fits"), [(3, True), (4, False)])
def test_requests_of_a_day_are_counted_with_those_that_are_turned_away(switches, on_a_day, fits):
    turned_away = operation("request", "GET", "refused", cause=Cause.REQUESTS, at_s=50, units=0)
    last = [started(at_s=50) if switches is OBSERVED else turned_away] * (on_a_day - 3)
    events = [started(at_s=10), started(at_s=20), started(at_s=30), *last, started(at_s=DAY_S)]
    rows = exceeded(*events, limits=THREE_A_DAY, switches=switches)
    assert (rows == {}) is fits
    if not fits:
        row = rows["requests_per_day"]
        assert (row.asked, row.first_at) == (4, MIDNIGHT + 50)
        assert row.text == "requests a day: 4 arrived on 2026-02-16, 3 allowed"


def test_a_paid_account_has_no_quota_of_operations_and_of_requests():
    assert exceeded(operation(units=10**6), *[started()] * 4, limits=PAID, switches=OBSERVED) == {}


@pytest.mark.parametrize("switches", [Switches(), OBSERVED])
@pytest.mark.parametrize(
    ("end", "limit"),
    [({"external": 51}, "external_subrequests"), ({"internal": 1001}, "internal_subrequests")],
)
def test_an_invocation_over_a_limit_of_its_own_does_not_fit(switches, end, limit):
    rows = exceeded(started(), ended(**end), started(), ended(), switches=switches)
    assert list(rows) == [limit]
    assert rows[limit].text.endswith("allowed, in 1 of 2 invocations")


@pytest.mark.parametrize(("internal", "limits"), [(4_000, []), (4_001, ["external_subrequests"])])
def test_where_one_counter_serves_both_kinds_they_are_one_limit(internal, limits):
    rows = exceeded(started(), ended(external=6_000, internal=internal), limits=PAID)
    assert list(rows) == limits


@pytest.mark.parametrize(("count", "fits"), [(5, True), (6, False)])
def test_more_crons_than_the_account_has_do_not_fit(count, fits):
    rows = exceeded(crons=["* * * * *"] * count)
    assert (rows == {}) is fits
    assert fits or rows["cron_triggers"].text == "cron triggers: 6, 5 allowed"


@pytest.mark.parametrize(("size", "fits"), [(10**9 - 3, True), (10**9 - 2, False)])
def test_more_in_kv_at_once_than_the_account_has_does_not_fit(size, fits):
    held = operation(size_bytes=size, at_s=60, expires_at=MIDNIGHT + 120)
    rows = exceeded(operation(key="first", size_bytes=10**8, expires_at=MIDNIGHT + 60), held)
    assert (rows == {}) is fits
    if not fits:
        row = rows["kv_storage_bytes"]
        assert (row.asked, row.first_at) == (10**9 + 1, MIDNIGHT + 60)
        assert row.text == "KV storage: 1 GB at once, 1 GB allowed"
    assert exceeded(held, limits=PAID) == {}


@pytest.mark.parametrize(("count", "fits"), [(1000, True), (1001, False)])
def test_more_namespaces_than_the_account_has_do_not_fit(count, fits):
    names = {f"N{number}": str(number) for number in range(count)}
    rows = exceeded(namespaces={**names, "TWICE": "0"})
    assert (rows == {}) is fits
    assert fits or rows["kv_namespaces"].text == "KV namespaces: 1,001, 1,000 allowed"


@pytest.mark.parametrize(("units", "fits"), [(1000, True), (1001, False)])
def test_what_a_soft_cut_off_lets_through_above_the_number_does_not_fit(units, fits):
    soft = Switches(cut_off=CutOff("0..37%"))
    assert (exceeded(operation(units=units), switches=soft) == {}) is fits


def test_a_limit_that_is_off_is_not_looked_at():
    events = [operation(units=1001), *[started()] * 4, ended(external=51, internal=1001)]
    assert exceeded(*events, limits=THREE_A_DAY, switches=OFF) == {}


@pytest.mark.parametrize("mode", ["enforce", "observe"])
@pytest.mark.parametrize(("requests", "fits"), [(1000, True), (1001, False)])
def test_a_replayed_day_fits_up_to_its_quota_enforced_or_observed(mode, requests, fits):
    result = replayed(
        f"limits: {{daily_kv: {mode}}}\ntraffic: [{{requests: {requests}, path: /put/a, method: POST}}]\n",
        SHOP_HEAD,
    )
    assert result.fits is fits
    assert fits or result.exceeded[0].asked == 1001
