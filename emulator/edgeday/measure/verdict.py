"""The verdict on a run: that it passed, failed, or tested nothing.

A run is void, and not passed, where it says nothing about the worker: no request reached it, all failed,
nearly all were answered 404 or 405, or nothing was asked of the run. Nothing but events, metrics and what the
scenario asks is read, so that a journal of a run gives the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from edgeday.events import EventStream, ExpectationChecked, InvocationEnded
from edgeday.measure.budgets import BudgetResult, Label, parse_budget
from edgeday.measure.metrics import Snapshot
from edgeday.measure.noun import Noun
from edgeday.measure.requests_by_route import NEARLY_ALL, NOT_THERE
from edgeday.measure.results import Finding, ProbeResult, RouteRow, RunVerdict, ScenarioResult

NOTHING_ASKED = "nothing was asked: the scenario has no budgets, probes or expectations"
"""What is said of a run that could not fail."""
NOTHING_CHECKED = "nothing was asked: no request came of which the scenario expects something"
"""What is said of one whose expectations, all that it asks, were never looked at."""
_CAUSE_CHARS = 160
_STATUS = re.compile(r'\bstatus\s*=\s*"?([^,"}]+)')


class WhatRan:
    """Follows what it takes to say whether a run tests its worker, from its first event on."""

    def __init__(self, events: EventStream, noun: Noun, *, has_crons: bool) -> None:
        self._noun = noun
        self._has_crons = has_crons
        self._as_expected: Counter[str] = Counter()
        self._first_failed: InvocationEnded | None = None
        events.subscribe(ExpectationChecked, self._checked)
        events.subscribe(InvocationEnded, self._ended)

    def _checked(self, event: ExpectationChecked) -> None:
        if not event.unmet:
            self._as_expected[event.route] += 1

    def _ended(self, event: InvocationEnded) -> None:
        if self._first_failed is None and (event.outcome != "ok" or event.status >= 500):
            self._first_failed = event

    def why_untested(
        self,
        snapshot: Snapshot,
        routes: Sequence[RouteRow],
        budgets: Sequence[BudgetResult],
        probes: Sequence[ProbeResult],
    ) -> str:
        """Why the run tests nothing of its worker, in words; "" if it does.

        A budget or an expectation that such an answer keeps is an explicit word that it is wanted.
        """
        started, failed = snapshot.values["requests.started"], snapshot.values["requests.failed"]
        if not started:
            return self._nothing_reached(snapshot, routes, budgets)
        if _on_failures(budgets, self._noun):
            failed = 0
        elif failed >= started:
            return f"all {started:,} requests failed{self._cause()}"
        missed = self._missed(routes, budgets, probes)
        count = missed.total()
        if not count or (count < NEARLY_ALL * started and failed + count < started):
            return ""
        statuses = " or ".join(map(str, sorted(missed)))
        text = f"{count:,} of {started:,} requests were answered {statuses}"
        return f"{text}, and {failed:,} failed{self._cause()}" if failed else text

    def _nothing_reached(
        self, snapshot: Snapshot, routes: Sequence[RouteRow], budgets: Sequence[BudgetResult]
    ) -> str:
        """Where other code spent the account's quotas, a budget can be on that without any request."""
        turned_away = sum(row.refused for row in routes)
        if turned_away:
            return (
                f"no request reached the worker: all {turned_away:,} were turned away, as the requests of "
                "the day were spent"
            )
        wanted = any(
            row.ok and row.metric in {"requests.started", self._noun.started} and _is_zero(row.budget)
            for row in budgets
        )
        if wanted or any(snapshot.asked_on.values()):
            return ""
        due = ", and no cron came due" if self._has_crons else ""
        return f"no request reached the worker{due}; more `days` or another `start` may show it"

    def _missed(
        self, routes: Sequence[RouteRow], budgets: Sequence[BudgetResult], probes: Sequence[ProbeResult]
    ) -> Counter[int]:
        """How many requests were answered 404 or 405 that nobody expected to be."""
        missed: Counter[int] = Counter()
        for row in routes:
            expected = self._as_expected[row.route]
            for status in NOT_THERE:
                count = row.by_status.get(status, 0)
                missed[status] += max(count - expected, 0)
                expected = max(expected - count, 0)
        for probe in probes:
            for check in probe.checks:
                if check.what == "status" and check.ok and check.found in NOT_THERE:
                    missed[int(check.found or 0)] -= 1
        for status in NOT_THERE:
            if _on_status(budgets, status):
                missed[status] = 0
        return +missed

    def _cause(self) -> str:
        """Of the first failure, to follow what failed."""
        event = self._first_failed
        if event is None:
            return ""
        error = event.error.partition("\n")[0]
        if not error:
            return f": the first was answered {event.status}" if event.status else ""
        if len(error) > _CAUSE_CHARS:
            error = f"{error[:_CAUSE_CHARS]}..."
        return f": {error} ({event.place})" if event.place else f": {error}"


