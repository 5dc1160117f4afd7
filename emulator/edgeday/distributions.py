"""Distributions that sizes and durations are drawn from."""

from __future__ import annotations

import math
from random import Random
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, NonNegativeFloat, PositiveFloat, Tag, model_validator

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
    median: PositiveFloat
    sigma: PositiveFloat = 0.5
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


_KINDS = {"fixed": Fixed, "uniform": Uniform, "normal": Normal, "lognormal": Lognormal}


def _kind(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"<{kind}>" if kind in _KINDS else None


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
        json_schema_input_type=float | tuple[float, float] | Fixed | Uniform | Normal | Lognormal,
    ),
]
"""A number, two numbers for a uniform distribution, or a mapping with its kind."""


def _in_seconds(value: Any) -> Any:
    """Durations that are written as texts, as seconds."""
    if isinstance(value, str) and value not in _KINDS:
        seconds = duration_s(value)
        if seconds is None:
            raise impossible(f'"{value}" is no duration; write 40s, 1m30s, 200ms or a number of seconds')
        return seconds
    if isinstance(value, dict):
        return {name: _in_seconds(part) for name, part in value.items()}
    return [_in_seconds(part) for part in value] if isinstance(value, (list, tuple)) else value


Duration = Annotated[
    Distribution,
    BeforeValidator(
        _in_seconds,
        json_schema_input_type=float
        | str
        | tuple[float | str, float | str]
        | Fixed
        | Uniform
        | Normal
        | Lognormal
        | dict[str, Any],
    ),
]
"""Seconds, as a distribution; each number may be a duration as text, such as 40s or 1m30s."""


def range_of(distribution: Distribution) -> str:
    """Between which values most draws lie, in words."""
    low, high = distribution.middle
    return f"{low:.3g}" if low == high else f"{low:.3g}..{high:.3g}"
