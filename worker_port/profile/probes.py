"""Probes of the admin panel: the AI logs that it lists, and how many of them come from which store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlencode

from pydantic import Field, NonNegativeInt

from edgeday import Expect, Expectation, ProbeKind, ScenarioModel

_LOGS_PATH = "/api/admin/get-ai-logs"


class GetAiLogs(ScenarioModel):
    """`GET /api/admin/get-ai-logs`, with the admin token of the worker's `vars` where it has one."""

    hasError: bool | None = None
    limit: NonNegativeInt | None = None
    offset: NonNegativeInt | None = None
    expect: Expect = Field(default_factory=dict)
    """What the answer has to be: what is expected -> a value, or a comparison such as "> 0"."""


def _request(logs: GetAiLogs, variables: Mapping[str, Any]) -> tuple[str, str, Mapping[str, str]]:
    token = variables.get("ADMIN_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    given = {"hasError": logs.hasError, "limit": logs.limit, "offset": logs.offset}
    parameters = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value is not None
    }
    return "GET", _LOGS_PATH + (f"?{urlencode(parameters)}" if parameters else ""), headers


def _logs_from(store: str) -> Callable[[Any], int]:
    """How many AI logs of an admin answer come from a store ("cache" or "kv").

    A log may say so itself (`storedIn`, as in hybrid_designed); else the answer's `storageType` speaks for
    all of them: "cache", or KV where it has none.
    """

    def count(data: Any) -> int:
        logs = data.get("logs") if isinstance(data, dict) else None
        if not isinstance(logs, list):
            raise LookupError("the answer lists no logs")
        of_all = [data.get("storageType", "kv")]
        return sum(store in cast("list[str]", log.get("storedIn", of_all)) for log in logs)

    return count


PROBES: Mapping[str, ProbeKind] = {"get_ai_logs": ProbeKind(GetAiLogs, _request)}
EXPECTATIONS: Mapping[str, Expectation] = {
    "cache": Expectation("AI logs in the answer that are from a cache.", _logs_from("cache")),
    "kv": Expectation("AI logs in the answer that are from KV.", _logs_from("kv")),
}
