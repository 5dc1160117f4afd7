"""Invocations that run side by side in one isolate: each operation belongs to the one whose code asked for
it, and happens at the instant when that was."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeday.events import InvocationStarted, Operation
from edgeday.hosting.javascript.host import JavaScriptWorker
from edgeday.production.settings import ProductionSettings
from edgeday.web.messages import Request
from tests.hosting.javascript.workers import START_MS, edge_with, in_virtual_time, texts, worker_of

pytestmark = pytest.mark.workerd

WORKER = """
const shared = new Map();
const callbacks = [];
const share = async (env, name, ms) => { await scheduler.wait(ms); await env.KV.get(name); };
const steps = {
  wait: (env, name, key, ms) => scheduler.wait(ms),
  kv: (env, name) => env.KV.get(name),
  share(env, name, key, ms) {
    if (!shared.has(key)) shared.set(key, share(env, name, ms));
    return shared.get(key);
  },
  then: (env, name, key) => shared.get(key)?.then(() => env.KV.get(name)),
  all: () => Promise.all(shared.values()),
  race: (env, name, key, ms) => Promise.race([...shared.values(), scheduler.wait(ms)]),
  wait_for_another: (env, name, key, ms) =>
    new Promise((resolve) => { callbacks.push(resolve); setTimeout(resolve, ms); }),
  wake_others() { for (const resolve of callbacks.splice(0)) resolve(); },
};
export default {
  async fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    const name = pathname.slice(1);
    for (const [step, key, ms] of JSON.parse(decodeURIComponent(search.slice(1)))) {
      await steps[step](env, name, key, ms);
    }
    const end = Date.now();
    await env.KV.get(name);
    return new Response(String(end));
  },
};
"""
NAMES = ["wait", "kv", "share", "share", "then", "all", "race", "wait_for_another", "wake_others"]
Step = tuple[str, str, int]


class Plan(NamedTuple):
    at_ms: int
    steps: list[Step]


steps = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from("xyz"), st.sampled_from([0, 1, 5, 10, 1000])),
    max_size=6,
)
plans = st.lists(st.builds(Plan, st.sampled_from([0, 0, 1, 5, 10]), steps), min_size=2, max_size=5)


@pytest.fixture(scope="module")
def worker(workerd_of_module: Path) -> type[JavaScriptWorker]:
    return worker_of(workerd_of_module, WORKER)


@settings(max_examples=200, deadline=None)
@given(plans)
def test_operations_belong_to_the_invocation_that_asks_and_happen_when_it_does(
    worker: type[JavaScriptWorker], plans: list[Plan]
) -> None:
    edge = edge_with(worker)
    names: dict[int, str] = {}
    edge.events.subscribe(
        InvocationStarted, lambda one: names.__setitem__(one.invocation, one.route.removeprefix("GET /"))
    )
    reads: list[Operation] = []
    edge.events.subscribe(Operation, reads.append)
    ended: dict[str, tuple[str, int]] = {}

    async def run(name: str, plan: Plan) -> None:
        await asyncio.sleep(plan.at_ms / 1000)
        url = f"https://worker.example/{name}?{quote(json.dumps(plan.steps))}"
        response = await edge.dispatch(Request(url))
        ended[name] = (await response.text(), edge.clock.now_ms())

    async def all_of_them() -> None:
        await asyncio.gather(*(run(f"p{number}", plan) for number, plan in enumerate(plans)))

    in_virtual_time(edge, all_of_them())
    assert [names[read.invocation] for read in reads] == [read.key for read in reads]
    assert ended == {name: (str(at), at) for name, (_, at) in ended.items()}


TOGETHER = """
export default {
  async fetch(request, env) {
    const reads = ["a", "b", "c"].map((key) => env.KV.get(key).then(() => Date.now()));
    const caches_too = caches.default.match("https://cache.example/x").then(() => Date.now());
    return Response.json(await Promise.all([...reads, caches_too]));
  },
};
"""


def test_operations_that_are_asked_for_together_wait_at_the_same_time(workerd: Path) -> None:
    latency = {"kv_get": {"kind": "fixed", "value": 100}, "cache_match": {"kind": "fixed", "value": 30}}
    production = ProductionSettings.model_validate({"latency": latency})
    edge = edge_with(worker_of(workerd, TOGETHER), production=production)
    ended_ms = json.loads(texts(edge, "/")[0])
    assert [at - START_MS for at in ended_ms] == [100, 100, 100, 30]
