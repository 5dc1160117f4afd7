"""Work of JavaScript that nothing waits for: cut off at the end of the request, and named by its line."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.events import CALL_FAILED, Diagnostic, InvocationEnded, Operation
from edgeday.hosting.javascript.bundles import Bundle, Module
from edgeday.hosting.javascript.host import host_javascript
from edgeday.invocation import Invocation
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual, sleep
from edgeday.web.messages import Request, Response

pytestmark = pytest.mark.workerd

PRELUDE = "const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));"


class Run:
    """A request whose handler has this body, and what came of it."""

    def __init__(self, workerd: Path, body: str) -> None:
        source = f"""{PRELUDE}
export default {{ async fetch(request, env, ctx) {{
{body}
return new Response("sent");
}} }};"""
        bundle = Bundle("worker.js", "modules", (Module("worker.js", "esModule", source.encode()),))
        worker = host_javascript(bundle, workerd, namespaces=["KV"])
        clock = VirtualClock("2026-02-16T00:00:00Z")
        origins = {"slow.example": _slow, "bad.example": _bad}
        edge = Edge(clock=clock, namespaces={"KV": "kv"}, worker=worker, outbound=origins)
        ends: list[InvocationEnded] = []
        diagnostics: list[Diagnostic] = []
        operations: list[Operation] = []
        edge.events.subscribe(InvocationEnded, ends.append)
        edge.events.subscribe(Diagnostic, diagnostics.append)
        edge.events.subscribe(Operation, operations.append)

        async def ask() -> None:
            await (await edge.dispatch(Request("https://worker.example/"))).text()
            await edge.drain()

        run_virtual(clock, ask())
        (self.end,) = ends
        diagnostics = [one for one in diagnostics if one.id != CALL_FAILED]  # which comes before
        self.said = [(one.id, one.place) for one in diagnostics]
        self.texts = [one.text for one in diagnostics]
        self.operations = [f"{one.op} {one.key}" for one in operations if one.service != "fetch"]
        self.fetched = [one.outcome for one in operations if one.service == "fetch"]
        self.waited = [one.reason for one in operations if one.service == "waitUntil"]


async def _slow(_: Request, __: Invocation) -> Response:
    await sleep(2)
    return Response("at last")


async def _bad(_: Request, __: Invocation) -> Response:
    raise OSError("the disk is full")


CUT_OFF = {
    "a put": ('env.KV.put("a", "b");', ["worker.js:3"]),
    "a put after another": ('env.KV.put("a", "b").then(() => env.KV.put("c", "d"));', ["worker.js:3"]),
    "a chain": ('(async () => { await env.KV.get("a");\nawait env.KV.put("c", "d"); })();', ["worker.js:3"]),
    "a stream": ('env.KV.put("a", new Response("b").body);', ["worker.js:3"]),
    "a cached response": (
        'caches.default.put("https://worker.example/a", new Response("b"));',
        ["worker.js:3"],
    ),
    "a fetch": ('fetch("https://slow.example/", { method: "POST", body: "x" });', ["worker.js:3"]),
    "work after a wait": ('\nsleep(1000).then(() => env.KV.put("a", "b"));', ["worker.js:4"]),
    "a timer": ('setTimeout(() => env.KV.put("a", "b"), 50);', ["worker.js:3"]),
    "an interval": ("setInterval(async () => { await save() }, 50);", ["worker.js:3"]),
    "two puts": ('env.KV.put("a", "b");\nenv.KV.put("c", "d");', ["worker.js:3", "worker.js:4"]),
    "what begins a little later": (
        'Promise.resolve().then(() => {}).then(() => env.KV.put("a", "b"));',
        ["worker.js:3"],
    ),
}
KEPT = {
    "awaited": 'await env.KV.put("a", "b");',
    "handed to waitUntil": 'ctx.waitUntil(env.KV.put("a", "b"));',
    "handed to waitUntil late": 'ctx.waitUntil(sleep(10).then(() => env.KV.put("a", "b")));',
    "a timer that waitUntil waits for": (
        'ctx.waitUntil(new Promise((r) => setTimeout(() => r(env.KV.put("a", "b")), 50)));'
    ),
    "done before the response": 'env.KV.put("a", "b"); await sleep(10);',
    "a timer that has run": 'setTimeout(() => env.KV.put("a", "b"), 5); await sleep(10);',
    "the time limit of a race": "await Promise.race([env.KV.get('a'), sleep(5000)]);",
    "the loser of a race": "await Promise.race([fetch('https://slow.example/'), sleep(100)]);",
    "the losers of any": "await Promise.any([fetch('https://slow.example/'), env.KV.get('a')]);",
    "a signal's time limit": "await fetch('https://slow.example/', { signal: AbortSignal.timeout(9000) });",
    "a controller's time limit": (
        "const c = new AbortController(); setTimeout(() => c.abort(), 9000);"
        "await fetch('https://slow.example/', { signal: c.signal });"
    ),
    "a time limit by hand": (
        "await new Promise((resolve, reject) => { setTimeout(() => reject(new Error('slow')), 9000);"
        "env.KV.get('a').then(resolve, reject); });"
    ),
    "a timer that was cleared": 'clearTimeout(setTimeout(() => env.KV.put("a", "b"), 50));',
    "what was aborted": (
        "const c = new AbortController();"
        "fetch('https://slow.example/', { signal: c.signal }).catch(() => {}); c.abort();"
    ),
}


@pytest.mark.parametrize(("body", "places"), CUT_OFF.values(), ids=CUT_OFF)
def test_work_that_nothing_waits_for_is_cut_off(workerd: Path, body: str, places: list[str]) -> None:
    run = Run(workerd, body)
    assert run.said == [("task-cut-off", place) for place in places]
    assert run.end.cut_off == len(places)
    assert all("ctx.waitUntil()" in text for text in run.texts)
    assert run.end.outcome == "ok"


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_work_that_is_waited_for_or_given_up_on_purpose_is_not_cut_off(workerd: Path, body: str) -> None:
    run = Run(workerd, body)
    assert (run.said, run.end.cut_off, run.end.outcome) == ([], 0, "ok")


def test_an_operation_that_was_issued_completes_and_nothing_follows_it(workerd: Path) -> None:
    run = Run(workerd, 'env.KV.put("a", "b").then(() => env.KV.put("c", "d"));')
    assert run.operations == ["put a"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('env.KV.put("a", "b");', "KV put"),
        ('env.KV.get(["a", "b"]);', "KV get"),
        ("env.KV.list();", "KV list"),
        ('caches.default.match("https://worker.example/a");', "cache match"),
        ('fetch("https://slow.example/");', "fetch"),
    ],
)
def test_an_operation_is_named_by_what_it_is(workerd: Path, body: str, named: str) -> None:
    (text,) = Run(workerd, body).texts
    assert text.startswith(f"nothing waits for the {named} that is asked for here: ")


def test_a_slow_operation_completes_after_the_response(workerd: Path) -> None:
    run = Run(workerd, 'fetch("https://slow.example/").then(() => env.KV.put("c", "d"));')
    assert run.operations == []
    assert run.end.at - run.end.started_at == 2
    assert run.end.cut_off == 1


def test_a_request_that_never_gets_an_answer_ends_with_that(workerd: Path) -> None:
    run = Run(workerd, "await new Promise(() => {});")
    assert (run.end.error, run.end.cut_off) == ("Error: The script will never generate a response.", 0)
    assert (run.said, run.waited, run.end.at) == ([], [], run.end.started_at)


def test_a_request_that_raises_loses_its_work_too(workerd: Path) -> None:
    run = Run(workerd, 'setTimeout(() => env.KV.put("a", "b"), 50);\nthrow new Error("no");')
    assert (run.end.outcome, run.end.cut_off) == ("exception", 1)
    assert run.said == [("task-cut-off", "worker.js:3")]


def test_wait_until_work_that_goes_on_for_too_long_has_its_line(workerd: Path) -> None:
    run = Run(
        workerd, '\nctx.waitUntil(new Promise((r) =>\nsetTimeout(() => r(env.KV.put("a", "b")), 60_000)));'
    )
    assert run.waited == ["1 task cancelled 30 s after the response, waiting at worker.js:4"]
    assert (run.said, run.end.cut_off, run.operations) == ([], 0, ["wait "])


RAISED = {
    "waitUntil": (
        'ctx.waitUntil(sleep(5).then(() => { throw new TypeError("late"); }));',
        ("wait-until-raised", "waitUntil work raised TypeError: late, which changes no response"),
    ),
    "waitUntil at once": (
        'ctx.waitUntil(Promise.reject(new TypeError("soon"))); await sleep(5);',
        ("wait-until-raised", "waitUntil work raised TypeError: soon, which changes no response"),
    ),
    "what an origin raises": (
        'ctx.waitUntil(sleep(5).then(() => fetch("https://bad.example/")));',
        (
            "wait-until-raised",
            "waitUntil work raised Error: the disk is full, which changes no response",
        ),
    ),
    "a promise": (
        '(async () => { throw new TypeError("alone"); })();',
        (
            "task-raised",
            "a promise that nothing handles was rejected: TypeError: alone, which changes no response",
        ),
    ),
    "what the platform refuses": (
        'ctx.waitUntil(env.KV.put("", "x"));',
        (
            "wait-until-raised",
            "waitUntil work raised TypeError: Key name cannot be empty., which changes no response",
        ),
    ),
}


@pytest.mark.parametrize(("body", "said"), RAISED.values(), ids=RAISED)
def test_what_is_raised_and_changes_no_response_has_its_line(
    workerd: Path, body: str, said: tuple[str, str]
) -> None:
    run = Run(workerd, body)
    assert run.said == [(said[0], "worker.js:3")]
    assert run.texts == [said[1]]
    assert run.end.outcome == "ok"


@pytest.mark.parametrize(
    "body",
    [
        '(async () => { throw new Error("x"); })().catch(() => {});',
        'await (async () => { return (async () => { throw new Error("x"); })(); })().catch(() => {});',
        'throw new Error("the handler is rejected at once");',
        'const p = env.KV.put("", "x"); await sleep(10); await p.catch(() => {});',
    ],
)
def test_a_promise_that_is_handled_is_not_told(workerd: Path, body: str) -> None:
    assert Run(workerd, body).said == []


def test_a_timer_that_raises_has_its_line(workerd: Path) -> None:
    run = Run(workerd, 'setTimeout(() => { throw new TypeError("tick"); }, 5); await sleep(10);')
    assert run.said == [("task-raised", "worker.js:3")]
    assert "TypeError: tick, which changes no response" in run.texts[0]


def test_a_fetch_that_is_given_up_at_the_instant_it_is_made_reaches_no_origin(workerd: Path) -> None:
    run = Run(
        workerd,
        """const c = new AbortController();
