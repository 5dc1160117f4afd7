"""Generations of Pyodide that Cloudflare runs Python Workers on, and what differs between them."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Generation:
    """One version of Pyodide.

    literal_maps: entries of the Maps that `to_js` makes of dicts are members too, so that the runtime reads
    options from them. readable_dicts: JavaScript sees the items of a dict that it holds as members.
    null_object: null is `jsnull`; before, it was None like undefined.
    """

    version: str
    literal_maps: bool = True
    readable_dicts: bool = True
    null_object: bool = True


PYODIDE_0_26 = Generation("0.26.0a2", literal_maps=False, readable_dicts=False, null_object=False)
"""Compatibility dates before 2025-09-29."""
PYODIDE_0_28 = Generation("0.28.2")
"""Compatibility dates from 2025-09-29."""
PYODIDE_314 = Generation("314.0.0")
"""By compatibility flag."""

current_generation: ContextVar[Generation] = ContextVar("edgeday_pyodide", default=PYODIDE_0_28)
"""The generation of the worker whose code runs."""
