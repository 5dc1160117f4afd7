"""Probes: a request to the worker at one instant, and whether its answer is what was expected.

A probe is a request like any other: what it costs is counted with the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from edgeday.measure.results import ProbeCheck, ProbeResult
from edgeday.replay.traffic import ORIGIN, request_of
from edgeday.runtime.edge import Edge
from edgeday.scenario.probes import GetAiLogs, Probe, comparison
from edgeday.web.messages import Request, Response

_LOGS_PATH = "/api/admin/get-ai-logs"
_ABSENT = object()


async def run_probe(probe: Probe, edge: Edge, vars: Mapping[str, Any]) -> ProbeResult:
    """Make a probe's request now and check the answer. vars: the worker's plain variables."""
    request = _request(probe, vars)
    what = f"{request.method} {request.url.removeprefix(ORIGIN)}"
    at = edge.clock.now()
    response = await edge.dispatch(request)
    body = await response.text()
    checks = [_check(name, wanted, response, body) for name, wanted in probe.expectations.items()]
    return ProbeResult(probe.name or what, at, what, checks)


def _request(probe: Probe, vars: Mapping[str, Any]) -> Request:
    if probe.get_ai_logs is not None:
        token = vars.get("ADMIN_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return request_of("GET", _LOGS_PATH + _query(probe.get_ai_logs), headers, None)
    asked = probe.request
    assert asked is not None  # the model holds one of the two
    return request_of(asked.method, asked.path, asked.headers, asked.body)


def _query(logs: GetAiLogs) -> str:
    given = {"hasError": logs.hasError, "limit": logs.limit, "offset": logs.offset}
    parameters = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value is not None
    }
    return f"?{urlencode(parameters)}" if parameters else ""


def _check(name: str, wanted: Any, response: Response, body: str) -> ProbeCheck:
    found = _found(name, response, body)
    if name == "text":
        ok = wanted in body
        found = wanted if ok else body[:80]
    elif found is _ABSENT:
        ok = False
    else:
        ok = _fits(wanted, found)
    return ProbeCheck(name, wanted, None if found is _ABSENT else _shown(found), ok, found is _ABSENT)


def _found(name: str, response: Response, body: str) -> Any:
    """What the answer has under the name of an expectation."""
    if name == "status":
        return response.status
    if name.startswith("header:"):
        value = response.headers.get(name.removeprefix("header:"))
        return _ABSENT if value is None else value
    if name == "text":
        return body
    try:
        data = json.loads(body)
    except ValueError:
        return _ABSENT
    if name in {"cache", "kv"}:
        return _logs_from(name, data)
    return _at_path(data, name.removeprefix("json:").split("."))


def _at_path(data: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        elif part == "length" and isinstance(data, (list, str)):
            data = len(data)
        else:
            return _ABSENT
    return data


def _logs_from(store: str, data: Any) -> Any:
    """How many AI logs of an admin answer come from a store ("cache" or "kv").

    A log may say so itself (`storedIn`, as in hybrid_designed); else the answer's `storageType` speaks for
    all of them: "cache", or KV where it has none.
    """
    logs = data.get("logs") if isinstance(data, dict) else None
    if not isinstance(logs, list):
        return _ABSENT
    of_all = [data.get("storageType", "kv")]
    return sum(store in cast("list[str]", log.get("storedIn", of_all)) for log in logs)


def _fits(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, str):
        expression = comparison(wanted)
        if expression is None:
            return bool(found == wanted)
        number = _number(found)
        return number is not None and expression.allows(number, None)
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and isinstance(found, str):
        return _number(found) == wanted
    return isinstance(wanted, bool) is isinstance(found, bool) and bool(wanted == found)


def _number(found: Any) -> int | float | None:
    """A number, also one that stands in a header's text."""
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return found
    try:
        return float(found)
    except (TypeError, ValueError):
        return None


def _shown(found: Any) -> Any:
    """A found value for a report: lists and mappings as their beginnings."""
    if found is None or isinstance(found, (str, int, float, bool)):
        return found
    return json.dumps(found, ensure_ascii=False)[:80]
