"""KV and caches as JavaScript sees them, beside the runtime's own: the same calls with and without the shim.

What is not compared: traps of a Proxy for options other than `get` (the host reports unknown options, so
their names are asked for); an array of keys that is a Proxy, which the runtime takes for a string; metadata
that JSON has no form for, which the runtime sends as "undefined"; URLs of other schemes, and cf.cacheTtl for
`match` and `delete`, which this runtime hands on and the recorded one refused; Content-Encoding.
Cloudflare runs the newest version, so the
shim follows that, whichever is installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.hosting.javascript.binary import version_of
from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.host import host_javascript
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request
from tests.conformance.runner import START_S, UNLIMITED

from .bare import bare_worker

pytestmark = pytest.mark.workerd

DATE = "2026-04-01"
COMPARED_FROM = "2026-11"
MODULES = {name: (Path(__file__).parent / name).read_bytes() for name in ("fuzz.js", "shapes.js")}
CALLS = 40
Ask = Callable[[str], str]


def _edge(worker: type | None = None) -> Edge:
    return Edge(
        clock=VirtualClock(START_S), switches=UNLIMITED, namespaces={"KV": "namespace"}, worker=worker
    )


@pytest.fixture(scope="module")
def with_shim(workerd_of_module: Path) -> tuple[Edge, Ask]:
    """The worker on an edge."""
    modules = tuple(Module(name, "esModule", body) for name, body in MODULES.items())
    bundle = Bundle("fuzz.js", "modules", modules, date=DATE)
    edge = _edge(host_javascript(bundle, workerd_of_module, namespaces=["KV"]))

    def ask(message: str) -> str:
        got = []

        async def dispatch() -> None:
            response = await edge.dispatch(Request("https://worker.example/", method="POST", body=message))
            got.append(await response.text())
            await edge.drain()

        assert isinstance(edge.clock, VirtualClock)
        run_virtual(edge.clock, dispatch())
        return got[0]

    return edge, ask


@pytest.fixture(scope="module")
def without(workerd_of_module: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Edge, Ask]]:
    """The same worker in the runtime alone, on an account of its own."""
    version = version_of(workerd_of_module)
    if version < COMPARED_FROM:
        pytest.skip(f"workerd {version} is older than what the shim follows")
    edge = _edge()
    with bare_worker(workerd_of_module, MODULES, edge, DATE, tmp_path_factory.mktemp("bare")) as ask:
        yield edge, ask


async def _empty(*edges: Edge) -> None:
    for edge in edges:
        await edge.store.reset()
        edge.caches.reset()


@pytest.mark.parametrize(("area", "programs"), [("shapes", 1), ("kv", 16), ("cache", 40)])
def test_a_call_is_seen_as_the_runtimes_own(
    area: str, programs: int, with_shim: tuple[Edge, Ask], without: tuple[Edge, Ask]
) -> None:
    (edge, ours), (bare_edge, theirs) = with_shim, without
    compared = 0
    for seed in range(programs):
        assert isinstance(edge.clock, VirtualClock)
        run_virtual(edge.clock, _empty(edge, bare_edge))
        message = json.dumps({"area": area, "seed": seed, "count": CALLS})
        found, wanted = json.loads(ours(message)), json.loads(theirs(message))
        assert found == wanted, f"seed {seed}"
        compared += len(wanted)
    assert compared >= 100
