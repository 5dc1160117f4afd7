"""What a task waits for: a timer, an operation of the account, or other code of the worker's."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import edgeday
from edgeday.call_site import awaited_steps, code_of

_PACKAGE = str(Path(edgeday.__file__).parent) + os.sep
_OPERATIONS = tuple(_PACKAGE + room for room in ("kv", "cache", "invocation.py"))
"""What the worker's code waits in for an operation that it has issued."""
_SERVICES = (*_OPERATIONS, *(_PACKAGE + room for room in ("storage", "production", "virtual_loop.py")))
"""What waits in these comes to an end."""
_HOSTS = tuple(_PACKAGE + room for room in ("hosting", "web"))
"""What waits in these does, unless it waits for the worker's code."""
_ASYNCIO_SLEEP = asyncio.sleep.__code__


def waits(task: asyncio.Task[Any]) -> bool:
    """Whether a task waits for something, seen from outside of all tasks; else it is about to be run."""
    return getattr(task, "_fut_waiter", None) is not None


def will_go_on(task: asyncio.Task[Any], work: object) -> bool:
    """Whether a task waits for a timer, or for an operation or other work of edgeday. work: what it runs.

    What waits for a generator's next item is taken to go on: Python does not say what that waits for.
    """
    if not waits(task):
        return False
    hosted = False
    for step in awaited_steps(work):
        code = code_of(step)
        if code is None:
            return hosted or type(step).__name__ == "async_generator_asend"
        if code is _ASYNCIO_SLEEP or code.co_filename.startswith(_SERVICES):
            return True
        hosted = code.co_filename.startswith(_HOSTS)
    return hosted


def is_in_operation(task: asyncio.Task[Any]) -> bool:
    """Whether a task waits for an operation of a service that it has issued."""
    codes = map(code_of, awaited_steps(task.get_coro()))
    return any(code is not None and code.co_filename.startswith(_OPERATIONS) for code in codes)
