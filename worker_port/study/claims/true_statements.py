"""Claims that hold: what the document says of the code and of the account, and what is so."""

from __future__ import annotations

import re

from worker_port.study.claims.measurements import DOCUMENT, Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, Outcome, claim, judged
from worker_port.study.claims.plans_per_day import FREE
from worker_port.study.features import error_of, listed
from worker_port.study.testbed import ERROR_PREFIX

_CLAIMED_WRITES_A_DAY = 1_000
_CLAIMED_SESSIONS = 10
_OLD_KEYS = "ai_communication_log"
_ENTRY = "ai_communication_log:*"
_FORMS = {
    "ai_error_log:{logId}": re.compile(r"ai_error_log:ai_log_\w+(?<!_response)"),
    "ai_error_log:{logId}_response": re.compile(r"ai_error_log:ai_log_\w+_response"),
}


@claim(
    59,
    "New error logs use `ai_error_log:`, so they do not conflict with the clean-up",
    "Cleanup",
    lines=(353,),
    consequence=Consequence.COSMETIC,
)
def no_conflict(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan(fails=[3])
    keys = testbed.kv_keys()
    found = [key for key in keys if _OLD_KEYS in key]
    return Outcome(
        judged(bool(keys) and not found),
        f'of {len(keys)} key of a failed hybrid plan in KV, grep "{_OLD_KEYS}" finds {len(found)}',
        values={"keys": len(keys), "found": len(found)},
    )


@claim(
    60,
    "Normal AI calls log to the Cache API only",
    "Examples; Checklist",
    lines=(254, 255, 368),
    consequence=Consequence.OPTIMISTIC,
)
def cache_only_for_success(measurements: Measurements) -> Outcome:
    cost = measurements.cost()
    entries, in_kv = cost.count("cache", "put", family=_ENTRY), cost.count("kv")
    return Outcome(
        judged(not in_kv and entries == 2 * cost.fetches),
        f"{cost.fetches} calls that succeed: {entries} entries in the cache, {in_kv} KV operations",
        values={"calls": cost.fetches, "entries": entries, "kv": in_kv},
    )


@claim(
    61,
    "Error AI calls log to the Cache API and to KV",
    "Checklist",
    lines=(369, 444),
    consequence=Consequence.OPTIMISTIC,
)
def errors_in_both(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan(fails=[3])
    in_cache = sum(bool(error_of(log)) for log in listed(testbed.logs()))
    in_kv = len(testbed.kv_errors())
    return Outcome(
        judged(in_cache == in_kv == 1),
        f"a failed call: {in_cache} error in the cache and {in_kv} in KV",
        values={"in_cache": in_cache, "in_kv": in_kv},
    )


@claim(
    62,
    "Errors start logging to KV immediately",
    "Migration",
    lines=(336,),
    consequence=Consequence.OPTIMISTIC,
)
def at_once(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed("cache_only")
    testbed.plan(fails=[3])
    before = len(testbed.kv_errors())
    testbed.plan(fails=[3], variant=DOCUMENT)
    after = len(testbed.kv_errors())
    return Outcome(
        judged(not before and after == 1),
        f"{before} errors in KV from a failed call of cache_only, {after} from the first after the change",
        values={"before": before, "after": after},
    )


@claim(
    63,
    "Cache only: all logs are gone after 24 hours, nothing is left three days later",
    "Feature table; Production Debugging",
    lines=(105, 108, 109, 141, 143),
    consequence=Consequence.PESSIMISTIC,
    shown_by="edgeday variants",
    shows=("0 of 7", "0 of 1"),
)
def gone_from_the_cache(measurements: Measurements) -> Outcome:
    a_day = measurements.feature("cache_only", "24:00:00")
    panel, in_kv = (measurements.feature("cache_only", name) for name in ("error, 3 days", "in KV, 3 days"))
    return Outcome(
        judged(not a_day.found and not panel.found and not in_kv.found),
        f"in the panel after 24 h: {a_day}; of an error three days later {panel} in the panel, {in_kv} in KV",
        values={"after_a_day": a_day.found, "panel": panel.found, "in_kv": in_kv.found},
    )


@claim(
    64,
    "Error logs are preserved in KV, permanently",
    "diagram; Production Debugging; Retention",
    lines=(40, 105, 148, 275),
    consequence=Consequence.OPTIMISTIC,
)
def preserved(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan(fails=[3])
    testbed.wait(days=3)
    later = len(testbed.kv_errors())
    testbed.wait(days=1_000)
    much_later = len(testbed.kv_errors())
    return Outcome(
        judged(later == much_later == 1),
        f"an error of three days ago: {later} of 1 in KV; a thousand days later: {much_later} of 1",
        values={"later": later, "much_later": much_later},
    )


@claim(
    65,
    "Per plan without an error the two loggers use the cache only: 0 KV operations",
    "Detailed Analysis",
    lines=(177, 178, 179, 187),
    consequence=Consequence.OPTIMISTIC,
)
def nothing_in_kv(measurements: Measurements) -> Outcome:
    counts = {calls: measurements.cost(DOCUMENT, calls).count("kv") for calls in (7, 9)}
    return Outcome(
        judged(not any(counts.values())),
        "; ".join(f"{calls} calls that succeed: {count} KV operations" for calls, count in counts.items())
        + ". A plan that succeeds although a call has failed is claim 48",
        values={f"calls.{calls}": count for calls, count in counts.items()},
    )


@claim(
    66,
    "Free tier: 1,000 KV writes a day",
    "Capacity",
    lines=(14, 194),
    consequence=Consequence.BREAKS,
)
def writes_a_day(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed("kv_only")
    accepted = refused = 0
    while not refused:
        puts = [seen.outcome for seen in testbed.plan().cost.operations if seen.op == "put"]
        refused = puts.count("refused")
        accepted += len(puts) - refused
    return Outcome(
        judged(accepted == FREE.kv_writes_per_day == _CLAIMED_WRITES_A_DAY),
        f"{accepted:,} writes of kv_only plans were accepted before the first refusal of the day",
        values={"accepted": accepted},
    )


@claim(
    67,
    "Error keys: ai_error_log:{logId} and ai_error_log:{logId}_response",
    "Keys",
    lines=(263, 264),
    consequence=Consequence.COSMETIC,
)
def forms_of_keys(measurements: Measurements) -> Outcome:
    keys = {seen.key for seen in measurements.model_plan(1, 2).operations if seen.service == "kv"}
    of_form = {name: sum(bool(form.fullmatch(key)) for key in keys) for name, form in _FORMS.items()}
    return Outcome(
        judged(all(of_form.values()) and sum(of_form.values()) == len(keys)),
        f"of {len(keys)} keys of a plan with one request error, set by hand, and two response errors: "
        + ", ".join(f"{count} of the form {name}" for name, count in of_form.items()),
        values={"keys": len(keys), **of_form},
    )


@claim(
    68, "Authentication errors are logged to KV", "Examples", lines=(250,), consequence=Consequence.OPTIMISTIC
)
def authentication_errors(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.script = lambda _attempt: 401
    answered = testbed.plan()
    return Outcome(
        judged(answered.cost.writes == 1),
        f"a provider that answers 401: {answered.cost.writes} write; the plan ends with {answered.status}",
        values={"writes": answered.cost.writes, "status": answered.status},
    )


@claim(
    69,
    "Cache only: 0 KV operations, 0 writes a month",
    "tables",
    lines=(95, 160, 387),
    consequence=Consequence.OPTIMISTIC,
)
def no_kv_at_all(measurements: Measurements) -> Outcome:
    good, failed = (measurements.cost("cache_only", 7, fails).count("kv") for fails in ((), (3,)))
    return Outcome(
        judged(not good and not failed),
        f"cache_only: {good} KV operations in a plan that succeeds, {failed} in one that fails",
        values={"good": good, "failed": failed},
    )


@claim(70, "Keep the last 10 sessions", "1. Configuration", lines=(53,), consequence=Consequence.OPTIMISTIC)
def last_ten_sessions(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    for _ in range(_CLAIMED_SESSIONS + 2):
        testbed.plan()
    kept = testbed.logs().json()["sessionCount"]
    return Outcome(
        judged(kept == _CLAIMED_SESSIONS),
        f"after {_CLAIMED_SESSIONS + 2} plans the panel counts {kept} sessions",
        values={"kept": kept},
    )


@claim(71, "Configuration reads are not logged", "Examples", lines=(257,), consequence=Consequence.OPTIMISTIC)
def configuration_reads(measurements: Measurements) -> Outcome:
    cost = measurements.testbed(DOCUMENT, config_reads=True).plan().cost
    entries, errors = cost.count("cache", "put", family=_ENTRY), cost.count("kv", family=f"{ERROR_PREFIX}*")
    return Outcome(
        judged(cost.reads > 0 and not errors and entries == 2 * cost.fetches),
        f"a plan that reads its configuration, {cost.reads} KV reads: {entries} log entries, two for each of "
        f"its {cost.fetches} AI calls",
        values={"reads": cost.reads, "entries": entries},
    )


CLAIMS: tuple[DocumentClaim, ...] = (
    no_conflict, cache_only_for_success, errors_in_both, at_once, gone_from_the_cache, preserved,
    nothing_in_kv, writes_a_day, forms_of_keys, authentication_errors, no_kv_at_all, last_ten_sessions,
    configuration_reads,
)  # fmt: skip
