"""Plans that fail validation: corrected up to four times, then replaced by a simpler one."""

from __future__ import annotations

import json

import pytest

from .hosted import GOOD_PLAN, HostedWorker

EMPTY_ANALYSIS = "{}"
NO_MEALS = json.dumps({**json.loads(GOOD_PLAN), "day3": {"meals": []}})
NO_ADVICE = json.dumps({**json.loads(GOOD_PLAN), "recommendations": []})


@pytest.mark.parametrize(
    ("variant", "calls", "subrequests"),
    [
        ("kv_only_v1", 36, 36),
        ("kv_only", 37, 37),
        ("cache_only", 37, 229),
        ("hybrid", 37, 229),
        ("hybrid_batched", 37, 84),
    ],
)
def test_a_plan_at_fault_from_the_first_step_on_makes_the_most_calls_there_are(variant, calls, subrequests):
    hosted = HostedWorker(variant)
    hosted.provider.script = lambda number: EMPTY_ANALYSIS if number % 7 == 1 and number <= 29 else GOOD_PLAN
    response = hosted.run(hosted.plan)
    assert response.status == 400
    assert hosted.provider.attempts == calls
    assert hosted.invocations[0].external == subrequests


@pytest.mark.parametrize(
    ("variant", "answer", "at", "extra_calls"),
    [
        ("hybrid", EMPTY_ANALYSIS, 1, 7),
        ("hybrid", "{}", 2, 6),
        ("hybrid", NO_MEALS, 4, 5),
        ("hybrid", NO_ADVICE, 7, 1),
        ("kv_only_v1", NO_MEALS, 4, 5),
    ],
)
def test_a_correction_begins_at_the_step_at_fault(variant, answer, at, extra_calls):
    hosted = HostedWorker(variant)
    hosted.provider.script = lambda number: answer if number == at else GOOD_PLAN
    assert hosted.run(hosted.plan).status == 200
    assert hosted.provider.attempts == 7 + extra_calls


@pytest.mark.parametrize(
    ("answer", "at", "names"),
    [
        (EMPTY_ANALYSIS, 1, ["step1_analysis_regen", "step2_strategy_regen", "step3_meal_plan_chunk_1"]),
        ("{}", 2, ["step2_strategy_regen", "step3_meal_plan_chunk_1", "step3_meal_plan_chunk_2"]),
        (NO_MEALS, 4, ["step3_meal_plan_chunk_1", "step3_meal_plan_chunk_2", "step3_meal_plan_chunk_3"]),
        (NO_ADVICE, 7, ["step4_summary_regen"]),
    ],
)
def test_the_steps_of_a_correction_have_names_of_their_own_but_for_those_of_days(answer, at, names):
    hosted = HostedWorker("hybrid")
    hosted.provider.script = lambda number: answer if number == at else GOOD_PLAN

    async def first_steps() -> list[str]:
        await hosted.plan()
        logs = (await hosted.logs())["logs"]
        return [log["stepName"] for log in logs if log["sessionId"].startswith("regen")][:3]

    assert hosted.run(first_steps) == names


def test_the_first_form_corrects_a_summary_without_asking_the_ai():
    hosted = HostedWorker("kv_only_v1")
    hosted.provider.script = lambda number: NO_ADVICE if number == 7 else GOOD_PLAN
    assert hosted.run(hosted.plan).status == 400
    assert hosted.provider.attempts == 7 + 1  # the fallback: no correction ever mended the summary


@pytest.mark.parametrize(("faulty_summaries", "subrequests"), [(1, 50), (2, 57)])
def test_two_corrections_of_a_summary_go_over_fifty_subrequests_and_one_does_not(
    faulty_summaries, subrequests
):
    hosted = HostedWorker("hybrid")
    faulty = range(7, 7 + faulty_summaries)
    hosted.provider.script = lambda number: NO_ADVICE if number in faulty else GOOD_PLAN
    assert hosted.run(hosted.plan).status == 200
    assert hosted.invocations[0].external == subrequests


def test_a_correction_that_fails_counts_as_one_of_the_four():
    hosted = HostedWorker("hybrid")

    def script(number: int) -> str | int:
        if number == 1:
            return EMPTY_ANALYSIS
        return 400 if 8 <= number <= 11 else GOOD_PLAN

    hosted.provider.script = script
    response = hosted.run(hosted.plan)
    assert response.status == 400
    assert hosted.provider.attempts == 7 + 4 + 2


def test_six_error_entries_are_the_most_that_one_request_can_write():
    hosted = HostedWorker("hybrid")

    def script(number: int) -> str | int:
        if number == 1:
            return EMPTY_ANALYSIS
        return 400 if number >= 7 else GOOD_PLAN

    hosted.provider.script = script
    assert hosted.run(hosted.plan).status == 400
    assert hosted.count("kv", "put") == 6


def test_each_correction_has_a_session_of_its_own_and_the_fallback_has_none():
    hosted = HostedWorker("hybrid_batched")
    hosted.provider.script = lambda number: NO_MEALS if number % 5 == 4 and number < 29 else GOOD_PLAN

    async def plan_and_list() -> list[str]:
        await hosted.plan()
        return [log["sessionId"].partition("_")[0] for log in (await hosted.logs())["logs"]]

    listed = hosted.run(plan_and_list)
    assert listed.count("session") == 7
    assert listed.count("regen") == 4 * 5
    assert hosted.provider.attempts == 7 + 4 * 5 + 2
    assert [body["max_tokens"] for body in hosted.provider.bodies[-2:]] == [3000, 2000]
