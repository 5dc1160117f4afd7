"""Which requests of a large day are run, so that the others may be charged what those of their shape cost.

Run are: the first ones; the first, a middle and the last of each shape; some in every stretch of the day, by
the clock and by number; all in the stretch where most are under way at once; all that are under way when a
UTC day ends; all near the place where a limit will be passed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from edgeday.clock import DAY_S, utc_day
from edgeday.ledger import QUOTAS
from edgeday.limits import AccountLimits, Switches
from edgeday.replay.capacity_meter import Cost, Key, NotMade
from edgeday.replay.traffic import Script, requests_of_day
from edgeday.scenario.model import Scenario

FIRST = 40
"""Requests at the beginning, one after the other, after which the worker's memory should be at rest."""
_STRETCH_S = 900
_BY_NUMBER = 60
_OF_SHAPE = 3
_TOGETHER = 60
_MOST_TOGETHER = 200
_NEAR = 12
NOTHING_SAVED = "nearly all would have to be run"
"""Why a day is run in full that is too small to be thinned; larger ones may be."""
_LEAST_SAVED = 2
"""A day is thinned where at most one in so many of its requests is run."""


class Choice(NamedTuple):
    """made: the requests that are run, by part, number within it, and arrival from 1. others: the rest.
    doubt: why nothing can be left out, or ""."""

    made: Sequence[tuple[str, int, int]]
    others: Sequence[NotMade]
    doubt: str = ""

    @property
    def size(self) -> int:
        """Of the day."""
        return len(self.made) + len(self.others)


class Known(NamedTuple):
    """What smaller days have shown. costs: of shapes. before: units that others ask for. longest_s: how long
    one request went on, in seconds. routes: of the growing parts' requests, by shape."""

    costs: Mapping[object, Cost | None]
    before: Mapping[Key, int]
    longest_s: float
    limits: AccountLimits


def choose(day: Scenario, growing: Collection[str], known: Known) -> Choice:
    """Choose the requests of a day that are run."""
    for doubt, holds in (
        ("the platform does not do the same each time", day.platform is not None),
        ("its origins need not answer the same each time", bool(day.origins)),
        ("the quotas are cut somewhere in a band", day.limits.cut_off != Switches().cut_off),
    ):
        if holds:
            return Choice((), (), doubt)
    scripts = [one for one in requests_of_day(day, day.seed, 0) if one.traffic.name in growing]
    shapes = [script.shape for script in scripts]
    if None in shapes:
        part = scripts[shapes.index(None)].traffic.name
        return Choice((), (), f"each request of {part} may be different")
    instants = [script.at for script in scripts]
    together = _together(instants, known.longest_s)
    chosen = {*range(min(FIRST, len(scripts)))}
    chosen.update(_of_each_shape(shapes), _in_every_stretch(instants), together)
    chosen.update(_at_midnight(instants, known.longest_s))
    chosen.update(_near_limits(scripts, shapes, known))
    if len(together) > _MOST_TOGETHER:
        return Choice((), (), f"{len(together):,} requests are under way at once")
    if len(chosen) * _LEAST_SAVED > len(scripts):
        return Choice((), (), NOTHING_SAVED)
    made, others = [], []
    for place, (script, shape) in enumerate(zip(scripts, shapes, strict=True)):
        if place in chosen:
            made.append((script.traffic.name, script.number, place + 1))
        else:
            route = script.route or script.traffic.name
            others.append(NotMade(place + 1, script.at, shape, route))
    return Choice(made, others)


def _of_each_shape(shapes: Sequence[object]) -> Iterator[int]:
    places: defaultdict[object, list[int]] = defaultdict(list)
    for place, shape in enumerate(shapes):
        places[shape].append(place)
    for those in places.values():
        yield from those[:_OF_SHAPE]
        yield from (those[len(those) // 2], those[-1])


def _in_every_stretch(instants: Sequence[float]) -> Iterator[int]:
    """The first and another one of each quarter of an hour, and some by number."""
    count = len(instants)
    yield from (place * count // _BY_NUMBER for place in range(_BY_NUMBER) if place < count)
    begins = 0
    turn = 0
    while begins < count:
        ends_at = (instants[begins] // _STRETCH_S + 1) * _STRETCH_S
        ends = bisect_left(instants, ends_at, begins)
        yield begins
        turn += 1
        yield begins + int((turn * 0.618034) % 1 * (ends - begins))
        begins = ends
    yield count - 1


def _together(instants: Sequence[float], longest_s: float) -> range:
    """A stretch of the day in which most requests are under way: those that began within the time that one
    takes, and those after them."""
    most, at = 0, 0
    for place, instant in enumerate(instants):
        begun = place - bisect_left(instants, instant - longest_s, 0, place)
        if begun > most:
            most, at = begun, place
    return range(max(at - most, 0), min(max(at + most // 2, at - most + _TOGETHER), len(instants)))


def _at_midnight(instants: Sequence[float], longest_s: float) -> Iterator[int]:
    """Requests that may be under way when a UTC day ends."""
    first, last = utc_day(instants[0]), utc_day(instants[-1])
    for day in range(first + 1, last + 2):
        midnight = day * DAY_S
        yield from range(
            bisect_left(instants, midnight - 2 * longest_s - 1), bisect_right(instants, midnight + 1)
        )


def _near_limits(scripts: Sequence[Script], shapes: Sequence[object], known: Known) -> Iterator[int]:
    """Requests about the place at which a daily limit is passed, if all cost what is known."""
    used = Counter(known.before)
    passed: set[Key] = set()
    for place, (script, shape) in enumerate(zip(scripts, shapes, strict=True)):
        cost = known.costs.get(shape)
        if cost is None:
            continue
        for quota, units in zip(QUOTAS, cost.units, strict=True):
            if not units:
                continue
            key = (quota.limit, utc_day(script.at))
            used[key] += units
            value = getattr(known.limits, quota.limit)
            if value is None or used[key] < value or key in passed:
                continue
            yield from range(max(place - _NEAR, 0), min(place + _NEAR, len(scripts)))
            if used[key] > value:
                passed.add(key)
