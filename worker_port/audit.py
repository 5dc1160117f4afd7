"""What became of the logs: which stored keys are logs, and which of them the admin's lists reach.

For whoever looks at the stores from outside, without an invocation and without a cost. A key is a KV key, or
the URL of a cached response.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import Any

from worker_port.ai_log import ERROR_KEY
from worker_port.js import truthy
from worker_port.reach import Stores
from worker_port.variants import VARIANTS, variant_named

_LOGS = (ERROR_KEY, *{variant.reach.prefix for variant in VARIANTS.values()})
_TO_DEBUG = ("prompt", "sessionId", "modelName", "error")


class LogAudit:
    """The logs of one form of the worker. vars: the plain variables of its `env`."""

    def __init__(self, vars: Mapping[str, Any]) -> None:
        self._env = SimpleNamespace(**vars)
        self._variant = str(vars.get("AI_LOG_VARIANT") or "hybrid")

    def is_log(self, key: str) -> bool:
        """Whether a key holds what was logged of AI calls, and is not an index."""
        return key.rpartition("/")[2].startswith(_LOGS)

    def is_error(self, key: str) -> bool:
        """Whether a key holds a failed call, kept in KV."""
        return key.startswith(ERROR_KEY)

    def can_be_debugged(self, value: Any) -> bool:
        """Whether an error entry holds what is needed to repeat its call: prompt, session, model, error."""
        return isinstance(value, dict) and all(truthy(value.get(name)) for name in _TO_DEBUG)

    async def reached(
        self,
        read: Callable[[str], Awaitable[Any]],
        keys_of: Callable[[str], Awaitable[list[str]]],
    ) -> dict[str, int]:
        """The keys of logs that the admin's lists lead to, all pages together, and how many AI calls each
        of them shows; what is listed need not be there. read, keys_of: as in `Stores`.

        Raises ValueError for a form that there is not.
        """
        return await variant_named(self._variant).reach.calls_by_key(Stores(read, keys_of), self._env)
