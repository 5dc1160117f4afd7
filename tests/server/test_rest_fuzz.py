"""Whatever is sent to the REST API, it never fails: a refusal is an envelope, and nothing is half done."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.conftest import ACCOUNT, NAMESPACE, local_server
from tests.server.wire import exchange, status_of

pytestmark = pytest.mark.slow

fuzz = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=["memory", "sqlite"])
async def local(request, tmp_path):
    state = tmp_path / "day.sqlite" if request.param == "sqlite" else None
    async with local_server(account="paid", state=state) as server:
        yield server


RAW = st.text(
    st.characters(codec="utf-8", exclude_characters=" \r\n\0\x7f", exclude_categories=("Cc",)), max_size=12
)
SEGMENT = st.one_of(
    RAW.map(lambda text: quote(text, safe="")),
    st.text(alphabet="%/.ab2F0cC", max_size=12),
    st.sampled_from(["", ".", "..", "%2E%2E", "%00", "%FF", "%", "%C3", "k" * 600, NAMESPACE]),
)
RESOURCE = st.sampled_from(
    ["", "/keys", "/values/", "/metadata/", "/bulk", "/bulk/delete", "/bulk/get", "/nothing"]
)
NAMES = [
    "expiration",
    "expiration_ttl",
    "limit",
    "prefix",
    "cursor",
    "page",
    "per_page",
    "order",
    "direction",
]
NUMBER = st.one_of(st.integers().map(str), st.sampled_from(["60", "1e9", "-1", "٣", "", "9" * 30, "NaN"]))
QUERY = st.lists(
    st.tuples(st.sampled_from(NAMES), st.one_of(NUMBER, RAW, st.just("%FF"))).map("=".join), max_size=3
).map("&".join)
LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["a", "YQ==", ""]),
)
ITEM = st.dictionaries(
    st.sampled_from(
        ["key", "value", "base64", "expiration", "expiration_ttl", "metadata", "title", "keys", "type"]
    ),
    st.one_of(LEAF, st.lists(LEAF, max_size=3)),
)
JSON = st.one_of(LEAF, ITEM, st.lists(st.one_of(LEAF, ITEM), max_size=4)).map(
    lambda value: json.dumps(value).encode()
)
BODY = st.one_of(st.binary(max_size=200), JSON, st.just(b"[" * 3000), st.just(b'{"title":"\\ud800"}'))
PART = st.tuples(
    st.sampled_from([b'name="value"', b'name="metadata"', b"name=value", b"", b'name="value"; filename="f"']),
    st.sampled_from(
        [
            b"",
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-Encoding: gzip\r\n",
            b"Content-Length: 3\r\n",
        ]
    ),
    st.one_of(st.binary(max_size=40), st.just(b'{"a":1}'), st.just(b"[" * 700)),
)
FORM = st.tuples(st.lists(PART, max_size=3), st.sampled_from([b"--b--\r\n", b"--b--", b"", b"--b"])).map(
    lambda form: (
        b"".join(
            b"--b\r\nContent-Disposition: form-data; " + name + b"\r\n" + headers + b"\r\n" + value + b"\r\n"
            for name, headers, value in form[0]
        )
        + form[1]
    )
)
TYPES = st.sampled_from([
    "application/json", "text/plain", "multipart/form-data; boundary=b", "multipart/form-data", "",
    "multipart/mixed; boundary=b", 'multipart/form-data; boundary="',
    "multipart/form-data; boundary=" + "b" * 100,
])  # fmt: skip


ROUTE = st.sampled_from(
    [("PUT", "/bulk"), ("DELETE", "/bulk"), ("POST", "/bulk/delete"), ("POST", "/bulk/get"), ("PUT", "")]
)


async def answer_to(server, method, path, body, content_type="application/json"):
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer x\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return await exchange(server.port, head.encode("utf-8", "surrogatepass") + body)


def check(answer):
    """Never a failure of the server's; and what is not a value is an envelope that says why."""
    status = status_of(answer)
    assert 200 <= status < 500, answer
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"application/json" in head and body:
        envelope = json.loads(body)
        assert envelope["success"] is (status == 200)
        assert [set(error) >= {"code", "message"} for error in envelope["errors"]] == [True] * (status != 200)


@fuzz
@given(st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"]), SEGMENT, RESOURCE, SEGMENT, QUERY, BODY)
async def test_no_path_query_or_body_makes_it_fail(local, method, namespace, resource, key, query, body):
    base = f"/client/v4/accounts/{ACCOUNT}/storage/kv/namespaces"
    check(await answer_to(local, method, f"{base}/{namespace}{resource}{key}?{query}", body))


@fuzz
@given(
    st.sampled_from(
        [("PUT", "/bulk"), ("DELETE", "/bulk"), ("POST", "/bulk/delete"), ("POST", "/bulk/get"), ("PUT", "")]
    ),
    BODY,
)
async def test_no_body_of_a_real_route_makes_it_fail(local, route, body):
    method, path = route
    base = f"/client/v4/accounts/{ACCOUNT}/storage/kv/namespaces/{NAMESPACE}"
    check(await answer_to(local, method, base + path, body))
    check(await answer_to(local, "GET", f"{base}/keys", b""))


@pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
@fuzz
@given(FORM, TYPES, QUERY)
async def test_no_form_makes_it_fail(local, body, content_type, query):
    base = f"/client/v4/accounts/{ACCOUNT}/storage/kv/namespaces/{NAMESPACE}"
    check(await answer_to(local, "PUT", f"{base}/values/form?{query}", body, content_type))
    check(await answer_to(local, "GET", f"{base}/values/form", b""))
    check(await answer_to(local, "GET", f"{base}/metadata/form", b""))


@fuzz
@given(st.binary(max_size=300))
async def test_bytes_that_are_no_request_do_not_stop_it(local, data):
    await exchange(local.port, data + b"\r\n\r\n", end=True)
    check(await answer_to(local, "GET", "/client/v4/accounts", b""))
