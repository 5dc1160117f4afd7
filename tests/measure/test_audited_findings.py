"""Which limit a plan was lost to, how near others came, and life after a spent quota."""

from __future__ import annotations

import pytest

from edgeday.events import Cause, EventStream
from edgeday.measure.findings import rules_of
from edgeday.measure.findings.rule import Conditions
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.replay.runner import replay
from tests.replay.runs import AI_HOST, FREE, MIDNIGHT, PLAN, PLANS, counting, ended, operation, started
from tests.scenario_days import SCENARIOS, loaded

DAY_S = 86_400


def findings(*events, id):
    stream = EventStream()
    counter = counting(stream)
    rules = rules_of(stream, Conditions(FREE, noun=PLANS, audited=True))
    for event in events:
        stream.emit(event)
    snapshot = counter.snapshot()
    return [one.text for rule in rules for one in rule.findings(snapshot) if one.id == id]


def fetch(outcome):
    return operation("fetch", "POST", outcome, binding=AI_HOST)


@pytest.mark.parametrize(
    ("happened", "became"),
    [
        ([fetch("ok"), fetch("refused")], "were lost to the subrequest limit"),
        (
            [fetch("refused"), fetch("ok"), operation(outcome="refused", cause=Cause.QUOTA)],
            "were lost to a daily KV quota",
        ),
        (
            [operation(outcome="refused", cause=Cause.QUOTA), fetch("error")],
            "failed, and no limit is to blame: an AI call or the platform failed",
        ),
        ([], "failed, and no limit is to blame: the worker itself failed: POST /api/generate-plan 1"),
    ],
)
def test_a_failed_plan_is_lost_to_what_stopped_its_last_call(happened, became):
    texts = findings(started(), *happened, ended(status=500), started(), ended(), id="plans-lost")
    assert texts == [f"1 of 2 plans (50 %) {became}"]


def test_a_plan_that_was_turned_away_is_lost_to_the_requests_of_the_day():
    away = operation("request", "POST", "refused", cause=Cause.REQUESTS)
    assert findings(started(), ended(), away, away, away, id="plans-lost") == [
        "3 of 4 plans (75 %) were lost to the requests of the day"
    ]


@pytest.mark.parametrize(("used", "near"), [(39, []), (40, ["1 of 2 requests used 80 % or more"])])
def test_a_request_is_near_its_limit_from_80_percent_on(used, near):
    texts = findings(ended(external=used), ended(external=1), id="subrequests-near-limit")
    assert [text.partition(" of their")[0] for text in texts] == near


def at(at_s, event, **fields):
    """An end of an invocation that began and ended so many seconds after midnight."""
    return event._replace(at=MIDNIGHT + at_s, started_at=MIDNIGHT + at_s, **fields)


def test_routes_after_a_spent_quota_are_told_apart_until_midnight():
    (text,) = findings(
        started(),
        at(30, ended("GET /before")),
        operation(units=1000, at_s=40),
        at(50, ended("GET /between")),
        operation(outcome="refused", cause=Cause.QUOTA, at_s=100, invocation=2, key="log:1"),
        at(101, ended(number=2)),
        at(102, ended("GET /panel", number=3)),
        at(103, ended(number=4, status=500)),
        operation(at_s=DAY_S + 5),
        at(DAY_S + 6, ended("GET /after", number=5)),
        id="after-kv-writes-spent",
    )
    assert text.split("; ") == [
        "after KV writes were spent at 2026-02-16T00:00:40Z",
        "GET /between: 1 went on untouched",
        "GET /panel: 1 went on untouched",
        f"{PLAN}: 1 degraded (answered, but lost KV operations), 1 failed",
        "lost: 1 of log:*",
        "the quota came back at 2026-02-17T00:00:00Z, first used again at 2026-02-17T00:00:05Z",
    ]


def test_a_quota_that_another_run_had_spent_counts_from_its_first_refusal_on():
    refused = operation(outcome="refused", cause=Cause.QUOTA, at_s=100, invocation=2)
    (text,) = findings(at(50, ended("GET /a")), refused, at(101, ended(number=2)), id="after-kv-writes-spent")
    assert text.startswith(f"after KV writes were first refused at 2026-02-16T00:01:40Z; {PLAN}: 1 degraded")


def test_a_day_that_was_used_to_its_last_unit_and_refused_nothing_is_not_told():
    (text,) = findings(
        operation(units=1000),
        at(50, ended("GET /first")),
        operation(units=1000, at_s=DAY_S),
        at(DAY_S + 50, ended("GET /second")),
        operation(outcome="refused", cause=Cause.QUOTA, at_s=DAY_S + 60),
        id="after-kv-writes-spent",
    )
    assert text.startswith("after KV writes were spent at 2026-02-17T00:00:00Z; GET /second: 1")


def test_a_quota_that_is_spent_on_several_days_is_told_once():
    spent = [operation(outcome="refused", cause=Cause.QUOTA, at_s=day * DAY_S + 9) for day in range(3)]
    (text,) = findings(*spent, id="after-kv-writes-spent")
    assert text.endswith("it was spent on 3 days in all")


@pytest.mark.slow
def test_a_journal_of_a_run_with_everything_on_gives_the_same_result_again(tmp_path):
    day = (SCENARIOS / "production" / "quota-at-noon.yaml").read_text("utf-8")
    run = loaded(day, head="")
    writer = JournalWriter(tmp_path / "run.jsonl")
    result = replay(run, observers=[writer])
    writer.keep()
    (judged,) = judge_journal(tmp_path / "run.jsonl")
    assert judged.result == result
