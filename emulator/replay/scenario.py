"""The scenario model: what a scenario file may say, with types, defaults and meaning.

The JSON Schema in `scenarios/scenario.schema.json` is generated from it. Checks that need more than one
field are here too; places in the file are the loader's business.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from emulator.limits import Mode
from emulator.replay.budgets import BudgetSyntaxError, parse_budget
from emulator.replay.metrics import METRICS


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def _impossible(message: str, *at: str) -> PydanticCustomError:
    """An error that names the field below the model it belongs to."""
    return PydanticCustomError("impossible", "{message}", {"message": message, "at": list(at)})


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError(
            "instant", "{message}", {"message": f'"{value}" is no instant; write 2026-02-16T00:00:00Z'}
        ) from None
    if instant.tzinfo is None:
        raise PydanticCustomError(
            "instant", "{message}", {"message": f'"{value}" has no time zone; write {value}Z for UTC'}
        )
    return instant.astimezone(UTC)


UtcInstant = Annotated[datetime, BeforeValidator(_instant, json_schema_input_type=str)]


class Worker(_Model):
    """Which worker runs."""

    entry: str = "worker_port:AiDietWorker"
    """Module and class, as `package.module:Class`."""
    variant: str | None = None
    """Form of the logging, for workers that have variants; becomes `env.AI_LOG_VARIANT`."""
    vars: dict[str, Any] = Field(default_factory=dict)
    """Plain variables of the worker's `env`."""

    @field_validator("entry")
    @classmethod
    def _names_a_class(cls, entry: str) -> str:
        module, colon, name = entry.partition(":")
        if not colon or not name.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
            raise PydanticCustomError(
                "entry", "{message}", {"message": f'"{entry}" names no class; write package.module:Class'}
            )
        return entry


class LimitSwitches(_Model):
    """What happens at each limit: enforce it, observe (count and report) it, or turn it off."""

    daily_kv: Mode = "enforce"
    """The four daily KV quotas."""
    key_write_rate: Mode = "enforce"
    """One write per second to one KV key."""
    subrequests: Mode = "enforce"
    """External and internal subrequests per invocation."""
    value_sizes: Mode = "enforce"
    """Sizes of KV values and metadata."""


class Arrivals(_Model):
    """When requests arrive within each day (UTC)."""

    kind: Literal["even", "poisson", "diurnal", "burst"] = "even"
    """even: at equal distances; poisson: at random; diurnal: by hour weights; burst: within one window."""
    weights: list[NonNegativeFloat] | None = None
    """diurnal: 24 weights, one for each hour from 00:00 UTC; default: a day with its peak in the evening."""
    at: str | None = None
    """burst: when the window begins, as HH:MM."""
    minutes: PositiveInt = 10
    """burst: how long the window is."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Arrivals:
        if self.weights is not None:
            if self.kind != "diurnal":
                raise _impossible(f"weights belong to diurnal arrivals, not to {self.kind}", "weights")
            if len(self.weights) != 24:
                raise _impossible(
                    f"24 weights are needed, one for each hour; these are {len(self.weights)}", "weights"
                )
            if not sum(self.weights):
                raise _impossible("the weights are all 0: no hour would get a request", "weights")
        if self.at is not None:
            if self.kind != "burst":
                raise _impossible(f"a time belongs to a burst, not to {self.kind} arrivals", "at")
            hour, colon, minute = self.at.partition(":")
            if not (colon and hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
                raise _impossible(f'"{self.at}" is no time of day; write HH:MM', "at")
        return self

    @property
    def begins_s(self) -> int:
        """Seconds from 00:00 UTC at which a burst's window begins; 12:00 unless said otherwise."""
        hour, _, minute = (self.at or "12:00").partition(":")
        return int(hour) * 3600 + int(minute) * 60


