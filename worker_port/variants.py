"""The forms of the worker's logging by name, and in what they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from worker_port.ai_log import AiLog, CombinedLog, FlatLog, SessionLog
from worker_port.stores import OLD_CACHE_ORIGIN, CacheStorage


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the worker.

    log:              its logger.
    first_form:       the worker of 2026-02-08: no sessions, no user data in calls; errors without a message
                      are logged as None, output tokens are estimated, a mock answers where no key is set.
    json_instruction: whether prompts end with the instruction to answer in JSON only.
    names_found_days: whether the error about a missing day lists the keys that were there.
    """

    name: str
    log: AiLog
    first_form: bool = False
    json_instruction: bool = False
    names_found_days: bool = False


KV_ONLY_V1: Final = Variant("kv_only_v1", FlatLog(), first_form=True)
KV_ONLY: Final = Variant("kv_only", SessionLog(cache=None, keeps_errors=False))
CACHE_ONLY: Final = Variant(
    "cache_only", SessionLog(cache=CacheStorage(OLD_CACHE_ORIGIN), keeps_errors=False)
)
HYBRID: Final = Variant("hybrid", SessionLog(cache=CacheStorage(), keeps_errors=True))
HYBRID_BATCHED: Final = Variant(
    "hybrid_batched", CombinedLog(CacheStorage()), json_instruction=True, names_found_days=True
)

VARIANTS: Final[Mapping[str, Variant]] = {
    variant.name: variant for variant in (KV_ONLY_V1, KV_ONLY, CACHE_ONLY, HYBRID, HYBRID_BATCHED)
}


def variant_named(name: str) -> Variant:
    """The variant of that name. Raises ValueError, which lists the names there are."""
    try:
        return VARIANTS[name]
    except KeyError:
        raise ValueError(f"unknown variant {name!r}; there are {', '.join(VARIANTS)}") from None
