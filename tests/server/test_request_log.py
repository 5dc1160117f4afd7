"""The request log: what a line says, what stands below it, and how it fits a terminal."""

from __future__ import annotations

import asyncio
import io

import pytest

from edgeday.errors import BadInput, Problem
from edgeday.server.request_log import RequestLog, printable, shortened
from edgeday.web import Response, caches, fetch
from tests.server.conftest import local_server


class Terminal(io.StringIO):
    """Output that says it is a terminal."""

    def isatty(self):
        return True


class Worker:
    """Does what its path says."""

    async def fetch(self, request):
        kv, path = self.env.page_content, request.url.split("/", 3)[3]
        if path.startswith("mix"):
            await kv.get("a")
            await kv.get(["b", "c"])
            await kv.put(path, "x")
            kept = {"cache-control": "max-age=9"}
            await caches.default.put("https://x.example/", Response("x", headers=kept))
            await caches.default.match("https://x.example/")
            await caches.default.match("https://x.example/other")
        elif path == "throws":
            raise ValueError("no price\x1b[31m")
        elif path == "spends":
            for number in range(1001):
                await kv.put(f"k{number}", "x")
        elif path == "copes":
            for _ in range(3):
                try:
                    await fetch("https://nobody.example/")
                except Exception:
                    continue
        elif path == "later":
            self.ctx.waitUntil(self.later())
        return Response("done")

    async def later(self):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await self.env.page_content.put("later", "x")


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
async def server(out):
    async with local_server(Worker, observer=RequestLog(out)) as server:
        yield server


def lines(out) -> list[str]:
    return out.getvalue().splitlines()


async def test_a_line_says_what_a_request_used(server, out):
    await server.request("GET", "/mix?page=1")
    (line,) = lines(out)
    assert line.startswith("12:00:00 GET /mix?page=1 200 ")
    assert line.endswith(" ms  KV 3 reads, 1 write · cache 1 stored, 1 hit, 1 miss · 6 subrequests")


async def test_a_request_that_uses_nothing_has_a_short_line(server, out):
    await server.request("POST", "/")
    (line,) = lines(out)
    assert line.startswith("12:00:00 POST / 200 ")
    assert line.endswith(" ms")


async def test_a_request_of_the_rest_api_names_the_namespace(server, out):
    await server.put("a%2Fb")
    (line,) = lines(out)
    assert line.startswith("12:00:00 PUT REST page_content/values/a%2Fb 200 ")
    assert line.endswith("KV 1 write")


async def test_pages_of_the_server_are_not_in_the_log(server, out):
    await server.request("GET", "/__edgeday/")
    assert lines(out) == []


async def test_what_the_worker_throws_stands_below_its_line(server, out):
    await server.request("GET", "/throws")
    first, *below = lines(out)
    assert first.startswith("12:00:00 GET /throws 500 ")
    assert 'raise ValueError("no price' in "\n".join(below)
    assert below[-1] == "         ValueError: no price\\x1b[31m"


async def test_a_spent_quota_is_said_with_how_much_and_until_when(server, out):
    await server.request("GET", "/spends")
    assert "KV 1,000 writes, 1 write refused · 1,000 subrequests" in lines(out)[0]
    assert lines(out)[-1] == (
        "         KV put k1000: KV put() limit exceeded for the day: 1000 of 1000 writes spent, "
        "resets in 12 h"
    )


async def test_what_fails_without_an_exception_is_said_once_with_its_number(server, out):
    await server.request("GET", "/copes")
    first, below = lines(out)
    assert " 200 " in first
    assert below.startswith("         fetch GET https://nobody.example/: ")
    assert below.endswith("(3 times)")


async def test_work_after_the_answer_has_a_line_of_its_own(server, out):
    await server.request("GET", "/later")
    await server.served.edge.drain()
    text = "\n".join(lines(out))
    assert "GET /later 200 " in text
    assert text.count("KV 1 write") == 1


async def test_requests_beside_each_other_are_kept_apart(server, out):
    await asyncio.gather(*(server.request("GET", f"/mix{number}") for number in range(10)))
    assert [line.partition("ms  ")[2] for line in lines(out)] == [
        "KV 3 reads, 1 write · cache 1 stored, 1 hit, 1 miss · 6 subrequests"
    ] * 10


async def test_a_quiet_log_has_what_went_wrong_alone(out):
    async with local_server(Worker, observer=RequestLog(out, quiet=True)) as server:
        await server.request("GET", "/mix")
        assert lines(out) == []
        await server.request("GET", "/throws")
        assert lines(out)[0].startswith("12:00:00 GET /throws 500 ")


class Gone(io.StringIO):
    """A pipe whose reader is gone."""

    def write(self, text):
        raise BrokenPipeError


@pytest.mark.parametrize("out", [Gone(), io.TextIOWrapper(io.BytesIO(), "ascii")])
async def test_a_request_does_not_fail_because_of_its_line(out):
    async with local_server(Worker, observer=RequestLog(out)) as server:
        assert (await server.request("GET", "/mix")).body == b"done"


@pytest.mark.parametrize("width", [40, 60, 80, 200])
async def test_on_a_terminal_every_line_fits_it(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    async with local_server(Worker, observer=RequestLog(out)) as server:
        await server.request("GET", "/mix" + "x" * 300)
        await server.request("GET", "/spends")
    assert max(map(len, lines(out))) <= width
    assert "KV 3 reads, 1 write · cache 1 stored, 1 hit, 1 miss · 6 subrequests" in " ".join(
        line.strip() for line in lines(out)
    )


async def test_only_a_terminal_gets_colours(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    async with local_server(Worker, observer=RequestLog(out)) as server:
        await server.request("GET", "/")
    assert "\x1b[32m200 " in out.getvalue()


def test_problems_stand_below_what_they_are_of(out, clock):
    problem = Problem("shop.py", "no price", "write one", line=3)
    RequestLog(out).say_problems(clock, "shop.py changed", BadInput(problem))
    assert [line[9:] for line in lines(out)] == ["shop.py changed", "shop.py:3: no price", "  write one"]


@pytest.mark.parametrize(
    ("text", "room", "fitting"),
    [("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcd…g"), ("abcdefghij", 7, "abcd…ij")],
)
def test_a_long_text_keeps_its_beginning_and_its_end(text, room, fitting):
    assert shortened(text, room) == fitting
    assert len(fitting) <= room


@pytest.mark.parametrize(
    ("text", "safe"), [("menu", "menu"), ("тяло", "тяло"), ("a\x1b[2Jb", "a\\x1b[2Jb"), ("\ud800", "\\ud800")]
)
def test_control_characters_are_shown_and_not_obeyed(text, safe):
    assert printable(text) == safe
