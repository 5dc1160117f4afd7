"""What a JavaScript worker costs: CPU of edgeday and of workerd, together.

    EDGEDAY_WORKERD=.../bin/workerd python -m benchmarks.javascript

Start, memory of isolates, small requests, operations with values of 8 KB; and the same plans by the Python
port and by the original worker.js, if that is there (see tests/oracle/originals.py), and by Miniflare, if
Node and `node_modules` with it are there (EDGEDAY_MINIFLARE names that folder). Reads Linux's /proc.

The least of several rounds: on a machine that does other things too, all others say what those cost.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from edgeday.clock import VirtualClock
from edgeday.hosting.javascript.binary import NoWorkerd, find_workerd
from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.configuration import WorkerEnv
from edgeday.hosting.javascript.host import JavaScriptWorker, host_javascript
from edgeday.hosting.javascript.isolates import Engine, Pool
from edgeday.invocation import Invocation
from edgeday.limits import Switches
from edgeday.replay.gc_tuning import look_for_cycles_rarely
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web.json_text import stringify_utf8
from edgeday.web.messages import Request, Response
from tests.oracle.originals import path_of, why_missing
from worker_port import AiDietWorker
from worker_port.profile.ai_provider import answer_text

_SMALL = """export default { async fetch(request, env) {
  const { pathname } = new URL(request.url);
  if (pathname === "/put") for (let n = 0; n < 100; n++) await env.KV.put("key", "x".repeat(8192));
  if (pathname === "/get") for (let n = 0; n < 100; n++) await env.KV.get("key");
  return new Response("done");
} };"""
_SWITCHES = Switches(key_write_rate="off", subrequests="off")
_ROUNDS = 7
_PLANS = 10
_ISOLATES = 9
_OPERATION_GOAL_US, _START_GOAL_MS, _ISOLATE_GOAL_MB, _PORT_GOAL, _MINIFLARE_GOAL = 450, 150, 10, 7.0, 3.0
_CLIENT = {
    "name": "Мария", "email": "maria@example.com", "gender": "Жена", "age": 35, "height": 168, "weight": 74,
    "goal": "Отслабване", "lossKg": 5, "eatingHabits": ["Не закусвам"], "dietDislike": "", "dietLove": "ориз",
}  # fmt: skip
_ANSWER = stringify_utf8(
    {
        "choices": [
            {"message": {"content": answer_text(0, 0, 2500, "cyrillic")}, "finish_reason": "stop"},
        ]
    }
)


def bundle_of(body: bytes) -> Bundle:
    return Bundle("worker.js", "modules", (Module("worker.js", "esModule", body),), date="2024-01-01")


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    used = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            used += int((task / "schedstat").read_text().split()[0])
    return used / 1e9


def memory_mb(pid: int) -> float:
    """Memory that a process has for itself: the program's own, 40 MB of it, is shared by all of them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1000


def pid_of(worker: type[JavaScriptWorker]) -> int:
    """The process of the isolate that was started with the worker."""
    (engine,) = worker._isolates._pool._living
    return engine.process.pid


def least(run: Callable[[], object], pid: int = 0) -> tuple[float, float]:
    """Seconds of CPU, of this process and of another, and of time: the least of the rounds, after one that
    does not count."""
    rounds = []
    for _ in range(_ROUNDS + 1):
        cpu, start = time.process_time() + (cpu_s(pid) if pid else 0), time.perf_counter()
        run()
        taken = time.perf_counter() - start
        rounds.append((time.process_time() + (cpu_s(pid) if pid else 0) - cpu, taken))
    return min(one for one, _ in rounds[1:]), min(one for _, one in rounds[1:])


def dispatching(edge: Edge, count: int, request: Callable[[], Request]) -> Callable[[], object]:
    """Send so many requests, one after the other."""

    async def send() -> None:
        for _ in range(count):
            response = await edge.dispatch(request())
            if response.status != 200:
                raise SystemExit(f"answered with {response.status}: {await response.text()}")
            await response.bytes()
            await edge.drain()

    clock = edge.clock
    assert isinstance(clock, VirtualClock)

    def run() -> None:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):  # its console
            run_virtual(clock, send())

    return run


def say(title: str, value: float, unit: str, goal: float | None = None, *, at_least: bool = False) -> None:
    aim = "" if goal is None else f"   goal: at {'least' if at_least else 'most'} {goal:g}"
    print(f"  {title:<44} {value:9.1f} {unit}{aim}")


