"""All variants of a worker beside each other, each measured on the same scenario.

A plan alone, the largest day, the features, and the month with its cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

from edgeday import (
    KV_QUOTAS,
    AccountLimits,
    BadInput,
    Capacity,
    Loaded,
    Problem,
    Scenario,
    ScenarioResult,
    ScenarioWorker,
    Snapshot,
    YamlSource,
    account_limits,
    import_worker,
    measure_capacity,
    monthly_usd,
    replay_scenario,
)
from worker_port.profile import PROFILE
from worker_port.profile.traffic import Errors, PlanTraffic
from worker_port.study.features import FAILING_CALL, Share, TestbedMaker, features_of
from worker_port.study.testbed import Cost, Testbed

DAYS_OF_A_MONTH = 30
DOCUMENT_PLANS = 900
"""Plans of the month in the design document's cost table."""
_BILLED = (*(f"{quota.metric}.accepted" for quota in KV_QUOTAS), "requests.started")

Progress = Callable[[str], None]
"""Told what comes next."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of `plans` plans, in proportion to the scenario that was replayed.

    units: of each metric that is billed. failed: plans that fail; lost: those of them that a limit costs.
    refused: KV operations that the quota refused. over: classes of KV operations of which an average day asks
    for more than Free allows. exceeded: limits of Free that the replayed days exceed, in words. usd: on Paid.
    """

    plans: int
    units: Mapping[str, float]
    failed: float
    lost: float
    refused: float
    over: Sequence[str]
    exceeded: Sequence[str]
    usd: Fraction

    @property
    def fits_free(self) -> bool:
        """Whether Free is enough: no limit is exceeded, by the replayed days or by an average one."""
        return not (self.over or self.exceeded or self.refused)


@dataclass(frozen=True, slots=True)
class VariantMeasured:
    """One variant. plan: a plan whose calls all succeed; error_plan: one whose third call fails; both without
    a subrequest limit. day: the metrics of the scenario's replay."""

    variant: str
    plan: Cost
    error_plan: Cost
    capacity: Capacity
    day: Snapshot
    month: Month


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The variants on one scenario. calls: AI calls of its plans. limits: of its account on its first day."""

    scenario: str
    description: str
    account: str
    calls: int
    limits: AccountLimits
    variants: Sequence[VariantMeasured]


def compare(
    loaded: Loaded, *, month_plans: int | None = None, progress: Progress | None = None
) -> SideBySide:
    """Measure every variant of a scenario's worker on that scenario.

    month_plans: default: as many as 30 days of the scenario have. Raises BadInput for a worker without
    variants and a scenario without plans, ReplayFailed if the worker raises what it should not.
    """
    scenario = loaded.scenario
    plans = [traffic for traffic in scenario.traffic if isinstance(traffic, PlanTraffic)]
    variants = variants_of(loaded)
    if not plans:
        raise BadInput(loaded.source.problem((), "the scenario has no plans to compare the variants by"))
    calls = plans[0].ai_calls
    measured: list[VariantMeasured] = []
    for variant in variants:
        if progress is not None:
            progress(f"{scenario.name}: {variant}")
        worker = scenario.worker.model_copy(update={"variant": variant})
        own = loaded._replace(scenario=scenario.model_copy(update={"worker": worker}))
        day = replay_scenario(own)
        measured.append(
            VariantMeasured(
                variant,
                _testbed(loaded, variant).plan(calls=calls).cost,
                _testbed(loaded, variant).plan(calls=calls, fails=[FAILING_CALL]).cost,
                measure_capacity(own),
                day.metrics,
                _month(scenario, day, month_plans),
            )
        )
    limits = account_limits(scenario.account, scenario.start.date())
    return SideBySide(scenario.name, scenario.description, scenario.account, calls, limits, measured)


def features_side_by_side(loaded: Loaded) -> dict[str, dict[str, Share]]:
    """The features of every variant of a scenario's worker: variant -> feature -> what was found."""

    def maker(variant: str) -> TestbedMaker:
        return lambda mode: Testbed(loaded.worker, variant, subrequests=mode)

    return {variant: features_of(maker(variant)) for variant in variants_of(loaded)}


def variants_of(loaded: Loaded) -> Sequence[str]:
    """The variants that a scenario's worker says it has. Raises BadInput if it says nothing of any."""
    variants: tuple[str, ...] = getattr(loaded.worker, "variants", ())
    if not variants:
        what = f'the worker "{loaded.scenario.entry}" has no variants to compare'
        raise BadInput(Problem(str(loaded.path), what, "its class would name them in `variants`"))
    return variants


def document_days(entry: str = PROFILE.entry) -> list[Loaded]:
    """What is compared where no scenario is named: 20 plans on Free, one of them stopped by a failed call;
    with nine calls a plan, as the design document counts, and with seven, as the code makes."""
    return [_document_day(entry, 9, "nine"), _document_day(entry, 7, "seven")]


def _document_day(entry: str, calls: int, word: str) -> Loaded:
    scenario = Scenario(
        name=f"{word}-calls",
        description=f"20 plans of {word} calls, one of them stopped by a failed call (5 %)",
        start=datetime(2026, 2, 16, tzinfo=UTC),
        worker=ScenarioWorker(entry=entry),
        traffic=[PlanTraffic(plans=(20,), ai_calls=calls, errors=Errors(plans=1))],  # type: ignore[arg-type]
    )
    name = Path(f"({word} calls)")
    return Loaded(name, scenario, import_worker(entry), YamlSource(str(name), []))


def _testbed(loaded: Loaded, variant: str) -> Testbed:
    scenario = loaded.scenario
    return Testbed(loaded.worker, variant, account=scenario.account, vars=scenario.worker.vars)


def _month(scenario: Scenario, run: ScenarioResult, plans: int | None) -> Month:
    """The replayed days stretched to a month; limits are those of a Free account."""
    day = run.metrics
    if plans is None:
        factor = Fraction(DAYS_OF_A_MONTH, scenario.days)
    else:
        factor = Fraction(plans) / max(int(day.values["plans.started"]), 1)
    on: date = scenario.start.date()
    units = {name: float(factor * Fraction(day.values[name])) for name in _BILLED}
    free = account_limits("free", on)
    over = [
        quota.name
        for quota in KV_QUOTAS
        if factor * int(day.values[f"{quota.metric}.asked"])
        > DAYS_OF_A_MONTH * (getattr(free, quota.limit) or 0)
    ]
    exceeded = [one.text.partition(":")[0] for one in run.exceeded] if scenario.account == "free" else []
    lost = sum(one.requests for one in run.findings if one.of_account)
    return Month(
        int(factor * int(day.values["plans.started"])),
        units,
        failed=float(factor * Fraction(day.values["plans.failed"])),
        lost=float(factor * lost),
        refused=float(factor * Fraction(day.values["kv.refused"])),
        over=over,
        exceeded=exceeded,
        usd=monthly_usd(units, on),
    )
