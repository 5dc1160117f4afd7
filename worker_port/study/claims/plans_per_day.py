"""Claims about how many plans fit a day on Free."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from edgeday import account_limits
from worker_port.study.claims.measurements import BEFORE, DOCUMENT, NUMBERS_OF_CALLS, Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, Outcome, claim, judged

FREE = account_limits("free", date(2026, 2, 16))
WRITES_A_DAY = FREE.kv_writes_per_day or 0
ERROR_RATE = Fraction(5, 100)
"""The document's own."""
CLAIMED_OPS = 36
_CLIENT_DATA_WRITES = 2
"""Of the questionnaire page for each client, in a request of its own."""
_CAPACITY = "edgeday capacity scenarios/capacity-day.yaml"


def writes_of_an_error_plan(measurements: Measurements) -> int:
    """KV writes of a plan that a failed call stops, as the code makes it."""
    return measurements.cost(DOCUMENT, 7, (3,)).writes


def writes_in_the_model(measurements: Measurements) -> int:
    """KV writes of an error plan of the document's scenarios (1 request error, 2 response errors), in a model
    in which a request can have an error and a failed call stops nothing."""
    return measurements.model_plan(1, 2).writes


@claim(
    3,
    "1,000 writes / 36 = about 27 plans a day",
    "Answer; tables",
    lines=(14, 94, 401),
    consequence=Consequence.PESSIMISTIC,
)
def plans_before(measurements: Measurements) -> Outcome:
    fit = {
        (variant, calls): measurements.plans_that_fit(variant, calls)
        for variant in BEFORE
        for calls in NUMBERS_OF_CALLS
    }
    with_client_data = [
        WRITES_A_DAY // (measurements.cost(variant, calls).writes + _CLIENT_DATA_WRITES)
        for variant, calls in fit
    ]
    return Outcome(
        judged(WRITES_A_DAY // CLAIMED_OPS in fit.values()),
        ", ".join(f"{variant} with {calls} calls: {plans}" for (variant, calls), plans in fit.items())
        + f"; with the {_CLIENT_DATA_WRITES} writes of saved client data: "
        + ", ".join(map(str, with_client_data))
        + ". The 36 are reads and writes, the 1,000 writes only",
        values={f"{variant}.{calls}": plans for (variant, calls), plans in fit.items()},
    )


@claim(
    15,
    "Cache only: unlimited plans a day",
    "tables",
    lines=(95, 402),
    consequence=Consequence.BREAKS,
    shown_by="edgeday variants",
    shows=("55", "43"),
)
def unlimited_plans(measurements: Measurements) -> Outcome:
    nine, seven = measurements.cost("cache_only", 9), measurements.cost("cache_only", 7)
    limit = FREE.external_subrequests
    refused = measurements.testbed("cache_only", subrequests="enforce").plan(calls=9)
    saved = WRITES_A_DAY // _CLIENT_DATA_WRITES
    unbound = (
        not nine.writes and max(nine.external, seven.external) <= limit and FREE.requests_per_day is None
    )
    return Outcome(
        judged(unbound),
        f"{nine.writes} KV writes, but {nine.external} subrequests with 9 calls and {seven.external} with "
        f"7, of {limit} a request: with the limit enforced a plan of 9 calls answers {refused.status}. And "
        f"{FREE.requests_per_day:,} requests and {saved} saved questionnaires a day",
        values={"subrequests.9": nine.external, "subrequests.7": seven.external, "status.9": refused.status},
    )


@claim(
    16,
    "Hybrid: about 250-500 plans a day",
    "tables; Final Metrics",
    lines=(96, 403),
    consequence=Consequence.CONTRADICTORY,
    shown_by=_CAPACITY,
    shows=("20,009",),
)
def plans_hybrid(measurements: Measurements) -> Outcome:
    real, model = writes_of_an_error_plan(measurements), writes_in_the_model(measurements)
    fit = {
        "every plan fails": WRITES_A_DAY // real,
        "5 % fail": measurements.plans_of_hybrid(),
        f"5 % fail with {model} writes": _fit(model),
    }
    of_nine = measurements.plans_of_hybrid(9)
    return Outcome(
        judged(any(250 <= plans <= 500 for plans in (*fit.values(), of_nine))),
        "; ".join(f"{name}: {plans:,}" for name, plans in fit.items())
        + ". 250-500 needs every plan to fail, with 2 to 4 writes each. Of the document's own plans of "
        f"9 calls {of_nine} fit: the limit of subrequests refuses each",
        values={**fit, "of_nine": of_nine},
    )


def _fit(writes: int) -> int:
    """Plans a day whose error plans, 5 % of them, write so often, by the quotas alone."""
    return int(WRITES_A_DAY / (ERROR_RATE * writes))


@claim(
    17,
    "About 6,600 plans a day",
    "Capacity",
    lines=(197,),
    consequence=Consequence.PESSIMISTIC,
    shown_by=_CAPACITY,
    shows=("20,009",),
)
def plans_by_capacity(measurements: Measurements) -> Outcome:
    by_the_code, by_the_model = writes_of_an_error_plan(measurements), writes_in_the_model(measurements)
    real, model = measurements.plans_of_hybrid(), _fit(by_the_model)
    return Outcome(
        judged(_near(real, 6_600), in_the_model=_near(model, 6_600)),
        f"{real:,} by the code ({by_the_code} write for each error plan), {model:,} with "
        f"{by_the_model} writes for each; {model / 500:.0f} to {model / 250:.0f} times the "
        "250-500 of the same document",
        "every error plan writes 3 times (claim 14), and there is no limit of subrequests",
        {"by_the_code": real, "in_the_model": model},
    )


def _near(value: float, claimed: float) -> bool:
    """Equal within 2 %, which is what "about" is taken to mean."""
    return abs(value - claimed) <= claimed / 50


@claim(
    18,
    "9-18 times the capacity",
    "Final Metrics; Conclusion",
    lines=(405, 438),
    consequence=Consequence.CONTRADICTORY,
)
def times_the_capacity(measurements: Measurements) -> Outcome:
    before = measurements.plans_that_fit("kv_only", 9)
    real = measurements.plans_of_hybrid() / before
    model = _fit(writes_in_the_model(measurements)) / (WRITES_A_DAY // CLAIMED_OPS)
    return Outcome(
        judged(9 <= real <= 18, under_conditions=9 <= model <= 18),
        f"250 / 27 = {250 / 27:.1f} and 500 / 27 = {500 / 27:.1f}, but from numbers that do not hold "
        f"(claims 3 and 16): {real:.0f} times by the code, {model:.0f} by the document's own 5 %",
        values={"by_the_code": round(real), "in_the_model": round(model)},
    )


CLAIMS: tuple[DocumentClaim, ...] = (
    plans_before, unlimited_plans, plans_hybrid, plans_by_capacity, times_the_capacity,
)  # fmt: skip
