"""Claims about what a plan costs."""

from __future__ import annotations

from fractions import Fraction

from worker_port.study.claims.measurements import BEFORE, DOCUMENT, NUMBERS_OF_CALLS, Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, Outcome, claim, judged
from worker_port.study.testbed import Cost

_CLAIMED_OPS = 36
_VARIANTS = "edgeday variants"
_MONTH_PLANS = 900
_DAYS = 30
_WRITES_A_DAY = 1_000
LOG_FAMILIES = frozenset(
    {
        "ai_communication_log:*", "ai_communication_log_index", "ai_communication_session_index",
        "ai_session_logs:*", "ai_error_log:*",
    }
)  # fmt: skip


def reads_and_writes(cost: Cost) -> int:
    """What the document counts as KV operations: no deletes."""
    return cost.reads + cost.writes


@claim(
    1,
    "A plan makes 9 AI calls",
    "implied by 36 operations; Scenarios, x 9",
    lines=(208, 218, 228),
    consequence=Consequence.PESSIMISTIC,
)
def nine_calls(measurements: Measurements) -> Outcome:
    made = {variant: measurements.cost(variant).fetches for variant in measurements.variants}
    numbers = sorted(set(made.values()))
    return Outcome(
        judged(numbers == [9]),
        f"{' or '.join(map(str, numbers))} calls in each of {len(made)} variants",
        values=dict(made),
    )


@claim(
    2,
    "36 KV operations per plan (Before)",
    "everywhere",
    lines=(13, 94, 386, 428),
    consequence=Consequence.COSMETIC,
)
def thirty_six_operations(measurements: Measurements) -> Outcome:
    costs = {
        (variant, calls): measurements.cost(variant, calls)
        for variant in BEFORE
        for calls in NUMBERS_OF_CALLS
    }
    whole = {where: reads_and_writes(cost) + cost.deletes for where, cost in costs.items()}
    matching = [where for where, cost in costs.items() if reads_and_writes(cost) == _CLAIMED_OPS]
    replaced = costs["kv_only", 9]
    return Outcome(
        judged(whole["kv_only", 9] == _CLAIMED_OPS, under_conditions=bool(matching)),
        "; ".join(
            f"{variant}, {calls} calls: {cost.reads} reads + {cost.writes} writes"
            + (f" + {cost.deletes} deletes" if cost.deletes else "")
            for (variant, calls), cost in costs.items()
        ),
        f"only for {' and '.join(f'{variant} with {calls} calls' for variant, calls in matching)}, deletes "
        f"left out; the code that was replaced makes {reads_and_writes(replaced)} in 9 calls",
        {f"{variant}.{calls}": operations for (variant, calls), operations in whole.items()},
    )


@claim(
    4,
    "AI logging is 56 % of the KV operations",
    "Answer; Conclusion",
    lines=(13, 428),
    consequence=Consequence.OPTIMISTIC,
)
def share_of_logging(measurements: Measurements) -> Outcome:
    shares: dict[str, float] = {}
    of_writes: set[int] = set()
    for variant in BEFORE:
        testbed = measurements.testbed(variant, config_reads=True)
        for isolate in ("cold", "warm"):
            cost = testbed.plan().cost
            shares[f"{variant}, {isolate}"] = 100 * _by_logging(cost, "get", "put") / reads_and_writes(cost)
            of_writes.add(round(100 * _by_logging(cost, "put") / cost.writes))
    percents = [round(share) for share in shares.values()]
    return Outcome(
        judged(56 in percents),
        "; ".join(f"{name} isolate {share:.0f} %" for name, share in shares.items())
        + f" of reads and writes; {' or '.join(map(str, sorted(of_writes)))} % of the writes",
        values={name: round(share, 2) for name, share in shares.items()},
    )


def _by_logging(cost: Cost, *ops: str) -> int:
    """KV operations on the keys that logs are kept under."""
    return sum(cost.count("kv", *ops, family=family) for family in LOG_FAMILIES)


@claim(5, "The official analysis confirms it", "Answer", lines=(15,), consequence=Consequence.CONTRADICTORY)
def official_analysis(measurements: Measurements) -> Outcome:
    step = measurements.testbed("kv_only_v1", config_reads=True).plan(fails=[1]).cost
    boxed, listed = 6 + 4, 4 + 3
    return Outcome(
        judged(reads_and_writes(step) == boxed == listed),
        f"step 1 of kv_only_v1: {step.reads} reads + {step.writes} writes = {reads_and_writes(step)}; the "
        f"analysis, a file of the same repository, puts {boxed} into its box and lists {listed}",
        values={"reads": step.reads, "writes": step.writes, "boxed": boxed, "listed": listed},
    )


@claim(
    11,
    "The two loggers are as the code excerpts show them",
    "Implementation",
    lines=(62, 63, 76, 77),
    consequence=Consequence.OPTIMISTIC,
)
def code_excerpts(measurements: Measurements) -> Outcome:
    first = _first_call(measurements.cost(DOCUMENT))
    entries = sum(family == "ai_communication_log:*" for family in first)
    return Outcome(
        judged(entries == len(first)),
        f"the first call of a session makes {len(first)} cache operations, {entries} of them on the entries "
        f"that the excerpts show; {len(first) - entries} on index and session list are left out",
        values={"operations": len(first), "shown": entries},
    )


