"""The traffic of the worker's profile: its plans, their errors, and how the AI provider answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.events import InvocationEnded, Operation
from edgeday.replay.runner import ReplayFailed
from edgeday.web import Response, fetch
from tests.replay.test_traffic import Listener
from tests.scenario_days import replayed
from tests.worker_port.scripts import ORIGIN, outcomes_of, plans, request_errors_of
from worker_port.profile.ai_calls import AiCalls


def drawn(scripts):
    """All that is drawn of requests: when they come, their errors, their answers."""
    return [
        (one.at, one.traffic.name, one.number, one.request(ORIGIN).headers.fields(), outcomes_of(one))
        for one in scripts
    ]


@given(st.sampled_from(["even", "poisson"]), st.integers(0, 2**31))
def test_the_same_seed_gives_the_same_plans_and_another_seed_others(kind, seed):
    traffic = [{"plans": 8, "arrivals": kind, "errors": {"rate": 0.5}}]
    first = drawn(plans(seed=seed, traffic=traffic))
    assert first == drawn(plans(seed=seed, traffic=traffic))
    assert first != drawn(plans(seed=seed + 1, traffic=traffic))


@given(st.integers(0, 60), st.sampled_from([{"arrivals": "burst"}, {"ai_calls": 9}, {"errors": {"rate": 1}}]))
def test_changing_one_traffic_leaves_the_other_as_it_was(count, change):
    constant = {
        "name": "kept",
        "plans": 10,
        "arrivals": "poisson",
        "errors": {"plans": 3, "response_errors": 2},
    }
    before = plans(traffic=[constant, {"name": "changed", "plans": 5}])
    after = plans(traffic=[{"name": "changed", "plans": count, **change}, constant])
    assert [row for row in drawn(before) if row[1] == "kept"] == [
        row for row in drawn(after) if row[1] == "kept"
    ]


# errors


@given(st.integers(0, 20), st.integers(0, 9), st.integers(0, 9), st.integers(0, 2**31))
def test_error_plans_and_their_errors_are_exact(error_plans, request_errors, response_errors, seed):
    errors = {"plans": error_plans, "request_errors": request_errors, "response_errors": response_errors}
    planned = plans(seed=seed, traffic=[{"plans": 20, "ai_calls": 9, "errors": {**errors, "status": 418}}])
    failing = [plan for plan in planned if plan.failing]
    assert len(failing) == error_plans
    for plan in planned:
        statuses = [status for _, status in outcomes_of(plan)]
        assert len(request_errors_of(plan)) == (request_errors if plan.failing else 0)
        assert set(request_errors_of(plan)) <= set(range(1, 10))
        assert statuses.count(418) == (response_errors if plan.failing else 0)
        assert statuses.count(200) == 9 - statuses.count(418)


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 0, 0), (0.1, 60, 140), (1, 1000, 1000)])
def test_a_rate_of_errors_is_nearly_kept(rate, least, most):
    planned = plans(traffic=[{"plans": 1000, "errors": {"rate": rate}}])
    assert least <= sum(plan.failing for plan in planned) <= most


def test_which_plans_fail_depends_on_the_seed():
    traffic = [{"plans": 100, "errors": {"plans": 3}}]
    chosen = {
        tuple(plan.number for plan in plans(seed=seed, traffic=traffic) if plan.failing) for seed in range(5)
    }
    assert len(chosen) == 5


# the AI provider


def test_answers_take_the_seconds_that_the_scenario_allows():
    planned = plans(traffic=[{"plans": 50, "ai": {"seconds": [2, 3]}}])
    seconds = [outcome.seconds for plan in planned for outcome, _ in outcomes_of(plan)]
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


# as replayed


@pytest.mark.parametrize(
    ("seconds", "least", "most"),
    [("5", 5, 5), ("[2, 3]", 2, 3), ("{kind: normal, mean: 9, sd: 1, least: 8, most: 10}", 8, 10)],
)
def test_an_ai_call_takes_the_seconds_that_its_distribution_draws(seconds, least, most):
    ended = Listener(InvocationEnded)
    replayed(f"traffic: [{{plans: 5, ai: {{seconds: {seconds}}}}}]", observers=[ended])
    assert len(ended.events) == 5
    for event in ended.events:
        assert 7 * least <= round(event.at - event.started_at, 3) <= 7 * most


def test_sizes_are_drawn_for_each_answer():
    stored = Listener(Operation)
    text = "traffic: [{plans: 10, ai: {response_chars: [100, 3000], prompt_chars: 10, script: latin}}]"
    replayed(text, observers=[stored])
    sizes = [e.size_bytes for e in stored.events if e.op == "put" and e.key.endswith("_response")]
    assert len(set(sizes)) > 60
    assert max(sizes) - min(sizes) > 2000


def test_a_retried_attempt_costs_a_fetch_and_leaves_no_log():
    text = """
    limits: {subrequests: observe}
    traffic: [{plans: 10, ai: {retries: {rate: 1, attempts: 2, status: 429}}}]
    """
    values = replayed(text).metrics.values
    assert (values["ai.calls"], values["ai.errors"]) == (10 * 7 * 3, 10 * 7 * 2)
    assert (values["plans.completed"], values["kv.writes.accepted"]) == (10, 0)
    assert values["subrequests.max_per_invocation"] == 43 + 14


def test_more_failing_attempts_than_the_worker_makes_fail_the_call():
    text = "traffic: [{plans: 4, ai: {seconds: 1, retries: {rate: 1, attempts: 3}}}]"
    values = replayed(text).metrics.values
    assert (values["plans.failed"], values["ai.calls"], values["kv.writes.accepted"]) == (4, 12, 4)


@pytest.mark.parametrize(("status", "fetches"), [(500, 1), (503, 3)])
def test_a_failing_call_fails_at_every_attempt(status, fetches):
    text = f"traffic: [{{plans: 4, ai_calls: 9, errors: {{plans: 4, response_errors: 9, status: {status}}}}}]"
    values = replayed(text).metrics.values
    assert (values["plans.failed"], values["ai.errors"]) == (4, 4 * fetches)
    assert values["kv.writes.accepted"] == 4


def test_retries_do_not_change_which_calls_fail_otherwise():
    text = "traffic: [{plans: 30, errors: {plans: 9}%s}]"
    plain = replayed(text % "").metrics.values
    retried = replayed(text % ", ai: {retries: {rate: 0.5}}").metrics.values
    for name in ("plans.failed", "kv.writes.accepted"):
        assert plain[name] == retried[name]
    assert retried["ai.calls"] > plain["ai.calls"]


def test_failed_chat_messages_are_logged_to_kv():
    text = """
    traffic:
      - name: chat
        requests: 9
        method: POST
        path: /api/chat
        body: {message: hi, userData: {name: Ana}, userPlan: {day1: {}}}
        errors: {requests: 4}
    """
    values = replayed(text).metrics.values
    assert (values["requests.started"], values["requests.failed"], values["kv.writes.accepted"]) == (9, 4, 4)
    assert values["plans.started"] == 0


def test_requests_of_a_mix_with_values_have_ai_calls_that_fail_too():
    text = """
    values: {topic: [lunch, dinner]}
    traffic:
      - name: chat
        requests: 9
        errors: {requests: 4}
        mix:
          - {post: /api/chat, json: {message: "{topic}?", userData: {name: Ana}, userPlan: {day1: {}}}}
          - {post: "/api/chat?of={topic}", json: {message: hi, userData: {name: Ana}, userPlan: {day1: {}}}}
    """
    values = replayed(text).metrics.values
    assert (values["requests.started"], values["requests.failed"], values["kv.writes.accepted"]) == (9, 4, 4)


class Forgetful:
    """Makes an AI call for each plan, and has a defect at the third."""

    async def fetch(self, request):
        await fetch("https://api.openai.com/v1/chat/completions", method="POST", body="{}")
        if (await request.json())["name"] == "Client 3":
            raise LookupError("nothing")
        return Response("ok")


def test_a_worker_that_raises_is_told_with_its_plan_and_how_many_ai_calls_it_had_made():
    text = """
    worker: {entry: "tests.worker_port.test_profile_traffic:Forgetful", profile: diet}
    traffic: [{plans: 10, ai: {seconds: 1}}]
    """
    with pytest.raises(ReplayFailed) as raised:
        replayed(text, strict_worker=True)
    where = "POST /api/generate-plan, invocation 3, at 2026-02-16T06:00:01Z"
    assert raised.value.where == f"plans 3 of 10, after 1 AI call ({where})"
