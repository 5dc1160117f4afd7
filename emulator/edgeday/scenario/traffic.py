"""What a scenario may say about its traffic: requests, and other code on the same account.

A worker profile may bring kinds of traffic of its own (see `edgeday.scenario.profile`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    model_validator,
)

from edgeday.clock import DAY_S
from edgeday.fields import Model, Name, impossible, tuple_of
from edgeday.ledger import KV_QUOTAS
from edgeday.scenario.arrivals import HOURS, Arrivals, Even
from edgeday.scenario.request_template import METHODS, RequestFields, RequestTemplate, one_way_to_say
from edgeday.scenario.templates import as_text
from edgeday.scenario.values import Draws, Weight, fraction
from edgeday.web.json_text import stringify_utf8
from edgeday.web.messages import Request

Count = Annotated[int, Field(ge=0, le=1_000_000)]
PerDay = Annotated[tuple[Count, ...], BeforeValidator(tuple_of, json_schema_input_type=Count | list[Count])]
"""A number for every day, or a list with one for each day; a list that is too short begins again."""


class TimedTraffic(Model):
    """A part of the traffic, of whatever kind: what has the worker run, and at which instants of each day."""

    keyword: ClassVar[str]
    """The field that says when, or how often; a part that has it is of this kind."""
    grows: ClassVar[bool] = False
    """Whether capacity grows this kind alone and takes other traffic as given."""

    compared_with: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Fields below this one that are compared with others of it: their names -> those of the others."""

    name: str

    @property
    def per_day(self) -> tuple[int, ...]:
        """Requests a day, where the scenario says how many; a list that is too short begins again."""
        return ()

    def count(self, days: int, starts_at: float) -> int:
        """How often the worker runs for it in the first days of a run that starts at an instant."""
        raise NotImplementedError

    def times(self, day: int, begins_at: float, draw: Random) -> Iterable[float]:
        """When it does on one day (from 0), in order; all instants in epoch seconds."""
        raise NotImplementedError

    @property
    def route(self) -> str | None:
        """What all its requests are counted as, "GET /item/{item}"; None: each as `route_of` says."""
        return None

    @property
    def expects(self) -> bool:
        """Whether it says what its answers have to be."""
        return False

    @property
    def requests_each(self) -> int:
        """How many requests one of what it counts makes, at most."""
        return 1

    def route_of(self, seed: str) -> str | None:
        """What the request with a seed is counted as; None: its own method and path."""
        return self.route

    def planned(self, seed: str) -> RequestTemplate | None:
        """What the request with a seed is, where the scenario describes it whole."""
        return None

    def failing(self, count: int, draw: Random) -> frozenset[int]:
        """Which of a day's `count` requests (from 0) are those that fail by the scenario's own word."""
        return frozenset()

    def shape(self, draws: Draws, *, failing: bool) -> Hashable | None:
        """All in which its requests differ, but for their instants: two of the same shape are the same
        request to a worker that keeps nothing. None: not known, each may be different.

        draws: the values of the request. failing: whether it fails by the scenario's own word.
        """
        return None


class TrafficPart(TimedTraffic):
    """What the kinds of traffic have that consist of requests: so many a day, which arrive within it.

    A kind says under which `keyword` it has its number of requests a day, which is also what they are called.
    """

    arrivals: Arrivals

    @property
    def per_day(self) -> tuple[int, ...]:
        per_day: tuple[int, ...] = getattr(self, self.keyword)
        return per_day

    def count(self, days: int, starts_at: float) -> int:
        return sum(self.on_day(day) for day in range(days))

    def times(self, day: int, begins_at: float, draw: Random) -> Iterable[float]:
        return [
            begins_at + offset for offset in self.arrivals.times(self.on_day(day), draw, begins_at % DAY_S)
        ]

    def on_day(self, day: int) -> int:
        """Requests on one day, from 0."""
        return self.per_day[day % len(self.per_day)]

    def of_size(self, count: int) -> Self:
        """The same with so many requests on each day; of those that fail, an exact number goes with it."""
        return self.model_copy(update={self.keyword: (count,)})

    def request(self, number: int, seed: str, *, failing: bool, origin: str) -> Request:
        """One request. number: from 1. seed: of its draws. origin: scheme and host that the worker is at."""
        raise NotImplementedError

    def drawn(self, draws: Draws, *, failing: bool, origin: str) -> Request:
        """One request, with values of the scenario, by the number and the seed of its draws; a kind that uses
        no values says `request`."""
        return self.request(draws.number, draws.seed, failing=failing, origin=origin)


