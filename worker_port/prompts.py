"""What the worker asks the AI: one prompt per step, from instructions and the client's data."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from edgeday.web.json_text import stringify
from worker_port.js import indented_json

JSON_INSTRUCTION = "Reply with one JSON object only, without any text before or after it.\n\n"
"""The real wording is the worker's own; what matters here is that it is logged with the prompt."""
_ASKS_FOR_JSON = (
    "JSON формат", "ФОРМАТ НА ОТГОВОР", "Върни САМО JSON", "Върни JSON", "Върни ПЪЛНИЯ КОРИГИРАН план"
)  # fmt: skip
"""Words by which the worker sees that stored instructions ask for JSON already."""


class Step(NamedTuple):
    """One AI call of a plan.

    stage: 1 analysis, 2 strategy, 3 meals, 4 summary. days: the first and last day it is about, or None.
    adjustable: whether the admin can store other instructions for it.
    """

    name: str
    stage: int
    max_tokens: int
    days: tuple[int, int] | None = None
    adjustable: bool = True


class Prompts(Protocol):
    """Writes the prompt of a step; what is known so far is the plan's draft by stage."""

    async def before_days(self) -> None:
        """Called before the first prompt for days."""
        ...

    async def text(self, step: Step, data: Any, draft: dict[str, Any]) -> str: ...


_TASKS = {
    1: "Analyse this client's data.",
    2: "Choose the diet strategy for this client.",
    3: "Write the meals for these days.",
    4: "Summarise the plan with recommendations and forbidden foods.",
}


class StoredPrompts(Protocol):
    """Instructions and food lists that the admin panel has stored."""

    first_form: bool

    async def prompt(self, step: Step) -> str | None: ...
    async def food_lists(self) -> str: ...


class PlanPrompts:
    """Prompts of about the size that `instructions` has, plus the client's data.

    instructions: text of every prompt; the worker's own ones are several thousand characters.
    beginning:    what every prompt begins with, a stored one too.
    stored:       instructions that take the whole prompt's place, and the food lists for the days' prompts.
    """

    __slots__ = ("_beginning", "_foods", "_instructions", "_stored")

    def __init__(
        self, instructions: str = "", beginning: str = "", stored: StoredPrompts | None = None
    ) -> None:
        self._beginning = beginning
        self._instructions = instructions
        self._stored = stored
        self._foods = ""

    async def before_days(self) -> None:
        """Read the food lists once for all days; the first form reads them for each prompt."""
        if self._stored is not None and not self._stored.first_form:
            self._foods = await self._stored.food_lists()

    async def text(self, step: Step, data: Any, draft: dict[str, Any]) -> str:
        """The prompt of a step. Stored instructions are all of it: `{userData}` in them is the client's data;
        where they do not ask for JSON, the instruction to answer in it is added."""
        stored = await self._read_stored(step) if step.adjustable else None
        if stored:
            prompt = stored.replace("{userData}", indented_json(data))
            asks = any(sign in prompt for sign in _ASKS_FOR_JSON)
            return self._beginning + prompt + ("" if asks else f"\n\n{JSON_INSTRUCTION.strip()}")
        foods = self._foods if step.stage == 3 else ""
        days = f" Days {step.days[0]}-{step.days[1]}." if step.days else ""
        strategy = f"\n{stringify(draft['strategy'])}" if step.stage > 2 and "strategy" in draft else ""
        client = stringify(data)
        parts = (self._beginning, self._instructions, foods, _TASKS[step.stage], days, "\n", client, strategy)
        return "".join(parts)

    async def _read_stored(self, step: Step) -> str | None:
        """Read what is stored for a step: its instructions, and then, in the first form, for days the food
        lists, and in the others, for the summary, the lists once more, unless they are remembered."""
        stored = self._stored
        if stored is None:
            return None
        prompt = await stored.prompt(step)
        if stored.first_form and step.days is not None:
            self._foods = await stored.food_lists()
        elif step.stage == 4 and not stored.first_form:
            await stored.food_lists()
        return prompt
