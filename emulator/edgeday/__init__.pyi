"""What `edgeday` offers, for type checkers: the same names as in `__init__.py`, which a test holds."""

from collections.abc import Mapping

from edgeday.ambient import installed as worker_time
from edgeday.clock import Clock as Clock
from edgeday.clock import DAY_S as DAY_S
from edgeday.clock import LAST_INSTANT as LAST_INSTANT
from edgeday.clock import MovableClock as MovableClock
from edgeday.clock import SystemClock as SystemClock
from edgeday.clock import VirtualClock as VirtualClock
from edgeday.clock import epoch_seconds as epoch_seconds
from edgeday.clock import is_expired as is_expired
from edgeday.clock import iso_seconds as iso_seconds
from edgeday.clock import utc as utc
from edgeday.commands.cli import EXIT_CODES as EXIT_CODES
from edgeday.commands.console import EXIT_BROKEN as EXIT_BROKEN
from edgeday.commands.console import EXIT_INTERRUPTED as EXIT_INTERRUPTED
from edgeday.commands.console import EXIT_WORKER_RAISED as EXIT_WORKER_RAISED
from edgeday.commands.console import refuse as refuse
from edgeday.commands.console import refuse_bad as refuse_bad
from edgeday.commands.console import spoken_progress as spoken_progress
from edgeday.commands.outputs import Outputs as Outputs
from edgeday.commands.outputs import write_rendered as write_rendered
from edgeday.cron import BadCron as BadCron
from edgeday.cron import Cron as Cron
from edgeday.cron import parse as parse_cron
from edgeday.distributions import Distribution as Distribution
from edgeday.distributions import Duration as Duration
from edgeday.distributions import Fixed as Fixed
from edgeday.distributions import Uniform as Uniform
from edgeday.errors import BadInput as BadInput
from edgeday.errors import KVRequestFailed as KVRequestFailed
from edgeday.errors import PlatformError as PlatformError
from edgeday.errors import Problem as Problem
from edgeday.errors import QuotaExceeded as QuotaExceeded
from edgeday.errors import TooManySubrequests as TooManySubrequests
from edgeday.errors import WorkerMisbehaved as WorkerMisbehaved
from edgeday.errors import WorkerRaised as WorkerRaised
from edgeday.events import Cause as Cause
from edgeday.events import Diagnostic as Diagnostic
from edgeday.events import EventStream as EventStream
from edgeday.events import ExpectationChecked as ExpectationChecked
from edgeday.events import InvocationEnded as InvocationEnded
from edgeday.events import InvocationStarted as InvocationStarted
from edgeday.events import Operation as Operation
from edgeday.events import SessionEnded as SessionEnded
from edgeday.events import SessionStarted as SessionStarted
from edgeday.extensions import CommandRow as CommandRow
from edgeday.extensions import Extension as Extension
from edgeday.fields import Model as ScenarioModel
from edgeday.fields import impossible as model_error
from edgeday.files import WholeFile as WholeFile
from edgeday.files import read_capped as read_capped
from edgeday.invocation import ExecutionContext as ExecutionContext
from edgeday.invocation import Invocation as Invocation
from edgeday.invocation import ScheduledController as ScheduledController
from edgeday.kv.namespace import KVNamespace as KVNamespace
from edgeday.ledger import KV_QUOTAS as KV_QUOTAS
from edgeday.ledger import Ledger as Ledger
from edgeday.ledger import Op as Op
from edgeday.ledger import Usage as Usage
from edgeday.ledger import quota_error as quota_error
from edgeday.limits import Account as Account
from edgeday.limits import AccountLimits as AccountLimits
from edgeday.limits import Mode as Mode
from edgeday.limits import Switches as Switches
from edgeday.limits import account_limits as account_limits
from edgeday.measure.findings.rule import Conditions as Conditions
from edgeday.measure.findings.rule import FindingRule as FindingRule
from edgeday.measure.metrics import ACCEPTED as ACCEPTED
from edgeday.measure.metrics import AUDIT as AUDIT
from edgeday.measure.metrics import Ends as Ends
from edgeday.measure.metrics import Metric as Metric
from edgeday.measure.metrics import Operations as Operations
from edgeday.measure.metrics import REFUSED as REFUSED
from edgeday.measure.metrics import Scope as Scope
from edgeday.measure.metrics import Snapshot as Snapshot
from edgeday.measure.metrics import Starts as Starts
from edgeday.measure.metrics import answered_below as answered_below
from edgeday.measure.noun import Noun as Noun
from edgeday.measure.results import ExceededLimit as ExceededLimit
from edgeday.measure.results import Finding as Finding
from edgeday.measure.results import RouteRow as RouteRow
from edgeday.measure.results import ScenarioResult as ScenarioResult
from edgeday.measure.results import UsageRow as UsageRow
from edgeday.prices import monthly_usd as monthly_usd
from edgeday.production.settings import Fault as Fault
from edgeday.production.settings import ProductionSettings as ProductionSettings
from edgeday.pytest_plugin.quota import QuotaBudgetExceeded as QuotaBudgetExceeded
from edgeday.pytest_plugin.quota import edge_budget as edge_budget
from edgeday.replay.capacity import measure_capacity as measure_capacity
from edgeday.replay.capacity import measure_day as measure_day
from edgeday.replay.capacity_limits import Capacity as Capacity
from edgeday.replay.capacity_limits import DayAnswer as DayAnswer
from edgeday.replay.capacity_limits import DayReplayed as DayReplayed
from edgeday.replay.capacity_limits import LIMIT_NAMES as LIMIT_NAMES
from edgeday.replay.capacity_limits import LimitReached as LimitReached
from edgeday.replay.capacity_limits import LimitUse as LimitUse
from edgeday.replay.runner import ReplayFailed as ReplayFailed
from edgeday.replay.runner import replay as replay_scenario
from edgeday.replay.traffic import Script as TrafficScript
from edgeday.report.columns import Columns as Columns
from edgeday.report.grids import Grid as Grid
from edgeday.report.grids import as_markdown as as_markdown
from edgeday.report.grids import as_table as as_table
from edgeday.report.headline import Headline as Headline
from edgeday.report.headline import headline_of as headline_of
from edgeday.report.wording import number as number_in_words
from edgeday.runtime.edge import Edge as Edge
from edgeday.runtime.endings import ScheduledOutcome as ScheduledOutcome
from edgeday.runtime.entry import BadEntry as BadEntry
from edgeday.runtime.entry import NamedWorker as NamedWorker
from edgeday.runtime.entry import import_worker as import_worker
from edgeday.runtime.entry import resolve_worker as resolve_worker
from edgeday.scenario.arrivals import Arrivals as Arrivals
from edgeday.scenario.arrivals import Even as Even
from edgeday.scenario.expectations import Expect as Expect
from edgeday.scenario.loader import Loaded as Loaded
from edgeday.scenario.loader import OtherWorker as OtherWorker
from edgeday.scenario.loader import load as load_scenarios
from edgeday.scenario.loader import load_one as load_scenario
from edgeday.scenario.model import Scenario as Scenario
from edgeday.scenario.profile import Expectation as Expectation
from edgeday.scenario.profile import ProbeKind as ProbeKind
from edgeday.scenario.profile import ServedOrigins as ServedOrigins
from edgeday.scenario.profile import TrafficKind as TrafficKind
from edgeday.scenario.profile import WorkerProfile as WorkerProfile
from edgeday.scenario.traffic import PerDay as PerDay
from edgeday.scenario.traffic import RequestTraffic as RequestTraffic
from edgeday.scenario.traffic import TrafficPart as TrafficPart
from edgeday.scenario.traffic import in_proportion as in_proportion
from edgeday.scenario.values import Draws as Draws
from edgeday.scenario.worker import Worker as ScenarioWorker
from edgeday.scenario.yaml_source import Source as YamlSource
from edgeday.server.dashboard.pages import Page as Page
from edgeday.server.dashboard.site import Site as DashboardSite
from edgeday.server.dashboard.site import View as DashboardView
from edgeday.server.dashboard.site import Visit as DashboardVisit
from edgeday.server.errors import ApiError as ApiError
from edgeday.server.errors import bad_request as bad_request
from edgeday.storage.database import explained as state_file_errors
from edgeday.storage.database import open_reader as open_state_reader
from edgeday.storage.json_lines import header_line as export_header
from edgeday.storage.json_lines import kv_entries as exported_kv_entries
from edgeday.storage.json_lines import kv_line as export_kv_line
from edgeday.storage.memory import MemoryStore as MemoryStore
from edgeday.storage.records import KVEntry as KVEntry
from edgeday.storage.sqlite import SqliteStore as SqliteStore
from edgeday.storage.transactions import end_of_prefix as end_of_prefix
from edgeday.virtual_loop import run_virtual as run_virtual
from edgeday.virtual_loop import sleep as virtual_sleep
from edgeday.web.ambient import caches as caches
from edgeday.web.ambient import fetch as fetch
from edgeday.web.ambient import isolate_state as isolate_state
from edgeday.web.ambient import now_ms as now_ms
from edgeday.web.ambient import random_uuid as random_uuid
from edgeday.web.ambient import sleep as sleep
from edgeday.web.body import ReadableStream as ReadableStream
from edgeday.web.forms import Blob as Blob
from edgeday.web.forms import File as File
from edgeday.web.forms import FormData as FormData
from edgeday.web.headers import Headers as Headers
from edgeday.web.messages import Request as Request
from edgeday.web.messages import Response as Response

