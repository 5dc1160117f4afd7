"""The pytest plugin: an edge for each test, quota budgets, and scenario files as tests.

Fixtures: `edgeday_edge`, `edgeday_kv`, `edgeday_caches`, `edgeday_clock`, `edgeday_ledger`,
`edgeday_frozen_edge`, `edgeday_run`, and `quota_budget`. Where the ini option `edgeday_short_names` is true
they have their short names too: `edge`, `kv`, `caches`, `clock`, `ledger`, `frozen_edge`, `run`.
Markers: `edgeday(...)` for the test's account, `quota_budget(...)` for what the test may spend.
Scenario files below the paths of the ini option `edgeday_scenarios` are collected as tests.

pytest imports this module at every start, so it imports nothing of the emulator but small modules; an
edge and the replay are loaded when a test first asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from edgeday.clock import Clock, SystemClock, VirtualClock
from edgeday.pytest_plugin import short_names
from edgeday.pytest_plugin.quota import (
    Allowance,
    QuotaBudget,
    QuotaBudgetExceeded,
    counting,
    edge_budget,
    problem_with,
    report,
)
from edgeday.pytest_plugin.scenario_items import DEFAULT_GLOBS, ScenarioFile, is_scenario
from edgeday.pytest_plugin.settings import settings_of

if TYPE_CHECKING:
    from edgeday.cache.storage import CacheStorage
    from edgeday.kv.namespace import KVNamespace
    from edgeday.ledger import Ledger
    from edgeday.runtime.edge import Edge

__all__ = ["QuotaBudgetExceeded", "edge_budget"]

T = TypeVar("T")

_MARKERS = {
    "edgeday(account, start, namespaces, limits, worker, vars, stubs, outbound, colo, seed, "
    "platform, strict_worker)": ("the account that the fixtures of edgeday give this test"),
    "quota_budget(reads, writes, deletes, lists, refused, cache_operations, subrequests)": (
        "fail the test if its edge is asked for more"
    ),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(
        "edgeday_scenarios",
        "globs of scenario files, relative to the root directory, that are collected as tests",
        type="args",
        default=list(DEFAULT_GLOBS),
    )
    parser.addini(
        "edgeday_short_names",
        "whether the fixtures have short names too: edge, kv, caches, clock, ledger, frozen_edge, run",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker, meaning in _MARKERS.items():
        config.addinivalue_line("markers", f"{marker}: {meaning}.")
    if config.getini("edgeday_short_names"):
        config.pluginmanager.register(short_names, "edgeday-short-names")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    if file_path.suffix in {".yaml", ".yml"} and is_scenario(file_path, parent):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("quota_budget"):
        problem = problem_with(marker.kwargs)
        if marker.args:
            problem = f"it takes names only, as in quota_budget(writes={marker.args[0]!r})"
        if not problem and "edgeday_edge" not in getattr(item, "fixturenames", ()):
            problem = (
                "it watches the test's edge, which nothing here asks for: add the fixture `edgeday_edge`, "
                "or one that is built on it (`edgeday_kv`, `edgeday_caches`, `edgeday_ledger`, ...)"
            )
        if problem:
            pytest.fail(f"@pytest.mark.quota_budget: {problem}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    allowed = [Allowance(**marker.kwargs) for marker in item.iter_markers("quota_budget")]
    if not allowed:
        return (yield)
    with counting(item.funcargs["edgeday_edge"]) as spent:  # type: ignore[attr-defined]
        result = yield
    exceeded = [text for one in allowed if (text := report(one, spent))]
    if exceeded:
        pytest.fail("\n".join(exceeded), pytrace=False)
    return result


@pytest.fixture
def edgeday_clock(request: pytest.FixtureRequest) -> Clock:
    """The edge's clock: it stands at the marker's `start` until the test moves it.

    In a test that asks for `edgeday_frozen_edge`, the system's clock, which freezegun moves.
    """
    if "edgeday_frozen_edge" in request.fixturenames:
        return SystemClock()
    return settings_of(request.node).virtual_clock()


@pytest.fixture
def edgeday_edge(request: pytest.FixtureRequest, edgeday_clock: Clock) -> Iterator[Edge]:
    """A whole account of its own: nothing stored, nothing spent, no isolate."""
    short = request.config.getini("edgeday_short_names")  # a project may have a `clock` of its own
    clock: Clock = request.getfixturevalue("clock") if short else edgeday_clock
    from edgeday.ambient import installed, load_freezegun
    from edgeday.runtime.entry import importable_from_here

    load_freezegun()
    with importable_from_here(), installed():
        edge = settings_of(request.node).edge(clock)
        _log_exceptions(edge)
        yield edge


def _log_exceptions(edge: Edge) -> None:
    """Have pytest show, where a test fails, what its worker raised."""
    import logging

    from edgeday.events import InvocationEnded

    log = logging.getLogger("edgeday.worker")

    def note(ended: InvocationEnded) -> None:
        if ended.outcome == "exception":
            log.error("%s: uncaught %s (error code 1101)\n%s", ended.route, ended.error, ended.trace)

    edge.events.subscribe(InvocationEnded, note)


@pytest.fixture
def edgeday_frozen_edge(edgeday_edge: Edge) -> Edge:
    """The test's edge, on the system's clock: `with freeze_time(..., real_asyncio=True)` moves it.

    `edgeday_kv`, `edgeday_caches` and `edgeday_ledger` are this edge's. Its account limits are those in
    force on the real day.
    """
    if isinstance(edgeday_edge.clock, VirtualClock):
        name = "edgeday_frozen_edge"
        pytest.fail(f"{name} has to be an argument of the test or of one of its fixtures", pytrace=False)
    return edgeday_edge


@pytest.fixture
def edgeday_kv(edgeday_edge: Edge) -> KVNamespace:
    """The edge's first KV binding."""
    binding: KVNamespace = getattr(edgeday_edge.env, next(iter(edgeday_edge.namespaces)))
    return binding


