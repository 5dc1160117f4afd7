"""Each switch as a scenario file turns it on, and what a worker then meets: seen from outside, by probes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgeday.replay.capacity import measure_capacity
from edgeday.web import Request, Response, caches, fetch, isolate_state
from tests.scenario_days import SHOP, loaded, replayed

ONE_PUT_AT_NOON = (
    SHOP + "traffic: [{name: writer, requests: 1, method: POST, path: /put/menu, body: monday}]\n"
)
HERE = 'worker: {entry: "tests.replay.test_production_switches:%s", profile: diet}\n'


class Counting:
    """Counts its requests in module scope."""

    async def fetch(self, request):
        state = isolate_state()
        state["seen"] = state.get("seen", 0) + 1
        return Response(f"seen {state['seen']}")


class Later:
    """Answers at once, and writes to KV after it has fetched something."""

    async def fetch(self, request):
        self.ctx.waitUntil(self._write())
        return Response("at once")

    async def _write(self):
        await fetch("https://api.openai.com/v1/chat/completions", method="POST", body="{}")
        await self.env.page_content.put("late", "x")


class Warm:
    """Reads KV only where the cache of its data centre does not have the answer yet."""

    async def fetch(self, request):
        known = await caches.default.match("https://shop.example/menu")
        if known is None:
            known = Response(
                await self.env.page_content.get("menu") or "", headers={"Cache-Control": "max-age=86400"}
            )
            await caches.default.put(Request("https://shop.example/menu"), known.clone())
        return known


def probes(path, *expected):
    """Probes of a path: (offset, what the answer's text is)."""
    rows = [f'{{at: {at}, request: {{path: {path}}}, expect: {{text: "{text}"}}}}' for at, text in expected]
    return f"probes: [{', '.join(rows)}]\n"


def wrong(result):
    return [probe for probe in result.probes if not probe.ok]


def test_a_write_elsewhere_is_seen_once_the_absence_that_was_read_before_is_a_minute_old():
    checks = probes("/get/menu", ("+11h59m30s", "none"), ("+12h29s", "none"), ("+12h30s", "monday"))
    platform = "platform: {colos: {FRA: 1}, admin: SOF, propagation: true}\n"
    assert wrong(replayed(ONE_PUT_AT_NOON + platform + checks)) == []
    at_once = probes("/get/menu", ("+11h59m30s", "none"), ("+12h1s", "monday"))
    assert wrong(replayed(ONE_PUT_AT_NOON + at_once)) == []
    here = "platform: {colos: {SOF: 1}, propagation: true}\n"
    assert wrong(replayed(ONE_PUT_AT_NOON + here + at_once)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["seen 1", "seen 2", "seen 3"]),
        ("platform: {isolates: {per_colo: 1, life: 30m}}\n", ["seen 1", "seen 2", "seen 1"]),
        ("platform: {moves: [{at: +6m, colo: SOF}]}\n", ["seen 1", "seen 1", "seen 2"]),
    ],
)
def test_module_state_lasts_as_long_as_its_isolate(text, expected):
    times = ("+5m", "+10m", "+35m")
    text += probes("/", *zip(times, expected, strict=True))
    assert wrong(replayed(HERE % "Counting" + text)) == []


@pytest.mark.parametrize(("slower_s", "stored", "cut_off"), [(29, 1, 0), (31, 0, 1)])
def test_what_a_slow_provider_keeps_from_being_written_after_the_response_is_a_finding(
    slower_s, stored, cut_off
):
    result = replayed(
        HERE % "Later"
        + f"platform: {{faults: [{{service: fetch, at: +0s, lasts: 1d, slower_s: {slower_s}}}]}}\n"
        + probes("/", ("+1h", "at once"))
    )
    assert wrong(result) == []
    assert result.metrics.values["kv.writes.accepted"] == stored
    assert [finding.id for finding in result.findings] == ["wait-until-cancelled"] * cut_off


def test_a_failing_kv_is_not_taken_for_two_writes_of_a_key():
    trouble = "platform: {faults: [{service: kv, at: +0s, lasts: 1d, status: 429}]}\n"
    result = replayed(ONE_PUT_AT_NOON + trouble)
    assert result.metrics.values["kv.errors"] == 1
    assert [finding.id for finding in result.findings] == ["uncaught-exception"]


def test_a_purge_is_no_cache_operation_of_the_worker():
    day = HERE % "Warm" + "traffic: [{name: readers, requests: 4, path: /}]\n"
    plain, purged = (
        replayed(day + section).metrics.values for section in ("", "platform: {purges: [+23h]}\n")
    )
    assert plain["cache.operations"] == purged["cache.operations"] == 5


@pytest.mark.parametrize(("colos", "reads"), [("{SOF: 1}", 1), ("{SOF: 1, FRA: 1, IAD: 1}", 3)])
def test_the_requests_of_a_capacity_run_arrive_where_the_scenario_says(colos, reads):
    day = (
        HERE % "Warm" + f"traffic: [{{name: readers, requests: 1, path: /}}]\nplatform: {{colos: {colos}}}\n"
    )
    capacity = measure_capacity(loaded(day), up_to=60)
    (kv_reads,) = [use for use in capacity.uses if use.limit == "kv_reads_per_day"]
    assert round(kv_reads.each * capacity.tried) == reads


EVERYTHING = """
name: everything
start: 2026-02-16T00:00:00Z
worker: {entry: "worker_port:AiDietWorker", variant: hybrid}
traffic:
  - {plans: 12, ai_calls: 7, arrivals: burst, errors: {rate: 0.3, response_errors: 1, then: abort}}
background: [{name: importer, reads: 3, writes: 5}]
budgets: {requests.started: == 12}
platform:
  colos: {SOF: 2, FRA: 2, IAD: 1}
  isolates: {per_colo: 3, life: 5m}
  propagation: true
  eviction: {megabytes: 0.2, per_hour: 0.3}
  latency: {kv_get: 10, kv_put: 100, cache_match: 5, cache_put: 5}
  faults:
    - {service: kv, at: +0s, lasts: 1d, share: 0.3, status: 429}
    - {service: cache, at: +1h, lasts: 12h, share: 0.1}
    - {service: fetch, at: +0s, lasts: 1d, share: 0.1, slower_s: [1, 40]}
  moves: [{at: +13h, colo: FRA}]
  purges: [+20h]
  audit: true
"""


@pytest.mark.slow
def test_with_everything_on_every_process_gives_the_same_bytes(tmp_path: Path):
    (tmp_path / "everything.yaml").write_text(EVERYTHING, "utf-8")

    def report(hash_seed):
        command = [Path(sys.executable).with_name("edgeday"), "replay", "everything.yaml", "--json", "-"]
        process = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            timeout=60,
            check=True,
        )
        return process.stdout

    first = report("1")
    (scenario,) = json.loads(first)["scenarios"]
    values = scenario["metrics"]
    assert (
        min(values[name] for name in ("cache.evicted", "cache.not_stored", "kv.errors", "logs.orphaned")) > 0
    )
    assert first == report("2")
