"""The worker on an account whose time a test moves, on each store and in both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from edgeday.clock import DAY_S, utc
from edgeday.ledger import Op
from edgeday.runtime.edge import Edge
from edgeday.storage.records import Store
from edgeday.web import Request, Response
from tests.travel import WAYS, Time
from worker_port import AiDietWorker
from worker_port.profile.ai_provider import AI_HOSTS, answer_text

START = datetime.fromisoformat("2026-02-16T10:00:00Z")
ORIGIN = "https://aidiet.example"


@dataclass
class Provider:
    """Stands in for the AI provider. fails: calls (from 1) that get a 400; takes_s: how long each takes."""

    time: Time
    fails: frozenset[int] = frozenset()
    takes_s: int = 0
    calls: int = 0

    async def __call__(self, request: Request, invocation: Any) -> Response:
        self.calls += 1
        self.time.travel_to(utc(self.time.clock.now() + self.takes_s))
        if self.calls in self.fails:
            return Response("{}", status=400)
        content = answer_text(0, 0, 0, "latin")
        return Response.from_json({"choices": [{"message": {"content": content}}]})


@dataclass
class Deployment:
    """One variant of the worker with its account, as a visitor, its owner and wrangler see it."""

    variant: str
    time: Time
    store: Store
    takes_s: int

    def __post_init__(self) -> None:
        self.provider = Provider(self.time, takes_s=self.takes_s)
        self.edge = Edge(
            clock=self.time.clock,
            store=self.store,
            namespaces={"page_content": "pages"},
            vars={"AI_LOG_VARIANT": self.variant, "OPENAI_API_KEY": "sk-test", "ADMIN_TOKEN": "secret"},
            worker=AiDietWorker,
            outbound=dict.fromkeys(AI_HOSTS, self.provider),
        )

    async def plan(self, *failing: int) -> int:
        """Ask for a plan of seven calls, with those that fail; the status of the answer."""
        self.provider.calls, self.provider.fails = 0, frozenset(failing)
        body = '{"name": "Ana", "age": 30, "weight": 70, "height": 170}'
        request = Request(f"{ORIGIN}/api/generate-plan", method="POST", body=body)
        return (await self.edge.dispatch(request)).status

    async def logs(self, query: str = "") -> dict[str, Any]:
        """What the admin panel lists."""
        return await (await self.admin(f"get-ai-logs{query}")).json()

    async def export(self) -> str:
        """What the admin panel exports."""
        return await (await self.admin("export-ai-logs")).text()

    async def admin(self, route: str) -> Response:
        """The answer of an admin route to its owner; only the designed form looks at the token."""
        headers = {"Authorization": "Bearer secret"}
        return await self.edge.dispatch(Request(f"{ORIGIN}/api/admin/{route}", headers=headers))

    async def kv_entries(self, prefix: str) -> list[dict[str, Any]]:
        """What KV holds under a prefix, as somebody with wrangler finds it."""
        namespace = self.edge.env.page_content
        keys = (await namespace.list(prefix=prefix))["keys"]
        return [await namespace.get(key["name"], "json") for key in keys]

    def after(self, start: datetime, **parts: int) -> None:
        """Travel to so long (as of `timedelta`) after an instant."""
        self.time.travel_to(start + timedelta(**parts))

    def writes(self, instant: datetime) -> int:
        """KV writes that the UTC day of an instant was charged."""
        return self.edge.ledger.usage(Op.WRITE, int(instant.timestamp() // DAY_S)).accepted


@pytest.fixture(params=WAYS)
def time(request: pytest.FixtureRequest) -> Iterator[Time]:
    """Both ways to travel, at 10:00 UTC on 16 February 2026."""
    with request.param(START) as time:
        yield time


@pytest.fixture
def deployed(time: Time, store: Store) -> Callable[..., Deployment]:
    """Deploys a variant, by name; on each store and with each way to travel.

    takes_s: how long an AI call takes. In 0 s everything happens at once, which KV allows no key to do twice.
    """
    return lambda variant, takes_s=0: Deployment(variant, time, store, takes_s)
