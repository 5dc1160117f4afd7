"""Running a cron by hand: addresses, answers, and what the worker is told."""

from __future__ import annotations

import io
import json

import pytest

from edgeday.errors import PlatformError
from edgeday.server.request_log import RequestLog
from edgeday.web import Response
from tests.server.conftest import START_S, local_server

CRON = "cron=*%2F5+*+*+*+*"


class Monitor:
    """Keeps what it is told."""

    async def fetch(self, request):
        return Response("page")

    async def scheduled(self, controller, env, ctx):
        await self.env.page_content.put("last", f"{controller.scheduledTime} {controller.cron}")
        if controller.cron == "1 * * * *":
            raise ValueError("no feed")
        if controller.cron == "2 * * * *":
            controller.noRetry()


@pytest.fixture
async def monitor():
    async with local_server(Monitor) as server:
        yield server


async def kept(server) -> str:
    return (await server.kv("GET", "/values/last")).body.decode()


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["handler", "local", "mf"])
async def test_each_address_runs_the_handler_with_cron_and_time(monitor, method, name):
    answer = await monitor.request(method, f"/cdn-cgi/{name}/scheduled?{CRON}&time=1771200000123")
    assert (answer.status, answer.body) == (200, b"ok")
    assert await kept(monitor) == "1771200000123 */5 * * * *"


async def test_the_address_of_test_scheduled_answers_in_its_own_words(monitor):
    answer = await monitor.request("GET", f"/__scheduled?{CRON}")
    assert (answer.status, answer.body) == (200, b"Ran scheduled event")


async def test_without_a_time_it_is_now_and_without_a_cron_there_is_none(monitor):
    assert (await monitor.request("GET", "/cdn-cgi/handler/scheduled")).body == b"ok"
    assert await kept(monitor) == f"{START_S * 1000} "


async def test_a_handler_that_throws_is_an_exception(monitor):
    answer = await monitor.request("GET", "/cdn-cgi/handler/scheduled?cron=1+*+*+*+*")
    assert (answer.status, answer.body) == (500, b"exception")


@pytest.mark.parametrize(
    ("cron", "status", "answer"),
    [
        ("0 * * * *", 200, {"outcome": "ok", "noRetry": False}),
        ("1 * * * *", 500, {"outcome": "exception", "noRetry": False}),
        ("2 * * * *", 200, {"outcome": "ok", "noRetry": True}),
    ],
)
async def test_the_outcome_as_json_says_whether_it_may_be_tried_again(monitor, cron, status, answer):
    path = f"/cdn-cgi/local/scheduled?cron={cron.replace(' ', '+')}&format=json"
    got = await monitor.request("GET", path)
    assert (got.status, json.loads(got.body)) == (status, answer)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("cron=0+0+*+*+0", "invalid cron string: 0 0 * * 0"),
        ("cron=every+minute", "invalid cron string: every minute"),
        ("time=soon", 'time must be milliseconds since 1970-01-01T00:00:00Z, not "soon"'),
        ("time=-1", "time must be milliseconds"),
        ("time=999999999999999", "time must be milliseconds"),
        ("cron=%ff", "the query cannot be read"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words_and_runs_nothing(monitor, query, words):
    answer = await monitor.request("GET", f"/cdn-cgi/handler/scheduled?{query}")
    assert answer.status == 400
    assert words in answer.body.decode()
    assert (await monitor.kv("GET", "/values/last")).status == 404


async def test_other_methods_are_refused(monitor):
    assert (await monitor.request("PUT", "/cdn-cgi/handler/scheduled")).status == 405


async def test_a_worker_without_the_handler_is_an_exception_in_the_platforms_words():
    class Pages:
        async def fetch(self, request):
            return Response("page")

    out = io.StringIO()
    async with local_server(Pages, observer=RequestLog(out)) as server:
        answer = await server.request("GET", f"/cdn-cgi/handler/scheduled?{CRON}")
    assert (answer.status, answer.body) == (500, b"exception")
    assert "Handler does not export a scheduled() function" in out.getvalue()


async def test_without_a_worker_there_is_nothing_to_run():
    async with local_server(None) as server:
        answer = await server.request("GET", "/cdn-cgi/handler/scheduled")
    assert answer.status == 503
    assert b"edgeday serve --worker" in answer.body


async def test_a_run_has_a_line_in_the_log_with_what_it_used():
    class Fails(Monitor):
        async def scheduled(self, controller, env, ctx):
            await self.env.page_content.get("feed")
            raise PlatformError("no feed")

    out = io.StringIO()
    async with local_server(Monitor, observer=RequestLog(out)) as server:
        await server.request("GET", f"/cdn-cgi/handler/scheduled?{CRON}")
    async with local_server(Fails, observer=RequestLog(out)) as server:
        await server.request("GET", f"/cdn-cgi/handler/scheduled?{CRON}")
    first, second, *below = out.getvalue().splitlines()
    assert first.startswith("12:00:00 cron */5 * * * * ok ")
    assert first.endswith(" ms  KV 1 write · 1 subrequest")
    assert second.startswith("12:00:00 cron */5 * * * * exception ")
    assert below[-1].endswith("Error: no feed")


async def test_other_addresses_below_cdn_cgi_are_the_workers(monitor):
    assert (await monitor.request("GET", "/cdn-cgi/trace")).body == b"page"