def _kind(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


class Errors(_Model):
    """Which plans have errors, and of what kind."""

    plans: NonNegativeInt | None = None
    """How many plans a day have errors: an exact count; which ones is drawn from the seed."""
    rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Or the chance of each plan, 0 to 1."""
    request_errors: NonNegativeInt = 0
    """AI calls of an error plan whose request is logged with an error (the document's model only)."""
    response_errors: NonNegativeInt = 1
    """AI calls of an error plan that the provider answers with an error."""
    then: Literal["abort", "continue"] = "abort"
    """abort: the plan ends at its first failed call, as in the code; continue: all calls are made, as in the
    document's model."""
    status: Annotated[int, Field(ge=400, le=599)] = 500
    """HTTP status the provider answers with."""

    @model_validator(mode="after")
    def _one_way_to_choose(self) -> Errors:
        if self.plans is not None and self.rate is not None:
            raise _impossible("say either how many plans have errors, or at what rate", "rate")
        if self.plans is None and self.rate is None:
            raise _impossible("say how many plans have errors (plans: 2) or at what rate (rate: 0.05)")
        return self


def _pair(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return (value, value)
    return tuple(value) if isinstance(value, list) else value


class Ai(_Model):
    """What the AI provider's stand-in does."""

    seconds: Annotated[
        tuple[NonNegativeFloat, NonNegativeFloat],
        BeforeValidator(_pair, json_schema_input_type=float | tuple[float, float]),
    ] = (4.0, 12.0)
    """Least and most virtual seconds of an answer, drawn evenly; one number for both."""
    prompt_chars: NonNegativeInt = 1500
    """Characters of each prompt."""
    response_chars: NonNegativeInt = 2500
    """Characters of each answer, at least."""
    script: Literal["latin", "cyrillic"] = "cyrillic"
    """The letters of prompts and answers."""

    @model_validator(mode="after")
    def _in_order(self) -> Ai:
        if self.seconds[0] > self.seconds[1]:
            raise _impossible(
                f"least seconds {self.seconds[0]:g} are more than most {self.seconds[1]:g}", "seconds"
            )
        return self


class PlanTraffic(_Model):
    """Diet plans: each is one `POST /api/generate-plan`."""

    name: str = "plans"
    """What reports call this traffic; unique within the scenario."""
    plans: NonNegativeInt
    """Plans a day."""
    ai_calls: Literal[7, 9] = 7
    """AI calls of a plan: seven as in the code, nine as in the design document."""
    arrivals: Annotated[Arrivals, BeforeValidator(_kind, json_schema_input_type=str | Arrivals)] = Field(
        default_factory=Arrivals
    )
    """even, poisson, diurnal or burst, or a mapping with more detail."""
    errors: Errors | None = None
    ai: Ai = Field(default_factory=Ai)

    @model_validator(mode="after")
    def _possible(self) -> PlanTraffic:
        errors = self.errors
        if errors is None:
            return self
        if errors.plans is not None and errors.plans > self.plans:
            raise _impossible(
                f"{errors.plans} error plans are more than the {self.plans} plans", "errors", "plans"
            )
        for name in ("request_errors", "response_errors"):
            count = getattr(errors, name)
            if count > self.ai_calls:
                what = name.replace("_", " ")
                raise _impossible(
                    f"{count} {what} are more than the {self.ai_calls} calls of a plan", "errors", name
                )
        return self


def known_metric(name: str) -> str:
    """The name, if there is such a metric; raises the model's error, with the nearest name, if not."""
    if name in METRICS:
        return name
    import difflib

    near = difflib.get_close_matches(name, METRICS, 1)
    hint = f' (did you mean "{near[0]}"?)' if near else ""
    raise PydanticCustomError("metric", "{message}", {"message": f'unknown metric "{name}"{hint}'})


MetricName = Annotated[
    str, AfterValidator(known_metric), WithJsonSchema({"type": "string", "enum": list(METRICS)})
]


class Claim(_Model):
    """A number somebody wrote down, checked by measuring it."""

    says: str
    """The words."""
    metric: MetricName
    value: float
    where: str = ""
    """Where it is written."""


def _budget_text(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"== {value}"
    return value


def _check_budget(text: str) -> str:
    try:
        parse_budget(text)
    except BudgetSyntaxError as error:
        raise PydanticCustomError("budget", "{message}", {"message": str(error)}) from None
    return text


BudgetText = Annotated[str, BeforeValidator(_budget_text), AfterValidator(_check_budget)]


_BUDGETS_SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        metric.name: {
            "type": ["string", "number"],
            "description": f"{metric.meaning} In {metric.unit}. For instance <= 6, == 0, <= 50%, 10..30.",
        }
        for metric in METRICS.values()
    },
}


class Scenario(_Model):
    """One scenario file: a worker, its traffic, and what is expected of the day."""

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
    """What reports call it; unique among the files replayed together."""
    description: str = ""
    start: UtcInstant
    """The first virtual instant, with a time zone, such as 2026-02-16T00:00:00Z."""
    days: Annotated[int, Field(ge=1, le=400)] = 1
    """How many days of 24 hours the traffic goes on for."""
    account: Literal["free", "paid"] = "free"
    """Whose limits apply."""
    seed: int = 0
    """What all that is drawn is drawn from."""
    worker: Worker = Field(default_factory=Worker)
    namespaces: dict[str, str] = Field(default_factory=lambda: {"page_content": "page_content"})
    """KV bindings of the worker: name -> namespace id."""
    limits: LimitSwitches = Field(default_factory=LimitSwitches)
    traffic: list[PlanTraffic] = Field(default_factory=list)
    budgets: Annotated[dict[MetricName, BudgetText], WithJsonSchema(_BUDGETS_SCHEMA)] = Field(
        default_factory=dict
    )
    """Metric -> budget. A broken budget fails the scenario."""
    claims: list[Claim] = Field(default_factory=list)
    """Numbers to compare with what is measured; they do not fail the scenario."""

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        seen: set[str] = set()
        for number, traffic in enumerate(self.traffic):
            if traffic.name in seen:
                raise PydanticCustomError(
                    "impossible",
                    "{message}",
                    {
                        "message": f'two traffics are called "{traffic.name}"',
                        "at": ["traffic", number, "name"],
                    },
                )
            seen.add(traffic.name)
        return self
