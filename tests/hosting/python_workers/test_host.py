"""A Python Worker as it is deployed, run by an edge: what its handlers are given, and what they may be."""

from __future__ import annotations

import sys

import pytest

from edgeday.events import InvocationEnded
from edgeday.hosting.python_workers import unsupported
from edgeday.hosting.python_workers.sdk import CannotHost
from edgeday.hosting.stubs import Member, Outcome, Stub
from edgeday.invocation import ScheduledController
from edgeday.wrangler import unsupported as configured

from .conftest import ask

HELLO = """
from workers import Response, WorkerEntrypoint

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        await self.env.KV.put("greeting", "hello")
        return Response(await self.env.KV.get("greeting"))
"""


async def test_the_example_of_cloudflares_documentation_runs(host, account):
    assert await ask(account(host(HELLO))) == (200, "hello")


def test_a_worker_says_what_it_runs_on(host):
    says = host(HELLO, date="2025-09-28").runs_on
    assert says.startswith("workers-runtime-sdk ")
    assert says.endswith("from the environment, Pyodide 0.26.0a2, compatibility date 2025-09-28")


@pytest.mark.parametrize(
    ("handler", "text"),
    [
        ("def fetch(self, request): return Response('plain')", "plain"),
        ("async def fetch(self): return Response('no argument')", "no argument"),
        ("async def fetch(self, request): return Response(request.method.value)", "GET"),
    ],
)
async def test_a_handler_may_be_synchronous_and_without_arguments(host, account, handler, text):
    worker = host(f"""
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    {handler}
""")
    assert await ask(account(worker)) == (200, text)


async def test_the_only_entrypoint_answers_whatever_it_is_called(host, account):
    worker = host(HELLO.replace("Default", "Shop"))
    assert worker.__name__ == "Shop"
    assert await ask(account(worker)) == (200, "hello")


def test_of_several_entrypoints_one_has_to_be_named(host):
    two = HELLO.replace("Default", "Shop") + "class Till(Shop): pass\n"
    with pytest.raises(CannotHost, match=r"no class Default, and several others: Shop, Till"):
        host(two)
    assert host(two, class_name="Till").__name__ == "Till"


GLOBAL_HANDLER = """
{imports}
{decorator}
async def on_fetch(request, env, ctx):
    await env.KV.put("k", "v")
    return {response}
"""
WITH_HANDLER = GLOBAL_HANDLER.format(
    imports="from workers import Response, handler",
    decorator="@handler",
    response="Response(f'{request.method} {await env.KV.get(\"k\")}')",
)
WITHOUT_HANDLER = GLOBAL_HANDLER.format(
    imports="from js import Response",
    decorator="",
    response="Response.new(f'{request.method} {await env.KV.get(\"k\")}')",
)


@pytest.mark.parametrize("source", [WITH_HANDLER, WITHOUT_HANDLER], ids=["with handler", "without"])
async def test_a_function_of_the_module_answers_on_older_dates(host, account, source):
    worker = host(source, date="2025-08-13")
    assert await ask(account(worker)) == (200, "GET v")


async def test_no_function_of_the_module_answers_from_2025_08_14_on(host, account):
    worker = host(WITH_HANDLER, date="2025-08-14")
    assert any("on_fetch and on_scheduled are not called" in warning for warning in worker.warnings)
    edge = account(worker)
    ends = []
    edge.events.subscribe(InvocationEnded, ends.append)
    assert (await ask(edge))[0] == 500
    assert ends[0].error == "Error: Handler does not export a fetch() function"


async def test_a_class_is_scheduled_with_its_controller_alone(host, account):
    worker = host("""
from workers import WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def scheduled(self, controller, env, ctx):
        assert env is None and ctx is None
        await self.env.KV.put("run", f"{controller.cron} {controller.scheduledTime}")
""")
    edge = account(worker)
    async with edge.invocation() as invocation:
        controller = ScheduledController("*/5 * * * *", 1_772_366_400_000)
        await worker(invocation.ctx, edge.env).scheduled(controller, None, None)
        assert await edge.env.KV.get("run") == "*/5 * * * * 1772366400000"


