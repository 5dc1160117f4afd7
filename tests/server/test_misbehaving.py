"""A worker that hangs or misbehaves in a served request: an error page, and the server goes on."""

from __future__ import annotations

import asyncio
import io

import pytest

from edgeday.runtime.interrupts import REAL_S_VARIABLE
from edgeday.server.request_log import RequestLog
from tests import misbehaving
from tests.server.conftest import local_server


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setenv(REAL_S_VARIABLE, "0.4")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Loop", "SleepsZero", "NeverSet"])
async def test_a_request_that_hangs_is_answered_with_an_error_page_and_the_next_one_as_ever(name):
    async with local_server(getattr(misbehaving, name)) as server:
        wrong = await server.request("GET", "/wrong")
        assert wrong.status == 500
        assert wrong.body.startswith(b"error code: 1101")
        right = await server.request("GET", "/right")
        assert (right.status, right.body) == (200, b"ok")


@pytest.mark.parametrize("name", ["SysExit", "OsExit", "BaseRaised", "UrlOpen", "Thread"])
async def test_a_request_that_misbehaves_is_answered_with_an_error_page_and_the_next_one_as_ever(
    name, caplog
):
    async with local_server(getattr(misbehaving, name)) as server:
        wrong = await server.request("GET", "/wrong")
        assert wrong.status == 500
        assert "tests/misbehaving.py:" in caplog.text
        right = await server.request("GET", "/right")
        assert (right.status, right.body) == (200, b"ok")


@pytest.mark.slow
async def test_a_server_closes_although_background_work_does_not_let_itself_be_cancelled():
    async with local_server(misbehaving.BackgroundSwallows) as server:
        assert (await server.request("GET", "/wrong")).status == 200


@pytest.mark.slow
async def test_a_cron_that_hangs_is_an_exception_with_its_line_in_the_log():
    class Hangs:
        async def scheduled(self, controller, env, ctx):
            await asyncio.Event().wait()

        async def fetch(self, request): ...

    out = io.StringIO()
    async with local_server(Hangs, observer=RequestLog(out)) as server:
        answer = await server.request("GET", "/cdn-cgi/handler/scheduled")
    assert (answer.status, answer.body) == (500, b"exception")
    assert "test_misbehaving.py:" in out.getvalue()


@pytest.mark.slow
async def test_the_page_of_a_request_that_hangs_says_where():
    out = io.StringIO()
    async with local_server(misbehaving.NeverSet, observer=RequestLog(out), shows_tracebacks=True) as server:
        answer = await server.request("GET", "/wrong")
    assert "tests/misbehaving.py:" in answer.body.decode() + out.getvalue()
    assert " GET /wrong 500 " in out.getvalue()
