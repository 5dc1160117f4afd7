"""From events to a result: what watches a run, and the verdict on what it saw.

A replay and a journal of it feed the same `Judge`, so both give the same result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlsplit

from edgeday.clock import DAY_S
from edgeday.events import EventStream
from edgeday.limits import AccountLimits
from edgeday.measure.account_fit import AccountFit, limits_off
from edgeday.measure.budget_check import BudgetCheck
from edgeday.measure.budgets import Budget, budget_of
from edgeday.measure.counter import Counter
from edgeday.measure.findings import rules_of
from edgeday.measure.findings.rule import Conditions
from edgeday.measure.metrics import EXPECTATIONS_FAILED, Scope, Snapshot
from edgeday.measure.quota_days import QuotaDays
from edgeday.measure.requests_by_route import RequestsByRoute
from edgeday.measure.results import ClaimResult, ProbeResult, RunVerdict, ScenarioResult
from edgeday.measure.verdict import WhatRan, judged
from edgeday.scenario.model import Claim, Scenario
from edgeday.scenario.production import assumptions_of
from edgeday.scenario.profile import NO_PROFILE


@dataclass(frozen=True, slots=True)
class RunStart:
    """What is known of a run before its first event. limits: those in force on its first day. runtime: what
    its worker runs on; see `ScenarioResult`."""

    scenario: Scenario
    seed: int
    limits: AccountLimits
    runtime: Mapping[str, str] = field(default_factory=dict)

    @property
    def starts_at(self) -> float:
        """Epoch seconds."""
        return self.scenario.start.timestamp()

    @property
    def planned_end_at(self) -> float:
        """Epoch seconds at which the last day of the traffic is over."""
        return self.starts_at + self.scenario.days * DAY_S


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended. ended_at: the last virtual instant, epoch seconds. probes: those that were made.
    misbehaved: what the worker did that ended it before its end, or ""."""

    ended_at: float
    interrupted: bool
    probes: Sequence[ProbeResult] = ()
    misbehaved: str = ""


class Observer(Protocol):
    """Something that watches a run, told when it begins and when it is over."""

    def begin(self, start: RunStart, events: EventStream) -> None:
        """Subscribe to what is to be watched."""
        ...

    def end(self, end: RunEnd) -> None:
        """No event of this run comes after this."""
        ...


class Judge:
    """The observer that counts metrics and judges the run by its budgets."""

    def __init__(self) -> None:
        self.result: ScenarioResult | None = None

    def begin(self, start: RunStart, events: EventStream) -> None:
        self._start = start
        scenario = start.scenario
        profile = scenario.profile
        metrics = profile.metrics_by_name
        scope = Scope(start.limits, profile.hosts, scenario.bindings, scenario.crons)
        self._counter = Counter(events, scope, metrics)
        self._routes = RequestsByRoute(events)
        audited = scenario.platform is not None and scenario.platform.audit
        conditions = Conditions(
            start.limits,
            scenario.limits,
            profile.noun,
            audited,
            scenario.crons,
            _routes_of_probes(scenario),
            scenario.bindings,
            start.starts_at,
            scenario.days,
            tuple(scenario.worker.stubs),
        )
        self._conditions = conditions
        self._ran = WhatRan(events, profile.noun, has_crons=bool(scenario.crons))
        days, stored = QuotaDays(events, start.limits), self._counter.stored
        self._fit = AccountFit(events, conditions, days, stored)
        self._rules = rules_of(events, conditions, profile.rules, days, stored, self._routes)
        budgets = [budget_of(key, text, metrics) for key, _, text in scenario.budget_rows]
        self._budgets = BudgetCheck(events, scope, [*budgets, *_default_budgets(scenario, budgets)], stored)

    def end(self, end: RunEnd) -> None:
        start, scenario = self._start, self._start.scenario
        profile = scenario.profile
        snapshot = self._counter.snapshot()
        budgets = self._budgets.results()
        routes, off = self._routes.rows(), limits_off(self._conditions)
        stopped: RunVerdict | None = "error" if end.misbehaved else "partial" if end.interrupted else None
        untested = "" if stopped else self._ran.why_untested(snapshot, routes, budgets, end.probes)
        result = ScenarioResult(
            name=scenario.name,
            description=scenario.description,
            account=scenario.account,
            variant=scenario.worker.variant or "",
            started_at=start.starts_at,
            ended_at=end.ended_at if stopped else max(end.ended_at, start.planned_end_at),
            seed=start.seed,
            verdict=stopped or "pass",
            problem=end.misbehaved,
            metrics=snapshot,
            budgets=budgets,
            claims=[_check(claim, snapshot) for claim in scenario.claims],
            findings=[finding for rule in self._rules for finding in rule.findings(snapshot)],
            noun=profile.noun,
            usage=profile.usage or NO_PROFILE.usage,
            probes=end.probes,
            assumptions=[
                *assumptions_of(scenario.platform, scenario.limits.cut_off),
                *(f"{limit}: the switch is off, so that no limit was looked at" for limit in off),
            ],
            exceeded=self._fit.exceeded(snapshot),
            limits_off=off,
            untested=untested,
            fatal=next((rule.problem for rule in self._rules if rule.problem), ""),
            fail_on=scenario.fail_on,
            requests=routes,
            runtime=start.runtime,
        )
        self.result = judged(result)


def _routes_of_probes(scenario: Scenario) -> frozenset[str]:
    """Method and path of each probe."""
    requests = [probe.asks(scenario.profile.origin, scenario.worker.vars) for probe in scenario.probes]
    return frozenset(f"{request.method} {urlsplit(request.url).path}" for request in requests)


def _default_budgets(scenario: Scenario, budgets: Sequence[Budget]) -> list[Budget]:
    """The budgets that are in force although nobody wrote them: where the traffic expects something of its
    answers and no budget says how many may differ, none may."""
    said = any(budget.selector.metric.name == EXPECTATIONS_FAILED for budget in budgets)
    if said or not any(part.expects for part in scenario.traffic):
        return []
    return [replace(budget_of(EXPECTATIONS_FAILED, "== 0"), by_default=True)]


def _check(claim: Claim, snapshot: Snapshot) -> ClaimResult:
    claimed = int(claim.value) if claim.value == int(claim.value) else claim.value
    return ClaimResult(claim.says, claim.where, claim.metric, claimed, snapshot.values.get(claim.metric))
