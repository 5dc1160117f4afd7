"""Lists, bulk requests and the daily quota over the REST API."""

from __future__ import annotations

import base64

import pytest

from edgeday.events import Operation
from edgeday.ledger import Op
from tests.server.conftest import local_server

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
    await server.put(query="?expiration_ttl=60")
    server.clock.advance(seconds=60)
    assert (await server.kv("GET", "/keys")).json["result"] == []


async def test_deeply_nested_metadata_is_listed_as_it_was_put(server):
    metadata = "[" * 200 + "]" * 200
    pair = f'[{{"key": "k", "value": "x", "metadata": {metadata}}}]'
    assert (await server.kv("PUT", "/bulk", data=pair.encode())).status == 200
    assert metadata.encode() in (await server.kv("GET", "/keys")).body


# bulk


async def test_a_bulk_put_costs_one_write_for_each_pair(server):
    pairs = [{"key": f"k{number}", "value": "x", "metadata": {"n": number}} for number in range(7)]
    response = await server.kv("PUT", "/bulk", json=pairs)
    assert response.json["result"] == {"successful_key_count": 7, "unsuccessful_keys": []}
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


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000, b"nan", b'["\\ud800", NaN]'])
async def test_a_bulk_body_that_is_no_json_is_refused(server, body):
    refused = await server.kv("PUT", "/bulk", data=body)
    assert (refused.status, refused.code) == (400, 10012)


async def test_one_bad_ttl_refuses_the_whole_bulk_put_and_names_the_pair(server):
    pairs = [{"key": "a", "value": "x"}, {"key": "b", "value": "x", "expiration_ttl": 59}]
    refused = await server.kv("PUT", "/bulk", json=pairs)
    assert (refused.status, refused.code) == (400, 10034)
    assert (
        refused.message == 'pair 1 ("b"): Invalid expiration_ttl of 59. Expiration TTL must be at least 60.'
    )
    assert server.used(Op.WRITE).asked == 0


@pytest.mark.parametrize(("expiration", "status"), [(253_402_300_799, 200), (253_402_300_800, 400)])
async def test_a_pair_may_expire_until_the_end_of_the_year_9999(server, expiration, status):
    response = await server.kv("PUT", "/bulk", json=[{"key": "a", "value": "x", "expiration": expiration}])
    assert response.status == status
    assert server.used(Op.WRITE).asked == (1 if status == 200 else 0)


async def test_bulk_requests_are_one_event_for_each_key(server):
    operations: list[Operation] = []
    server.served.edge.events.subscribe(Operation, operations.append)
    pairs = [{"key": key, "value": "abc", "expiration_ttl": 60} for key in ("a", "b", "a")]
    await server.kv("PUT", "/bulk", json=pairs)
    await server.kv("POST", "/bulk/delete", json=["a", "no"])
    assert [(event.op, event.key, event.outcome, event.units, event.size_bytes) for event in operations] == [
        ("put", "a", "stored", 1, 3),
        ("put", "b", "stored", 1, 3),
        ("put", "a", "error", 1, 0),
        ("delete", "a", "deleted", 1, 0),
        ("delete", "no", "absent", 1, 0),
    ]


async def test_a_whole_number_with_a_fraction_of_zero_is_a_ttl(server):
    assert (
        await server.kv("PUT", "/bulk", data=b'[{"key":"a","value":"x","expiration_ttl":60.0}]')
    ).status == 200


@pytest.mark.parametrize(("count", "status"), [(10_000, 200), (10_001, 400)])
async def test_a_bulk_put_may_have_10000_pairs(count, status):
    async with local_server(account="paid") as server:
        response = await server.kv("PUT", "/bulk", json=[{"key": f"k{n}", "value": ""} for n in range(count)])
        assert response.status == status
        assert server.used(Op.WRITE).accepted == (count if status == 200 else 0)


async def test_a_key_twice_in_one_bulk_put_is_reported_as_unsuccessful(server):
    pairs = [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]
    response = await server.kv("PUT", "/bulk", json=pairs)
    assert response.json["result"] == {"successful_key_count": 1, "unsuccessful_keys": ["a"]}
    assert (await server.kv("GET", "/values/a")).body == b"1"


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/bulk"), ("POST", "/bulk/delete")])
async def test_both_forms_of_a_bulk_delete_remove_keys(server, method, path):
    await server.put()
    response = await server.kv(method, path, json=["k", "missing"])
    assert response.json["result"] == {"successful_key_count": 2, "unsuccessful_keys": []}
    assert (await server.kv("GET", "/keys")).json["result"] == []
    assert server.used(Op.DELETE).accepted == 2


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/bulk"), ("DELETE", "/bulk"), ("POST", "/bulk/delete")]
)
async def test_an_empty_bulk_request_does_nothing(server, method, path):
    response = await server.kv(method, path, json=[])
    assert response.json["result"] == {"successful_key_count": 0, "unsuccessful_keys": []}


