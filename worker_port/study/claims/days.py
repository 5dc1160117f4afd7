"""Claims about the document's three days: KV writes, cache operations, and that all is well within limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from worker_port.study.claims.measurements import DOCUMENT, Measurements
from worker_port.study.claims.model import (
    Consequence,
    DocumentClaim,
    InScenario,
    Outcome,
    claim,
    judged,
)
from worker_port.study.claims.plans_per_day import FREE, WRITES_A_DAY
from worker_port.study.days import correct_once


class Day(NamedTuple):
    """One of the document's days. scenario: its name. writes, cache_operations: as the document has them."""

    scenario: str
    section: str
    plans: int
    error_plans: int
    writes: int
    cache_operations: int


NORMAL = Day("normal-day", "Scenario 1: Normal Day", 50, 2, 6, 450)
HIGH_LOAD = Day("high-load-day", "Scenario 2: High Load Day", 200, 10, 30, 1_800)
SYSTEM_ISSUES = Day("system-issues-day", "Scenario 3: System Issues", 100, 10, 30, 900)
DAYS = (NORMAL, HIGH_LOAD, SYSTEM_ISSUES)


def shown_by(day: Day) -> str:
    """The command that shows a day as the document counts it and as code and platform have it."""
    return f"edgeday days scenarios/{day.scenario}.yaml"


def _writes(
    number: int, says: str, day: Day, line: int, shows: tuple[str, ...]
) -> Callable[[Callable[[Measurements], Outcome]], DocumentClaim]:
    return claim(
        number,
        says,
        day.section,
        lines=(line,),
        consequence=Consequence.PESSIMISTIC,
        shown_by=shown_by(day),
        shows=shows,
        in_scenarios=(InScenario(day.scenario, "kv.writes.accepted", day.writes, "in_the_model"),),
    )


def _writes_of(measurements: Measurements, day: Day) -> Outcome:
    model = measurements.model_day(day.plans, day.error_plans).values["kv.writes.accepted"]
    real = measurements.real_day(day.plans, day.error_plans).values["kv.writes.accepted"]
    return Outcome(
        judged(real == day.writes, in_the_model=model == day.writes),
        f"{real} KV writes by the code ({100 * real / WRITES_A_DAY:g} % of the day's), {model} in the model",
        "every error plan writes 3 times (claim 14)",
        {"by_the_code": real, "in_the_model": model},
    )


@_writes(27, "50 plans, 2 errors x 3 = 6 KV writes", NORMAL, 207, ("2", "6"))
def normal_day(measurements: Measurements) -> Outcome:
    return _writes_of(measurements, NORMAL)


@_writes(28, "200 plans, 10 errors x 3 = 30 KV writes", HIGH_LOAD, 217, ("10", "30"))
def high_load_day(measurements: Measurements) -> Outcome:
    return _writes_of(measurements, HIGH_LOAD)


@_writes(29, "100 plans, 10 errors x 3 = 30 KV writes", SYSTEM_ISSUES, 227, ("10", "30"))
def system_issues_day(measurements: Measurements) -> Outcome:
    return _writes_of(measurements, SYSTEM_ISSUES)


def _cached(
    number: int, says: str, day: Day, line: int, shows: tuple[str, ...]
) -> Callable[[Callable[[Measurements], Outcome]], DocumentClaim]:
    return claim(
        number,
        says,
        day.section,
        lines=(line,),
        consequence=Consequence.OPTIMISTIC,
        shown_by=shown_by(day),
        shows=shows,
        in_scenarios=(InScenario(day.scenario, "cache.operations", day.cache_operations, "in_the_model"),),
    )


def _cached_by(measurements: Measurements, day: Day) -> Outcome:
    model = measurements.model_day(day.plans, day.error_plans).values["cache.operations"]
    real = measurements.real_day(day.plans, day.error_plans).values["cache.operations"]
    nine, seven = measurements.cost(DOCUMENT, 9).cached, measurements.cost(DOCUMENT, 7).cached
    return Outcome(
        judged(real == day.cache_operations, in_the_model=model == day.cache_operations),
        f"{model:,} in the model and {real:,} by the code: {nine} for a plan of 9 calls and {seven} for one "
        "of 7, not one for each call",
        values={"by_the_code": real, "in_the_model": model},
    )


