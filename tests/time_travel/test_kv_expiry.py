"""`expirationTtl` and `expiration`: a key is there until its second, and not in it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edgeday.errors import KVRequestFailed
from tests.time_travel.conftest import START

MS = timedelta(milliseconds=1)


@pytest.fixture
def site(site_of):
    return site_of("kv_only")


@pytest.fixture
def kv(site):
    return site.edge.env.page_content


async def seen(kv) -> list[bool]:
    """Whether a key is there, by each way to look at it."""
    return [
        await kv.get("token") is not None,
        (await kv.getWithMetadata("token"))["value"] is not None,
        [key["name"] for key in (await kv.list())["keys"]] == ["token"],
    ]


@pytest.mark.parametrize("ttl_s", [60, 86_400, 30 * 86_400])
async def test_a_key_is_there_until_its_ttl_has_passed(site, kv, ttl_s):
    await kv.put("token", "on", expirationTtl=ttl_s, metadata={"of": "Ana"})
    end = START + timedelta(seconds=ttl_s)
    site.time.travel_to(end - MS)
    assert await seen(kv) == [True, True, True]
    site.time.travel_to(end)
    assert await seen(kv) == [False, False, False]


async def test_an_expiration_is_an_instant_and_the_list_shows_it(site, kv):
    end = START + timedelta(hours=5)
    await kv.put("token", "on", expiration=int(end.timestamp()))
    assert (await kv.list())["keys"][0]["expiration"] == end.timestamp()
    site.time.travel_to(end - MS)
    assert await seen(kv) == [True, True, True]
    site.time.travel_to(end)
    assert await seen(kv) == [False, False, False]


@pytest.mark.parametrize(("ttl_s", "accepted"), [(59, False), (60, True)])
async def test_a_ttl_is_at_least_a_minute(kv, ttl_s, accepted):
    if accepted:
        await kv.put("token", "on", expirationTtl=ttl_s)
    else:
        with pytest.raises(KVRequestFailed, match="Expiration TTL must be at least 60"):
            await kv.put("token", "on", expirationTtl=ttl_s)
    assert await seen(kv) == [accepted] * 3


async def test_a_put_begins_the_ttl_anew(site, kv):
    await kv.put("token", "on", expirationTtl=60)
    site.after(START, seconds=59)
    await kv.put("token", "on", expirationTtl=60)
    site.after(START, seconds=118)
    assert await seen(kv) == [True, True, True]
    site.after(START, seconds=119)
    assert await seen(kv) == [False, False, False]


async def test_a_put_without_a_ttl_keeps_the_key_for_ever(site, kv):
    await kv.put("token", "on", expirationTtl=60)
    site.after(START, seconds=30)
    await kv.put("token", "on")
    site.after(START, days=4000)
    assert await seen(kv) == [True, True, True]
