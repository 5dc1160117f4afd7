"""Capacity: the largest day that fits an account's limits, found by replays and checked by them.

A day of n is the scenario's first day with n of the requests that grow (`capacity_days.scaled`). It fits
where its replay exceeds no limit of the account. The capacity is an n that fits where n + 1 does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from edgeday.limits import Switches
from edgeday.replay.capacity_days import noun_of, size_of
from edgeday.replay.capacity_limits import (
    LIMIT_NAMES,
    OF_REQUEST,
    Capacity,
    DayAnswer,
    LimitUse,
    mode_of,
)
from edgeday.replay.capacity_replays import THIN_ABOVE, Day, DayReplays, void_of
from edgeday.replay.runner import Progress
from edgeday.scenario.loader import Loaded

UP_TO = 25_000
"""The largest day that is tried where no limit binds before."""
_FIRST = 20
"""The first day that is replayed, to see what requests cost."""
_BISECT_EVERY = 3
_NEAR = 100
"""Within a hundredth of what is reckoned, the next day is the next larger one."""


def measure_capacity(
    loaded: Loaded,
    *,
    variant: str | None = None,
    up_to: int = UP_TO,
    progress: Progress | None = None,
    strict_worker: bool = False,
    thin_above: float | None = THIN_ABOVE,
) -> Capacity:
    """Find the largest day that fits: replay days of growing size, in full or thinned, until one fits and the
    next larger one does not.

    variant: in the place of the scenario's. strict_worker: as of `replay`. thin_above: from how much work on
    (seconds of a full replay) a day is thinned; None: never. Raises ReplayFailed where the worker misbehaves.
    """
    loaded = _with_variant(loaded, variant)
    replays = DayReplays(loaded, progress=progress, strict_worker=strict_worker, thin_above=thin_above)
    try:
        return _Search(replays, up_to).capacity()
    finally:
        replays.put_back()


def measure_day(
    loaded: Loaded,
    count: int,
    *,
    variant: str | None = None,
    progress: Progress | None = None,
    strict_worker: bool = False,
    thin_above: float | None = THIN_ABOVE,
) -> DayAnswer:
    """Whether a day of so many requests fits. As `measure_capacity`."""
    loaded = _with_variant(loaded, variant)
    replays = DayReplays(loaded, progress=progress, strict_worker=strict_worker, thin_above=thin_above)
    try:
        replays.day(min(_FIRST, count))
        day = replays.day(count)
    finally:
        replays.put_back()
    scenario = loaded.scenario
    return DayAnswer(
        scenario.name,
        scenario.account,
        scenario.worker.variant or "",
        noun_of(scenario),
        day.replayed,
        day.first,
        day.exceeded,
        void_of(day, [*scenario.budgets]),
    )


def _with_variant(loaded: Loaded, variant: str | None) -> Loaded:
    if variant is None:
        return loaded
    scenario = loaded.scenario
    worker = scenario.worker.model_copy(update={"variant": variant})
    return loaded._replace(scenario=scenario.model_copy(update={"worker": worker}))


class _Search:
    """Narrows down from both sides. fits, fails: the nearest days that do and do not fit, None: none yet."""

    def __init__(self, replays: DayReplays, up_to: int) -> None:
        self._replays = replays
        self._up_to = up_to
        self._fits: Day | None = None
        self._fails: Day | None = None
        self._steps = 0
        self._stride = 1

    def capacity(self) -> Capacity:
        """Search, and say what was found."""
        self._try(min(_FIRST, self._up_to))
        self._narrow()
        written = size_of(self._replays.loaded.scenario)
        if self._fails is not None and self._fails.count < written <= self._up_to and self._fits is not None:
            day = self._replays.day(written)
            if day.fits:  # although a smaller one does not
                self._fits, self._fails = day, None
                self._narrow()
        return self._said()

    def _narrow(self) -> None:
        while (count := self._next()) is not None:
            self._try(count)

    def _try(self, count: int) -> None:
        day = self._replays.day(count)
        self._steps += 1
        if self._replays.no_thinning:  # what was thinned before is not to be trusted either
            self._fits = self._fits if self._fits is not None and self._fits.replayed.whole else None
            self._fails = self._fails if self._fails is not None and self._fails.replayed.whole else None
        if day.fits:
            self._fits = day
        else:
            self._fails = day

    def _next(self) -> int | None:
        """The day to look at next; None where there is none left."""
        if self._fits is None:
            assert self._fails is not None
            return self._below(self._fails) if self._fails.count else None
        low = self._fits.count
        if self._fails is None:
            if low >= self._up_to:
                return None
            reckoned = self._reckoned(self._fits)
            if reckoned > low + low // _NEAR:
                return min(reckoned, self._up_to)
            self._stride *= 2
            return min(low + self._stride // 2, self._up_to)
        high = self._fails.count
        if high - low <= 1:
            return None
        return min(max(self._between(low, high), low + 1), high - 1)

    def _below(self, fails: Day) -> int:
        """A day that may fit, smaller than one that does not, where none is known to fit."""
        if fails.count == 1 or OF_REQUEST.isdisjoint(fails.exceeded):
            return min(self._before_the_limit(fails), fails.count - 1)
        return 1

    def _between(self, low: int, high: int) -> int:
        assert self._fits is not None
        assert self._fails is not None
        if self._steps % _BISECT_EVERY == 0:
            return (low + high) // 2
        reckoned = self._reckoned(self._fits)
        if reckoned < high:
            return reckoned
        before = self._before_the_limit(self._fails)
        return before if low < before < high else (low + high) // 2

    def _before_the_limit(self, fails: Day) -> int:
        """How many requests came before the place at which a day passes its first limit."""
        first = fails.first
        return 0 if first is None or not first.number else first.number - 1

    def _reckoned(self, day: Day) -> int:
        """The largest day that fits if all requests cost what those of this day do on average. A half unit
        more is allowed for: exact numbers of failing requests are rounded."""
        meter, limits = day.meter, self._replays.loaded.scenario.limits
        largest = self._up_to
        for key, used in meter.used.items():
            value, grown = getattr(meter.limits, key[0]), used - meter.before[key]
            if value is not None and grown > 0 and mode_of(key[0], limits) != "off":
                room = Fraction(2 * (value - meter.before[key]) + 1, 2)
                largest = min(largest, max(math.ceil(room * day.count / grown) - 1, 0))
        storage = meter.limits.kv_storage_bytes
        if storage is not None and meter.stored_bytes:
            largest = min(largest, storage * day.count // meter.stored_bytes)
        return largest

    def _said(self) -> Capacity:
        replays, scenario = self._replays, self._replays.loaded.scenario
        fits, fails = self._fits, self._fails
        answer = fits or fails
        assert answer is not None
        shown = fails if fails is not None and not answer.count else answer
        first = None if fails is None else fails.first
        binds = None if fails is None else first.limit if first is not None else next(iter(fails.exceeded))
        uses = [_as_measured(use, fails) for use in _uses(self._undisturbed(shown), scenario.limits)]
        others = [use for use in uses if use.counts and use.binds_at is not None and use.limit != binds]
        return Capacity(
            scenario.name,
            scenario.account,
            scenario.worker.variant or "",
            noun_of(scenario),
            None if fails is None else 0 if fits is None else fits.count,
            max(replays.days),
            first,
            min(others, key=lambda use: use.binds_at or 0, default=None),
            uses,
            answer.meter.failed_writes,
            dict(shown.meter.uncaught.most_common()),
            shown.meter.first_error,
            {} if fails is None else fails.exceeded,
            tuple(day.replayed for day in (fits, fails) if day is not None),
            replays.replays,
            replays.no_thinning,
            self._not_monotone(),
            void_of(answer, [*scenario.budgets]),
        )

    def _undisturbed(self, day: Day) -> Day:
        """A day from which it can be seen what requests ask for: another one without the limits of a single
        request, where these stand in their way."""
        if day.count and OF_REQUEST.isdisjoint(day.exceeded):
            return day
        return self._replays.without_subrequest_limits().day(min(_FIRST, self._up_to))

    def _not_monotone(self) -> tuple[int, int] | None:
        """A day that does not fit although a larger one does, and that one."""
        days = sorted(self._replays.days.values(), key=lambda day: day.count)
        largest = max((day.count for day in days if day.fits), default=0)
        return next(((day.count, largest) for day in days if not day.fits and day.count < largest), None)


def _uses(day: Day, switches: Switches) -> Iterator[LimitUse]:
    """What the requests of a day ask for, on the UTC day on which they ask for most."""
    meter = day.meter
    for limit in LIMIT_NAMES:
        value: int | None = getattr(meter.limits, limit)
        mode = mode_of(limit, switches)
        before, each, binds_at = 0, float(meter.most[limit]), None
        if limit not in OF_REQUEST:
            used, before = max(
                ((units, meter.before[key]) for key, units in meter.used.items() if key[0] == limit),
                default=(0, 0),
            )
            each = (used - before) / day.count if day.count else 0.0
            if value is not None and used > before:
                binds_at = max(math.floor(Fraction(value - before) * day.count / (used - before)) + 1, 0)
        elif value is not None and each > value:
            binds_at = 1
        yield LimitUse(
            limit, value, round(each, 4), before, binds_at, False, mode == "enforce", mode != "off"
        )


def _as_measured(use: LimitUse, fails: Day | None) -> LimitUse:
    """With the day that was replayed, where it exceeds the limit."""
    if fails is not None and use.limit in fails.meter.reached:
        return use._replace(binds_at=fails.count, measured=True)
    return use
