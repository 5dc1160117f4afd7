"""The REST API on the wire: what it answers, what it refuses, with which code, and what that costs."""

from __future__ import annotations

import asyncio
import gzip
import io
import json

import aiohttp
import pytest

from emulator.events import Operation
from emulator.ledger import Op
from tests.server.conftest import ACCOUNT, NAMESPACE, START_S, local_server
from tests.server.wire import exchange, status_of

COLLECTION = f"/client/v4/accounts/{ACCOUNT}/storage/kv/namespaces"
UNKNOWN = "0" * 32
TOO_NEAR = "Expiration times must be at least 60 seconds in the future."


async def put(server, key="k", data=b"v", query="", **options):
    return await server.kv("PUT", f"/values/{key}{query}", data=data, **options)


# values


async def test_a_value_comes_back_raw_and_without_an_envelope(server):
    written = await put(server, data=b'{"success": false}')
    got = await server.kv("GET", "/values/k")
    assert written.json == {"result": {}, "success": True, "errors": [], "messages": []}
    assert (got.status, got.body, got.json) == (200, b'{"success": false}', None)
    assert "expiration" not in got.headers


async def test_a_missing_key_is_404_with_the_message_as_reason_phrase_and_costs_a_read(server):
    got = await server.kv("GET", "/values/nothing")
    assert (got.status, got.code, got.message) == (404, 10009, "get: 'key not found'")
    assert got.reason == "get: 'key not found'"
    assert got.json["result"] is None
    assert server.used(Op.READ).accepted == 1


async def test_a_missing_key_has_no_metadata_either(server):
    got = await server.kv("GET", "/metadata/nothing")
    assert (got.status, got.code, got.message) == (404, 10009, "metadata: 'key not found'")


async def test_a_key_without_metadata_has_null(server):
    await put(server)
    got = await server.kv("GET", "/metadata/k")
    assert (got.status, got.json["result"]) == (200, None)


async def test_deleting_a_missing_key_succeeds_and_costs_a_delete(server):
    gone = await server.kv("DELETE", "/values/nothing", headers={
        "Authorization": "Bearer any", "Content-Type": "application/json",
    })  # fmt: skip
    assert (gone.status, gone.json["result"]) == (200, {})
    assert server.used(Op.DELETE).accepted == 1


@pytest.mark.parametrize(
    ("path", "key"),
    [("a%2Fb", "a/b"), ("a/b", "a/b"), ("%252F", "%2F"), ("a+b", "a+b"), ("%D0%BA", "к"), ("a%00b", "a\0b")],
)
async def test_a_key_is_decoded_once(server, path, key):
    await put(server, path)
    listed = await server.kv("GET", "/keys")
    assert [row["name"] for row in listed.json["result"]] == [key]


@pytest.mark.parametrize("path", ["%FF", "%C3%28", "%ED%A0%80"])
async def test_a_key_that_is_not_utf8_is_refused_for_free(server, path):
    refused = await put(server, path)
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "Key name cannot be empty."),
        ("%2E", '"." is not allowed as a key name.'),
        ("%2E%2E", '".." is not allowed as a key name.'),
    ],
)
async def test_a_key_name_that_is_not_allowed_is_refused_for_free(server, path, message):
    refused = await put(server, path)
    assert (refused.status, refused.message) == (400, message)
    assert server.used(Op.WRITE).asked == 0


@pytest.mark.parametrize(("length", "status"), [(512, 200), (513, 414)])
async def test_a_key_may_have_512_bytes(server, length, status):
    assert (await put(server, "k" * length)).status == status


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?expiration_ttl=59", "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."),
        ("?expiration_ttl=0", "Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        (
            f"?expiration={START_S + 59}",
            f"Invalid expiration of {START_S + 59}. {TOO_NEAR}",
        ),
    ],
)
async def test_an_expiry_that_is_too_near_is_refused_after_the_write_is_charged(server, query, message):
    refused = await put(server, query=query)
    assert (refused.status, refused.code, refused.message) == (400, 10034, message)
    assert server.used(Op.WRITE).accepted == 1


@pytest.mark.parametrize(
    "query", ["?expiration_ttl=x", "?expiration=1.5", "?expiration_ttl=", "?expiration_ttl=%D9%A6%D9%A0"]
)
async def test_an_expiry_that_is_no_integer_is_refused_for_free(server, query):
    refused = await put(server, query=query)
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0


async def test_expiration_ttl_beats_expiration(server):
    await put(server, query=f"?expiration={START_S + 9000}&expiration_ttl=60")
    assert (await server.kv("GET", "/values/k")).headers["expiration"] == str(START_S + 60)


@pytest.mark.parametrize(("size", "status"), [(26_214_400, 200), (26_214_401, 413)])
async def test_a_value_may_have_25_mebibytes(server, size, status):
    assert (await put(server, data=io.BytesIO(bytes(size)))).status == status


