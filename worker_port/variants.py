"""The forms of the worker's logging by name, and in what they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from worker_port.admin import Panel, Route, Routes, cleanup_of_listed, cleanup_of_old_index
from worker_port.ai_log import AiLog, CombinedLog, FlatLog, SessionLog
from worker_port.designed import DesignedLog
from worker_port.designed_admin import DesignedPanel
from worker_port.export import ExportForm
from worker_port.listing import CombinedSource, FlatSource, LogSource, SessionSource
from worker_port.reach import DesignedReach, IndexReach, Reach
from worker_port.stores import OLD_CACHE_ORIGIN, CacheStorage


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of the worker.

    log:              its logger.
    admin:            its admin routes.
    reach:            which of its stored logs the lists of those routes lead to.
    first_form:       the worker of 2026-02-08: no sessions, no user data in calls; errors without a message
                      are logged as None, output tokens are estimated, a mock answers where no key is set.
    json_instruction: whether a plan's prompts begin with the instruction to answer in JSON only.
    safety_floors:    whether plans below least calories and fats are corrected, see `validation`.
    compact_analysis: whether calls are given, and log, only those fields of the analysis that they use.
    admin_token:      whether the admin routes ask for ADMIN_TOKEN; the historical ones ask for nothing.
    names_other_days: whether the error about a missing day lists the keys that were there.
    """

    name: str
    log: AiLog
    admin: Routes
    reach: Reach
    first_form: bool = False
    json_instruction: bool = False
    safety_floors: bool = False
    compact_analysis: bool = False
    names_other_days: bool = False
    admin_token: bool = False


def _with_panel(
    name: str,
    log: AiLog,
    source: LogSource,
    export: ExportForm,
    cleanup: Callable[[LogSource], Route] | None = None,
    **flags: bool,
) -> Variant:
    """A historical form: its admin routes and its audit read one source. cleanup: makes the route of that."""
    panel = Panel(source, export, None if cleanup is None else cleanup(source))
    return Variant(name, log, panel.routes, IndexReach(source), **flags)


_CACHE = CacheStorage()
_OLD_CACHE = CacheStorage(OLD_CACHE_ORIGIN)
_ALL = (
    _with_panel("kv_only_v1", FlatLog(), FlatSource(), ExportForm(cors=False), first_form=True),
    _with_panel(
        "kv_only",
        SessionLog(cache=None, keeps_errors=False),
        SessionSource(None),
        ExportForm(old_forms=True),
        lambda _: cleanup_of_old_index,
    ),
    _with_panel(
        "cache_only",
        SessionLog(cache=_OLD_CACHE, keeps_errors=False),
        SessionSource(_OLD_CACHE),
        ExportForm(in_cache=True),
        cleanup_of_listed,
    ),
    _with_panel(
        "hybrid",
        SessionLog(cache=_CACHE, keeps_errors=True),
        SessionSource(_CACHE),
        ExportForm(in_cache=True),
        cleanup_of_listed,
    ),
    _with_panel(
        "hybrid_batched",
        CombinedLog(_CACHE),
        CombinedSource(_CACHE),
        ExportForm(heading="ПОСЛЕДЕН ПЛАН", in_cache=True, last_only=True),
        cleanup_of_listed,
        json_instruction=True,
        safety_floors=True,
        compact_analysis=True,
        names_other_days=True,
    ),
    Variant(
        "hybrid_designed",
        DesignedLog(_CACHE),
        DesignedPanel(_CACHE).routes,
        DesignedReach(_CACHE),
        admin_token=True,
    ),
)
"""One row for each form, the oldest first."""
VARIANTS: Final[Mapping[str, Variant]] = {variant.name: variant for variant in _ALL}
HYBRID: Final = VARIANTS["hybrid"]


def variant_named(name: str) -> Variant:
    """The variant of that name. Raises ValueError, which lists the names there are."""
    try:
        return VARIANTS[name]
    except KeyError:
        raise ValueError(f"unknown variant {name!r}; there are {', '.join(VARIANTS)}") from None
