"""The official Python SDK, unchanged, against a real server: every KV call it has."""

from __future__ import annotations

import cloudflare
import pytest
from cloudflare import AsyncCloudflare

from edgeday.ledger import Op
from tests.server.conftest import ACCOUNT, NAMESPACE, START_S, local_server


@pytest.fixture(params=["memory", "sqlite"])
async def local(request, tmp_path):
    state = tmp_path / "state.sqlite" if request.param == "sqlite" else None
    async with local_server(state=state) as server:
        yield server


@pytest.fixture
async def client(local):
    async with AsyncCloudflare(
        api_token="any", base_url=f"{local.origin}/client/v4", max_retries=0, _strict_response_validation=True
    ) as opened:
        yield opened


@pytest.fixture
def values(client):
    return client.kv.namespaces.values


IN = {"account_id": ACCOUNT, "namespace_id": NAMESPACE}


async def test_a_namespace_is_created_renamed_listed_and_deleted(client):
    namespaces = client.kv.namespaces
    made = await namespaces.create(account_id=ACCOUNT, title="sessions")
    assert (made.title, len(made.id), made.supports_url_encoding) == ("sessions", 32, True)
    renamed = await namespaces.update(made.id, account_id=ACCOUNT, title="logins")
    assert renamed.title == "logins"
    assert (await namespaces.get(made.id, account_id=ACCOUNT)).title == "logins"
    titles = [namespace.title async for namespace in namespaces.list(account_id=ACCOUNT, order="title")]
    assert titles == ["logins", "page_content"]
    await namespaces.delete(made.id, account_id=ACCOUNT)
    with pytest.raises(cloudflare.NotFoundError):
        await namespaces.get(made.id, account_id=ACCOUNT)


async def test_the_list_of_namespaces_ends_after_its_last_page(client):
    for number in range(25):
        await client.kv.namespaces.create(account_id=ACCOUNT, title=f"n{number:02}")
    titles = [
        namespace.title async for namespace in client.kv.namespaces.list(account_id=ACCOUNT, per_page=10)
    ]
    assert sorted(titles) == [*(f"n{number:02}" for number in range(25)), "page_content"]


async def test_a_value_is_put_read_and_deleted(values):
    await values.update("menu", **IN, value=b"monday \x00\xff")
    assert await (await values.get("menu", **IN)).read() == b"monday \x00\xff"
    await values.delete("menu", **IN)
    with pytest.raises(cloudflare.NotFoundError) as missing:
        await values.get("menu", **IN)
    assert missing.value.errors[0].code == 10009


async def test_an_empty_value_is_a_value(values):
    await values.update("empty", **IN, value=b"")
    assert await (await values.get("empty", **IN)).read() == b""


async def test_a_value_shows_when_it_expires(values):
    await values.update("token", **IN, value=b"on", expiration_ttl=60)
    assert (await values.get("token", **IN)).headers["expiration"] == str(START_S + 60)


@pytest.mark.parametrize(("waited_s", "present"), [(59, True), (60, False)])
async def test_a_value_is_gone_once_its_ttl_has_passed(local, values, waited_s, present):
    await values.update("token", **IN, value=b"on", expiration_ttl=60)
    await local.served.advance(waited_s)
    if present:
        assert await (await values.get("token", **IN)).read() == b"on"
    else:
        with pytest.raises(cloudflare.NotFoundError):
            await values.get("token", **IN)


@pytest.mark.parametrize("metadata", [{"by": "ana", "tags": [1, 2]}, '{"by": "ana", "tags": [1, 2]}'])
async def test_metadata_is_stored_with_the_value(client, values, metadata):
    await values.update("page", **IN, value=b"x", metadata=metadata)
    assert await client.kv.namespaces.metadata.get("page", **IN) == {"by": "ana", "tags": [1, 2]}


@pytest.mark.parametrize(
    "key", ["a/b", "100%", "%2F", "да / не", "a?b#c", "x&y=z+w:;", "ключ/с/пътека", "a b"]
)
async def test_every_key_comes_back_as_it_was_put(client, values, key):
    await values.update(key, **IN, value=key.encode())
    assert await (await values.get(key, **IN)).read() == key.encode()
    assert [row.name async for row in client.kv.namespaces.keys.list(**IN)] == [key]


