"""Fills the disk under a store, in a process of its own: `python -m tests.storage.fill_disk FOLDER [LIMIT]`.

LIMIT: the largest file that the process may write, in bytes; without it the disk itself is to be small.
Checks that what was acknowledged before the disk was full is there, and that the store goes on once there
is room; prints the error that it met.
"""

import asyncio
import resource
import sys
from pathlib import Path

from edgeday.errors import BadInput
from edgeday.ledger import Op
from edgeday.storage.sqlite import SqliteStore
from tests.storage.examples import DAY, put

_BALLAST_BYTES = 400_000


async def fill(folder, limit):
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(_BALLAST_BYTES))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    store = await SqliteStore.open(folder / "day.sqlite")
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    acknowledged = 0
    try:
        while True:
            await put(store, f"key:{acknowledged}", bytes(9_000))
            acknowledged += 1
    except BadInput as full:
        print(full)
    assert acknowledged > 5
    assert store.held_entries() == acknowledged
    assert store.usage(DAY)[Op.WRITE].asked == acknowledged
    ballast.unlink()
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await put(store, "there is room")
    assert store.held_entries() == acknowledged + 1
    assert store.usage(DAY)[Op.WRITE].asked == acknowledged + 1
    try:
        await store.close()
    except BadInput:
        return
    raise AssertionError("closing did not tell of the failed write")


if __name__ == "__main__":
    asyncio.run(fill(Path(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else None))
