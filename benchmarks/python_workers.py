"""What hosting costs: a Python Worker on Cloudflare's SDK beside a plain class that does the same.

    python -m benchmarks.python_workers

The worker's modules are held, as they are in a replay. The SDK's own work for each call is part of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measure import paired, show
from edgeday.hosting.python_workers.host import host_worker
from edgeday.hosting.python_workers.modules import held
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Request, Response

_SOURCE = """
from workers import Response, WorkerEntrypoint


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        kv, path = self.env.KV, request.url
        if path.endswith("/hello"):
            return Response("Hello")
        for _ in range(100):
            if path.endswith("/get"):
                await kv.get("key:1")
            elif path.endswith("/put"):
                await kv.put("key:1", "value", expirationTtl=3600, metadata={"by": "ana"})
            else:
                await kv.getWithMetadata("key:1")
        return Response("done")
"""
_SWITCHES = Switches(key_write_rate="off", subrequests="off")
_REQUEST_GOAL = 3.0
_GET_GOAL = 2.0


class Plain:
    """The same worker as a class of its own."""

    env: Any

    async def fetch(self, request: Request) -> Response:
        kv, path = self.env.KV, request.url
        if path.endswith("/hello"):
            return Response("Hello")
        for _ in range(100):
            if path.endswith("/get"):
                await kv.get("key:1")
            elif path.endswith("/put"):
                await kv.put("key:1", "value", expirationTtl=3600, metadata={"by": "ana"})
            else:
                await kv.getWithMetadata("key:1")
        return Response("done")


def asking(edge: Edge, path: str, count: int) -> Callable[[], object]:
    """Send so many requests, one after the other."""

    async def ask() -> None:
        for _ in range(count):
            await edge.dispatch(Request(f"https://a.example{path}"))

    def run() -> None:
        with held():
            asyncio.run(ask())

    return run


def main() -> None:
    with TemporaryDirectory() as folder:
        entry = Path(folder, "benchmark_worker.py")
        entry.write_text(_SOURCE, "utf-8")
        hosted = host_worker(entry, date="2026-08-01", root=entry.parent)
        workers: dict[str, type] = {"plain class": Plain, "Python Worker": hosted}
        edges = {
            name: Edge(namespaces={"KV": "1"}, worker=worker, account="paid", switches=_SWITCHES)
            for name, worker in workers.items()
        }
        for title, path, count, goal in (
            ("3,000 requests", "/hello", 3_000, _REQUEST_GOAL),
            ("2,000 KV gets", "/get", 20, _GET_GOAL),
            ("2,000 KV gets with metadata", "/meta", 20, None),
            ("2,000 KV puts with options", "/put", 20, None),
        ):
            medians = paired({name: asking(edge, path, count) for name, edge in edges.items()})
            show(title, medians, "plain class", goal)


if __name__ == "__main__":
    main()