async def test_a_class_whose_scheduled_has_no_room_for_env_and_ctx_fails_as_on_cloudflare(host, account):
    worker = host("""
from workers import WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def scheduled(self, controller): pass
""")
    edge = account(worker)
    async with edge.invocation() as invocation:
        with pytest.raises(TypeError, match="takes 2 positional arguments but 4 were given"):
            await worker(invocation.ctx, edge.env).scheduled(ScheduledController("* * * * *", 0), None, None)


def test_a_worker_without_a_cron_handler_has_none(host):
    assert not hasattr(host(HELLO), "scheduled")


def test_handlers_that_are_not_emulated_are_named(host):
    worker = host(HELLO + "    async def queue(self, batch): pass\n")
    assert "edgeday does not emulate the handler queue: nothing calls it" in worker.warnings


async def test_a_platform_error_that_the_worker_does_not_catch_stays_the_platforms(host, account):
    worker = host("""
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        await self.env.KV.put("k", "v", expirationTtl=59)
""")
    edge = account(worker)
    ends = []
    edge.events.subscribe(InvocationEnded, ends.append)
    assert (await ask(edge))[0] == 500
    assert "Invalid expiration_ttl of 59" in ends[0].error


async def test_an_error_of_a_binding_is_a_javascript_exception_in_the_worker(host, account):
    worker = host("""
from pyodide.ffi import JsException
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        try:
            await self.env.KV.put("k", "v", expirationTtl=59)
        except JsException as error:
            return Response(str(error))
""")
    assert (await ask(account(worker)))[1].startswith(
        "Error: KV PUT failed: 400 Invalid expiration_ttl of 59"
    )


async def test_variables_are_found_by_name_in_the_instance_and_in_the_module(host, account):
    worker = host("""
import workers
from workers import Response, WorkerEntrypoint, env
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response(f"{self.env.NAME} {env.CONF.depth} {workers.env.CONF.names[1]} {hasattr(env, 'NO')}")
""")
    edge = account(worker, vars={"NAME": "shop", "CONF": {"depth": 3, "names": ["a", "b"]}})
    assert await ask(edge) == (200, "shop 3 b False")


def test_variables_of_the_configuration_are_there_while_the_worker_is_imported(host):
    source = "from workers import WorkerEntrypoint, env\nassert env.NAME == 'shop'\n"
    host(f"{source}class Default(WorkerEntrypoint): pass\n", vars={"NAME": "shop"})


async def test_a_namespace_may_be_taken_from_env_while_the_worker_is_imported(host, account):
    worker = host(
        """
from workers import Response, WorkerEntrypoint, env
NOTES = env.KV
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        await NOTES.put("k", "v")
        return Response(await env.KV.get("k"))
""",
        namespaces=["KV"],
    )
    for _ in range(2):
        assert await ask(account(worker)) == (200, "v")


def test_a_namespace_may_not_be_called_while_the_worker_is_imported(host):
    source = "from js import Object\nfrom workers import env\nenv.KV.get('k')\nclass Default: pass\n"
    with pytest.raises(CannotHost, match=r"entry\.py:3: .*Disallowed operation called within global scope"):
        host(source, namespaces=["KV"])


@pytest.mark.parametrize("result", ["'text'", "None", "{}"])
async def test_a_handler_that_returns_no_response_fails(host, account, result):
    worker = host(f"""
from workers import WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request): return {result}
""")
    assert await ask(account(worker)) == (500, "error code: 1101")


async def test_work_goes_on_after_the_response_with_the_workers_modules(host, account):
    worker = host("""
import asyncio
from workers import Response, WorkerEntrypoint, wait_until
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        async def later(key):
            await asyncio.sleep(0)
            from js import Object
            await self.env.KV.put(key, "done")
        self.ctx.waitUntil(later("a"))
        wait_until(later("b"))
        return Response("soon")
""")
    edge = account(worker)
    assert await ask(edge) == (200, "soon")
    await edge.drain()
    assert [await edge.env.KV.get(key) for key in "ab"] == ["done", "done"]


def test_every_kind_of_binding_with_words_of_its_own_is_one_that_configurations_have():
    assert {kind.noun for kind in unsupported.KINDS} <= {kind.noun for kind in configured.KINDS.values()}


