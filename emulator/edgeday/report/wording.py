"""Sentences that several reports share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from edgeday.clock import DAY_S, utc
from edgeday.measure.baseline_changes import BaselineChanges, Change
from edgeday.measure.budgets import BudgetResult, Spender
from edgeday.measure.metrics import Number
from edgeday.measure.results import ProbeCheck, ScenarioResult
from edgeday.measure.runtime_versions import runtime_text


def number(value: Number | None) -> str:
    """A measured value for a reader: 1,400; 0.6; or a dash where there is no data."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")


def instant(at: float) -> str:
    """Text such as 2026-02-16 19:42:11 UTC."""
    return utc(at).strftime("%Y-%m-%d %H:%M:%S UTC")


def about(seconds: float) -> str:
    """A length of time in round words: 45 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f}".removesuffix(".0") + " h"


def plural(count: int, noun: str) -> str:
    """1 scenario; 2 scenarios."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def problem_lines(result: ScenarioResult) -> list[str]:
    """What is wrong with a run besides its budgets, a line each: what the worker did that ended it, why the
    run is void, or which finding failed it; nothing otherwise."""
    if not result.problem:
        return []
    first, *rest = result.problem.splitlines()
    if result.verdict != "error":
        return [first, *rest]
    ended = f"the run ended there, at {instant(result.ended_at)}: what follows is a part of the day"
    return [f"the worker misbehaved: {first}", *map(str.strip, rest), ended]


def does_not_fit(result: ScenarioResult) -> str:
    """That a run does not fit its account; "" if it does."""
    return f"Does not fit the {result.account.capitalize()} account" if result.exceeded else ""


def kept(results: Sequence[ScenarioResult]) -> str:
    """How many budgets of all scenarios were kept."""
    rows = [row for result in results for row in result.budgets]
    if not rows:
        return "no budgets were set"
    return f"{sum(row.ok for row in rows):,} of {plural(len(rows), 'budget')} kept"


def length_of(result: ScenarioResult) -> str:
    """How long a run was: 1 day, 7.1 days."""
    days = round((result.ended_at - result.started_at) / DAY_S, 1)
    return "1 day" if days <= 1 else f"{days:g} days"


def setting(result: ScenarioResult) -> str:
    """Account, variant, length, start and seed of a run, and what its worker ran on."""
    parts = [
        f"{result.account.capitalize()} account",
        f"variant {result.variant}" if result.variant else "",
        f"{length_of(result)} from {instant(result.started_at)}",
        f"seed {result.seed}",
        sessions(result),
        runtime_text(result.runtime),
    ]
    return " · ".join(part for part in parts if part)


def sessions(result: ScenarioResult) -> str:
    """What became of the sessions of a run, "156 of 200 sessions completed, 44 left"; "" where there are
    none."""
    values = result.metrics.values
    started = int(values["sessions.started"])
    completed = f"{number(values['sessions.completed'])} of {plural(started, 'session')}"
    return f"{completed} {ends_of_sessions(values)}" if started else ""


def ends_of_sessions(values: Mapping[str, Number]) -> str:
    """How sessions ended: completed, 44 left, 3 failed."""
    others = [f"{number(values[f'sessions.{end}'])} {end}" for end in ("left", "failed")]
    return ", ".join(["completed", *(text for text in others if not text.startswith("0 "))])


def why_not_kept(row: BudgetResult) -> list[str]:
    """What there is to say about a budget that was not kept, a line each; nothing for one that was."""
    if row.ok:
        return []
    if row.verdict == "no data":
        return ["no data: nothing was measured (write `or no data` after the budget to allow that)"]
    limit = "" if row.limit is None else f", account limit {number(row.limit)}"
    margin = "" if row.margin is None else f", margin {number(row.margin)}"
    lines = [f"measured {number(row.measured)}, allowed {row.allowed}{margin}{limit}"]
    if row.first is not None:
        where = " ".join(
            part
            for part in (row.first.key, f"in {row.first.route}" if row.first.route else "")
            if part
        )  # fmt: skip
        lines.append(f"first broken at {instant(row.first.at)}: {row.first.what} {where}".rstrip())
    if row.spent_by and row.metric.startswith(_NOTHING_SPENT):
        counts = [f"{one.route or one.family} {number(one.amount)}" for one in row.spent_by]
        if any(one.route for one in row.spent_by):
            lines.append(f"by route: {', '.join(counts)}")
    elif row.spent_by:
        lines.append(f"spent by {_spenders(row.spent_by)}")
    return lines


_NOTHING_SPENT = ("expectations.", "sessions.")
"""How metrics begin that count what nobody spends."""


def _spenders(spent_by: Sequence[Spender]) -> str:
    """Key families with what they spent; a route that all of them share is named once."""
    routes = {spent.route for spent in spent_by}
    shared = routes.pop() if len(routes) == 1 else None
    parts = []
    for spent in spent_by:
        route = f" in {spent.route}" if spent.route and shared is None else ""
        parts.append(f"{spent.family or 'requests'}{route} {number(spent.amount)}")
    return ", ".join(parts) + (f" (all in {shared})" if shared else "")


def why_not_found(check: ProbeCheck) -> str:
    """What a probe expected and what its answer had."""
    actual = "nothing of that name" if check.absent else json.dumps(check.found, ensure_ascii=False)
    return f"{check.what}: expected {json.dumps(check.expected, ensure_ascii=False)}, found {actual}"


def compared(comparison: BaselineChanges) -> str:
    """One sentence about a comparison, without its full stop."""
    if not comparison.known:
        return f"{comparison.baseline} does not have this scenario"
    differ = len(comparison.changes)
    if not differ:
        within = f", {len(comparison.tolerated)} within the tolerance" if comparison.tolerated else ""
        return f"No metric has changed against {comparison.baseline}{within}"
    return f"{plural(differ, 'metric')} of {comparison.compared} changed against {comparison.baseline}"


def difference(change: Change) -> str:
    """How much a metric has changed: +3 (+50 %); or a dash where that cannot be said."""
    if change.difference is None:
        return "-"
    sign = "+" if change.difference > 0 else ""
    percent = "" if change.percent is None else f" ({sign}{number(change.percent)} %)"
    return f"{sign}{number(change.difference)}{percent}"
