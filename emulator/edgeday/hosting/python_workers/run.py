"""The run of a hosted worker that the code belongs to: its `env` and its `ctx`, as JavaScript has them."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

GLOBAL_SCOPE_TEXT = (
    "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a "
    "timeout, and generating random values are not allowed within global scope."
)
"""What the runtime says of I/O while a worker is imported, without its hint at the documentation."""


class Run:
    """One invocation, or the import of a worker. ctx: None while it is imported."""

    __slots__ = ("ctx", "env")

    def __init__(self, env: Any, ctx: Any) -> None:
        self.env, self.ctx = env, ctx


current_run: ContextVar[Run | None] = ContextVar("edgeday_python_run", default=None)
