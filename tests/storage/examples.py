"""Spends and entries that the storage tests share."""

from edgeday.ledger import Op, Spend
from edgeday.storage.records import CacheEntry, KVEntry

DAY = 20_500
NS = "pages"


def spend(op=Op.WRITE, units=1, *, day=DAY, limit=None):
    return Spend(op, units, day, limit)


READ, WRITE, DELETE, LIST = (spend(op) for op in Op)


def kv_entry(value=b"on", *, metadata=None, expiration=None, at=0.0):
    return KVEntry(value, metadata, expiration, at)


def cache_entry(body=b"page", *, at=0.0, lifetime_s=60.0, headers=(("content-type", "text/html"),)):
    return CacheEntry(200, "OK", headers, body, at, lifetime_s)


async def put(store, key, value=b"on", *, namespace=NS, at=0.0, **fields):
    """Put an entry without a limit or a rule in its way."""
    await store.kv_put(WRITE, namespace, [(key, kv_entry(value, at=at, **fields))], 0)


async def get(store, key, *, namespace=NS, at=0.0):
    """The entry under one key, or None."""
    (entry,) = await store.kv_get(READ, namespace, (key,), at)
    return entry


async def names(store, prefix="", *, namespace=NS, after="", limit=1000, at=0.0):
    """Names on one page of a list."""
    page = await store.kv_list(LIST, namespace, prefix, after, limit, at)
    return [row.name for row in page.keys]
