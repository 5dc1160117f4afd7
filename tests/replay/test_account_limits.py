"""Days that spend an account's limits: what is refused, and at which instants."""

from __future__ import annotations

import pytest

from edgeday.clock import VirtualClock
from edgeday.events import InvocationEnded, InvocationStarted, Operation
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.runtime.edge import Edge
from edgeday.storage.memory import MemoryStore
from edgeday.web import Request, Response
from tests.replay.monitors import Jobs
from tests.replay.test_traffic import Listener
from tests.scenario_days import HEAD, replayed

STATE = "namespaces: {STATE: state}\n"
MONITOR = HEAD + 'worker: {entry: "tests.replay.monitors:Monitor"}\n' + STATE
BOARD = HEAD + 'worker: {entry: "tests.replay.monitors:Board"}\n' + STATE
DIET = 'worker: {entry: "worker_port:AiDietWorker", variant: kv_only}\n'


def told(result, id):
    return next((finding.text for finding in result.findings if finding.id == id), None)


def kept(result):
    return [row.verdict for row in result.budgets]


# what others met


def test_a_check_a_minute_spends_the_writes_of_a_day_after_1000_minutes():
    result = replayed(
        """
        traffic: [{requests: 1440, path: /check, method: GET, arrivals: even}]
        budgets: {kv.writes.asked: == 1440, kv.writes.accepted: == 1000, kv.refused: == 440,
                  requests.failed: == 440}
        """,
        MONITOR,
    )
    assert kept(result) == ["within"] * 4
    assert told(result, "kv-write-quota-spent").startswith(
        "the daily quota of KV writes was spent at 2026-02-16T16:39:30Z and first refused at "
        "2026-02-16T16:40:30Z: 440 refused"
    )
    assert result.exceeded


@pytest.mark.parametrize(("checks", "percent"), [(720, 72), (480, 48)])
def test_a_check_every_two_or_three_minutes_fits(checks, percent):
    result = replayed(
        f"""
        traffic: [{{requests: {checks}, path: /check, method: GET, arrivals: even}}]
        budgets: {{kv.writes.accepted: == {checks}, kv.refused: == 0, kv.writes.used_percent: == {percent}}}
        """,
        MONITOR,
    )
    assert kept(result) == ["within"] * 3
    assert not result.exceeded


def test_lists_are_a_class_of_their_own_with_1000_a_day():
    result = replayed(
        """
        traffic: [{requests: 2880, path: /board, method: GET, arrivals: even}]
        budgets: {kv.lists.accepted: == 1000, kv.lists.refused: == 1880, requests.failed: == 1880}
        """,
        BOARD,
    )
    assert kept(result) == ["within"] * 3
    assert told(result, "kv-list-quota-spent").startswith(
        "the daily quota of KV lists was spent at 2026-02-16T08:19:45Z and first refused at "
        "2026-02-16T08:20:15Z"
    )


async def test_four_jobs_in_the_background_share_the_subrequests_of_one_invocation():
    async def api(request, invocation):
        return Response("ok")

    edge = Edge(clock=VirtualClock("2026-02-16T00:00:00Z"), worker=Jobs, outbound={"api.example": api})
    ended, asked = [], []
    edge.events.subscribe(InvocationEnded, ended.append)
    edge.events.subscribe(Operation, asked.append)
    assert (await edge.dispatch(Request("https://a.example/"))).status == 200
    await edge.drain()
    # each job ends with the first fetch that is refused to it
    outcomes = [event.outcome for event in asked if event.service == "fetch"]
    assert (outcomes.count("ok"), outcomes.count("refused")) == (50, ended[0].refused)
    assert ended[0].external == 50 + ended[0].refused
    assert ended[0].refused > 0


# the instants


IMPORTER = "background: [{name: importer, writes: [1000" + ", 0" * 23 + "]}]\n"


def test_the_last_unit_and_the_first_refusal_may_lie_half_a_day_apart():
    result = replayed(DIET + "traffic: [{plans: 1, ai_calls: 7, arrivals: even}]\n" + IMPORTER)
    assert told(result, "kv-write-quota-spent").startswith(
        "the daily quota of KV writes was spent at 2026-02-16T00:59:58Z and first refused at "
        "2026-02-16T12:00:0"
    )


def test_a_quota_that_is_used_to_its_last_unit_fits():
    result = replayed(IMPORTER, MONITOR)
    assert told(result, "kv-writes-nearly-spent") == (
        "100 % of a day's KV writes were used, the last one at 2026-02-16T00:59:58Z; none was refused"
    )
    assert not result.exceeded


