"""A worker on an emulated account, with an AI provider that answers by script; counts what is done."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from edgeday.clock import VirtualClock
from edgeday.events import InvocationEnded, Operation
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web import Request, Response
from worker_port import AiDietWorker
from worker_port.profile.ai_provider import answer_text

START = "2026-02-16T10:00:00Z"
HOST = "https://worker.example"
CLIENT = {"name": "Ana", "age": 30, "weight": 70, "height": 170, "gender": "Жена"}
TOKEN = "correct horse"

Answer = str | int | Exception
"""What the provider does with one attempt: a text, an error status, or a network failure."""

GOOD_PLAN = answer_text(0, 0, 0, "latin")
"""An answer that serves every step of a plan."""


class Provider:
    """Answers attempts (from 1) with `script(number)`; each takes `seconds`."""

    def __init__(self) -> None:
        self.script: Callable[[int], Answer] = lambda _number: GOOD_PLAN
        self.seconds = 0.0
        self.attempts = 0
        self.bodies: list[dict[str, Any]] = []

    async def __call__(self, request: Request, invocation: Any) -> Response:
        self.attempts += 1
        answer = self.script(self.attempts)
        self.bodies.append(await request.json())
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return Response("no", status=answer)
        choice = {"message": {"content": answer}, "finish_reason": "stop"}
        return Response.from_json({"choices": [choice]})


class HostedWorker:
    """One worker and everything around it; virtual time. `vars` become variables of its `env`."""

    def __init__(
        self,
        variant: str,
        *,
        subrequests: str = "observe",
        kv: bool = True,
        account: str = "free",
        **vars: Any,
    ) -> None:
        self.clock = VirtualClock(START)
        self.provider = Provider()
        self.edge = Edge(
            account=account,
            clock=self.clock,
            switches=Switches(subrequests=subrequests, key_write_rate="off"),
            namespaces={"page_content": "content"} if kv else {},
            vars={"AI_LOG_VARIANT": variant, "OPENAI_API_KEY": "key", "ADMIN_TOKEN": TOKEN, **vars},
            worker=AiDietWorker,
            strict_worker=True,
            outbound={"api.openai.com": self.provider},
        )
        self.operations: list[Operation] = []
        self.invocations: list[InvocationEnded] = []
        self.edge.events.subscribe(Operation, self.operations.append)
        self.edge.events.subscribe(InvocationEnded, self.invocations.append)

    def run(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Run an async function in virtual time and return what it returns."""
        return run_virtual(self.clock, work())

    @property
    def kv(self) -> Any:
        return self.edge.env.page_content

    def forget(self) -> None:
        """Count from here on."""
        self.operations.clear()
        self.invocations.clear()
        self.provider.attempts = 0

    def count(self, service: str, op: str) -> int:
        return sum((operation.service, operation.op) == (service, op) for operation in self.operations)

    def counts(self) -> dict[str, int]:
        """Operations since `forget`, by service and kind; those that never happened are left out."""
        return dict(Counter(f"{operation.service} {operation.op}" for operation in self.operations))

    async def send(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Response:
        text = None if body is None else json.dumps(body)
        return await self.edge.dispatch(Request(HOST + path, method=method, headers=headers, body=text))

    async def plan(self, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.send("POST", "/api/generate-plan", CLIENT, headers=named)

    async def chat(self, message: str = "How are you?") -> Response:
        body = {"message": message, "userData": CLIENT, "userPlan": {"day1": {}}}
        return await self.send("POST", "/api/chat", body)

    async def admin(
        self, path: str, *, method: str = "GET", token: str | None = TOKEN, body: Any = None
    ) -> Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self.send(method, f"/api/admin/{path}", body, headers=headers)

    async def logs(self, query: str = "") -> dict[str, Any]:
        response = await self.admin(f"get-ai-logs{query}")
        assert response.status == 200
        return await response.json()


def fail_at(*numbers: int) -> Callable[[int], str | int]:
    """A script in which the calls of these numbers are answered with status 400."""
    return lambda number: 400 if number in numbers else GOOD_PLAN


def put_all(hosted: HostedWorker, count: int) -> Callable[[], Awaitable[None]]:
    """Make `count` plans, five minutes apart."""

    async def plans() -> None:
        for _ in range(count):
            await hosted.plan()
            hosted.clock.advance(minutes=5)

    return plans
