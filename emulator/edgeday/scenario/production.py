"""What a scenario may say about the platform: places, races, eviction, isolates, faults. All of it is off
unless it is said.

Every number of these models has a source or is an assumption; `assumptions_of` says which are in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    WithJsonSchema,
    model_validator,
)

from edgeday.production.settings import (
    COPY_TTL_S,
    Colos,
    EvictionRule,
    Fault,
    IsolateRule,
    LatencyRule,
    Platform,
)
from edgeday.distributions import Distribution, Lognormal
from edgeday.fields import Model, impossible, offset_s

_MEGABYTE = 1_000_000
_MOST_SLOWER_S = 86_400
_OPS = {"kv": ("get", "put", "delete", "list"), "cache": ("match", "put", "delete"), "fetch": ()}
_MISSING = frozenset({404, 410})
"""Statuses that a KV read takes for a missing key. Source: workerd 6552d99 api/kv.c++."""
_COLO_PATTERN = r"^[A-Z]{3}$"


def _offset(text: str) -> str:
    if offset_s(text) is None:
        raise impossible(f'"{text}" is no offset; write +3d, +23h59m or +1d2h3m4s')
    return text


def _duration(text: str) -> str:
    if not offset_s(f"+{text}"):
        raise impossible(f'"{text}" is no length of time; write 30m, 1h or 1d2h3m4s')
    return text


def _colo(text: str) -> str:
    if not re.match(_COLO_PATTERN, text):
        raise impossible(f'"{text}" is no data centre; write three capital letters such as SOF')
    return text


def _with_unit(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise impossible(f"{value} has no unit; write days, hours, minutes or seconds, as 1d2h3m4s")
    return value


Offset = Annotated[str, BeforeValidator(_with_unit, json_schema_input_type=str), AfterValidator(_offset)]
Duration = Annotated[str, BeforeValidator(_with_unit, json_schema_input_type=str), AfterValidator(_duration)]
Colo = Annotated[str, AfterValidator(_colo), WithJsonSchema({"type": "string", "pattern": _COLO_PATTERN})]
Share = Annotated[float, Field(ge=0, le=1)]


def _seconds(text: str) -> int:
    """Seconds of an offset or a duration."""
    return offset_s(text if text.startswith("+") else f"+{text}") or 0


class IsolatesModel(Model):
    """Isolates that serve a data centre; each request is given one of them at random."""

    per_colo: PositiveInt = 2
    life: Duration = "30m"
    """How long an isolate lives from its first request on, such as 30m."""


class EvictionModel(Model):
    """When caches give up entries before they expire."""

    megabytes: PositiveFloat | None = None
    """Room of each data centre's caches; beyond it, what was used longest ago goes. Default: no bound."""
    per_hour: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The chance of each entry to be gone within an hour."""

    @model_validator(mode="after")
    def _does_something(self) -> EvictionModel:
        if self.megabytes is None and not self.per_hour:
            raise impossible(
                "say how much room there is (megabytes: 50) or how often entries go (per_hour: 0.02)"
            )
        return self


def _about(median_ms: float) -> Any:
    return Lognormal(kind="lognormal", median=median_ms, sigma=0.5)


class LatencyModel(Model):
    """Milliseconds of each storage operation, as distributions."""

    kv_get: Distribution = _about(15)
    kv_put: Distribution = _about(120)
    kv_delete: Distribution = _about(120)
    kv_list: Distribution = _about(150)
    cache_match: Distribution = _about(4)
    cache_put: Distribution = _about(10)
    cache_delete: Distribution = _about(10)

    @model_validator(mode="after")
    def _possible(self) -> LatencyModel:
        for name in LatencyModel.model_fields:
            if getattr(self, name).middle[1] > 60_000:
                raise impossible(f'"{name}" may go up to 60,000 ms', name)
        return self


class FaultModel(Model):
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
    slower_s: Distribution | None = None
    """fetch: seconds that every answer takes more; nothing fails."""

    @model_validator(mode="after")
    def _fits_its_service(self) -> FaultModel:
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
            if self.slower_s.middle[1] > _MOST_SLOWER_S:
                raise impossible(f'"slower_s" may go up to {_MOST_SLOWER_S:,}', "slower_s")
        if self.status is not None and self.service == "cache":
            raise impossible("a failing cache shows no status; leave it out", "status")
        if self.status in _MISSING and self.service == "kv":
            raise impossible(
                f"{self.status} is how KV says that a key is missing; write 429, 500 or 503", "status"
            )
        return self

    def in_words(self) -> str:
        """What goes wrong, and when."""
        what = f"{self.service} {'/'.join(self.ops)}".strip()
        if self.slower_s is not None:
            does = f"takes {_shown(self.slower_s)} s more"
        elif self.status is not None or self.service == "kv":
            does = f"answers {self.status or 500}"
        else:
            does = "does nothing" if self.service == "cache" else "loses its connection"
        return f"{what} {does} from {self.at} on for {self.lasts}, {100 * self.share:g} % of the calls"


class MoveModel(Model):
    """The requests of a data centre move to another one: what its caches hold is lost."""

    at: Offset
    colo: Colo


def _switch(value: Any) -> Any:
    """true: with all defaults; false: off."""
    if isinstance(value, bool):
        return {} if value else None
    if value is None or isinstance(value, (dict, Model)):
        return value
    raise impossible("write true, false, or a mapping of what is to differ")


def _weights(weights: dict[str, float]) -> dict[str, float]:
    if not weights or not sum(weights.values()):
        raise impossible("no data centre has a weight")
    return weights


Weight = Annotated[float, Field(ge=0)]


class PlatformModel(Model):
    """What production does and a plain emulator does not. Each part is off unless it is said."""

    colos: Annotated[dict[Colo, Weight], AfterValidator(_weights)] = Field(
        default_factory=lambda: {"SOF": 1.0}
    )
    """Data centres at which the traffic arrives, with their weights. Each has its own cache."""
    admin: Colo | None = None
    """The data centre that probes come from and that the audit looks from; default: the first of `colos`."""
    propagation: bool = False
    """KV writes are seen at once where they are made, elsewhere once the copies there are out of date."""
    isolates: Annotated[
        IsolatesModel | None, BeforeValidator(_switch, json_schema_input_type=bool | IsolatesModel | None)
    ] = None
    """Isolates that serve a data centre; true: two of them, for 30 minutes each."""
    eviction: EvictionModel | None = None
    cache_works: bool = True
    """false: the Cache API has no effect, as said of workers.dev and of previews."""
    latency: Annotated[
        LatencyModel | None, BeforeValidator(_switch, json_schema_input_type=bool | LatencyModel | None)
    ] = None
    """Storage takes virtual time, so that requests overlap inside operations; true: the default times."""
    faults: list[FaultModel] = Field(default_factory=list)
    moves: list[MoveModel] = Field(default_factory=list)
    purges: list[Offset] = Field(default_factory=list)
    """When everything is purged from all caches."""
    audit: bool = False
    """At the end, look at all stores and say what became of the logs; the worker has to offer `log_audit`."""

    @model_validator(mode="after")
    def _moves_what_is_there(self) -> PlatformModel:
        there = dict.fromkeys((*self.colos, self.admin_colo))
        for number, move in enumerate(self.moves):
            if move.colo not in there:
                raise impossible(
                    f'nothing arrives at "{move.colo}"; the data centres are {", ".join(there)}',
                    "moves",
                    number,
                    "colo",
                )
        return self

    @property
    def admin_colo(self) -> str:
        """The data centre that the admin sits at."""
        return self.admin or next(iter(self.colos))

    @property
    def arrivals(self) -> Colos:
        """Where requests arrive."""
        return Colos(self.colos)

    def in_force(self, start_s: float) -> Platform:
        """The settings of an edge whose run starts at an instant."""
        return Platform(
            propagation=self.propagation,
            isolates=IsolateRule(self.isolates.per_colo, _seconds(self.isolates.life))
            if self.isolates
            else None,
            eviction=_eviction(self.eviction) if self.eviction else None,
            cache_works=self.cache_works,
            latency=LatencyRule(**dict(self.latency)) if self.latency else None,
            faults=tuple(_fault(fault, start_s) for fault in self.faults),
        )

    def offsets(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """When something happens by itself: the offset, and the field below this model that says so."""
        yield from ((fault.at, ("faults", number, "at")) for number, fault in enumerate(self.faults))
        yield from ((move.at, ("moves", number, "at")) for number, move in enumerate(self.moves))
        yield from ((at, ("purges", number)) for number, at in enumerate(self.purges))

    def incidents(self) -> list[tuple[int, str]]:
        """(seconds from the start, data centre whose caches are lost; "": everything is purged), in order."""
        moves = [(_seconds(move.at), move.colo) for move in self.moves]
        return sorted([*moves, *((_seconds(at), "") for at in self.purges)])


def _eviction(model: EvictionModel) -> EvictionRule:
    room = None if model.megabytes is None else int(model.megabytes * _MEGABYTE)
    return EvictionRule(room, model.per_hour)


def _fault(model: FaultModel, start_s: float) -> Fault:
    begins = start_s + _seconds(model.at)
    return Fault(
        model.service,
        begins,
        begins + _seconds(model.lasts),
        model.share,
        frozenset(model.ops),
        model.status,
        model.slower_s,
    )


def assumptions_of(model: PlatformModel | None) -> tuple[str, ...]:
    """One sentence for each model in force: what it takes for true, and on what ground."""
    return () if model is None else tuple(_assumptions(model))


def _assumptions(model: PlatformModel) -> Iterator[str]:
    if len(model.colos) > 1:
        shares = ", ".join(f"{colo} {weight:g}" for colo, weight in model.colos.items())
        yield f"requests arrive by weight, each by itself: {shares} (the scenario's assumption)"
    if model.propagation:
        yield (
            f"a data centre keeps what it read of KV, absences too, for {COPY_TTL_S} s or the cacheTtl "
            "(Cloudflare docs, How KV works); pages of lists likewise (assumption); without a copy it sees "
            "the newest write, and copies are not refreshed in the background (assumption)"
        )
    if model.isolates is not None:
        yield (
            f"{model.isolates.per_colo} isolates serve a data centre, each for {model.isolates.life}; a "
            "request gets one at random (assumption; Cloudflare documents no rule)"
        )
    if model.eviction is not None and model.eviction.megabytes is not None:
        yield (
            f"a data centre's caches hold {model.eviction.megabytes:g} MB of bodies and give up what was "
            "used longest ago (assumption; Cloudflare documents only that entries are ephemeral)"
        )
    if model.eviction is not None and model.eviction.per_hour:
        yield (
            f"a cache entry is gone within an hour with a chance of {100 * model.eviction.per_hour:g} % "
            "(assumption; Cloudflare documents only that entries are ephemeral)"
        )
    if not model.cache_works:
        yield (
            "the Cache API has no effect (one version of Cloudflare's documentation says so of workers.dev, "
            "another does not; exports from such a worker show cached logs)"
        )
    if model.latency is not None:
        times = ", ".join(f"{name} {_shown(draw)}" for name, draw in dict(model.latency).items())
        yield f"storage takes, in ms: {times}; a call acts at the end of its wait (assumption)"
        yield "an invocation has six connections at once (Cloudflare docs, Workers platform limits)"
        if model.propagation:
            yield "a read that a copy answers takes no time and no connection (assumption)"
    for fault in model.faults:
        at_once = "; a call that fails takes no time" if fault.slower_s is None else ""
        yield f"{fault.in_words()}{at_once} (the scenario's assumption)"
    for move in model.moves:
        yield (
            f"the requests of {move.colo} move at {move.at}: its caches, its copies of KV and its isolates "
            "are lost (assumption)"
        )
    for at in model.purges:
        yield f"all caches are purged at {at}, everywhere at once (the scenario's assumption)"


def _shown(draw: Any) -> str:
    low, high = draw.middle
    return f"{low:.3g}" if low == high else f"{low:.3g}..{high:.3g}"
