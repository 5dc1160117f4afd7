"""Runs of a worker's `scheduled` handler: when its cron expression says, as Cron Triggers start them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema, model_validator

from edgeday.clock import DAY_S
from edgeday.cron import BadCron, Cron, Schedule, parse
from edgeday.distributions import Duration
from edgeday.fields import impossible
from edgeday.scenario.traffic import TimedTraffic

_LATEST_S = 3600
_parsed = lru_cache(256)(parse)


def _expression(text: str) -> str:
    try:
        _parsed(text)
    except BadCron as bad:
        raise impossible(f"{bad} (Cloudflare's error {bad.code}): {bad.hint}") from None
    return text


Expression = Annotated[
    str,
    AfterValidator(_expression),
    WithJsonSchema({"type": "string", "examples": ["*/5 * * * *", "0 9 * * MON-FRI"]}),
]


class CronTraffic(TimedTraffic):
    """A Cron Trigger: a run of the worker at second 0 of every minute (UTC) that its expression matches."""

    keyword = "cron"

    name: str = ""
    """What reports call this traffic; unique within the scenario. Default: cron, and the expression."""
    cron: Expression
    """Minute, hour, day of the month, month, weekday, in Cloudflare's grammar, where weekday 1 is Sunday."""
    jitter: Duration | None = None
    """Seconds, or text such as 5s, by which each run starts late; its scheduledTime stays. Default: none."""

    @model_validator(mode="before")
    @classmethod
    def _named_by_its_expression(cls, values: Any) -> Any:
        if isinstance(values, dict) and "name" not in values and isinstance(values.get("cron"), str):
            return {**values, "name": f"cron {values['cron']}"}
        return values

    @model_validator(mode="after")
    def _starts_soon(self) -> CronTraffic:
        if self.jitter is not None and self.jitter.middle[1] > _LATEST_S:
            raise impossible(f'"jitter" may go up to {_LATEST_S:,} s', "jitter")
        return self

    @property
    def expression(self) -> Cron:
        """The expression, read."""
        return _parsed(self.cron)

    def count(self, days: int, starts_at: float) -> int:
        return self.expression.count(starts_at, starts_at + days * DAY_S)

    def times(self, day: int, begins_at: float, draw: Random) -> Iterable[float]:
        return self.expression.times(begins_at, begins_at + DAY_S)

    def late_s(self, seed: str) -> float:
        """By how many seconds a run starts late. seed: of its draws."""
        return 0.0 if self.jitter is None else self.jitter.draw(Random(f"{seed}/jitter"))


def duplicates(traffic: Sequence[TimedTraffic]) -> Iterator[tuple[int, str]]:
    """Which parts of the traffic have the times of one before them; Cloudflare takes no such schedules."""
    seen: dict[Schedule, str] = {}
    for number, part in enumerate(traffic):
        if not isinstance(part, CronTraffic):
            continue
        if (times := part.expression.schedule) in seen:
            yield (
                number,
                f'"{part.cron}" has the same times as "{seen[times]}": Cloudflare refuses duplicates',
            )
        seen.setdefault(times, part.cron)


def warnings_of(traffic: Sequence[TimedTraffic]) -> Iterator[tuple[int, str, str]]:
    """What is to be said of expressions: the number of a part of the traffic, its cron, a sentence."""
    for number, part in enumerate(traffic):
        if isinstance(part, CronTraffic):
            yield from ((number, part.cron, text) for text in part.expression.warnings)


def is_in(cron: str, traffic: Sequence[TimedTraffic]) -> bool:
    """Whether the traffic has the times of an expression; also of one that Cloudflare refuses."""
    try:
        schedule = _parsed(cron).schedule
    except BadCron:
        return True
    return any(isinstance(part, CronTraffic) and part.expression.schedule == schedule for part in traffic)