@_cached(54, "50 plans x 9 = 450 cache operations", NORMAL, 208, ("2,300", "1,800"))
def normal_day_cached(measurements: Measurements) -> Outcome:
    return _cached_by(measurements, NORMAL)


@_cached(55, "200 plans x 9 = 1,800 cache operations", HIGH_LOAD, 218, ("9,200", "7,025"))
def high_load_day_cached(measurements: Measurements) -> Outcome:
    return _cached_by(measurements, HIGH_LOAD)


@_cached(56, "100 plans x 9 = 900 cache operations", SYSTEM_ISSUES, 228, ("4,600", "3,465"))
def system_issues_day_cached(measurements: Measurements) -> Outcome:
    return _cached_by(measurements, SYSTEM_ISSUES)


_OVER = "subrequests.invocations_over_limit"


@claim(
    57,
    "Each of the three days is well within limits",
    "Real-World Scenarios",
    lines=(209, 219, 229),
    consequence=Consequence.BREAKS,
    shown_by=shown_by(NORMAL),
    shows=("50", "55"),
    in_scenarios=tuple(InScenario(day.scenario, _OVER, 0, day.scenario) for day in DAYS),
)
def within_limits(measurements: Measurements) -> Outcome:
    over = {day.scenario: measurements.model_day(day.plans, day.error_plans).values[_OVER] for day in DAYS}
    limit, needed = FREE.external_subrequests, measurements.cost(DOCUMENT, 9).external
    lost = ", ".join(f"{over[day.scenario]} of {day.plans}" for day in DAYS)
    return Outcome(
        judged(not any(over.values())),
        f"with the document's 9 calls {lost} plans are over the limit of subrequests, which it does not "
        f"mention: {needed} for a plan, and a request has {limit}. With the code's 7 calls none is",
        values={**over, "needed": needed, "limit": limit},
    )


@claim(
    58,
    "Production ready, nothing negative, deploy immediately",
    "throughout",
    lines=(4, 374, 442, 464, 465),
    consequence=Consequence.BREAKS,
    shown_by="edgeday replay scenarios/subrequest-limit-day.yaml",
    shows=("50",),
    in_scenarios=(
        InScenario("subrequest-limit-day", "plans.completed", 48, "completed"),
        InScenario("incident-week", "plans.completed", 133, "completed_in_a_week"),
    ),
)
def production_ready(measurements: Measurements) -> Outcome:
    day, week = measurements.enforced_day(), measurements.incident_week()
    completed, started = day.values["plans.completed"], day.values["plans.started"]
    in_a_week, of_a_week = week.values["plans.completed"], week.values["plans.started"]
    corrected = correct_once(measurements.worker, DOCUMENT, "free")
    return Outcome(
        judged(completed == 48 and in_a_week == 133 and corrected.status == 200),
        f"with the limit of subrequests enforced {completed} of {started} plans of 9 calls are completed on "
        f"the normal day, and {in_a_week} of {of_a_week} in a week with repeated AI calls; 48 and 133 of "
        f"them have no error of their own. One of 7 calls that is corrected once, from its first step on, "
        f"needs {corrected.subrequests} subrequests of {corrected.limit} and answers {corrected.status}",
        values={
            "completed": completed,
            "completed_in_a_week": in_a_week,
            "lost": started - completed,
            "corrected": corrected.subrequests,
            "corrected_status": corrected.status,
        },
    )


CLAIMS: tuple[DocumentClaim, ...] = (
    normal_day, high_load_day, system_issues_day, normal_day_cached, high_load_day_cached,
    system_issues_day_cached, within_limits, production_ready,
)  # fmt: skip
