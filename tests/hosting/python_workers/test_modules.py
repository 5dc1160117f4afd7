"""A worker's modules are importable while it is imported and run, and only then."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType

import pytest

from edgeday.hosting.python_workers.modules import held

from .conftest import ask

COUNTING = """
from workers import Response, WorkerEntrypoint
import helper
COUNT = {start}
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        global COUNT
        COUNT += 1
        await self.env.KV.get("something")
        await __import__("asyncio").sleep(0)
        from js import Object
        import entry
        return Response(f"{{entry.COUNT}} {{helper.NAME}}")
"""
EMULATED = (
    "js",
    "pyodide",
    "workers",
    "asgi",
    "_cloudflare",
    "_pyodide_entrypoint_helper",
    "entry",
    "helper",
)


def names_in_force() -> set[str]:
    return {name for name in sys.modules if name.partition(".")[0] in EMULATED}


async def test_nothing_of_a_worker_stays_importable(host, account):
    before = names_in_force()
    worker = host(COUNTING.format(start=0), files={"helper.py": "NAME = 'a'"})
    assert names_in_force() == before
    edge = account(worker)
    assert await ask(edge) == (200, "1 a")
    assert await ask(edge) == (200, "2 a")
    await edge.drain()
    assert names_in_force() == before


async def test_two_workers_in_one_process_keep_apart(tmp_path, host, account):
    first = host(COUNTING.format(start=0), files={"helper.py": "NAME = 'a'"})
    second = host(COUNTING.format(start=100), files={"helper.py": "NAME = 'b'"})
    edges = [account(first), account(second)]
    answers = await asyncio.gather(*(ask(edges[number % 2]) for number in range(4)))
    assert {text for _, text in answers[::2]} <= {"1 a", "2 a"}
    assert {text for _, text in answers[1::2]} <= {"101 b", "102 b"}


async def test_a_module_of_the_host_with_the_same_name_is_the_hosts_again(host, account, monkeypatch):
    mine = {name: ModuleType(name) for name in ("workers", "helper", "js")}
    for name, module in mine.items():
        monkeypatch.setitem(sys.modules, name, module)
    worker = host(COUNTING.format(start=0), files={"helper.py": "NAME = 'a'"})
    assert await ask(account(worker)) == (200, "1 a")
    assert {name: sys.modules[name] for name in mine} == mine


async def test_names_are_in_sys_modules_while_a_worker_runs(host, account):
    worker = host("""
from __future__ import annotations
import sys
from dataclasses import dataclass
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        @dataclass
        class Late:
            x: int
        return Response(f"{Late(1).x} {__name__ in sys.modules}")
""")
    assert await ask(account(worker)) == (200, "1 True")


def test_no_bytecode_is_written_beside_the_worker(tmp_path, host):
    host("import helper\nfrom workers import WorkerEntrypoint\nclass D(WorkerEntrypoint): pass",
         files={"helper.py": "NAME = 'a'", "package/__init__.py": ""})  # fmt: skip
    assert list(tmp_path.rglob("__pycache__")) == []


async def test_the_modules_of_a_run_stay_in_force_between_its_invocations(host, account):
    edge = account(host(COUNTING.format(start=0), files={"helper.py": "NAME = 'a'"}))
    before = names_in_force()
    with held():
        assert await ask(edge) == (200, "1 a")
        assert "js" in sys.modules
        assert await ask(edge) == (200, "2 a")
    assert names_in_force() == before


@pytest.mark.parametrize("name", ["HTMLRewriter", "MessageChannel", "EventTarget"])
async def test_a_global_that_is_not_emulated_imports_and_raises_when_it_is_used(host, account, name):
    worker = host(f"""
from js import {name}
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        try:
            {name}.new()
        except Exception as error:
            return Response(str(error))
""")
    assert await ask(account(worker)) == (200, f"Error: edgeday does not emulate {name}")


async def test_what_a_worker_holds_in_module_scope_is_its_isolates(host, account):
    worker = host(COUNTING.format(start=0), files={"helper.py": "NAME = 'a'"})
    edge = account(worker)
    assert [(await ask(edge))[1] for _ in range(2)] == ["1 a", "2 a"]
    await edge.move("SOF")
    assert await ask(edge) == (200, "1 a")
    edge.new_isolate()
    assert await ask(edge) == (200, "1 a")
    assert await ask(account(worker)) == (200, "1 a")


async def test_a_worker_may_take_a_module_of_its_own_out_of_sys_modules(host, account):
    worker = host(
        """
import sys
from workers import Response, WorkerEntrypoint
class Default(WorkerEntrypoint):
    async def fetch(self, request):
        import helper
        del sys.modules["helper"]
        return Response(helper.NAME)
""",
        files={"helper.py": "NAME = 'a'"},
    )
    edge = account(worker)
    before = names_in_force()
    for _ in range(2):
        assert await ask(edge) == (200, "a")
        assert names_in_force() == before
