"""Generations of Pyodide that Cloudflare runs Python Workers on, and what differs between them."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Generation:
    """One version of Pyodide.

    literal_maps: entries of the Maps that `to_js` makes of dicts are members too, so that the runtime reads
    options from them. object_dicts: `to_js` makes plain objects of dicts, not Maps. readable_dicts,
    readable_lists: JavaScript sees the items of a dict, a list or bytes that it holds. null_object: null is
    `jsnull`; before, it was None like undefined.
    Source: recordings of each version under Node (tests/hosting/python_workers/recordings).
    """

    version: str
    literal_maps: bool = True
    object_dicts: bool = False
    readable_dicts: bool = True
    readable_lists: bool = True
    null_object: bool = True


PYODIDE_0_26 = Generation(
    "0.26.0a2", literal_maps=False, readable_dicts=False, readable_lists=False, null_object=False
)
"""Compatibility dates before 2025-09-29."""
PYODIDE_0_28 = Generation("0.28.2")
"""Compatibility dates from 2025-09-29."""
PYODIDE_314 = Generation("314.0.0", object_dicts=True)
"""By compatibility flag."""

current_generation: ContextVar[Generation] = ContextVar("edgeday_pyodide", default=PYODIDE_0_28)
"""The generation of the worker whose code runs."""
