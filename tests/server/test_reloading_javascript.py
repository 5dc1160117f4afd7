"""Serving a JavaScript worker anew when its files change."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edgeday.commands.served_worker import ServeOptions, read_served
from edgeday.events import Operation
from edgeday.server.reloading import Reloader
from edgeday.server.request_log import RequestLog
from edgeday.server.served import Served
from edgeday.web.messages import Request

pytestmark = pytest.mark.workerd

ID = "0000000000000000000000000000000a"
WORKER = """
import { hello } from "./words.js";
let requests = 0;
export default {
  async fetch(request, env) {
    await env.ITEMS.put(request.url, "x");
    if (request.url.endsWith("/wait")) while (!(await env.ITEMS.get("go"))) await scheduler.wait(1);
    return new Response(`${hello} ${env.WHO} ${++requests}`);
  },
};
"""


def configure(project: Path, who: str) -> None:
    (project / "wrangler.toml").write_text(
        f'name = "shop"\nmain = "shop.js"\ncompatibility_date = "2025-01-01"\n'
        f'kv_namespaces = [{{ binding = "ITEMS", id = "{ID}" }}]\n[vars]\nWHO = "{who}"\n'
    )


class Session:
    """A worker that is served, its reloader, and what its log says."""

    def __init__(self, served: Served, reloader: Reloader) -> None:
        self.asked = 0
        self.served, self.reloader, self.out = served, reloader, io.StringIO()
        self.log = RequestLog(self.out)

    async def reload(self, *names: Path) -> bool:
        return await self.reloader.reload(self.served, self.log, list(names))

    async def ask(self, path: str = "") -> str:
        self.asked += 1
        path = path or f"/{self.asked}"  # of which a key is made: it may be written once a second
        response = await self.served.edge.dispatch(Request(f"https://worker.example{path}"))
        return await response.text()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a worker of two modules and its configuration; it is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.js").write_text(WORKER)
    (tmp_path / "words.js").write_text('export const hello = "hello";\n')
    configure(tmp_path, "ann")
    return tmp_path


@pytest.fixture
async def session(project: Path, workerd: Path) -> AsyncIterator[Session]:
    source = ServeOptions("shop.js")
    reading = read_served(source)
    served = await Served.open(reading.settings)
    yield Session(served, Reloader(lambda: read_served(source), reading))
    await served.close()


async def test_a_changed_module_is_run_anew_and_the_old_process_ends(session: Session, project: Path) -> None:
    assert await session.ask() == "hello ann 1"
    (isolate,) = session.served.settings.worker._isolates._living  # type: ignore[union-attr]
    (project / "words.js").write_text('export const hello = "hullo";\n')
    assert await session.reload(project / "words.js") is True
    assert await session.ask() == "hullo ann 1"
    assert session.out.getvalue().endswith(" words.js changed: reloaded\n")
    assert await asyncio.to_thread(isolate._engine.process._child.wait, 10) is not None


async def test_a_request_that_runs_ends_with_the_worker_that_it_began_with(
    session: Session, project: Path
) -> None:
    begun = asyncio.Event()
    session.served.edge.events.subscribe(Operation, lambda _: begun.set())
    waiting = asyncio.ensure_future(session.ask("/wait"))
    await begun.wait()
    (project / "words.js").write_text('export const hello = "hullo";\n')
    await session.reload(project / "words.js")
    await session.served.edge.env.ITEMS.put("go", "x")
    assert await waiting == "hello ann 1"
    assert await session.ask() == "hullo ann 1"


async def test_variables_are_read_anew(session: Session, project: Path) -> None:
    configure(project, "bob")
    await session.reload(project / "wrangler.toml")
    assert await session.ask() == "hello bob 1"


async def test_modules_that_cannot_be_run_change_nothing_and_are_said(
    session: Session, project: Path
) -> None:
    await session.ask()
    (project / "words.js").write_text("export const hello = ;\n")
    assert await session.reload(project / "words.js") is False
    assert await session.ask() == "hello ann 2"
    said = session.out.getvalue()
    assert "words.js changed, and cannot be served; the worker from before goes on" in said
    assert "words.js:1:" in said


def test_modules_configuration_and_variables_are_followed_and_no_packages(
    project: Path, workerd: Path
) -> None:
    watched = read_served(ServeOptions("shop.js")).watched
    names = ["shop.js", "words.js", "new.ts", "wrangler.toml", ".dev.vars", "notes.md"]
    followed = watched.those_of(str(project / name) for name in names)
    assert sorted(path.name for path in followed) == sorted(names[:-1])
    (project / "node_modules" / "a").mkdir(parents=True)
    assert watched.directories() == [project]
