"""Python Workers written by a test, and accounts that run them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from edgeday.clock import VirtualClock
from edgeday.hosting.python_workers.host import HostedWorker, host_worker
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Request

Host = Callable[..., type[HostedWorker]]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """Hosts a worker of a source text; `files` are written beside it."""

    def make(source: str, *, date: str = "2026-08-01", **options: Any) -> type[HostedWorker]:
        files = options.pop("files", {})
        for name, text in {"entry.py": source, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text))
        return host_worker(tmp_path / "entry.py", date=date, root=tmp_path, **options)

    return make


@pytest.fixture
def account() -> Callable[..., Edge]:
    """An account on a virtual clock that runs a worker; its binding is KV."""

    def make(worker: type, **options: Any) -> Edge:
        options.setdefault("switches", Switches(key_write_rate="off"))
        clock = VirtualClock("2026-03-01T12:00:00Z")
        return Edge(worker=worker, namespaces={"KV": "namespace-1"}, clock=clock, **options)

    return make


async def ask(edge: Edge, url: str = "https://a.example/", **request: Any) -> tuple[int, str]:
    """The status and text that an account's worker answers."""
    response = await edge.dispatch(Request(url, **request))
    return response.status, await response.text()
