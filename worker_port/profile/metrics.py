"""What is measured of the worker besides: its plans, its AI calls, and what became of its logs."""

from __future__ import annotations

from edgeday import (
    ACCEPTED,
    REFUSED,
    Ends,
    InvocationEnded,
    InvocationStarted,
    Metric,
    Operations,
    Scope,
    Starts,
    answered_below,
)
from worker_port.profile.traffic import PLAN_ROUTE

AI = "ai"
"""The service under which fetches to the AI provider are counted."""
LOGS = "logs"
"""The service of the events in which the audit says what became of the logs."""


def _is_plan(event: InvocationStarted | InvocationEnded, _: Scope | None = None) -> bool:
    return event.route == PLAN_ROUTE


def _logs(name: str, meaning: str, outcome: str, unit: str = "logs") -> Metric:
    return Metric(f"logs.{name}", unit, meaning, Operations(LOGS, None, frozenset({outcome}), audited=True))


METRICS = (
    Metric(
        "plans.started", "plans", "Plan requests that reached the worker.", Starts(_is_plan), of_route=True
    ),
    Metric(
        "plans.completed",
        "plans",
        "Plan requests answered with a status below 400.",
        Ends(lambda event, _: _is_plan(event) and answered_below(event, 400)),
        of_route=True,
    ),
    Metric(
        "plans.failed",
        "plans",
        "Plan requests answered with 400 or above, or not at all.",
        Ends(lambda event, _: _is_plan(event) and not answered_below(event, 400)),
        of_route=True,
    ),
    Metric(
        "ai.calls",
        "calls",
        "Fetches that reached the AI provider; a retry is a call of its own.",
        Operations(AI, None, ACCEPTED),
    ),
    Metric(
        "ai.errors",
        "calls",
        "Fetches that the AI provider answered with an error status.",
        Operations(AI, None, frozenset({"error"})),
    ),
    Metric(
        "ai.refused",
        "calls",
        "Fetches to the AI provider that the subrequest limit refused.",
        Operations(AI, None, REFUSED),
    ),
    _logs("written", "Log entries stored, wherever; a key that is put again counts once.", "written"),
    _logs(
        "readable", "Stored log entries that the admin's lists lead to, from where the admin is.", "readable"
    ),
    _logs("elsewhere", "Stored log entries that only lists in other data centres lead to.", "elsewhere"),
    _logs("orphaned", "Stored log entries that no list leads to.", "orphaned"),
    _logs("expired", "Log entries that have expired since.", "expired"),
    _logs("evicted", "Log entries that a cache gave up before they expired.", "evicted"),
    _logs("deleted", "Log entries that were deleted or purged.", "deleted"),
    _logs("never_stored", "Puts of log entries that stored nothing.", "never-stored", "puts"),
    _logs("calls_readable", "AI calls that the admin's lists show.", "calls-readable", "calls"),
    _logs("errors", "Failed calls that are kept in KV at the end.", "errors"),
    _logs("errors_debuggable", "Those of them with prompt, session, model and error.", "errors-debuggable"),
)
