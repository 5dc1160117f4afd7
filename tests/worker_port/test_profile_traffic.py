"""The traffic of the worker's profile: its plans, their errors, and how the AI provider answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker_port.scripts import ORIGIN, outcomes_of, plans, request_errors_of
from worker_port.profile.ai_calls import AiCalls

# errors


@given(st.integers(0, 20), st.integers(0, 9), st.integers(0, 9), st.integers(0, 2**31))
def test_error_plans_and_their_errors_are_exact(error_plans, request_errors, response_errors, seed):
    errors = {"plans": error_plans, "request_errors": request_errors, "response_errors": response_errors}
    found = plans(seed=seed, traffic=[{"plans": 20, "ai_calls": 9, "errors": {**errors, "status": 418}}])
    failing = [plan for plan in found if plan.failing]
    assert len(failing) == error_plans
    for plan in found:
        statuses = [status for _, status in outcomes_of(plan)]
        assert len(request_errors_of(plan)) == (request_errors if plan.failing else 0)
        assert set(request_errors_of(plan)) <= set(range(1, 10))
        assert statuses.count(418) == (response_errors if plan.failing else 0)
        assert statuses.count(200) == 9 - statuses.count(418)


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 0, 0), (0.1, 60, 140), (1, 1000, 1000)])
def test_a_rate_of_errors_is_nearly_kept(rate, least, most):
    found = plans(traffic=[{"plans": 1000, "errors": {"rate": rate}}])
    assert least <= sum(plan.failing for plan in found) <= most


def test_which_plans_fail_depends_on_the_seed():
    traffic = [{"plans": 100, "errors": {"plans": 3}}]
    chosen = {
        tuple(plan.number for plan in plans(seed=seed, traffic=traffic) if plan.failing) for seed in range(5)
    }
    assert len(chosen) == 5


# the AI provider


def test_answers_take_the_seconds_that_the_scenario_allows():
    found = plans(traffic=[{"plans": 50, "ai": {"seconds": [2, 3]}}])
    seconds = [outcome.seconds for plan in found for outcome, _ in outcomes_of(plan)]
    assert len(seconds) == 350
    assert 2 <= min(seconds) < 2.1
    assert 2.9 < max(seconds) <= 3


@pytest.mark.parametrize(("status", "attempts"), [(503, 3), (500, 1)])
def test_a_call_that_fails_fails_at_every_attempt(status, attempts):
    errors = {"plans": 1, "response_errors": 1, "status": status}
    (plan,) = plans(traffic=[{"plans": 1, "errors": errors}])
    failed = []
    for number in range(7):
        for _ in range(attempts):
            _, answered = AiCalls.of(plan).attempt(f"call {number}".encode())
            if answered == 200:
                break
            failed.append(number)
    assert len(failed) == attempts
    assert len(set(failed)) == 1
    assert AiCalls.of(plan).made == 7


@pytest.mark.parametrize("failing", [1, 2])
def test_a_retried_call_succeeds_after_its_failed_attempts(failing):
    retries = {"rate": 1, "attempts": failing, "status": 429}
    (plan,) = plans(traffic=[{"plans": 1, "ai": {"retries": retries}}])
    statuses = [AiCalls.of(plan).attempt(b"same")[1] for _ in range(failing + 1)]
    assert statuses == [429] * failing + [200]
    assert AiCalls.of(plan).made == 1


def test_a_plans_request_carries_what_only_a_simulation_can_know():
    traffic = {"plans": 1, "ai_calls": 9, "ai": {"prompt_chars": 800, "script": "latin"},
               "errors": {"plans": 1, "request_errors": 2, "then": "continue"}}  # fmt: skip
    (plan,) = plans(traffic=[traffic])
    request = plan.request(ORIGIN)
    assert (request.method, request.url) == ("POST", "https://aidiet.example/api/generate-plan")
    assert request.headers["edgeday-plan-calls"] == "9"
    assert request.headers["edgeday-plan-on-error"] == "continue"
    assert request.headers["edgeday-prompt-chars"] == "800"
    assert request.headers["edgeday-prompt-script"] == "latin"
    assert request.headers["edgeday-request-errors"] == ",".join(map(str, request_errors_of(plan)))
