"""How the plans of a request are made: the code's way, or the design document's.

Said by variables of `env`, and for one request by headers, which a scenario's traffic sends. The real
worker has neither: left alone, plans are made as its code makes them.

    variable           header                    meaning
    PLAN_CALLS         edgeday-plan-calls        7, as the code makes (default); 9, as the document counts
    PLAN_ON_ERROR      edgeday-plan-on-error     abort, as the code does (default); continue, the document's
    PLAN_PROMPT_CHARS  edgeday-prompt-chars      least characters of the instructions in each prompt
    PLAN_PROMPT_SCRIPT edgeday-prompt-script     their letters: latin (default) or cyrillic
                       edgeday-request-errors    calls ("3,5") logged with a request-level error, see
                                                 `calls.AiClient`: the document's model
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from edgeday.web import Request

_TEXT = {
    "latin": "Answer in the client's language and follow the rules below. ",
    "cyrillic": "Отговаряй на езика на клиента и спазвай правилата по-долу. ",
}
_ALLOWED = {"calls": ("7", "9"), "on-error": ("abort", "continue"), "script": tuple(_TEXT)}


class BadPlanOptions(ValueError):
    """A variable or header says what is not possible; the text names it."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """calls: 7 or 9. on_error: "abort" or "continue". request_errors: numbers of calls, from 1."""

    calls: int
    on_error: str
    instructions: str
    request_errors: frozenset[int]

    @property
    def as_in_the_code(self) -> bool:
        return self.calls == 7 and self.on_error == "abort"


def plan_options(env: Any, request: Request) -> PlanOptions:
    """The options of a plan request. Raises BadPlanOptions."""

    def said(variable: str, header: str, default: str) -> str:
        return request.headers.get(header) or str(getattr(env, variable, None) or default)

    calls = _one_of("calls", said("PLAN_CALLS", "edgeday-plan-calls", "7"))
    on_error = _one_of("on-error", said("PLAN_ON_ERROR", "edgeday-plan-on-error", "abort"))
    script = _one_of("script", said("PLAN_PROMPT_SCRIPT", "edgeday-prompt-script", "latin"))
    chars = _numbers("prompt-chars", said("PLAN_PROMPT_CHARS", "edgeday-prompt-chars", "0"))
    errors = request.headers.get("edgeday-request-errors")
    return PlanOptions(
        calls=int(calls),
        on_error=on_error,
        instructions=_instructions(sum(chars), script),
        request_errors=_numbers("request-errors", errors) if errors else frozenset(),
    )


def _one_of(name: str, value: str) -> str:
    if value not in _ALLOWED[name]:
        raise BadPlanOptions(f'{name} is "{value}"; it may be {" or ".join(_ALLOWED[name])}')
    return value


@lru_cache(maxsize=64)
def _numbers(name: str, value: str) -> frozenset[int]:
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
        raise BadPlanOptions(f'{name} is "{value}"; it must be whole numbers')
    return frozenset(int(part) for part in parts)


@lru_cache(maxsize=16)
def _instructions(chars: int, script: str) -> str:
    letters = _TEXT[script]
    return (letters * (chars // len(letters) + 1))[:chars]
