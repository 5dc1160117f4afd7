"""Who may talk to the server, and what a browser cannot be made to do to it."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from edgeday.server import app as application
from edgeday.server import serving, worker_routes
from edgeday.server.rest import bodies as rest_bodies
from edgeday.server.security import Guard
from edgeday.web import Response
from tests.server.conftest import local_server
from tests.server.wire import exchange, status_of

KEYS = "/client/v4/accounts/a/storage/kv/namespaces/81fc0991b2764918b682f9ca170abd4b/keys"
BEARER = {"Authorization": "Bearer secret"}


def head(method, path, *headers):
    """The head of a sound request that asks to close the connection."""
    fields = ("Host: localhost", "Connection: close", "Authorization: Bearer x", *headers)
    return "\r\n".join((f"{method} {path} HTTP/1.1", *fields, "", "")).encode()


def pages(context):
    """A page of the server's own that shows the CSRF token, and changes something when posted to."""

    async def page(request):
        if request.method == "GET":
            return web.Response(text=context.guard.csrf_token, content_type="text/html")
        return web.Response(text="changed")

    return page


# the host name


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8787", 200), ("localhost", 200), ("LOCALHOST:1", 200), ("[::1]:8787", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example", 421),
        ("192.168.0.7", 421), ("", 421), ("[", 421), ("localhost@evil.example", 421),
    ],
)  # fmt: skip
async def test_only_the_servers_own_names_are_answered(server, host, status):
    assert (await server.request("GET", "/", headers={"Host": host})).status == status


async def test_a_host_name_can_be_allowed():
    async with local_server(names=["box.lan"]) as server:
        assert (await server.request("GET", "/", headers={"Host": "box.lan:8787"})).status == 200


async def test_a_request_without_a_host_is_refused(server):
    assert status_of(await exchange(server.port, b"GET / HTTP/1.0\r\n\r\n")) in {400, 421}


async def test_the_rest_api_is_behind_the_host_check_too(server):
    refused = await server.request("GET", KEYS, headers={"Host": "evil.example", **BEARER})
    assert refused.status == 421


# more than loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "box.lan"])
def test_a_server_beyond_loopback_needs_a_token(host):
    with pytest.raises(ValueError, match="needs a token"):
        Guard(host, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_server_on_loopback_needs_none(host):
    assert Guard(host, None).csrf_token != Guard(host, None).csrf_token


@pytest.mark.parametrize("path", ["/", KEYS, "/__edgeday/"])
async def test_beyond_loopback_every_door_asks_for_the_token(path):
    async with local_server(host="0.0.0.0", token="secret", pages=pages) as server:
        assert (await server.request("GET", path, headers={})).status == 401
        assert (await server.request("GET", path, headers={"Authorization": "Bearer other"})).status == 401
        assert (await server.request("GET", path, headers=BEARER)).status == 200
        assert (await server.request("GET", path, headers={"Host": "10.0.0.7", **BEARER})).status == 200
        assert (await server.request("GET", path, headers={"Host": "evil.example", **BEARER})).status == 421


async def test_the_token_header_opens_the_worker_and_does_not_reach_it():
    class Headers:
        async def fetch(self, request):
            return Response(str(request.headers.get("edgeday-token")))

    async with local_server(Headers, host="0.0.0.0", token="secret") as server:
        response = await server.request("GET", "/", headers={"edgeday-token": "secret"})
        assert (response.status, response.body) == (200, b"None")


async def test_a_visit_with_the_token_is_remembered_in_a_cookie_that_scripts_cannot_read():
    async with local_server(host="0.0.0.0", token="secret") as server:
        visit = await server.request("GET", "/plan?a=1&edgeday-token=secret", headers={})
        cookie = visit.headers["Set-Cookie"]
        assert (visit.status, visit.headers["Location"]) == (303, "/plan?a=1")
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        again = await server.request("GET", "/plan", headers={"Cookie": cookie.partition(";")[0]})
        assert again.status == 200


@pytest.mark.parametrize("path", ["//evil.example/", "/%2F%2Fevil.example/", "/\\evil.example"])
async def test_a_visit_with_the_token_leads_nowhere_else(path):
    async with local_server(host="0.0.0.0", token="secret") as server:
        request = f"GET {path}?edgeday-token=secret HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        answer = await exchange(server.port, request.encode())
        (location,) = [line for line in answer.split(b"\r\n") if line.startswith(b"Location: ")]
        assert location.startswith(b"Location: /")
        assert not location.startswith((b"Location: //", b"Location: /\\"))


# forged requests to the server's own pages


@pytest.fixture
async def paged():
    async with local_server(pages=pages) as server:
        server.csrf = (await server.request("GET", "/__edgeday/", headers={})).body.decode()
        yield server


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "{own}", "edgeday-csrf": "{csrf}"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "edgeday-csrf": "{csrf}"}, 200),
        ({"Origin": "{own}"}, 403),
        ({"Origin": "{own}", "edgeday-csrf": "guess"}, 403),
        ({"Origin": "http://evil.example", "edgeday-csrf": "{csrf}"}, 403),
        ({"Origin": "null", "edgeday-csrf": "{csrf}"}, 403),
        ({"Origin": "http://[", "edgeday-csrf": "{csrf}"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "edgeday-csrf": "{csrf}"}, 403),
        ({"edgeday-csrf": "{csrf}"}, 403),
        ({"Authorization": "Bearer any"}, 403),
        ({}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_change_must_come_from_a_page_of_the_same_origin(paged, method, headers, status):
    filled = {name: text.format(own=paged.origin, csrf=paged.csrf) for name, text in headers.items()}
    assert (await paged.request(method, "/__edgeday/time", headers=filled)).status == status


async def test_a_form_of_the_same_origin_may_carry_the_csrf_token_as_a_field(paged):
    own = {"Origin": paged.origin}
    right = await paged.request("POST", "/__edgeday/", headers=own, data={"edgeday-csrf": paged.csrf})
    wrong = await paged.request("POST", "/__edgeday/", headers=own, data={"edgeday-csrf": "guess"})
    assert (right.status, wrong.status) == (200, 403)


async def test_a_program_may_change_something_with_the_token():
    async with local_server(token="secret", pages=pages) as server:
        for header, secret, status in (
            ("edgeday-token", "secret", 200),
            ("edgeday-token", "other", 403),
            ("Cookie", "edgeday-token=secret", 403),
        ):
            response = await server.request("POST", "/__edgeday/", headers={header: secret})
            assert response.status == status


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 403)])
async def test_pages_allow_no_inline_script_and_no_framing(paged, method, status):
    response = await paged.request(method, "/__edgeday/", headers={})
    policy = response.headers["Content-Security-Policy"]
    assert response.status == status
    assert "default-src 'none'; script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_workers_answer_keeps_its_own_headers(server):
    assert "Content-Security-Policy" not in (await server.request("GET", "/")).headers


