"""Namespaces, paths, methods, credentials and the rate limit of the REST API."""

from __future__ import annotations

import pytest

from edgeday.ledger import Op
from tests.server.conftest import ACCOUNT, COLLECTION, NAMESPACE, local_server
from tests.server.wire import exchange, status_of

UNKNOWN = "0" * 32

# namespaces


async def test_a_title_is_taken_once(server):
    assert (await server.request("POST", COLLECTION, json={"title": "a"})).status == 200
    refused = await server.request("POST", COLLECTION, json={"title": "a"})
    text = "create namespace: 'A namespace with this account ID and title already exists'"
    assert (refused.status, refused.code, refused.message) == (400, 10014, text)


@pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": " "}, {"title": 5}, {"name": "x"}])
async def test_a_namespace_needs_a_title(server, body):
    refused = await server.request("POST", COLLECTION, json=body)
    assert (refused.status, refused.code) == (400, 10019)


@pytest.mark.parametrize(("chars", "status"), [(512, 200), (513, 400)])
async def test_a_title_may_have_512_characters(server, chars, status):
    assert (await server.request("POST", COLLECTION, json={"title": "t" * chars})).status == status


async def test_a_namespace_may_keep_its_title_but_not_take_another_ones(server):
    await server.request("POST", COLLECTION, json={"title": "other"})
    assert (await server.kv("PUT", "", json={"title": "page_content"})).status == 200
    assert (await server.kv("PUT", "", json={"title": "other"})).code == 10014


async def test_a_page_of_namespaces_past_the_end_is_empty(server):
    response = await server.request("GET", f"{COLLECTION}?page=2&per_page=1000&order=title&direction=asc")
    assert response.json["result"] == []
    assert response.json["result_info"] == {"page": 2, "per_page": 1000, "count": 0, "total_count": 1}


async def test_namespaces_are_listed_in_the_order_that_is_asked_for(server):
    for title in ("b", "c", "a"):
        await server.request("POST", COLLECTION, json={"title": title})
    response = await server.request("GET", f"{COLLECTION}?order=title&direction=desc")
    assert [row["title"] for row in response.json["result"]] == ["page_content", "c", "b", "a"]


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "per_page=0", "per_page=1001", "order=size", "direction=up"]
)
async def test_a_list_of_namespaces_that_is_asked_for_wrongly_is_refused(server, query):
    assert (await server.request("GET", f"{COLLECTION}?{query}")).code == 10012


async def test_a_deleted_namespace_has_lost_its_keys(server):
    made = (await server.request("POST", COLLECTION, json={"title": "a"})).json["result"]["id"]
    await server.put(namespace=made)
    assert (await server.kv("DELETE", "", namespace=made)).json["result"] == {}
    assert (await server.kv("GET", "/values/k", namespace=made)).code == 10013


@pytest.mark.parametrize(
    ("method", "path", "op"),
    [
        ("GET", "/values/k", "get"), ("PUT", "/values/k", "put"), ("DELETE", "/values/k", "remove key"),
        ("GET", "/keys", "list keys"), ("POST", "/bulk/get", "bulk get keys"), ("GET", "", "get namespace"),
        ("PUT", "/bulk", "put"), ("DELETE", "/bulk", "remove key"),
    ],
)  # fmt: skip
async def test_an_unknown_namespace_is_404_and_costs_nothing(server, method, path, op):
    refused = await server.kv(method, path, namespace=UNKNOWN)
    assert (refused.status, refused.code, refused.message) == (404, 10013, f"{op}: 'namespace not found'")
    assert all(server.used(each).asked == 0 for each in Op)


async def test_a_malformed_namespace_id_is_told_apart_from_an_unknown_one(server):
    refused = await server.kv("GET", "/keys", namespace="my-namespace")
    assert (refused.status, refused.code) == (400, 10011)


# routes and methods


@pytest.mark.parametrize("path", [
    "/client/v4/", "/client/v4/zones", "/client/v4/accounts/x/storage/kv",
    f"/client/v4/accounts/{ACCOUNT}/workers/namespaces",
    f"{COLLECTION}/{NAMESPACE}/nothing", f"{COLLECTION}/{NAMESPACE}/values",
])  # fmt: skip
async def test_a_path_that_the_api_does_not_have_is_7003(server, path):
    refused = await server.request("GET", path)
    assert (refused.status, refused.code) == (404, 7003)
    assert refused.message == f"Could not route to {path}, perhaps your object identifier is invalid?"


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("POST", "/values/k", "GET, PUT, DELETE"), ("GET", "/bulk", "PUT, DELETE"), ("HEAD", "/keys", "GET"),
])  # fmt: skip
async def test_a_method_that_a_path_does_not_have_is_405(server, method, path, allowed):
    refused = await server.kv(method, path)
    assert (refused.status, refused.headers["Allow"]) == (405, allowed)


