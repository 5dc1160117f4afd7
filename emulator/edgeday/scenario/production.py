"""What a scenario may say about production: an edge's settings, where its traffic arrives, and what moves.

Every number of these models has a source or is an assumption; `assumptions_of` says which are in force.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from edgeday.distributions import range_of
from edgeday.events import DEFAULT_COLO
from edgeday.fields import Model, impossible
from edgeday.limits import CutOff
from edgeday.production.copies import COPY_TTL_S
from edgeday.production.settings import Offset, ProductionSettings, seconds
from edgeday.production.tombstones import TOMBSTONE_S

_HARD = CutOff()
_COLO_PATTERN = r"^[A-Z]{3}$"


def _colo(text: str) -> str:
    if not re.match(_COLO_PATTERN, text):
        raise impossible(f'"{text}" is no data centre; write three capital letters such as SOF')
    return text


Colo = Annotated[str, AfterValidator(_colo), WithJsonSchema({"type": "string", "pattern": _COLO_PATTERN})]


class Move(Model):
    """The requests of a data centre move to another one: what its caches hold is lost."""

    at: Offset
    colo: Colo


def _weights(weights: dict[str, float]) -> dict[str, float]:
    if not weights or not sum(weights.values()):
        raise impossible("no data centre has a weight")
    return weights


Weight = Annotated[float, Field(ge=0)]


class ScenarioProduction(ProductionSettings):
    """What production does and a plain emulator does not. Each part is off unless it is said."""

    colos: Annotated[dict[Colo, Weight], AfterValidator(_weights)] = Field(
        default_factory=lambda: {DEFAULT_COLO: 1.0}
    )
    """Data centres at which the traffic arrives, with their weights. Each has its own cache."""
    admin: Colo | None = None
    """The data centre that probes come from and that the audit looks from; default: the first of `colos`."""
    moves: list[Move] = Field(default_factory=list)
    purges: list[Offset] = Field(default_factory=list)
    """When everything is purged from all caches."""
    audit: bool = False
    """At the end, look at all stores and say what became of the logs; the worker has to offer `log_audit`."""

    @model_validator(mode="after")
    def _moves_what_is_there(self) -> ScenarioProduction:
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

    def colo_of(self, request_seed: str) -> str:
        """The data centre of a request; the same for the same seed, whatever runs beside it."""
        draw = Random(f"{request_seed}/colo")
        return draw.choices(list(self.colos), list(self.colos.values()))[0]

    def offsets(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """When something happens by itself: the offset, and the field below this model that says so."""
        yield from ((fault.at, ("faults", number, "at")) for number, fault in enumerate(self.faults))
        yield from ((move.at, ("moves", number, "at")) for number, move in enumerate(self.moves))
        yield from ((at, ("purges", number)) for number, at in enumerate(self.purges))

    def incidents(self) -> list[tuple[int, str]]:
        """(seconds from the start, data centre whose caches are lost; "": everything is purged), in order."""
        moves = [(seconds(move.at), move.colo) for move in self.moves]
        return sorted([*moves, *((seconds(at), "") for at in self.purges)])


def assumptions_of(model: ScenarioProduction | None, cut_off: CutOff = _HARD) -> tuple[str, ...]:
    """One sentence for each model in force: what it takes for true, and on what ground."""
    soft = () if cut_off.is_hard else (_cut_off(cut_off),)
    return soft if model is None else (*soft, *_assumptions(model))


def _cut_off(cut_off: CutOff) -> str:
    least, most = cut_off.percents
    return (
        f"a daily KV quota is cut between {least:g} and {most:g} % above its number, drawn for each day (the "
        "scenario's assumption; Cloudflare promises no exact unit)"
    )


def _assumptions(model: ScenarioProduction) -> Iterator[str]:
    if len(model.colos) > 1:
        shares = ", ".join(f"{colo} {weight:g}" for colo, weight in model.colos.items())
        yield f"requests arrive by weight, each by itself: {shares} (the scenario's assumption)"
    if model.propagation:
        yield (
            f"a data centre keeps what it read of KV, absences too, for {COPY_TTL_S} s or the cacheTtl "
            "(Cloudflare docs, How KV works); pages of lists likewise (assumption); without a copy it sees "
            "the newest write, and copies are not refreshed in the background (assumption)"
        )
    if model.list_tombstones:
        yield (
            "pages of lists walk over keys that are gone (Cloudflare docs, KV list keys), for "
            f"{TOMBSTONE_S // 60} minutes after they expired or were deleted (assumption)"
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
        times = ", ".join(f"{name} {range_of(draw)}" for name, draw in dict(model.latency).items())
        yield f"storage takes, in ms: {times}; a call acts at the end of its wait (assumption)"
        yield (
            "an invocation has six connections at once; a fetch has its own until its answer begins, before "
            "2026-04-09 until that was read (Cloudflare docs, Workers platform limits; changelog 2026-04-09)"
        )
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
