"""A day of a Python Worker gives the same result however often it is replayed in a process."""

from __future__ import annotations

from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one

WORKER = """
import random
import time
from workers import Response, WorkerEntrypoint

HELD = {}

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        if "settings" not in HELD:
            HELD["settings"] = await self.env.KV.get("settings") or "none"
        key = f"{int(time.time()) // 3600}:{random.randrange(10)}"
        await self.env.KV.put(key, HELD["settings"])
        return Response(key)
"""
DAY = """
name: day
start: 2026-02-16T00:00:00Z
worker: {entry: entry.py}
namespaces: {KV: kv}
traffic: [{requests: 50, path: /, arrivals: even}]
budgets: {kv.reads.accepted: == 1, kv.writes.accepted: == 50}
"""


def test_what_a_run_leaves_in_module_scope_changes_no_other_run(tmp_path):
    (tmp_path / "entry.py").write_text(WORKER)
    (tmp_path / "day.yaml").write_text(DAY)
    day = load_one(tmp_path / "day.yaml")
    first, second = replay(day), replay(day)
    assert first.verdict == second.verdict == "pass"
    assert first.metrics.values == second.metrics.values
