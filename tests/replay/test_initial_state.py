from __future__ import annotations

import asyncio
import json
from collections import Counter
from textwrap import dedent

import pytest

from edgeday.events import Operation
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.replay.runner import replay
from edgeday.replay.timeline import Timeline
from edgeday.report import json_report
from edgeday.scenario.loader import load_text
from edgeday.storage.memory import MemoryStore
from edgeday.storage.records import KVEntry

pytestmark = pytest.mark.usefixtures("forgotten_workers")

START = 1771200000
WORKER = """
from edgeday import Response


class Menu:
    async def fetch(self, request):
        kv = self.env.MENU
        if request.method == "PUT":
            await kv.put("today", "stew")
        found = await kv.get("today")
        names = [key.name for key in (await kv.list())["keys"]]
        return Response.from_json({"today": found, "names": names})
"""


class Events:
    """The observer that keeps every operation."""

    def __init__(self):
        self.operations = []

    def begin(self, start, events):
        events.subscribe(Operation, self.operations.append)

    def end(self, end):
        pass

    @property
    def seeds(self):
        return [event for event in self.operations if event.op == "seed"]


@pytest.fixture
def day(tmp_path):
    """Makes a day of the worker, with one probe of each given instant and what it expects."""
    (tmp_path / "menu.py").write_text(WORKER)

    def make(entries, *, rest="", probes=()):
        (tmp_path / "menu.json").write_text(json.dumps(entries))
        text = dedent("""\
            name: day
            start: 2026-02-16T00:00:00Z
            worker: menu.py
            namespaces: {MENU: menu}
            state: {MENU: menu.json}
            """)
        lines = [
            f"  - {{at: {at}, request: {{method: {method}, path: /}}, expect: {json.dumps(expected)}}}"
            for at, method, expected in probes
        ]
        text += rest + ("\nprobes:\n" + "\n".join(lines) if lines else "")
        return load_text(text, tmp_path / "day.yaml")

    return make


SOUP = {"key": "today", "value": "soup"}


def test_the_worker_finds_what_kv_holds_from_its_first_instant_on(day):
    result = replay(day([SOUP], probes=[("+0s", "GET", {"json:today": "soup", "json:names.0": "today"})]))
    assert result.verdict == "pass"


def test_it_is_gone_once_its_ttl_has_passed_from_the_start_on(day):
    entry = {**SOUP, "expiration_ttl": 60}
    probes = [("+59s", "GET", {"json:names.length": 1}), ("+60s", "GET", {"json:names.length": 0})]
    assert replay(day([entry], probes=probes)).verdict == "pass"


def test_its_key_may_be_written_at_the_very_start(day):
    assert replay(day([SOUP], probes=[("+0s", "PUT", {"json:today": "stew"})])).verdict == "pass"


def test_nothing_of_it_is_charged_and_each_key_is_one_event(day):
    events = Events()
    entries = [{"key": f"k{number}", "value": "x" * number} for number in range(1500)]
    result = replay(day(entries), observers=[events])
    kv = {name: value for name, value in result.metrics.values.items() if name.startswith("kv.") and value}
    size = sum(len(entry["key"]) + len(entry["value"]) for entry in entries)
    assert kv == {"kv.namespaces": 1, "kv.storage_bytes": size}
    assert [(seed.key, seed.size_bytes, seed.units, seed.outcome, seed.binding) for seed in events.seeds] == [
        (f"k{number}", number, 0, "stored", "MENU") for number in range(1500)
    ]


def test_it_is_no_operation_of_the_plots_but_an_entry_of_the_store(day):
    timeline = Timeline()
    replay(day([SOUP]), observers=[timeline])
    assert not timeline.operations
    ((at, stored, readable),) = timeline.entries.levels("kv")
    assert (stored, readable) == (1, 1)
    assert at > START


def test_it_is_at_the_central_store_and_no_data_centre_has_a_copy_of_it(day):
    platform = (
        "platform: {propagation: true, latency: true, colos: {SOF: 1, IAD: 1}, list_tombstones: true}\n"
    )
    probes = [("+0s", "GET", {"json:today": "soup"}), ("+1m", "GET", {"json:today": "soup"})]
    events = Events()
    result = replay(day([SOUP], rest=platform, probes=probes), observers=[events])
    assert result.verdict == "pass"
    assert [seed.at for seed in events.seeds] == [START]


def test_it_stands_over_what_the_store_of_the_run_holds(day):
    store = MemoryStore()
    old = KVEntry(b"old", None, None, START - 10.0)
    asyncio.run(store.kv_put(None, "menu", [("today", old), ("tomorrow", old)], 0.0))
    expected = {"json:today": "soup", "json:names.length": 2}
    assert replay(day([SOUP], probes=[("+0s", "GET", expected)]), store=store).verdict == "pass"
    tomorrow, today = asyncio.run(store.kv_peek("menu", ["tomorrow", "today"], START))
    assert (tomorrow.value, today.value) == (b"old", b"soup")


def test_two_runs_of_one_day_begin_alike(day):
    loaded = day([SOUP], probes=[("+0s", "PUT", {"json:today": "stew"})])
    assert json_report.render([replay(loaded)]) == json_report.render([replay(loaded)])


def test_a_journal_counts_the_held_bytes_again_and_judges_alike(day, tmp_path):
    writer = JournalWriter(tmp_path / "journal.jsonl")
    entries = [{"key": f"k{number}", "value": "x" * number} for number in range(10)]
    result = replay(day(entries, probes=[("+0s", "GET", {"status": 200})]), observers=[writer])
    writer.keep()
    (judged,) = judge_journal(tmp_path / "journal.jsonl")
    assert json_report.render([judged.result]) == json_report.render([result])
    lines = map(json.loads, (tmp_path / "journal.jsonl").read_text().splitlines())
    sizes = Counter()
    for line in lines:
        if line.get("op") == "seed":
            sizes[line["binding"]] += line["size_bytes"]
    assert sizes == {"MENU": sum(range(10))}
