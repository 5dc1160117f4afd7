"""One variant of a worker on an account of its own: what a request costs, and what it answers.

Time is virtual and moved by hand between requests. The AI provider answers by script.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from edgeday import (
    KV_QUOTAS,
    Account,
    Edge,
    Invocation,
    InvocationEnded,
    Mode,
    Operation,
    PlatformError,
    Switches,
    VirtualClock,
    run_virtual,
)
from edgeday.web import Headers, Request, Response
from edgeday.web.json_text import stringify_utf8
from worker_port.profile.ai_provider import AI_HOSTS, answer_text

START = "2026-02-16T10:00:00Z"
ORIGIN = "https://aidiet.example"
TOKEN = "admin-token"
ERROR_PREFIX = "ai_error_log:"
CLIENT = {"name": "Ana", "age": 30, "weight": 70, "height": 170, "gender": "Жена"}
AI_SECONDS = 8.0
USEFUL = answer_text(0, 0, 0, "latin")
"""An AI answer that every step of a plan can use."""
USELESS = "{}"
"""One that can be parsed and that no step can use: the plan is corrected from that step on."""

T = TypeVar("T")
Reply = str | int | PlatformError
"""What the AI provider does with one attempt: a text, an error status, or a network failure."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request asked for. external, internal: subrequests; refused: those that a limit refused."""

    operations: tuple[Operation, ...] = ()
    external: int = 0
    internal: int = 0
    refused: int = 0

    def count(self, service: str, *ops: str, family: str = "") -> int:
        """Units of a service's operations (all if none is named), perhaps of one key family."""
        return sum(
            seen.units or 1
            for seen in self.operations
            if seen.service == service
            and (not ops or seen.op in ops)
            and (not family or seen.key_family == family)
        )

    def kv(self, name: str) -> int:
        """Units of one class of KV operations: reads, writes, deletes or lists."""
        (quota,) = (quota for quota in KV_QUOTAS if quota.name == name)
        return self.count("kv", *quota.operations)

    @property
    def writes(self) -> int:
        return self.kv("writes")

    @property
    def reads(self) -> int:
        return self.kv("reads")

    @property
    def deletes(self) -> int:
        return self.kv("deletes")

    @property
    def puts(self) -> int:
        return self.count("cache", "put")

    @property
    def matches(self) -> int:
        return self.count("cache", "match")

    @property
    def cached(self) -> int:
        """Cache operations of every kind."""
        return self.count("cache")

    @property
    def fetches(self) -> int:
        return self.count("fetch")


@dataclass(frozen=True, slots=True)
class Answered:
    """A response and what it cost."""

    status: int
    body: str
    headers: Headers
    cost: Cost

    def json(self) -> Any:
        return json.loads(self.body)


