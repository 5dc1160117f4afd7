"""Workers of each kind that use bindings which a scenario stubs, and a day of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from edgeday.measure.results import ScenarioResult
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_text

PLAIN = """
import json
from urllib.parse import urlsplit

from edgeday import Response


class Shop:
    async def fetch(self, request):
        path = urlsplit(request.url).path
        env = self.env
        if path == "/ai":
            first = await env.AI.run("model", {"prompt": "hello"})
            first["response"] += "!"
            return Response(json.dumps([first, await env.AI.run("model", {})]))
        if path == "/db":
            row = await env.DB.prepare("SELECT ?").bind(1).first()
            return Response(json.dumps([row, env.DB.size, env.DB.stats()]))
        if path == "/backend":
            return await env.BACKEND.fetch("https://backend.example/cart")
        try:
            await (env.AI.embed("x") if path == "/other" else env.DB.batch([]))
        except Exception as error:
            return Response(f"{type(error).__name__}: {error}")
"""
HOSTED = """
import json
from urllib.parse import urlparse

from workers import Response, WorkerEntrypoint


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        path = urlparse(request.url).path
        env = self.env
        if path == "/ai":
            first = (await env.AI.run("model")).to_py()
            first["response"] += "!"
            return Response(json.dumps([first, (await env.AI.run("model")).to_py()]))
        if path == "/db":
            row = await env.DB.prepare("SELECT ?").bind(1).first()
            return Response(json.dumps([row.to_py(), env.DB.size, env.DB.stats().to_py()]))
        if path == "/backend":
            return await env.BACKEND.fetch("https://backend.example/cart")
        try:
            await (env.AI.embed("x") if path == "/other" else env.DB.batch([]))
        except Exception as error:
            return Response(f"{type(error).__name__}: {error}")
"""
JAVASCRIPT = """
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/ai") {
      const first = await env.AI.run("model", { prompt: "hello" });
      first.response += "!";
      return Response.json([first, await env.AI.run("model")]);
    }
    if (pathname === "/db") {
      const row = await env.DB.prepare("SELECT ?").bind(1).first();
      return Response.json([row, env.DB.size, env.DB.stats()]);
    }
    if (pathname === "/backend") return env.BACKEND.fetch("https://backend.example/cart");
    try {
      await (pathname === "/other" ? env.AI.embed("x") : env.DB.batch([]));
    } catch (error) {
      return new Response(`${error.name}: ${error.message}`);
    }
  },
};
"""
DAY = """
name: day
start: 2026-02-16T00:00:00Z
worker:
  entry: {entry}
  stubs:
    AI: {{run: {{response: "hello {{user}}"}}}}
    DB:
      prepare().bind().first(): {{id: 1}}
      batch: {{throws: "no such table: carts"}}
      size: {{value: 7}}
      stats: {{returns: [1, 2]}}
    BACKEND: fetch
values: {{user: {{choice: [ann]}}}}
origins: {{backend.example: {{status: 201, body: "a cart for {{user}}"}}}}
traffic:
{traffic}
budgets: {{requests.started: ">= 1"}}
"""
ANSWERS = {
    "/ai": (200, '[{"response": "hello ann!"}, {"response": "hello ann"}]'),
    "/db": (200, '[{"id": 1}, 7, [1, 2]]'),
    "/backend": (201, "a cart for ann"),
    "/batch": (200, "Error: no such table: carts"),
    "/other": (200, "Error: the stub of AI has no embed; it has run()"),
}
WORKERS = {"plain.py": PLAIN, "hosted.py": HOSTED, "shop.js": JAVASCRIPT}


def written(folder: Path, name: str) -> Path:
    """The file of a worker, written there."""
    path = folder / name
    path.write_text(dedent(WORKERS[name]))
    return path


def result_of(entry: Path, *paths: str) -> ScenarioResult:
    """A day on which each path is asked for once, and what its answer is to be is expected."""
    traffic = []
    for path in paths:
        status, text = ANSWERS[path]
        body = text.replace('": ', '":').replace(", ", ",") if entry.suffix == ".js" and "[" in text else text
        expect = f"{{status: {status}, text: {body!r}}}"
        traffic.append(f"  - {{name: of{path[1:]}, requests: 1, path: {path}, expect: {expect}}}")
    text = DAY.format(entry=entry.name, traffic="\n".join(traffic))
    return replay(load_text(text, entry.parent / "day.yaml"))