async def test_any_account_is_accepted_and_shares_the_namespaces(server):
    path = f"/client/v4/accounts/{{}}/storage/kv/namespaces/{NAMESPACE}/values/k"
    await server.request("PUT", path.format("a"), data=b"x")
    assert (await server.request("GET", path.format("b"))).body == b"x"


@pytest.mark.parametrize(
    ("line", "status", "body"),
    [
        (f"GET http://localhost{COLLECTION}?page=1", 200, b'"result_info":{"page":1,'),
        ("GET http://localhost:80/__edgeday/nothing", 404, b"There is no such page."),
        ("OPTIONS *", 200, b"hello"),
        ("GET http://localhost", 200, b"hello"),
        ("GET http://localhost?q=1", 200, b"hello"),
        ("GET /at?url=http://localhost/client/v4/accounts", 200, b"hello"),
    ],
)
async def test_the_absolute_form_of_a_request_is_understood(server, line, status, body):
    fields = "Host: localhost\r\nConnection: close\r\nAuthorization: Bearer x"
    answer = await exchange(server.port, f"{line} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
    assert (status_of(answer), body in answer) == (status, True)


# credentials


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, 9106),
        ({"X-Auth-Email": "ana@example.com"}, 400, 9106),
        ({"X-Auth-Key": "k"}, 400, 9106),
        ({"Authorization": "Basic YTpi"}, 400, 6003),
        ({"Authorization": "Bearer "}, 400, 6003),
        ({"Authorization": "bearer any"}, 200, None),
        ({"X-Auth-Email": "ana@example.com", "X-Auth-Key": "k"}, 200, None),
    ],
)
async def test_credentials_must_be_there_but_may_be_any(server, headers, status, code):
    response = await server.kv("GET", "/keys", headers=headers)
    assert response.status == status
    assert code is None or response.code == code


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer secret"}, 200),
        ({"Authorization": "Bearer other"}, 403),
        ({"X-Auth-Email": "a", "X-Auth-Key": "secret"}, 200),
        ({"X-Auth-Email": "a", "X-Auth-Key": "other"}, 403),
    ],
)
async def test_a_token_that_is_set_is_the_only_one_accepted(headers, status):
    async with local_server(token="secret") as server:
        response = await server.kv("GET", "/keys", headers=headers)
        assert response.status == status
        assert status == 200 or (response.code, response.message) == (10000, "Authentication error")


# the limit of 1,200 requests


async def test_the_limit_of_1200_requests_in_five_minutes_is_enforced_when_asked_for():
    async with local_server(throttled=True) as server:
        left = [(await server.kv("GET", "")).headers["x-ratelimit-remaining"] for _ in range(1200)]
        refused = await server.kv("GET", "")
        assert (left[0], left[-1]) == ("1199", "0")
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (429, 971, "300")
        assert refused.message == "Please wait and consider throttling your request speed"
        other = await server.kv("GET", "", headers={"Authorization": "Bearer other"})
        assert other.headers["x-ratelimit-remaining"] == "1199"
        server.clock.advance(seconds=299)
        assert (await server.kv("GET", "")).status == 429
        server.clock.advance(seconds=1)
        assert (await server.kv("GET", "")).headers["x-ratelimit-remaining"] == "1199"


async def test_requests_are_not_limited_unless_asked_for(server):
    answers = [await server.kv("GET", "") for _ in range(1201)]
    assert {answer.status for answer in answers} == {200}
    assert "x-ratelimit-limit" not in answers[-1].headers


async def test_a_token_is_verified_and_an_account_shown(server):
    verified = await server.request("GET", "/client/v4/user/tokens/verify")
    assert verified.json["result"]["status"] == "active"
    account = await server.request("GET", f"/client/v4/accounts/{ACCOUNT}")
    assert (account.status, account.json["result"]["id"]) == (200, ACCOUNT)


async def test_a_token_that_is_not_the_servers_is_not_verified():
    async with local_server(token="hush") as server:
        assert (await server.request("GET", "/client/v4/user/tokens/verify")).status == 403
