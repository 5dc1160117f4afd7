"""What a plan costs in each form, counted on an emulated account."""

from __future__ import annotations

import pytest

from worker_port import VARIANTS

from .hosted import GOOD_PLAN, HostedWorker

HISTORICAL = ["kv_only_v1", "kv_only", "cache_only", "hybrid", "hybrid_batched"]

PER_PLAN = {
    ("kv_only_v1", 9): {"kv get": 9, "kv put": 27, "kv delete": 16, "fetch POST": 9},
    ("kv_only_v1", 7): {"kv get": 7, "kv put": 21, "kv delete": 12, "fetch POST": 7},
    ("kv_only", 9): {"kv get": 18, "kv put": 28, "fetch POST": 9},
    ("kv_only", 7): {"kv get": 14, "kv put": 22, "fetch POST": 7},
    ("cache_only", 9): {"cache put": 28, "cache match": 18, "fetch POST": 9},
    ("cache_only", 7): {"cache put": 22, "cache match": 14, "fetch POST": 7},
    ("hybrid", 9): {"cache put": 28, "cache match": 18, "fetch POST": 9},
    ("hybrid", 7): {"cache put": 22, "cache match": 14, "fetch POST": 7},
    ("hybrid_batched", 9): {"cache put": 10, "cache match": 1, "fetch POST": 9},
    ("hybrid_batched", 7): {"cache put": 8, "cache match": 1, "fetch POST": 7},
    ("hybrid_designed", 9): {"cache put": 10, "cache match": 2, "fetch POST": 9},
    ("hybrid_designed", 7): {"cache put": 8, "cache match": 2, "fetch POST": 7},
}


@pytest.mark.parametrize(("variant", "calls"), PER_PLAN)
def test_a_plan_of_successful_calls_costs_what_was_measured(variant, calls):
    hosted = HostedWorker(variant, PLAN_CALLS=calls)
    response = hosted.run(hosted.plan)
    assert response.status == 200
    assert hosted.counts() == PER_PLAN[variant, calls]


def test_every_variant_has_its_counts_here():
    assert {variant for variant, _ in PER_PLAN} == set(VARIANTS)


@pytest.mark.parametrize(("calls", "deletes"), [(9, 18), (7, 14)])
def test_the_first_form_also_deletes_the_last_call_of_the_plan_before(calls, deletes):
    hosted = HostedWorker("kv_only_v1", PLAN_CALLS=calls)

    async def second_plan() -> None:
        await hosted.plan()
        hosted.forget()
        await hosted.plan()

    hosted.run(second_plan)
    assert hosted.count("kv", "delete") == deletes


@pytest.mark.parametrize(
    ("calls", "failing"), [(7, 1), (7, 2), (7, 6), (9, 1), (9, 2), (9, 5), (9, 7), (9, 9)]
)
@pytest.mark.parametrize("variant", HISTORICAL)
def test_a_plan_that_stops_costs_as_many_calls_as_it_made(variant, failing, calls):
    hosted = HostedWorker(variant, PLAN_CALLS=calls)
    hosted.provider.script = lambda number: 400 if number == failing else GOOD_PLAN
    assert hosted.run(hosted.plan).status == 500
    deletes = 2 * (failing - 1)
    batched = variant == "hybrid_batched"
    errors = variant in {"hybrid", "hybrid_batched"}
    expected = {
        "kv_only_v1": {"kv get": failing, "kv put": 3 * failing, "kv delete": deletes},
        "kv_only": {"kv get": 2 * failing, "kv put": 3 * failing + 1},
    }.get(
        variant,
        {
            "cache put": failing + 1 if batched else 3 * failing + 1,
            "cache match": 1 if batched else 2 * failing,
            "kv put": 1 if errors else 0,
        },
    )
    assert hosted.counts() == {
        name: count for name, count in {**expected, "fetch POST": failing}.items() if count
    }


@pytest.mark.parametrize(
    ("variant", "writes"),
    [("kv_only_v1", 0), ("kv_only", 0), ("cache_only", 0), ("hybrid", 1), ("hybrid_batched", 1)],
)
def test_a_failed_summary_costs_one_error_entry_in_a_plan_that_succeeds(variant, writes):
    hosted = HostedWorker(variant)
    hosted.provider.script = lambda number: 400 if number == 7 else GOOD_PLAN
    assert hosted.run(hosted.plan).status == 200
    assert sum(operation.key.startswith("ai_error_log:") for operation in hosted.operations) == writes


@pytest.mark.parametrize(("request_errors", "writes"), [("", 2), ("4", 3), ("3,5", 4)])
def test_in_the_design_documents_model_request_and_response_errors_each_cost_a_write(request_errors, writes):
    hosted = HostedWorker("hybrid")
    hosted.provider.script = lambda number: 400 if number in {3, 5} else GOOD_PLAN
    headers = {"edgeday_plan_calls": "9", "edgeday_plan_on_error": "continue"}
    if request_errors:
        headers["edgeday_request_errors"] = request_errors
    response = hosted.run(lambda: hosted.plan(**headers))
    assert response.status == 500
    assert hosted.count("kv", "put") == writes
    assert hosted.provider.attempts == 9


@pytest.mark.parametrize("variant", HISTORICAL)
@pytest.mark.parametrize("calls", [7, 9])
def test_subrequests_are_cache_operations_and_fetches(variant, calls):
    hosted = HostedWorker(variant, PLAN_CALLS=calls)
    hosted.run(hosted.plan)
    (ended,) = hosted.invocations
    cached = hosted.count("cache", "put") + hosted.count("cache", "match")
    assert ended.external == cached + calls
    assert ended.internal == sum(operation.service == "kv" for operation in hosted.operations)
