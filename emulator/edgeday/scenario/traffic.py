"""What a scenario may say about its traffic: plans, other requests, and other code on the same account."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    NonNegativeInt,
    Tag,
    model_validator,
)

from edgeday.distributions import Distribution, Fixed, Uniform
from edgeday.fields import Model, Name, impossible, tuple_of
from edgeday.scenario.arrivals import HOURS, Arrivals, Even

Count = Annotated[int, Field(ge=0, le=1_000_000)]
PerDay = Annotated[tuple[Count, ...], BeforeValidator(tuple_of, json_schema_input_type=Count | list[Count])]
"""A number for every day, or a list with one for each day; a list that is too short begins again."""


class Retries(Model):
    """AI calls that succeed only after failed attempts; the worker makes up to three."""

    rate: Annotated[float, Field(gt=0, le=1)]
    """The chance of each call, 0 to 1."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 1
    """How many attempts fail before one succeeds."""
    status: Literal[429, 502, 503, 504] = 503
    """HTTP status of the failed attempts; the worker tries again after these only."""


class Ai(Model):
    """What the AI provider's stand-in does."""

    seconds: Distribution = Uniform(low=4, high=12)
    """Virtual seconds until an attempt is answered."""
    prompt_chars: Distribution = Fixed(value=1500)
    """Characters of the prompts, about; drawn once for each plan."""
    response_chars: Distribution = Fixed(value=2500)
    """Characters of each answer, at least."""
    script: Literal["latin", "cyrillic"] = "cyrillic"
    """The letters of prompts and answers."""
    retries: Retries | None = None
    """Attempts that fail before a call succeeds; default: none."""

    @model_validator(mode="after")
    def _possible(self) -> Ai:
        for name, most in (("seconds", 86_400), ("prompt_chars", 10_000_000), ("response_chars", 10_000_000)):
            if getattr(self, name).middle[1] > most:
                raise impossible(f'"{name}" may go up to {most:,}', name)
        return self


