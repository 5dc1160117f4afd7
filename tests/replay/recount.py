"""Recounts every metric of a journal, from its lines of JSON alone.

Each metric has a function of its own, written from its meaning in docs/metrics.md (and the diet worker's) and
from the journal's format in docs/reports.md. Nothing of `edgeday.measure` is used, so that an error there
shows as a difference.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]

DAY_S = 86_400
READS, WRITES, DELETES, LISTS = ("get", "getWithMetadata"), ("put",), ("delete",), ("list",)
AI_HOST = "api.openai.com"
DIET_NAMESPACE = "page_content"
PLANS = "POST /api/generate-plan"


class Run:
    """The lines of one scenario, by their kind."""

    def __init__(self, head: Row) -> None:
        self.scenario: Row = head["scenario"]
        self.limits: Row = head["limits"]
        self.lines: defaultdict[str, list[Row]] = defaultdict(list)

    @property
    def operations(self) -> list[Row]:
        return self.lines["operation"]

    @property
    def starts(self) -> list[Row]:
        return self.lines["invocation-started"]

    @property
    def ends(self) -> list[Row]:
        return self.lines["invocation-ended"]

    def of(self, service: str, *ops: str) -> Iterator[Row]:
        """Operations of a service; ops: some of them only."""
        return (one for one in self.operations if one["service"] == service and (not ops or one["op"] in ops))


def runs_of(path: Path) -> list[Run]:
    """The scenarios of a journal."""
    runs: list[Run] = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["event"] == "scenario":
            runs.append(Run(row))
        elif row["event"] not in {"journal", "journal-end", "end"}:
            runs[-1].lines[row["event"]].append(row)
    return runs


def metrics_of(run: Run) -> Row:
    """Every metric by its name, as the JSON report has them; None: no data."""
    metrics = {name: recount(run) for name, recount in METRICS.items()}
    for status, count in Counter(end["status"] for end in run.ends if end["status"]).items():
        metrics[f"requests.status{{status={status}}}"] = count
    return metrics


def diet_metrics_of(run: Run) -> Row:
    """Those that runs of the diet worker have besides."""
    return {name: recount(run) for name, recount in DIET_METRICS.items()}


def rows_of(run: Run) -> list[Row]:
    """What became of the requests of each route, as the JSON report has it, most requests first."""
    routes = {one["route"] for one in (*run.starts, *run.of("request"))}
    rows = []
    for route in routes:
        ends = [end for end in run.ends if end["route"] == route]
        statuses = Counter(end["status"] for end in ends)
        rows.append(
            {
                "route": route,
                "started": sum(start["route"] == route for start in run.starts),
                "by_status": {str(status): statuses[status] for status in sorted(statuses)},
                "failed": sum(map(_failed, ends)),
                "refused": sum(one["route"] == route for one in run.of("request")),
                "cut_off": sum(end["cut_off"] > 0 for end in ends),
            }
        )
    return sorted(rows, key=lambda row: (-row["started"] - row["refused"], row["route"]))


def _failed(end: Row) -> bool:
    return end["outcome"] != "ok" or end["status"] >= 500


# KV


def _refused(one: Row) -> bool:
    return one["outcome"] == "refused"


def _accepted(run: Run, ops: tuple[str, ...]) -> int:
    return sum(one["units"] for one in run.of("kv", *ops) if not _refused(one))


def _turned_away(run: Run, ops: tuple[str, ...]) -> int:
    return sum(one["units"] for one in run.of("kv", *ops) if one["cause"] == "quota")


def _busiest_day_percent(run: Run, ops: tuple[str, ...], limit: str) -> float | None:
    allowed = run.limits[limit]
    if allowed is None:
        return None
    days: Counter[int] = Counter()
    for one in run.of("kv", *ops):
        if not _refused(one):
            days[int(one["at"] // DAY_S)] += one["units"]
    return round(100 * max(days.values(), default=0) / allowed, 4)


def _of_class(name: str, ops: tuple[str, ...]) -> dict[str, Callable[[Run], Any]]:
    return {
        f"kv.{name}.asked": lambda run: _accepted(run, ops) + _turned_away(run, ops),
        f"kv.{name}.accepted": lambda run: _accepted(run, ops),
        f"kv.{name}.refused": lambda run: _turned_away(run, ops),
        f"kv.{name}.used_percent": lambda run: _busiest_day_percent(run, ops, f"kv_{name}_per_day"),
    }


def _kv_errors(run: Run) -> int:
    return sum(one["outcome"] == "error" for one in run.of("kv"))


# what the account holds


def _namespaces(run: Run) -> dict[str, str]:
    return run.scenario["namespaces"] or {DIET_NAMESPACE: DIET_NAMESPACE}


def _most_stored(run: Run) -> int:
    """The most bytes of live entries, looked at after each operation that stored something."""
    live: dict[tuple[str, str], tuple[int, float | None]] = {}
    most = 0
    for one in run.of("kv"):
        entry = (_namespaces(run).get(one["binding"], one["binding"]), one["key"])
        if one["outcome"] in {"stored", "deleted"}:
            live.pop(entry, None)
        if one["outcome"] == "stored":
            size = len(one["key"].encode()) + one["size_bytes"] + one["metadata_bytes"]
            live[entry] = (size, one["expires_at"])
            left = [size for size, ends in live.values() if ends is None or one["at"] < ends]
            most = max(most, sum(left))
    return most


def _requests_percent(run: Run) -> float | None:
    allowed = run.limits["requests_per_day"]
    days = Counter(int(start["at"] // DAY_S) for start in run.starts)
    return None if allowed is None else round(100 * max(days.values(), default=0) / allowed, 4)


# the cache


def _cache(run: Run, *ops: str, outcome: str = "") -> int:
    """Cache operations that reached the cache. outcome: with one only."""
    reached = [one for one in run.of("cache", *ops) if one["outcome"] not in {"refused", "error", "evicted"}]
    return sum(one["outcome"] == outcome for one in reached) if outcome else len(reached)


def _cache_ended(run: Run, outcome: str) -> int:
    return sum(one["outcome"] == outcome for one in run.of("cache"))


# subrequests: counted from the operations of each invocation, not from what its end says


def external_of(run: Run) -> Counter[int]:
    """How many external subrequests each invocation asked for."""
    asked = [*run.of("cache", "put", "match", "delete"), *run.of("fetch")]
    return Counter(one["invocation"] for one in asked if one["invocation"])


def internal_of(run: Run) -> Counter[int]:
    """How many internal ones; a KV call that a spent quota refuses is none."""
    return Counter(one["invocation"] for one in run.of("kv") if one["invocation"] and one["cause"] != "quota")


def _over_limit(run: Run) -> int:
    counted = external_of(run)
    if run.limits["subrequests_shared"]:
        counted += internal_of(run)
    return sum(count > run.limits["external_subrequests"] for count in counted.values())


# the traffic's own checks, and its sessions


def _sessions(run: Run, outcome: str) -> int:
    return sum(end["outcome"] == outcome for end in run.lines["session-ended"])


METRICS: dict[str, Callable[[Run], Any]] = {
    "requests.started": lambda run: len(run.starts),
    "requests.failed": lambda run: sum(map(_failed, run.ends)),
    "requests.used_percent": _requests_percent,
    "kv.storage_bytes": _most_stored,
    "kv.namespaces": lambda run: len(set(_namespaces(run).values())),
    "crons.triggers": lambda run: sum("cron" in part for part in run.scenario["traffic"]),
    "requests.refused": lambda run: sum(map(_refused, run.of("request"))),
    **_of_class("reads", READS),
    **_of_class("writes", WRITES),
    **_of_class("deletes", DELETES),
    **_of_class("lists", LISTS),
    "kv.refused": lambda run: _turned_away(run, (*READS, *WRITES, *DELETES, *LISTS)),
    "kv.errors": _kv_errors,
    "cache.puts": lambda run: _cache(run, "put"),
    "cache.matches": lambda run: _cache(run, "match"),
    "cache.deletes": lambda run: _cache(run, "delete"),
    "cache.operations": lambda run: _cache(run, "put", "match", "delete"),
    "cache.hits": lambda run: _cache(run, "match", outcome="hit"),
    "cache.misses": lambda run: _cache(run, "match", outcome="miss"),
    "cache.not_stored": lambda run: _cache(run, "put", outcome="not-stored"),
    "cache.refused": lambda run: _cache_ended(run, "refused"),
    "cache.evicted": lambda run: _cache_ended(run, "evicted"),
    "subrequests.max_per_invocation": lambda run: max(external_of(run).values(), default=0),
    "subrequests.internal_max_per_invocation": lambda run: max(internal_of(run).values(), default=0),
    "subrequests.invocations_over_limit": _over_limit,
    "subrequests.refused": lambda run: sum(one["cause"] == "subrequests" for one in run.operations),
    "invocations.cut_off": lambda run: sum(end["cut_off"] > 0 for end in run.ends),
    "expectations.checked": lambda run: len(run.lines["expectation-checked"]),
    "expectations.failed": lambda run: sum(one["unmet"] > 0 for one in run.lines["expectation-checked"]),
    "sessions.started": lambda run: len(run.lines["session-started"]),
    "sessions.completed": lambda run: _sessions(run, "completed"),
    "sessions.left": lambda run: _sessions(run, "left"),
    "sessions.failed": lambda run: _sessions(run, "failed"),
}


# the diet worker


def _plans(run: Run, done: bool) -> int:
    plans = [end for end in run.ends if end["route"] == PLANS]
    return sum((end["outcome"] == "ok" and end["status"] < 400) is done for end in plans)


def _calls(run: Run, *outcomes: str) -> int:
    calls = [one for one in run.of("fetch") if one["binding"] == AI_HOST]
    return sum(not outcomes or one["outcome"] in outcomes for one in calls)


def _logs(outcome: str) -> Callable[[Run], int | None]:
    """What the audit counted of the logs; None: there was no audit."""

    def recount(run: Run) -> int | None:
        audited = list(run.of("logs"))
        return sum(one["units"] for one in audited if one["outcome"] == outcome) if audited else None

    return recount


DIET_METRICS: dict[str, Callable[[Run], Any]] = {
    "plans.started": lambda run: sum(start["route"] == PLANS for start in run.starts),
    "plans.completed": lambda run: _plans(run, True),
    "plans.failed": lambda run: _plans(run, False),
    "ai.calls": lambda run: _calls(run) - _calls(run, "refused"),
    "ai.errors": lambda run: _calls(run, "error"),
    "ai.refused": lambda run: _calls(run, "refused"),
    **{
        f"logs.{name}": _logs(name.replace("_", "-"))
        for name in (
            "written", "readable", "elsewhere", "orphaned", "expired", "evicted", "deleted", "never_stored",
            "calls_readable", "errors", "errors_debuggable",
        )
    },
}  # fmt: skip
