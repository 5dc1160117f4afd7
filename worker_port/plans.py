"""Diet plans as the worker makes them: seven calls in a row, corrections, and a fallback.

A plan that fails validation is corrected up to four times, each time from the step at fault on in a new
session, and then replaced by a simpler one. Worst case 37 AI calls (first form: 36).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from edgeday.web import PlatformError
from edgeday.web.json_text import parse_or_syntax_error
from worker_port.answers import (
    compact_analysis,
    expect,
    parse_answer,
    require_days,
    without_normal_problems,
)
from worker_port.calls import AiClient
from worker_port.energy import calories_of_a_simple_plan, require_calories_at_rest
from worker_port.ids import generate_unique_id
from worker_port.js import text, truthy
from worker_port.prompts import Prompts, Step
from worker_port.validation import stage_at_fault

SEVEN_CALLS: tuple[Step, ...] = (
    Step("step1_analysis", 1, 4000),
    Step("step2_strategy", 2, 4000),
    Step("step3_meal_plan_chunk_1", 3, 8000, (1, 2)),
    Step("step3_meal_plan_chunk_2", 3, 8000, (3, 4)),
    Step("step3_meal_plan_chunk_3", 3, 8000, (5, 6)),
    Step("step3_meal_plan_chunk_4", 3, 8000, (7, 7)),
    Step("step4_summary", 4, 2000),
)
STEP_4_AGAIN = "step4_summary_regen"
FALLBACK_CALLS: tuple[Step, ...] = (
    Step("fallback_plan", 3, 3000, (1, 7), adjustable=False),
    Step("fallback_summary", 4, 2000),
)
OLD_FALLBACK_CALL = Step("fallback_plan_generation", 3, 8000, (1, 7), adjustable=False)
SIMPLE_PLAN_PROBLEM = "Използван опростен план поради технически ограничения"
"""What the analysis of a fallback names as the client's problem."""
MAX_CORRECTIONS = 4
PLAN_FAILED = "Генерирането на план се провали: "
_STAGE_PREFIX = {
    1: "Стъпка 1 (Анализ): ",
    2: "Стъпка 2 (Стратегия): ",
    3: "Стъпка 3 (Хранителен план - прогресивно): ",
    4: "",
}
Draft = dict[str, Any]
"""A plan in the making: analysis, strategy, weekPlan (day1 to day7), summary (None if that call failed)."""


class PlanRejected(Exception):
    """No plan passed validation; the text says so to the client."""


