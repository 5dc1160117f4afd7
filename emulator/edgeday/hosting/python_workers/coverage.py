"""What of Cloudflare's Python Workers is emulated, in rows for docs/python-workers-coverage.md."""

from __future__ import annotations

from edgeday.coverage import Member
from edgeday.hosting.python_workers import context, handlers, runtime_modules, unsupported
from edgeday.hosting.python_workers import globals as js_globals

_BINDINGS = (
    Member("a binding to Workers KV", "docs/coverage.md has its methods and options"),
    Member("variables and secrets", "text, numbers, lists and objects"),
)


def members() -> dict[str, tuple[Member, ...]]:
    """The members of each part, by its title."""
    return {
        "Handlers": handlers.members(),
        "Bindings": (*_BINDINGS, *unsupported.members()),
        "ctx": context.members(),
        "Modules": runtime_modules.members(),
        "Global names of `js`": js_globals.members(),
    }