const made = fetch("https://slow.example/", { signal: c.signal }).catch(() => {});
await env.KV.get("a");
c.abort();
await made;""",
    )
    gc.collect()  # what was never begun would say so
    assert (run.fetched, run.said, run.operations) == ([], [], ["get a"])


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("ctx.waitUntil((async () => { await null; throw new Error('no soup'); })());", "worker.js:2"),
        ("ctx.waitUntil((async () => { await sleep(9); throw new Error('no soup'); })());", "worker.js:2"),
        ("ctx.waitUntil(env.KV.put('', 'x'));", "worker.js:2"),
        ("Promise.reject(new Error('nobody waits'));", ""),
    ],
    ids=["its own", "later", "the platform's", "work that nothing waits for"],
)
def test_wait_until_work_of_a_cron_that_raises_fails_the_cron(workerd: Path, body: str, place: str) -> None:
    source = f"{PRELUDE} export default {{ async scheduled(controller, env, ctx) {{\n{body} }} }};"
    bundle = Bundle("worker.js", "modules", (Module("worker.js", "esModule", source.encode()),))
    worker = host_javascript(bundle, workerd, namespaces=["KV"])
    clock = VirtualClock("2026-02-16T00:00:00Z")
    edge = Edge(clock=clock, namespaces={"KV": "kv"}, worker=worker)
    ends: list[InvocationEnded] = []
    edge.events.subscribe(InvocationEnded, ends.append)
    result = run_virtual(clock, edge.dispatch_scheduled("* * * * *"))
    assert result.outcome == ("exception" if place else "ok")
    assert [(one.outcome, one.place) for one in ends] == [(result.outcome, place)]
