"""What a scenario may say about its probes: requests at an instant, and what their answers have to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, NonNegativeInt, WithJsonSchema, model_validator

from edgeday.clock import epoch_seconds
from edgeday.fields import Model, impossible, offset_s, parse_instant
from edgeday.measure.budgets import BudgetSyntaxError, Expression, parse_budget

_WHOLE = ("status", "cache", "kv", "text")
_PREFIXED = ("json:", "header:")


def _known(what: str) -> str:
    if what in _WHOLE or (what.startswith(_PREFIXED) and not what.endswith(":")):
        return what
    raise impossible(f'"{what}" cannot be expected; there are {", ".join(_WHOLE)}, json:PATH and header:NAME')


def _checkable(value: Any) -> Any:
    if isinstance(value, str) and (parsed := comparison(value)) is not None:
        if parsed.of_limit or parsed.window_h is not None or parsed.always:
            raise impossible(f'"{value}": an answer is compared with numbers only')
        return value
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    raise impossible("an answer is compared with text, a number, true, false or null")


def comparison(text: str) -> Expression | None:
    """The comparison that a text is (> 0, 5..10); None for any other text."""
    try:
        return parse_budget(text)
    except BudgetSyntaxError:
        return None


_EXPECT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "status": {"type": ["integer", "string"], "description": "HTTP status of the answer."},
        "cache": {
            "type": ["integer", "string"],
            "description": "AI logs in the answer that are from a cache.",
        },
        "kv": {"type": ["integer", "string"], "description": "AI logs in the answer that are from KV."},
        "text": {"type": "string", "description": "Text that the answer's body contains."},
    },
    "patternProperties": {
        "^json:.+$": {
            "type": ["string", "number", "boolean", "null"],
            "description": "A value in the JSON body, by its path: json:logs.0.stepName, json:logs.length.",
        },
        "^header:.+$": {"type": ["string", "number"], "description": "A header of the answer."},
    },
}
Expect = Annotated[
    dict[Annotated[str, AfterValidator(_known)], Annotated[Any, AfterValidator(_checkable)]],
    WithJsonSchema(_EXPECT_SCHEMA),
]


class GetAiLogs(Model):
    """`GET /api/admin/get-ai-logs`, with the admin token of the worker's `vars` where it has one."""

    hasError: bool | None = None
    limit: NonNegativeInt | None = None
    offset: NonNegativeInt | None = None
    expect: Expect = Field(default_factory=dict)
    """What the answer has to be: what is expected -> a value, or a comparison such as "> 0"."""


class ProbeRequest(Model):
    """Any request."""

    method: Annotated[str, Field(pattern=r"^[A-Z]+$")] = "GET"
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")]
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    """Text is sent as it is, anything else as JSON."""


def _moment(text: str) -> str:
    if offset_s(text) is None:
        if text.startswith("+"):
            raise impossible(f'"{text}" is no offset; write +3d, +23h59m or +1d2h3m4s')
        parse_instant(text)
    return text


class Probe(Model):
    """A request at one instant, and what its answer has to be. An answer that differs fails the scenario."""

    at: Annotated[str, AfterValidator(_moment)]
    """An offset from the start, such as +23h59m or +3d, or an instant with a time zone."""
    name: str = ""
    """What reports call it; default: its request."""
    get_ai_logs: GetAiLogs | None = None
    request: ProbeRequest | None = None
    expect: Expect = Field(default_factory=dict)
    """What the answer has to be: what is expected -> a value, or a comparison such as "> 0"."""

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Probe:
        if (self.get_ai_logs is None) == (self.request is None):
            raise impossible("a probe makes one request: say get_ai_logs or request")
        if not self.expectations:
            raise impossible("a probe expects something of the answer: say expect: {status: 200}")
        return self

    @property
    def expectations(self) -> Mapping[str, Any]:
        return {**self.expect, **(self.get_ai_logs.expect if self.get_ai_logs else {})}

    def comes_at(self, start_s: float) -> float:
        """Epoch seconds of the probe in a run that starts at `start_s`."""
        offset = offset_s(self.at)
        return epoch_seconds(self.at) if offset is None else start_s + offset
