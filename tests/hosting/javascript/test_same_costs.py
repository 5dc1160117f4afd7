"""The same programs of calls from JavaScript and from Python: the same answers, events and refusals."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edgeday.clock import VirtualClock
from edgeday.errors import PlatformError
from edgeday.events import Cause, Operation
from edgeday.ledger import Op
from edgeday.production.settings import EvictionSettings, Fault, LatencySettings, ProductionSettings
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web import Request, Response, caches

from .workers import worker_of

pytestmark = pytest.mark.workerd

MORNING, EVENING = "2026-02-16T08:00:00Z", "2026-02-16T23:59:40Z"
"""In the evening the quotas begin anew after the third request."""
COLOS = ("SOF", "FRA")
HARSH = ProductionSettings(
    propagation=True,
    latency=LatencySettings(),
    eviction=EvictionSettings(per_hour=0.9),
    list_tombstones=True,
    faults=[
        Fault(service="kv", at="+0s", lasts="1h", share=0.2, status=500),
        Fault(service="cache", at="+0s", lasts="1h", share=0.2),
    ],
)
Step = tuple[str, list[Any]]

SOURCE = """
const kv = ["get", "getWithMetadata", "put", "delete", "list"];
const shown = async (found) => {
  if (found instanceof Map) return [...found];
  if (found instanceof Response) return [found.status, [...found.headers], await found.text()];
  return found ?? null;
};
const step = async (env, [op, args]) => {
  if (kv.includes(op)) return env.KV[op](...args);
  const [name, url, { body, ...init }] = args;
  const cache = name === null ? caches.default : await caches.open(name);
  if (op === "cache.put") return cache.put(url, new Response(body, init));
  return cache[op.slice(6)](new Request(url, init), init);
};
export default {
  async fetch(request, env) {
    const lines = [];
    for (const one of await request.json()) {
      try { lines.push(await shown(await step(env, one))); }
      catch ({ name, message }) { lines.push(`${name}: ${message}`); }
    }
    return Response.json(lines);
  },
};
"""


class PythonFace:
    """The same worker in Python."""

    def __init__(self, _ctx: Any, env: Any) -> None:
        self.env = env

    async def fetch(self, request: Request) -> Response:
        lines = []
        for op, args in await request.json():
            try:
                lines.append(await self._shown(await self._step(op, args)))
            except PlatformError as error:
                lines.append(f"{error.name}: {error.message}")
        return Response.from_json(lines)

    async def _step(self, op: str, args: list[Any]) -> Any:
        if not op.startswith("cache."):
            return await getattr(self.env.KV, op)(*args)
        name, url, given = args
        cache = caches.default if name is None else await caches.open(name)
        if op == "cache.put":
            response = Response(given["body"], status=given["status"], headers=given["headers"])
            return await cache.put(url, response)
        request = Request(url, method=given["method"], headers=given["headers"])
        return await getattr(cache, op[6:])(request, {"ignoreMethod": given["ignoreMethod"]})

    async def _shown(self, found: Any) -> Any:
        if isinstance(found, Response):
            return [found.status, [list(field) for field in found.headers.fields()], await found.text()]
        return found


def program(draw: Random, length: int) -> list[Step]:
    """Random calls."""

    def key() -> str:
        return draw.choice(["a", "b", "ключ", "user:1", "x" * 513, ""])

    def put() -> list[Any]:
        options = {
            "expirationTtl": draw.choice([59, 60, 3600]),
            "metadata": draw.choice([{"n": 1}, "text", "x" * 1024]),
        }
        given = {name: value for name, value in options.items() if draw.random() < 0.4}
        return [key(), draw.choice(["", "value", "знач", '{"a":[1,2.5]}']), given]

    def read() -> list[Any]:
        keys = [draw.choice(["a", "b", "ключ"]) for _ in range(draw.randint(1, 4))]
        named = keys if draw.random() < 0.3 else key()
        return [named, draw.choice(["text", "json", {"type": "text", "cacheTtl": draw.choice([29, 60])}])]

    def cached(op: str) -> list[Any]:
        name = draw.choice([None, None, "named"])
        url = draw.choice(["https://e.com/a", "https://e.com/b?x=1", "https://e.com/c#f"])
        method = draw.choice(["GET", "GET", "GET", "POST"])
        if op != "cache.put":
            headers = draw.choice([{}, {"if-none-match": '"e"'}, {"range": "bytes=0-1"}])
            return [name, url, {"method": method, "headers": headers, "ignoreMethod": draw.random() < 0.5}]
        fields = draw.choice(
            [{"cache-control": "max-age=60", "etag": '"e"'}, {"cache-control": "no-store"}, {}]
        )
        return [name, url, {"body": "body", "status": draw.choice([200, 404, 500]), "headers": fields}]

    makers: dict[str, Any] = {
        "put": put,
        "get": read,
        "getWithMetadata": read,
        "delete": lambda: [key()],
        "list": lambda: [{"prefix": draw.choice(["", "a", "user:"]), "limit": draw.choice([1, 1000, 1001])}],
        "cache.put": lambda: cached("cache.put"),
        "cache.match": lambda: cached("cache.match"),
        "cache.delete": lambda: cached("cache.delete"),
    }
    names = draw.choices([*makers], [4, 3, 2, 1, 1, 2, 2, 1], k=length)
    return [(name, makers[name]()) for name in names]


def run(
    worker: type,
    programs: Sequence[list[Step]],
    start: str = MORNING,
    production: ProductionSettings | None = None,
) -> tuple[list[Any], list[Operation], list[Any]]:
    """What the requests answer, the operations, and the day's use after each of them."""
    clock = VirtualClock(start)
    edge = Edge(clock=clock, namespaces={"KV": "namespace"}, worker=worker, production=production)
    operations: list[Operation] = []
    edge.events.subscribe(Operation, operations.append)
    answers: list[Any] = []
    spent: list[Any] = []

    async def requests() -> None:
        for number, steps in enumerate(programs):
            body = json.dumps(steps)
            request = Request("https://e.com/", method="POST", body=body)
            response = await edge.dispatch(request, colo=COLOS[number % 2])
            answers.append(await response.json())
            await edge.drain()
            spent.append([edge.ledger.usage(op) for op in Op])
            clock.advance(seconds=0.4 if number % 3 else 7)

    run_virtual(clock, requests())
    return answers, operations, spent


