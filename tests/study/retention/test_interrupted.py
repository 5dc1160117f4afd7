"""Archiving that is killed at any moment loses nothing, and goes on when it is run again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .stored import MONTH_S, NOW, NOW_S, archived, charged, error_key, error_value, fill, kv_of

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
ENTRIES = 150
CHILD = """
import asyncio, os, sys
from pathlib import Path
from edgeday.clock import VirtualClock
from worker_port.study.retention.account import open_account
from worker_port.study.retention.archive import open_archive
from worker_port.study.retention.work import Retention

async def work(state, file, at, older_than_s):
    async with open_account(Path(state), "pages", "free", VirtualClock(at)) as edge:
        with open_archive(Path(file)) as archive:
            moved = lambda: os.write(1, b".")
            await Retention(edge, edge.env.logs, moved).archive(archive, int(older_than_s))

asyncio.run(work(*sys.argv[1:]))
"""


def run_and_kill(state, file, steps, draw):
    """Start archiving and kill it after so many entries; whether it was still at work."""
    command = [sys.executable, "-c", CHILD, state, file, NOW, str(MONTH_S)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as child:
        child.stdout.read(steps)
        time.sleep(draw.uniform(0, 0.002))
        child.send_signal(signal.SIGKILL)
    return child.returncode == -signal.SIGKILL


def test_archiving_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(tmp_path):
    draw = random.Random(4)
    state, file = tmp_path / "day.sqlite", tmp_path / "errors.jsonl"
    old = {error_key(MONTH_S + number, number): error_value(message=str(number)) for number in range(ENTRIES)}
    young = {error_key(5, number): error_value() for number in range(3)}
    fill(state, {**old, **young})
    killed = 0
    for _ in range(8):
        at_work = len(kv_of(state)) - len(young)
        # reads, then the file, then deletes: any moment of them
        killed += run_and_kill(state, file, draw.randrange(1, 2 * at_work + 1) if at_work else 1, draw)
        kept = archived(file) if file.exists() else []
        assert len(kept) == len(set(kept))
        assert {**kv_of(state), **dict(kept)} == {**old, **young}
        assert young.items() <= kv_of(state).items()
    assert killed >= 3
    finish = [sys.executable, "-c", CHILD, state, file, NOW, str(MONTH_S)]
    subprocess.run(finish, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    assert kv_of(state) == young
    assert sorted(archived(file)) == sorted(old.items())
    assert charged(state, NOW_S)["delete"] == (ENTRIES, 0)


def test_a_kill_leaves_the_archive_of_before_whole(tmp_path):
    state, file = tmp_path / "day.sqlite", tmp_path / "errors.jsonl"
    first = {error_key(MONTH_S + 9): error_value()}
    fill(state, first)
    finish = [sys.executable, "-c", CHILD, state, file, NOW, str(MONTH_S)]
    subprocess.run(finish, cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    before = file.read_bytes()
    fill(state, {error_key(MONTH_S + number, number): error_value() for number in range(1, 100)})
    assert run_and_kill(state, file, 50, random.Random(1))  # while it reads
    assert file.read_bytes() == before
