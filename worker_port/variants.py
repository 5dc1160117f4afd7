"""The forms of the worker's logging by name, and in what they differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from worker_port.admin import Panel, Routes, cleanup_of_listed, cleanup_of_old_index
from worker_port.ai_log import AiLog, CombinedLog, FlatLog, SessionLog
from worker_port.designed import DesignedLog
from worker_port.designed_admin import DesignedPanel
from worker_port.export import ExportForm
from worker_port.listing import CombinedSource, FlatSource, SessionSource
from worker_port.stores import OLD_CACHE_ORIGIN, CacheStorage


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the worker.

    log:              its logger.
    admin:            its admin routes.
    first_form:       the worker of 2026-02-08: no sessions, no user data in calls; errors without a message
                      are logged as None, output tokens are estimated, a mock answers where no key is set.
    json_instruction: whether prompts end with the instruction to answer in JSON only.
    admin_token:      whether the admin routes ask for ADMIN_TOKEN; the historical ones ask for nothing.
    names_found_days: whether the error about a missing day lists the keys that were there.
    """

    name: str
    log: AiLog
    admin: Routes
    first_form: bool = False
    json_instruction: bool = False
    names_found_days: bool = False
    admin_token: bool = False


def _kv_only_v1() -> Variant:
    panel = Panel(FlatSource(), ExportForm(cors=False))
    return Variant("kv_only_v1", FlatLog(), panel.routes, first_form=True)


def _kv_only() -> Variant:
    panel = Panel(SessionSource(None), ExportForm(old_forms=True), cleanup_of_old_index)
    return Variant("kv_only", SessionLog(cache=None, keeps_errors=False), panel.routes)


def _in_cache(name: str, cache: CacheStorage, *, keeps_errors: bool) -> Variant:
    source = SessionSource(cache)
    panel = Panel(source, ExportForm(in_cache=True), cleanup_of_listed(source))
    return Variant(name, SessionLog(cache=cache, keeps_errors=keeps_errors), panel.routes)


def _hybrid_batched() -> Variant:
    cache = CacheStorage()
    source = CombinedSource(cache)
    form = ExportForm(heading="ПОСЛЕДЕН ПЛАН", in_cache=True, last_only=True)
    panel = Panel(source, form, cleanup_of_listed(source))
    return Variant(
        "hybrid_batched", CombinedLog(cache), panel.routes, json_instruction=True, names_found_days=True
    )


def _hybrid_designed() -> Variant:
    cache = CacheStorage()
    return Variant("hybrid_designed", DesignedLog(cache), DesignedPanel(cache).routes, admin_token=True)


HYBRID: Final = _in_cache("hybrid", CacheStorage(), keeps_errors=True)
_ALL = (
    _kv_only_v1(),
    _kv_only(),
    _in_cache("cache_only", CacheStorage(OLD_CACHE_ORIGIN), keeps_errors=False),
    HYBRID,
    _hybrid_batched(),
    _hybrid_designed(),
)
VARIANTS: Final[Mapping[str, Variant]] = {variant.name: variant for variant in _ALL}


def variant_named(name: str) -> Variant:
    """The variant of that name. Raises ValueError, which lists the names there are."""
    try:
        return VARIANTS[name]
    except KeyError:
        raise ValueError(f"unknown variant {name!r}; there are {', '.join(VARIANTS)}") from None
