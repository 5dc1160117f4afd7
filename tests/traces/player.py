"""Plays a recorded case against the port: each call of a step is made on the port's own functions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from edgeday.web import PlatformError, Request, Response
from worker_port import AiDietWorker, variant_named
from worker_port import ids as ids_module
from worker_port.calls import AiClient
from worker_port.js import UNDEFINED
from worker_port.plans import PlanDriver
from worker_port.prompts import Step
from worker_port.responses import json_response
from worker_port.stores import CACHE_ORIGIN, OLD_CACHE_ORIGIN, CacheStorage

from .fakes import World
from .recorded import Case


class FixedPrompts:
    """The prompts that the plan driver was recorded with."""

    async def before_days(self) -> None:
        """No KV reads were recorded."""

    async def text(self, step: Step, data: Any, draft: dict[str, Any]) -> str:
        if step.days:
            return f"meal plan prompt {step.days[0]}-{step.days[1]}"
        return {1: "analysis prompt", 2: "strategy prompt", 4: "summary prompt"}[step.stage]


class Player:
    """One case: its world, and what the port makes of each step."""

    def __init__(self, case: Case, world: World) -> None:
        self._case = case
        self._variant = variant_named(case.variant)
        self._world = world
        self._cache = CacheStorage(OLD_CACHE_ORIGIN if case.variant == "cache_only" else CACHE_ORIGIN)

    async def play(self, step: dict[str, Any]) -> dict[str, Any]:
        """The result of a step, in the form of the recording."""
        self._world.begin(step)
        args = step.get("args", {})
        env: Any = SimpleNamespace(page_content=self._world.kv, AI_LOG_VARIANT=self._variant.name)
        if step.get("env") == "no_kv":
            del env.page_content
        elif step.get("env") == "null":
            env = None
        try:
            result = await getattr(self, step["call"])(env, args)
        except PlatformError as error:
            return {"throws": error.message}
        return await _recorded(result) if isinstance(result, Response) else {"returns": result}

    # the worker's functions

    async def generateUniqueId(self, env: Any, args: dict[str, Any]) -> str:
        return ids_module.generate_unique_id(**args)

    async def logAIRequest(self, env: Any, args: dict[str, Any]) -> Any:
        return await self._variant.log.log_request(
            env, args.get("stepName", UNDEFINED), args.get("requestData")
        )

    async def logAIResponse(self, env: Any, args: dict[str, Any]) -> Any:
        return await self._variant.log.log_response(
            env,
            args.get("logId", UNDEFINED),
            args.get("stepName", UNDEFINED),
            args.get("responseData"),
            args.get("requestData"),
        )

    async def finalizeAISessionLogs(self, env: Any, args: dict[str, Any]) -> None:
        await self._variant.log.finalize(env, args.get("sessionId"))

    async def callAIModel(self, env: Any, args: dict[str, Any]) -> Any:
        names = {
            "prompt": "prompt",
            "maxTokens": "max_tokens",
            "stepName": "step_name",
            "sessionId": "session_id",
            "userData": "user_data",
            "calculatedData": "calculated_data",
        }
        return await self._client(env).call(**{names[name]: value for name, value in args.items()})

    async def generatePlanMultiStep(self, env: Any, args: dict[str, Any]) -> str:
        client = self._client(env)
        client.variant = replace(client.variant, compact_analysis=False)  # as it was recorded
        await PlanDriver(client, args["data"], FixedPrompts()).multi_step()
        return "plan"

    async def cacheSet(self, env: Any, args: dict[str, Any]) -> bool:
        return await self._cache.set(args["key"], args.get("data", UNDEFINED), args.get("ttl", 86_400))

    async def cacheGet(self, env: Any, args: dict[str, Any]) -> Any:
        return await self._cache.get(args["key"])

    async def cacheDelete(self, env: Any, args: dict[str, Any]) -> bool:
        return await self._cache.delete(args["key"])

    async def jsonResponse(self, env: Any, args: dict[str, Any]) -> Response:
        cache_control = args.get("options", {}).get("cacheControl", "")
        return json_response(args["data"], args.get("status", 200), cache_control=cache_control)

    async def http(self, env: Any, args: dict[str, Any]) -> Response:
        self._world.subrequests = 0
        worker = AiDietWorker()
        worker.env = env
        body = json.dumps(args["body"]) if "body" in args else None
        return await worker.fetch(
            Request("https://worker.example" + args["path"], method=args["method"], body=body)
        )

    # changes of the world

    async def seed(self, env: Any, args: dict[str, Any]) -> None:
        self._world.stores[args["store"]][args["key"]] = args["raw"]

    async def evict(self, env: Any, args: dict[str, Any]) -> None:
        store = self._world.stores[args["store"]]
        for key in list(store) if args["keys"] == "*" else args["keys"]:
            store.pop(key, None)

    async def new_isolate(self, env: Any, args: dict[str, Any]) -> None:
        self._world.isolate.clear()

    async def new_request(self, env: Any, args: dict[str, Any]) -> None:
        self._world.subrequests = 0

    def _client(self, env: Any) -> AiClient:
        config = self._case.data.get("config", {"provider": "openai", "modelName": "gpt-4o-mini"})
        return AiClient(
            env,
            self._variant,
            provider=self._world.provider,
            provider_name=config["provider"],
            model_name=config["modelName"],
        )


async def _recorded(response: Response) -> dict[str, Any]:
    body = await response.bytes()
    text = body.decode()
    headers = {name.lower(): value for name, value in response.headers.items()}
    recorded: dict[str, Any] = {"status": response.status, "headers": headers}
    if headers.get("content-type") == "application/json" and text:
        recorded["body_json"] = json.loads(text)
    else:
        recorded["body_text"] = text
    recorded["body_sha256"] = hashlib.sha256(body).hexdigest()
    return recorded
