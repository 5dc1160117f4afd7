"""The KV reads of a plan request that are not logging: configuration, food lists, prompts.

The worker reads 2 keys of configuration, 2 food lists and 1 prompt per call, and remembers what it read in
the isolate, prompts only if they were found: 11 reads in a cold isolate and 7 in a warm one if no prompt is
stored, 8 and 0 if all are. The first form remembers the configuration only and reads the food lists again for
each chunk of days: 17 and 15. The keys' names are this project's own; the counts were measured.
"""

from __future__ import annotations

from typing import Any

from edgeday.web import PlatformError, isolate_state
from worker_port.calls import DEFAULT_AI
from worker_port.prompts import Step
from worker_port.stores import kv_binding

CONFIG_KEYS = ("admin_ai_provider", "admin_ai_model")
FOOD_LIST_KEYS = ("food_whitelist", "food_blacklist")
PROMPT_KEYS = {
    1: "admin_analysis_prompt",
    2: "admin_strategy_prompt",
    3: "admin_meal_plan_prompt",
    4: "admin_summary_prompt",
}
_ON = frozenset({"true", "1", "on", "yes"})


def config_reads_enabled(env: Any) -> bool:
    """The switch PLAN_CONFIG_READS; off unless it says true, 1, on or yes."""
    return str(getattr(env, "PLAN_CONFIG_READS", False)).lower() in _ON


class ConfigReads:
    """What one request reads of the worker's configuration.

    first_form: whether only the configuration is remembered between reads.
    """

    def __init__(self, env: Any, *, first_form: bool) -> None:
        self._namespace = kv_binding(env)
        self._first_form = first_form
        self._memory: dict[str, str | None] = isolate_state().setdefault("plan_config", {})

    async def provider_and_model(self) -> tuple[str, str]:
        """The configured provider and model, or the default ones."""
        provider, model = [await self._read(key, keep=True, keep_missing=True) for key in CONFIG_KEYS]
        return provider or DEFAULT_AI[0], model or DEFAULT_AI[1]

    async def prompt(self, step: Step) -> str | None:
        """The stored instructions of a step, if there are any."""
        return await self._read(PROMPT_KEYS[step.stage], keep=not self._first_form, keep_missing=False)

    async def food_lists(self) -> str:
        """The foods to prefer and to avoid, as stored."""
        keep = not self._first_form
        lists = [await self._read(key, keep=keep, keep_missing=keep) for key in FOOD_LIST_KEYS]
        return "\n".join(foods for foods in lists if foods)

    async def _read(self, key: str, *, keep: bool, keep_missing: bool) -> str | None:
        if key in self._memory:
            return self._memory[key]
        if self._namespace is None:
            return None
        try:
            value: str | None = await self._namespace.get(key)
        except PlatformError:
            return None
        if keep and (value is not None or keep_missing):
            self._memory[key] = value
        return value
