"""The worker: routes to plan generation, chat and the admin panel.

Configured by plain variables of `env`: AI_LOG_VARIANT (a name of `variants.VARIANTS`, "hybrid" if
absent), OPENAI_API_KEY, PLAN_CONFIG_READS (see `config_reads`), and those of `plan_options`; for
`hybrid_designed` also ADMIN_TOKEN and AI_ERROR_LOG_KV_ENABLED.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from edgeday.web import PlatformError, Request, Response
from edgeday.web.url import path_of
from worker_port.audit import LogAudit
from worker_port.calls import AiClient
from worker_port.chat import answer_chat
from worker_port.client_data import SAVE_CLIENT_DATA, save_client_data
from worker_port.config_reads import ConfigReads, config_reads_enabled
from worker_port.document_plan import generate_document_plan
from worker_port.entries import fields_of
from worker_port.js import truthy
from worker_port.plan_options import BadPlanOptions, plan_options
from worker_port.plans import PlanDriver, PlanRejected
from worker_port.prompts import JSON_INSTRUCTION, PlanPrompts
from worker_port.responses import json_response, preflight_response
from worker_port.variants import VARIANTS, Variant, variant_named

_REQUIRED = ("name", "age", "weight", "height")
"""What the worker asks of a client's data before it makes a plan."""
_NOT_FOUND = {"error": "Not found"}
Handler = Callable[["AiDietWorker", Request, Variant], Awaitable[Response]]


class AiDietWorker:
    """The diet-plan worker; `env` and `ctx` are set by whoever runs it."""

    variants = tuple(VARIANTS)
    log_audit = LogAudit
    env: Any
    ctx: Any

    async def fetch(self, request: Request) -> Response:
        """Answer a request; 404 for an unknown path or method."""
        variant = variant_named(getattr(self.env, "AI_LOG_VARIANT", "hybrid"))
        if request.method == "OPTIONS":
            return preflight_response(token=variant.admin_token)
        route = (request.method, path_of(request.url))
        if handler := _ROUTES.get(route):
            return await handler(self, request, variant)
        if admin := variant.admin.get(route):
            return await admin(self.env, request)
        return json_response(_NOT_FOUND, 404)

    async def generate_plan(self, request: Request, variant: Variant) -> Response:
        """POST /api/generate-plan: a plan for the client whose data is the body."""
        env = self.env
        try:
            options = plan_options(env, request)
            data = await request.json()
            if not all(truthy(fields_of(data).get(name)) for name in _REQUIRED):
                return json_response({"error": "Липсват задължителни полета"}, 400)
            stored = self._stored(variant)
            ai = AiClient(env, variant, configuration=stored, request_errors=options.request_errors)
            prompts = self._prompts(options.instructions, variant, stored)
            if options.as_in_the_code:
                plan = await PlanDriver(ai, data, prompts).generate()
            else:
                plan = await generate_document_plan(
                    ai, data, prompts, calls=options.calls, on_error=options.on_error
                )
        except (BadPlanOptions, PlanRejected) as bad:
            return json_response({"error": str(bad)}, 400)
        except PlatformError as error:
            return json_response({"error": f"Неуспешно генериране на план: {error.message}"}, 500)
        return json_response({"success": True, "plan": plan})

    def _stored(self, variant: Variant) -> ConfigReads | None:
        """What the admin has stored, if this worker reads it."""
        env = self.env
        return ConfigReads(env, first_form=variant.first_form) if config_reads_enabled(env) else None

    def _prompts(self, instructions: str, variant: Variant, stored: ConfigReads | None) -> PlanPrompts:
        return PlanPrompts(instructions, JSON_INSTRUCTION if variant.json_instruction else "", stored)

    async def chat(self, request: Request, variant: Variant) -> Response:
        """POST /api/chat: see `chat`."""
        try:
            asked = fields_of(await request.json())
            stored = self._stored(variant)
            ai = AiClient(self.env, variant, configuration=stored)
            return await answer_chat(ai, stored, self._prompts("", variant, stored), asked)
        except PlatformError as error:
            return json_response({"error": f"Грешка в чата: {error.message}"}, 500)

    async def save_client_data(self, request: Request, variant: Variant) -> Response:
        """POST /api/save-client-data: see `client_data`; the first form has no such route."""
        if variant.first_form:
            return json_response(_NOT_FOUND, 404)
        return await save_client_data(self.env, request)


_ROUTES: dict[tuple[str, str], Handler] = {
    ("POST", "/api/generate-plan"): AiDietWorker.generate_plan,
    ("POST", "/api/chat"): AiDietWorker.chat,
    SAVE_CLIENT_DATA: AiDietWorker.save_client_data,
}
