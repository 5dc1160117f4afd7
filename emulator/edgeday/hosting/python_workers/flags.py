"""Compatibility flags of Python Workers: which hold on a worker's date, and which Pyodide it runs on.

Source: workerd's compatibility dates; the flags of Pyodide's generations as pywrangler reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from edgeday.hosting.python_workers.generations import PYODIDE_0_26, PYODIDE_0_28, PYODIDE_314, Generation


class Flag(NamedTuple):
    """A flag that Python Workers know. since: the date from which it holds by itself, "" if it never does."""

    name: str
    off: str
    since: str


FLAGS = (
    Flag("python_no_global_handlers", "disable_python_no_global_handlers", "2025-08-14"),
    Flag("python_workers_20250116", "no_python_workers_20250116", "2025-09-29"),
    Flag(
        "python_request_headers_preserve_commas",
        "disable_python_request_headers_preserve_commas",
        "2026-02-17",
    ),
    Flag(
        "python_workflows_implicit_dependencies",
        "no_python_workflows_implicit_dependencies",
        "2026-02-25",
    ),
    Flag("enable_python_external_sdk", "disable_python_external_sdk", "2026-04-21"),
    Flag("python_workers_20260610", "no_python_workers_20260610", ""),
)

_GENERATIONS = (
    ("python_workers_20260610", PYODIDE_314),
    ("python_workers_20250116", PYODIDE_0_28),
)
"""The flag of each generation of Pyodide, the newest first; without any of them it is the first one."""


_NEWEST = "2026-11-27"


@dataclass(frozen=True)
class Compatibility:
    """A worker's compatibility date (YYYY-MM-DD) and flags, as its configuration has them. date: "" for the
    newest whose rules are known."""

    date: str
    flags: Sequence[str] = ()

    @cached_property
    def in_force(self) -> dict[str, bool]:
        """Every flag that is known or written, and whether it holds."""
        date = self.date or _NEWEST
        holding = {flag.name: bool(flag.since) and date >= flag.since for flag in FLAGS}
        switched_off = {flag.off: flag.name for flag in FLAGS}
        for written in self.flags:
            if written in switched_off:
                holding[switched_off[written]] = False
            else:
                holding[written] = True
        return holding

    def __getitem__(self, flag: str) -> bool:
        return self.in_force.get(flag, False)

    @property
    def generation(self) -> Generation:
        """The Pyodide that runs the worker."""
        return next((generation for flag, generation in _GENERATIONS if self[flag]), PYODIDE_0_26)
