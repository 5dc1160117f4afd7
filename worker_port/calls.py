"""One AI call, logged: the request before it, the response or the error after it."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Protocol

from edgeday.web import PlatformError, now_ms
from worker_port.js import iso_timestamp
from worker_port.provider import Provider, complete, complete_or_mock
from worker_port.variants import HYBRID, Variant

DEFAULT_AI = ("openai", "gpt-4o-mini")
"""Provider and model where none is configured."""
CHAT_STEP = "chat_consultation"


class Configuration(Protocol):
    """Where the provider and model of a call are looked up, each time one is made."""

    async def provider_and_model(self) -> tuple[str, str]: ...


class AiClient:
    """Makes the AI calls of one invocation.

    provider:       what answers; default: the variant's.
    provider_name, model_name: as configured; logged with each request.
    configuration:  where both are looked up before each call, in their place.
    request_errors: numbers of calls (from 1) that are logged with a request-level error and then made as
                    usual. No caller of the real worker ever sets such an error: this is the design
                    document's model ("IF error: also log to KV").
    """

    __slots__ = (
        "_configuration", "_number", "_provider", "_request_errors", "env", "model_name", "provider_name",
        "variant",
    )  # fmt: skip

    def __init__(
        self,
        env: Any,
        variant: Variant = HYBRID,
        *,
        provider: Provider | None = None,
        provider_name: str = DEFAULT_AI[0],
        model_name: str = DEFAULT_AI[1],
        configuration: Configuration | None = None,
        request_errors: Collection[int] = (),
    ) -> None:
        self._configuration = configuration
        self.env = env
        self.provider_name = provider_name
        self.model_name = model_name
        self.variant = variant
        self._provider = provider or (complete_or_mock if variant.first_form else complete)
        self._request_errors = request_errors
        self._number = 0

    async def call(
        self,
        prompt: Any,
        max_tokens: int | None = None,
        step_name: Any = "unknown",
        session_id: str | None = None,
        user_data: Any = None,
        calculated_data: Any = None,
    ) -> Any:
        """Log the request, ask the provider, log the response, return the answer.

        Raises what the provider raised, after it was logged, and what the look-up of the configuration
        raised, before anything was. A failing log stops nothing.
        """
        self._number += 1
        if self._configuration is not None:
            self.provider_name, self.model_name = await self._configuration.provider_and_model()
        request: dict[str, Any] = {
            "timestamp": iso_timestamp(now_ms()),
            "prompt": prompt,
            "estimatedInputTokens": estimate_tokens(prompt),
            "maxTokens": max_tokens,
            "provider": self.provider_name,
            "modelName": self.model_name,
            "sessionId": session_id,
            "userData": user_data,
            "calculatedData": calculated_data,
        }
        if self._number in self._request_errors:
            request["error"] = f"request error simulated for call {self._number}"
        log = self.variant.log
        log_id = await log.log_request(self.env, step_name, request)
        started_ms = now_ms()
        outcome: dict[str, Any]
        try:
            answer = await self._provider(self.env, prompt, max_tokens, self.model_name)
        except PlatformError as error:
            message = error.message or (None if self.variant.first_form else "Unknown error")
            outcome = {"success": False, "error": message, "duration": now_ms() - started_ms}
            await log.log_response(self.env, log_id, step_name, outcome, request)
            raise
        outcome = {"response": answer, "success": True, "duration": now_ms() - started_ms}
        if self.variant.first_form:
            outcome["estimatedOutputTokens"] = estimate_tokens(answer)
        await log.log_response(self.env, log_id, step_name, outcome, request)
        return answer


async def call_ai_model(
    env: Any,
    prompt: str,
    max_tokens: int | None = None,
    step_name: str = "unknown",
    session_id: str | None = None,
    user_data: Any = None,
    calculated_data: Any = None,
    *,
    variant: Variant = HYBRID,
) -> str:
    """One logged AI call (see `AiClient.call`)."""
    client = AiClient(env, variant)
    answer: str = await client.call(prompt, max_tokens, step_name, session_id, user_data, calculated_data)
    return answer


def estimate_tokens(text: Any) -> int:
    """Roughly how many tokens a text has: about one for 4 characters, one for 3 of Cyrillic.

    ceil(L / (4 - c / L)); L in UTF-16 code units, c of them in U+0400..U+04FF. 0 for empty text.
    """
    if not text or not isinstance(text, str):
        return 0
    if text.isascii():
        return math.ceil(len(text) / 4)
    high_bytes = text.encode("utf-16-le", "surrogatepass")[1::2]
    count = len(high_bytes)
    cyrillic = count - len(high_bytes.translate(None, b"\x04"))  # faster than count() where they are many
    return math.ceil(count / (4 - cyrillic / count))
