"""An independent recount of every metric, and of the requests by route, from the journals of rich days."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from edgeday import limits
from edgeday.replay.journal import JournalWriter
from edgeday.replay.runner import replay
from edgeday.report import json_report
from edgeday.scenario.loader import load_one, load_text
from edgeday.web import Response, caches, fetch
from tests.replay.recount import diet_metrics_of, external_of, internal_of, metrics_of, rows_of, runs_of

ROOT = Path(__file__).parents[2]

LOWER = {
    "kv_reads_per_day": 1500, "kv_writes_per_day": 300, "kv_deletes_per_day": 60, "kv_lists_per_day": 50,
    "internal_subrequests": 12, "requests_per_day": 900,
}  # fmt: skip
"""Limits of a Free account that a short day can spend."""


class Everything:
    """A worker whose paths do each kind of operation, with each of its outcomes."""

    async def fetch(self, request):
        _, _, path = request.url.partition("//")[2].partition("/")
        what, _, rest = path.partition("/")
        return await getattr(self, what)(rest) or Response("ok")

    async def scheduled(self, controller):
        hour = controller.scheduledTime // 3_600_000 % 24
        await self.env.KV.put(f"cron:{hour}", "x")
        if hour in {3, 4}:
            raise ValueError("no rates at night")

    async def page(self, name):
        """From the cache, else from KV; now and then it is given up."""
        url = f"https://pages.example/page:{name}"
        cached = await caches.default.match(url)
        if cached is not None:
            return cached
        text = await self.env.KV.get(f"page:{name}") or "none"
        await caches.default.put(url, Response(text, headers={"Cache-Control": "max-age=3600"}))
        return Response(text)

    async def write(self, name):
        for number in range(2):
            await self.env.KV.put(f"page:{name}{number}", "x" * 100, {"expirationTtl": 7200})

    async def wrong(self, name):
        """Operations that fail: a key twice within a second, a bad lifetime, a key that is too long, alone or
        among others, and more keys than a call takes."""
        kv = self.env.KV
        for attempt in (
            lambda: kv.put("same", "x"),
            lambda: kv.put("same", "y"),
            lambda: kv.put("short", "x", {"expirationTtl": 1}),
            lambda: kv.get("k" * 513),
            lambda: kv.delete("k" * 513),
            lambda: kv.get([str(number) for number in range(101)]),
            lambda: kv.get(["a", "b", "k" * 513]),
        ):
            with suppress(Exception):
                await attempt()

    async def bulk(self, name):
        await self.env.KV.get([f"page:{number}" for number in range(60)])
        await self.env.KV.getWithMetadata("page:0")

    async def lists(self, name):
        await self.env.KV.list({"prefix": "page:"})

    async def remove(self, name):
        await self.env.KV.delete("page:00")
        await self.env.KV.delete("never")

    async def uncached(self, name):
        url = "https://pages.example/never"
        await caches.default.put(url, Response("x", headers={"Cache-Control": "no-store"}))
        await caches.default.delete(url)

    async def many(self, name):
        """More cache operations and fetches than an invocation has."""
        for number in range(48):
            await caches.default.match(f"https://pages.example/{number}")
        for _ in range(4):
            try:
                await fetch("https://api.example/")
            except Exception:
                continue
        try:
            await caches.default.match("https://pages.example/last")
        except Exception:
            return

    async def inner(self, name):
        """More KV calls than an invocation has."""
        for number in range(15):
            try:
                await self.env.KV.get(f"inner:{number}")
            except Exception:
                continue

    async def boom(self, name):
        raise ValueError("a defect")

    async def status(self, name):
        return Response("x", status=int(name))

    async def loose(self, name):
        self.task = asyncio.create_task(asyncio.sleep(5))

    async def later(self, name):
        self.ctx.waitUntil(self.env.KV.put(f"later:{name}", "x"))


DAYS = """
name: everything
start: 2026-02-16T18:20:00Z
days: 2
seed: 3
worker: {entry: "tests.replay.test_recount:Everything"}
namespaces: {KV: kv}
state: {KV: held.json}
platform: {eviction: {per_hour: 0.2}}
traffic:
  - {name: a, requests: [300, 100], path: /page/a, arrivals: even}
  - {name: b, requests: [100, 60], path: /page/b}
  - {name: c, requests: [220, 180], path: /write/a, method: POST}
  - {name: d, requests: [9, 7], path: /wrong/a}
  - {name: e, requests: [30, 30], path: /bulk/a}
  - {name: f, requests: [60, 70], path: /lists/a}
  - {name: g, requests: [40, 40], path: /remove/a, method: DELETE}
  - {name: h, requests: [8, 3], path: /uncached/a}
  - {name: i, requests: [3, 2], path: /many/a}
  - {name: j, requests: [3, 2], path: /inner/a}
  - {name: k, requests: [5, 2], path: /boom/a}
  - {name: l, requests: [5, 2], path: /status/404}
  - {name: m, requests: [5, 2], path: /status/503}
  - {name: n, requests: [5, 2], path: /status/302}
  - {name: o, requests: [4, 4], path: /loose/a}
  - {name: p, requests: [4, 4], path: /later/a}
  - {name: q, requests: [600, 800], path: /status/204, arrivals: {kind: burst, at: "15:00", minutes: 60}}
  - {cron: "0 * * * *"}
  - name: visitors
    sessions: [60, 30]
    steps:
      - {get: "/page/{name}", expect: {status: 200, text: none}}
      - {wait: 20s, leave: 0.2}
      - {get: "/status/{status}", expect: {status: 200}}
      - {get: "/lists/{name}", leave: 0.1}
  - name: mixed
    requests: 40
    mix:
      - {weight: 3, get: "/page/{name}", expect: {status: 200}}
      - {weight: 1, post: "/write/{name}"}
