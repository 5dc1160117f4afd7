"""A worker's modules by isolate: what a worker holds in module scope is its isolate's, and goes with it.

A replay of the same day so gives the same result again, however often it is run in a process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from edgeday.hosting.python_workers.loading import LoadedWorker
from edgeday.web.ambient import current_runtime

_KEY = "edgeday: modules of a Python Worker"


class Imports:
    """The imports of one worker: the first one before anything runs, another for each further isolate.

    load: imports the worker, with the `env` that its module scope sees.
    """

    def __init__(self, load: Callable[[Any], LoadedWorker]) -> None:
        self._load = load
        self._scope = current_runtime.get()
        self._unused: LoadedWorker | None = None

    def first(self, env: Any) -> LoadedWorker:
        """Import the worker; the first isolate gets this import. Raises CannotHost."""
        self._unused = self._load(env)
        return self._unused

    def of_isolate(self, isolate: dict[str, Any], env: Any) -> LoadedWorker:
        """The worker as an isolate has imported it; where it has not yet, it is imported now."""
        known = isolate.get(_KEY)
        if known is not None and known[0] is self:
            loaded: LoadedWorker = known[1]
            return loaded
        loaded = self._take(env)
        isolate[_KEY] = (self, loaded)
        return loaded

    def _take(self, env: Any) -> LoadedWorker:
        unused, self._unused = self._unused, None
        if unused is not None:
            return unused
        token = current_runtime.set(self._scope)
        try:
            return self._load(env)
        finally:
            current_runtime.reset(token)
