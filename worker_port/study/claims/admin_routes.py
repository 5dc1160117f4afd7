"""Claims about what the admin routes show, export and delete, and to whom."""

from __future__ import annotations

import re

from edgeday import DAY_S
from worker_port.study.claims.measurements import DOCUMENT, Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, Outcome, claim, judged
from worker_port.study.features import error_of, listed
from worker_port.study.testbed import AI_SECONDS, ERROR_PREFIX, ORIGIN

_DESIGNED = "hybrid_designed"
_STEP = "СТЪПКА "
_CLIENT_DATA = "--- КЛИЕНТСКИ ДАННИ ---"
_TOTAL = re.compile(r"Общо стъпки: (\d+)")


@claim(
    37,
    "get-ai-logs returns Cache and KV logs",
    "Monitoring; Checklist",
    lines=(321, 322, 370),
    consequence=Consequence.OPTIMISTIC,
)
def both_stores(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan(fails=[3])
    fresh = testbed.logs().json()
    testbed.wait(days=3)
    later, in_kv = testbed.logs().json(), len(testbed.kv_errors())
    designed = measurements.feature(_DESIGNED, "error, 3 days")
    return Outcome(
        judged(len(later["logs"]) >= in_kv > 0),
        f'it says storageType "{fresh.get("storageType")}" and three days later shows {len(later["logs"])} '
        f"logs, with {in_kv} in KV. hybrid_designed shows {designed}",
        values={"shown": len(later["logs"]), "in_kv": in_kv, "designed": designed.found},
    )


@claim(38, "Filter by hasError: true", "Monitoring", lines=(324, 325), consequence=Consequence.OPTIMISTIC)
def error_filter(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan(fails=[3])
    whole, filtered = listed(testbed.logs()), listed(testbed.logs("?hasError=true"))
    failed = [log for log in whole if error_of(log)]
    flagged = [log for log in whole if log["hasError"]]
    return Outcome(
        judged(filtered == failed),
        f"?hasError=true shows {len(filtered)} of {len(whole)} logs, {len(failed)} of which failed; "
        f"{len(flagged)} have the flag set: it is the request's. The useful one is response.hasError",
        values={"shown": len(filtered), "logs": len(whole), "failed": len(failed), "flagged": len(flagged)},
    )


@claim(39, "The export includes all logs", "Checklist", lines=(371, 435), consequence=Consequence.OPTIMISTIC)
def whole_export(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan(fails=[3])
    testbed.wait(hours=12)
    testbed.plan()
    testbed.wait(
        seconds=DAY_S / 2 - (3 + 7) * AI_SECONDS + 1.5 * AI_SECONDS
    )  # two entries are a day old, no list
    text = testbed.admin("export-ai-logs").body
    counted = int(_TOTAL.findall(text)[0])
    steps = text.count(_STEP)
    testbed.wait(days=3)
    later, in_kv = testbed.admin("export-ai-logs").body.count(_STEP), len(testbed.kv_errors())
    return Outcome(
        judged(steps == counted and later >= in_kv),
        f"once the first entries are a day old it counts {counted} steps and has {steps}; three days later "
        f"it has {later}, with {in_kv} error in KV",
        values={"counted": counted, "exported": steps, "later": later, "in_kv": in_kv},
    )


@claim(
    40,
    "Admin panel and export: yes for hybrid",
    "Feature table",
    lines=(106, 107, 434),
    consequence=Consequence.OPTIMISTIC,
    shown_by="edgeday variants",
    shows=("20 of 50", "0 of 7"),
)
def panel_and_export(measurements: Measurements) -> Outcome:
    fresh, exported = measurements.feature(DOCUMENT, "normal logs"), measurements.feature(DOCUMENT, "export")
    full, later = measurements.feature(DOCUMENT, "admin"), measurements.feature(DOCUMENT, "24:00:00")
    elsewhere = measurements.feature(DOCUMENT, "other city")
    at_first = fresh.all and exported.all
    return Outcome(
        judged(at_first and full.all and later.all and elsewhere.all, under_conditions=at_first),
        f"a fresh plan: {fresh} listed, {exported} exported; the first page after ten plans: {full}; after "
        f"24 h: {later}; from another data centre: {elsewhere}",
        "for a day, in one data centre, and within 50 subrequests",
        {"full_page": full.found, "after_a_day": later.found, "elsewhere": elsewhere.found},
    )


@claim(
    43,
    'grep "ai_communication_log" finds the old keys',
    "Cleanup",
    lines=(347,),
    consequence=Consequence.OPTIMISTIC,
)
def grep_for_old_keys(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed("kv_only")
    testbed.plan()
    keys = testbed.kv_keys()
    missed = sorted({key.partition(":")[0] for key in keys if "ai_communication_log" not in key})
    return Outcome(
        judged(not missed),
        f"of {len(keys)} keys of a kv_only plan it misses those of {', '.join(missed)}",
        values={"keys": len(keys), "missed_families": len(missed)},
    )


@claim(44, "Switched off: zero KV usage", "Deployment", lines=(293, 299), consequence=Consequence.OPTIMISTIC)
def switched_off(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed(_DESIGNED, config_reads=True, vars={"AI_ERROR_LOG_KV_ENABLED": "false"})
    cost = testbed.plan(fails=[3]).cost
    constant = measurements.testbed(vars={"AI_ERROR_LOG_KV_ENABLED": "false"}).plan(fails=[3]).cost.writes
    return Outcome(
        judged(not cost.writes and not cost.reads, under_conditions=not cost.writes),
        f"hybrid_designed, off: {cost.writes} writes and {cost.reads} reads of configuration, food lists "
        "and prompts in a plan that fails. In hybrid it is a constant: a variable changes nothing "
        f"({constant} write)",
        "for KV use by logging",
        {"writes": cost.writes, "reads": cost.reads, "hybrid_writes": constant},
    )


@claim(
    50,
    "Manual cleanup, archive after 30 days",
    "Retention",
    lines=(275, 278, 279),
    consequence=Consequence.OPTIMISTIC,
)
def cleanup(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan(fails=[3])
    testbed.wait(days=31)
    before = len(testbed.kv_keys(ERROR_PREFIX))
    answer = testbed.admin("cleanup-ai-logs", method="POST")
    after = len(testbed.kv_keys(ERROR_PREFIX))
    return Outcome(
        judged(after < before),
        f"cleanup-ai-logs answers {answer.status} and leaves {after} of {before} errors of a month ago; no "
        "route lists, reads, archives or deletes them",
        values={"before": before, "after": after},
    )


@claim(
    51,
    "The export needs an admin; CORS limits origins",
    "SECURITY_SUMMARY_CACHE_API.md",
    consequence=Consequence.OPTIMISTIC,
    document="SECURITY_SUMMARY_CACHE_API.md",
)
def guarded(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    testbed.plan()
    answer = testbed.admin("export-ai-logs", token=False)
    origin = answer.headers.get("Access-Control-Allow-Origin")
    times = answer.body.count(_CLIENT_DATA)
    designed = measurements.testbed(_DESIGNED).admin("export-ai-logs", token=False).status
    return Outcome(
        judged(answer.status == 401 and origin == ORIGIN),
        f'without credentials: {answer.status}, allowed origin "{origin}", and the client\'s data stand '
        f"{times} times in the file. hybrid_designed answers {designed}",
        values={"status": answer.status, "origin": origin, "client_data": times, "designed_status": designed},
    )


CLAIMS: tuple[DocumentClaim, ...] = (
    both_stores, error_filter, whole_export, panel_and_export, grep_for_old_keys, switched_off, cleanup,
    guarded,
)  # fmt: skip