async def test_a_body_far_over_the_limit_is_refused_unread_and_for_free(server):
    async def endless():
        for _ in range(40):
            yield bytes(1024 * 1024)

    try:
        refused = await put(server, data=endless())
        assert refused.status == 413
    except aiohttp.ClientConnectionError:
        pass  # the server may hang up on what it will not read
    assert server.used(Op.WRITE).asked == 0


async def test_a_second_put_within_a_second_is_429_and_keeps_the_first_value(server):
    await put(server, data=b"first")
    refused = await put(server, data=b"second")
    assert (refused.status, refused.message, refused.headers["Retry-After"]) == (
        429,
        "Too Many Requests",
        "1",
    )
    assert (await server.kv("GET", "/values/k")).body == b"first"
    server.clock.advance(seconds=1)
    assert (await put(server, data=b"second")).status == 200


async def test_a_compressed_value_is_kept_as_it_was_sent(server):
    data = gzip.compress(b"monday")
    headers = {"Authorization": "Bearer x", "Content-Encoding": "gzip"}
    assert (await put(server, data=data, headers=headers)).status == 200
    assert (await server.kv("GET", "/values/k")).body == data


async def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    path = f"{COLLECTION}/{NAMESPACE}/values/k"
    fields = "Host: localhost\r\nAuthorization: Bearer x\r\nExpect: 100-continue\r\nContent-Length: 6"
    writer.write(f"PUT {path} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"monday")
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
    writer.close()
    assert (await server.kv("GET", "/values/k")).body == b"monday"


async def test_a_client_that_waits_is_told_at_once_that_its_body_is_not_wanted(server):
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    path = f"{COLLECTION}/{UNKNOWN}/values/k"
    fields = "Host: localhost\r\nAuthorization: Bearer x\r\nExpect: 100-continue\r\nContent-Length: 6"
    writer.write(f"PUT {path} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 404")
    writer.close()


# forms


def form(*parts):
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value, options in parts:
        data.add_field(name, value, **options)
    return data


async def test_a_form_gives_value_and_metadata(server):
    data = form(("metadata", '{"n": 1}', {}), ("value", b"\x00\xff", {"filename": "blob"}))
    assert (await put(server, data=data)).status == 200
    assert (await server.kv("GET", "/values/k")).body == b"\x00\xff"
    assert (await server.kv("GET", "/metadata/k")).json["result"] == {"n": 1}


@pytest.mark.parametrize(
    "parts",
    [
        [("metadata", "{}", {})],
        [("value", "x", {}), ("metadata", "{", {})],
        [("value", "x", {})] * 9,
    ],
)
async def test_a_form_that_makes_no_sense_is_refused_for_free(server, parts):
    refused = await put(server, data=form(*parts))
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\nhalf", b"no boundary at all"])
async def test_a_broken_form_is_refused_for_free(server, body):
    refused = await put(
        server,
        data=body,
        headers={"Authorization": "Bearer any", "Content-Type": "multipart/form-data; boundary=x"},
    )
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0


@pytest.mark.parametrize(("size", "status"), [(1024, 200), (1025, 413)])
async def test_metadata_may_have_1024_bytes(server, size, status):
    metadata = json.dumps("m" * (size - 2))
    assert (await put(server, data=form(("value", "x", {}), ("metadata", metadata, {})))).status == status


# lists


@pytest.mark.parametrize(("limit", "status"), [(9, 400), (10, 200), (1000, 200), (1001, 400)])
async def test_a_page_of_keys_has_10_to_1000(server, limit, status):
    assert (await server.kv("GET", f"/keys?limit={limit}")).status == status


async def test_a_cursor_leads_to_the_next_page_and_is_empty_on_the_last(server):
    pairs = [{"key": f"k{number:02}", "value": "x"} for number in range(11)]
    await server.kv("PUT", "/bulk", json=pairs)
    first = await server.kv("GET", "/keys?limit=10&prefix=k")
    cursor = first.json["result_info"]["cursor"]
    second = await server.kv("GET", f"/keys?limit=10&prefix=k&cursor={cursor.replace('=', '%3D')}")
    assert (first.json["result_info"]["count"], cursor != "") == (10, True)
    assert [row["name"] for row in second.json["result"]] == ["k10"]
    assert second.json["result_info"] == {"count": 1, "cursor": ""}
    assert server.used(Op.LIST).accepted == 2


async def test_an_unknown_cursor_is_answered(server):
    assert (
        await server.kv("GET", "/keys?limit=10&prefix=My-Prefix&cursor=6Ck1la0VxJ0djhidm1MdX2FyD")
    ).status == 200


async def test_an_expired_key_is_not_listed(server):
    await put(server, query="?expiration_ttl=60")
    server.clock.advance(seconds=60)
    assert (await server.kv("GET", "/keys")).json["result"] == []


async def test_deeply_nested_metadata_is_listed_as_it_was_put(server):
    metadata = "[" * 200 + "]" * 200
    assert (await put(server, data=form(("value", "x", {}), ("metadata", metadata, {})))).status == 200
    assert metadata.encode() in (await server.kv("GET", "/keys")).body


# bulk


async def test_a_bulk_put_costs_one_write_for_each_pair(server):
    pairs = [{"key": f"k{number}", "value": "x", "metadata": {"n": number}} for number in range(7)]
    done = await server.kv("PUT", "/bulk", json=pairs)
    assert done.json["result"] == {"successful_key_count": 7, "unsuccessful_keys": []}
    assert server.used(Op.WRITE).accepted == 7


@pytest.mark.parametrize(
    "body",
    [
        {}, ["a"], [{}], [{"key": "a"}], [{"value": "b"}], [{"key": 1, "value": "b"}],
        [{"key": "a", "value": 1}], [{"key": "a", "value": "?", "base64": True}],
        [{"key": "a", "value": "b", "expiration_ttl": "60"}],
        [{"key": "a", "value": "b", "expiration": True}],
        [{"key": "a", "value": "b", "expiration_ttl": 60.5}],
        [{"key": "", "value": "b"}], [{"key": "a", "value": "b", "expiration": 1e300}],
    ],
)  # fmt: skip
async def test_a_malformed_bulk_put_writes_and_costs_nothing(server, body):
    pairs = [{"key": "good", "value": "x"}, *body] if body and isinstance(body[0], dict) else body
    refused = await server.kv("PUT", "/bulk", json=pairs)
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0
    assert (await server.kv("GET", "/keys")).json["result"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'["\\ud800"]', b"[" * 5000, b"nan"])
