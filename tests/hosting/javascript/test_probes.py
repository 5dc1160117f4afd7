"""What a worker can observe, in workerd alone and through edgeday: the same, but for what is named here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

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
DIFFERENT: Mapping[str, str] = {
    "fetching: a stream that fails": "alone, the origin answers before the body fails",
    "fetching: body stream": "alone, the origin is told how the body is transferred",
    "fetching: a WebSocket client": "edgeday does not emulate them",
    "globals: errors have no frames of the runtime's stand-ins": "those that stand-ins throw have one",
    "messages: a request's fields": "a request that came in has no `fetcher`",
}
"""Probes that differ, each with the reason."""
Results = Mapping[str, Mapping[str, Any]]


def named(groups: Iterable[str]) -> list[tuple[str, str]]:
    """The probes of some groups."""
    return [
        (group, name) for group in groups for name in NAME.findall((HERE / f"{group}.js").read_text("utf-8"))
    ]


class Probed(NamedTuple):
    """A worker of probes. main: its main module. groups: those of its probes."""

    main: str
    groups: tuple[str, ...]
    flags: tuple[str, ...] = ()
    date: str = DATE

    @property
    def modules(self) -> dict[str, bytes]:
        return {f"{name}.js": (HERE / f"{name}.js").read_bytes() for name in (self.main, "run", *self.groups)}


PLAIN = Probed("main", GROUPS)
NODE = Probed("node_main", ("node",), ("nodejs_compat",))
NODE_TIMERS = NODE._replace(date="2026-02-10")
"""From this date on, timers are Node's objects."""


def alone(workerd: Path, probed: Probed) -> Results:
    """What probes give in workerd alone."""
    origin = (HERE / "origin.js").read_bytes()
    with bare(workerd, probed.modules, origin, probed.flags, probed.date) as worker:
        return {group: json.loads(worker.get(f"/{group}")) for group in probed.groups}


def through_edgeday(workerd: Path, probed: Probed) -> Results:
    """What they give through edgeday. The origin is the same worker, on an edge beside it."""
    variables = {"TEXT": "text"}

    def hosted(sources: Mapping[str, bytes], **options: Any) -> type:
        parts = tuple(Module(name, "esModule", source) for name, source in sources.items())
        bundle = Bundle(parts[0].name, "modules", parts, date=probed.date, flags=probed.flags)
        return host_javascript(bundle, workerd, **options)

    async def origin(request: Request, _: Invocation) -> Response:
        return await origin_edge.dispatch(request)

    worker = hosted(probed.modules, vars=variables)
    edge = edge_with(worker, vars=variables, namespaces={}, outbound={"*": origin}, account="paid")
    origin_edge = edge_with(hosted({"origin.js": (HERE / "origin.js").read_bytes()}), clock=edge.clock)
    found = texts(edge, *(Request(f"http://worker.example/{group}") for group in probed.groups))
    return {group: json.loads(text) for group, text in zip(probed.groups, found, strict=True)}


@pytest.fixture(scope="module")
def results(workerd_of_module: Path) -> Callable[[Probed], tuple[Results, Results]]:
    """What probes give in workerd alone and through edgeday; each worker runs once."""
    return cache(
        lambda probed: (alone(workerd_of_module, probed), through_edgeday(workerd_of_module, probed))
    )


@pytest.mark.parametrize(("group", "name"), named(GROUPS))
def test_a_worker_observes_what_it_does_in_workerd(
    group: str, name: str, results: Callable[[Probed], tuple[Results, Results]]
) -> None:
    expected, found = results(PLAIN)
    assert (found[group][name] == expected[group][name]) is (f"{group}: {name}" not in DIFFERENT)


@pytest.mark.parametrize(("group", "name"), named(["node"]))
@pytest.mark.parametrize("probed", [NODE, NODE_TIMERS], ids=["timers are numbers", "timers are objects"])
def test_a_worker_under_nodejs_compat_does_too(
    probed: Probed, group: str, name: str, results: Callable[[Probed], tuple[Results, Results]]
) -> None:
    expected, found = results(probed)
    assert found[group][name] == expected[group][name]
