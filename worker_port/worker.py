"""The worker: routes to plan generation, chat and the admin panel.

Configured by plain variables of `env`: AI_LOG_VARIANT (a name of `variants.VARIANTS`, "hybrid" if
absent), PLAN_CALLS (7, as the code makes; 9, as the design document counts), PLAN_ON_ERROR ("abort", as
the code does; "continue", the document's model), PLAN_PROMPT_TEXT (what every prompt begins with),
OPENAI_API_KEY.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from emulator.web import PlatformError, Request, Response
from worker_port.calls import CHAT_STEP, JSON_INSTRUCTION, AiClient
from worker_port.document_plan import generate_document_plan
from worker_port.plans import PlanDriver
from worker_port.prompts import PlanPrompts
from worker_port.responses import json_response, preflight_response
from worker_port.variants import Variant, variant_named

REQUEST_ERRORS_HEADER = "edgeday-request-errors"
"""Numbers of the calls, such as "3,5", that are to be logged with a request-level error: the design
document's model, see `calls.AiClient`."""

Handler = Callable[["AiDietWorker", Request, Variant], Awaitable[Response]]


class AiDietWorker:
    """The diet-plan worker; `env` and `ctx` are set by whoever runs it."""

    env: Any
    ctx: Any

    async def fetch(self, request: Request) -> Response:
        """Answer a request; 404 for an unknown path or method."""
        if request.method == "OPTIONS":
            return preflight_response()
        handler = _ROUTES.get((request.method, _path(request.url)))
        if handler is None:
            return json_response({"error": "Not found"}, 404)
        return await handler(self, request, variant_named(getattr(self.env, "AI_LOG_VARIANT", "hybrid")))

    async def generate_plan(self, request: Request, variant: Variant) -> Response:
        """POST /api/generate-plan: a plan for the client whose data is the body."""
        env = self.env
        try:
            data = await request.json()
            ai = AiClient(env, variant, request_errors=_request_errors(request))
            prompts = PlanPrompts(
                getattr(env, "PLAN_PROMPT_TEXT", ""), JSON_INSTRUCTION if variant.json_instruction else ""
            )
            calls = int(getattr(env, "PLAN_CALLS", 7))
            on_error = getattr(env, "PLAN_ON_ERROR", "abort")
            if calls == 7 and on_error == "abort":
                plan = await PlanDriver(ai, data, prompts).generate()
            else:
                plan = await generate_document_plan(ai, data, prompts, calls=calls, on_error=on_error)
        except PlatformError as error:
            return json_response({"error": error.message}, 500)
        return json_response({"success": True, "plan": plan})

    async def chat(self, request: Request, variant: Variant) -> Response:
        """POST /api/chat: one AI call without a session."""
        try:
            data = await request.json()
            if not isinstance(data, dict) or not data.get("message"):
                return json_response({"error": "Missing message"}, 400)
            ai = AiClient(self.env, variant, request_errors=_request_errors(request))
            answer = await ai.call(data["message"], 2000, CHAT_STEP, None, data.get("userData"))
        except PlatformError as error:
            return json_response({"error": error.message}, 500)
        return json_response({"success": True, "response": answer})


_ROUTES: dict[tuple[str, str], Handler] = {
    ("POST", "/api/generate-plan"): AiDietWorker.generate_plan,
    ("POST", "/api/chat"): AiDietWorker.chat,
}


def _path(url: str) -> str:
    return url[url.index("/", url.index("://") + 3) :].partition("?")[0].partition("#")[0]


def _request_errors(request: Request) -> frozenset[int]:
    given = request.headers.get(REQUEST_ERRORS_HEADER)
    return frozenset(int(number) for number in given.split(",")) if given else frozenset()
