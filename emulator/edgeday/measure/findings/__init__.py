"""Findings: what a run shows although no budget asked.

A finding is a rule: a small class that reads events, so that a journal of a run gives the same findings. A
new one is a class in a module of this package and its place in `RULES`.
"""

from __future__ import annotations

from collections.abc import Sequence

from edgeday.events import EventStream
from edgeday.measure.findings.after_quota import AfterQuotaSpent
from edgeday.measure.findings.cost import MonthlyCost
from edgeday.measure.findings.crons import CronExpressions, CronOverlap, CronTriggersOverLimit
from edgeday.measure.findings.diagnostics import Diagnostics
from edgeday.measure.findings.exceptions import UncaughtExceptions
from edgeday.measure.findings.expectations import SessionsFailed, UnmetExpectations
from edgeday.measure.findings.key_rate import OneWritePerSecond
from edgeday.measure.findings.losses import RequestsLost
from edgeday.measure.findings.not_emulated import NotEmulated, Stubbed
from edgeday.measure.findings.quotas import QuotaNearlySpent, QuotaPassed, QuotaSpent
from edgeday.measure.findings.refused_routes import RoutesRefused
from edgeday.measure.findings.requests_passed import RequestsPassed
from edgeday.measure.findings.rule import Conditions, FindingRule
from edgeday.measure.findings.storage import StorageUsed
from edgeday.measure.findings.subrequests import KVCallsOverLimit, SubrequestsNearLimit, SubrequestsOverLimit
from edgeday.measure.findings.undeclared_origins import UndeclaredOrigins
from edgeday.measure.findings.unusual_answers import NearlyAllUnusual
from edgeday.measure.findings.wait_until import WaitUntilCancelled
from edgeday.measure.kv_storage import StoredBytes
from edgeday.measure.quota_days import QuotaDays
from edgeday.measure.requests_by_route import RequestsByRoute

RULES: tuple[type[FindingRule], ...] = (
    RequestsLost,
    RequestsPassed,
    UndeclaredOrigins,
    NotEmulated,
    UncaughtExceptions,
    UnmetExpectations,
    SessionsFailed,
    SubrequestsOverLimit,
    KVCallsOverLimit,
    QuotaSpent,
    QuotaPassed,
    QuotaNearlySpent,
    StorageUsed,
    OneWritePerSecond,
    WaitUntilCancelled,
    CronTriggersOverLimit,
    CronOverlap,
    CronExpressions,
    Diagnostics,
    RoutesRefused,
    NearlyAllUnusual,
    SubrequestsNearLimit,
    AfterQuotaSpent,
    Stubbed,
    MonthlyCost,
)
"""In the order in which findings are told: the gravest first, then what only an audited run says."""


def rules_of(
    events: EventStream,
    run: Conditions,
    more: Sequence[type[FindingRule]] = (),
    days: QuotaDays | None = None,
    stored: StoredBytes | None = None,
    routes: RequestsByRoute | None = None,
) -> list[FindingRule]:
    """The rules that speak of such a run, from its first event on. more: those of a worker profile. days,
    stored, routes: what follows the daily limits, KV's bytes and the requests of each route already."""
    if days is None:
        days = QuotaDays(events, run.limits)
    if stored is None:
        stored = StoredBytes(run.namespaces, run.limits.kv_storage_bytes)
        stored.watch(events)
    if routes is None:
        routes = RequestsByRoute(events)
    rules = [rule(events, run) for rule in (*RULES, *more) if run.audited or not rule.audits_only]
    for rule in rules:
        rule.days, rule.stored, rule.routes = days, stored, routes
    return rules
