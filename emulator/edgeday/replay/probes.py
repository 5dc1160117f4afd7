"""Probes: a request to the worker at one instant, and whether its answer is what was expected.

A probe is a request like any other: what it costs is counted with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edgeday.measure.results import ProbeResult
from edgeday.replay.answers import Answer
from edgeday.runtime.edge import Edge
from edgeday.scenario.probes import Probe


async def run_probe(probe: Probe, edge: Edge, origin: str, variables: Mapping[str, Any]) -> ProbeResult:
    """Make a probe's request now and check the answer. origin: where the worker is asked. variables: its
    plain ones."""
    request = probe.asks(origin, variables)
    what = f"{request.method} {request.url.removeprefix(origin)}"
    at = edge.clock.now()
    answer = await Answer.of(await edge.dispatch(request))
    return ProbeResult(probe.name or what, at, what, list(answer.checks(probe.expectations)))
