"""Several processes on one file, and processes that are killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from edgeday.ledger import Op, Usage
from tests.storage.crash import crash
from tests.storage.examples import DAY, names, put

pytestmark = pytest.mark.slow

_PROJECT = Path(__file__).parents[2]


def test_a_killed_writer_leaves_what_it_acknowledged_and_nothing_half_written(tmp_path):
    acknowledged, unacknowledged = crash(tmp_path / "day.sqlite", rounds=5, seed=1)
    assert acknowledged > 50
    assert unacknowledged <= 5


@pytest.mark.parametrize("second_opening", [False, True])
async def test_another_process_that_closes_the_file_leaves_the_log_of_this_one(
    tmp_path, second_opening, open_store
):
    path = tmp_path / "day.sqlite"
    store = await open_store(path)
    await put(store, "before")
    if second_opening:  # any close of a file descriptor would drop the locks of this process
        await (await open_store(path)).close()
    opening = f"from edgeday.storage.database import open_database; open_database(Path('{path}')).close()"
    await _run("-c", f"from pathlib import Path; {opening}")
    assert path.with_name("day.sqlite-wal").exists()
    await put(store, "after")
    assert await names(store) == ["after", "before"]


async def _run(*arguments):
    """Run Python in a process of its own that has to end well; what it prints."""
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=_PROJECT, stdout=PIPE)
    answer, _ = await process.communicate()
    assert process.returncode == 0
    return answer


async def test_eight_writers_share_one_quota_and_never_meet_a_lock(tmp_path, open_store):
    path = tmp_path / "day.sqlite"
    arguments = [("-m", "tests.storage.write_quota", str(path), f"writer {number}") for number in range(8)]
    accepted = [int(answer) for answer in await asyncio.gather(*(_run(*each) for each in arguments))]
    assert sum(accepted) == 1_000
    store = await open_store(path)
    assert store.usage(DAY)[Op.WRITE] == Usage(asked=1_600, accepted=1_000, refused=600)
    assert len(await names(store, limit=2_000)) == 1_000
    await store.close()