def judged(result: ScenarioResult) -> ScenarioResult:
    """The result with its verdict, and with what is wrong besides its budgets, by all else that it has.

    A limit of the account that was exceeded fails it where a finding would, also one that no finding tells.
    A run that was interrupted, or that a misbehaving worker ended, stays that.
    """
    if result.verdict in {"partial", "error"}:
        return result
    problems = [text for text in (result.fatal, result.untested) if text]
    grave = grave_findings(result) if result.fail_on == "finding" else []
    if grave:
        problems.append(_named(grave))
    elif result.fail_on == "finding" and not result.fits:
        problems.append(f"it does not fit its account (fail_on: finding): {result.exceeded[0].text}")
    budgets = _that_ask(result)
    asked = budgets or result.probes or result.fail_on or result.comparison is not None
    if not asked and not problems:
        problems.append(NOTHING_CHECKED if result.budgets else NOTHING_ASKED)
    verdict: RunVerdict = "void" if result.untested or not asked else "pass"
    kept = all(row.ok for row in result.budgets) and all(probe.ok for probe in result.probes)
    same = result.comparison is None or result.comparison.ok
    misfit = result.fail_on == "finding" and not result.fits
    if result.fatal or grave or misfit or not kept or not same:
        verdict = "fail"
    return replace(result, verdict=verdict, problem="\n".join(problems))


def _that_ask(result: ScenarioResult) -> list[BudgetResult]:
    """The budgets that can be broken: that expectations are met asks nothing where none was checked."""
    if result.metrics.values.get("expectations.checked"):
        return list(result.budgets)
    return [row for row in result.budgets if row.metric.partition("{")[0] != "expectations.failed"]


def grave_findings(result: ScenarioResult) -> list[Finding]:
    """The findings that are no notes: losses and risks."""
    return [finding for finding in result.findings if finding.weight != "note"]


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that can stand in a headline: losses before risks, those with most lost requests first."""
    order = {"loss": 0, "risk": 1, "note": 2}
    told = [finding for finding in findings if finding.headline]
    return sorted(told, key=lambda finding: (order[finding.weight], -finding.requests))


def _named(grave: Sequence[Finding]) -> str:
    worst = next(iter(worst_first(grave)), grave[0])
    more = f", and {len(grave) - 1:,} more" if len(grave) > 1 else ""
    return f"a finding (fail_on: finding): {worst.headline or worst.text}{more}"


def _on_failures(budgets: Sequence[BudgetResult], noun: Noun) -> bool:
    """Whether a budget with data is on how many requests fail, or are answered with a failure."""
    names = {"requests.failed", noun.failed, noun.completed}
    on_them = any(
        row.metric.partition("{")[0] in names and row.measured is not None for row in budgets
    )  # fmt: skip
    return on_them or any(_on_status(budgets, status) for status in (500, 502, 503, 504))


def _on_status(budgets: Sequence[BudgetResult], status: int) -> bool:
    """Whether a budget that is kept is on answers with a status, and there were some."""
    rows = (row for row in budgets if row.ok and row.measured)
    return any(_selects(row.metric, status) for row in rows)


def _selects(metric: str, status: int) -> bool:
    name, _, labels = metric.partition("{")
    match = _STATUS.search(labels)
    if name != "requests.status" or match is None:
        return False
    return Label(match[1].strip().replace("x", "*").replace("**", "*")).matches(str(status))


def _is_zero(budget: str) -> bool:
    """Whether a budget allows 0 and not 1."""
    expression = parse_budget(budget)
    return not expression.of_limit and expression.allows(0, None) and not expression.allows(1, None)
