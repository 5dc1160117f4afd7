"""Claims about where logs lie and how long they stay."""

from __future__ import annotations

from worker_port.study.claims.measurements import DOCUMENT, Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, Outcome, claim, judged
from worker_port.study.claims.plans_per_day import FREE
from worker_port.study.features import listed

_ENTRY = "ai_communication_log:*"


@claim(
    6,
    "95 % of the logs in the cache, 5 % in KV",
    "Answer; diagram",
    lines=(21, 22, 36, 443, 444),
    consequence=Consequence.PESSIMISTIC,
)
def shares_of_stores(measurements: Measurements) -> Outcome:
    good, failed = measurements.cost(DOCUMENT, 9), measurements.cost(DOCUMENT, 9, (5,))
    cached = 95 * good.count("cache", "put", family=_ENTRY) + 5 * failed.count("cache", "put", family=_ENTRY)
    in_kv = 5 * failed.writes
    logged = 95 * 2 * good.fetches + 5 * 2 * failed.fetches
    return Outcome(
        judged(round(100 * in_kv / cached) == 5),
        f"of 100 plans, 5 of them stopped at call 5: {cached:,} of {logged:,} entries are in the cache "
        f"({cached / logged:.0%}), {in_kv} of them in KV too ({in_kv / cached:.1%})",
        values={"entries": logged, "in_cache": cached, "in_kv": in_kv},
    )


@claim(
    7,
    "Cache: free, no impact on the quota",
    "diagram; Scenarios",
    lines=(21, 39, 42, 208, 218, 228),
    consequence=Consequence.BREAKS,
    shown_by="edgeday days scenarios/normal-day.yaml",
    shows=("55", "43"),
)
def free_of_charge(measurements: Measurements) -> Outcome:
    nine, seven = measurements.cost(DOCUMENT, 9), measurements.cost(DOCUMENT, 7)
    limit = FREE.external_subrequests
    return Outcome(
        judged(not nine.cached),
        f"no KV operation, but each cache operation is a subrequest, and a request has {limit}: a plan of 9 "
        f"calls needs {nine.external} and is refused its last AI call; one of 7 needs {seven.external}, and "
        f"may repeat {limit - seven.external} AI calls and no more",
        values={"subrequests.9": nine.external, "subrequests.7": seven.external, "limit": limit},
    )


@claim(
    8,
    "Logs stay for 24 hours",
    "diagram; Retention",
    lines=(40, 54, 274),
    consequence=Consequence.OPTIMISTIC,
    shown_by="edgeday variants",
    shows=("7 of 7", "0 of 7"),
)
def a_day(measurements: Measurements) -> Outcome:
    before, after = measurements.feature(DOCUMENT, "23:59:59"), measurements.feature(DOCUMENT, "24:00:00")
    elsewhere = measurements.feature(DOCUMENT, "other city")
    here = before.all and not after.found
    return Outcome(
        judged(here and elsewhere.all, under_conditions=here),
        f"readable at 23:59:59: {before}; at 24:00:00: {after}; in another data centre at once: {elsewhere}",
        "in the data centre that stored them, and unless evicted: max-age is the longest they stay",
        {"before": before.found, "after": after.found, "elsewhere": elsewhere.found},
    )


@claim(
    41,
    "Debugging old issues, historical data: yes for Before",
    "Feature table",
    lines=(108, 109),
    consequence=Consequence.OPTIMISTIC,
    shown_by="edgeday variants",
    shows=("1 of 84", "70 of 84"),
)
def history(measurements: Measurements) -> Outcome:
    first, sessions = (
        measurements.feature("kv_only_v1", "history"),
        measurements.feature("kv_only", "history"),
    )
    testbed = measurements.testbed("kv_only")
    for _ in range(12):
        testbed.plan()
    stored = sum(
        key.startswith("ai_communication_log:") and not key.endswith("_response") for key in testbed.kv_keys()
    )
    return Outcome(
        judged(first.all and sessions.all, under_conditions=sessions.found > 7),
        f"after twelve plans of 7 calls kv_only_v1 lists {first} and kv_only {sessions}; {stored} lie in "
        "KV, the others with nothing that points to them",
        "for the last 10 sessions of kv_only, chat messages counted among them",
        {"kv_only_v1": first.found, "kv_only": sessions.found, "stored": stored},
    )


@claim(
    42,
    "Old cache logs continue to work; no data loss",
    "Migration",
    lines=(337, 338),
    consequence=Consequence.OPTIMISTIC,
)
def migration(measurements: Measurements) -> Outcome:
    seen: dict[str, str] = {}
    counts: list[int] = []
    for before in ("cache_only", "kv_only"):
        testbed = measurements.testbed(before)
        testbed.plan()
        there = len(listed(testbed.logs()))
        counts.append(len(listed(testbed.logs(variant=DOCUMENT))))
        seen[before] = f"{counts[-1]} of {there}"
    return Outcome(
        judged(all(counts)),
        "; ".join(f"logs of {before} that {DOCUMENT} shows: {part}" for before, part in seen.items())
        + ". The host in the cache's keys has changed, and nothing reads the old KV logs",
        values=dict(seen),
    )


CLAIMS: tuple[DocumentClaim, ...] = (shares_of_stores, free_of_charge, a_day, history, migration)
