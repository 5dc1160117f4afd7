"""What is measured of the worker besides: its plans, its AI calls, and what became of its logs."""

from __future__ import annotations

import pytest

from edgeday.events import EventStream
from tests.replay.runs import AI_HOST, METRICS, counting, ended, operation, started
from worker_port.profile.log_book import OUTCOMES
from worker_port.profile.metrics import METRICS as OWN


def measure(*events):
    stream = EventStream()
    counter = counting(stream)
    for event in events:
        stream.emit(event)
    return counter.snapshot()


def test_every_metric_of_the_profile_can_be_moved_by_some_event():
    values = measure(
        *(operation("logs", "audit", outcome, units=3) for outcome in (*OUTCOMES, "never-stored")),
        *(operation("fetch", "POST", outcome, binding=AI_HOST) for outcome in ("ok", "error", "refused")),
        started(), ended(), started(), ended(status=500),
    ).values  # fmt: skip
    assert {metric.name for metric in OWN if not values[metric.name]} == set()


def test_logs_have_no_data_without_an_audit_and_all_of_it_with_one():
    snapshot = measure(operation("logs", "audit", "written", units=7))
    assert snapshot.values["logs.written"] == 7
    assert [name for name in METRICS if name.startswith("logs.") and name not in snapshot.values] == []


@pytest.mark.parametrize(
    ("end", "completed", "failed", "request_failed"),
    [
        ({"status": 200}, 1, 0, 0),
        ({"status": 399}, 1, 0, 0),
        ({"status": 400}, 0, 1, 0),
        ({"status": 499}, 0, 1, 0),
        ({"status": 500}, 0, 1, 1),
        ({"outcome": "exception", "status": 500}, 0, 1, 1),
        ({"outcome": "cancelled", "status": 0}, 0, 1, 1),
    ],
)
def test_a_plan_is_completed_below_400_and_a_request_fails_from_500(end, completed, failed, request_failed):
    values = measure(started(), ended(**end)).values
    assert (values["plans.completed"], values["plans.failed"]) == (completed, failed)
    assert (values["requests.started"], values["requests.failed"]) == (1, request_failed)


def test_requests_of_other_routes_are_no_plans():
    values = measure(started("GET /"), ended("GET /", status=500)).values
    assert (values["plans.started"], values["plans.failed"]) == (0, 0)
    assert (values["requests.started"], values["requests.failed"]) == (1, 1)


def test_only_fetches_to_an_ai_provider_are_ai_calls():
    to_ai = [operation("fetch", "POST", outcome, binding=AI_HOST) for outcome in ("ok", "error", "refused")]
    values = measure(*to_ai, operation("fetch", "GET", "ok", binding="x.example")).values
    assert (values["ai.calls"], values["ai.errors"], values["ai.refused"]) == (2, 1, 1)
