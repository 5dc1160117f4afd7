"""Archiving that is killed at any moment loses nothing, and goes on when it is run again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from .stored import MONTH_S, NOW, NOW_S, archived, charged, error_key, error_value, fill, kv_of

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[3]
ENTRIES = 150
CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from edgeday.clock import VirtualClock
from worker_port.study.retention.account import open_account
from worker_port.study.retention.archive import open_archive
from worker_port.study.retention.work import Retention

state, file, at, older_than_s, steps, calls = sys.argv[1:]
steps, calls = int(steps), int(calls)

def moved():
    global steps
    steps -= 1
    if steps == 0:
        sys.setprofile(called)

def called(*event):
    global calls
    calls -= 1
    if calls <= 0:
        os.kill(os.getpid(), signal.SIGKILL)

async def work():
    async with open_account(Path(state), "pages", "free", VirtualClock(at)) as edge:
        with open_archive(Path(file)) as archive:
            await Retention(edge, edge.env.logs, moved).archive(archive, int(older_than_s))

asyncio.run(work())
"""
"""Archives; ends itself with SIGKILL so many calls after it has moved so many entries (0: never)."""


def archive(state, file, steps=0, calls=0):
    """Archive in a process of its own; whether it was killed while it was at work."""
    command = [sys.executable, "-c", CHILD, state, file, NOW, str(MONTH_S), str(steps), str(calls)]
    code = subprocess.run(command, cwd=PROJECT, check=False).returncode
    assert code in {0, -signal.SIGKILL}
    return code != 0


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
        steps = draw.randrange(1, 2 * at_work + 1) if at_work else 1
        killed += archive(state, file, steps, draw.randrange(500))
        entries = archived(file) if file.exists() else []
        assert len(entries) == len(set(entries))
        assert {**kv_of(state), **dict(entries)} == {**old, **young}
        assert young.items() <= kv_of(state).items()
    assert killed >= 3
    assert not archive(state, file)
    assert kv_of(state) == young
    assert sorted(archived(file)) == sorted(old.items())
    assert charged(state, NOW_S)["delete"] == (ENTRIES, 0)


def test_a_kill_leaves_the_archive_of_before_whole(tmp_path):
    state, file = tmp_path / "day.sqlite", tmp_path / "errors.jsonl"
    first = {error_key(MONTH_S + 9): error_value()}
    fill(state, first)
    assert not archive(state, file)
    before = file.read_bytes()
    fill(state, {error_key(MONTH_S + number, number): error_value() for number in range(1, 100)})
    assert archive(state, file, 50)  # killed while it reads
    assert file.read_bytes() == before
