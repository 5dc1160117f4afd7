"""Claims about how many KV operations errors cost."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from worker_port.study.claims.measurements import DOCUMENT, Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, InScenario, Outcome, claim, judged
from worker_port.study.claims.plan_costs import reads_and_writes
from worker_port.study.claims.plans_per_day import (
    CLAIMED_OPS,
    ERROR_RATE,
    WRITES_A_DAY,
    writes_in_the_model,
    writes_of_an_error_plan,
)
from worker_port.study.testbed import USEFUL, USELESS, Answered, Reply

_MONTH_PLANS = 900
_NO_JSON = "I am sorry, I cannot do that."


def stopped_writes(measurements: Measurements) -> list[int]:
    """KV writes of plans stopped at each call that stops one (1 to 6)."""
    return [measurements.cost(DOCUMENT, 7, (call,)).writes for call in range(1, 7)]


def failed_summary(measurements: Measurements) -> Answered:
    """A plan whose last call fails: it succeeds all the same."""
    return measurements.plan(DOCUMENT, 7, (7,))


def worst_plan(measurements: Measurements) -> Answered:
    """The plan with the most failed calls: summary, four corrections, the fallback's plan."""
    testbed = measurements.testbed()

    def script(attempt: int) -> Reply:
        if attempt in {7, 8, 9, 10, 11, 12}:  # the summary, then the first call of each correction, fallback
            return 400
        return USELESS if attempt == 1 else USEFUL

    testbed.script = script
    return testbed.plan()


def unparsable_plan(measurements: Measurements) -> Answered:
    """A plan whose third answer is no JSON."""
    testbed = measurements.testbed()
    testbed.script = lambda attempt: _NO_JSON if attempt == 3 else USEFUL
    return testbed.plan()


