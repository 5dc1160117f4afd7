"""What a month costs on Paid."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from edgeday.measure.metrics import METRICS
from edgeday.prices import PRICES, monthly_usd

ON = date(2026, 2, 16)


def test_a_month_within_what_is_included_costs_the_subscription():
    included = {price.of: price.included for price in PRICES}
    assert monthly_usd(included, ON) == 5
    assert monthly_usd({}, ON) == 5


@pytest.mark.parametrize(
    ("metric", "included", "usd_a_million"),
    [
        ("kv.reads.accepted", 10_000_000, "0.50"),
        ("kv.writes.accepted", 1_000_000, "5.00"),
        ("kv.deletes.accepted", 1_000_000, "5.00"),
        ("kv.lists.accepted", 1_000_000, "5.00"),
        ("requests.started", 10_000_000, "0.30"),
    ],
)
def test_beyond_what_is_included_each_million_costs_its_price(metric, included, usd_a_million):
    assert monthly_usd({metric: included + 1_000_000}, ON) == 5 + Fraction(usd_a_million)
    assert monthly_usd({metric: included + 500_000}, ON) == 5 + Fraction(usd_a_million) / 2
    assert monthly_usd({metric: included + 1}, ON) > 5


def test_cache_operations_and_subrequests_cost_nothing():
    assert monthly_usd({"cache.operations": 1e12, "ai.calls": 1e12}, ON) == 5


def test_every_price_is_of_a_metric_and_names_its_source():
    assert {price.of for price in PRICES} <= set(METRICS)
    assert all("Cloudflare docs" in price.source for price in PRICES)
