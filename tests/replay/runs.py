"""Short ways to events, and to a replay of a scenario that is written in a test."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from edgeday.clock import epoch_seconds
from edgeday.events import InvocationEnded, InvocationStarted, Operation
from edgeday.limits import account_limits
from edgeday.measure.counter import Counter
from edgeday.measure.metrics import Scope
from edgeday.replay.runner import replay
from edgeday.scenario.loader import Loaded
from edgeday.scenario.model import Scenario
from edgeday.scenario.yaml_source import Source
from worker_port import AiDietWorker
from worker_port.profile import PROFILE

START = "2026-02-16T00:00:00Z"
MIDNIGHT = epoch_seconds(START)
PLAN = "POST /api/generate-plan"
AI_HOST = "api.openai.com"
PLANS = PROFILE.noun
METRICS = PROFILE.metrics_by_name
FREE = account_limits("free", date(2026, 2, 16))
PAID = account_limits("paid", date(2026, 2, 16))


def operation(
    service="kv", op="put", outcome="stored", *, at_s=0.0, units=None, key="a:1", binding="b", **more
):
    """One operation; a KV operation costs 1 unit unless told otherwise."""
    charged = (1 if service == "kv" else 0) if units is None else units
    fields = {"reason": "", "size_bytes": 0, "invocation": 1, "route": PLAN, "colo": "SOF", **more}
    return Operation(
        at=MIDNIGHT + at_s, service=service, op=op, binding=binding, key=key, outcome=outcome, units=charged,
        **fields,
    )  # fmt: skip


def counting(stream, limits=FREE):
    """A counter of all that the worker's profile measures."""
    return Counter(stream, Scope(limits, PROFILE.hosts), METRICS)


def started(route=PLAN, number=1, at_s=0.0):
    return InvocationStarted(MIDNIGHT + at_s, number, route, "SOF")


def ended(
    route=PLAN, *, outcome="ok", status=200, external=0, internal=0, refused=0, last_fetch=0, number=1,
    error="", **more,
):  # fmt: skip
    counts = (external, internal, refused, last_fetch)
    return InvocationEnded(MIDNIGHT, number, route, "SOF", MIDNIGHT, outcome, status, *counts, error, **more)


def scenario(**fields):
    return Scenario.model_validate({"name": "written-in-a-test", "start": START, **fields})


def run(worker=AiDietWorker, *, seed=None, **fields):
    """The result of replaying a scenario with these fields."""
    fields = {"worker": {"entry": "worker_port:AiDietWorker"}, **fields}
    loaded = Loaded(Path("written-in-a-test"), scenario(**fields), worker, Source("written-in-a-test", []))
    return replay(loaded, seed=seed)
