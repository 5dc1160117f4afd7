"""A state file as an account: its store, with the quotas that its day has left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edgeday import Account, Clock, Edge, SqliteStore, open_state_reader


@asynccontextmanager
async def open_account(path: Path, namespace: str, account: Account, clock: Clock) -> AsyncIterator[Edge]:
    """The account of a state file, with one KV namespace bound as `logs`, while the block runs.

    Raises BadInput if there is no such file, or it cannot be used.
    """
    open_state_reader(path).close()  # refuses what is not there, which opening it for writing would make
    store = SqliteStore.open_in_place(path)
    try:
        yield Edge(account=account, clock=clock, store=store, namespaces={"logs": namespace})
    finally:
        await store.close()