values:
  name: {zipf: 30}
  status: {choice: {200: 80, 404: 10, 500: 10}}
origins:
  api.example: {status: 200, failing: {rate: 0.4, status: 503}, seconds: 0.1}
background: [{writes: 100, reads: 20, deletes: 10, lists: 5}]
probes:
  - {at: "+5h", request: {path: /status/201}, expect: {status: 201}}
budgets: {requests.started: ">= 1"}
"""


HELD = [
    {"key": "page:a", "value": "held since before", "metadata": {"by": "an editor"}},
    {"key": "page:00", "value": "x" * 5_000, "expiration_ttl": 86_400},
]
"""What KV holds at the start, as `wrangler kv bulk put` takes it."""


@pytest.fixture(scope="module")
def lower_limits():
    with pytest.MonkeyPatch.context() as patch:
        rows = [
            row._replace(value=LOWER[row.name]) if row.account == "free" and row.name in LOWER else row
            for row in limits.LIMITS
        ]
        patch.setattr(limits, "LIMITS", tuple(rows))
        yield


def journalled(path, *days):
    """What the report of these days says, and the runs of their journal."""
    writer = JournalWriter(path)
    results = [replay(day, observers=[writer]) for day in days]
    writer.keep()
    return json.loads(json_report.render(results))["scenarios"], runs_of(path)


@pytest.fixture(scope="module")
def everything(tmp_path_factory, lower_limits):
    directory = tmp_path_factory.mktemp("recount")
    (directory / "held.json").write_text(json.dumps(HELD), "utf-8")
    day = load_text(DAYS, directory / "everything.yaml")
    paid = load_text(DAYS.replace("name: everything", "name: paid\naccount: paid"), directory / "paid.yaml")
    return journalled(directory / "day.jsonl", day, paid)


def test_every_metric_of_a_rich_day_is_what_its_journal_gives(everything):
    for report, run in zip(*everything, strict=True):
        assert metrics_of(run) == report["metrics"], report["name"]


def test_the_rich_day_moves_every_metric(everything):
    reports, _ = everything
    still = {name for name, value in reports[0]["metrics"].items() if not value}
    assert still == set()


def test_requests_by_route_are_what_the_journal_gives(everything):
    for report, run in zip(*everything, strict=True):
        assert rows_of(run) == report["requests"], report["name"]


def test_the_rows_add_up_to_the_metrics(everything):
    for report, _ in zip(*everything, strict=True):
        rows, metrics = report["requests"], report["metrics"]
        for number, metric in (
            ("started", "requests.started"),
            ("failed", "requests.failed"),
            ("refused", "requests.refused"),
            ("cut_off", "invocations.cut_off"),
        ):
            assert sum(row[number] for row in rows) == metrics[metric]
        for name, value in metrics.items():
            if name.startswith("requests.status{"):
                status = name.partition("=")[2].rstrip("}")
                assert sum(row["by_status"].get(status, 0) for row in rows) == value


def test_the_end_of_an_invocation_counts_the_operations_that_it_made(everything):
    _, runs = everything
    for run in runs:
        external, internal = external_of(run), internal_of(run)
        refused = Counter(one["invocation"] for one in run.operations if one["cause"] == "subrequests")
        for end in run.ends:
            number = end["invocation"]
            asked = (end["external"], end["internal"], end["refused"])
            assert asked == (external[number], internal[number], refused[number])


@pytest.mark.parametrize("name", ["system-issues-day", "subrequest-limit-day", "designed-week"])
def test_every_metric_of_the_diet_workers_days_is_what_their_journal_gives(tmp_path, name):
    (report,), (run,) = journalled(tmp_path / "day.jsonl", load_one(ROOT / "scenarios" / f"{name}.yaml"))
    assert diet_metrics_of(run) | metrics_of(run) == report["metrics"]
    assert rows_of(run) == report["requests"]
