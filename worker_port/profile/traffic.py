"""What a scenario may say about the worker's traffic: plans, and requests whose AI calls are described."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from itertools import islice
from random import Random
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, NonNegativeInt, model_validator

from edgeday import (
    DAY_S,
    Arrivals,
    Distribution,
    Draws,
    Duration,
    Even,
    Fixed,
    PerDay,
    RequestTraffic,
    ScenarioModel,
    TrafficPart,
    Uniform,
    in_proportion,
    model_error,
)
from edgeday.web.json_text import stringify_utf8
from edgeday.web.messages import Request

PLAN_PATH = "/api/generate-plan"
PLAN_ROUTE = f"POST {PLAN_PATH}"


class Retries(ScenarioModel):
    """AI calls that succeed only after failed attempts; the worker makes up to three."""

    rate: Annotated[float, Field(gt=0, le=1)]
    """The chance of each call, 0 to 1."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 1
    """How many attempts fail before one succeeds."""
    status: Literal[429, 502, 503, 504] = 503
    """HTTP status of the failed attempts; the worker tries again after these only."""


class Ai(ScenarioModel):
    """What the AI provider's stand-in does."""

    seconds: Duration = Uniform(low=4, high=12)
    """Virtual seconds, or durations such as 8s, until an attempt is answered."""
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
        for name, most in (("seconds", DAY_S), ("prompt_chars", 10_000_000), ("response_chars", 10_000_000)):
            if getattr(self, name).middle[1] > most:
                raise model_error(f'"{name}" may go up to {most:,}', name)
        return self

    def failing_attempts(self, seed: str) -> Iterator[int]:
        """How many attempts fail of each call of a request, without end. seed: of the request's draws."""
        retries, draw = self.retries, Random(f"{seed}/attempts")
        while True:
            fails = retries is not None and draw.random() < retries.rate
            yield retries.attempts if retries is not None and fails else 0


class Errors(ScenarioModel):
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


class RequestErrors(ScenarioModel):
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
        raise model_error(f"say either how many {what} have errors, or at what rate", "rate")
    if count is None and rate is None:
        raise model_error(f"say how many {what} have errors ({what}: 2) or at what rate (rate: 0.05)")


def _failing(errors: Errors | RequestErrors | None, count: int, draw: Random) -> frozenset[int]:
    if errors is None:
        return frozenset()
    if errors.count is not None:
        return frozenset(draw.sample(range(count), errors.count))
    rate = errors.rate or 0.0
    return frozenset(index for index in range(count) if draw.random() < rate)


def _in_proportion(errors: Any, per_day: tuple[int, ...], count: int) -> Any:
    """Errors of which a day of `count` has the share that the first day has."""
    if errors is None or errors.count is None:
        return errors
    field = "plans" if isinstance(errors, Errors) else "requests"
    return errors.model_copy(update={field: in_proportion(errors.count, per_day[0], count)})


class PlanTraffic(TrafficPart):
    """Diet plans: each is one `POST /api/generate-plan`."""

    keyword = "plans"
    grows = True
    compared_with: ClassVar[Mapping[str, frozenset[str]]] = {
        "request_errors": frozenset({"ai_calls"}),
        "response_errors": frozenset({"ai_calls"}),
    }

    name: str = "plans"
    """What reports call this traffic; unique within the scenario."""
    plans: PerDay
    """Plans a day: a number, or a list with one number for each day."""
    ai_calls: Literal[7, 9] = 7
    """AI calls of a plan: seven as in the code, nine as in the design document."""
    arrivals: Arrivals = Field(default_factory=Even)
    """even, poisson, diurnal, burst or ramp; a mapping with more detail; or a list of stages."""
    errors: Errors | None = None
    ai: Ai = Field(default_factory=Ai)

    def failing(self, count: int, draw: Random) -> frozenset[int]:
        return _failing(self.errors, count, draw)

    def of_size(self, count: int) -> Self:
        errors = _in_proportion(self.errors, self.plans, count)
        return super().of_size(count).model_copy(update={"errors": errors})

    def shape(self, draws: Draws, *, failing: bool) -> Hashable | None:
        """How the calls of the plan are answered. Clients and lengths of texts differ too, which is free."""
        failed: tuple[Hashable, ...] = ()
        if failing:
            draw = Random(draws.seed)
            failed = (self.request_errors(draw), tuple(sorted(self.response_errors(draw))))
        if self.ai.retries is None:
            return failed
        return (*failed, *islice(self.ai.failing_attempts(draws.seed), self.ai_calls))

    def request(self, number: int, seed: str, *, failing: bool, origin: str) -> Request:
        """The request; its headers say what only a simulation can know."""
        ai, errors = self.ai, self.errors
        sizes = ai.prompt_chars
        prompt_chars = round(sizes.value if sizes.kind == "fixed" else sizes.draw(Random(f"{seed}/prompt")))
        headers = {
            "Content-Type": "application/json",
            "edgeday-plan-calls": str(self.ai_calls),
            "edgeday-prompt-chars": str(prompt_chars),
            "edgeday-prompt-script": ai.script,
        }
        if errors is not None:
            headers["edgeday-plan-on-error"] = errors.then
            if failing and errors.request_errors:
                calls = self.request_errors(Random(seed))
                headers["edgeday-request-errors"] = ",".join(map(str, calls))
        client = {
            "name": f"Client {number}", "age": 20 + number % 50, "weight": 70, "height": 170,
            "gender": "Жена" if number % 2 else "Мъж",
        }  # fmt: skip
        return Request(origin + PLAN_PATH, method="POST", headers=headers, body=stringify_utf8(client))

    def request_errors(self, draw: Random) -> tuple[int, ...]:
        """The AI calls of a failing plan, from 1, whose request is logged with an error."""
        count = 0 if self.errors is None else self.errors.request_errors
        return tuple(sorted(draw.sample(range(1, self.ai_calls + 1), count)))

    def response_errors(self, draw: Random) -> frozenset[int]:
        """The AI calls of a failing plan, from 1, that the provider fails; drawn after `request_errors`."""
        count = 0 if self.errors is None else self.errors.response_errors
        return frozenset(draw.sample(range(1, self.ai_calls + 1), count))

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
                raise model_error(
                    f"{count} {what} are more than the {self.ai_calls} calls of a plan", "errors", name
                )
        return self


class AiRequestTraffic(RequestTraffic):
    """Requests of another route, such as chat messages, whose AI calls are described."""

    errors: RequestErrors | None = None
    ai: Ai = Field(default_factory=Ai)

    def failing(self, count: int, draw: Random) -> frozenset[int]:
        return _failing(self.errors, count, draw)

    def of_size(self, count: int) -> Self:
        errors = _in_proportion(self.errors, self.requests, count)
        return super().of_size(count).model_copy(update={"errors": errors})

    def shape(self, draws: Draws, *, failing: bool) -> Hashable | None:
        return None if self.ai.retries is not None else super().shape(draws, failing=failing)

    @model_validator(mode="after")
    def _possible(self) -> AiRequestTraffic:
        if self.errors is not None:
            _fits_each_day(self.errors.requests, self.requests, "requests")
        return self


def _fits_each_day(count: int | None, per_day: tuple[int, ...], what: str) -> None:
    if count is not None and count > min(per_day):
        raise model_error(
            f"{count} error {what} are more than the {min(per_day)} {what}"
            + (" of a day" if len(per_day) > 1 else ""),
            "errors",
            what,
        )