@pytest.fixture
def edgeday_caches(edgeday_edge: Edge) -> CacheStorage:
    """The edge's caches, in the data centre that its worker runs in."""
    return edgeday_edge.caches


@pytest.fixture
def edgeday_ledger(edgeday_edge: Edge) -> Ledger:
    """The edge's daily counters."""
    return edgeday_edge.ledger


@pytest.fixture
def quota_budget(edgeday_edge: Edge) -> Callable[..., QuotaBudget]:
    """`with quota_budget(writes=4): ...`, for this test's edge. See `edge_budget`."""
    return partial(edge_budget, edgeday_edge)


@pytest.fixture
def edgeday_run(edgeday_edge: Edge) -> Callable[..., Any]:
    """Run a coroutine from a synchronous test, in virtual time: sleeping moves the clock and takes none.

    run(coroutine, route=None) gives the coroutine's result, once the `waitUntil` work is done too. With a
    route ("GET /report") the coroutine runs inside an invocation, where worker code finds its global names.
    """

    def run_coroutine(coroutine: Coroutine[Any, Any, T], route: str | None = None) -> T:
        import asyncio

        from edgeday.runtime.hangs import supervised
        from edgeday.virtual_loop import run_virtual

        whole = supervised(edgeday_edge, _to_the_end(edgeday_edge, coroutine, route), bounded=False)
        if isinstance(edgeday_edge.clock, VirtualClock):
            return run_virtual(edgeday_edge.clock, whole)
        return asyncio.run(whole)

    return run_coroutine


async def _to_the_end(edge: Edge, coroutine: Coroutine[Any, Any, T], route: str | None) -> T:
    if route is None:
        result = await coroutine
    else:
        async with edge.invocation(route):
            result = await coroutine
    await edge.drain()
    if edge.misbehaved is not None:
        raise edge.misbehaved
    return result
