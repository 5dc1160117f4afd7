"""When the requests of a day arrive: a class for each kind, which knows its fields and draws its instants."""

from __future__ import annotations

from abc import abstractmethod
from array import array
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import accumulate
from random import Random
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    NonNegativeFloat,
    PositiveInt,
    Tag,
    WithJsonSchema,
    field_validator,
)

from edgeday.clock import DAY_S
from edgeday.fields import Kind, impossible, tag_of, time_of_day_s, tuple_of

HOURS = 24

_ONE_COUNTRY = (2, 1, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 7, 6, 5, 5, 6, 8, 10, 12, 12, 10, 7, 4)
"""An assumption: one country's day, with a small peak in the morning and a larger one in the evening."""


class _Arrivals(Kind):
    noun = "arrivals"

    @abstractmethod
    def times(self, count: int, draw: Random, begins_s: float = 0) -> list[float]:
        """Seconds from the start of a day at which `count` requests arrive, in order, to the millisecond.

        begins_s: the time of day (UTC) at which the day starts; hours and windows are those of the clock.
        """


class Even(_Arrivals):
    """At equal distances over the day, in turn with the other parts of the traffic that arrive evenly."""

    kind: Literal["even"] = "even"

    def times(self, count: int, draw: Random, begins_s: float = 0) -> list[float]:
        return list(spread_evenly([count])[0])


_MIDDLE = 0.5
_OFF_THE_MINUTE = 0.618
"""Where in its stretch a request comes that is not to meet the crons, which come with whole minutes."""


def spread_evenly(counts: Sequence[int], *, beside_crons: bool = False) -> list[array[float]]:
    """Seconds from the start of a day at which the requests of several even parts arrive: together they are
    one even stream, in which the parts take turns by their numbers, so that no two ever come at once.

    counts: of each part. Returns the instants of each, in order, to the millisecond.
    """
    instants = [array("d") for _ in counts]
    stretch_s = DAY_S / max(sum(counts), 1)
    phase = _OFF_THE_MINUTE if beside_crons else _MIDDLE
    for place, (_, part) in enumerate(merge(*(_turns(part, count) for part, count in enumerate(counts)))):
        instants[part].append(round((place + phase) * stretch_s, 3))
    return instants


def _turns(part: int, count: int) -> Iterator[tuple[float, int]]:
    """Where in the day, from 0 to 1, each request of a part would be if there were no other."""
    for number in range(count):
        yield (number + 0.5) / count, part


class _Drawn(_Arrivals):
    """At instants that are drawn, each by itself."""

    def times(self, count: int, draw: Random, begins_s: float = 0) -> list[float]:
        instants = self._instants(count, draw)
        return sorted(min(round((instant - begins_s) % DAY_S, 3), DAY_S - 0.001) for instant in instants)

    @abstractmethod
    def _instants(self, count: int, draw: Random) -> list[float]:
        """Seconds from 00:00 UTC of so many requests, in any order."""


class Poisson(_Drawn):
    """At random: given their number, arrivals are uniform over the day."""

    kind: Literal["poisson"]

    def _instants(self, count: int, draw: Random) -> list[float]:
        return [draw.random() * DAY_S for _ in range(count)]


class Diurnal(_Drawn):
    """By the hour: more in some hours than in others."""

    kind: Literal["diurnal"]
    weights: list[NonNegativeFloat] | None = None
    """24 weights, one for each hour from 00:00 UTC; default: a day with its peak in the evening."""

    @field_validator("weights")
    @classmethod
    def _one_for_each_hour(cls, weights: list[float] | None) -> list[float] | None:
        if weights is not None and len(weights) != HOURS:
            raise impossible(f"24 weights are needed, one for each hour; these are {len(weights)}")
        if weights is not None and not sum(weights):
            raise impossible("the weights are all 0: no hour would get a request")
        return weights

    def _instants(self, count: int, draw: Random) -> list[float]:
        sums = list(accumulate(self.weights or _ONE_COUNTRY))
        hours = range(HOURS)
        return [(draw.choices(hours, cum_weights=sums)[0] + draw.random()) * 3600 for _ in range(count)]


Times = Annotated[tuple[str, ...], BeforeValidator(tuple_of, json_schema_input_type=str | list[str])]


class Burst(_Drawn):
    """Within windows."""

    kind: Literal["burst"]
    at: Times | None = None
    """When each window begins, as HH:MM; one or a list. Default: 12:00."""
    minutes: PositiveInt = 10
    """How long each window is."""
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The chance of a request to be in one of the windows; the others come at random over the day."""

    @field_validator("at")
    @classmethod
    def _are_times(cls, at: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for text in at or ():
            time_of_day_s(text)
        return at

    def _instants(self, count: int, draw: Random) -> list[float]:
        windows = [time_of_day_s(text) for text in self.at or ("12:00",)]
        return [self._instant(windows, draw) for _ in range(count)]

    def _instant(self, windows: list[int], draw: Random) -> float:
        if self.share < 1 and draw.random() >= self.share:
            return draw.random() * DAY_S
        begins = windows[0] if len(windows) == 1 else draw.choice(windows)
        return (begins + draw.random() * self.minutes * 60) % DAY_S


_UNSAID = ({"weights": None}, {"at": None}, {"minutes": 10}, {"share": 1.0})
"""Defaults that any kind may repeat, and that journals of 0.1 repeat for every kind."""


def _written_short(value: Any) -> Any:
    """A kind by its name has the kind's defaults."""
    if isinstance(value, dict):
        return {name: said for name, said in value.items() if {name: said} not in _UNSAID}
    return {"kind": value} if isinstance(value, str) else value


def _tag(value: Any) -> str:
    return tag_of(value, default="even")


_NAME = {"type": "string", "enum": ["even", "poisson", "diurnal", "burst"]}

Arrivals = Annotated[
    Annotated[Even, Tag("<even>")]
    | Annotated[Poisson, Tag("<poisson>")]
    | Annotated[Diurnal, Tag("<diurnal>")]
    | Annotated[Burst, Tag("<burst>")],
    Discriminator(_tag),
    BeforeValidator(
        _written_short,
        json_schema_input_type=Annotated[str, WithJsonSchema(_NAME)] | Even | Poisson | Diurnal | Burst,
    ),
]
"""When the requests of a day arrive: a kind's name, or a mapping with its kind and more."""
