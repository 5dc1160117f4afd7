"""Scenarios made in a test: from fields or YAML text to a replayed result."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

from edgeday.measure.results import ScenarioResult
from edgeday.replay.runner import replay
from edgeday.scenario.loader import Loaded, load_text
from edgeday.web import Response, caches

ROOT = Path(__file__).parent.parent
SCENARIOS = ROOT / "scenarios"
HEAD = "name: day\nstart: 2026-02-16T00:00:00Z\n"


def loaded(text: str, head: str = HEAD) -> Loaded:
    """The scenario that a text says, after a name and a start."""
    return load_text(head + dedent(text), Path("day.yaml"))


def replayed(text: str, head: str = HEAD, **options: object) -> ScenarioResult:
    """Its result."""
    return replay(loaded(text, head), **options)


class Shop:
    """A small worker without AI: reads, writes, lists and deletes as its path says."""

    async def fetch(self, request):
        what, _, key = request.url.partition("//")[2].partition("/")[2].partition("/")
        kv = self.env.page_content
        if what == "put":
            await kv.put(key, await request.text() or "x")
        elif what == "get":
            return Response(await kv.get(key) or "none")
        elif what == "delete":
            await kv.delete(key)
        elif what == "list":
            await kv.list(prefix=key)
        elif what == "cache":
            await caches.default.match(f"https://cache.example/{key}")
        elif what == "fail":
            raise ValueError("a defect")
        elif what == "exit":
            sys.exit(0)
        elif what == "json":
            body = {"total": 3, "logs": [{"a": 1}, {}], "name": "x", "ok": True, "none": None}
            return Response.from_json(body)
        else:
            return Response("Not found", status=404)
        return Response("ok")


SHOP = 'worker: {entry: "tests.scenario_days:Shop"}\nnamespaces: {page_content: page_content}\n'
SHOP_HEAD = HEAD + SHOP
