"""Isolates of a JavaScript worker come when they are met, and go when nothing can meet them any more."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edgeday.events import Diagnostic, InvocationEnded, InvocationStarted, Operation
from edgeday.hosting.javascript.host import JavaScriptWorker
from edgeday.hosting.javascript.process import Process
from edgeday.production.settings import IsolateSettings, ProductionSettings
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import sleep
from edgeday.web.messages import Request
from tests.hosting.javascript.workers import edge_with, in_virtual_time, texts, worker_of

pytestmark = pytest.mark.workerd

COUNT = "let n = 0; export default { fetch: () => new Response(String(++n)) };"


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Nothing looks for garbage in cycles."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def living(worker: type[JavaScriptWorker]) -> int:
    """How many isolates of it there are that something has taken."""
    return len(worker._isolates._pool._living)


def processes(worker: type[JavaScriptWorker]) -> set[Process]:
    """The processes that these are in."""
    return {engine.process for engine in worker._isolates._pool._living}


def asked_every_second(edge: Edge, count: int) -> list[str]:
    """What an edge answers to requests that come one after the other."""
    answers = []

    async def ask() -> None:
        for _ in range(count):
            response = await edge.dispatch(Request("https://worker.example/"))
            answers.append(await response.text())
            await edge.drain()
            await sleep(1)

    in_virtual_time(edge, ask())
    return answers


def test_each_run_has_an_isolate_of_its_own(workerd: Path) -> None:
    worker = worker_of(workerd, COUNT)
    assert [texts(edge_with(worker), "/", "/") for _ in range(5)] == [["1", "2"]] * 5


@pytest.mark.usefixtures("no_collector")
def test_isolates_go_with_their_edge_or_when_it_begins_anew(workerd: Path) -> None:
    worker = worker_of(workerd, COUNT)
    for _ in range(20):
        edge = edge_with(worker)
        assert texts(edge, "/") == ["1"]
        assert living(worker) == 1
        edge.new_isolate()
        assert living(worker) == 0


@pytest.mark.usefixtures("no_collector")
def test_many_short_lives_need_few_processes(workerd: Path) -> None:
    worker = worker_of(workerd, COUNT)
    production = ProductionSettings(isolates=IsolateSettings(per_colo=2, life="5s"))
    edge = edge_with(worker, production=production)
    answers = asked_every_second(edge, 150)
    assert answers.count("1") > 30
    assert living(worker) == 2
    assert len(processes(worker)) <= 2


BUSY = """export default { async fetch(request, env, ctx) {
  const id = crypto.randomUUID();
  await Promise.all([env.KV.put(id, "x"), env.KV.get("a"), caches.default.match("https://a.example/" + id)]);
  await new Promise((resolve) => setTimeout(resolve, 100 * Math.random()));
  ctx.waitUntil(env.KV.put("last", id));
  return new Response(id);
} };"""


def everything_of(worker: type[JavaScriptWorker], **options: Any) -> list[Any]:
    """The answers of a run, and all that happens in it."""
    edge = edge_with(worker, **options)
    seen: list[Any] = []
    for kind in (Operation, InvocationStarted, InvocationEnded, Diagnostic):
        edge.events.subscribe(kind, seen.append)
    return [*asked_every_second(edge, 20), *seen]


def test_runs_and_layouts_of_isolates_give_the_same_events(workerd: Path) -> None:
    worker = worker_of(workerd, BUSY)
    layouts = [
        ProductionSettings(isolates=IsolateSettings(per_colo=per_colo, life=life))
        for per_colo, life in ((1, "1h"), (2, "1h"), (3, "2s"))
    ]
    first = everything_of(worker, production=layouts[0])
    assert len(first) > 100
    for layout in layouts:
        assert everything_of(worker, production=layout) == first
    assert everything_of(worker_of(workerd, BUSY), production=layouts[0]) == first
    assert everything_of(worker, production=layouts[0], seed=1) != first
