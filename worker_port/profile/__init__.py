"""The profile of the diet worker: what edgeday may know of it, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from edgeday import Edge, Noun, TrafficKind, UsageRow, WorkerProfile
from worker_port.profile.ai_provider import AI_HOSTS, answer
from worker_port.profile.findings import CrowdedIndex, LogFindings
from worker_port.profile.log_book import LogBook
from worker_port.profile.metrics import AI, METRICS
from worker_port.profile.probes import EXPECTATIONS, PROBES
from worker_port.profile.stand_in import served_origins
from worker_port.profile.traffic import PLAN_ROUTE, AiRequestTraffic, PlanTraffic

_NAMESPACE = "page_content"
_DOCUMENT_NAMESPACE = "81fc0991b2764918b682f9ca170abd4b"
"""The namespace of the worker's design document, whose clean-up command names it."""


def _audit(edge: Edge, worker: type, variables: Mapping[str, Any], colo: str) -> LogBook:
    return LogBook(edge, cast("Any", worker).log_audit(variables), colo)


def _can_audit(worker: type) -> str:
    return "" if hasattr(worker, "log_audit") else "it has no `log_audit`"


PROFILE = WorkerProfile(
    name="diet",
    entry="worker_port:AiDietWorker",
    noun=Noun(
        "plan",
        "plans",
        frozenset({PLAN_ROUTE}),
        "plans.started",
        "plans.failed",
        "plans.completed",
        fetch="an AI call",
        loses="log entries",
    ),
    origin="https://aidiet.example",
    namespaces={_NAMESPACE: _NAMESPACE},
    served_namespaces={_NAMESPACE: _DOCUMENT_NAMESPACE},
    variables={"OPENAI_API_KEY": "sk-stand-in"},
    variant_variable="AI_LOG_VARIANT",
    first_variant="hybrid",
    outbound=dict.fromkeys(AI_HOSTS, answer),
    hosts=dict.fromkeys(AI_HOSTS, AI),
    served=served_origins,
    traffic=(
        TrafficKind(PlanTraffic, frozenset({"plans"})),
        TrafficKind(AiRequestTraffic, frozenset({"errors", "ai"})),
    ),
    probes=PROBES,
    expectations=EXPECTATIONS,
    metrics=METRICS,
    rules=(LogFindings, CrowdedIndex),
    usage=(
        UsageRow("plans", "plans.started", "plans.failed", "failed"),
        UsageRow("AI calls", "ai.calls", "ai.refused", "refused"),
    ),
    audit=_audit,
    can_audit=_can_audit,
)
