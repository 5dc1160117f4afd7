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
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    NonNegativeFloat,
    PositiveInt,
    Tag,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from edgeday.clock import DAY_S
from edgeday.fields import Kind, Model, duration_s, end_of_day_s, impossible, tag_of, time_of_day_s, tuple_of
from edgeday.scenario.changing_rates import Stretch, drawn_from

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


def _time(text: str) -> str:
    time_of_day_s(text)
    return text


def _end(text: str) -> str:
    end_of_day_s(text)
    return text


Time = Annotated[str, AfterValidator(_time)]
"""A time of day (UTC), as HH:MM or HH:MM:SS."""
EndTime = Annotated[str, AfterValidator(_end)]
"""One at which something ends: 24:00 too."""
Times = Annotated[tuple[Time, ...], BeforeValidator(tuple_of, json_schema_input_type=str | list[str])]


class Burst(_Drawn):
    """Within windows."""

    kind: Literal["burst"]
    at: Times | None = None
    """When each window begins, as HH:MM or HH:MM:SS; one or a list. Default: 12:00."""
    minutes: PositiveInt = 10
    """How long each window is."""
    seconds: PositiveInt | None = None
    """Or how long in seconds; down to one."""
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The chance of a request to be in one of the windows; the others come at random over the day."""

    @model_validator(mode="after")
    def _is_so_long(self) -> Burst:
        if self.seconds is not None and "minutes" in self.model_fields_set:
            raise impossible("say how long it is in minutes or in seconds", "seconds")
        return self

    def _instants(self, count: int, draw: Random) -> list[float]:
        windows = [time_of_day_s(text) for text in self.at or ("12:00",)]
        return [self._instant(windows, draw) for _ in range(count)]

    def _instant(self, windows: list[int], draw: Random) -> float:
        if self.share < 1 and draw.random() >= self.share:
            return draw.random() * DAY_S
        begins = windows[0] if len(windows) == 1 else draw.choice(windows)
        length_s = self.minutes * 60 if self.seconds is None else self.seconds
        return (begins + draw.random() * length_s) % DAY_S


def _ends_of(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and len(value) == 2:
        return tuple(value)
    raise impossible('write two times of day: ["08:00", "12:00"]')


Rate = Annotated[float, Field(ge=0, le=1_000_000_000)]
"""How many requests arrive in a time, in proportion to other rates."""


class Ramp(_Drawn):
    """At a rate that grows or falls linearly, over the day or between two times."""

    kind: Literal["ramp"]
    from_: Annotated[Rate, Field(alias="from")] = 0.0
    """The rate at first; rates are relative to each other."""
    to: Rate = 1.0
    """The rate in the end."""
    between: (
        Annotated[tuple[Time, EndTime], BeforeValidator(_ends_of, json_schema_input_type=tuple[str, str])]
        | None
    ) = None
    """When it begins to change and when it has changed, as HH:MM or HH:MM:SS; before and after, the rate is
    that at first and that in the end. Default: over the whole day, from 00:00 UTC."""

    @model_validator(mode="after")
    def _changes_in_time(self) -> Ramp:
        if self.between is not None and self._ends[0] >= self._ends[1]:
            raise impossible(f"it ends at {self.between[1]}, before it begins", "between")
        if not self.from_ and not self.to:
            raise impossible("the rates are both 0: nothing would arrive", "to")
        return self

    @property
    def _ends(self) -> tuple[int, int]:
        if self.between is None:
            return 0, DAY_S
        return time_of_day_s(self.between[0]), end_of_day_s(self.between[1])

    def _instants(self, count: int, draw: Random) -> list[float]:
        begins, ends = self._ends
        rates = [Stretch(begins, self.from_, self.from_), Stretch(ends - begins, self.from_, self.to)]
        return drawn_from([*rates, Stretch(DAY_S - ends, self.to, self.to)], count, draw)


def _length(value: Any) -> Any:
    """A duration as text, in seconds."""
    seconds = duration_s(value) if isinstance(value, str) else value
    if seconds is None:
        raise impossible(f'"{value}" is no duration; write 8h, 30m, 1h30m or 45s')
    return seconds


Length = Annotated[float, Field(gt=0, le=DAY_S), BeforeValidator(_length, json_schema_input_type=float | str)]


class Stage(Model):
    """A stretch of the day with a rate of its own."""

    rate: Rate
    """How many requests arrive in a time, relative to the other stages; 0: none."""
    ramp_to: Rate | None = None
    """The rate at its end, which it grows or falls to linearly; default: the same all along."""
    for_: Annotated[Length | None, Field(alias="for")] = None
    """How long it is: seconds, or text such as 8h or 1h30m."""
    until: EndTime | None = None
    """Or when it ends, as HH:MM or HH:MM:SS (UTC); the last one ends the day if it says neither."""


class Stages(_Drawn):
    """Stretch by stretch from 00:00 UTC on, each at its rate; after the last one nothing arrives."""

    kind: Literal["stages"]
    stages: Annotated[list[Stage], Field(min_length=1)]
    """The stretches, in their order."""

    @model_validator(mode="after")
    def _fit_into_a_day(self) -> Stages:
        begins = 0.0
        for number, stage in enumerate(self.stages):
            if stage.for_ is not None and stage.until is not None:
                raise impossible(
                    "say how long it is (for) or when it ends (until)", "stages", number, "until"
                )
            is_last = number == len(self.stages) - 1
            if stage.for_ is None and stage.until is None and not is_last:
                raise impossible(
                    "say how long it is (for: 2h) or when it ends (until: 18:00)", "stages", number
                )
            ends = _end_of(stage, begins)
            if ends > DAY_S:
                raise impossible("the stages are longer than a day", "stages", number, "for")
            if ends <= begins:
                field = ("until",) if stage.until is not None else ()
                raise impossible("it ends before it begins", "stages", number, *field)
            begins = ends
        if not any(stage.rate or stage.ramp_to for stage in self.stages):
            raise impossible("the rates are all 0: nothing would arrive", "stages")
        return self

    def _instants(self, count: int, draw: Random) -> list[float]:
        begins, stretches = 0.0, []
        for stage in self.stages:
            ends = _end_of(stage, begins)
            last = stage.rate if stage.ramp_to is None else stage.ramp_to
            stretches.append(Stretch(ends - begins, stage.rate, last))
            begins = ends
        return drawn_from(stretches, count, draw)


def _end_of(stage: Stage, begins: float) -> float:
    """Seconds from 00:00 at which a stage ends."""
    if stage.for_ is not None:
        return begins + stage.for_
    return DAY_S if stage.until is None else end_of_day_s(stage.until)


_UNSAID = ({"weights": None}, {"at": None}, {"minutes": 10}, {"share": 1.0})
"""Defaults that any kind may repeat, and that journals of 0.1 repeat for every kind."""


def _written_short(value: Any) -> Any:
    """A kind by its name has the kind's defaults; a list is the stages."""
    if isinstance(value, (list, tuple)):
        return {"kind": "stages", "stages": list(value)}
    if isinstance(value, dict):
        return {name: said for name, said in value.items() if {name: said} not in _UNSAID}
    return {"kind": value} if isinstance(value, str) else value


def _tag(value: Any) -> str:
    return tag_of(value, default="even")


_NAME = {"type": "string", "enum": ["even", "poisson", "diurnal", "burst", "ramp"]}

Arrivals = Annotated[
    Annotated[Even, Tag("<even>")]
    | Annotated[Poisson, Tag("<poisson>")]
    | Annotated[Diurnal, Tag("<diurnal>")]
    | Annotated[Burst, Tag("<burst>")]
    | Annotated[Ramp, Tag("<ramp>")]
    | Annotated[Stages, Tag("<stages>")],
    Discriminator(_tag),
    BeforeValidator(
        _written_short,
        json_schema_input_type=Annotated[str, WithJsonSchema(_NAME)]
        | Even
        | Poisson
        | Diurnal
        | Burst
        | Ramp
        | Stages
        | list[Stage],
    ),
]
"""When the requests of a day arrive: a kind's name, a mapping with its kind and more, or a list of stages."""