async def test_all_pages_of_keys_are_listed_in_order(client):
    names = [f"log:{number:04}" for number in range(25)]
    await client.kv.namespaces.bulk_update(
        **IN, body=[{"key": name, "value": "x", "metadata": {"n": name}} for name in reversed(names)]
    )
    await client.kv.namespaces.bulk_update(**IN, body=[{"key": "other", "value": "x"}])
    listed = [row async for row in client.kv.namespaces.keys.list(**IN, prefix="log:", limit=10)]
    assert [row.name for row in listed] == names
    assert listed[7].metadata == {"n": "log:0007"}


async def test_a_bulk_put_writes_every_pair(client, values):
    result = await client.kv.namespaces.bulk_update(
        **IN,
        body=[
            {"key": "text", "value": "plain"},
            {"key": "bytes", "value": "AP8=", "base64": True, "expiration_ttl": 60},
        ],
    )
    assert (result.successful_key_count, result.unsuccessful_keys) == (2, [])
    assert await (await values.get("text", **IN)).read() == b"plain"
    assert await (await values.get("bytes", **IN)).read() == b"\x00\xff"


async def test_a_bulk_get_answers_for_every_key(local, values):
    # The SDK's model of this answer has no null for a missing key, so its strict validation is off here.
    client = AsyncCloudflare(api_token="any", base_url=f"{local.origin}/client/v4", max_retries=0)
    await values.update("a", **IN, value=b'{"n": 1}', metadata={"m": 2}, expiration_ttl=60)
    plain = await client.kv.namespaces.bulk_get(**IN, keys=["a", "1"])
    assert plain.values == {"a": '{"n": 1}', "1": None}
    parsed = await client.kv.namespaces.bulk_get(**IN, keys=["a"], type="json", with_metadata=True)
    entry = parsed.values["a"]
    assert (entry.value, entry.metadata, entry.expiration) == ({"n": 1}, {"m": 2}, START_S + 60)
    await client.close()


async def test_a_bulk_delete_removes_every_key(client, values):
    await values.update("a", **IN, value=b"x")
    result = await client.kv.namespaces.bulk_delete(**IN, body=["a", "never there"])
    assert result.successful_key_count == 2
    with pytest.raises(cloudflare.NotFoundError):
        await values.get("a", **IN)


async def test_a_spent_quota_is_a_rate_limit_error_with_its_code(local, client):
    body = [{"key": f"k{number}", "value": "x"} for number in range(1000)]
    await client.kv.namespaces.bulk_update(**IN, body=body)
    with pytest.raises(cloudflare.RateLimitError) as spent:
        await client.kv.namespaces.values.update("one more", **IN, value=b"x")
    assert spent.value.errors[0].code == 10048
    assert "your account has reached the free usage limit for this operation for today" in str(spent.value)
    assert (local.used(Op.WRITE).accepted, local.used(Op.WRITE).refused) == (1000, 1)


@pytest.mark.slow
async def test_a_refused_call_that_the_sdk_retries_is_asked_three_times(local, client):
    await client.kv.namespaces.bulk_delete(**IN, body=[f"k{number}" for number in range(1000)])
    patient = client.with_options(max_retries=2)
    with pytest.raises(cloudflare.RateLimitError):
        await patient.kv.namespaces.values.delete("k", **IN)
    assert local.used(Op.DELETE).refused == 3


async def test_an_api_key_with_an_email_is_accepted(local):
    async with AsyncCloudflare(
        api_key="k" * 37, api_email="ana@example.com", base_url=f"{local.origin}/client/v4"
    ) as client:
        assert [namespace.id async for namespace in client.kv.namespaces.list(account_id=ACCOUNT)] == [
            NAMESPACE
        ]


async def test_accounts_and_memberships_are_shown(client):
    accounts = [namespace.name async for namespace in client.accounts.list()]
    memberships = [namespace.account.name async for namespace in client.memberships.list()]
    assert accounts == memberships == ["edgeday"]