async def test_a_bulk_body_that_is_no_json_is_refused(server, body):
    refused = await server.kv("PUT", "/bulk", data=body)
    assert (refused.status, refused.code) == (400, 10012)


async def test_one_bad_ttl_refuses_the_whole_bulk_put_and_names_the_pair(server):
    pairs = [{"key": "a", "value": "x"}, {"key": "b", "value": "x", "expiration_ttl": 59}]
    refused = await server.kv("PUT", "/bulk", json=pairs)
    assert (refused.status, refused.code) == (400, 10034)
    assert refused.message == "pair 1: Invalid expiration_ttl of 59. Expiration TTL must be at least 60."
    assert server.used(Op.WRITE).asked == 0


async def test_a_whole_number_with_a_fraction_of_zero_is_a_ttl(server):
    assert (
        await server.kv("PUT", "/bulk", data=b'[{"key":"a","value":"x","expiration_ttl":60.0}]')
    ).status == 200


@pytest.mark.parametrize(("count", "status"), [(10_000, 200), (10_001, 400)])
async def test_a_bulk_put_may_have_10000_pairs(count, status):
    async with local_server(account="paid") as server:
        done = await server.kv("PUT", "/bulk", json=[{"key": f"k{n}", "value": ""} for n in range(count)])
        assert done.status == status
        assert server.used(Op.WRITE).accepted == (count if status == 200 else 0)


async def test_a_key_twice_in_one_bulk_put_is_reported_as_unsuccessful(server):
    pairs = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
    done = await server.kv("PUT", "/bulk", json=pairs)
    assert done.json["result"] == {"successful_key_count": 1, "unsuccessful_keys": ["a"]}
    assert (await server.kv("GET", "/values/a")).body == b"1"


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/bulk"), ("POST", "/bulk/delete")])
async def test_both_forms_of_a_bulk_delete_remove_keys(server, method, path):
    await put(server)
    done = await server.kv(method, path, json=["k", "missing"])
    assert done.json["result"] == {"successful_key_count": 2, "unsuccessful_keys": []}
    assert (await server.kv("GET", "/keys")).json["result"] == []
    assert server.used(Op.DELETE).accepted == 2


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/bulk"), ("DELETE", "/bulk"), ("POST", "/bulk/delete")]
)
async def test_an_empty_bulk_request_does_nothing(server, method, path):
    done = await server.kv(method, path, json=[])
    assert done.json["result"] == {"successful_key_count": 0, "unsuccessful_keys": []}


