"""A store on a disk that takes no more: real disks, in processes of their own."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edgeday.errors import BadInput
from edgeday.ledger import Op, Usage
from edgeday.storage.database import open_database
from edgeday.storage.sqlite import SqliteStore
from tests.storage.examples import DAY, get, put

_PROJECT = Path(__file__).parents[2]


def _fill(command):
    return subprocess.run(
        command, cwd=_PROJECT, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def _as_root_of_a_namespace(script):
    """A command that may mount file systems of its own, or skip where that is not allowed."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare to mount a small disk")
    prefix = ["unshare", "--map-root-user", "--mount", "sh", "-ec"]
    probe = subprocess.run([*prefix, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("may not mount a small disk")
    return [*prefix, script]


def test_a_file_size_limit_is_told_and_keeps_what_was_acknowledged(tmp_path):
    message = _fill([sys.executable, "-m", "tests.storage.fill_disk", str(tmp_path), "500000"])
    assert message.startswith(f"{tmp_path / 'day.sqlite'}: the disk did not take a read or write")
    assert "check its free space" in message


def test_a_full_disk_is_told_and_keeps_what_was_acknowledged(tmp_path):
    script = f"""
        mount -t tmpfs -o size=1m tmpfs '{tmp_path}'
        exec '{sys.executable}' -m tests.storage.fill_disk '{tmp_path}'"""
    message = _fill(_as_root_of_a_namespace(script))
    assert message.startswith(f"{tmp_path / 'day.sqlite'}: the disk is full: the operation was not stored")


def test_a_read_only_disk_is_told(tmp_path):
    path = tmp_path / "day.sqlite"
    opening = f"from edgeday.storage.sqlite import SqliteStore as S; s = S.open_in_place('{path}')"
    script = f"""
        mount -t tmpfs tmpfs '{tmp_path}'
        '{sys.executable}' -c "{opening}"
        mount -o remount,ro '{tmp_path}'
        '{sys.executable}' -c "{opening}" 2>&1 || true"""
    assert f"BadInput: {path}: the state file cannot be" in _fill(_as_root_of_a_namespace(script))


async def test_an_operation_on_a_full_database_changes_nothing(tmp_path):
    path = tmp_path / "day.sqlite"
    store = SqliteStore.open_in_place(path)
    await put(store, "menu", b"monday")
    with closing(open_database(path)) as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
    store._driver._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(BadInput, match="the disk is full"):
        await put(store, "menu", bytes(100_000))
    assert (await get(store, "menu")).value == b"monday"
    assert store.usage(DAY)[Op.WRITE] == Usage(1, 1, 0)
    with pytest.raises(BadInput, match="the disk is full"):
        await store.close()
