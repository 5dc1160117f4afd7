"""JavaScript that does not come to an end is ended, with the name of the invocation."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from edgeday.errors import WorkerMisbehaved
from edgeday.hosting.javascript.host import CannotHost
from tests.hosting.javascript.workers import edge_with, texts, worker_of

pytestmark = pytest.mark.workerd

RETURN = "return new Response('x');"
LATER = "await new Promise((resolve) => setTimeout(resolve, 5000));"


@pytest.mark.parametrize(
    "handler",
    [
        "fetch() { for (;;) {} }",
        "async fetch() { for (;;) await null; }",
        f"async fetch() {{ {LATER} for (;;) {{}} }}",
        "fetch: () => new Promise(() => setTimeout(() => { for (;;) {} }, 5000))",
        f"fetch(r, e, ctx) {{ ctx.waitUntil((async () => {{ {LATER} for (;;) {{}} }})()); {RETURN} }}",
        "async fetch(r, env) { await env.KV.get('key'); for (;;) {} }",
        f"fetch() {{ const tick = () => queueMicrotask(tick); tick(); {RETURN} }}",
    ],
)
def test_a_handler_without_an_end_is_named(workerd: Path, handler: str) -> None:
    worker = worker_of(workerd, f"export default {{ {handler} }};", limit_s=1)
    edge = edge_with(worker)
    with suppress(WorkerMisbehaved):  # it is raised unless the response was sent before
        texts(edge, "/spin")
    assert edge.misbehaved is not None
    assert "does not come to an end: it ran for 1 s" in str(edge.misbehaved)
    assert "GET /spin, invocation 1" in str(edge.misbehaved)


def test_the_next_run_in_the_process_is_as_if_nothing_had_been(workerd: Path) -> None:
    spins = "fetch(request) { while (request.url.endsWith('/spin')); return new Response('x') }"
    worker = worker_of(workerd, f"export default {{ {spins} }};", limit_s=1)
    with pytest.raises(WorkerMisbehaved):
        texts(edge_with(worker), "/spin")
    assert texts(edge_with(worker), "/") == ["x"]


def test_modules_without_an_end_cannot_be_hosted(workerd: Path) -> None:
    with pytest.raises(CannotHost, match=r"worker\.js: its code outside of handlers does not come to an end"):
        worker_of(workerd, "for (;;) {} export default {};", limit_s=0.5)


def test_recursion_without_an_end_is_the_workers_own_error(workerd: Path) -> None:
    recurs = "fetch() { const f = () => f() + 1; try { f() } catch (e) { return new Response(e.name) } }"
    assert texts(edge_with(worker_of(workerd, f"export default {{ {recurs} }};")), "/") == ["RangeError"]


def test_memory_without_an_end_is_named(workerd: Path) -> None:
    grows = "fetch() { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)) }"
    worker = worker_of(workerd, f"export default {{ {grows} }};")
    with pytest.raises(WorkerMisbehaved, match="memory") as raised:
        texts(edge_with(worker), "/grow")
    assert "GET /grow, invocation 1" in str(raised.value)