async def test_a_binding_that_is_not_emulated_says_so_when_it_is_used(host, account):
    worker = host("""
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        database = self.env.DB
        try:
            await database.prepare("SELECT 1").run()
        except Exception as error:
            return Response(f"{error}")
""", unsupported={"DB": "D1 database"})  # fmt: skip
    text = "edgeday does not emulate D1 (binding DB); stub it: worker: {stubs: {DB: ...}}"
    assert await ask(account(worker)) == (200, f"Error: {text}")


async def test_a_binding_that_a_module_takes_while_it_is_imported_is_what_is_stubbed(host, account):
    worker = host("""
from workers import Response, WorkerEntrypoint, env
model = env.AI
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response((await model.run("hello")).answer)
""", unsupported={"AI": "Workers AI"})  # fmt: skip
    stub = Stub("AI", {"run": Member(called=True, outcome=Outcome("resolves", {"answer": "hi"}))})
    assert await ask(account(worker, vars={"AI": stub})) == (200, "hi")


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ("from workers import Response\n\ndef f(:\n", r"entry\.py:3:7: SyntaxError"),
        ("from workers import Response\nx = 1 / 0\n", r"entry\.py:2: importing it raised ZeroDivisionError"),
        ("from workers import Response\nimport no_such_package\n", r"entry\.py:2: No module named"),
        (
            "from workers import Response\nclass Default: pass\n",
            r"entry\.py:2: Default is no WorkerEntrypoint",
        ),
        ("from workers import Response\n", r"neither class Default\(WorkerEntrypoint\) nor on_fetch"),
    ],
)
def test_what_cannot_be_hosted_is_refused_with_its_place(host, source, where):
    with pytest.raises(CannotHost, match=where):
        host(source)


def test_a_project_without_a_copy_of_the_sdk_is_warned_by_its_date(host):
    (after,) = host(HELLO, date="2026-04-21").warnings
    (before,) = host(HELLO, date="2026-04-20").warnings
    assert "Cloudflare has no module `workers` without it" in after
    assert "does not wrap KV" in before


def test_without_an_sdk_anywhere_the_error_says_how_to_get_one(host, monkeypatch):
    monkeypatch.setattr(sys, "path", [path for path in sys.path if "site-packages" not in path])
    with pytest.raises(CannotHost, match="needs Cloudflare's workers-runtime-sdk") as refused:
        host(HELLO)
    assert refused.value.hint == "pip install 'edgeday[python-workers]'"


async def test_an_sdk_that_the_project_has_comes_before_that_of_the_environment(host, account):
    package = {
        "python_modules/workers/__init__.py": "from .own import Response, Request, WorkerEntrypoint",
        "python_modules/workers/own.py": """
import js
class WorkerEntrypoint:
    def __init__(self, ctx, env): self.ctx, self.env = ctx, env
class Request:
    def __init__(self, js_object): self.js_object = js_object
class Response:
    def __init__(self, text): self.js_object = js.Response.new("own " + text)
""",
    }
    worker = host(
        "from workers import WorkerEntrypoint, Response\n"
        "class Default(WorkerEntrypoint):\n    async def fetch(self, request): return Response('copy')\n",
        files=package,
    )
    assert worker.runs_on.startswith("workers-runtime-sdk of unknown version from python_modules")
    assert worker.warnings == ()
    assert await ask(account(worker)) == (200, "own copy")


@pytest.mark.parametrize(
    ("source", "date", "line"),
    [
        (
            "class Default(WorkerEntrypoint):\n    async def fetch(self, request):\n        return 'text'\n",
            "",
            3,
        ),
        ("class Default(WorkerEntrypoint):\n    def fetch(self): ...\n", "", 3),
        ("async def on_fetch(request):\n    return {}\n", "2025-01-01", 2),
        ("@handler\nasync def on_fetch(request):\n    return None\n", "2025-01-01", 2),
    ],
)
async def test_a_handler_that_returns_no_response_is_named_by_its_own_line(host, account, source, date, line):
    edge = account(
        host(f"from workers import WorkerEntrypoint, handler\n{source}", **({"date": date} if date else {}))
    )
    ended = []
    edge.events.subscribe(InvocationEnded, ended.append)
    assert (await ask(edge))[0] == 500
    assert ended[0].place.endswith(f".py:{line}")
