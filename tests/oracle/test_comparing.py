"""The comparison of two workers sees whatever one of them does otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as having
from hypothesis import strategies as st

from edgeday.web import Request, Response, caches
from tests.oracle import days
from tests.oracle.comparing import compared
from tests.oracle.kept import differences, kept, read, write
from tests.oracle.prompts import Shape, given
from tests.oracle.recording import Recorded, recorded, without_prompt
from worker_port import AiDietWorker

OF = {"variant": "hybrid_batched", "day": "normal"}


def _day(worker: type, **more: Any) -> Recorded:
    return recorded(days.loaded("normal", "hybrid_batched", worker), **more)


@pytest.fixture(scope="module")
def port() -> Recorded:
    return _day(AiDietWorker)


class Fetching(AiDietWorker):
    async def fetch(self, request: Request) -> Response:
        response = await super().fetch(request)
        if request.url.endswith("/api/nothing"):
            await self.more(response)
        return response

    async def more(self, response: Response) -> None:
        raise NotImplementedError


class ReadsMore(Fetching):
    async def more(self, response: Response) -> None:
        await self.env.page_content.get("more")


class PutsMore(Fetching):
    async def more(self, response: Response) -> None:
        await caches.default.put(
            "https://cache.example/", Response("", headers={"Cache-Control": "max-age=9"})
        )


class LogsOtherwise(AiDietWorker):
    """One byte of an answer to a questionnaire is another one, of the same length."""

    async def fetch(self, request: Request) -> Response:
        if request.url.endswith("/api/save-client-data"):
            body = (await request.text()).replace("Мария", "Марий")
            request = Request(request.url, method="POST", body=body)
        return await super().fetch(request)


class AnswersOtherwise(AiDietWorker):
    async def fetch(self, request: Request) -> Response:
        response = await super().fetch(request)
        return Response("", status=405) if response.status == 404 else response


class SaysOtherwise(AiDietWorker):
    async def fetch(self, request: Request) -> Response:
        response = await super().fetch(request)
        if request.url.endswith("export-ai-logs"):
            return Response(await response.text() + " ", headers=response.headers)
        return response


def test_a_worker_is_like_itself(port: Recorded) -> None:
    again = compared(port, _day(AiDietWorker))
    assert again.lines() == [f"99 of 99 invocations the same, {again.operations} operations"]
    assert again.operations > 2000
    assert len(port.answers) > 20


@pytest.mark.parametrize(
    ("worker", "kinds"),
    [
        (ReadsMore, {"kv get that only the port made": 2, "invocation: internal": 2}),
        (PutsMore, {"cache put that only the port made": 2, "invocation: external": 2}),
        (LogsOtherwise, {"kv put: digest, whole": 5}),
        (AnswersOtherwise, {"invocation: status": 2, "an answer": 2}),
        (SaysOtherwise, {"an answer": 3}),
    ],
)
def test_what_one_does_otherwise_is_named(port: Recorded, worker: type, kinds: dict[str, int]) -> None:
    comparison = compared(port, _day(worker))
    assert comparison.kinds == kinds


def test_other_prompts_are_seen_in_what_is_whole_and_not_in_what_leaves_them_out(port: Recorded) -> None:
    longer = {number: [f"{one}." for one in prompts] for number, prompts in port.prompts.items()}
    comparison = compared(port, _day(AiDietWorker, prompts=given(longer)))
    assert {kind for kind in comparison.kinds if "digest" in kind} == set()
    assert "fetch POST: whole" in comparison.kinds


def test_the_port_with_prompts_of_the_same_shape_is_like_the_day_that_was_kept(
    port: Recorded, tmp_path: Path
) -> None:
    write(kept(port, OF), tmp_path / "day.json.gz")
    before = read(tmp_path / "day.json.gz")
    assert before == kept(port, OF)
    prompts = {number: [shape.text for shape in shapes] for number, shapes in before.prompts.items()}
    assert list(differences(before, _day(AiDietWorker, prompts=given(prompts)))) == []


@pytest.mark.parametrize("worker", [ReadsMore, PutsMore, LogsOtherwise, AnswersOtherwise])
def test_a_kept_day_tells_of_each_invocation_that_is_otherwise(port: Recorded, worker: type) -> None:
    assert len(list(differences(kept(port, OF), _day(worker)))) in {2, 4, 5}


@having(st.text())
def test_a_text_of_a_shape_has_that_shape(prompt: str) -> None:
    shape = Shape.of(prompt.encode("utf-8", "ignore").decode())
    assert Shape.of(shape.text) == shape


def test_what_is_left_out_of_an_entry_is_what_depends_on_its_prompt() -> None:
    entry = {
        "id": "a",
        "prompt": "Make a plan",
        "promptLength": 11,
        "estimatedInputTokens": 3,
        "type": "request",
    }
    other = {**entry, "prompt": "Make", "promptLength": 4, "estimatedInputTokens": 1}
    assert without_prompt(json.dumps(entry)) == without_prompt(json.dumps(other))
    assert without_prompt(json.dumps(entry)) != without_prompt(json.dumps({**entry, "id": "b"}))
    question = {"model": "m", "messages": [{"role": "user", "content": "Make"}], "max_tokens": 5}
    shorter = {**question, "max_tokens": 4}
    assert without_prompt(json.dumps(question)) != without_prompt(json.dumps(shorter))
