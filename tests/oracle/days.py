"""The days that the original worker and the port are held against each other on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from edgeday import TrafficScript
from edgeday.clock import epoch_seconds
from edgeday.invocation import Invocation, Outbound
from edgeday.scenario.loader import Loaded
from edgeday.scenario.model import Scenario
from edgeday.scenario.yaml_source import Source
from edgeday.storage.records import KVEntry
from edgeday.web.messages import Request, Response

VARIANTS = ("kv_only_v1", "kv_only", "cache_only", "hybrid", "hybrid_batched")
START = "2026-02-16T00:00:00Z"

CLIENT = {
    "name": "Мария", "email": "maria@example.com", "gender": "Жена", "age": 35, "height": 168, "weight": 74,
    "goal": "Отслабване", "lossKg": 5, "eatingHabits": ["Не закусвам"], "dietDislike": "", "dietLove": "ориз",
}  # fmt: skip
STORED = {
    "admin_ai_model_name": "gpt-4.1-mini",
    "admin_analysis_prompt": "Анализ. Върни JSON за {userData}",
    "admin_strategy_prompt": "Стратегия. JSON формат.",
    "admin_meal_plan_prompt": "Дни. JSON формат.",
    "admin_summary_prompt": "Обобщение. JSON формат.",
    "admin_consultation_prompt": "Отговори кратко.",
    "food_whitelist": '["овес", "боб"]',
    "food_blacklist": '["чипс"]',
}
"""What the admin has stored on the days on which something is."""

_PLATFORM = {
    "latency": True,
    "colos": {"SOF": 6, "FRA": 3, "IAD": 1},
    "isolates": {"per_colo": 2, "life": "20m"},
    "eviction": {"megabytes": 2, "per_hour": 0.05},
    "propagation": True,
}


def _plans(count: int | list[int], errors: int, **more: Any) -> dict[str, Any]:
    return {
        "plans": count,
        "arrivals": "diurnal",
        "errors": {"plans": errors, "response_errors": 1, "then": "abort"},
        **more,
    }


def _requests(name: str, count: int, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    made = {"name": name, "requests": count, "method": method, "path": path, "arrivals": "poisson", **more}
    return made if body is None else {**made, "body": body}


def _desk(chats: int = 12) -> list[dict[str, Any]]:
    """What clients and the admin do besides."""
    known = {"userId": "u1", "userData": CLIENT, "userPlan": {"day1": {"meals": []}}}
    chat = {"message": "Може ли кисело мляко вечер?", **known}
    short = {"message": "А боб?", "userId": "u1", "useCachedContext": True}
    panel = "/api/admin/"
    return [
        _requests("chat", chats, "POST", "/api/chat", chat, errors={"requests": 2}),
        _requests("chat-in-short", 4, "POST", "/api/chat", short),
        _requests("chat-about-changes", 3, "POST", "/api/chat", {**chat, "mode": "modification"}),
        _requests("chat-without-plan", 2, "POST", "/api/chat", {"message": "?", "userData": CLIENT}),
        _requests("chat-without-message", 1, "POST", "/api/chat", {"userData": CLIENT}),
        _requests("no-plan", 2, "POST", "/api/generate-plan", {"name": "Иван", "age": 40}),
        _requests("no-json", 1, "POST", "/api/generate-plan", "Иван", headers={"Content-Type": "text/plain"}),
        _requests("questionnaire", 5, "POST", "/api/save-client-data",
                  {"id": "client_1", "timestamp": START, "answers": CLIENT}),
        _requests("logs", 6, "GET", panel + "get-ai-logs"),
        _requests("page-of-logs", 3, "GET", panel + "get-ai-logs?limit=7&offset=3"),
        _requests("export", 3, "GET", panel + "export-ai-logs"),
        _requests("cleanup", 1, "POST", panel + "cleanup-ai-logs"),
        _requests("status", 1, "GET", panel + "get-logging-status"),
        _requests("switch", 1, "POST", panel + "set-logging-status", {"enabled": False}),
        _requests("preflight", 2, "OPTIONS", "/api/generate-plan"),
        _requests("lost", 2, "GET", "/api/nothing"),
    ]  # fmt: skip


DAYS: Mapping[str, dict[str, Any]] = {
    "normal": {"traffic": [_plans(50, 2), *_desk()]},
    "high-load": {"traffic": [_plans(200, 10)], "stored": True},
    "ten-percent": {"traffic": [_plans(100, 10, ai={"retries": {"rate": 0.1, "attempts": 2}})]},
    "burst": {
        "traffic": [
            {**_plans(60, 6), "arrivals": {"kind": "burst", "at": "12:00", "minutes": 5}},
            _requests("logs", 6, "GET", "/api/admin/get-ai-logs",
                      arrivals={"kind": "burst", "at": "12:00", "minutes": 5}),
        ],
        "stored": True,
    },
    "places": {"traffic": [_plans(60, 3), *_desk()], "platform": _PLATFORM, "stored": True},
    "two-days": {"days": 2, "traffic": [_plans([60, 30], 3), *_desk()], "stored": True},
    "faults": {
        "traffic": [_plans(60, 3), *_desk()],
        "platform": {
            "latency": True,
            "faults": [
                {"service": "kv", "at": "+6h", "lasts": "4h", "share": 0.3},
                {"service": "kv", "at": "+10h", "lasts": "2h", "share": 0.3, "status": 429},
                {"service": "cache", "at": "+12h", "lasts": "3h", "share": 0.3},
                {"service": "fetch", "at": "+15h", "lasts": "4h", "share": 0.3, "status": 503},
                {"service": "fetch", "at": "+19h", "lasts": "2h", "share": 0.3},
            ],
        },
    },
    "answers": {"traffic": [_plans(60, 0)], "limits": {"subrequests": "observe"}, "odd": True},
}  # fmt: skip
"""By name: what the scenario has besides name, start and worker; whether the admin has `stored` something;
whether the AI's answers are `odd`."""


