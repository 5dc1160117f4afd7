"""A state file as an account: its store, with the quotas that its day has left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edgeday.clock import Clock
from edgeday.limits import Account
from edgeday.runtime.edge import Edge
from edgeday.storage.database import open_reader
from edgeday.storage.sqlite import SqliteStore


@asynccontextmanager
async def open_account(path: Path, namespace: str, account: Account, clock: Clock) -> AsyncIterator[Edge]:
    """The account of a state file, with one KV namespace bound as `logs`, while the block runs.

    Raises BadInput if there is no such file, or it cannot be used.
    """
    open_reader(path).close()  # refuses what is not there, which opening it for writing would make
    store = SqliteStore.open_in_place(path)
    try:
        yield Edge(account=account, clock=clock, store=store, namespaces={"logs": namespace})
    finally:
        await store.close()
