"""What a replay costs beside a bare loop of the same storage operations.

    python -m benchmarks.replay_day

The high-load day (200 plans of nine calls, hybrid logging) with prompts and answers of two sizes and two
scripts, against the same operations on a dict with json.dumps and json.loads. The second bare loop also
writes and reads the JSON of the AI calls themselves, which the replayed worker does too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import paired, show
from edgeday.replay.runner import replay
from edgeday.scenario.loader import Loaded, load
from worker_port.profile.ai_provider import answer_text
from worker_port.profile.traffic import Ai

_DAY = Path(__file__).parent.parent / "scenarios" / "high-load-day.yaml"
_TEXT = {"latin": "plain text for a prompt ", "cyrillic": "текст на подкана за план "}


def loaded_with(prompt_chars: int, response_chars: int, script: str) -> Loaded:
    """The high-load day with texts of another size; no plan fails, so that all loops do the same."""
    (day,) = load([_DAY])
    ai = Ai.model_validate({"prompt_chars": prompt_chars, "response_chars": response_chars, "script": script})
    traffic = [part.model_copy(update={"errors": None, "ai": ai}) for part in day.scenario.traffic]
    scenario = day.scenario.model_copy(update={"traffic": traffic, "budgets": {}, "claims": []})
    return day._replace(scenario=scenario)


def bare_day(
    plans: int, calls: int, prompt: str, answer: str, *, ai_calls: bool = False
) -> Callable[[], object]:
    """The storage operations of such a day on a dict, with nothing around them.

    ai_calls: also the JSON that goes to the AI provider and comes back.
    """
    completion = json.dumps({"choices": [{"message": {"content": answer}, "finish_reason": "stop"}]})
    client = {"name": "Client 17", "age": 37, "weight": 70, "height": 170}

    def run() -> object:
        store: dict[str, str] = {}
        for plan in range(plans):
            session = f"session_{plan}"
            analysis = None
            for call in range(calls):
                log = f"ai_log_{plan}_{call}"
                _put(store, f"ai_communication_log:{log}", _request(log, session, prompt, client, analysis))
                sessions = _get(store, "ai_communication_session_index") or []
                if session not in sessions:
                    sessions.insert(0, session)
                    _put(store, "ai_communication_session_index", sessions[:10])
                logs = _get(store, f"ai_session_logs:{session}") or []
                logs.append(log)
                _put(store, f"ai_session_logs:{session}", logs)
                _put(store, f"ai_communication_log:{log}_response", _response(log, answer))
                if ai_calls:
                    json.dumps({"model": "m", "messages": [{"role": "user", "content": prompt}]})
                    json.loads(completion)
                if call == 0:
                    analysis = json.loads(answer)
        return store

    return run


def _put(store: dict[str, str], key: str, value: Any) -> None:
    store[key] = json.dumps(value)


def _get(store: dict[str, str], key: str) -> Any:
    text = store.get(key)
    return None if text is None else json.loads(text)


def _request(log: str, session: str, prompt: str, client: dict[str, Any], analysis: Any) -> dict[str, Any]:
    return {
        "id": log, "sessionId": session, "timestamp": "2026-02-16T00:53:21.000Z", "stepName": "step1",
        "type": "request", "prompt": prompt, "promptLength": len(prompt), "estimatedInputTokens": 2000,
        "maxOutputTokens": 4000, "provider": "openai", "modelName": "gpt-4o-mini", "userData": client,
        "calculatedData": analysis, "hasError": False, "error": None,
    }  # fmt: skip


def _response(log: str, answer: str) -> dict[str, Any]:
    return {
        "id": log, "timestamp": "2026-02-16T00:53:21.000Z", "stepName": "step1", "type": "response",
        "response": answer, "responseLength": len(answer), "estimatedOutputTokens": 0, "duration": 1200,
        "success": True, "error": None, "hasError": False,
    }  # fmt: skip


def main() -> None:
    for prompt_chars, response_chars, goal in ((8192, 4096, 1.5), (200, 200, 3.0)):
        for script, letters in _TEXT.items():
            day = loaded_with(prompt_chars, response_chars, script)
            prompt = (letters * (prompt_chars // len(letters) + 1))[:prompt_chars]
            answer = answer_text(1, 9, response_chars, script)  # type: ignore[arg-type]
            medians = paired(
                {
                    "bare loop": bare_day(200, 9, prompt, answer),
                    "bare loop with AI calls": bare_day(200, 9, prompt, answer, ai_calls=True),
                    "edgeday replay": partial(replay, day),
                }
            )
            title = (
                f"high-load day, prompts of {prompt_chars} characters, answers of {response_chars}, {script}"
            )
            show(title, medians, "bare loop", goal)


if __name__ == "__main__":
    main()
