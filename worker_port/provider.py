"""The AI provider: OpenAI's chat completions over `fetch`, with retries.

Only the final outcome of a call is logged by the worker; every attempt is a fetch. No request has a timeout.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from edgeday.web import Headers, PlatformError, fetch, sleep
from edgeday.web.json_text import stringify, stringify_utf8
from worker_port.entries import fields_of
from worker_port.js import either, text, truthy

Provider = Callable[[Any, str, int | None, str], Awaitable[Any]]
"""Answers a prompt: (env, prompt, max_tokens, model) -> the answer's text."""

URL = "https://api.openai.com/v1/chat/completions"
PAUSES_S = (1, 2)
"""Pauses before the second and the third attempt."""
_ENDED_EARLY = {
    "content_filter": "OpenAI AI отказа да генерира отговор поради филтър за съдържание. "
    "Моля, опитайте с различни данни.",
    "length": "OpenAI AI достигна лимита на дължина. Опитайте да опростите въпроса.",
}
"""What is logged of an answer that ended for another reason than its end, by the reason."""
_PASSING = ("502", "503", "504", "429", "ECONNRESET", "ETIMEDOUT", "network")


async def complete(env: Any, prompt: str, max_tokens: int | None, model: str) -> Any:
    """Ask the provider for a completion.

    Costs:  1 external subrequest per attempt, at most 3.
    Raises: PlatformError "OpenAI API failed: ..." once the attempts are used up, at once for an error that
            does not look like passing, and where no key is configured.
    """
    key = getattr(env, "OPENAI_API_KEY", None)
    if not key:
        raise PlatformError("No AI provider configured. Please configure at least one provider.")
    question = stringify_utf8({"model": model, "messages": [{"role": "user", "content": prompt}]})
    limit = f',"max_tokens":{max_tokens}' if max_tokens else ""
    body = question[:-1] + f',"temperature":0.7{limit}}}'.encode()  # floats are slow to write
    headers = _headers(key)
    for pause_s in (*PAUSES_S, None):
        try:
            return await _attempt(body, headers)
        except PlatformError as error:
            problem = error
        if pause_s is None or not any(sign in problem.message for sign in _PASSING):
            break
        await sleep(pause_s)
    raise PlatformError(f"OpenAI API failed: {problem.message}")


@lru_cache(maxsize=8)
def _headers(key: str) -> Headers:
    return Headers({"Authorization": f"Bearer {key}", "Content-Type": "application/json"}).freeze()


async def _attempt(body: bytes, headers: Headers) -> Any:
    response = await fetch(URL, method="POST", headers=headers, body=body)
    if not response.ok:
        raise PlatformError(f"OpenAI API error: {response.status} {response.status_text}")
    return _content(await response.json())


def _content(answer: Any) -> Any:
    """The text of the first choice. Raises PlatformError for an error, for an answer without a choice, and
    for one that ended early."""
    data = fields_of(answer)
    if truthy(error := data.get("error")):
        raise PlatformError(f"OpenAI API грешка: {either(fields_of(error).get('message'), stringify(error))}")
    choices = data.get("choices")
    choice = fields_of(choices[0]) if isinstance(choices, list) and choices else {}
    if not truthy(choice.get("message")):
        raise PlatformError("OpenAI API върна невалиден формат на отговор")
    ended = choice.get("finish_reason")
    if truthy(ended) and ended != "stop":
        other = f"OpenAI API завърши с причина: {text(ended)}"
        raise PlatformError(_ENDED_EARLY.get(ended, other) if isinstance(ended, str) else other)
    return fields_of(choice["message"]).get("content")


async def complete_or_mock(env: Any, prompt: str, max_tokens: int | None, model: str) -> Any:
    """`complete`; where no key is configured a mock answer, as in the worker of 2026-02-08."""
    if not getattr(env, "OPENAI_API_KEY", None):
        return '{"mock":true}'
    return await complete(env, prompt, max_tokens, model)