class MixEntry(RequestFields):
    """One of the requests of a mix."""

    weight: Weight = 1
    """How often it comes, in proportion to the weights of the others."""


class RequestTraffic(RequestFields, TrafficPart):
    """Requests of one route, or of several with weights."""

    model_config = ConfigDict(json_schema_extra=one_way_to_say("mix"))
    keyword = "requests"

    name: str = "requests"
    """What reports call this traffic; unique within the scenario."""
    requests: PerDay
    """Requests a day: a number, or a list with one number for each day."""
    mix: Annotated[list[MixEntry], Field(min_length=1)] | None = None
    """Several requests in the place of one: each time one of them comes, drawn by their weights. The part's
    headers, host, client and expectations are theirs too."""
    arrivals: Arrivals = Field(default_factory=Even)
    """even, poisson, diurnal, burst or ramp; a mapping with more detail; or a list of stages."""

    @property
    def makes_a_request(self) -> bool:
        return self.mix is None

    @property
    def route(self) -> str | None:
        """Its route if it has one; the routes of a mix are those of `planned`."""
        return None if self.mix is not None else self.template.route

    @property
    def expects(self) -> bool:
        return bool(self.expect) or any(entry.expect for entry in self.mix or ())

    def planned(self, seed: str) -> RequestTemplate:
        """What the request with a seed is: the only one that there is, or the entry that is drawn for it."""
        if self.mix is None:
            return self.template
        return self._entries[0][self._place(seed)]

    def _place(self, seed: str) -> int:
        """Which of the entries of the mix that can come is drawn; 0 without a mix."""
        if self.mix is None:
            return 0
        _, sums = self._entries
        return min(bisect_right(sums, fraction(f"{seed}/mix") * sums[-1]), len(sums) - 1)

    @cached_property
    def _entries(self) -> tuple[list[RequestTemplate], list[float]]:
        """The entries of the mix that can come, and their weights, added up."""
        entries = [entry for entry in self.mix or () if entry.weight]
        return [RequestTemplate(entry, self) for entry in entries], list(
            accumulate(entry.weight for entry in entries)
        )

    def route_of(self, seed: str) -> str | None:
        return self.planned(seed).route

    def drawn(self, draws: Draws, *, failing: bool, origin: str) -> Request:
        return self.planned(draws.seed).request(origin, draws.__getitem__)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("_entries", None)
        return copied

    def shape(self, draws: Draws, *, failing: bool) -> Hashable | None:
        place = self._place(draws.seed)
        template = self.template if self.mix is None else self._entries[0][place]
        values = tuple((name, as_text(draws[name])) for name in sorted(template.names))
        return (failing, place, values)

    @model_validator(mode="after")
    def _says_what_it_sends(self) -> Self:
        if self.mix is None:
            return self
        for name in ("method", "path", *METHODS, "body"):
            if getattr(self, name) is not None:
                raise impossible(f'"{name}" stands beside "mix": move it into an entry of it', name)
        if self.json_ is not None:
            raise impossible('"json" stands beside "mix": move it into an entry of it', "json")
        if not any(entry.weight for entry in self.mix):
            raise impossible("the weights are all 0: none of them could come", "mix")
        return self


def request_of(origin: str, method: str, path: str, headers: Mapping[str, str], body: object) -> Request:
    """A request to the worker at an origin; a body that is not text is sent as JSON."""
    if body is None or isinstance(body, str):
        return Request(origin + path, method=method, headers=dict(headers), body=body)
    return Request(
        origin + path,
        method=method,
        headers={"Content-Type": "application/json", **headers},
        body=stringify_utf8(body),
    )


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
        for quota in KV_QUOTAS:
            count = len(getattr(self, quota.name))
            if count not in {1, HOURS}:
                raise impossible(f"one number an hour is needed, or 24; these are {count}", quota.name)
        return self


def in_proportion(count: int, of: int, to: int) -> int:
    """`count` of `of` as so many of `to`, to the nearest whole number, halves upwards."""
    return (2 * count * to + of) // (2 * of) if of else 0
