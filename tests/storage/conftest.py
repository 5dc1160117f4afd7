"""Every test of this folder that takes `store` runs on each kind of store."""

from contextlib import AsyncExitStack

import pytest

from edgeday.storage.memory import MemoryStore
from edgeday.storage.sqlite import SqliteStore


@pytest.fixture(params=["memory", "sqlite in place", "sqlite on a thread"])
async def store(request, tmp_path):
    if request.param == "memory":
        made = MemoryStore()
    elif request.param == "sqlite in place":
        made = SqliteStore.open_in_place(tmp_path / "day.sqlite")
    else:
        made = await SqliteStore.open(tmp_path / "day.sqlite")
    yield made
    await made.close()


@pytest.fixture
async def open_store(tmp_path):
    """Opens day.sqlite on a thread; what a test leaves open is closed after it, however it ends."""
    async with AsyncExitStack() as stack:

        async def opening(path=tmp_path / "day.sqlite"):
            opened = await SqliteStore.open(path)
            stack.push_async_callback(opened.close)
            return opened

        yield opening
