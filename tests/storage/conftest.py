"""Every test of this folder that takes `store` runs on each kind of store."""

import pytest

from emulator.storage.memory import MemoryStore
from emulator.storage.sqlite import SqliteStore


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
