"""What the overview measures: the day's quotas, and the subrequests of an invocation. Pure."""

from __future__ import annotations

from typing import NamedTuple

from edgeday.events import InvocationEnded
from edgeday.ledger import QUOTAS, Ledger
from edgeday.limits import NEARLY_PERCENT, AccountLimits
from edgeday.server.words import percent


class Gauge(NamedTuple):
    """How much of a limit is used.

    limit: None: there is none. percent: of the limit, 0 to 100. tone: "", "warn" or "bad" for what is nearly
    and what is wholly used. refused: units that were asked for and refused.
    """

    name: str
    used: int
    limit: int | None
    percent: float
    tone: str
    refused: int = 0


class InvocationRow(NamedTuple):
    """One invocation with its subrequests; where both kinds share one limit, `internal` has no limit."""

    ended: InvocationEnded
    external: Gauge
    internal: Gauge


def gauge(name: str, used: int, limit: int | None, refused: int = 0, *, full: int = 0) -> Gauge:
    """A gauge. full: units over the limit from which on it is "bad"; 0: once the last one is spent."""
    share = 0.0 if limit is None else percent(used, limit)
    tone = ""
    if refused or (limit is not None and used >= limit + full):
        tone = "bad"
    elif limit is not None and share >= NEARLY_PERCENT:
        tone = "warn"
    return Gauge(name, used, limit, share, tone, refused)


def quotas(ledger: Ledger) -> list[Gauge]:
    """The daily quotas on the day it is now, in the order of `QUOTAS`."""
    rows = ((quota, ledger.usage(quota.op)) for quota in QUOTAS)
    return [
        gauge(quota.label, usage.accepted, ledger.limit(quota.op), usage.refused) for quota, usage in rows
    ]


def invocation_row(ended: InvocationEnded, limits: AccountLimits) -> InvocationRow:
    """The subrequests of one invocation against the account's limits."""
    if limits.subrequests_shared:
        both = gauge("subrequests", ended.external + ended.internal, limits.external_subrequests, full=1)
        return InvocationRow(ended, both, gauge("of these to KV", ended.internal, None))
    return InvocationRow(
        ended,
        gauge("fetches and caches", ended.external, limits.external_subrequests, full=1),
        gauge("to KV", ended.internal, limits.internal_subrequests, full=1),
    )
