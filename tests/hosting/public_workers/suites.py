"""Runs one of Cloudflare's public suites or examples, unmodified, and prints its outcomes as JSON.

    python -m tests.hosting.public_workers.suites DIR NAME

DIR holds checkouts of cloudflare/workers-py and cloudflare/python-workers-examples under these names. Each in
a process of its own: some of them change the standard library.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from edgeday.errors import WorkerMisbehaved
from edgeday.events import InvocationEnded
from edgeday.hosting.python_workers.containers import JsObject
from edgeday.hosting.python_workers.functions import as_arguments
from edgeday.hosting.python_workers.generations import current_generation
from edgeday.hosting.python_workers.host import HostedWorker, host_worker
from edgeday.hosting.python_workers.loading import LoadedWorker
from edgeday.hosting.python_workers.messages import JsRequest, JsResponse, new_request
from edgeday.hosting.python_workers.promises import JsPromise
from edgeday.hosting.python_workers.proxies import JsProxy
from edgeday.hosting.python_workers.run import current_run
from edgeday.invocation import ScheduledController
from edgeday.limits import Switches
from edgeday.runtime.edge import Edge
from edgeday.runtime.entry import resolve_worker
from edgeday.web.messages import Request, Response

SDK_TESTS = Path("workers-py", "packages", "runtime-sdk", "tests")
DATE = "2026-08-01"


class Suite(NamedTuple):
    """A suite of the SDK's own tests. module: of its tests, imported beside the worker `main`. packages: that
    it needs."""

    folder: str
    main: str
    module: str
    packages: tuple[str, ...] = ()


_FASTAPI = "web-frameworks-test/fastapi-tests/src"
_FASTAPI_SUITES = (
    "error_handling", "platform_lifecycle", "response_types", "routing", "staticfiles", "sync_handlers"
)  # fmt: skip
SUITES = {
    "kv": Suite("bindings-test/src", "worker.py", "test_kv"),
    "sdk": Suite("workerd-test/sdk", "worker.py", "tests.test_sdk"),
    "asgi": Suite("workerd-test/asgi", "worker.py", "tests.test_asgi"),
    "wsgi": Suite("workerd-test/wsgi", "worker.py", "tests.test_wsgi"),
    **{
        f"fastapi-{name}": Suite(_FASTAPI, "worker.py", f"test_{name}", ("fastapi", "python_multipart"))
        for name in _FASTAPI_SUITES
    },
}


class Example(NamedTuple):
    """A public example: its configuration, what is asked of it ("cron": its cron handler), its packages."""

    config: str
    paths: tuple[str, ...]
    packages: tuple[str, ...] = ()


EXAMPLES = {
    "01-hello": Example("01-hello", ("/",)),
    "02-binding": Example("02-binding", ("/",)),
    "03-fastapi": Example("03-fastapi", ("/", "/hi/Dominik", "/env"), ("fastapi", "jinja2")),
    "04-query-d1": Example("04-query-d1", ("/",)),
    "05-langchain": Example("05-langchain", ("/",), ("langchain_core", "langchain_cloudflare")),
    "06-assets": Example("06-assets", ("/x",)),
    "07-durable-objects": Example("07-durable-objects", ("/", "/r/show")),
    "08-cron": Example("08-cron", ("/", "cron")),
    "09-workers-ai": Example("09-workers-ai", ("/",)),
    "10-workflows": Example("10-workflows", ("/", "/start")),
    "11-opengraph": Example("11-opengraph", ("/",)),
    "12-image-gen": Example("12-image-gen", ("/", "/badge"), ("PIL",)),
    "13-js-api-pygments": Example("13-js-api-pygments/py", ("/",), ("pygments",)),
    "14-websocket-stream-consumer": Example("14-websocket-stream-consumer", ("/status",)),
    "15-chatroom": Example("15-chatroom", ("/",)),
    "16-sync-http-clients": Example("16-sync-http-clients", ("/", "/sync"), ("requests", "httpx")),
    "17-dynamic-py-py": Example("17-dynamic-py-py", ("/",)),
    "18-django": Example("18-django", ("/",), ("django",)),
    "19-django-todo-d1": Example("19-django-todo-d1", ("/",), ("django", "django_cf")),
}


class Outcome(NamedTuple):
    """Of one test or one request. error: "" if it passed."""

    name: str
    error: str


class JsFetcher(JsProxy):
    """A service binding to a worker of this process."""

    js_class = "Fetcher"
    __slots__ = ("_edge", "_worker")

    def __init__(self, edge: Edge, worker: type[HostedWorker]) -> None:
        self._edge, self._worker = edge, worker

    def scheduled(self, *args: Any, **keywords: Any) -> JsPromise:
        (options,) = as_arguments(args, keywords, 1)

        async def call() -> JsObject:
            async with self._edge.invocation() as invocation:
                worker: Any = self._worker(invocation.ctx, self._edge.env)
                await worker.scheduled(ScheduledController(options.cron, options.scheduledTime), None, None)
            return JsObject({"outcome": "ok", "noRetry": False})

        return JsPromise(call())

    def fetch(self, *args: Any, **keywords: Any) -> JsPromise:
        resource, init = as_arguments(args, keywords, 2)
        request = (
            resource if isinstance(resource, JsRequest) and init is None else new_request(resource, init)
        )
        message = request._m
        if isinstance(message._body, bytes) and "content-length" not in message.headers:
            message.headers["content-length"] = str(len(message._body))

        async def call() -> JsResponse:
            return JsResponse(await self._edge.dispatch(message), request.url)

        return JsPromise(asyncio.ensure_future(call()))


# the SDK's own tests


async def run_suite(directory: Path, name: str) -> list[Outcome]:
    """Each test is one invocation."""
    suite = SUITES[name]
    if absent := _absent(suite.packages):
        return absent
    folder = directory / SDK_TESTS / suite.folder
    worker = host_worker(folder / suite.main, date=DATE, root=folder)
    outbound = {}
    if (folder / "server.py").is_file():
        other = Edge(worker=host_worker(folder / "server.py", date=DATE, root=folder))

        async def answer(request: Request, _invocation: Any) -> Response:
            return await other.dispatch(request)

        outbound["*"] = answer
    edge = Edge(
        account="paid",
        namespaces={"KV": "1"},
        worker=worker,
        switches=Switches(key_write_rate="off"),
        outbound=outbound,
    )
    edge.env.SELF = JsFetcher(edge, worker)
    async with edge.invocation() as invocation:
        loaded = worker(invocation.ctx, edge.env)._loaded
    outcomes = []
    current_generation.set(worker._generation)
    with loaded.modules.entered():
        tests = loaded.modules.load(suite.module)
        for title, test, case in _cases(tests):
            async with edge.invocation() as invocation:
                token = current_run.set(worker(invocation.ctx, edge.env)._run)
                outcomes.append(Outcome(title, await _run_test(loaded, test, case)))
                current_run.reset(token)
    return outcomes


async def _run_test(loaded: LoadedWorker, test: Any, case: dict[str, Any]) -> str:
    given = dict(case)
    for name in inspect.signature(test).parameters:
        if name == "env":
            given["env"] = loaded.sdk.env
        elif name == "fastapi_app":
            given["fastapi_app"] = loaded.module.app  # type: ignore[attr-defined]
    try:
        result = test(**given)
        if inspect.isawaitable(result):
            await asyncio.wait_for(result, 10)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _cases(tests: Any) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Every test with its parameters."""
    for name, test in vars(tests).items():
        if not name.startswith("test_") or not callable(test):
            continue
        marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
        if not marks:
            yield name, test, {}
        for mark in marks:
            names = mark.args[0]
            names = [one.strip() for one in names.split(",")] if isinstance(names, str) else names
            for number, value in enumerate(mark.args[1]):
                values = getattr(value, "values", value) if hasattr(value, "marks") else value
                values = values if len(names) > 1 or hasattr(value, "marks") else (value,)
                yield f"{name}[{number}]", test, dict(zip(names, values, strict=True))


