"""The worker over HTTP: its paths, variants, AI stand-in, exceptions and limits."""

from __future__ import annotations

import asyncio
import json
import logging

import aiohttp
import pytest

from edgeday.events import InvocationEnded, Operation
from edgeday.ledger import Op
from edgeday.runtime.edge import Edge
from edgeday.scenario.loader import load_one
from edgeday.web import PlatformError, ReadableStream, Response, caches, fetch
from tests.server.conftest import local_server
from tests.server.wire import exchange, status_of
from worker_port import AiDietWorker
from worker_port.profile.stand_in import AiStandIn, stand_in_of

CLIENT = {"name": "Ана", "age": 37, "weight": 70, "height": 170}


@pytest.fixture
async def diet():
    async with local_server(AiDietWorker) as server:
        yield server


async def plan(server, **headers):
    return await server.request("POST", "/api/generate-plan", headers=headers, json=CLIENT)


class Echo:
    """Answers with what it was asked."""

    async def fetch(self, request):
        summary = {
            "url": request.url,
            "method": request.method,
            "headers": dict(request.headers),
            "body": await request.text(),
        }
        return Response(json.dumps(summary), headers={"Content-Type": "text/x-echo", "X-Two": "2"})


@pytest.fixture
async def echo():
    async with local_server(Echo) as server:
        yield server


async def echoed(server, method, path, **options):
    return json.loads((await server.request(method, path, **options)).body)


# requests and responses


@pytest.mark.parametrize(
    "path", ["/a%2Fb/c?x=%2F&y", "/", "/ключ".encode().decode("latin-1"), "/client/v5/x"]
)
async def test_the_worker_sees_path_and_query_as_they_were_sent(echo, path):
    from urllib.parse import quote

    sent = quote(path, safe="/%?&=")
    assert (await echoed(echo, "GET", sent))["url"] == f"{echo.origin}{sent}"


async def test_the_worker_sees_method_headers_and_body(echo):
    request = await echoed(echo, "PUT", "/", headers={"X-One": "1"}, data="тяло".encode())
    assert (request["method"], request["headers"]["x-one"], request["body"]) == ("PUT", "1", "тяло")


async def test_headers_of_a_response_come_back(echo):
    response = await echo.request("GET", "/")
    assert (response.headers["Content-Type"], response.headers["X-Two"]) == ("text/x-echo", "2")


@pytest.mark.slow
async def test_a_body_over_100_megabytes_is_refused(echo):
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 100000001\r\n\r\n"
    assert status_of(await exchange(echo.port, head)) == 413


async def test_cookies_stay_apart_and_statuses_and_reasons_come_back():
    class Cookies:
        async def fetch(self, request):
            fields = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
            return Response(None, status=204, status_text="Fine", headers=fields)

    async with local_server(Cookies) as server:
        response = await server.request("GET", "/")
        assert (response.status, response.reason, response.headers.getall("Set-Cookie")) == (
            204,
            "Fine",
            ["a=1", "b=2"],
        )


async def test_a_stream_is_sent_whole():
    class Streams:
        async def fetch(self, request):
            return Response(ReadableStream([b"a" * 100_000, b"b"]))

    async with local_server(Streams) as server:
        assert (await server.request("GET", "/")).body == b"a" * 100_000 + b"b"


# the diet worker


async def test_a_plan_is_generated_on_its_own_path(diet):
    answer = await plan(diet)
    assert answer.status == 200
    assert json.loads(answer.body)["success"] is True


async def test_an_unknown_path_is_the_workers_own_404(diet):
    assert json.loads((await diet.request("GET", "/nothing")).body) == {"error": "Not found"}


async def test_the_worker_and_the_rest_api_share_store_and_ledger():
    async with local_server(AiDietWorker, variant="kv_only") as server:
        stored: list[str] = []
        server.served.edge.events.subscribe(
            Operation, lambda event: stored.append(event.key) if event.outcome == "stored" else None
        )
        await plan(server)
        written = server.used(Op.WRITE).accepted
        await server.kv("PUT", "/values/by-rest", data=b"x")
        listed = await server.kv("GET", "/keys")
        assert {row["name"] for row in listed.json["result"]} == set(stored) > {"by-rest"}
        assert server.used(Op.WRITE).accepted == written + 1


@pytest.mark.parametrize(("variant", "writes"), [("hybrid", False), ("kv_only", True)])
async def test_a_request_may_choose_its_variant(diet, variant, writes):
    await plan(diet, **{"edgeday-variant": variant})
    assert (diet.used(Op.WRITE).accepted > 0) is writes


async def test_an_unknown_variant_is_refused_with_those_there_are(diet):
    refused = await plan(diet, **{"edgeday-variant": "hybird"})
    assert refused.status == 400
    assert b'unknown variant "hybird" (there are ' in refused.body
    assert diet.used(Op.WRITE).asked == 0


