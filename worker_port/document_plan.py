"""Plans as the design document counts them: a plain list of logged calls, whose answers nobody looks at.

The worker itself never worked so (see `plans`). This is where nine calls come from, and the model in which a
failed call is logged and the plan goes on.
"""

from __future__ import annotations

from typing import Any

from edgeday.web import PlatformError
from edgeday.web.json_text import parse
from worker_port.calls import AiClient
from worker_port.ids import generate_unique_id
from worker_port.plans import PLAN_FAILED, SEVEN_CALLS
from worker_port.prompts import Prompts, Step

NINE_CALLS: tuple[Step, ...] = (
    Step("step1_analysis", 1, 4000),
    Step("step2_strategy", 2, 4000),
    *(Step(f"step3_meal_plan_chunk_{day}", 3, 4000, (day, day)) for day in range(1, 8)),
)
"""Two steps and seven chunks of one day; no summary."""


async def generate_document_plan(
    ai: AiClient, data: Any, prompts: Prompts, *, calls: int, on_error: str
) -> dict[str, Any]:
    """Make the calls of a plan in one session and return {"steps": number of calls}.

    calls:    9, or 7 (the worker's own).
    on_error: "abort" stops at the first failed call; "continue" makes all of them.
    Raises PlatformError, which names the failed steps, if any call failed.
    """
    log = ai.variant.log
    session_id = generate_unique_id("session") if log.has_sessions else None
    failed: list[str] = []
    analysis: Any = None
    steps = NINE_CALLS if calls == 9 else SEVEN_CALLS
    try:
        for step in steps:
            if step.days is not None and step.days[0] == 1:
                await prompts.before_days()
            prompt = await prompts.text(step, data, {})
            try:
                answer = await ai.call(prompt, step.max_tokens, step.name, session_id, data, analysis)
            except PlatformError as error:
                failed.append(f"{step.name}: {error.message}")
                if on_error == "abort":
                    break
            else:
                if step.stage == 1:
                    analysis = _parsed(answer)
    finally:
        await log.finalize(ai.env, session_id)
    if failed:
        raise PlatformError(PLAN_FAILED + "; ".join(failed))
    return {"steps": len(steps)}


def _parsed(answer: str) -> Any:
    """The analysis as data, or None if it is not JSON."""
    try:
        return parse(answer)
    except ValueError:
        return None