async def test_pages_never_reach_the_worker(server):
    assert (await server.request("GET", "/__edgeday/anything")).status == 404


# the file system


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/..%2f..%2fetc/passwd", "/__edgeday/../../etc/passwd", "/%2e%2e/etc/passwd",
     "/client/v4/../../etc/passwd", "//etc/passwd", "/file:///etc/passwd"],
)  # fmt: skip
async def test_no_path_of_the_file_system_is_reachable(server, path):
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer x\r\n\r\n"
    )
    answer = await exchange(server.port, request.encode())
    assert b"root:" not in answer
    assert status_of(answer) in {200, 400, 404}


# limits


@pytest.mark.parametrize(("size", "status"), [(30_000, 404), (40_000, 400)])
async def test_a_request_line_has_its_limit(server, size, status):
    answer = await exchange(server.port, head("GET", f"/client/v4/{'a' * size}"))
    assert status_of(answer) == status


@pytest.mark.parametrize(("size", "status"), [(30_000, 200), (40_000, 400)])
async def test_a_header_has_its_limit(server, size, status):
    answer = await exchange(server.port, head("GET", "/", f"X-Long: {'a' * size}"))
    assert status_of(answer) == status


@pytest.mark.slow
async def test_a_body_that_claims_to_be_too_long_is_refused_at_once(server):
    path = KEYS.replace("/keys", "/bulk")
    answer = await exchange(server.port, head("PUT", path, "Content-Length: 100000001"))
    assert status_of(answer) == 413


async def test_a_client_that_never_finishes_its_head_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(serving, "KEEPALIVE_TIMEOUT_S", 0.3)
    async with local_server() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: local")
        async with asyncio.timeout(5):
            for _ in range(5):
                await asyncio.sleep(0.1)
                writer.write(b"x")
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError, BrokenPipeError)):
                await reader.readexactly(1)
        writer.close()


async def test_a_client_that_never_finishes_its_body_gets_408(server, monkeypatch):
    monkeypatch.setattr(rest_bodies, "BODY_TIMEOUT_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    path = KEYS.replace("/keys", "/values/k")
    writer.write(head("PUT", path, "Content-Length: 9") + b"12")
    async with asyncio.timeout(5):
        assert status_of(await reader.read(4096)) == 408
    writer.close()


@pytest.mark.slow
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_client_that_does_not_take_its_answer_is_hung_up_on(monkeypatch, streamed):
    class Big:
        async def fetch(self, request):
            from edgeday.web import ReadableStream

            body = bytes(64 * 1024 * 1024)
            return Response(ReadableStream(body) if streamed else body)

    monkeypatch.setattr(application, "SEND_TIMEOUT_S", 0.3)
    monkeypatch.setattr(worker_routes, "SEND_TIMEOUT_S", 0.3)
    async with local_server(Big) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.sleep(1)
        taken = 0
        async with asyncio.timeout(10):
            try:
                while chunk := await reader.read(1024 * 1024):
                    taken += len(chunk)
            except ConnectionResetError:
                pass
        assert taken < 64 * 1024 * 1024
        writer.close()