def _absent(packages: tuple[str, ...]) -> list[Outcome]:
    """What is said in place of a run where packages are missing."""
    absent = [package for package in packages if find_spec(package) is None]
    return [Outcome("import", f"not run: pip install {' '.join(absent)}")] if absent else []


# the examples


async def run_example(directory: Path, name: str) -> list[Outcome]:
    """Each path is one request; where a package is missing that is what the example says."""
    example = EXAMPLES[name]
    if absent := _absent(example.packages):
        return absent
    folder = directory / "python-workers-examples" / example.config
    try:
        named = resolve_worker(str(next(folder.glob("wrangler.*"))))
    except ValueError as error:
        return [Outcome("import", f"{type(error).__name__}: {error}")]
    config = named.config
    assert config is not None
    page = "<html><head></head>Example Domain</html>"
    html = {"content-type": "text/html"}

    async def origin(_request: Request, _invocation: Any) -> Response:
        return Response(page, headers=html)

    edge = Edge(
        namespaces={binding.name: binding.namespace_id for binding in config.bindings},
        vars=config.vars,
        worker=named.worker,
        outbound={"*": origin},
    )
    return [Outcome(path, await _request(edge, named.worker, path)) for path in example.paths]


async def _request(edge: Edge, worker: Any, path: str) -> str:
    try:
        if path == "cron":
            async with edge.invocation() as invocation:
                controller = ScheduledController("* * * * *", edge.clock.now_ms())
                await worker(invocation.ctx, edge.env).scheduled(controller, None, None)
            return ""
        failures: list[str] = []
        edge.events.subscribe(InvocationEnded, lambda event: failures.append(event.error))
        response = await asyncio.wait_for(edge.dispatch(Request(f"https://a.example{path}")), 30)
        text = await response.text()
    except (Exception, WorkerMisbehaved) as error:
        cause = error.__cause__ or error
        return f"{type(cause).__name__}: {cause}"
    return "" if response.status < 500 else next(filter(None, failures), f"{response.status} {text[:200]}")


def main(directory: str, name: str) -> None:
    """Print the outcomes of a suite or an example."""
    run = run_suite if name in SUITES else run_example
    outcomes = asyncio.run(run(Path(directory).resolve(), name))
    print(json.dumps(outcomes), file=sys.__stdout__)


if __name__ == "__main__":
    main(*sys.argv[1:])
