"""Attempts, pauses and error texts of a call to the AI provider."""

from __future__ import annotations

import re
from typing import Any

import pytest

from edgeday.web import PlatformError, Request, Response
from worker_port import call_ai_model, variant_named

from .hosted import GOOD_PLAN, HostedWorker


def _call(hosted: HostedWorker, *, variant: str = "hybrid", max_tokens: int | None = 50) -> str:
    async def call() -> str:
        async with hosted.edge.invocation():
            return await call_ai_model(
                hosted.edge.env, "Make a plan", max_tokens, "step", variant=variant_named(variant)
            )

    return hosted.run(call)


def test_the_answer_is_the_text_of_the_first_choice():
    assert _call(HostedWorker("hybrid")) == GOOD_PLAN


def test_the_request_names_model_prompt_and_token_limit():
    hosted = HostedWorker("hybrid")
    _call(hosted)
    assert hosted.provider.bodies == [
        {
            "model": "gpt-4o-mini",
            "messages": [{"role": "user", "content": "Make a plan"}],
            "temperature": 0.7,
            "max_tokens": 50,
        }
    ]


def test_without_a_token_limit_none_is_sent():
    hosted = HostedWorker("hybrid")
    _call(hosted, max_tokens=None)
    assert "max_tokens" not in hosted.provider.bodies[0]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize(("failures", "pause_s"), [(1, 1), (2, 3)])
def test_a_passing_error_is_tried_again_after_one_and_two_seconds(status, failures, pause_s):
    hosted = HostedWorker("hybrid")
    hosted.provider.script = lambda number: status if number <= failures else "done"
    began = hosted.clock.now()
    assert _call(hosted) == "done"
    assert hosted.provider.attempts == failures + 1
    assert hosted.clock.now() - began == pause_s


@pytest.mark.parametrize(
    ("answer", "attempts", "message"),
    [
        (503, 3, "OpenAI API failed: OpenAI API error: 503 Service Unavailable"),
        (500, 1, "OpenAI API failed: OpenAI API error: 500 Internal Server Error"),
        (401, 1, "OpenAI API failed: OpenAI API error: 401 Unauthorized"),
        (PlatformError("network unreachable"), 3, "OpenAI API failed: network unreachable"),
        (PlatformError("read ECONNRESET"), 3, "OpenAI API failed: read ECONNRESET"),
        (PlatformError("connect ETIMEDOUT"), 3, "OpenAI API failed: connect ETIMEDOUT"),
        (PlatformError("Network lost"), 1, "OpenAI API failed: Network lost"),
    ],
)
def test_an_error_that_stays_is_thrown_after_the_attempts_it_deserves(answer, attempts, message):
    hosted = HostedWorker("hybrid")
    hosted.provider.script = lambda _number: answer
    with pytest.raises(PlatformError, match=message):
        _call(hosted)
    assert hosted.provider.attempts == attempts


def test_only_the_final_outcome_of_a_call_is_logged():
    hosted = HostedWorker("hybrid")
    hosted.provider.script = lambda number: 503 if number < 3 else "done"
    _call(hosted)
    assert hosted.counts() == {"cache put": 4, "cache match": 2, "fetch POST": 3}


def test_the_time_of_all_attempts_is_the_call_s_duration():
    hosted = HostedWorker("hybrid")
    hosted.provider.seconds = 0.5
    hosted.provider.script = lambda number: 503 if number < 3 else "done"

    async def call_and_list() -> int:
        await hosted.chat()
        return (await hosted.logs())["logs"][0]["response"]["duration"]

    assert hosted.run(call_and_list) == 3 * 500 + 3000


def _answered(content: Any, finish_reason: str | None = "stop") -> dict[str, Any]:
    return {"choices": [{"message": {"content": content}, "finish_reason": finish_reason}]}


@pytest.mark.parametrize(
    ("envelope", "message"),
    [
        ({"choices": []}, "OpenAI API върна невалиден формат на отговор"),
        ({"choices": [{"message": None}]}, "OpenAI API върна невалиден формат на отговор"),
        ([], "OpenAI API върна невалиден формат на отговор"),
        ({**_answered("{}"), "error": {"message": "overloaded"}}, "OpenAI API грешка: overloaded"),
        ({"error": {"code": 1}}, 'OpenAI API грешка: {"code":1}'),
        (_answered("{}", "length"), "OpenAI AI достигна лимита на дължина"),
        (_answered("{}", "content_filter"), "OpenAI AI отказа да генерира отговор"),
        (_answered("{}", "tool_calls"), "OpenAI API завърши с причина: tool_calls"),
    ],
)
def test_a_malformed_envelope_is_an_error_and_is_kept_in_kv(envelope, message):
    hosted = HostedWorker("hybrid")

    async def answer(request: Request, invocation: Any) -> Response:
        return Response.from_json(envelope)

    hosted.edge.outbound["api.openai.com"] = answer
    with pytest.raises(PlatformError, match=re.escape(f"OpenAI API failed: {message}")):
        _call(hosted)
    assert hosted.count("kv", "put") == 1


@pytest.mark.parametrize("ended", ["stop", None])
def test_an_answer_without_a_text_is_logged_as_a_success(ended):
    hosted = HostedWorker("hybrid")

    async def answer(request: Request, invocation: Any) -> Response:
        return Response.from_json(_answered(None, ended))

    hosted.edge.outbound["api.openai.com"] = answer
    assert _call(hosted) is None
    assert hosted.count("kv", "put") == 0


def test_without_a_key_the_call_fails_and_is_logged_as_failed():
    hosted = HostedWorker("hybrid", OPENAI_API_KEY="")
    with pytest.raises(PlatformError, match="No AI provider configured"):
        _call(hosted)
    assert hosted.provider.attempts == 0
    assert hosted.count("kv", "put") == 1


def test_without_a_key_the_first_form_answers_with_a_mock():
    hosted = HostedWorker("kv_only_v1", OPENAI_API_KEY="")
    assert "mock" in _call(hosted, variant="kv_only_v1")
    assert hosted.provider.attempts == 0