def small(workerd: Path) -> None:
    print("a small worker")
    bundle = bundle_of(_SMALL.encode())
    _, start = least(lambda: host_javascript(bundle, workerd, namespaces=["KV"]))
    say("start", start * 1000, "ms", _START_GOAL_MS)
    worker = host_javascript(bundle, workerd, namespaces=["KV"])
    edge = Edge(
        clock=VirtualClock("2026-02-16T00:00:00Z"),
        namespaces={"KV": "1"},
        worker=worker,
        account="paid",
        switches=_SWITCHES,
    )
    pid = pid_of(worker)
    for title, path, requests, each in (
        ("a request", "/hello", 200, 200),
        ("a put of 8 KB", "/put", 3, 300),
        ("a get of 8 KB", "/get", 3, 300),
    ):
        request = partial(Request, f"https://a.example{path}")
        cpu, _ = least(dispatching(edge, requests, request), pid)
        say(title, cpu / each * 1e6, "us of CPU", None if path == "/hello" else _OPERATION_GOAL_US)


def isolates(workerd: Path, body: bytes) -> None:
    print(f"isolates of a worker of {len(body) // 1000} KB")
    bundle = bundle_of(body)
    _, start = least(lambda: host_javascript(bundle, workerd, namespaces=["page_content"]))
    say("start", start * 1000, "ms", _START_GOAL_MS)
    pool = Pool(workerd, bundle, WorkerEnv(("page_content",), {}), 30)
    taken: list[Engine] = []
    memory = []
    for _ in range(_ISOLATES):
        engine = pool.take()
        engine.turn(0, {"t": "hello", "inv": 0, "now": 0})
        taken.append(engine)
        memory.append(sum(memory_mb(pid) for pid in {one.process.pid for one in taken}))
    say("memory of the first", memory[0], "MB")
    say(f"memory of each of the next {_ISOLATES - 1}", (memory[-1] - memory[0]) / (_ISOLATES - 1), "MB", 10)


async def _answered(request: Request, _: Invocation) -> Response:
    await request.bytes()
    return Response.received(200, "OK", (("content-type", "application/json"),), _ANSWER)


def plan_edge(worker: type, **variables: Any) -> Edge:
    return Edge(
        clock=VirtualClock("2026-02-16T00:00:00Z"),
        namespaces={"page_content": "1"},
        worker=worker,
        account="paid",
        switches=Switches(subrequests="observe"),
        vars={"OPENAI_API_KEY": "sk-stand-in", **variables},
        outbound={"*": _answered},
    )


def a_plan() -> Request:
    headers = {"Content-Type": "application/json"}
    return Request(
        "https://a.example/api/generate-plan", method="POST", headers=headers, body=stringify_utf8(_CLIENT)
    )


def plans(workerd: Path, body: bytes) -> None:
    print("the same plans")
    port, _ = least(dispatching(plan_edge(AiDietWorker, AI_LOG_VARIANT="hybrid"), _PLANS, a_plan))
    bundle = bundle_of(body)
    worker = host_javascript(
        bundle, workerd, namespaces=["page_content"], vars={"OPENAI_API_KEY": "sk-stand-in"}
    )
    cpu, wall = least(dispatching(plan_edge(worker), _PLANS, a_plan), pid_of(worker))
    say("by the Python port", port / _PLANS * 1000, "ms of CPU")
    say("by worker.js", cpu / _PLANS * 1000, "ms of CPU")
    say("worker.js beside the port", cpu / port, "times", _PORT_GOAL)
    say("by worker.js", wall / _PLANS * 1000, "ms")
    modules = Path(os.environ.get("EDGEDAY_MINIFLARE", ".javascript-test/node_modules"))
    if shutil.which("node") is None or not (modules / "miniflare").is_dir():
        print("  Miniflare: not there")
        return
    each = miniflare(modules.resolve())
    say("by Miniflare", each, "ms")
    say("edgeday is faster by", each / (wall / _PLANS * 1000), "times", _MINIFLARE_GOAL, at_least=True)


def miniflare(modules: Path) -> float:
    """Milliseconds of a plan in Miniflare."""
    with TemporaryDirectory() as folder:
        request, answer = Path(folder, "request.json"), Path(folder, "answer.json")
        request.write_bytes(stringify_utf8(_CLIENT))
        answer.write_bytes(_ANSWER)
        script = Path(__file__).with_name("miniflare_plans.mjs")
        command = ["node", *map(str, (script, modules, path_of("hybrid"), _PLANS, request, answer))]
        rounds = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            for _ in range(3)
        ]
    return min(float(each) for _, each in rounds)


def main() -> None:
    look_for_cycles_rarely()
    try:
        workerd = find_workerd(Path(".javascript-test")).path
    except NoWorkerd as missing:
        print(missing)
        return
    small(workerd)
    if reason := why_missing("hybrid"):
        print(reason)
        return
    body = path_of("hybrid").read_bytes()
    isolates(workerd, body)
    plans(workerd, body)


if __name__ == "__main__":
    main()
