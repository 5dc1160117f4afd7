"""Expiry: which times are accepted, and when a key is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edgeday.errors import KVRequestFailed, PlatformTypeError
from tests.kv.conftest import START
from tests.travel import MS

AHEAD = "Expiration times must be at least 60 seconds in the future."
PAST = "Please specify integer greater than the current number of seconds since the UNIX epoch."


async def ways_to_see(kv, key: str) -> list[bool]:
    """Whether a key is there, by each way to look at it."""
    return [
        await kv.get(key) is not None,
        (await kv.getWithMetadata(key))["value"] is not None,
        (await kv.get([key]))[key] is not None,
        [row["name"] for row in (await kv.list())["keys"]] == [key],
    ]


HERE, GONE = [True] * 4, [False] * 4


@pytest.mark.parametrize("ttl_s", [60, 86_400, 30 * 86_400])
async def test_a_key_is_gone_once_its_ttl_has_passed(time, travelling, ttl_s):
    kv = travelling.env.kv
    await kv.put("token", "on", expirationTtl=ttl_s, metadata={"of": "Ana"})
    end = START + timedelta(seconds=ttl_s)
    time.travel_to(end - MS)
    assert await ways_to_see(kv, "token") == HERE
    time.travel_to(end)
    assert await ways_to_see(kv, "token") == GONE


async def test_an_expiration_is_the_instant_at_which_the_key_is_gone(time, travelling):
    kv = travelling.env.kv
    end = START + timedelta(hours=5)
    await kv.put("token", "on", expiration=int(end.timestamp()))
    time.travel_to(end - MS)
    assert await ways_to_see(kv, "token") == HERE
    time.travel_to(end)
    assert await ways_to_see(kv, "token") == GONE


async def test_a_put_begins_the_ttl_anew(kv, clock):
    await kv.put("token", "on", expirationTtl=60)
    clock.advance(seconds=59)
    await kv.put("token", "on", expirationTtl=60)
    clock.advance(seconds=59)
    assert await ways_to_see(kv, "token") == HERE
    clock.advance(seconds=1)
    assert await ways_to_see(kv, "token") == GONE


async def test_a_put_without_a_ttl_keeps_the_key_for_ever(kv, clock):
    await kv.put("token", "on", expirationTtl=60)
    clock.advance(seconds=30)
    await kv.put("token", "on")
    clock.advance(days=4000)
    assert await ways_to_see(kv, "token") == HERE


@pytest.mark.parametrize(
    ("ttl", "refusal"),
    [
        (60, None),
        (59, "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."),
        (1, "Invalid expiration_ttl of 1. Expiration TTL must be at least 60."),
        (0, "Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        (-60, "Invalid expiration_ttl of -60. Please specify integer greater than 0."),
        (None, "Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        ("soon", "Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        (float("inf"), "Invalid expiration_ttl of 0. Please specify integer greater than 0."),
        ("90", None),
        (" 0x64 ", None),
        (60.9, None),
        (59.9, "Invalid expiration_ttl of 59. Expiration TTL must be at least 60."),
    ],
)
async def test_a_ttl_is_at_least_60_seconds(kv, ttl, refusal):
    if refusal is None:
        await kv.put("k", "v", expirationTtl=ttl)
        assert await kv.get("k") == "v"
    else:
        with pytest.raises(KVRequestFailed) as raised:
            await kv.put("k", "v", {"expirationTtl": ttl})
        assert str(raised.value) == f"KV PUT failed: 400 {refusal}"
        assert await kv.get("k") is None


@pytest.mark.parametrize(("ahead_s", "refusal"), [(60, None), (59, AHEAD), (1, AHEAD), (0, PAST), (-1, PAST)])
async def test_an_expiration_is_at_least_60_seconds_ahead(kv, clock, ahead_s, refusal):
    at = int(clock.now()) + ahead_s
    if refusal is None:
        await kv.put("k", "v", expiration=at)
        assert (await kv.list())["keys"] == [{"name": "k", "expiration": at}]
    else:
        with pytest.raises(KVRequestFailed) as raised:
            await kv.put("k", "v", expiration=at)
        assert str(raised.value) == f"KV PUT failed: 400 Invalid expiration of {at}. {refusal}"


async def test_a_ttl_beats_an_expiration_which_is_not_even_looked_at(kv, clock):
    await kv.put("k", "v", expiration=1, expirationTtl=120)
    assert (await kv.list())["keys"][0]["expiration"] == int(clock.now()) + 120


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        (2**31 - 1, True),
        (2**31 - 0.5, False),
        (2**31, False),
        (-(2**31) - 0.5, False),
        (-(2**31) - 1, False),
    ],
)
async def test_numbers_are_signed_32_bit_integers(kv, number, fits):
    if fits:
        await kv.put("k", "v", expiration=number)
        assert (await kv.list())["keys"] == [{"name": "k", "expiration": number}]
    else:
        for call in (
            lambda: kv.put("k", "v", expiration=number),
            lambda: kv.put("", "v", expirationTtl=number),
            lambda: kv.get("", cacheTtl=number),
            lambda: kv.list(limit=number),
        ):
            with pytest.raises(PlatformTypeError, match=r"Value out of range\. Must be between"):
                await call()


@pytest.mark.parametrize(("ttl", "refused"), [(30, False), (29, True), (0, True), (None, True), ("x", True)])
async def test_cache_ttl_is_at_least_30_seconds(kv, ttl, refused):
    await kv.put("k", "v")
    if not refused:
        assert await kv.get("k", cacheTtl=ttl) == "v"
        return
    number = ttl if isinstance(ttl, int) else 0
    for call, method in (
        (lambda: kv.get("k", {"cacheTtl": ttl}), "GET"),
        (lambda: kv.getWithMetadata("missing", cacheTtl=ttl), "GET"),
        (lambda: kv.get(["k"], cacheTtl=ttl), "GET_BULK"),
    ):
        with pytest.raises(KVRequestFailed) as raised:
            await call()
        expected = f"KV {method} failed: 400 Invalid cache_ttl of {number}. Cache TTL must be at least 30."
        assert str(raised.value) == expected


async def test_without_copies_a_read_sees_the_newest_write_whatever_its_cache_ttl(edge, kv, clock):
    await kv.put("k", "old")
    async with edge.invocation(colo="FRA"):
        assert await kv.get("k", cacheTtl=300) == "old"
    clock.advance(seconds=1)
    await kv.put("k", "new")
    async with edge.invocation(colo="FRA"):
        assert await kv.get("k", cacheTtl=300) == "new"


async def test_an_expired_key_does_not_use_up_the_limit_of_a_page(kv, clock):
    await kv.put("a", "v", expirationTtl=60)
    for name in "bc":
        await kv.put(name, "v")
    clock.advance(seconds=60)
    page = await kv.list(limit=2)
    assert [row["name"] for row in page["keys"]] == ["b", "c"]
    assert page["list_complete"]


async def test_a_key_written_again_after_it_expired_has_nothing_of_the_old_one(kv, clock):
    await kv.put("k", "old", expirationTtl=60, metadata=1)
    clock.advance(seconds=90)
    await kv.put("k", "new")
    clock.advance(days=400)
    assert await kv.getWithMetadata("k") == {"value": "new", "metadata": None, "cacheStatus": None}
