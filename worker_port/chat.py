"""Chats about a plan: one AI call without a session, and sometimes a new plan.

The client sends its data and its plan with a message, or asks for those that this isolate remembers of it:
for 30 minutes, of 1,000 clients at most. The first form remembers none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from edgeday.web import PlatformError, Response, isolate_state, now_ms
from edgeday.web.json_text import stringify
from worker_port.calls import CHAT_STEP, AiClient, estimate_tokens
from worker_port.config_reads import ConfigReads
from worker_port.entries import fields_of
from worker_port.js import either, length, text, truthy
from worker_port.plans import PlanDriver
from worker_port.prompts import Prompts
from worker_port.responses import json_response

CONTEXT_S = 1800
MOST_CONTEXTS = 1000
_DROPPED_AT_ONCE = 100
_MAX_TOKENS = 2000
_HISTORY_TOKENS = 2000
_MEMORY = "chat_contexts"
_NEW_PLAN = "[REGENERATE_PLAN:"
_CONSULTATION, _MODIFICATION = "consultation", "modification"
_EXCLUDED = "exclude_food:"


async def answer_chat(
    ai: AiClient, stored: ConfigReads | None, prompts: Prompts, asked: Mapping[str, Any]
) -> Response:
    """Answer a message. 400 without a message, and where neither the request nor the isolate has the client's
    data and plan.

    stored: what the admin has stored, if the worker reads it. prompts: of a new plan.
    Raises what the AI call and the look-up of its configuration raise.
    """
    message = asked.get("message")
    if not truthy(message):
        return json_response({"error": "Липсва съобщение"}, 400)
    data, plan = asked.get("userData"), asked.get("userPlan")
    user, complete = asked.get("userId"), truthy(data) and truthy(plan)
    remembers = truthy(user) and not ai.variant.first_form
    context: Any = (data, plan)
    from_memory = False
    if remembers and truthy(asked.get("useCachedContext")) and (found := _recall(text(user))) is not None:
        context, from_memory = found, True
    elif not complete:
        return json_response({"error": "Липсват потребителски данни или план"}, 400)
    elif remembers:
        _remember(text(user), context)
    mode = either(asked.get("mode"), _CONSULTATION)
    history = asked.get("conversationHistory")
    turns = history if isinstance(history, list) else []
    instructions = None if stored is None else await stored.chat_prompt(text(mode))
    known = [stringify(part) for part in (*context, turns)]
    prompt = "\n".join((instructions or "", *known, text(message)))
    answer = await ai.call(prompt, _MAX_TOKENS, CHAT_STEP, None, context[0])
    if not isinstance(answer, str):
        raise PlatformError("Cannot read properties of null (reading 'indexOf')")
    shown, wanted = _without_request(answer)
    result: dict[str, Any] = {
        "success": True,
        "response": shown,
        "conversationHistory": _trimmed(
            [*turns, {"role": "user", "content": message}, {"role": "assistant", "content": shown}]
        ),
        "planUpdated": False,
        "cacheUsed": from_memory,
    }
    if wanted is not None and mode == _MODIFICATION and data is not None:
        with suppress(PlatformError):  # the answer stays
            changed = _changed(fields_of(data), wanted)
            new_plan = await PlanDriver(ai, changed, prompts).multi_step()
            result |= {"planUpdated": True, "updatedPlan": new_plan, "updatedUserData": changed}
            if remembers:
                _contexts().pop(text(user), None)
    return json_response(result)


def _without_request(answer: str) -> tuple[str, Mapping[str, Any] | None]:
    """An answer less its request for a new plan, and that request, if it is one."""
    before, sign, rest = answer.partition(_NEW_PLAN)
    if not sign:
        return answer, None
    try:
        request, end = json.JSONDecoder().raw_decode(rest.lstrip())
    except ValueError:
        return before.strip(), None
    after = rest.lstrip()[end:].lstrip()
    if not after.startswith("]") or not isinstance(request, dict):
        return before.strip(), None
    return (before + after[1:]).strip(), request


def _changed(data: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A client's data with the changes that an answer asks for: foods to leave out, or ways to eat."""
    changes = either(wanted.get("modifications"), [])
    if not isinstance(changes, list) or not all(isinstance(change, str) for change in changes):
        raise PlatformError("mod.startsWith is not a function")
    ways = dict.fromkeys(either(data.get("planModifications"), []))
    disliked = text(either(data.get("dietDislike"), "")).split(",")
    foods = dict.fromkeys(food.strip() for food in disliked if food.strip())
    for change in changes:
        if not change.startswith(_EXCLUDED):
            ways[change] = None
        elif food := change.removeprefix(_EXCLUDED).strip():
            foods[food] = None
    return {**data, "planModifications": list(ways), "dietDislike": ", ".join(foods)}


def _trimmed(turns: list[Any]) -> list[Any]:
    """The newest turns of a conversation, as many as fit."""
    kept: list[Any] = []
    left = _HISTORY_TOKENS
    for turn in reversed(turns):
        left -= estimate_tokens(fields_of(turn).get("content"))
        if left < 0:
            break
        kept.insert(0, turn)
    return kept


def _contexts() -> dict[str, tuple[int, Any]]:
    contexts: dict[str, tuple[int, Any]] = isolate_state().setdefault(_MEMORY, {})
    return contexts


def _recall(user: str) -> Any:
    """What is remembered of a client, or None."""
    contexts = _contexts()
    found = contexts.get(user)
    if found is None:
        return None
    if now_ms() - found[0] < 1000 * CONTEXT_S:
        return found[1]
    del contexts[user]
    return None


def _remember(user: str, context: Any) -> None:
    contexts = _contexts()
    if length(list(contexts)) >= MOST_CONTEXTS:
        for oldest in sorted(contexts, key=lambda name: contexts[name][0])[:_DROPPED_AT_ONCE]:
            del contexts[oldest]
    contexts[user] = (now_ms(), context)
