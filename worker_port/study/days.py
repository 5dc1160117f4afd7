"""A day of the design document three times: what its text says, its model replayed, and the code replayed.

One scenario file is all three: what the text says are its `claims`; the file itself is the document's model;
and the same plans as the code makes them, under every limit of the account, are derived from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from edgeday import (
    Account,
    BadInput,
    Loaded,
    Mode,
    ScenarioResult,
    Switches,
    account_limits,
    epoch_seconds,
    replay_scenario,
    utc,
)
from worker_port.profile.traffic import Errors, PlanTraffic
from worker_port.study.testbed import START, USEFUL, USELESS, Answered, Testbed

FIRST_VARIANT = "hybrid"
"""The form of the worker where a scenario names none."""
CODE_CALLS = 7
"""AI calls of a plan, as the code makes them."""


class Corrected(NamedTuple):
    """A plan of the code's calls whose first answer is of no use, so that all calls are made again.

    subrequests: that it needs. limit: of one request. status: that it answers under this limit.
    """

    subrequests: int
    limit: int
    status: int


class ThreeTimes(NamedTuple):
    """A day. says: metric -> the number that the document's text has of it. counted_calls: AI calls of all
    plans, as the document counts them. error_plans: those it says have errors. model, code: the two runs.
    corrected: what neither has, a plan that is corrected once."""

    says: Mapping[str, float]
    counted_calls: int
    error_plans: int
    model: ScenarioResult
    code: ScenarioResult
    corrected: Corrected


def replay_both(loaded: Loaded) -> ThreeTimes:
    """Replay a scenario as it stands and as the code makes it.

    Raises BadInput for a scenario that is not of plans only, ReplayFailed if the worker raises what it should
    not.
    """
    scenario = loaded.scenario
    plans = [part for part in scenario.traffic if isinstance(part, PlanTraffic)]
    if not plans or len(plans) != len(scenario.traffic):
        what = "a day of the document has plans and nothing else"
        raise BadInput(loaded.source.problem(("traffic",) if scenario.traffic else (), what))
    starts_at = scenario.start.timestamp()
    return ThreeTimes(
        {claim.metric: claim.value for claim in scenario.claims},
        sum(part.ai_calls * part.count(scenario.days, starts_at) for part in plans),
        sum((part.errors.plans or 0) * scenario.days for part in plans if part.errors),
        replay_scenario(loaded),
        replay_scenario(as_the_code_makes_it(loaded)),
        correct_once(loaded.worker, scenario.worker.variant or FIRST_VARIANT, scenario.account),
    )


def correct_once(worker: type, variant: str, account: Account) -> Corrected:
    """Make a plan that has to be corrected once, without the limit of subrequests and under it."""

    def plan(mode: Mode) -> Answered:
        testbed = Testbed(worker, variant, account=account, subrequests=mode)
        testbed.script = lambda attempt: USELESS if attempt == 1 else USEFUL
        return testbed.plan()

    limit = account_limits(account, utc(epoch_seconds(START)).date()).external_subrequests
    return Corrected(plan("observe").cost.external, limit, plan("enforce").status)


def as_the_code_makes_it(loaded: Loaded) -> Loaded:
    """The same plans with seven AI calls, in which the first that fails ends the plan; all limits enforced.

    The document's claims are left out: they are about its own model.
    """
    scenario = loaded.scenario
    traffic = [
        part.model_copy(update={"ai_calls": CODE_CALLS, "errors": _as_the_code_has(part.errors)})
        if isinstance(part, PlanTraffic)
        else part
        for part in scenario.traffic
    ]
    update = {"traffic": traffic, "limits": Switches(), "claims": []}
    return loaded._replace(scenario=scenario.model_copy(update=update))


def _as_the_code_has(errors: Errors | None) -> Errors | None:
    if errors is None:
        return None
    return errors.model_copy(update={"request_errors": 0, "response_errors": 1, "then": "abort"})
