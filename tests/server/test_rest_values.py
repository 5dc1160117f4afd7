"""Single values over the REST API: what comes back, what is refused, and what that costs."""

from __future__ import annotations

import asyncio
import gzip
import io
import json

import aiohttp
import pytest

from edgeday.ledger import Op
from tests.server.conftest import COLLECTION, NAMESPACE, START_S

UNKNOWN = "0" * 32
TOO_NEAR = "Expiration times must be at least 60 seconds in the future."

# values


async def test_a_value_comes_back_raw_and_without_an_envelope(server):
    written = await server.put(data=b'{"success": false}')
    response = await server.kv("GET", "/values/k")
    assert written.json == {"result": {}, "success": True, "errors": [], "messages": []}
    assert (response.status, response.body, response.json) == (200, b'{"success": false}', None)
    assert "expiration" not in response.headers


async def test_a_missing_key_is_404_with_the_message_as_reason_phrase_and_costs_a_read(server):
    response = await server.kv("GET", "/values/nothing")
    assert (response.status, response.code, response.message) == (404, 10009, "get: 'key not found'")
    assert response.reason == "get: 'key not found'"
    assert response.json["result"] is None
    assert server.used(Op.READ).accepted == 1


async def test_a_missing_key_has_no_metadata_either(server):
    response = await server.kv("GET", "/metadata/nothing")
    assert (response.status, response.code, response.message) == (404, 10009, "metadata: 'key not found'")


async def test_a_key_without_metadata_has_null(server):
    await server.put()
    response = await server.kv("GET", "/metadata/k")
    assert (response.status, response.json["result"]) == (200, None)


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
    await server.put(path)
    listed = await server.kv("GET", "/keys")
    assert [row["name"] for row in listed.json["result"]] == [key]


@pytest.mark.parametrize("path", ["%FF", "%C3%28", "%ED%A0%80"])
async def test_a_key_that_is_not_utf8_is_refused_for_free(server, path):
    refused = await server.put(path)
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
    refused = await server.put(path)
    assert (refused.status, refused.message) == (400, message)
    assert server.used(Op.WRITE).asked == 0


@pytest.mark.parametrize(("length", "status"), [(512, 200), (513, 414)])
async def test_a_key_may_have_512_bytes(server, length, status):
    assert (await server.put("k" * length)).status == status


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
    refused = await server.put(query=query)
    assert (refused.status, refused.code, refused.message) == (400, 10034, message)
    assert server.used(Op.WRITE).accepted == 1


@pytest.mark.parametrize(
    "query", ["?expiration_ttl=x", "?expiration=1.5", "?expiration_ttl=", "?expiration_ttl=%D9%A6%D9%A0"]
)
async def test_an_expiry_that_is_no_integer_is_refused_for_free(server, query):
    refused = await server.put(query=query)
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0


LATER = 4_102_444_800  # 2100-01-01, more than 32 bits
END = 253_402_300_799  # 9999-12-31T23:59:59Z


@pytest.mark.parametrize(
    ("query", "expires_at"), [(f"?expiration={LATER}", LATER), (f"?expiration={END}", END)]
)
async def test_a_value_may_expire_later_than_a_worker_could_say(server, query, expires_at):
    assert (await server.put(query=query)).status == 200
    assert (await server.kv("GET", "/values/k")).headers["expiration"] == str(expires_at)
    assert (await server.kv("GET", "/keys")).json["result"] == [{"name": "k", "expiration": expires_at}]


@pytest.mark.parametrize("query", [f"?expiration={END + 1}", f"?expiration_ttl={END}"])
async def test_an_expiry_after_the_year_9999_is_refused(server, query):
    refused = await server.put(query=query)
    assert (refused.status, refused.code) == (400, 10034)
    assert refused.message.endswith(f"It is in seconds, up to {END}.")


async def test_expiration_ttl_beats_expiration(server):
    await server.put(query=f"?expiration={START_S + 9000}&expiration_ttl=60")
    assert (await server.kv("GET", "/values/k")).headers["expiration"] == str(START_S + 60)


@pytest.mark.parametrize(("size", "status"), [(26_214_400, 200), (26_214_401, 413)])
async def test_a_value_may_have_25_mebibytes(server, size, status):
    assert (await server.put(data=io.BytesIO(bytes(size)))).status == status


@pytest.mark.slow
async def test_a_body_far_over_the_limit_is_refused_unread_and_for_free(server):
    async def endless():
        for _ in range(40):
            yield bytes(1024 * 1024)

    try:
        refused = await server.put(data=endless())
        assert refused.status == 413
    except aiohttp.ClientConnectionError:
        pass  # the server may hang up on what it will not read
    assert server.used(Op.WRITE).asked == 0


async def test_a_second_put_within_a_second_is_429_and_keeps_the_first_value(server):
    await server.put(data=b"first")
    refused = await server.put(data=b"second")
    assert (refused.status, refused.message, refused.headers["Retry-After"]) == (
        429,
        "Too Many Requests",
        "1",
    )
    assert (await server.kv("GET", "/values/k")).body == b"first"
    server.clock.advance(seconds=1)
    assert (await server.put(data=b"second")).status == 200


async def test_a_compressed_value_is_kept_as_it_was_sent(server):
    data = gzip.compress(b"monday")
    headers = {"Authorization": "Bearer x", "Content-Encoding": "gzip"}
    assert (await server.put(data=data, headers=headers)).status == 200
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
    assert (await server.put(data=data)).status == 200
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
    refused = await server.put(data=form(*parts))
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0


async def test_a_form_may_have_eight_parts(server):
    others = [(f"part{number}", "y", {}) for number in range(7)]
    assert (await server.put(data=form(*others, ("value", "x", {})))).status == 200
    assert (await server.kv("GET", "/values/k")).body == b"x"


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\nhalf", b"no boundary at all"])
async def test_a_broken_form_is_refused_for_free(server, body):
    refused = await server.put(
        data=body,
        headers={"Authorization": "Bearer any", "Content-Type": "multipart/form-data; boundary=x"},
    )
    assert (refused.status, refused.code) == (400, 10012)
    assert server.used(Op.WRITE).asked == 0


@pytest.mark.parametrize(("size", "status"), [(1024, 200), (1025, 413)])
async def test_metadata_may_have_1024_bytes(server, size, status):
    metadata = json.dumps("m" * (size - 2))
    assert (await server.put(data=form(("value", "x", {}), ("metadata", metadata, {})))).status == status
