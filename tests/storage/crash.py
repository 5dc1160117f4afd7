"""The crash test: a writing process is killed at a random moment, again and again, on one file.

    python -m tests.storage.crash --rounds 200

The child does operations that follow from their numbers alone and acknowledges each on a pipe. Whatever
the moment of the SIGKILL, the file then holds exactly what the acknowledged operations made, or those and
the one after them, which was not acknowledged any more: entries byte for byte, and counters.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from edgeday.ledger import Op
from edgeday.storage.database import open_reader
from edgeday.storage.sqlite import SqliteStore
from tests.storage.examples import cache_entry, kv_entry, spend

_PROJECT = Path(__file__).parents[2]
_NAMESPACE, _CACHE = "logs", "SOF/default"
_STEP_S = 7


def plan(number):
    """What operation `number` does: (kind, key, body, seconds to live)."""
    draw = random.Random(number)
    kind = draw.choices(["put", "delete", "list", "cache put", "cache delete"], [50, 10, 10, 25, 5])[0]
    body = draw.randbytes(draw.choice([0, 100, 100, 4_000, 9_000, 9_000, 40_000, 300_000]))
    return kind, f"key:{draw.randrange(30)}", body, draw.choice([60, 900, 5_000])


async def perform(store, number):
    kind, key, body, ttl_s = plan(number)
    now = number * _STEP_S
    if kind == "put":
        entry = kv_entry(body, expiration=now + ttl_s, at=now)
        await store.kv_put(spend(Op.WRITE), _NAMESPACE, [(key, entry)], 0)
    elif kind == "delete":
        await store.kv_delete(spend(Op.DELETE), _NAMESPACE, [key], now)
    elif kind == "list":
        await store.kv_list(spend(Op.LIST), _NAMESPACE, "", "", 10, now)
    elif kind == "cache put":
        await store.cache_put(_CACHE, key, cache_entry(body, at=now, lifetime_s=ttl_s))
    else:
        await store.cache_delete(_CACHE, key, now)


@dataclass
class State:
    """What the operations up to `count` have made: bodies and expiry by key, and counters."""

    count: int = 0
    kv: dict = field(default_factory=dict)
    cache: dict = field(default_factory=dict)
    attempts: dict = field(default_factory=dict)

    def after_next(self):
        kind, key, body, ttl_s = plan(self.count)
        kv, cache, attempts = dict(self.kv), dict(self.cache), dict(self.attempts)
        now = self.count * _STEP_S
        shelf = cache if kind.startswith("cache") else kv
        if kind.endswith("put"):
            shelf[key] = (body, now + ttl_s)
        elif kind.endswith("delete"):
            shelf.pop(key, None)
        if not kind.startswith("cache"):
            op = {"put": "write", "delete": "delete", "list": "list"}[kind]
            attempts[op] = attempts.get(op, 0) + 1
        return State(self.count + 1, kv, cache, attempts)

    def live(self):
        now = self.count * _STEP_S
        return [{key: row for key, row in rows.items() if row[1] > now} for rows in (self.kv, self.cache)] + [
            self.attempts
        ]


def state_on_disk(path, count):
    """What the file holds, as it would be after `count` operations; it has to be sound as a whole."""
    if not path.exists() or not path.stat().st_size:
        return State(count)
    with closing(open_reader(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return State(count)
        kv = {key: (value, at) for key, value, at in db.execute("SELECT key, value, expires_at FROM kv")}
        cache = {key: (body, at) for key, body, at in db.execute("SELECT key, body, expires_at FROM cache")}
        counters = db.execute("SELECT op, asked, accepted, refused FROM counters").fetchall()
    assert all(attempts == accepted and refused == 0 for _, attempts, accepted, refused in counters)
    return State(count, kv, cache, {op: attempts for op, attempts, _, _ in counters})


async def write_until_killed(path, number):
    """The child: operations from `number` on, each acknowledged when it is done."""
    store = await SqliteStore.open(path)
    while True:
        await perform(store, number)
        number += 1
        os.write(sys.stdout.fileno(), b".")


def kill_one(path, number, draw):
    """Start a child and kill it at a random moment; how many operations it acknowledged."""
    command = [sys.executable, "-m", "tests.storage.crash", "--child", str(path), str(number)]
    with subprocess.Popen(command, cwd=_PROJECT, stdout=subprocess.PIPE) as child:
        acknowledged = 0
        if draw.random() < 0.2:  # while it starts, opens the file, recovers what the last one left
            time.sleep(draw.uniform(0.05, 0.3))
        else:
            for _ in range(draw.randrange(1, 80)):
                acknowledged += len(child.stdout.read(1))
            time.sleep(draw.uniform(0, 0.003))
        child.send_signal(signal.SIGKILL)
        acknowledged += len(child.stdout.read())
    assert child.returncode == -signal.SIGKILL
    return acknowledged


def crash(path, rounds, seed):
    """Kill `rounds` writers on one file; (acknowledged operations, how many went through unacknowledged)."""
    draw = random.Random(seed)
    expected = State()
    acknowledged = unacknowledged = 0
    for number in range(rounds):
        count = kill_one(path, expected.count, draw)
        acknowledged += count
        for _ in range(count):
            expected = expected.after_next()
        if state_on_disk(path, expected.count).live() != expected.live():
            expected = expected.after_next()
            unacknowledged += 1
            state = state_on_disk(path, expected.count).live()
            place = f"round {number} (seed {seed}), after {expected.count} operations"
            assert state == expected.live(), place
    return acknowledged, unacknowledged


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--child", nargs=2, metavar=("FILE", "NUMBER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        asyncio.run(write_until_killed(Path(options.child[0]), int(options.child[1])))
    with tempfile.TemporaryDirectory() as folder:
        acknowledged, unacknowledged = crash(Path(folder) / "day.sqlite", options.rounds, options.seed)
    print(
        f"{options.rounds} writers killed (seed {options.seed}): {acknowledged} operations acknowledged, "
        f"none missing, none half-written; {unacknowledged} more had gone through before their answer"
    )


if __name__ == "__main__":
    main()
