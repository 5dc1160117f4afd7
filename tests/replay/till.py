"""A small shop with carts in KV and visitors in cookies, and short ways to replay a day of it."""

from __future__ import annotations

import asyncio
from typing import ClassVar
from urllib.parse import unquote

from edgeday.events import (
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    SessionEnded,
    SessionStarted,
)
from edgeday.replay.runner import replay
from edgeday.web import ReadableStream, Response, isolate_state, random_uuid
from tests.scenario_days import HEAD, loaded


class Till:
    """Carts with ids, visitors with cookies, and every kind of answer that a session can meet."""

    seen: ClassVar[list[tuple[str, str, str]]] = []
    """Method, path and Cookie header of every request, of whichever run is the last."""

    async def fetch(self, request):
        path = "/" + request.url.split("/", 3)[3]
        cookie = request.headers.get("cookie") or ""
        type(self).seen.append((request.method, path, cookie))
        what, *rest = path.strip("/").split("/")
        carts = self.env.CARTS
        match request.method, what, rest:
            case "POST", "cart", []:
                id = random_uuid()
                await carts.put(f"cart:{id}", await request.text())
                answer = Response.from_json({"id": id, "item": await carts.get(f"cart:{id}")}, status=201)
                answer.headers.append("set-cookie", f"visitor=v-{id}; Path=/; Secure; HttpOnly")
                answer.headers.append("set-cookie", "seen=1; Path=/cart")
                answer.headers["etag"] = f'"{id}"'
                return answer
            case "POST", "cart", [id, "pay"]:
                if f"visitor=v-{id}" not in cookie:
                    return Response("who are you?", status=403)
                known = await carts.get(f"cart:{id}")
                return Response("paid" if known else "no such cart", status=200 if known else 404)
            case "GET", "item", [slug]:
                return Response.from_json({"slug": unquote(slug), "number": 7, "price": {"eur": 1.5}})
            case "GET", "lines", [lines]:
                return Response(unquote(lines))
            case "GET", "status", [status]:
                return Response(None if status == "204" else "as you wish", status=int(status))
            case "GET", "short", []:
                answer = Response("here you are")
                answer.headers["set-cookie"] = "pass=1; Path=/; Max-Age=60"
                return answer
            case "GET", "broken", []:
                return Response(ReadableStream(self._half()))
            case "GET", "defect", []:
                raise ValueError("a defect")
            case "GET", "counted", []:
                state = isolate_state()
                state["seen"] = state.get("seen", 0) + 1
                return Response(f"seen {state['seen']}")
            case "GET", "slow", []:
                await asyncio.sleep(2)
                return Response("slow")
        return Response("no such page", status=404)

    async def _half(self):
        yield b"half of"
        raise ValueError("the rest is gone")


TILL = 'worker: {entry: "tests.replay.till:Till"}\nnamespaces: {CARTS: carts}\n'
VALUES = "values: {item: [soup, bread], n: {sequence: 1}}\n"
CHECKOUT = """
traffic:
  - name: checkout
    sessions: %d
    steps:
      - {post: /cart, json: {item: "{item}"}, keep: {cart: "json:id"}}
      - {wait: [10s, 2m]}
      - {post: "/cart/{cart}/pay", expect: {status: 200, text: paid}}
"""


class Watched:
    """The observer that keeps what happened to expectations and sessions, and at which data centres."""

    def __init__(self):
        self.checks: list[ExpectationChecked] = []
        self.began: list[SessionStarted] = []
        self.ended: list[SessionEnded] = []
        self.requests: list[InvocationStarted] = []
        self.answers: list[InvocationEnded] = []

    def begin(self, start, events):
        events.subscribe(ExpectationChecked, self.checks.append)
        events.subscribe(SessionStarted, self.began.append)
        events.subscribe(SessionEnded, self.ended.append)
        events.subscribe(InvocationStarted, self.requests.append)
        events.subscribe(InvocationEnded, self.answers.append)

    def end(self, end):
        pass


def till_day(text, *, head=HEAD + TILL + VALUES, **options):
    """The result of a day of the till, and what was watched of it."""
    Till.seen = []
    watched = Watched()
    result = replay(loaded(text, head), observers=[watched, *options.pop("observers", ())], **options)
    return result, watched


def session_of(*steps, sessions=1, more=""):
    """A day with sessions of these steps."""
    lines = "".join(f"      - {step}\n" for step in steps)
    return till_day(f"traffic:\n  - name: visit\n    sessions: {sessions}\n    steps:\n{lines}{more}")
