"""Distributions that sizes and durations are drawn from."""

from __future__ import annotations

import math
from random import Random
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    Tag,
    WithJsonSchema,
    model_validator,
)

from edgeday.fields import Kind, duration_s, impossible


class _Distribution(Kind):
    noun = "distributions"


class Fixed(_Distribution):
    """Always the same value."""

    kind: Literal["fixed"] = "fixed"
    value: NonNegativeFloat

    def draw(self, random: Random) -> float:
        return self.value

    @property
    def middle(self) -> tuple[float, float]:
        """Between which values most draws lie."""
        return self.value, self.value


class Uniform(_Distribution):
    """Every value between two ends alike."""

    kind: Literal["uniform"] = "uniform"
    low: NonNegativeFloat
    high: NonNegativeFloat

    @model_validator(mode="after")
    def _in_order(self) -> Uniform:
        if self.low > self.high:
            raise impossible(f"least {self.low:g} is more than most {self.high:g}")
        return self

    def draw(self, random: Random) -> float:
        return random.uniform(self.low, self.high)

    @property
    def middle(self) -> tuple[float, float]:
        return self.low, self.high


class _Clipped(_Distribution):
    least: NonNegativeFloat = 0.0
    """Smaller draws become this."""
    most: NonNegativeFloat | None = None
    """Larger draws become this."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most is not None and self.least > self.most:
            raise impossible(f"least {self.least:g} is more than most {self.most:g}", "most")
        return self

    def _clip(self, value: float) -> float:
        value = max(value, self.least)
        return value if self.most is None else min(value, self.most)


class Normal(_Clipped):
    """A bell around `mean`."""

    kind: Literal["normal"]
    mean: NonNegativeFloat
    sd: PositiveFloat
    """The standard deviation."""

    def draw(self, random: Random) -> float:
        return self._clip(random.gauss(self.mean, self.sd))

    @property
    def middle(self) -> tuple[float, float]:
        return self._clip(self.mean - 2 * self.sd), self._clip(self.mean + 2 * self.sd)


class Lognormal(_Clipped):
    """Mostly about `median`, seldom much more: what the times of network services look like."""

    kind: Literal["lognormal"]
    median: Annotated[PositiveFloat, Field(le=1e15)]
    sigma: Annotated[PositiveFloat, Field(le=10)] = 0.5
    """The standard deviation of the logarithm: 0.5 gives 95 % between 0.4 and 2.7 times the median."""

    def draw(self, random: Random) -> float:
        return self._clip(random.lognormvariate(math.log(self.median), self.sigma))

    @property
    def middle(self) -> tuple[float, float]:
        factor = math.exp(2 * self.sigma)
        return self._clip(self.median / factor), self._clip(self.median * factor)


def _written_short(value: Any) -> Any:
    """A number is fixed; two numbers are the ends of a uniform distribution; a mapping of one kind's name to
    the rest, {lognormal: {median: 40}}, is that kind."""
    if isinstance(value, dict) and len(value) == 1:
        ((kind, rest),) = value.items()
        if kind in _KINDS and isinstance(rest, dict) and "kind" not in rest:
            return {"kind": kind, **rest}
        if kind in {"fixed", "uniform"} and not isinstance(rest, dict):
            value = rest
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return {"kind": "fixed", "value": value}
    if isinstance(value, (list, tuple)) and len(value) == 2:
        return {"kind": "uniform", "low": value[0], "high": value[1]}
    return value


_KINDS: dict[str, type[_Distribution]] = {
    "fixed": Fixed,
    "uniform": Uniform,
    "normal": Normal,
    "lognormal": Lognormal,
}


def _kind(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"<{kind}>" if kind in _KINDS else None


_NUMBER = {"type": "number", "minimum": 0}
_WITH_UNITS = {"anyOf": [_NUMBER, {"type": "string", "examples": ["40s", "1m30s", "250ms"]}]}


SHARED = "x-shared"
"""In a JSON Schema: the name of a definition that stands in several places and is to be written once."""


def _schema(name: str, number: dict[str, Any]) -> dict[str, Any]:
    """What editors check a distribution by. number: what stands for each of its numbers."""
    two = {"type": "array", "prefixItems": [number, number], "minItems": 2, "maxItems": 2, "items": False}
    forms: list[dict[str, Any]] = [number, two]
    for word, kind in _KINDS.items():
        numbers = {
            field: {**number, "description": info.description} if info.description else number
            for field, info in kind.model_fields.items()
            if field != "kind"
        }
        needed = [field for field in numbers if kind.model_fields[field].is_required()]
        of_numbers = {"type": "object", "additionalProperties": False, "required": needed}
        rest: list[dict[str, Any]] = [{**of_numbers, "properties": numbers}]
        rest += {"fixed": [number], "uniform": [two]}.get(word, [])
        short = {"anyOf": rest, "description": kind.__doc__}
        long = {**of_numbers, "properties": {"kind": {"const": word}, **numbers}}
        forms.append({**long, "required": ["kind", *needed], "description": kind.__doc__})
        forms.append(
            {"type": "object", "additionalProperties": False, "properties": {word: short}, "required": [word]}
        )
    return {SHARED: name, "anyOf": forms}


Distribution = Annotated[
    Annotated[Fixed, Tag("<fixed>")]
    | Annotated[Uniform, Tag("<uniform>")]
    | Annotated[Normal, Tag("<normal>")]
    | Annotated[Lognormal, Tag("<lognormal>")],
    Discriminator(
        _kind,
        custom_error_type="distribution",
        custom_error_message="write a number, two numbers [least, most], or a mapping whose kind is fixed, "
        "uniform, normal or lognormal",
    ),
    BeforeValidator(
        _written_short,
        json_schema_input_type=Annotated[Any, WithJsonSchema(_schema("Distribution", _NUMBER))],
    ),
]
"""A number, two numbers for a uniform distribution, or a mapping with its kind: {normal: {mean: 60, sd: 5}}
or {kind: normal, mean: 60, sd: 5}."""


def _in_seconds(value: Any, *at: str | int) -> Any:
    """Durations that are written as texts, as seconds. at: where the value is in what is written."""
    if isinstance(value, str):
        seconds = duration_s(value)
        if seconds is None:
            what = f'"{value}" is no duration; write 40s, 1m30s, 200ms or a number of seconds'
            raise impossible(what, *at)
        return seconds
    if isinstance(value, dict):
        return {
            name: part if name == "kind" else _in_seconds(part, *at, name) for name, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_in_seconds(part, *at, place) for place, part in enumerate(value)]
    return value


Duration = Annotated[
    Distribution,
    BeforeValidator(
        _in_seconds,
        json_schema_input_type=Annotated[Any, WithJsonSchema(_schema("Duration", _WITH_UNITS))],
    ),
]
"""Seconds, as a distribution; each number may be a duration as text, such as 40s or 1m30s."""


def range_of(distribution: Distribution) -> str:
    """Between which values most draws lie, in words."""
    low, high = distribution.middle
    return f"{low:.3g}" if low == high else f"{low:.3g}..{high:.3g}"
