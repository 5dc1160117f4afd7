"""edgeday: a local Cloudflare that enforces daily quotas, and a harness that replays days against it.

This is the public face: the names of `PUBLIC`, which are `__all__`, are for others to use and keep their
meaning within a version; every other module is internal. `edgeday.web` has what a worker's own code imports.
Nothing is imported before it is used, so that `import edgeday` costs next to nothing; `__init__.pyi` says the
same to type checkers.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

PUBLIC: Mapping[str, Mapping[str, str]] = {
    "An account, and the worker on it": {
        "runtime.edge": "Edge",
        "runtime.endings": "ScheduledOutcome",
        "production.settings": "Fault ProductionSettings",
        "runtime.entry": "BadEntry NamedWorker import_worker resolve_worker",
        "limits": "Account AccountLimits Mode Switches account_limits",
        "ledger": "KV_QUOTAS Ledger Op Usage quota_error",
        "invocation": "ExecutionContext Invocation ScheduledController",
        "kv.namespace": "KVNamespace",
        "prices": "monthly_usd",
    },
    "What a worker meets (also in `edgeday.web`)": {
        "web.messages": "Request Response",
        "web.forms": "Blob File FormData",
        "web.headers": "Headers",
        "web.body": "ReadableStream",
        "web.ambient": "caches fetch isolate_state now_ms random_uuid sleep",
    },
    "Time": {
        "clock": (
            "Clock MovableClock SystemClock VirtualClock DAY_S LAST_INSTANT epoch_seconds is_expired "
            "iso_seconds utc"
        ),
        "virtual_loop": "run_virtual virtual_sleep=sleep",
        "ambient": "worker_time=installed",
        "cron": "BadCron Cron parse_cron=parse",
    },
    "Errors: the platform's, and a person's": {
        "errors": (
            "BadInput KVRequestFailed PlatformError Problem QuotaExceeded TooManySubrequests "
            "WorkerMisbehaved WorkerRaised"
        ),
    },
    "Scenarios: loading, replaying, judging": {
        "scenario.loader": "Loaded OtherWorker load_scenario=load_one load_scenarios=load",
        "scenario.model": "Scenario",
        "scenario.worker": "ScenarioWorker=Worker",
        "scenario.yaml_source": "YamlSource=Source",
        "replay.runner": "ReplayFailed replay_scenario=replay",
        "replay.capacity": "measure_capacity measure_day",
        "replay.capacity_limits": "Capacity DayAnswer DayReplayed LIMIT_NAMES LimitReached LimitUse",
        "measure.results": "ExceededLimit Finding RouteRow ScenarioResult",
        "report.headline": "Headline headline_of",
        "measure.metrics": "Metric Snapshot",
    },
    "What happened: the event stream": {
        "events": (
            "Cause Diagnostic EventStream ExpectationChecked InvocationEnded InvocationStarted Operation "
            "SessionEnded SessionStarted"
        ),
    },
    "Stores and state files": {
        "storage.memory": "MemoryStore",
        "storage.sqlite": "SqliteStore",
        "storage.records": "KVEntry",
        "storage.database": "open_state_reader=open_reader state_file_errors=explained",
        "storage.transactions": "end_of_prefix",
        "storage.json_lines": (
            "export_header=header_line export_kv_line=kv_line exported_kv_entries=kv_entries"
        ),
        "files": "WholeFile read_capped",
    },
    "Quota budgets in tests": {
        "pytest_plugin.quota": "QuotaBudgetExceeded edge_budget",
    },
    "Extensions: worker profiles": {
        "extensions": "CommandRow Extension",
        "scenario.profile": "Expectation ProbeKind ServedOrigins TrafficKind WorkerProfile",
        "measure.noun": "Noun",
        "measure.results": "UsageRow",
        "scenario.traffic": "PerDay RequestTraffic TrafficPart in_proportion",
        "scenario.values": "Draws",
        "scenario.arrivals": "Arrivals Even",
        "scenario.expectations": "Expect",
        "distributions": "Distribution Duration Fixed Uniform",
        "fields": "ScenarioModel=Model model_error=impossible",
        "replay.traffic": "TrafficScript=Script",
        "measure.findings.rule": "Conditions FindingRule",
        "measure.metrics": "ACCEPTED AUDIT REFUSED Ends Operations Scope Starts answered_below",
    },
    "Extensions: commands and what they print": {
        "commands.cli": "EXIT_CODES",
        "commands.console": (
            "EXIT_BROKEN EXIT_INTERRUPTED EXIT_WORKER_RAISED refuse refuse_bad spoken_progress"
        ),
        "commands.outputs": "Outputs write_rendered",
        "report.columns": "Columns",
        "report.grids": "Grid as_markdown as_table",
        "report.wording": "number_in_words=number",
    },
    "Extensions: dashboard pages": {
        "server.dashboard.pages": "Page",
        "server.dashboard.site": "DashboardSite=Site DashboardView=View DashboardVisit=Visit",
        "server.errors": "ApiError bad_request",
    },
}
"""By subject: the module below `edgeday` that a name is from, and the names; NAME=INSIDE where it is called
INSIDE there."""

_PLACES: dict[str, tuple[str, str]] = {}
for _modules in PUBLIC.values():
    for _module, _names in _modules.items():
        for _name in _names.split():
            _public, _, _inside = _name.partition("=")
            _PLACES[_public] = (f"edgeday.{_module}", _inside or _public)

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, inside = _PLACES[name]
    value = globals()[name] = getattr(importlib.import_module(module), inside)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
