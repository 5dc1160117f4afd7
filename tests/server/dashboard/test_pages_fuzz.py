"""Whatever is stored or asked for, the pages and the worker's door answer, and never with a failure."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.conftest import NAMESPACE
from tests.server.dashboard.conftest import BASE, visiting
from tests.server.wire import exchange, status_of
from worker_port import AiDietWorker
from worker_port.profile.stand_in import AiStandIn

fuzz = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def open_house(scenarios):
    """A visitor of a server with the diet-plan worker and scenarios, on an account without daily quotas."""
    async with visiting(AiDietWorker, scenarios, ai=AiStandIn(), account="paid") as visitor:
        await visitor.get("")
        yield visitor


TEXT = st.text(st.characters(), max_size=6)  # half surrogate pairs among them
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
FIELDS = (
    "type", "sessionId", "stepName", "timestamp", "hasError", "error", "requestError", "success", "prompt",
    "response", "duration", "modelName", "provider", "promptLength", "userData", "calculatedData",
)  # fmt: skip
ENTRY = st.builds(
    lambda name, fields, kind: {"id": name, "type": kind, **fields},
    TEXT,
    st.dictionaries(st.sampled_from(FIELDS), VALUE, max_size=6),
    st.sampled_from(["request", "response", "combined", None]),
)


@fuzz
@given(st.lists(ENTRY | VALUE, min_size=1, max_size=3), st.sampled_from(["", "&errors=1"]))
async def test_no_stored_entry_breaks_the_logs(open_house, entries, errors):
    for name, entry in zip("abc", entries, strict=False):
        open_house.local.clock.advance(seconds=1)
        stored = await open_house.local.put(f"ai_error_log:{name}", json.dumps(entry).encode())
        assert stored.status == 200
    for path in (f"logs?{errors}", f"logs/export?as=json{errors}", f"logs/export?as=text{errors}"):
        assert (await open_house.get(path)).status == 200
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            id = quote(entry["id"].encode("utf-8", "replace"), safe="")
            assert (await open_house.get(f"logs/call?id={id}")).status in {200, 404}


ADDRESS = st.sampled_from(
    [
        "", "measured", "clock", "logs", "logs/call", "logs/export", "kv", "kv/key", "kv/new", "kv/value",
        "cache", "replay", "replay/run", "replay/report", "replay/progress", "static/",
        "static/dashboard.css", "time", "kv/save", "kv/delete", "replay/start", "replay/stop", "nothing",
    ]
)  # fmt: skip
BYTES = st.binary(max_size=8).map(quote_from_bytes) | st.sampled_from(
    [NAMESPACE, "1", "-1", "9" * 30, "999999999", "1h", "reset", "9999-12-31T23:59:59Z", "never", "ttl",
     "keep", "until", "ai_error_log%3Aa", "small.yaml", "wrong.yaml", "..%2f..%2fetc%2fpasswd", "crlf",
     "text"]
)  # fmt: skip
NAMES = st.sampled_from(
    [
        "namespace", "key", "prefix", "cursor", "from", "q", "id", "errors", "as", "by", "to", "value",
        "metadata", "expires", "ttl", "until", "expiration", "breaks", "scenario", "run",
        "number", "name", "after",
    ]
)  # fmt: skip
PAIRS = st.dictionaries(NAMES, BYTES, max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs.items())
)


@fuzz
@given(ADDRESS, PAIRS)
async def test_no_address_of_a_page_fails(open_house, address, query):
    answer = await open_house.get(f"{address}?namespace={NAMESPACE}&{query}")
    assert answer.status < 500, answer.body


@fuzz
@given(ADDRESS, PAIRS, st.booleans())
async def test_no_form_makes_a_page_fail(open_house, address, fields, whole):
    headers = {"HX-Request": ""} if whole else {}
    answer = await open_house.post(f"{address}?namespace={NAMESPACE}", fields.encode(), **headers)
    assert answer.status < 500, answer.body
    assert (await open_house.get("")).status == 200


NAME = st.sampled_from(
    ["edgeday-variant", "edgeday-token", "edgeday-csrf", "Cookie", "Origin", "Content-Type", "Range", "X-A"]
)
HEADER = st.binary(max_size=10).filter(lambda value: not set(value) & set(b"\r\n\0"))


@fuzz
@given(
    st.sampled_from(["/", "/kv/a", "/cache/max-age=9", BASE, f"{BASE}time", f"{BASE}kv"]),
    st.sampled_from(["GET", "POST", "OPTIONS", "TRACE", "PROPFIND"]),
    NAME,
    HEADER,
)
async def test_no_header_makes_a_request_fail(visitor, path, method, name, value):
    visitor.local.clock.advance(seconds=1)
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{name}: ".encode()
    answer = await exchange(visitor.local.port, head + value + b"\r\n\r\n")
    assert status_of(answer) < 500, answer