@pytest.mark.parametrize(
    ("start", "hour", "writes", "first_at"),
    [
        ("2026-02-16T11:30:00Z", 3, 100, "2026-02-17T03:00:18+00:00"),
        ("2026-02-16T23:30:00Z", 23, 1000, "2026-02-17T23:00:01.800000+00:00"),
    ],
)
def test_hours_of_background_code_are_of_the_clock_and_charge_one_day(start, hour, writes, first_at):
    from datetime import UTC, datetime

    rates = [writes if one == hour else 0 for one in range(24)]
    head = f"name: bg\nstart: {start}\n" + 'worker: {entry: "worker_port:AiDietWorker", variant: hybrid}\n'
    listener = Listener(Operation)
    result = replayed(f"background: [{{name: job, writes: {rates}}}]\n", head, observers=[listener])
    days = {event.at // 86_400 for event in listener.events}
    assert (len(listener.events), len(days)) == (writes, 1)
    assert datetime.fromtimestamp(listener.events[0].at, UTC).isoformat() == first_at
    assert result.metrics.values["kv.writes.used_percent"] == writes / 10


def test_a_store_that_had_spent_the_quota_already_shows_no_instant():
    day = "traffic: [{requests: 24, path: /check, method: GET, arrivals: even}]\n"
    store = MemoryStore()
    replayed(IMPORTER, MONITOR, store=store)
    result = replayed(day, MONITOR, store=store)
    assert told(result, "kv-write-quota-spent").startswith(
        "the daily quota of KV writes was spent before this run and first refused at 2026-02-16T00:30:00Z: "
        "24 refused"
    )


def test_a_store_that_had_spent_a_part_of_it_says_so():
    store = MemoryStore()
    replayed(IMPORTER.replace("1000", "990"), MONITOR, store=store)
    result = replayed("traffic: [{requests: 24, path: /check, arrivals: even}]\n", MONITOR, store=store)
    assert told(result, "kv-write-quota-spent").startswith(
        "the daily quota of KV writes was spent at 2026-02-16T09:30:00Z, 990 of 1,000 units before this run, "
        "and first refused at 2026-02-16T10:30:00Z: 14 refused"
    )


# a soft cut-off


SOFT = "limits: {cut_off: {soft: 0..37%}}\n"


def test_a_soft_cut_off_accepts_more_than_the_number_does_not_fit_and_is_an_assumption():
    day = "days: 3\ntraffic: [{requests: 1440, path: /check, method: GET, arrivals: even}]\n"
    result = replayed(SOFT + day, MONITOR)
    values = result.metrics.values
    assert 3000 < values["kv.writes.accepted"] <= 3 * 1370
    assert 100 < values["kv.writes.used_percent"] <= 137
    assert [row.limit for row in result.exceeded] == ["kv_writes_per_day"]
    assert any("between 0 and 37 % above its number" in text for text in result.assumptions)
    assert replayed(SOFT + day, MONITOR).metrics == result.metrics
    assert replayed(SOFT + day, MONITOR, seed=1).metrics != result.metrics


def test_more_than_the_number_does_not_fit_even_where_nothing_is_refused():
    day = "traffic: [{requests: 1001, path: /check, method: GET, arrivals: even}]\n"
    result = replayed("limits: {cut_off: {soft: 10..37%}}\n" + day, MONITOR)
    assert result.metrics.values["kv.refused"] == 0
    assert [(row.limit, row.asked) for row in result.exceeded] == [("kv_writes_per_day", 1001)]


# storage


def test_storage_of_several_days_is_that_of_all_namespaces_and_bindings(tmp_path):
    text = """
    worker: {entry: "tests.replay.monitors:Counter"}
    namespaces: {STATE: one, SAME: one, OTHER: two}
    traffic:
      - {name: a, requests: 3, method: GET, path: /99/a}
      - {name: b, requests: 1, method: GET, path: /49/b, arrivals: even}
    background: [{name: job, writes: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                  value_bytes: 188}]
    budgets: {kv.storage_bytes: [== 350, <= 1%], kv.namespaces: == 2}
    """
    writer = JournalWriter(tmp_path / "run.jsonl")
    result = replayed(text, observers=[writer])
    writer.keep()
    assert kept(result) == ["within"] * 3
    (judged,) = judge_journal(tmp_path / "run.jsonl")
    assert judged.result == result


def test_requests_of_a_day_are_counted_with_the_runs_of_crons():
    started = Listener(InvocationStarted)
    text = """
    worker: {entry: "tests.replay.monitors:Monitor"}
    namespaces: {STATE: state}
    traffic: [{requests: 10, method: GET, path: /a}, {cron: "0 * * * *"}]
    budgets: {crons.triggers: [== 1, <= 20%], requests.used_percent: <= 0.04}
    """
    result = replayed(text, observers=[started])
    assert kept(result) == ["within"] * 3
    assert result.metrics.values["requests.used_percent"] == len(started.events) / 1000