def _span(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


@claim(
    9,
    "About 2-4 KV operations per plan at most",
    "diagram; tables",
    lines=(42, 96),
    consequence=Consequence.OPTIMISTIC,
)
def operations_at_most(measurements: Measurements) -> Outcome:
    writes = {
        "succeeds": measurements.cost().writes,
        "stopped by a failed call": max(stopped_writes(measurements)),
        "stopped by an answer that cannot be parsed": unparsable_plan(measurements).cost.writes,
        "everything fails that can": worst_plan(measurements).cost.writes,
    }
    reads = measurements.cost().reads
    return Outcome(
        judged(2 <= max(writes.values()) <= 4),
        f"writes of a plan that {'; '.join(f'{name}: {count}' for name, count in writes.items())}. {reads} "
        "reads",
        values=dict(writes),
    )


@claim(
    12,
    "If a request has an error it is also logged to KV (0-2 operations)",
    "2. Requests",
    lines=(65, 66, 182),
    consequence=Consequence.OPTIMISTIC,
)
def request_errors(measurements: Measurements) -> Outcome:
    keys = {
        seen.key
        for call in range(1, 8)
        for seen in measurements.cost(DOCUMENT, 7, (call,)).operations
        if seen.service == "kv"
    }
    request_halves = [key for key in keys if not key.endswith("_response")]
    set_by_hand = measurements.model_plan(1, 0).writes
    return Outcome(
        judged(bool(request_halves)),
        f"of {len(keys)} error entries of failing plans {len(request_halves)} are of a request: no caller "
        f"sets a request's error. Set by hand it costs {set_by_hand} write",
        values={"of_requests": len(request_halves), "set_by_hand": set_by_hand},
    )


@claim(
    13,
    "A response error is 2 KV operations",
    "Detailed Analysis",
    lines=(183,),
    consequence=Consequence.PESSIMISTIC,
)
def response_errors(measurements: Measurements) -> Outcome:
    cost = measurements.model_plan(0, 1)
    operations = reads_and_writes(cost)
    return Outcome(
        judged(operations == 2),
        f"{operations}: {cost.writes} write, {cost.reads} reads",
        values={"writes": cost.writes, "reads": cost.reads},
    )


@claim(
    14,
    "2-4 operations per error plan, 3 on average",
    "Detailed Analysis",
    lines=(184, 188),
    consequence=Consequence.PESSIMISTIC,
)
def operations_of_error_plans(measurements: Measurements) -> Outcome:
    stopped, summary = stopped_writes(measurements), failed_summary(measurements)
    every = [*stopped, summary.cost.writes]
    return Outcome(
        judged(min(every) >= 2 and max(every) <= 4 and sum(every) == 3 * len(every)),
        f"{_span(stopped)}: the plan stops at its first failed call; a failed summary costs "
        f"{summary.cost.writes} in a plan that answers {summary.status}. In the document's model, which the "
        f"code does not follow: {writes_in_the_model(measurements)}",
        values={"least": min(every), "most": max(every), "in_the_model": writes_in_the_model(measurements)},
    )


@claim(
    21,
    "5 error plans x 4 = 20 operations = 2 %",
    "Optimal KV Usage",
    lines=(129, 131, 132),
    consequence=Consequence.PESSIMISTIC,
    shown_by="edgeday days scenarios/benefit-case-day.yaml",
    shows=("5", "20"),
    in_scenarios=(
        InScenario("benefit-case-day", "kv.writes.accepted", 20, "in_the_model"),
        InScenario("benefit-case-day", "kv.writes.used_percent", 2, "percent_in_the_model"),
    ),
)
def benefit_case(measurements: Measurements) -> Outcome:
    model = _writes(measurements, 100, 5, 2)
    real = measurements.real_day(100, 5).values["kv.writes.accepted"]
    return Outcome(
        judged(real == 20, in_the_model=model == 20),
        f"{real} writes by the code ({_share(real)}), {model} with 4 writes for each error plan "
        f"({_share(model)})",
        "every error plan writes 4 times (claim 14)",
        {"by_the_code": real, "in_the_model": model, "percent_in_the_model": 100 * model / WRITES_A_DAY},
    )


@claim(
    22,
    "5 x 3 = 15 operations per 100 plans, 985 left",
    "Detailed Analysis",
    lines=(188, 189, 195, 196),
    consequence=Consequence.PESSIMISTIC,
    shown_by="edgeday replay scenarios/capacity-day.yaml",
    shows=("5",),
    in_scenarios=(InScenario("capacity-day", "kv.writes.accepted", 15, "by_the_code"),),
)
def fifteen_operations(measurements: Measurements) -> Outcome:
    model = _writes(measurements, 100, 5, 1)
    real = measurements.real_day(100, 5).values["kv.writes.accepted"]
    return Outcome(
        judged(real == 15, in_the_model=model == 15),
        f"{real} by the code, {WRITES_A_DAY - real:,} left; {model} with 3 writes for each error plan, "
        f"{WRITES_A_DAY - model:,} left",
        "every error plan writes 3 times (claim 14)",
        {"by_the_code": real, "in_the_model": model},
    )


@claim(
    26,
    "Hybrid: about 1,000-1,500 writes a month",
    "Cost table",
    lines=(161,),
    consequence=Consequence.CONTRADICTORY,
    shown_by="edgeday replay scenarios/month.yaml",
    shows=("48",),
    in_scenarios=(InScenario("month", "kv.writes.accepted", 1_000, "replayed"),),
)
def writes_of_a_month(measurements: Measurements) -> Outcome:
    error_plans = int(_MONTH_PLANS * ERROR_RATE)
    real = error_plans * writes_of_an_error_plan(measurements)
    replayed = int(measurements.real_month().values["kv.writes.accepted"])
    premises = (error_plans * 2, error_plans * 4)
    return Outcome(
        judged(1_000 <= real <= 1_500, under_conditions=premises[1] >= 1_000),
        f"{real} by the code, {replayed} in a month that draws which plans fail; by the document's own "
        f"premises {_MONTH_PLANS} x 5 % x 2 to 4 = {premises[0]} to {premises[1]}",
        values={
            "by_the_code": real,
            "replayed": replayed,
            "premises_least": premises[0],
            "premises_most": premises[1],
        },
    )


@claim(
    45,
    "2-4 per error, down from 36 per plan",
    "Monitoring",
    lines=(314,),
    consequence=Consequence.CONTRADICTORY,
)
def down_from(measurements: Measurements) -> Outcome:
    after, before = writes_of_an_error_plan(measurements), measurements.cost("kv_only").writes
    return Outcome(
        judged(2 <= after <= 4 and before == CLAIMED_OPS),
        f"{after} write for an error plan, down from {before} writes of a kv_only plan of 7 calls; the 36 "
        "are reads and writes of a plan without errors",
        values={"after": after, "before": before},
    )


@claim(
    46,
    "89-100 % reduction, 0-11 % left",
    "Final Metrics",
    lines=(315, 388, 390, 457),
    consequence=Consequence.CONTRADICTORY,
)
def reduction(measurements: Measurements) -> Outcome:
    least, most = (CLAIMED_OPS - 4) / CLAIMED_OPS, (CLAIMED_OPS - 0) / CLAIMED_OPS
    worst = worst_plan(measurements).cost.writes
    of_worst = (CLAIMED_OPS - worst) / CLAIMED_OPS
    return Outcome(
        judged(of_worst >= 0.89, under_conditions=round(100 * least) == 89 and most == 1),
        f"4 of 36 left is {least:.1%} less, 0 of 36 {most:.0%}; the worst plan leaves {worst} of 36: "
        f"{of_worst:.1%}",
        "for 0 to 4 operations against 36; elsewhere the document says 90-98 %",
        {"least": round(least, 4), "worst_plan": round(of_worst, 4)},
    )


@claim(
    47,
    "About 97 % reduction on average",
    "Final Metrics; Conclusion",
    lines=(391, 437),
    consequence=Consequence.CONTRADICTORY,
)
def average_reduction(measurements: Measurements) -> Outcome:
    by_the_model = writes_in_the_model(measurements)
    premises = 1 - ERROR_RATE * by_the_model / CLAIMED_OPS
    before = measurements.cost("kv_only_v1", 9).writes
    real = 1 - ERROR_RATE * writes_of_an_error_plan(measurements) / before
    left = (1 - Fraction(97, 100)) * CLAIMED_OPS
    return Outcome(
        judged(round(100 * real) == 97, under_conditions=round(100 * premises) == 97),
        f"{float(premises):.1%} by the document's own 5 % and {by_the_model} writes of 36; "
        f"{float(real):.1%} by the code, of {before} writes. 97 % would be {float(left):.1f} operations a "
        "plan",
        values={"by_the_code": round(float(real), 4), "premises": round(float(premises), 4)},
    )


@claim(48, "Zero KV for successful plans", "Conclusion", lines=(439,), consequence=Consequence.OPTIMISTIC)
def nothing_for_success(measurements: Measurements) -> Outcome:
    clean, summary = measurements.plan(), failed_summary(measurements)
    return Outcome(
        judged(not clean.cost.writes and not summary.cost.writes, under_conditions=not clean.cost.writes),
        f"{clean.cost.writes} writes where every call succeeds; {summary.cost.writes} where the summary "
        f"call fails and the plan still answers {summary.status}",
        "if no call fails on the way, the summary and corrections included",
        {"clean": clean.cost.writes, "failed_summary": summary.cost.writes, "status": summary.status},
    )


def _writes(measurements: Measurements, plans: int, error_plans: int, request_errors: int) -> int:
    """KV writes of a day in the document's model, with 2 response errors in each error plan."""
    return int(measurements.model_day(plans, error_plans, request_errors, 2).values["kv.writes.accepted"])


def _share(writes: float) -> str:
    return f"{100 * writes / WRITES_A_DAY:g} %"


CLAIMS: tuple[DocumentClaim, ...] = (
    operations_at_most, request_errors, response_errors, operations_of_error_plans, benefit_case,
    fifteen_operations, writes_of_a_month, down_from, reduction, average_reduction, nothing_for_success,
)  # fmt: skip