async def test_a_bulk_get_answers_for_missing_and_number_like_keys(server):
    await put(server, "42", b"answer")
    got = await server.kv("POST", "/bulk/get", json={"keys": ["42", "7"]})
    assert got.json["result"] == {"values": {"42": "answer", "7": None}}
    assert server.used(Op.READ).accepted == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"keys": []}, "You must request a minimum of 1 key"),
        ({"keys": [f"k{number}" for number in range(101)]}, "You can request a maximum of 100 keys"),
        ({"keys": ["a"], "type": "stream"}, '"stream" is not a valid type. Use "json" or "text"'),
        ({"keys": [""]}, "Key names must not be empty"),
    ],
)
async def test_a_bulk_get_that_asks_wrongly_is_refused_for_free(server, body, said):
    refused = await server.kv("POST", "/bulk/get", json=body)
    assert (refused.status, refused.code, refused.message) == (400, 10029, f"bulk get keys: '{said}'")
    assert server.used(Op.READ).asked == 0


@pytest.mark.parametrize(("kind", "value"), [("json", b"{"), ("text", b"\xff")])
async def test_a_bulk_get_refuses_a_value_that_is_not_of_its_type(server, kind, value):
    await put(server, data=value)
    refused = await server.kv("POST", "/bulk/get", json={"keys": ["k"], "type": kind})
    assert (refused.status, refused.code) == (400, 10029)


# the day's quota


async def test_a_spent_quota_is_429_with_code_10048_until_the_next_day(server):
    await server.kv("PUT", "/bulk", json=[{"key": f"k{number}", "value": "x"} for number in range(1000)])
    refused = await put(server, "new")
    assert (refused.status, refused.code) == (429, 10048)
    assert refused.message == "your account has reached the free usage limit for this operation for today"
    assert (await server.kv("GET", "/values/k1")).status == 200
    server.clock.advance(hours=12)
    assert (await put(server, "new")).status == 200


@pytest.mark.parametrize(("count", "status"), [(999, 200), (1000, 429)])
async def test_a_bulk_put_that_does_not_fit_the_day_is_refused_whole(server, count, status):
    await put(server, "first")
    done = await server.kv(
        "PUT", "/bulk", json=[{"key": f"k{number}", "value": "x"} for number in range(count)]
    )
    assert done.status == status
    usage = server.used(Op.WRITE)
    assert (usage.accepted, usage.refused) == ((1000, 0) if status == 200 else (1, 1000))


async def test_a_paid_account_has_no_daily_quota():
    async with local_server(account="paid") as server:
        for _ in range(2):
            server.clock.advance(seconds=1)
            pairs = [{"key": f"k{number}", "value": "x"} for number in range(1000)]
            assert (await server.kv("PUT", "/bulk", json=pairs)).status == 200


async def test_rest_operations_are_events_like_those_of_a_worker(server):
    seen: list[Operation] = []
    server.served.edge.events.subscribe(Operation, seen.append)
    await put(server, "menu:1", b"abc")
    await server.kv("GET", "/values/menu:1")
    await server.kv("GET", "/values/menu:2")
    assert [(event.op, event.binding, event.key, event.outcome, event.size_bytes) for event in seen] == [
        ("put", "page_content", "menu:1", "stored", 3),
        ("get", "page_content", "menu:1", "hit", 3),
        ("get", "page_content", "menu:2", "miss", 0),
    ]


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
    got = await server.request("GET", f"{COLLECTION}?page=2&per_page=1000&order=title&direction=asc")
    assert got.json["result"] == []
    assert got.json["result_info"] == {"page": 2, "per_page": 1000, "count": 0, "total_count": 1}


async def test_namespaces_are_listed_in_the_order_that_is_asked_for(server):
    for title in ("b", "c", "a"):
        await server.request("POST", COLLECTION, json={"title": title})
    got = await server.request("GET", f"{COLLECTION}?order=title&direction=desc")
    assert [row["title"] for row in got.json["result"]] == ["page_content", "c", "b", "a"]


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "per_page=0", "per_page=1001", "order=size", "direction=up"]
)
async def test_a_list_of_namespaces_that_is_asked_for_wrongly_is_refused(server, query):
    assert (await server.request("GET", f"{COLLECTION}?{query}")).code == 10012


async def test_a_deleted_namespace_has_lost_its_keys(server):
    made = (await server.request("POST", COLLECTION, json={"title": "a"})).json["result"]["id"]
    await put(server, namespace=made)
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
    ("line", "status"),
    [(f"GET http://localhost{COLLECTION}?page=1", 200), ("OPTIONS *", 200), ("GET http://localhost", 200)],
)
async def test_the_absolute_form_of_a_request_is_understood(server, line, status):
    fields = "Host: localhost\r\nConnection: close\r\nAuthorization: Bearer x"
    answer = await exchange(server.port, f"{line} HTTP/1.1\r\n{fields}\r\n\r\n".encode())
    assert status_of(answer) == status


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
    got = await server.kv("GET", "/keys", headers=headers)
    assert got.status == status
    assert code is None or got.code == code


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
        got = await server.kv("GET", "/keys", headers=headers)
        assert got.status == status
        assert status == 200 or (got.code, got.message) == (10000, "Authentication error")


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
