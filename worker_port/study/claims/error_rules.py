"""Claims about which errors are kept, under which key, and what the entry tells."""

from __future__ import annotations

import re
from typing import Any

from edgeday import PlatformError, iso_seconds
from worker_port.study.claims.error_writes import unparsable_plan
from worker_port.study.claims.measurements import DOCUMENT, Measurements
from worker_port.study.claims.model import Consequence, DocumentClaim, Outcome, claim, judged
from worker_port.study.features import DEBUG_FIELDS, a_bug_of_three_days_ago
from worker_port.study.testbed import USEFUL, Reply

_EXAMPLE_KEY = "ai_error_log:ai_log_1739685600_abc123"
_KEY = re.compile(r"ai_error_log:ai_log_\d{13}_[0-9a-f]{8}(_response)?")
_LONG_S = 3_600
_DESIGNED = "hybrid_designed"
_FATES: dict[str, dict[str, Any]] = {
    "success false": {"success": False},
    "success 0": {"success": 0},
    "no success": {},
    "success and an error": {"success": True, "error": "late"},
    "success": {"success": True},
}
"""Response data in words."""


@claim(
    30,
    "Logged to KV when success === false",
    "What Gets Logged",
    lines=(241,),
    consequence=Consequence.COSMETIC,
)
def when_success_is_false(measurements: Measurements) -> Outcome:
    log, testbed = measurements.function("log_ai_response"), measurements.testbed()
    writes = {
        name: testbed.inside(lambda env: log(env, f"ai_log_{name}", "step", data))[1].writes  # noqa: B023
        for name, data in _FATES.items()
    }
    logged = [name for name, count in writes.items() if count]
    return Outcome(
        judged(logged == ["success false"], under_conditions="success false" in logged),
        f"logged: {', '.join(logged)}; not logged: "
        f"{', '.join(name for name in writes if name not in logged)}",
        "it is one of the cases: every falsy success is logged, and every error even of a success",
        dict(writes),
    )


@claim(
    31, "Parse failures are logged to KV", "Examples", lines=(171, 247), consequence=Consequence.OPTIMISTIC
)
def parse_failures(measurements: Measurements) -> Outcome:
    failed = unparsable_plan(measurements)
    return Outcome(
        judged(failed.cost.writes > 0),
        f"an answer that is no JSON ends the plan with {failed.status} and {failed.cost.writes} KV writes: "
        "the call was logged as a success before its answer was parsed",
        values={"status": failed.status, "writes": failed.cost.writes},
    )


@claim(32, "AI timeouts are logged", "Examples", lines=(171, 246), consequence=Consequence.OPTIMISTIC)
def timeouts(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    cost = testbed.plan_killed_after(_LONG_S)
    return Outcome(
        judged(cost.writes > 0),
        f"no timeout is set: after {_LONG_S:,} s the worker still waits for its call number {cost.fetches}; "
        f"when the platform then ends the request, {cost.writes} errors are written",
        values={"waited_s": _LONG_S, "fetches": cost.fetches, "writes": cost.writes},
    )


@claim(
    33,
    "Rate limit and network errors are logged",
    "Examples",
    lines=(249, 251),
    consequence=Consequence.OPTIMISTIC,
)
def passing_errors(measurements: Measurements) -> Outcome:
    lost = PlatformError("network connection lost")
    writes = {
        "429 at every attempt": _writes_after(measurements, [429] * 3),
        "network lost at every attempt": _writes_after(measurements, [lost] * 3),
        "429 once, then an answer": _writes_after(measurements, [429]),
        "401": _writes_after(measurements, [401]),
    }
    always = writes["429 at every attempt"] and writes["network lost at every attempt"]
    return Outcome(
        judged(all(writes.values()), under_conditions=bool(always)),
        "writes: " + "; ".join(f"{name} {count}" for name, count in writes.items()),
        "only when all three attempts failed: a retry that succeeds leaves no trace",
        dict(writes),
    )


def _writes_after(measurements: Measurements, replies: list[Reply]) -> int:
    """KV writes of a plan whose first attempts the provider answers so."""
    testbed = measurements.testbed()
    testbed.script = lambda attempt: replies[attempt - 1] if attempt <= len(replies) else USEFUL
    return testbed.plan().cost.writes


@claim(34, "Chat messages are not logged to KV", "Examples", lines=(256,), consequence=Consequence.OPTIMISTIC)
def chat_messages(measurements: Measurements) -> Outcome:
    testbed = measurements.testbed()
    good = testbed.chat().cost.writes
    testbed.script = lambda _attempt: 400
    failed = testbed.chat().cost.writes
    return Outcome(
        judged(not good and not failed, under_conditions=not good),
        f"{good} writes for one that succeeds, {failed} for one that fails",
        "if they succeed",
        {"good": good, "failed": failed},
    )


@claim(35, f"Error keys look like {_EXAMPLE_KEY}", "Keys", lines=(267, 268), consequence=Consequence.COSMETIC)
def example_key(measurements: Measurements) -> Outcome:
    keys = [
        seen.key
        for call in range(1, 8)
        for seen in measurements.cost(DOCUMENT, 7, (call,)).operations
        if seen.service == "kv"
    ]
    milliseconds, digits = re.findall(r"_(\d+)_([0-9a-f]+)", keys[0])[0]
    in_example = re.findall(r"_(\d+)_", _EXAMPLE_KEY)[0]
    responses = sum(key.endswith("_response") for key in keys)
    return Outcome(
        judged(all(_KEY.fullmatch(key) for key in [*keys, _EXAMPLE_KEY]) and responses < len(keys)),
        f"ids have {len(milliseconds)} digits of milliseconds and {len(digits)} hexadecimal ones; the "
        f"example has {len(in_example)}, which are seconds ({iso_seconds(int(in_example))}). {responses} of "
        f"{len(keys)} keys end with _response, as the example does not",
        values={"digits": len(milliseconds), "digits_in_example": len(in_example), "responses": responses},
    )


@claim(
    36,
    "Full debugging from KV three days later",
    "Production Debugging",
    lines=(149, 150, 373),
    consequence=Consequence.OPTIMISTIC,
)
def debugging(measurements: Measurements) -> Outcome:
    entries = {
        variant: _errors_left(measurements, variant) for variant in (DOCUMENT, "hybrid_batched", _DESIGNED)
    }
    missing = {
        variant: [
            field
            for field in (*DEBUG_FIELDS, "provider")
            if not all(entry.get(field) for entry in of_variant)
        ]
        for variant, of_variant in entries.items()
    }
    left = sorted(set(entries[DOCUMENT][0]) & {"stepName", "timestamp", "duration", "error"})
    return Outcome(
        judged(bool(entries[DOCUMENT]) and not missing[DOCUMENT]),
        f"the hybrid entry has {', '.join(left)}; it lacks {', '.join(missing[DOCUMENT])}. "
        + "; ".join(
            f"{variant} lacks {', '.join(missing[variant]) or 'none of these'}"
            for variant in list(missing)[1:]
        ),
        values={variant: len(fields) for variant, fields in missing.items()},
    )


def _errors_left(measurements: Measurements, variant: str) -> list[dict[str, Any]]:
    """What KV holds of an error of three days ago."""
    testbed = a_bug_of_three_days_ago(lambda mode: measurements.testbed(variant, subrequests=mode))
    return list(testbed.kv_errors().values())


CLAIMS: tuple[DocumentClaim, ...] = (
    when_success_is_false, parse_failures, timeouts, passing_errors, chat_messages, example_key, debugging,
)  # fmt: skip
