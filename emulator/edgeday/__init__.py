"""edgeday: a local Cloudflare that enforces daily quotas, and a harness that replays days against it.

This is the public face: what `__all__` names is for others to use and keeps its meaning within a version;
every other module is internal. `edgeday.web` has what a worker's own code imports. Nothing is imported before
it is used, so that `import edgeday` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgeday.clock import Clock, MovableClock, SystemClock, VirtualClock
    from edgeday.errors import (
        BadInput,
        KVRequestFailed,
        PlatformError,
        Problem,
        QuotaExceeded,
        TooManySubrequests,
    )
    from edgeday.events import Cause, EventStream, InvocationEnded, InvocationStarted, Operation
    from edgeday.extensions import CommandRow, Extension
    from edgeday.invocation import Invocation
    from edgeday.kv.namespace import KVNamespace
    from edgeday.ledger import Ledger, Op, Usage
    from edgeday.limits import Account, AccountLimits, Mode, Switches, account_limits
    from edgeday.measure.findings.rule import Conditions, FindingRule
    from edgeday.measure.metrics import Ends, Metric, Operations, Snapshot, Starts
    from edgeday.measure.noun import Noun
    from edgeday.measure.results import Finding, ScenarioResult, UsageRow
    from edgeday.prices import monthly_usd
    from edgeday.production.settings import Fault, ProductionSettings
    from edgeday.pytest_plugin.quota import QuotaBudgetExceeded, edge_budget
    from edgeday.replay.capacity import measure_capacity
    from edgeday.replay.capacity_limits import Capacity
    from edgeday.replay.runner import ReplayFailed
    from edgeday.replay.runner import replay as replay_scenario
    from edgeday.runtime.edge import Edge
    from edgeday.runtime.entry import import_worker
    from edgeday.scenario.arrivals import Arrivals, Even
    from edgeday.scenario.loader import Loaded
    from edgeday.scenario.loader import load as load_scenarios
    from edgeday.scenario.loader import load_one as load_scenario
    from edgeday.scenario.model import Scenario
    from edgeday.scenario.profile import Expectation, ProbeKind, ServedOrigins, TrafficKind, WorkerProfile
    from edgeday.scenario.traffic import PerDay, RequestTraffic, TrafficPart
    from edgeday.server.dashboard.pages import Page
    from edgeday.storage.memory import MemoryStore
    from edgeday.storage.sqlite import SqliteStore
    from edgeday.virtual_loop import run_virtual
    from edgeday.web.ambient import caches, fetch, isolate_state, now_ms, random_uuid, sleep
    from edgeday.web.body import ReadableStream
    from edgeday.web.headers import Headers
    from edgeday.web.messages import Request, Response

__all__ = [
    # An account, and the worker on it
    "Edge",
    "Fault",
    "ProductionSettings",
    "import_worker",
    "Account",
    "AccountLimits",
    "Mode",
    "Switches",
    "account_limits",
    "Ledger",
    "Op",
    "Usage",
    "Invocation",
    "KVNamespace",
    "monthly_usd",
    # What a worker meets (also in `edgeday.web`)
    "Request",
    "Response",
    "Headers",
    "ReadableStream",
    "caches",
    "fetch",
    "isolate_state",
    "now_ms",
    "random_uuid",
    "sleep",
    # Time
    "Clock",
    "MovableClock",
    "SystemClock",
    "VirtualClock",
    "run_virtual",
    # Errors: the platform's, and a person's
    "BadInput",
    "KVRequestFailed",
    "PlatformError",
    "Problem",
    "QuotaExceeded",
    "TooManySubrequests",
    # Scenarios: loading, replaying, judging
    "Loaded",
    "load_scenario",
    "load_scenarios",
    "Scenario",
    "ReplayFailed",
    "replay_scenario",
    "measure_capacity",
    "Capacity",
    "Finding",
    "ScenarioResult",
    "Metric",
    "Snapshot",
    # What happened: the event stream
    "Cause",
    "EventStream",
    "InvocationEnded",
    "InvocationStarted",
    "Operation",
    # State files
    "MemoryStore",
    "SqliteStore",
    # Quota budgets in tests
    "QuotaBudgetExceeded",
    "edge_budget",
    # Extensions: commands, dashboard pages, worker profiles
    "CommandRow",
    "Extension",
    "Expectation",
    "ProbeKind",
    "ServedOrigins",
    "TrafficKind",
    "WorkerProfile",
    "RequestTraffic",
    "TrafficPart",
    "PerDay",
    "Arrivals",
    "Even",
    "Operations",
    "Starts",
    "Ends",
    "FindingRule",
    "Conditions",
    "Noun",
    "UsageRow",
    "Page",
]

_MODULES = {
    "edgeday.runtime.edge": ("Edge",),
    "edgeday.production.settings": ("Fault", "ProductionSettings"),
    "edgeday.runtime.entry": ("import_worker",),
    "edgeday.limits": (
        "Account",
        "AccountLimits",
        "Mode",
        "Switches",
        "account_limits",
    ),
    "edgeday.ledger": (
        "Ledger",
        "Op",
        "Usage",
    ),
    "edgeday.invocation": ("Invocation",),
    "edgeday.kv.namespace": ("KVNamespace",),
    "edgeday.prices": ("monthly_usd",),
    "edgeday.web.messages": (
        "Request",
        "Response",
    ),
    "edgeday.web.headers": ("Headers",),
    "edgeday.web.body": ("ReadableStream",),
    "edgeday.web.ambient": (
        "caches",
        "fetch",
        "isolate_state",
        "now_ms",
        "random_uuid",
        "sleep",
    ),
    "edgeday.clock": (
        "Clock",
        "MovableClock",
        "SystemClock",
        "VirtualClock",
    ),
    "edgeday.virtual_loop": ("run_virtual",),
    "edgeday.errors": (
        "BadInput",
        "KVRequestFailed",
        "PlatformError",
        "Problem",
        "QuotaExceeded",
        "TooManySubrequests",
    ),
    "edgeday.scenario.loader": (
        "Loaded",
        "load_scenario",
        "load_scenarios",
    ),
    "edgeday.scenario.model": ("Scenario",),
    "edgeday.replay.runner": (
        "ReplayFailed",
        "replay_scenario",
    ),
    "edgeday.replay.capacity": ("measure_capacity",),
    "edgeday.replay.capacity_limits": ("Capacity",),
    "edgeday.measure.results": (
        "Finding",
        "ScenarioResult",
        "UsageRow",
    ),
    "edgeday.measure.metrics": (
        "Ends",
        "Metric",
        "Operations",
        "Snapshot",
        "Starts",
    ),
    "edgeday.measure.findings.rule": (
        "Conditions",
        "FindingRule",
    ),
    "edgeday.events": (
        "Cause",
        "EventStream",
        "InvocationEnded",
        "InvocationStarted",
        "Operation",
    ),
    "edgeday.storage.memory": ("MemoryStore",),
    "edgeday.storage.sqlite": ("SqliteStore",),
    "edgeday.pytest_plugin.quota": (
        "QuotaBudgetExceeded",
        "edge_budget",
    ),
    "edgeday.extensions": (
        "CommandRow",
        "Extension",
    ),
    "edgeday.scenario.profile": (
        "Expectation",
        "ProbeKind",
        "ServedOrigins",
        "TrafficKind",
        "WorkerProfile",
    ),
    "edgeday.scenario.arrivals": (
        "Arrivals",
        "Even",
    ),
    "edgeday.scenario.traffic": (
        "PerDay",
        "RequestTraffic",
        "TrafficPart",
    ),
    "edgeday.measure.noun": ("Noun",),
    "edgeday.server.dashboard.pages": ("Page",),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}
_INSIDE = {"load_scenario": "load_one", "load_scenarios": "load", "replay_scenario": "replay"}
"""Names that say more outside than they do inside of their module."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_PLACES[name]), _INSIDE.get(name, name))
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
