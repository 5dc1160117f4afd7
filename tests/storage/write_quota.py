"""One of several writers: `python -m tests.storage.write_quota FILE NAME` makes 200 puts against a quota of
1,000 a day, from four tasks at once and reopening the file half-way, and prints how many were accepted."""

import asyncio
import sys

from edgeday.ledger import Op
from edgeday.storage.sqlite import SqliteStore
from tests.storage.examples import NS, kv_entry, spend


async def write(path, name):
    accepted = 0
    for half in range(2):
        store = await SqliteStore.open(path)

        async def writer(task, store=store, half=half):
            puts = [
                await store.kv_put(
                    spend(Op.WRITE, limit=1_000), NS, [(f"{name}/{half}/{task}/{n}", kv_entry())], 0
                )
                for n in range(25)
            ]
            return sum(stored == [True] for stored in puts)

        try:
            accepted += sum(await asyncio.gather(*(writer(task) for task in range(4))))
        finally:
            await store.close()
    print(accepted)


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2]))
