"""Gauges: shares and their tones at the boundaries."""

from __future__ import annotations

from datetime import date

import pytest

from edgeday.events import InvocationEnded
from edgeday.limits import account_limits
from edgeday.server.dashboard.gauges import gauge, invocation_row


@pytest.mark.parametrize(("used", "tone"), [(799, ""), (800, "warn"), (999, "warn"), (1000, "bad")])
def test_a_quota_warns_from_80_percent_and_is_spent_with_its_last_unit(used, tone):
    assert gauge("KV writes", used, 1000).tone == tone


def test_a_refusal_is_bad_even_where_units_are_left():
    assert gauge("KV reads", 10, 1000, refused=1).tone == "bad"


def test_without_a_limit_nothing_is_ever_spent():
    assert gauge("KV reads", 10**9, None) == ("KV reads", 10**9, None, 0.0, "", 0)


def ended(external, internal):
    return InvocationEnded(0.0, 1, "GET /", "SOF", 0.0, "ok", 200, external, internal, 0, 0, "")


@pytest.mark.parametrize(("external", "tone"), [(39, ""), (40, "warn"), (50, "warn"), (51, "bad")])
def test_an_invocation_may_use_its_last_subrequest(external, tone):
    row = invocation_row(ended(external, 3), account_limits("free", date(2026, 3, 1)))
    assert row.external.tone == tone
    assert (row.external.limit, row.internal.limit) == (50, 1000)


def test_where_both_kinds_share_a_limit_they_are_counted_together():
    row = invocation_row(ended(40, 60), account_limits("paid", date(2026, 3, 1)))
    assert (row.external.used, row.external.limit) == (100, 10_000)
    assert (row.internal.used, row.internal.limit) == (60, None)