class Errors(Model):
    """Which plans have errors, and of what kind."""

    plans: NonNegativeInt | None = None
    """How many plans a day have errors: an exact count; which ones is drawn from the seed."""
    rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Or the chance of each plan, 0 to 1."""
    request_errors: NonNegativeInt = 0
    """AI calls of an error plan whose request is logged with an error (the document's model only)."""
    response_errors: NonNegativeInt = 1
    """AI calls of an error plan that the provider answers with an error, at every attempt."""
    then: Literal["abort", "continue"] = "abort"
    """abort: the plan ends at its first failed call, as in the code; continue: all calls are made, as in the
    document's model."""
    status: Annotated[int, Field(ge=400, le=599)] = 500
    """HTTP status the provider answers with."""

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> Errors:
        _chosen_once("plans", self.plans, self.rate)
        return self

    @property
    def count(self) -> int | None:
        return self.plans


class RequestErrors(Model):
    """Which requests have AI calls that fail; all their calls do."""

    requests: NonNegativeInt | None = None
    """How many requests a day: an exact count; which ones is drawn from the seed."""
    rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Or the chance of each request, 0 to 1."""
    status: Annotated[int, Field(ge=400, le=599)] = 500
    """HTTP status the AI provider answers with, at every attempt."""

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> RequestErrors:
        _chosen_once("requests", self.requests, self.rate)
        return self

    @property
    def count(self) -> int | None:
        return self.requests


def _chosen_once(what: str, count: int | None, rate: float | None) -> None:
    if count is not None and rate is not None:
        raise impossible(f"say either how many {what} have errors, or at what rate", "rate")
    if count is None and rate is None:
        raise impossible(f"say how many {what} have errors ({what}: 2) or at what rate (rate: 0.05)")


class PlanTraffic(Model):
    """Diet plans: each is one `POST /api/generate-plan`."""

    name: str = "plans"
    """What reports call this traffic; unique within the scenario."""
    plans: PerDay
    """Plans a day: a number, or a list with one number for each day."""
    ai_calls: Literal[7, 9] = 7
    """AI calls of a plan: seven as in the code, nine as in the design document."""
    arrivals: Arrivals = Field(default_factory=Even)
    """even, poisson, diurnal or burst, or a mapping with more detail."""
    errors: Errors | None = None
    ai: Ai = Field(default_factory=Ai)

    @property
    def per_day(self) -> tuple[int, ...]:
        return self.plans

    @model_validator(mode="after")
    def _possible(self) -> PlanTraffic:
        errors = self.errors
        if errors is None:
            return self
        _fits_each_day(errors.plans, self.plans, "plans")
        for name in ("request_errors", "response_errors"):
            count = getattr(errors, name)
            if count > self.ai_calls:
                what = name.replace("_", " ")
                raise impossible(
                    f"{count} {what} are more than the {self.ai_calls} calls of a plan", "errors", name
                )
        return self


class RequestTraffic(Model):
    """Requests of any other route: chat messages, the admin panel, a worker of one's own."""

    name: str = "requests"
    """What reports call this traffic; unique within the scenario."""
    requests: PerDay
    """Requests a day: a number, or a list with one number for each day."""
    method: Annotated[str, Field(pattern=r"^[A-Z]+$")] = "GET"
    path: Annotated[str, Field(pattern=r"^/[!-~]*$")]
    """Path and query, such as /api/chat; what is not ASCII is written percent-encoded."""
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    """Text is sent as it is, anything else as JSON."""
    arrivals: Arrivals = Field(default_factory=Even)
    """even, poisson, diurnal or burst, or a mapping with more detail."""
    errors: RequestErrors | None = None
    ai: Ai = Field(default_factory=Ai)

    @property
    def per_day(self) -> tuple[int, ...]:
        return self.requests

    @model_validator(mode="after")
    def _possible(self) -> RequestTraffic:
        if self.errors is not None:
            _fits_each_day(self.errors.requests, self.requests, "requests")
        if self.body is not None and self.method in {"GET", "HEAD"}:
            raise impossible(f"a {self.method} request has no body", "body")
        return self


def _fits_each_day(count: int | None, per_day: tuple[int, ...], what: str) -> None:
    if count is not None and count > min(per_day):
        raise impossible(
            f"{count} error {what} are more than the {min(per_day)} {what}"
            + (" of a day" if len(per_day) > 1 else ""),
            "errors",
            what,
        )


def _traffic_kind(value: Any) -> str:
    if isinstance(value, RequestTraffic):
        return "<requests>"
    of_requests = {"requests", "path", "method", "body", "headers"}
    is_requests = isinstance(value, dict) and "plans" not in value and not of_requests.isdisjoint(value)
    return "<requests>" if is_requests else "<plans>"


AnyTraffic = PlanTraffic | RequestTraffic

Traffic = Annotated[
    Annotated[PlanTraffic, Tag("<plans>")] | Annotated[RequestTraffic, Tag("<requests>")],
    Discriminator(_traffic_kind),
]
"""Plans, or requests of another route."""

PerHour = Annotated[
    tuple[NonNegativeInt, ...],
    BeforeValidator(tuple_of, json_schema_input_type=NonNegativeInt | list[NonNegativeInt]),
]


class Background(Model):
    """KV operations of other code on the same account: charged to the same quotas, in a namespace of its own.

    Each rate is a number of operations an hour, or a list of 24, one for each hour from 00:00 UTC.
    """

    name: Name = "background"
    """What reports call it; unique within the scenario."""
    reads: PerHour = (0,)
    writes: PerHour = (0,)
    deletes: PerHour = (0,)
    lists: PerHour = (0,)
    keys: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """How many keys it uses in turn."""
    value_bytes: Annotated[int, Field(ge=0, le=1_048_576)] = 100
    """Size of each value it writes."""

    @model_validator(mode="after")
    def _a_number_for_each_hour(self) -> Background:
        for name in ("reads", "writes", "deletes", "lists"):
            count = len(getattr(self, name))
            if count not in {1, HOURS}:
                raise impossible(f"one number an hour is needed, or 24; these are {count}", name)
        return self
