"""Whatever the events of a journal say, the run is judged: an operation of no class is charged to none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.events import (
    Cause,
    Diagnostic,
    EventStream,
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
    SessionEnded,
    SessionStarted,
)
from edgeday.ledger import QUOTA_OF
from edgeday.replay.judge import Judge, RunEnd, RunStart
from edgeday.replay.timeline import Timeline
from edgeday.report.html.plots import plots_of
from tests.replay.runs import AI_HOST, FREE, MIDNIGHT, PLAN, operation, scenario
from worker_port.profile import PROFILE

instants = st.floats(MIDNIGHT, MIDNIGHT + 3 * 86_400)
routes = st.sampled_from([PLAN, "GET /", "cron */5 * * * *", ""])
counts = st.integers(0, 2_000)
numbers = st.integers(0, 3)
operations = st.builds(
    Operation,
    at=instants,
    service=st.sampled_from(["kv", "cache", "fetch", "request", "waitUntil", "logs", "?"]),
    op=st.sampled_from([*(op for _, op in QUOTA_OF), "POST", "match", "purge", "wait", "audit", "?"]),
    binding=st.sampled_from(["b", AI_HOST]),
    key=st.sampled_from(["", "a:1", "https://cache.internal/a:1"]),
    outcome=st.sampled_from(
        ["ok", "hit", "miss", "stored", "not-stored", "deleted", "absent", "evicted", "cancelled", "refused",
         "error", "written", "never-stored", "?"]
    ),
    reason=st.sampled_from(["", "why"]),
    units=counts,
    size_bytes=counts,
    invocation=numbers,
    route=routes,
    colo=st.just("SOF"),
    expires_at=st.none() | instants,
    cause=st.sampled_from(Cause),
)  # fmt: skip
starts = st.builds(InvocationStarted, at=instants, invocation=numbers, route=routes, colo=st.just("SOF"))
ends = st.builds(
    InvocationEnded,
    at=instants,
    invocation=numbers,
    route=routes,
    colo=st.just("SOF"),
    started_at=instants,
    outcome=st.sampled_from(["ok", "exception", "cancelled", "misbehaved"]),
    status=st.sampled_from([0, 200, 404, 500]),
    external=counts,
    internal=counts,
    refused=counts,
    last_fetch=counts,
    error=st.sampled_from(["", "ValueError: why"]),
    trace=st.sampled_from(["", "Traceback (most recent call last):"]),
    place=st.sampled_from(["", "shop.py:3"]),
    cut_off=numbers,
)
diagnostics = st.builds(
    Diagnostic, instants, st.sampled_from(["time-sleep", "?"]), st.just("text"), st.just(""), numbers, routes
)
parts = st.sampled_from(["pages", "shop"])
checks = st.builds(
    ExpectationChecked,
    at=instants,
    part=parts,
    route=routes,
    unmet=numbers,
    what=st.sampled_from(["", "status"]),
    expected=st.sampled_from(["", "200"]),
    found=st.sampled_from(["", "404"]),
)
sessions = st.builds(SessionStarted, at=instants, part=parts, session=numbers) | st.builds(
    SessionEnded,
    at=instants,
    part=parts,
    session=numbers,
    started_at=instants,
    outcome=st.sampled_from(["completed", "left", "failed", "?"]),
    requests=counts,
    step=numbers,
    route=routes,
    reason=st.sampled_from(["", "why"]),
)
DAY = scenario(
    worker={"entry": PROFILE.entry},
    platform={"audit": True},
    budgets={
        "kv.writes.accepted{family=a:*}": "<= 50%",
        "kv.refused": "== 0",
        "plans.failed": "== 0 always",
        "expectations.failed{route=GET /}": "== 0",
        "sessions.failed": "<= 1 always",
    },
)


def judged(events):
    stream, judge, timeline = EventStream(), Judge(), Timeline()
    for observer in (judge, timeline):
        observer.begin(RunStart(DAY, 0, FREE), stream)
    for event in events:
        stream.emit(event)
    for observer in (judge, timeline):
        observer.end(RunEnd(MIDNIGHT, interrupted=False))
    plots_of(timeline)
    return judge.result


@settings(deadline=None)
@given(st.lists(operations | starts | ends | diagnostics | checks | sessions, max_size=30))
def test_any_events_are_judged(events):
    assert judged(events).verdict in {"pass", "fail", "void"}


@pytest.mark.parametrize("service", ["kv", "fetch"])
def test_a_quota_refuses_no_operation_of_another_class(service):
    result = judged([operation(service, "POST", "refused", units=3, cause=Cause.QUOTA)])
    assert not [finding for finding in result.findings if "spent" in finding.id]