async def test_a_variant_that_is_not_utf8_is_refused(diet):
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nedgeday-variant: \xff\r\n\r\n"
    assert status_of(await exchange(diet.port, head)) == 400


async def test_a_failing_ai_is_logged_as_the_worker_does():
    async with local_server(AiDietWorker, ai=AiStandIn(failure_rate=1.0, failure_status=400)) as server:
        answer = await plan(server)
        listed = await server.kv("GET", "/keys?prefix=ai_error_log:")
        assert answer.status == 500
        assert len(listed.json["result"]) == 1


async def test_the_ai_takes_real_time():
    async with local_server(AiDietWorker, ai=AiStandIn(seconds=(0.02, 0.03))) as server:
        started = asyncio.get_running_loop().time()
        await plan(server)
        assert asyncio.get_running_loop().time() - started >= 7 * 0.02


def test_a_scenario_sets_delays_and_failures(tmp_path):
    path = tmp_path / "day.yaml"
    path.write_text(
        "name: day\nstart: 2026-03-01T00:00:00Z\ntraffic:\n"
        "  - plans: 20\n    ai_calls: 7\n    ai: {seconds: [1, 3]}\n"
        "    errors: {plans: 4, response_errors: 2}\n"
    )
    ai = stand_in_of(load_one(path).scenario)
    assert ai.seconds == (1.0, 3.0)
    assert ai.failure_rate == pytest.approx(4 / 20 * 2 / 7)


def test_a_scenario_without_traffic_leaves_the_ai_quick_and_faultless(tmp_path):
    path = tmp_path / "day.yaml"
    path.write_text("name: day\nstart: 2026-03-01T00:00:00Z\n")
    ai = stand_in_of(load_one(path).scenario)
    assert (ai.seconds, ai.failure_rate) == ((0.0, 0.0), 0.0)


# what a worker does wrong


async def test_an_exception_of_the_worker_is_the_1101_page_and_a_traceback(caplog):
    class Broken:
        async def fetch(self, request):
            return 1 / 0

    async with local_server(Broken) as server:
        response = await server.request("GET", "/")
        assert (response.status, response.body) == (500, b"error code: 1101")
        assert "ZeroDivisionError" in caplog.text
        assert "Traceback" in caplog.text


async def test_an_uncaught_platform_error_is_the_1101_page_and_a_line(caplog):
    class Spends:
        env: object

        async def fetch(self, request):
            for number in range(1001):
                await self.env.page_content.put(f"k{number}", "x")

    caplog.set_level(logging.WARNING)
    async with local_server(Spends) as server:
        response = await server.request("GET", "/")
        assert (response.status, response.body) == (500, b"error code: 1101")
        assert "KV put() limit exceeded for the day." in caplog.text


@pytest.mark.parametrize(
    "response",
    [
        Response.error,
        lambda: Response("x", headers={"X-Bad": "a\r\nSet-Cookie: b"}),
        lambda: None,
        lambda: "text",
    ],
)
async def test_what_is_no_response_is_the_1101_page(response):
    class Wrong:
        async def fetch(self, request):
            return response()

    async with local_server(Wrong) as server:
        answer = await server.request("GET", "/")
        assert (answer.status, answer.body) == (500, b"error code: 1101")


async def test_a_response_that_was_read_is_the_1101_page():
    class Read:
        async def fetch(self, request):
            response = Response("x")
            await response.text()
            return response

    async with local_server(Read) as server:
        assert (await server.request("GET", "/")).body == b"error code: 1101"


async def test_a_stream_that_fails_breaks_the_connection_off(caplog):
    async def source():
        yield b"first"
        raise PlatformError("no more")

    class Fails:
        async def fetch(self, request):
            return Response(ReadableStream(source()))

    async with local_server(Fails) as server:
        with pytest.raises(aiohttp.ClientError):
            await server.request("GET", "/")
    assert "broke off" in caplog.text


async def test_subrequests_are_limited_as_in_the_emulator():
    class Greedy:
        async def fetch(self, request):
            for number in range(50):
                await caches.default.match(f"https://x.example/{number}")
            try:
                await fetch("https://api.openai.com/")
            except PlatformError as error:
                return Response(error.message)
            return Response("not refused")

    async with local_server(Greedy) as server:
        response = await server.request("GET", "/")
        assert response.body == b"Too many subrequests by single Worker invocation."


async def test_each_request_is_an_invocation_with_its_events(diet):
    ended: list[InvocationEnded] = []
    operations: list[Operation] = []
    edge: Edge = diet.served.edge
    edge.events.subscribe(InvocationEnded, ended.append)
    edge.events.subscribe(Operation, operations.append)
    await plan(diet)
    assert [(event.route, event.status) for event in ended] == [("POST /api/generate-plan", 200)]
    assert {event.invocation for event in operations} == {ended[0].invocation}
