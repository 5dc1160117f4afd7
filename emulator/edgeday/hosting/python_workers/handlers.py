"""The handlers of a Python Worker: which there are, and which of them nothing calls here."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import CodeType
from typing import Any

from edgeday.coverage import Member
from edgeday.hosting.not_emulated import CLASSES, HANDLERS, class_text, handler_text
from edgeday.hosting.python_workers.loading import LoadedWorker

NO_GLOBAL_HANDLERS = "python_no_global_handlers"
"""The compatibility flag under which functions of the module are no handlers."""


def members() -> tuple[Member, ...]:
    """The handlers and classes, as docs/python-workers-coverage.md lists them."""
    refused = [
        Member(name, f"not emulated, because {why}", handler_text(name)) for name, why in HANDLERS.items()
    ]
    classes = [
        Member(f"class(workers.{base})", "not emulated", f"edgeday does not emulate {noun}")
        for base, noun in CLASSES.items()
    ]
    return (
        Member("fetch", "synchronous or not, with the request or without it"),
        Member("scheduled", "of a class with (controller, None, None), as on Cloudflare"),
        Member("on_fetch, on_scheduled", f"until compatibility date 2025-08-14 ({NO_GLOBAL_HANDLERS})"),
        *refused,
        *classes,
    )


def has_scheduled(loaded: LoadedWorker) -> bool:
    """Whether a worker has a handler for crons."""
    if loaded.entry is None:
        return hasattr(loaded.module, "on_scheduled")
    return hasattr(loaded.entry, "scheduled")


def code_of_handlers(loaded: LoadedWorker) -> dict[str, CodeType]:
    """The code of the handlers for requests and crons, by their names in a class."""
    owner: Any = loaded.module if loaded.entry is None else loaded.entry
    prefix = "on_" if loaded.entry is None else ""
    handlers = {name: getattr(owner, f"{prefix}{name}", None) for name in ("fetch", "scheduled")}
    return {
        name: code
        for name, handler in handlers.items()
        if handler is not None and (code := getattr(inspect.unwrap(handler), "__code__", None)) is not None
    }


def warnings_about(loaded: LoadedWorker, *, no_global_handlers: bool) -> Iterator[str]:
    """What a worker has and nothing calls, as sentences."""
    if loaded.entry is None and no_global_handlers:
        yield (
            "on_fetch and on_scheduled are not called from compatibility date 2025-08-14 on "
            f"({NO_GLOBAL_HANDLERS}): write class Default(WorkerEntrypoint) with a method fetch"
        )
    owner: Any = loaded.module if loaded.entry is None else loaded.entry
    prefix = "on_" if loaded.entry is None else ""
    for name in HANDLERS:
        if hasattr(owner, f"{prefix}{name}"):
            yield handler_text(f"{prefix}{name}")
    for base in CLASSES:
        kind = getattr(loaded.sdk, base, None)
        for name, value in vars(loaded.module).items():
            if kind is not None and inspect.isclass(value) and issubclass(value, kind) and value is not kind:
                yield class_text(name, base)
