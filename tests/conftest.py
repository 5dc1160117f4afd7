"""Fixtures of the whole suite: a clock, the stores, an edge on each of them, the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgeday.clock import VirtualClock
from edgeday.commands.cli import main
from edgeday.runtime.edge import Edge
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import Store
from edgeday.storage.sqlite import SqliteStore
from tests.hosting.javascript.conftest import workerd, workerd_of_module, wrangler  # noqa: F401

START = "2026-03-01T12:00:00Z"


JAVASCRIPT_TOOLS = ("workerd", "wrangler")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever has the mark of a JavaScript tool gets its fixture, and the other way round."""
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        for tool in JAVASCRIPT_TOOLS:
            if {tool, f"{tool}_of_module"} & set(fixtures):
                item.add_marker(tool)
            elif item.get_closest_marker(tool) is not None:
                fixtures.insert(0, tool)


async def _memory(_directory: Path) -> Store:
    return MemoryStore()


async def _sqlite(directory: Path) -> Store:
    return await SqliteStore.open(directory / "state.sqlite")


STORES: dict[str, Callable[[Path], Awaitable[Store]]] = {"memory": _memory, "sqlite": _sqlite}
"""Every store there is, by name: how to open a new one in a directory."""


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A new store of each kind."""
    opened = await STORES[request.param](tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def edge(clock: VirtualClock, store: Store) -> Edge:
    """An account with one KV binding, `kv`."""
    return Edge(clock=clock, store=store, namespaces={"kv": "namespace-1"})


@pytest.fixture
def kv(edge):
    return edge.env.kv


@pytest.fixture
def caches(edge):
    return edge.caches


@pytest.fixture
def edgeday():
    """Run the command in this process, on a terminal of 80 columns; gives exit code, output and errors."""

    def run(*arguments):
        return CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"}).invoke(main, [str(one) for one in arguments])

    return run


@pytest.fixture
def edgeday_process(tmp_path):
    """Run the installed command as a process of its own, in a directory with whatever the test put there."""

    def run(*arguments, stdout=subprocess.PIPE, **environment):
        return subprocess.run(
            [Path(sys.executable).with_name("edgeday"), *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "80", **environment},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def forgotten_workers(tmp_path, monkeypatch):
    """What a test imports from its own directory is forgotten after it: another may have such a file too."""
    monkeypatch.setattr("edgeday.runtime.entry._folders", [])
    yield
    for name, module in [*sys.modules.items()]:
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
