"""What a Paid account pays in a month: dated prices, each with its source. Data and arithmetic only.

Prices are in US dollars per million. Cloudflare does not say how a part of a million is billed; it is taken
in proportion. CPU time is not in here: edgeday does not measure it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple

_KV = "Cloudflare docs, Workers KV pricing, read 2026-11-23"
_WORKERS = "Cloudflare docs, Workers pricing, read 2026-11-23"
_EVER = date(2023, 10, 31)  # the day the Standard usage model began


class Price(NamedTuple):
    """One price. of: a metric. included: units a month that the subscription pays for. since: in force from
    that day on."""

    of: str
    included: int
    per_million: Fraction
    since: date
    source: str


PRICES: tuple[Price, ...] = (
    Price("kv.reads.accepted", 10_000_000, Fraction("0.50"), _EVER, _KV),
    Price("kv.writes.accepted", 1_000_000, Fraction("5.00"), _EVER, _KV),
    Price("kv.deletes.accepted", 1_000_000, Fraction("5.00"), _EVER, _KV),
    Price("kv.lists.accepted", 1_000_000, Fraction("5.00"), _EVER, _KV),
    Price("kv.storage_bytes", 1_000_000_000, Fraction("0.0005"), _EVER, _KV),
    Price("requests.started", 10_000_000, Fraction("0.30"), _EVER, _WORKERS),
)
SUBSCRIPTION = Price("subscription", 0, Fraction(5), _EVER, _WORKERS)
"""Of the Paid account: dollars a month, whatever is used."""


def monthly_usd(units: Mapping[str, float], on: date) -> Fraction:
    """Dollars a month on Paid, subscription included, for so many units of each metric.

    Stored data costs $0.50 for each GB-month above the first, and is taken at its most. Metrics without a
    price cost nothing: cache operations and other subrequests are not billed.
    """
    total = SUBSCRIPTION.per_million
    for price in _in_force(on):
        over = Fraction(units.get(price.of, 0)) - price.included
        total += max(over, Fraction(0)) * price.per_million / 1_000_000
    return total


def _in_force(on: date) -> list[Price]:
    """Of each metric the newest price that had begun."""
    rows: dict[str, Price] = {}
    for price in sorted(PRICES, key=lambda row: row.since):
        if price.since <= on:
            rows[price.of] = price
    return list(rows.values())
