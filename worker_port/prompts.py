"""What the worker asks the AI: one prompt per step, from instructions and the client's data."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from edgeday.web.json_text import stringify


class Step(NamedTuple):
    """One AI call of a plan.

    stage: 1 analysis, 2 strategy, 3 meals, 4 summary. days: the first and last day it is about, or None.
    """

    name: str
    stage: int
    max_tokens: int
    days: tuple[int, int] | None = None


class Prompts(Protocol):
    """Writes the prompt of a step; what is known so far is the plan's draft by stage."""

    async def text(self, step: Step, data: Any, draft: dict[str, Any]) -> str: ...


_TASKS = {
    1: "Analyse this client's data.",
    2: "Choose the diet strategy for this client.",
    3: "Write the meals for these days.",
    4: "Summarise the plan with recommendations and forbidden foods.",
}


class StoredPrompts(Protocol):
    """Instructions and food lists that the admin panel has stored."""

    async def prompt(self, step: Step) -> str | None: ...
    async def food_lists(self) -> str: ...


class PlanPrompts:
    """Prompts of about the size that `instructions` has, plus the client's data.

    instructions: text that every prompt begins with; the worker's own ones are several thousand characters.
    ending:       text that every prompt ends with.
    stored:       instructions that take their place, and the food lists for the days' prompts.
    """

    __slots__ = ("_ending", "_instructions", "_stored")

    def __init__(self, instructions: str = "", ending: str = "", stored: StoredPrompts | None = None) -> None:
        self._instructions = instructions
        self._ending = ending
        self._stored = stored

    async def text(self, step: Step, data: Any, draft: dict[str, Any]) -> str:
        instructions, foods = self._instructions, ""
        if self._stored is not None:
            instructions = await self._stored.prompt(step) or instructions
            if step.stage == 3:
                foods = await self._stored.food_lists()
        days = f" Days {step.days[0]}-{step.days[1]}." if step.days else ""
        strategy = f"\n{stringify(draft['strategy'])}" if step.stage > 2 and "strategy" in draft else ""
        client = stringify(data)
        return "".join((instructions, foods, _TASKS[step.stage], days, "\n", client, strategy, self._ending))