@cache
def scenario(day: str, variant: str) -> Scenario:
    """One of the days, for one form of the worker."""
    fields = {key: value for key, value in DAYS[day].items() if key not in {"stored", "odd"}}
    made = Scenario.model_validate(
        {
            "name": f"{day}-{variant}",
            "start": START,
            "worker": {
                "entry": "worker_port:AiDietWorker",
                "variant": variant,
                "vars": {"PLAN_CONFIG_READS": "on"},
            },
            **fields,
        }
    )
    if not DAYS[day].get("stored"):
        return made
    written_at = epoch_seconds(START)
    entries = {key: KVEntry(value.encode(), None, None, written_at) for key, value in STORED.items()}
    return made.with_initial_entries({made.bindings["page_content"]: entries})


def loaded(day: str, variant: str, worker: type) -> Loaded:
    """The day with a worker that answers its requests."""
    return Loaded(Path(day), scenario(day, variant), worker, Source(day, []))


def outbound(day: str) -> Callable[[Outbound], Outbound]:
    """What is put before the hosts that the worker fetches from."""
    return _odd_answers if DAYS[day].get("odd") else lambda handler: handler


_IN_PLACE: Mapping[str, Callable[[str], str | None]] = {
    "empty": lambda _: "{}",
    "prose": lambda _: "Съжалявам, не мога.",
    "nothing": lambda _: None,
    "fenced": lambda content: f"Ето:\n```json\n{content}\n```",
    "comma": lambda content: f"{content},",
    "cut": lambda content: content[:-40],
    "an error": lambda _: '{"error": "overloaded"}',
    "no meals": lambda content: content.replace('"meals":', '"dishes":'),
    "no foods": lambda content: content.replace('"recommendations":', '"foods":'),
    "no welcome": lambda content: content.replace('"welcomeMessage":', '"welcome":'),
    "no last day": lambda content: content.replace('"day7":', '"day8":'),
    "too little": lambda content: content.replace('"calories":900', '"calories":"300 kcal"'),
}
"""What becomes of the text of an answer, by a name for it."""
_AROUND = ("length", "content_filter", "error", "no choice")
"""What is odd of an answer besides its text."""


def _odd_answers(handler: Outbound) -> Outbound:
    """Answers of which some are of no use, or look it: the worker corrects plans, or gives up."""

    async def answer(request: Request, invocation: Invocation) -> Response:
        response = await handler(request, invocation)
        script = invocation.context
        assert isinstance(script, TrafficScript)
        draw = Random(f"{script.seed}/{invocation.external}")
        if draw.random() >= 0.12:
            return response
        return _made_odd(draw.choice([*_IN_PLACE, *_AROUND]), json.loads(await response.bytes()))

    return answer


def _made_odd(kind: str, body: dict[str, Any]) -> Response:
    choice = body["choices"][0]
    if kind == "error":
        body["error"] = {"message": "overloaded"}
    elif kind == "no choice":
        body["choices"] = []
    elif kind in _AROUND:
        choice["finish_reason"] = kind
    else:
        choice["message"]["content"] = _IN_PLACE[kind](choice["message"]["content"])
    data = json.dumps(body, ensure_ascii=False).encode()
    return Response.received(200, "OK", (("content-type", "application/json"),), data)
