"""What the worker reads of its configuration from KV, and for how long an isolate remembers it.

Before each AI call the worker asks for provider and model, before each prompt for the instructions that the
admin has stored for it, and for lists of foods. It remembers what it read in the isolate, counted from the
instant it began to read: provider and model for 5 minutes, food lists for 10, instructions for 30, those of
the chat for 5. What is not there is remembered too, except missing instructions, which are read again every
time. The first form remembers neither food lists nor instructions of plans.
Source: worker.js of each form's commit (see `variants`), `getAdminConfig`, `getCustomPrompt`,
`getDynamicFoodListsSections` and `getChatPrompts`.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

from edgeday.web import PlatformError, isolate_state, now_ms
from edgeday.web.json_text import parse
from worker_port.calls import DEFAULT_AI
from worker_port.js import text
from worker_port.prompts import Step
from worker_port.stores import kv_binding

CONFIG_KEYS = ("admin_ai_provider", "admin_ai_model_name")
FOOD_LIST_KEYS = ("food_whitelist", "food_blacklist")
PROMPT_KEYS = {
    1: "admin_analysis_prompt",
    2: "admin_strategy_prompt",
    3: "admin_meal_plan_prompt",
    4: "admin_summary_prompt",
}
"""By the stage of a step."""
CHAT_PROMPT_KEYS = {"consultation": "admin_consultation_prompt", "modification": "admin_modification_prompt"}
"""By the mode of a chat."""

CONFIG_S, CHAT_PROMPTS_S, FOOD_LISTS_S, PROMPT_S = 300, 300, 600, 1800
"""For how many seconds each is remembered; at that age it is read again."""

_ON = frozenset({"true", "1", "on", "yes"})
_MEMORY = "configuration"


def config_reads_enabled(env: Any) -> bool:
    """The switch PLAN_CONFIG_READS; off unless it says true, 1, on or yes."""
    return str(getattr(env, "PLAN_CONFIG_READS", False)).lower() in _ON


class _Remembered(NamedTuple):
    """What an isolate read, and when it began to, in epoch milliseconds."""

    read_at_ms: int
    value: Any


class ConfigReads:
    """What one request reads of the worker's configuration; without a KV binding, the defaults.

    first_form: whether food lists and the instructions of plans are read again every time.
    """

    def __init__(self, env: Any, *, first_form: bool) -> None:
        self._namespace = kv_binding(env)
        self.first_form = first_form
        self._memory: dict[str, _Remembered] = isolate_state().setdefault(_MEMORY, {})

    async def provider_and_model(self) -> tuple[str, str]:
        """The configured provider and model, or the default ones.

        Costs 2 reads, made at the same time, unless they are remembered. Raises what a read raises.
        """
        provider, model = await self._read_together(CONFIG_KEYS, CONFIG_S)
        return provider or DEFAULT_AI[0], model or DEFAULT_AI[1]

    async def chat_prompt(self, mode: str) -> str | None:
        """The stored instructions of a chat in that mode, if there are any.

        Costs 2 reads, made at the same time, unless they are remembered. Raises what a read raises.
        """
        stored = await self._read_together(tuple(CHAT_PROMPT_KEYS.values()), CHAT_PROMPTS_S)
        return dict(zip(CHAT_PROMPT_KEYS, stored, strict=True)).get(mode) or None

    async def prompt(self, step: Step) -> str | None:
        """The stored instructions of a step, if there are any; a failing read counts as none.

        Costs 1 read unless they are remembered.
        """
        key, began_ms = PROMPT_KEYS[step.stage], now_ms()
        remembered = None if self.first_form else self._remembered(key, PROMPT_S)
        if remembered is not None and remembered.value:
            return str(remembered.value)
        if self._namespace is None:
            return None
        try:
            stored: str | None = await self._namespace.get(key)
        except PlatformError:
            return None
        self._memory[key] = _Remembered(began_ms, stored)
        return stored or None

    async def food_lists(self) -> str:
        """The foods to prefer and to avoid, one a line.

        Costs 2 reads, one after the other, unless they are remembered. What cannot be read, or is no JSON
        list, ends the reading: the rest counts as empty, and that is remembered.
        """
        key, began_ms = FOOD_LIST_KEYS[0], now_ms()
        remembered = None if self.first_form else self._remembered(key, FOOD_LISTS_S)
        if remembered is not None:
            return str(remembered.value)
        foods: list[str] = []
        try:
            for name in FOOD_LIST_KEYS if self._namespace is not None else ():
                stored = await self._namespace.get(name)
                foods += [text(food) for food in (parse(stored) if stored else ())]
        except (PlatformError, ValueError, TypeError):
            pass
        lists = "".join(f"{food}\n" for food in foods)
        self._memory[key] = _Remembered(began_ms, lists)
        return lists

    async def _read_together(self, keys: tuple[str, ...], seconds: int) -> tuple[str | None, ...]:
        began_ms = now_ms()
        remembered = self._remembered(keys[0], seconds)
        if remembered is not None:
            stored: tuple[str | None, ...] = remembered.value
            return stored
        if self._namespace is None:
            return (None,) * len(keys)
        stored = tuple(await asyncio.gather(*(self._namespace.get(key) for key in keys)))
        self._memory[keys[0]] = _Remembered(began_ms, stored)
        return stored

    def _remembered(self, key: str, seconds: int) -> _Remembered | None:
        """What is remembered under a key, unless it is too old."""
        found = self._memory.get(key)
        return found if found is not None and now_ms() - found.read_at_ms < 1000 * seconds else None