class Testbed:
    """A worker of one variant with its account.

    subrequests: what happens at the subrequest limit. config_reads: whether plans also read the worker's
    configuration. vars: further variables of its `env`.
    """

    __test__ = False
    """It is no test of pytest's, whatever its name begins with."""

    def __init__(
        self,
        worker: type,
        variant: str,
        *,
        account: Account = "free",
        subrequests: Mode = "observe",
        config_reads: bool = False,
        vars: Mapping[str, Any] | None = None,
    ) -> None:
        self.clock = VirtualClock(START)
        self.script: Callable[[int], Reply] = lambda _attempt: USEFUL
        self.ai_seconds = AI_SECONDS
        self._attempts = 0
        self.edge = Edge(
            account=account,
            clock=self.clock,
            switches=Switches(subrequests=subrequests),
            namespaces={"page_content": "page_content"},
            vars={
                "AI_LOG_VARIANT": variant,
                "OPENAI_API_KEY": "sk-stand-in",
                "ADMIN_TOKEN": TOKEN,
                "PLAN_CONFIG_READS": str(config_reads).lower(),
                **(vars or {}),
            },
            worker=worker,
            outbound=dict.fromkeys(AI_HOSTS, self._reply),
        )

    async def _reply(self, request: Request, invocation: Invocation) -> Response:
        self._attempts += 1
        reply = self.script(self._attempts)
        await asyncio.sleep(self.ai_seconds)
        if isinstance(reply, PlatformError):
            raise reply
        if isinstance(reply, int):
            return Response("{}", status=reply)
        return Response.from_json({"choices": [{"message": {"content": reply}}]})

    # requests

    def plan(
        self,
        *,
        calls: int = 7,
        fails: Collection[int] = (),
        request_errors: Collection[int] = (),
        goes_on: bool = False,
        variant: str | None = None,
    ) -> Answered:
        """Ask for a plan of 7 calls (the code's) or 9 (the design document's).

        fails: attempts of the AI provider, from 1, that are answered with a 400. request_errors: calls logged
        with a request-level error; goes_on: whether a failed call stops the plan: both of the document's
        model only. variant: in the place of the testbed's own, for this request.
        """
        if fails:
            failing = frozenset(fails)
            self.script = lambda attempt: 400 if attempt in failing else USEFUL
        headers = {
            "Content-Type": "application/json",
            "edgeday-plan-calls": str(calls),
            "edgeday-plan-on-error": "continue" if goes_on else "abort",
        }
        if request_errors:
            headers["edgeday-request-errors"] = ",".join(map(str, request_errors))
        self._attempts = 0
        answered = self.send("POST", "/api/generate-plan", headers=headers, body=CLIENT, variant=variant)
        if fails:
            self.script = lambda _attempt: USEFUL
        return answered

    def chat(self) -> Answered:
        """Send a chat message."""
        self._attempts = 0
        body = {"message": "What is for dinner?", "userData": CLIENT, "userPlan": {"day1": {}}}
        return self.send("POST", "/api/chat", headers={"Content-Type": "application/json"}, body=body)

    def logs(self, query: str = "", *, colo: str | None = None, variant: str | None = None) -> Answered:
        """`GET /api/admin/get-ai-logs` by the worker's owner."""
        return self.admin("get-ai-logs" + query, colo=colo, variant=variant)

    def admin(
        self,
        route: str,
        *,
        method: str = "GET",
        token: bool = True,
        colo: str | None = None,
        variant: str | None = None,
    ) -> Answered:
        """Any admin route. token: whether the request carries the admin token."""
        headers = {"Authorization": f"Bearer {TOKEN}"} if token else {}
        return self.send(method, f"/api/admin/{route}", headers=headers, colo=colo, variant=variant)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        colo: str | None = None,
        variant: str | None = None,
    ) -> Answered:
        """Send a request and wait for its answer and for the background work behind it."""
        data = None if body is None else stringify_utf8(body)
        request = Request(ORIGIN + path, method=method, headers=headers, body=data)

        async def work() -> Answered:
            response = await self.edge.dispatch(
                request, colo=colo, vars={"AI_LOG_VARIANT": variant} if variant else None
            )
            await self.edge.drain()
            return Answered(response.status, await response.text(), response.headers, Cost())

        answered, cost = self._counted(work())
        return Answered(answered.status, answered.body, answered.headers, cost)

    def _counted(self, work: Coroutine[Any, Any, T]) -> tuple[T, Cost]:
        """Do something and add up what it cost."""
        operations: list[Operation] = []
        ended: list[InvocationEnded] = []
        stops = [
            self.edge.events.subscribe(Operation, operations.append),
            self.edge.events.subscribe(InvocationEnded, ended.append),
        ]
        try:
            result = run_virtual(self.clock, work)
        finally:
            for stop in stops:
                stop()
        cost = Cost(
            tuple(operations),
            sum(event.external for event in ended),
            sum(event.internal for event in ended),
            sum(event.refused for event in ended),
        )
        return result, cost

    # time, and what lies in the stores

    def wait(self, *, days: int = 0, hours: int = 0, seconds: float = 0) -> None:
        """Let time pass."""
        self.clock.advance(days=days, hours=hours, seconds=seconds)

    def plan_killed_after(self, seconds: float) -> Cost:
        """Ask for a plan whose AI call does not answer, and let the platform end the request after a time."""

        async def work() -> None:
            request = Request(f"{ORIGIN}/api/generate-plan", method="POST", body=stringify_utf8(CLIENT))
            task = asyncio.ensure_future(self.edge.dispatch(request))
            await asyncio.sleep(seconds)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        self.ai_seconds = 2 * seconds
        try:
            return self._counted(work())[1]
        finally:
            self.ai_seconds = AI_SECONDS

    def kv_keys(self, prefix: str = "") -> list[str]:
        """The keys that lie in KV, found by listing it."""

        async def work() -> list[str]:
            page = await self.edge.env.page_content.list(prefix=prefix)
            return [key["name"] for key in page["keys"]]

        return run_virtual(self.clock, work())

    def kv_errors(self) -> dict[str, dict[str, Any]]:
        """The error entries in KV by key, as somebody with wrangler finds them."""

        async def work() -> dict[str, dict[str, Any]]:
            namespace = self.edge.env.page_content
            page = await namespace.list(prefix=ERROR_PREFIX)
            return {key["name"]: await namespace.get(key["name"], "json") for key in page["keys"]}

        return run_virtual(self.clock, work())

    def inside(self, function: Callable[[Any], Awaitable[T]]) -> tuple[T, Cost]:
        """Call a function of the worker with its `env`, inside an invocation of its own."""

        async def work() -> T:
            async with self.edge.invocation("testbed"):
                return await function(self.edge.env)

        return self._counted(work())
