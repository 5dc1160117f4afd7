"""The forms that a JavaScript worker's handlers have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edgeday.events import InvocationEnded
from edgeday.invocation import Invocation
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Request, Response
from tests.hosting.javascript.workers import answer, edge_with, in_virtual_time, texts, worker_of

pytestmark = pytest.mark.workerd

ENTRYPOINT = 'import { WorkerEntrypoint } from "cloudflare:workers";'


def module(fetch: str) -> str:
    return f"export default {{ {fetch} }};"


def entrypoint(members: str, export: str = "default") -> str:
    name = "" if export == "default" else export
    default = "default " if export == "default" else ""
    return f"{ENTRYPOINT}\nexport {default}class {name} extends WorkerEntrypoint {{ {members} }}"


def ended(edge: Edge) -> list[InvocationEnded]:
    ends: list[InvocationEnded] = []
    edge.events.subscribe(InvocationEnded, ends.append)
    return ends


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (module("fetch: () => new Response('none')"), "none"),
        (module("fetch: (...args) => new Response(String(args.length))"), "3"),
        (module("fetch(request, env, ctx) { return new Response(typeof ctx.waitUntil); }"), "function"),
        (module("async fetch(request) { return new Response(request.method); }"), "GET"),
        (module("get fetch() { return () => new Response('getter'); }"), "getter"),
        (module("fetch: () => ({ then(resolve) { resolve(new Response('thenable')); } })"), "thenable"),
        (
            """class Shop { fetch() { return new Response(String(this instanceof Shop)); } }
            export default new Shop();""",
            "true",
        ),
        (entrypoint("fetch() { return new Response('class'); }"), "class"),
        (entrypoint("fetch() { return new Response(typeof this.env.KV.get); }"), "function"),
        (entrypoint("fetch() { return new Response(typeof this.ctx.waitUntil); }"), "function"),
    ],
)
def test_a_fetch_handler_may_have_any_form(workerd: Path, source: str, text: str) -> None:
    assert answer(workerd, source) == text


def test_a_named_entrypoint_is_run_by_its_name(workerd: Path) -> None:
    source = entrypoint("fetch() { return new Response('admin'); }", "Admin")
    source += module("fetch: () => new Response('default')")
    assert answer(workerd, source, entrypoint="Admin") == "admin"
    assert answer(workerd, source) == "default"


MISSING = "Error: Handler does not export a fetch() function."
NO_RESPONSE = "TypeError: Incorrect type for Promise: the Promise did not resolve to 'Response'."
USED = (
    "TypeError: Body has already been used. It can only be used once. Use tee() first if you need to read it "
    "twice."
)
ERROR_RESPONSE = (
    "TypeError: Return value from serve handler must not be an error response (like Response.error())"
)
WEBSOCKET = "Error: edgeday does not emulate WebSockets: a response cannot have one"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (module(""), MISSING),
        (module("fetch: 5"), MISSING),
        (entrypoint(""), MISSING),
        ("export default class { fetch() { return new Response('x'); } }", MISSING),
        (module("async fetch() { return 'text'; }"), NO_RESPONSE),
        (module("async fetch() {}"), NO_RESPONSE),
        (module("fetch: () => Response.error()"), ERROR_RESPONSE),
        (module("async fetch() { const r = new Response('x'); await r.text(); return r; }"), USED),
        (module("fetch() { throw 'text'; }"), "Error: text"),
        (module("fetch() { throw null; }"), "Error: null"),
        (module("fetch() { throw undefined; }"), "Error: undefined"),
        (
            module("fetch: () => new Response(null, { status: 101, webSocket: new WebSocketPair()[0] })"),
            WEBSOCKET,
        ),
    ],
)
def test_what_is_no_answer_is_an_exception(workerd: Path, source: str, error: str) -> None:
    edge = edge_with(worker_of(workerd, source))
    ends = ended(edge)
    assert texts(edge, "/") == ["error code: 1101"]
    assert [(end.outcome, end.error) for end in ends] == [("exception", error)]


CRONS = {
    "an object": module(
        "async scheduled(c, env) { await env.KV.put('seen', [c.cron, c.scheduledTime].join()); }"
    ),
    "a class": entrypoint(
        "async scheduled(c) { await this.env.KV.put('seen', [c.cron, c.scheduledTime].join()); }"
    ),
}


@pytest.mark.parametrize("form", CRONS)
def test_a_cron_is_told_its_expression_and_its_minute(workerd: Path, form: str) -> None:
    assert cron_of(workerd, CRONS[form]) == ("ok", False, "*/5 * * * *,1771200060000")


def test_a_cron_that_fails_may_ask_for_no_second_try(workerd: Path) -> None:
    source = module("scheduled(c) { c.noRetry(); throw new RangeError('boom'); }")
    assert cron_of(workerd, source) == ("exception", True, None)


def test_a_cron_goes_on_with_wait_until(workerd: Path) -> None:
    source = module("""scheduled(c, env, ctx) {
        ctx.waitUntil(scheduler.wait(60000).then(() => env.KV.put('seen', String(Date.now()))));
      }""")
    assert cron_of(workerd, source) == ("ok", False, "1771200060000")


def test_a_script_hears_its_cron(workerd: Path) -> None:
    source = """addEventListener("scheduled", (event) => {
        event.waitUntil(KV.put("seen", [event.type, event.cron, event.scheduledTime].join()));
      });"""
    found = cron_of(workerd, source, form="service-worker")
    assert found == ("ok", False, "scheduled,*/5 * * * *,1771200060000")


def cron_of(workerd: Path, source: str, **options: Any) -> tuple[str, bool, str | None]:
    """How a cron ends, and what it has left under the key `seen`."""
    edge = edge_with(worker_of(workerd, source, **options))
    found: list[Any] = []

    async def run() -> None:
        outcome = await edge.dispatch_scheduled("*/5 * * * *", scheduled_at=1771200060)
        await edge.drain()
        found.extend((outcome.outcome, outcome.no_retry, await edge.env.KV.get("seen")))

    in_virtual_time(edge, run())
    return found[0], found[1], found[2]


def test_handlers_that_nothing_calls_are_warned_of(workerd: Path) -> None:
    source = """import { DurableObject } from "cloudflare:workers";
        export class Counter extends DurableObject {}
        export default { fetch: () => new Response("x"), queue() {}, email() {} };"""
    assert worker_of(workerd, source).warnings == (
        "edgeday does not emulate the handler queue: nothing calls it",
        "edgeday does not emulate the handler email: nothing calls it",
        "edgeday does not emulate Durable Objects: nothing runs class Counter",
    )


def on_fetch(body: str) -> str:
    return f'addEventListener("fetch", (event) => {{ {body} }});'


HEARD = 'event.respondWith(new Response("heard"));'
LISTENERS = {
    "respondWith": on_fetch(HEARD),
    "of a promise": on_fetch('event.respondWith((async () => new Response("heard"))());'),
    "an object": f'addEventListener("fetch", {{ handleEvent(event) {{ {HEARD} }} }});',
    "the second": on_fetch("") + on_fetch(HEARD),
    "the first": on_fetch(HEARD) + on_fetch('event.respondWith(new Response("no"));'),
    "nobody": on_fetch(""),
    "too late": on_fetch(f"setTimeout(() => {{ {HEARD} }}, 5);"),
    "removed": f"""const listener = (event) => {{ {HEARD} }};
        addEventListener("fetch", listener);
        removeEventListener("fetch", listener);""",
    "in sloppy mode": on_fetch("undeclared = 1;" + HEARD),
    "twice": on_fetch(
        HEARD + "try { event.respondWith(new Response('no')); }"
        "catch (error) { if (error.name !== 'InvalidStateError') throw error; }"
    ),
    "its members": """addEventListener("fetch", function (event) {
        const isOne = event instanceof FetchEvent && event.target === self && this === self;
        const names = Object.keys(event).sort().join();
        event.respondWith(new Response(isOne && names === "actorState,request" ? "heard" : names));
      });""",
}


@pytest.mark.parametrize("name", LISTENERS)
def test_a_script_answers_what_it_listens_for_and_the_origin_all_else(workerd: Path, name: str) -> None:
    async def origin(_request: Request, _invocation: Invocation) -> Response:
        return Response("origin")

    worker = worker_of(workerd, LISTENERS[name], form="service-worker")
    expected = "origin" if name in {"nobody", "too late", "removed"} else "heard"
    assert texts(edge_with(worker, outbound={"worker.example": origin}), "/") == [expected]


def test_a_listener_that_throws_is_an_exception_even_after_it_has_answered(workerd: Path) -> None:
    source = on_fetch(HEARD + 'throw new RangeError("boom");')
    edge = edge_with(worker_of(workerd, source, form="service-worker"))
    ends = ended(edge)
    assert texts(edge, "/") == ["error code: 1101"]
    assert [end.error for end in ends] == ["RangeError: boom"]
