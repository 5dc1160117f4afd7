"""What a worker can observe, in workerd alone and through edgeday: the same, but for what is named here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.host import host_javascript
from edgeday.invocation import Invocation
from edgeday.web.messages import Request, Response
from tests.hosting.javascript.bare import bare
from tests.hosting.javascript.workers import DATE, edge_with, texts

pytestmark = pytest.mark.workerd

HERE = Path(__file__).parent / "probes"
GROUPS = ("dates", "fetching", "globals", "messages", "random", "scope", "timers", "web")
NAME = re.compile(r'^(?:  |attempt\()"([^"]+)"', re.MULTILINE)
PROBES = [
    (group, name) for group in GROUPS for name in NAME.findall((HERE / f"{group}.js").read_text("utf-8"))
]
DIFFERENT: Mapping[str, str] = {
    "fetching: a stream that fails": "alone, the origin answers before the body fails",
    "fetching: body stream": "alone, the origin is told how the body is transferred",
    "fetching: a WebSocket client": "edgeday does not emulate them",
    "globals: errors have no frames of the runtime's stand-ins": "those that stand-ins throw have one",
    "messages: a request's fields": "a request that came in has no `fetcher`",
}
"""Probes that differ, each with the reason."""
Results = Mapping[str, Mapping[str, Any]]


def modules() -> dict[str, bytes]:
    return {f"{name}.js": (HERE / f"{name}.js").read_bytes() for name in ("main", *GROUPS)}


@pytest.fixture(scope="module")
def alone(workerd_of_module: Path) -> Results:
    """What the probes give in workerd alone."""
    with bare(workerd_of_module, modules(), (HERE / "origin.js").read_bytes()) as worker:
        return {group: json.loads(worker.get(f"/{group}")) for group in GROUPS}


@pytest.fixture(scope="module")
def through_edgeday(workerd_of_module: Path) -> Results:
    """What they give through edgeday. The origin is the same worker, on an edge beside it."""

    def hosted(sources: Mapping[str, bytes], **options: Any) -> type:
        parts = tuple(Module(name, "esModule", source) for name, source in sources.items())
        return host_javascript(
            Bundle(parts[0].name, "modules", parts, date=DATE, variables=options.get("vars", {})),
            workerd_of_module,
            **options,
        )

    async def origin(request: Request, _: Invocation) -> Response:
        return await origin_edge.dispatch(request)

    variables = {"TEXT": "text"}
    edge = edge_with(
        hosted(modules(), vars=variables),
        vars=variables,
        namespaces={},
        outbound={"*": origin},
        account="paid",
    )
    origin_edge = edge_with(hosted({"origin.js": (HERE / "origin.js").read_bytes()}), clock=edge.clock)
    found = texts(edge, *(Request(f"http://worker.example/{group}") for group in GROUPS))
    return {group: json.loads(text) for group, text in zip(GROUPS, found, strict=True)}


@pytest.mark.parametrize(("group", "name"), PROBES)
def test_a_worker_observes_what_it_does_in_workerd(
    group: str, name: str, alone: Results, through_edgeday: Results
) -> None:
    same = through_edgeday[group][name] == alone[group][name]
    assert same is (f"{group}: {name}" not in DIFFERENT)