def _first_call(cost: Cost) -> list[str]:
    """Key families of the cache operations of a plan's first call: up to its response entry."""
    families: list[str] = []
    for seen in cost.operations:
        if seen.service == "cache":
            families.append(seen.key_family)
            if seen.key.endswith("_response"):
                break
    return families


@claim(19, "36 error-log operations for Before", "table", lines=(94,), consequence=Consequence.PESSIMISTIC)
def operations_of_failed_plans(measurements: Measurements) -> Outcome:
    stopped = {call: measurements.cost("kv_only", 7, (call,)) for call in range(1, 8)}
    operations = {call: reads_and_writes(cost) for call, cost in stopped.items()}
    aborted = [operations[call] for call in range(1, 7)]
    seventh = measurements.plan("kv_only", 7, (7,))
    failed_more = operations[7] - reads_and_writes(measurements.cost("kv_only"))
    return Outcome(
        judged(set(operations.values()) == {_CLAIMED_OPS}),
        f"a kv_only plan that stops at call 1 to 6 makes {aborted[0]} to {aborted[-1]} operations, "
        f"{operations[7]} only where the seventh fails: that plan answers {seventh.status}. A failed call "
        f"costs {failed_more} operations more than one that succeeds",
        values={f"stopped_at_{call}": count for call, count in operations.items()},
    )


@claim(
    23,
    "100 plans x 0 = 100 % of the free tier is left",
    "Optimal KV Usage",
    lines=(123, 124),
    consequence=Consequence.OPTIMISTIC,
)
def free_tier_left(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed(DOCUMENT, config_reads=True)
    costs = [testbed.plan().cost for _ in range(100)]
    writes, reads = sum(cost.writes for cost in costs), sum(cost.reads for cost in costs)
    return Outcome(
        judged(not writes and not reads, under_conditions=not writes),
        f"{writes} KV writes, {reads:,} KV reads ({costs[0].reads} in a cold isolate, "
        f"{min(cost.reads for cost in costs)} while it remembers the rest)",
        "for writes by logging only: a plan reads its configuration, food lists and prompts from KV",
        {"writes": writes, "reads": reads},
    )


@claim(
    24,
    "Before: about 27,000 writes a month for 900 plans",
    "Cost table",
    lines=(159,),
    consequence=Consequence.PESSIMISTIC,
)
def writes_of_a_month(measurements: Measurements) -> Outcome:
    months = {
        f"{variant}, {calls} calls": _MONTH_PLANS * measurements.cost(variant, calls).writes
        for variant in BEFORE
        for calls in NUMBERS_OF_CALLS
    }
    return Outcome(
        judged(27_000 in months.values()),
        f"{'; '.join(f'{name}: {writes:,}' for name, writes in months.items())}. 27,000 would be "
        f"{27_000 // _MONTH_PLANS} a plan, which no variant writes",
        values=dict(months),
    )


@claim(
    25, "... which exceeds the free tier", "Cost table", lines=(159,), consequence=Consequence.CONTRADICTORY
)
def exceeds_free_tier(measurements: Measurements) -> Outcome:
    a_day = _MONTH_PLANS // _DAYS
    forms = [(variant, calls) for variant in BEFORE for calls in NUMBERS_OF_CALLS]
    daily = {
        f"{variant}, {calls} calls": a_day * measurements.cost(variant, calls).writes
        for variant, calls in forms
    }
    fits = [measurements.plans_that_fit(variant, calls) for variant, calls in forms]
    exceeded = max(daily.values()) > _WRITES_A_DAY or min(fits) < a_day
    return Outcome(
        judged(exceeded),
        f"{a_day} plans a day write {min(daily.values())} to {max(daily.values())} of {_WRITES_A_DAY:,}; "
        f"{min(fits)} to {max(fits)} plans fit a day; 27,000 is below {_DAYS} x 1,000 = "
        f"{_DAYS * _WRITES_A_DAY:,} too",
        values={**daily, "fit_at_least": min(fits)},
    )


@claim(
    52,
    "Each call makes 4 KV operations + 1; 36 writes per plan",
    "KV_OPTIMIZATION_CACHE_API.md",
    consequence=Consequence.COSMETIC,
    document="KV_OPTIMIZATION_CACHE_API.md",
)
def writes_per_plan(measurements: Measurements) -> Outcome:
    whole, stopped = measurements.cost("kv_only"), measurements.cost("kv_only", 7, (1,))
    first = reads_and_writes(stopped)
    later = Fraction(reads_and_writes(whole) - first, whole.fetches - 1)
    writes = {
        f"{variant}.{calls}": measurements.cost(variant, calls).writes
        for variant in BEFORE
        for calls in NUMBERS_OF_CALLS
    }
    return Outcome(
        judged(first == later == 5 and _CLAIMED_OPS in writes.values()),
        f"kv_only makes {first} operations in a session's first call and {later} in each later one; writes "
        f"per plan are {', '.join(map(str, sorted(writes.values())))}",
        values={"first_call": first, "later_calls": int(later), **writes},
    )


CLAIMS: tuple[DocumentClaim, ...] = (
    nine_calls, thirty_six_operations, share_of_logging, official_analysis, code_excerpts,
    operations_of_failed_plans, free_tier_left, writes_of_a_month, exceeds_free_tier, writes_per_plan,
)  # fmt: skip