PUBLIC: Mapping[str, Mapping[str, str]]
_PLACES: Mapping[str, tuple[str, str]]
__all__ = [
    "ACCEPTED",
    "AUDIT",
    "Account",
    "AccountLimits",
    "ApiError",
    "Arrivals",
    "BadCron",
    "BadEntry",
    "BadInput",
    "Blob",
    "Capacity",
    "Cause",
    "Clock",
    "Columns",
    "CommandRow",
    "Conditions",
    "Cron",
    "DAY_S",
    "DashboardSite",
    "DashboardView",
    "DashboardVisit",
    "DayAnswer",
    "DayReplayed",
    "Diagnostic",
    "Distribution",
    "Duration",
    "EXIT_BROKEN",
    "EXIT_CODES",
    "EXIT_INTERRUPTED",
    "EXIT_WORKER_RAISED",
    "Edge",
    "Ends",
    "Even",
    "EventStream",
    "ExceededLimit",
    "ExecutionContext",
    "Expect",
    "Expectation",
    "ExpectationChecked",
    "Extension",
    "Fault",
    "File",
    "Finding",
    "FindingRule",
    "Fixed",
    "FormData",
    "Grid",
    "Headers",
    "Headline",
    "Invocation",
    "InvocationEnded",
    "InvocationStarted",
    "KVEntry",
    "KVNamespace",
    "KVRequestFailed",
    "KV_QUOTAS",
    "LAST_INSTANT",
    "LIMIT_NAMES",
    "Ledger",
    "LimitReached",
    "LimitUse",
    "Loaded",
    "MemoryStore",
    "Metric",
    "Mode",
    "MovableClock",
    "NamedWorker",
    "Noun",
    "Op",
    "Operation",
    "Operations",
    "OtherWorker",
    "Outputs",
    "Page",
    "PerDay",
    "PlatformError",
    "ProbeKind",
    "Problem",
    "ProductionSettings",
    "QuotaBudgetExceeded",
    "QuotaExceeded",
    "REFUSED",
    "ReadableStream",
    "ReplayFailed",
    "Request",
    "RequestTraffic",
    "Response",
    "RouteRow",
    "Scenario",
    "ScenarioModel",
    "ScenarioResult",
    "ScenarioWorker",
    "ScheduledController",
    "ScheduledOutcome",
    "Scope",
    "ServedOrigins",
    "SessionEnded",
    "SessionStarted",
    "Snapshot",
    "SqliteStore",
    "Starts",
    "Switches",
    "SystemClock",
    "TooManySubrequests",
    "TrafficKind",
    "TrafficPart",
    "TrafficScript",
    "Uniform",
    "Usage",
    "UsageRow",
    "VirtualClock",
    "WholeFile",
    "WorkerMisbehaved",
    "WorkerProfile",
    "WorkerRaised",
    "YamlSource",
    "account_limits",
    "answered_below",
    "as_markdown",
    "as_table",
    "bad_request",
    "caches",
    "edge_budget",
    "end_of_prefix",
    "epoch_seconds",
    "export_header",
    "export_kv_line",
    "exported_kv_entries",
    "fetch",
    "headline_of",
    "import_worker",
    "is_expired",
    "iso_seconds",
    "isolate_state",
    "load_scenario",
    "load_scenarios",
    "measure_capacity",
    "measure_day",
    "model_error",
    "monthly_usd",
    "now_ms",
    "number_in_words",
    "open_state_reader",
    "parse_cron",
    "quota_error",
    "random_uuid",
    "read_capped",
    "refuse",
    "refuse_bad",
    "replay_scenario",
    "resolve_worker",
    "run_virtual",
    "sleep",
    "spoken_progress",
    "state_file_errors",
    "utc",
    "virtual_sleep",
    "worker_time",
    "write_rendered",
]
