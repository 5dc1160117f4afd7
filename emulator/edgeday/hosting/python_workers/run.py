"""The run of a hosted worker that the code belongs to: its `env` and its `ctx`, as JavaScript has them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, NamedTuple


class Run(NamedTuple):
    """One invocation, or the import of a worker. ctx: None while it is imported."""

    env: Any
    ctx: Any


current_run: ContextVar[Run | None] = ContextVar("edgeday_python_run", default=None)