class PlanDriver:
    """Makes the plan of one client.

    data: the client's questionnaire, logged with every call (not by the first form).
    """

    __slots__ = ("_ai", "_data", "_log", "_prompts")

    def __init__(self, ai: AiClient, data: Any, prompts: Prompts) -> None:
        self._ai = ai
        self._log = ai.variant.log
        self._data = data
        self._prompts = prompts

    async def generate(self) -> Draft:
        """Seven calls, corrections while the plan fails validation, at last a fallback.

        The fallback's calls are made for nothing: its plan brings a strategy that is shorter than the same
        validation asks for. Raises PlanRejected then, and PlatformError if the seven calls fail.
        """
        draft = await self.multi_step()
        for _ in range(MAX_CORRECTIONS):
            stage = self._stage_at_fault(draft)
            if stage is None:
                return draft
            with suppress(PlatformError):  # it counts as one of the four
                draft = await self._correct(draft, stage)
        if self._stage_at_fault(draft) is None:
            return draft
        with suppress(PlatformError):
            await self._fallback()
        raise PlanRejected(f"Планът не премина качествен тест след {MAX_CORRECTIONS} опити за корекция")

    def _stage_at_fault(self, draft: Draft) -> int | None:
        return stage_at_fault(draft, self._data, safety_floors=self._ai.variant.safety_floors)

    async def multi_step(self) -> Draft:
        """The seven calls of a plan, in one session that is drawn before the first.

        A call of steps 1 to 3 failing, or its answer being of no use, aborts the plan (an answer that cannot
        be parsed was logged as a success all the same). A failing summary is swallowed.
        """
        return await self._run({}, SEVEN_CALLS, "session")

    async def _correct(self, draft: Draft, stage: int) -> Draft:
        """Repeat a plan from a stage on in a `regen` session: 7, 6, 5 or 1 calls (first form: 0, not 1)."""
        if stage == 4 and self._ai.variant.first_form:
            return draft
        again = tuple(step for step in SEVEN_CALLS if step.stage >= stage)
        renamed = tuple(
            step._replace(name=f"{step.name}_regen") if step.stage < 3 or stage == 4 else step
            for step in again
        )
        return await self._run(draft, renamed, "regen")

    async def _fallback(self) -> None:
        """Ask for a simpler plan in two calls without a session (first form: one)."""
        calories = calories_of_a_simple_plan(self._data)
        if self._ai.variant.first_form:
            await self._ask(OLD_FALLBACK_CALL, {}, None)
            return
        plan_step, summary_step = FALLBACK_CALLS
        prompt = await self._prompts.text(plan_step, self._data, {})
        answer = await self._ai.call(prompt, plan_step.max_tokens, plan_step.name, None, self._data, calories)
        parse_or_syntax_error(text(answer).encode())
        analysis = {
            "bmr": calories["bmr"],
            "recommendedCalories": calories["recommendedCalories"],
            "keyProblems": [{"problem": SIMPLE_PLAN_PROBLEM, "severity": "Info"}],
        }
        await self._ask(summary_step, {"analysis": analysis}, None)

    async def _run(self, before: Draft, steps: tuple[Step, ...], session_prefix: str) -> Draft:
        """Make the calls of `steps` in a new session; returns `before` with what they gave."""
        session_id = generate_unique_id(session_prefix) if self._log.has_sessions else None
        draft = dict(before)
        try:
            for step in steps:
                try:
                    await self._take(step, draft, session_id)
                except PlatformError as error:
                    raise PlatformError(PLAN_FAILED + _STAGE_PREFIX[step.stage] + error.message) from error
        finally:
            await self._log.finalize(self._ai.env, session_id)
        return draft

    async def _take(self, step: Step, draft: Draft, session_id: str | None) -> None:
        """Make one call and put what it gave into the draft."""
        if step.stage == 1:
            answer = parse_answer(await self._ask(step, draft, session_id))
            draft["analysis"] = without_normal_problems(expect(answer, "Анализът не можа да бъде създаден: "))
        elif step.stage == 2:
            answer = parse_answer(await self._ask(step, draft, session_id))
            draft["strategy"] = expect(answer, "Стратегията не можа да бъде създадена: ")
        elif step.days is not None:
            if step.days[0] == 1:
                await self._prompts.before_days()
                require_calories_at_rest(draft.get("analysis"), self._data)
            days = await self._days(step, step.days, draft, session_id)
            draft["weekPlan"] = {**draft.get("weekPlan", {}), **days}
        elif step.name == STEP_4_AGAIN:
            draft["summary"] = _parsed_summary(await self._ask(step, draft, session_id))
        else:
            draft["summary"] = await self._summary(step, draft, session_id)

    async def _days(
        self, step: Step, days: tuple[int, int], draft: Draft, session_id: str | None
    ) -> dict[str, Any]:
        try:
            answer = expect(parse_answer(await self._ask(step, draft, session_id)), "")
            chunk = int(step.name.rpartition("_")[2])
            return require_days(answer, chunk, days, names_others=self._ai.variant.names_other_days)
        except PlatformError as error:
            raise PlatformError(f"Генериране на дни {days[0]}-{days[1]}: {error.message}") from error

    async def _summary(self, step: Step, draft: Draft, session_id: str | None) -> dict[str, Any] | None:
        """The plan's summary, or None if the call or its answer is of no use."""
        try:
            return _parsed_summary(await self._ask(step, draft, session_id))
        except PlatformError:
            return None

    async def _ask(self, step: Step, draft: Draft, session_id: str | None) -> Any:
        prompt = await self._prompts.text(step, self._data, draft)
        variant = self._ai.variant
        if variant.first_form:
            return await self._ai.call(prompt, step.max_tokens, step.name)
        analysis = None if step.stage == 1 else draft.get("analysis")
        if analysis is not None and variant.compact_analysis:
            analysis = compact_analysis(analysis, step.stage)
        return await self._ai.call(prompt, step.max_tokens, step.name, session_id, self._data, analysis)


def _parsed_summary(answer: Any) -> Draft | None:
    """A summary, or None for an answer that is of no use."""
    summary = parse_answer(answer)
    return None if not isinstance(summary, dict) or truthy(summary.get("error")) else summary
