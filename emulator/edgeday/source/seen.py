"""The door to the readers of source: each question is answered in the language that the file is written in.

A file of another kind, or one that cannot be read, shows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from edgeday.hosting.endings import is_javascript
from edgeday.source.model import FetchedHost, Route
from edgeday.source.python import bindings as python_bindings
from edgeday.source.python import origins as python_origins
from edgeday.source.python import routes as python_routes

_NONE: Mapping[str, Any] = MappingProxyType({})


def routes_in(main: Path) -> list[Route]:
    """The routes that a worker's file and the files beside it show, in their order, each method and path
    once."""
    if is_javascript(main):
        from edgeday.source.javascript import routes

        return routes.routes_in(main)
    return python_routes.routes_in(main)


def answers_requests(main: Path) -> bool:
    """Whether a worker seems to answer requests: it does unless it shows a `scheduled` handler and none for
    requests."""
    if is_javascript(main):
        from edgeday.source.javascript import handlers

        return handlers.answers_requests(main)
    return python_routes.answers_requests(main)


def shows_a_handler(main: Path) -> bool:
    """Whether a file seems to be a worker: it shows a handler, or has one made for it."""
    if is_javascript(main):
        from edgeday.source.javascript import handlers

        return handlers.shows_a_handler(main)
    return python_routes.shows_a_handler(main)


def fetched_hosts(
    main: Path, class_name: str | None = None, variables: Mapping[str, Any] = _NONE
) -> list[FetchedHost]:
    """The hosts that a worker's file and the files beside it show that it fetches from, each once.

    class_name: of a Python worker, None if it is not known. variables: what one in JavaScript is given, which
    URLs may be made of.
    """
    if is_javascript(main):
        from edgeday.source.javascript import origins

        return origins.fetched_hosts(main, variables)
    return python_origins.fetched_hosts(main, class_name)


def kv_bindings_in(main: Path) -> list[str]:
    """The names of the KV bindings that a worker uses, in their order."""
    if is_javascript(main):
        from edgeday.source.javascript import bindings

        return bindings.kv_bindings_in(main)
    return python_bindings.kv_bindings_in(main)


def variables_in(main: Path) -> list[str]:
    """The names of the variables and secrets that a worker in JavaScript needs, in their order; of one in
    Python nothing is said."""
    if not is_javascript(main):
        return []
    from edgeday.source.javascript import variables

    return variables.variables_in(main)