def as_one(value: Any) -> Any:
    """A bulk get is a Map in JavaScript, a dict in Python."""
    if isinstance(value, list) and value and all(isinstance(row, list) and len(row) == 2 for row in value):
        return {json.dumps(name): found for name, found in value}
    return {json.dumps(k): v for k, v in value.items()} if isinstance(value, dict) else value


@pytest.fixture(scope="module")
def javascript(workerd_of_module: Path) -> type:
    return worker_of(workerd_of_module, SOURCE)


@pytest.mark.parametrize("production", [None, HARSH], ids=["plain", "harsh"])
@pytest.mark.parametrize("seed", range(4))
def test_random_programs_leave_the_same_events_from_both_languages(
    javascript: type, seed: int, production: ProductionSettings | None
) -> None:
    draw = Random(seed)
    programs = [program(draw, length) for length in (5, 40, 5, 220, 40, 20)]
    answers, operations, spent = run(javascript, programs, EVENING, production)
    in_python, expected, spent_in_python = run(PythonFace, programs, EVENING, production)
    assert operations == expected
    assert spent == spent_in_python
    assert [[*map(as_one, lines)] for lines in answers] == [[*map(as_one, lines)] for lines in in_python]
    outcomes = Counter((operation.service, operation.outcome) for operation in operations)
    assert {("kv", "error"), ("kv", "stored"), ("cache", "hit"), ("cache", "refused")} <= {*outcomes}
    assert any(operation.cause is Cause.FAULT for operation in operations) is (production is not None)


def test_the_days_writes_end_at_the_same_call(javascript: type) -> None:
    puts: list[list[Step]] = [[("put", [f"k{n}-{m}", "v"]) for m in range(40)] for n in range(26)]
    answers, operations, spent = run(javascript, puts)
    in_python, expected, spent_in_python = run(PythonFace, puts)
    assert (answers, operations, spent) == (in_python, expected, spent_in_python)
    assert [operation.outcome for operation in operations[999:1001]] == ["stored", "refused"]
    assert answers[25][0].startswith("Error: KV put() limit exceeded for the day.")


def test_two_writes_of_a_key_within_a_second_are_one_too_many(javascript: type) -> None:
    steps: list[Step] = [("put", ["key", "1"]), ("put", ["key", "2"]), ("put", ["other", "3"])]
    answers, operations, _ = run(javascript, [steps])
    assert answers == [[None, "Error: KV PUT failed: 429 Too Many Requests", None]]
    assert [operation.cause.value for operation in operations] == ["", "key-rate", ""]
