"""ASGI applications in a Python Worker, through the SDK's own gateway."""

from __future__ import annotations

import sys

import pytest

from edgeday.clock import VirtualClock
from edgeday.runtime.edge import Edge
from edgeday.virtual_loop import run_virtual
from edgeday.web.messages import Request

from .conftest import ask

pytestmark = pytest.mark.slow

APPLICATION = """
from __future__ import annotations

import asyncio
from fastapi import BackgroundTasks, FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from workers import asgi

app = FastAPI()

class Item(BaseModel):
    name: str
    tags: list[str] | None = None

@app.post("/item")
async def item(item: Item) -> Item:
    return item

@app.get("/sync")
def sync(request: Request):
    return {"binding": str(request.scope["env"].NAME)}

@app.get("/stored")
async def stored(request: Request):
    kv = request.scope["env"].KV
    await kv.put("k", "v")
    return {"k": await kv.get("k")}

@app.get("/later")
async def later(request: Request, tasks: BackgroundTasks):
    async def store(key):
        await request.scope["env"].KV.put(key, "done")
    tasks.add_task(store, "later")
    return {}

@app.get("/stream")
async def stream():
    async def chunks():
        for number in range(3):
            await asyncio.sleep(0)
            yield f"{number},"
    return StreamingResponse(chunks())

@app.get("/sleep")
async def slow():
    await asyncio.sleep(3600)
    return {"slept": True}

@app.get("/broken")
async def broken():
    raise ValueError("broken")

Default = asgi.entrypoint(app)
"""
STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from workers import WorkerEntrypoint, asgi

def home(request):
    return PlainTextResponse(f"hello {request.query_params['name']}")

app = Starlette(routes=[Route("/", home)])

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return await asgi.fetch(app, request, self.env, self.ctx)
"""


@pytest.mark.parametrize(
    ("path", "request_", "status", "text"),
    [
        ("/item", {"method": "POST", "body": '{"name": "n"}'}, 200, '{"name":"n","tags":null}'),
        ("/item", {"method": "POST", "body": "{}"}, 422, None),
        ("/sync", {}, 200, '{"binding":"shop"}'),
        ("/stored", {}, 200, '{"k":"v"}'),
        ("/stream", {}, 200, "0,1,2,"),
        ("/nowhere", {}, 404, '{"detail":"Not Found"}'),
        ("/broken", {}, 500, "Internal Server Error"),
    ],
)
async def test_a_fastapi_application_answers(host, account, path, request_, status, text):
    edge = account(host(APPLICATION), vars={"NAME": "shop"})
    if "body" in request_:
        request_["headers"] = {"content-type": "application/json"}
    answer = await ask(edge, f"https://a.example{path}", **request_)
    assert answer == (status, answer[1] if text is None else text)


async def test_a_background_task_of_fastapi_runs(host, account):
    edge = account(host(APPLICATION), vars={"NAME": "shop"})
    assert (await ask(edge, "https://a.example/later"))[0] == 200
    await edge.drain()
    assert await edge.env.KV.get("later") == "done"


async def test_a_starlette_application_answers(host, account):
    assert await ask(account(host(STARLETTE)), "https://a.example/?name=ana") == (200, "hello ana")


async def test_what_the_sdk_changes_of_a_package_is_undone_outside_of_the_worker(host, account):
    edge = account(host(APPLICATION), vars={"NAME": "shop"})
    await ask(edge, "https://a.example/sync")
    assert sys.modules["anyio.to_thread"].run_sync.__module__ == "anyio.to_thread"


def test_a_sleep_of_an_endpoint_passes_in_virtual_time(host):
    clock = VirtualClock("2026-03-01T12:00:00Z")
    edge = Edge(worker=host(APPLICATION), clock=clock)
    before = clock.now()

    async def sleep() -> str:
        return await (await edge.dispatch(Request("https://a.example/sleep"))).text()

    assert run_virtual(clock, sleep()) == '{"slept":true}'
    assert clock.now() - before == 3600