async def test_a_bulk_get_answers_for_missing_and_number_like_keys(server):
    await server.put("42", b"answer")
    response = await server.kv("POST", "/bulk/get", json={"keys": ["42", "7"]})
    assert response.json["result"] == {"values": {"42": "answer", "7": None}}
    assert server.used(Op.READ).accepted == 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"keys": []}, "You must request a minimum of 1 key"),
        ({"keys": [f"k{number}" for number in range(101)]}, "You can request a maximum of 100 keys"),
        ({"keys": ["a"], "type": "stream"}, '"stream" is not a valid type. Use "json" or "text"'),
        ({"keys": [""]}, "Key names must not be empty"),
    ],
)
async def test_a_bulk_get_that_asks_wrongly_is_refused_for_free(server, body, reason):
    refused = await server.kv("POST", "/bulk/get", json=body)
    assert (refused.status, refused.code, refused.message) == (400, 10029, f"bulk get keys: '{reason}'")
    assert server.used(Op.READ).asked == 0


@pytest.mark.parametrize(("kind", "value"), [("json", b"{"), ("text", b"\xff")])
async def test_a_bulk_get_refuses_a_value_that_is_not_of_its_type(server, kind, value):
    await server.put(data=value)
    refused = await server.kv("POST", "/bulk/get", json={"keys": ["k"], "type": kind})
    assert (refused.status, refused.code) == (400, 10029)


# the day's quota


async def test_a_spent_quota_is_429_with_code_10048_until_the_next_day(server):
    await server.kv("PUT", "/bulk", json=[{"key": f"k{number}", "value": "x"} for number in range(1000)])
    refused = await server.put("new")
    assert (refused.status, refused.code) == (429, 10048)
    assert refused.message == "your account has reached the free usage limit for this operation for today"
    assert (await server.kv("GET", "/values/k1")).status == 200
    server.clock.advance(hours=12)
    assert (await server.put("new")).status == 200


@pytest.mark.parametrize(("count", "status"), [(999, 200), (1000, 429)])
async def test_a_bulk_put_that_does_not_fit_the_day_is_refused_whole(server, count, status):
    await server.put("first")
    response = await server.kv(
        "PUT", "/bulk", json=[{"key": f"k{number}", "value": "x"} for number in range(count)]
    )
    assert response.status == status
    usage = server.used(Op.WRITE)
    assert (usage.accepted, usage.refused) == ((1000, 0) if status == 200 else (1, 1000))


async def test_a_paid_account_has_no_daily_quota():
    async with local_server(account="paid") as server:
        for _ in range(2):
            server.clock.advance(seconds=1)
            pairs = [{"key": f"k{number}", "value": "x"} for number in range(1000)]
            assert (await server.kv("PUT", "/bulk", json=pairs)).status == 200


async def test_rest_operations_are_events_like_those_of_a_worker(server):
    operations: list[Operation] = []
    server.served.edge.events.subscribe(Operation, operations.append)
    await server.put("menu:1", b"abc")
    await server.kv("GET", "/values/menu:1")
    await server.kv("GET", "/values/menu:2")
    assert [
        (event.op, event.binding, event.key, event.outcome, event.size_bytes) for event in operations
    ] == [
        ("put", "page_content", "menu:1", "stored", 3),
        ("get", "page_content", "menu:1", "hit", 3),
        ("get", "page_content", "menu:2", "miss", 0),
    ]


WRAPPED = base64.encodebytes(bytes(range(256))).decode()


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (WRAPPED, bytes(range(256))),
        (WRAPPED.replace("\n", "\r\n"), bytes(range(256))),
        ("\nYQ\r=\n=\n", b"a"),
        ("", b""),
        ("\r\n", b""),
        ("YR==", b"a"),  # bits that no byte has are not looked at
    ],
)
async def test_line_breaks_in_base64_are_read_past(server, value, stored):
    pairs = [{"key": "picture", "value": value, "base64": True}]
    assert (await server.kv("PUT", "/bulk", json=pairs)).status == 200
    assert (await server.kv("GET", "/values/picture")).body == stored


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("plain text", 5),
        ("YWJj?", 4),
        ("YQ", 0),
        ("YWJjYQ=", 7),
        ("YQ=x", 3),
        ("YQ==YQ==", 4),
        ("=", 0),
        ("Y W=", 1),
        ("a_bc", 1),
        ("YWJj\nYWé", 7),
    ],
)
async def test_what_is_no_base64_is_refused_with_its_key_and_the_byte_as_go_counts_it(server, value, at):
    pairs = [{"key": "good", "value": "x"}, {"key": "assets/logo.svg", "value": value, "base64": True}]
    refused = await server.kv("PUT", "/bulk", json=pairs)
    assert (refused.status, refused.code) == (400, 10012)
    what = 'could not base64 decode value for key: "assets/logo.svg"'
    assert refused.message == f"bulk put: '{what}, err: illegal base64 data at input byte {at}'"


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        (b'[{"key": "k", "value": "a\\ud800b"}]', "a\ufffdb"),
        (b'[{"key": "k", "value": "\\ud83d\\ude00"}]', "\U0001f600"),
        (b'[{"key": "k", "value": "a\xffb"}]', "a\ufffdb"),
    ],
)
async def test_what_is_no_unicode_in_a_bulk_body_is_replaced(server, body, stored):
    assert (await server.kv("PUT", "/bulk", data=body)).status == 200
    assert (await server.kv("GET", "/values/k")).body.decode() == stored
