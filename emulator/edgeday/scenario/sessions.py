"""What a scenario may say about sessions: the steps of one visitor, in order, with the time between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from random import Random
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from edgeday.clock import DAY_S
from edgeday.distributions import Duration
from edgeday.fields import Model, impossible
from edgeday.scenario.arrivals import Arrivals, Even
from edgeday.scenario.request_template import RequestFields, RequestTemplate, SharedFields
from edgeday.scenario.traffic import PerDay, TrafficPart
from edgeday.scenario.values import ValueName

_SOURCES = re.compile(r"(?:json|header|cookie):.+|status|text", re.DOTALL)
Chance = Annotated[float, Field(ge=0, le=1)]


def _source(text: str) -> str:
    if not _SOURCES.fullmatch(text):
        what = f'"{text}" cannot be kept; write json:PATH, header:NAME, cookie:NAME, status or text'
        raise impossible(what)
    return text


def _names(value: Any) -> Any:
    """One name or several, as a tuple."""
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)


Source = Annotated[
    str,
    AfterValidator(_source),
    Field(json_schema_extra={"examples": ["json:id", "header:etag", "cookie:session", "status", "text"]}),
]


class Wait(Model):
    """The time that a visitor takes before the next step."""

    wait: Duration
    """Seconds, [least, most] or a distribution; each number may be a duration such as 40s."""
    leave: Chance = 0
    """The chance that the visitor leaves before this step, 0 to 1."""

    def seconds(self, seed: str) -> float:
        """How long it is this time, at most a day."""
        return min(round(self.wait.draw(Random(f"{seed}/wait")), 3), DAY_S)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        longest = self.wait.middle[1]
        if longest > DAY_S:
            raise impossible(f"a visitor waits a day at most; this may be {longest:,.0f} s", "wait")
        return self


class RequestStep(RequestFields):
    """A request of the visitor; the next step begins when its answer has been read."""

    keep: dict[ValueName, Source] = Field(default_factory=dict)
    """Values of the answer that later steps use as placeholders: name -> json:PATH, header:NAME, cookie:NAME,
    status or text. An answer without one of them ends the session."""
    again: Annotated[
        tuple[ValueName, ...],
        BeforeValidator(_names, json_schema_input_type=ValueName | list[ValueName]),
    ] = ()
    """Values that are drawn anew for this step and the later ones."""
    leave: Chance = 0
    """The chance that the visitor leaves before this step, 0 to 1."""


def _tag(value: Any) -> str:
    is_wait = "wait" in value if isinstance(value, Mapping) else isinstance(value, Wait)
    return "<Wait>" if is_wait else "<RequestStep>"


Step = Annotated[
    Annotated[Wait, Tag("<Wait>")] | Annotated[RequestStep, Tag("<RequestStep>")], Discriminator(_tag)
]
"""One step of a session: a request, or a wait."""


class SessionTraffic(SharedFields, TrafficPart):
    """Sessions of visitors: each makes its steps in their order, with its own cookies and values."""

    keyword = "sessions"

    name: str = "sessions"
    """What reports call this traffic; unique within the scenario."""
    sessions: PerDay
    """Sessions that begin in a day: a number, or a list with one number for each day."""
    steps: Annotated[list[Step], Field(json_schema_extra={"minItems": 1})]
    """What a visitor does: requests, and {wait: ...} between them. The part's headers, host, client and
    expectations are those of every request."""
    arrivals: Arrivals = Field(default_factory=Even)
    """When the sessions begin: even, poisson, diurnal or burst, or a mapping with more detail."""

    @property
    def requests_each(self) -> int:
        return sum(isinstance(step, RequestStep) for step in self.steps)

    @property
    def expects(self) -> bool:
        return any(template is not None and template.expect for template in self.templates)

    @cached_property
    def templates(self) -> list[RequestTemplate | None]:
        """The request of each step; None of a wait."""
        return [RequestTemplate(step, self) if isinstance(step, RequestStep) else None for step in self.steps]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("templates", None)
        return copied

    @model_validator(mode="after")
    def _has_a_request(self) -> Self:
        if not self.requests_each:
            raise impossible("a session makes a request: say {get: /path} in one of its steps", "steps")
        return self
