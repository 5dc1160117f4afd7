"""What production does and a plain edge does not: what may be said of it, in a scenario or to an edge.

All of it is off unless it is said. Needs pydantic, which an edge without settings does without: the
strategies of this room name these classes for their types alone.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PositiveFloat, PositiveInt, model_validator

from edgeday.clock import DAY_S
from edgeday.distributions import Distribution, Lognormal, range_of
from edgeday.distributions import Duration as DrawnDuration
from edgeday.fields import Model, impossible, offset_s

_MEGABYTE = 1_000_000
_OPS = {"kv": ("get", "put", "delete", "list"), "cache": ("match", "put", "delete"), "fetch": ()}
_MISSING = frozenset({404, 410})
"""Statuses that a KV read takes for a missing key. Source: workerd 6552d99 api/kv.c++."""


def _offset(text: str) -> str:
    if offset_s(text) is None:
        raise impossible(f'"{text}" is no offset; write +3d, +23h59m or +1d2h3m4s')
    return text


def _duration(text: str) -> str:
    if not offset_s(f"+{text}"):
        raise impossible(f'"{text}" is no length of time; write 30m, 1h or 1d2h3m4s')
    return text


def _with_unit(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise impossible(f"{value} has no unit; write days, hours, minutes or seconds, as 1d2h3m4s")
    return value


Offset = Annotated[str, BeforeValidator(_with_unit, json_schema_input_type=str), AfterValidator(_offset)]
Duration = Annotated[str, BeforeValidator(_with_unit, json_schema_input_type=str), AfterValidator(_duration)]
Share = Annotated[float, Field(ge=0, le=1)]


def seconds(text: str) -> int:
    """Seconds of an offset or a duration."""
    return offset_s(text if text.startswith("+") else f"+{text}") or 0


class IsolateSettings(Model):
    """Isolates that serve a data centre; each request is given one of them at random."""

    per_colo: PositiveInt = 2
    life: Duration = "30m"
    """How long an isolate lives from its first request on, such as 30m."""

    @property
    def life_s(self) -> int:
        return seconds(self.life)


class EvictionSettings(Model):
    """When caches give up entries before they expire."""

    megabytes: PositiveFloat | None = None
    """Room of each data centre's caches; beyond it, what was used longest ago goes. Default: no bound."""
    per_hour: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The chance of each entry to be gone within an hour."""

    @model_validator(mode="after")
    def _does_something(self) -> EvictionSettings:
        if self.megabytes is None and not self.per_hour:
            raise impossible(
                "say how much room there is (megabytes: 50) or how often entries go (per_hour: 0.02)"
            )
        return self

    @property
    def bytes_per_colo(self) -> int | None:
        """The room of each data centre's caches; None: no bound."""
        return None if self.megabytes is None else round(self.megabytes * _MEGABYTE)


def _about(median_ms: float) -> Any:
    return Lognormal(kind="lognormal", median=median_ms, sigma=0.5)


class LatencySettings(Model):
    """Milliseconds of each storage operation, as distributions."""

    kv_get: Distribution = _about(15)
    kv_put: Distribution = _about(120)
    kv_delete: Distribution = _about(120)
    kv_list: Distribution = _about(150)
    cache_match: Distribution = _about(4)
    cache_put: Distribution = _about(10)
    cache_delete: Distribution = _about(10)

    @model_validator(mode="after")
    def _possible(self) -> LatencySettings:
        for name in LatencySettings.model_fields:
            if getattr(self, name).middle[1] > 60_000:
                raise impossible(f'"{name}" may go up to 60,000 ms', name)
        return self


class Fault(Model):
    """Something that goes wrong for a while."""

    service: Literal["kv", "cache", "fetch"]
    """kv: answers with `status`. cache: puts vanish, matches find nothing, deletes raise. fetch: takes
    `slower_s` more, or is answered with `status`, or else loses its connection."""
    at: Offset
    """When it begins: an offset from the start, such as +2h."""
    lasts: Duration
    """How long it lasts, such as 1h."""
    share: Share = 1.0
    """The chance of each operation to be hit."""
    ops: list[Literal["get", "put", "delete", "list", "match"]] = Field(default_factory=list)
    """Operations that it hits; default: all of the service."""
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    """kv and fetch: HTTP status of the answer; for kv 500 by default."""
    slower_s: DrawnDuration | None = None
    """fetch: seconds, or durations such as 2s, that every answer takes more; nothing fails."""

    @model_validator(mode="after")
    def _fits_its_service(self) -> Fault:
        known = _OPS[self.service]
        for place, op in enumerate(self.ops):
            if op not in known:
                words = f"it has {', '.join(known)}" if known else "leave ops out"
                raise impossible(f'{self.service} has no operation "{op}"; {words}', "ops", place)
        if self.slower_s is not None:
            if self.service != "fetch" or self.status is not None:
                raise impossible(
                    "slower_s belongs to a fetch that does not fail; leave it or status out", "slower_s"
                )
            if self.slower_s.middle[1] > DAY_S:
                raise impossible(f'"slower_s" may go up to {DAY_S:,}', "slower_s")
        if self.status is not None and self.service == "cache":
            raise impossible("a failing cache shows no status; leave it out", "status")
        if self.status in _MISSING and self.service == "kv":
            raise impossible(
                f"{self.status} is how KV says that a key is missing; write 429, 500 or 503", "status"
            )
        return self

    @property
    def begins_s(self) -> int:
        """Seconds from the start."""
        return seconds(self.at)

    @property
    def ends_s(self) -> int:
        """Seconds from the start, excluded."""
        return self.begins_s + seconds(self.lasts)

    def in_words(self) -> str:
        """What goes wrong, and when."""
        what = f"{self.service} {'/'.join(self.ops)}".strip()
        if self.slower_s is not None:
            does = f"takes {range_of(self.slower_s)} s more"
        elif self.status is not None or self.service == "kv":
            does = f"answers {self.status or 500}"
        else:
            does = "does nothing" if self.service == "cache" else "loses its connection"
        return f"{what} {does} from {self.at} on for {self.lasts}, {100 * self.share:g} % of the calls"


def _switch(value: Any) -> Any:
    """true: with all defaults; false: off."""
    if isinstance(value, bool):
        return {} if value else None
    if value is None or isinstance(value, (dict, Model)):
        return value
    raise impossible("write true, false, or a mapping of what is to differ")


class ProductionSettings(Model):
    """What production does and a plain emulator does not. Each part is off unless it is said."""

    propagation: bool = False
    """KV writes are seen at once where they are made, elsewhere once the copies there are out of date."""
    isolates: Annotated[
        IsolateSettings | None, BeforeValidator(_switch, json_schema_input_type=bool | IsolateSettings | None)
    ] = None
    """Isolates that serve a data centre; true: two of them, for 30 minutes each."""
    eviction: EvictionSettings | None = None
    cache_works: bool = True
    """false: the Cache API has no effect, as said of workers.dev and of previews."""
    latency: Annotated[
        LatencySettings | None, BeforeValidator(_switch, json_schema_input_type=bool | LatencySettings | None)
    ] = None
    """Storage takes virtual time, so that requests overlap inside operations; true: the default times."""
    faults: list[Fault] = Field(default_factory=list)
    list_tombstones: bool = False
    """Pages of lists walk over keys that expired or were deleted within the hour: a page may hold fewer keys
    than its limit, or none, and not be the last."""
