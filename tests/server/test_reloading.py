"""Serving a worker anew when its files change."""

from __future__ import annotations

import asyncio
import importlib
import io
import sys
from pathlib import Path

import pytest

from edgeday.commands.served_worker import ServeOptions, read_served
from edgeday.ledger import Op
from edgeday.server.reloading import Reloader, Watched, imported_anew
from edgeday.server.request_log import RequestLog
from edgeday.server.served import Served
from edgeday.web.messages import Request

ID = "0000000000000000000000000000000a"
WORKER = """
from edgeday import Response
import reloaded_words

class Shop:
    async def fetch(self, request):
        await self.env.ITEMS.put(request.url, "x")
        return Response(reloaded_words.HELLO + self.env.WHO)
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A directory with a worker of two modules and its configuration; it is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "reloaded_shop.py").write_text(WORKER)
    (tmp_path / "reloaded_words.py").write_text("HELLO = 'hello '\n")
    configure(tmp_path, "ann")
    yield tmp_path
    for name in ("reloaded_shop", "reloaded_words"):
        sys.modules.pop(name, None)


def configure(project, who):
    (project / "wrangler.toml").write_text(
        f'kv_namespaces = [{{ binding = "ITEMS", id = "{ID}" }}]\n[vars]\nWHO = "{who}"\n'
    )


class Session:
    """A worker that is served, its reloader, and what its log says."""

    def __init__(self, served, reloader, out):
        self.served, self.reloader, self.out = served, reloader, out
        self.log = RequestLog(out)
        self.asked = 0

    async def reload(self, *names):
        return await self.reloader.reload(self.served, self.log, list(names))

    async def ask(self):
        self.asked += 1
        response = await self.served.edge.dispatch(Request(f"https://worker.example/{self.asked}"))
        return await response.text()


@pytest.fixture
async def session(project):
    source = ServeOptions("reloaded_shop:Shop")
    reading = read_served(source)
    served = await Served.open(reading.settings)
    yield Session(served, Reloader(lambda: read_served(source), reading), io.StringIO())
    await served.close()


async def test_a_changed_module_is_imported_anew_with_all_of_the_workers(session, project):
    assert await session.ask() == "hello ann"
    (project / "reloaded_words.py").write_text("HELLO = 'hullo '\n")
    assert await session.reload(project / "reloaded_words.py") is True
    assert await session.ask() == "hullo ann"
    assert session.out.getvalue().endswith(" reloaded_words.py changed: reloaded\n")


async def test_the_account_stays_as_it_is(session, project):
    await session.ask()
    await session.served.advance(60)
    at = session.served.gained_s
    await session.reload(project / "reloaded_shop.py")
    assert session.served.edge.ledger.usage(Op.WRITE).accepted == 1
    assert await session.served.edge.env.ITEMS.get("https://worker.example/1") == "x"
    assert session.served.gained_s == at


async def test_variables_and_bindings_are_read_anew(session, project):
    configure(project, "bob")
    (project / ".dev.vars").write_text("TOKEN=s3cret\n")
    await session.reload(project / "wrangler.toml", project / ".dev.vars")
    assert await session.ask() == "hello bob"
    assert session.served.edge.env.TOKEN == "s3cret"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("reloaded_words.py", "HELLO = = 1\n", "reloaded_words.py:1"),
        ("reloaded_words.py", "\nHELLO = 1 / 0\n", "reloaded_words.py:2"),
        ("reloaded_words.py", "import no_such_module\n", "no_such_module"),
        ("wrangler.toml", "kv_namespaces = [\n", "wrangler.toml:"),
    ],
)
async def test_files_that_cannot_be_served_change_nothing_and_are_said(session, project, name, text, words):
    before = sys.modules["reloaded_words"]
    (project / name).write_text(text)
    assert await session.reload(project / name) is False
    assert await session.ask() == "hello ann"
    assert sys.modules["reloaded_words"] is before
    said = session.out.getvalue()
    assert f"{name} changed, and cannot be served; the worker from before goes on" in said
    assert words in said


async def _at_once(function, *arguments, **_):
    """What Cloudflare's SDK of Python Workers makes of `anyio.to_thread.run_sync`."""
    return function(*arguments)


@pytest.mark.slow
@pytest.mark.parametrize("has_sdk", [False, True])
async def test_changes_of_files_are_followed_as_they_come(session, project, monkeypatch, has_sdk):
    if has_sdk:
        monkeypatch.setattr("anyio.to_thread.run_sync", _at_once)
    following = asyncio.create_task(session.reloader.follow(session.served, session.log))
    try:
        async with asyncio.timeout(20):
            number = 0
            while "reloaded_words.py changed: reloaded" not in session.out.getvalue():
                number += 1
                (project / "reloaded_words.py").write_text(f"HELLO = '{number} '\n")
                await asyncio.sleep(0.3)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert (await session.ask())[0].isdigit()


def test_only_code_and_configuration_count(project):
    watched = Watched((project,), (project / "wrangler.toml",), (project,))
    counting = [".dev.vars", ".dev.vars.x", ".env.local", "shop.py", "wrangler.toml"]
    others = ["day.sqlite", "out.txt", "other.toml", "notes.md"]
    counted = watched.those_of(str(project / name) for name in (*others, *counting))
    assert [path.name for path in counted] == counting


def test_what_is_installed_or_hidden_is_not_watched(project):
    for name in ("src/deep", ".venv/lib", "node_modules/x", "python_modules/x", "src/__pycache__"):
        (project / name).mkdir(parents=True)
    below = [path.relative_to(project.resolve()) for path in Watched((project,)).directories()]
    assert [path.as_posix() for path in below] == [".", "src", "src/deep"]


@pytest.mark.parametrize(
    ("folder", "stays"),
    [(".venv/lib/python3.13/site-packages", True), ("python_modules", True), ("src", False)],
)
def test_installed_modules_within_a_project_stay_and_the_projects_own_do_not(
    project, monkeypatch, folder, stays
):
    (project / folder).mkdir(parents=True)
    (project / folder / "lies_within.py").write_text("")
    monkeypatch.syspath_prepend(str(project / folder))
    before = importlib.import_module("lies_within")
    with imported_anew([project]):
        assert (sys.modules.get("lies_within") is before) is stays
    sys.modules.pop("lies_within", None)


def test_the_emulators_own_modules_stay(project):
    before = sys.modules["edgeday"]
    with imported_anew([Path(before.__file__).parents[1]]):
        assert sys.modules["edgeday"] is before
