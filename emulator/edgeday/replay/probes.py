"""Probes: a request to the worker at one instant, and whether its answer is what was expected.

A probe is a request like any other: what it costs is counted with the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from edgeday.measure.results import ProbeCheck, ProbeResult
from edgeday.runtime.edge import Edge
from edgeday.scenario.expectations import comparison, named_expectations
from edgeday.scenario.probes import Probe
from edgeday.web.messages import Response

_ABSENT = object()


async def run_probe(probe: Probe, edge: Edge, origin: str, variables: Mapping[str, Any]) -> ProbeResult:
    """Make a probe's request now and check the answer. origin: where the worker is asked. variables: its
    plain ones."""
    request = probe.asks(origin, variables)
    what = f"{request.method} {request.url.removeprefix(origin)}"
    at = edge.clock.now()
    response = await edge.dispatch(request)
    body = await response.text()
    checks = [_check(name, wanted, response, body) for name, wanted in probe.expectations.items()]
    return ProbeResult(probe.name or what, at, what, checks)


def _check(name: str, wanted: Any, response: Response, body: str) -> ProbeCheck:
    value = _found(name, response, body)
    if name == "text":
        ok = wanted in body
        value = wanted if ok else body[:80]
    elif value is _ABSENT:
        ok = False
    else:
        ok = _fits(wanted, value)
    return ProbeCheck(name, wanted, None if value is _ABSENT else _shown(value), ok, value is _ABSENT)


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
    named = named_expectations().get(name)
    if named is not None:
        try:
            return named.value(data)
        except LookupError:
            return _ABSENT
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


def _fits(wanted: Any, value: Any) -> bool:
    if isinstance(wanted, str):
        expression = comparison(wanted)
        if expression is None:
            return bool(value == wanted)
        number = _number(value)
        return number is not None and expression.allows(number, None)
    if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and isinstance(value, str):
        return _number(value) == wanted
    return isinstance(wanted, bool) is isinstance(value, bool) and bool(wanted == value)


def _number(value: Any) -> int | float | None:
    """A number, also one that stands in a header's text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _shown(value: Any) -> Any:
    """A value for a report: lists and mappings as their beginnings."""
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return json.dumps(value, ensure_ascii=False)[:80]
