"""Fixtures of the dashboard's tests: a real server with its pages, on the worker or on a small one."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from edgeday.server.dashboard import dashboard
from edgeday.web import Response, caches
from tests.server.conftest import NAMESPACE, Local, local_server

BASE = "/__edgeday/"
CLIENT = {
    "id": "c1",
    "name": "<script>document.title='owned'</script>",
    "age": 35,
    "weight": 70,
    "height": 170,
    "goal": "<img src=x>",
}
SCENARIO = """\
name: {name}
start: 2026-02-16T00:00:00Z
account: free
worker: {{entry: "worker_port:AiDietWorker", variant: hybrid}}
traffic:
  - plans: {plans}
budgets:
  plans.started: {plans}
"""


class Storer:
    """A worker that uses KV and the cache as its path says."""

    async def fetch(self, request):
        path = request.url.partition("://")[2].partition("/")[2]
        if path.startswith("cache/"):
            headers = {"cache-control": path.removeprefix("cache/")}
            await caches.default.put(f"https://cache.test/{path}?<b>", Response("body", headers=headers))
        elif path.startswith("kv/"):
            await self.env.page_content.put(path, "value")
        elif path == "fails":
            raise RuntimeError("<script>alert(1)</script>")
        return Response("done")


class Visitor:
    """A person at one server: has the page's CSRF token once a page was looked at."""

    def __init__(self, local: Local) -> None:
        self.local = local
        self.token = ""

    async def get(self, path: str, **options):
        answer = await self.local.request("GET", BASE + path, headers=options.pop("headers", {}), **options)
        match = re.search(r'"edgeday-csrf": "([^"]+)"', answer.body.decode("utf-8", "replace"))
        if match:
            self.token = match[1]
        return answer

    async def post(self, path: str, fields: dict[str, str] | None = None, **headers: str):
        """Send a form as the page's htmx does."""
        if not self.token:
            await self.get("")
        return await self.local.request(
            "POST",
            BASE + path,
            data=fields or {},
            headers={
                "Sec-Fetch-Site": "same-origin", "edgeday-csrf": self.token, "HX-Request": "true",
                "Content-Type": "application/x-www-form-urlencoded", **headers,
            },
        )  # fmt: skip

    async def text(self, path: str, **options) -> str:
        answer = await self.get(path, **options)
        assert answer.status == 200, answer.body
        return answer.body.decode()


@asynccontextmanager
async def visiting(worker: type = Storer, scenarios=None, **options) -> AsyncIterator[Visitor]:
    """A visitor of a running server; options of `local_server`."""
    async with local_server(worker, pages=dashboard(scenarios), **options) as local:
        yield Visitor(local)


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    """A visitor of a server with the small worker, on the memory store."""
    async with visiting() as visitor:
        yield visitor


@pytest.fixture
def scenarios(tmp_path):
    """A directory with a small scenario, a long one, one that is wrong, and a file that is none."""
    directory = tmp_path / "scenarios"
    (directory / "large").mkdir(parents=True)
    (directory / "small.yaml").write_text(SCENARIO.format(name="small", plans=5), "utf-8")
    (directory / "large" / "long.yaml").write_text(SCENARIO.format(name="long", plans=20_000), "utf-8")
    (directory / "wrong.yaml").write_text("name: <b>wrong</b>\ntrafic: []\n", "utf-8")
    (directory / "notes.txt").write_text("no scenario", "utf-8")
    return directory


async def plan(visitor: Visitor, variant: str = "hybrid"):
    """Ask the worker for a plan."""
    return await visitor.local.request(
        "POST",
        "/api/generate-plan",
        data=json.dumps(CLIENT),
        headers={"Content-Type": "application/json", "edgeday-variant": variant},
    )


def kv_path(what: str, key: str | None = None) -> str:
    """The path of a KV view on the test's namespace; `key` percent-encoded."""
    return f"kv/{what}?namespace={NAMESPACE}" + ("" if key is None else f"&key={key}")
