"""JavaScript workers on an edge of their own, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgeday.clock import VirtualClock
from edgeday.hosting.javascript.bundles import Bundle, Form, Module
from edgeday.hosting.javascript.host import JavaScriptWorker, host_javascript
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request, Response

START_MS = 1_771_200_000_000
"""2026-02-16T00:00:00Z, the first instant of these edges."""
DATE = "2026-02-01"
"""The compatibility date of these workers."""
_KINDS = {"modules": "esModule", "service-worker": "serviceWorkerScript"}


def worker_of(
    workerd: Path,
    source: str,
    *,
    form: Form = "modules",
    date: str = DATE,
    flags: Sequence[str] = (),
    **options: Any,
) -> type[JavaScriptWorker]:
    """The class of a worker with this source and a KV binding `KV`."""
    bundle = Bundle(
        "worker.js",
        form,
        (Module("worker.js", _KINDS[form], source.encode()),),
        date=date,
        flags=tuple(flags),
    )
    return host_javascript(bundle, workerd, namespaces=["KV"], **options)


def edge_with(worker: type, **options: Any) -> Edge:
    """An edge that runs it, at the first instant of 2026-02-16."""
    given = {"clock": VirtualClock("2026-02-16T00:00:00Z"), "namespaces": {"KV": "kv"}, **options}
    return Edge(worker=worker, **given)


def responses(edge: Edge, *requests: Request | str) -> list[Response]:
    """What an edge answers to requests (or paths) that come one after the other, each read to its end."""
    got: list[Response] = []

    async def all_of_them() -> None:
        for request in requests:
            if isinstance(request, str):
                request = Request(f"https://worker.example{request}")
            response = await edge.dispatch(request)
            body = await response.bytes() if response.body is not None else None
            got.append(
                Response.received(
                    response.status, response.status_text, tuple(response.headers.fields()), body
                )
            )
            await edge.drain()

    in_virtual_time(edge, all_of_them())
    return got


def texts(edge: Edge, *requests: Request | str) -> list[str]:
    """The bodies of `responses`."""

    async def read(response: Response) -> str:
        return await response.text()

    return [asyncio.run(read(response)) for response in responses(edge, *requests)]


def answer(workerd: Path, source: str, **options: Any) -> str:
    """The body of what a worker answers to one request."""
    return texts(edge_with(worker_of(workerd, source, **options)), "/")[0]


def in_virtual_time(edge: Edge, work: Any) -> None:
    """Run a coroutine to its end, in the edge's time."""
    assert isinstance(edge.clock, VirtualClock)
    run_virtual(edge.clock, work)
