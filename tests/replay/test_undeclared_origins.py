from __future__ import annotations

import pytest

from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.replay.runner import replay
from edgeday.report import json_report
from edgeday.scenario.loader import load_text

pytestmark = pytest.mark.usefixtures("forgotten_workers")

WORKER = """
from edgeday import Response, fetch


class Caller:
    async def fetch(self, request):
        host = request.url.rpartition("/")[2]
        try:
            return await fetch("https://" + host + "/x")
        except Exception:
            return Response("sorry")
"""
DAY = """
name: day
start: 2026-02-16T00:00:00Z
worker: caller.py
traffic: [%s]
budgets: {requests.failed: == 0}
"""


@pytest.fixture
def day(tmp_path, monkeypatch):
    (tmp_path / "caller.py").write_text(WORKER)
    monkeypatch.chdir(tmp_path)

    def make(**requests):
        parts = [
            f"{{name: {name}, requests: {count}, path: /{name}.example}}" for name, count in requests.items()
        ]
        return load_text(DAY % ", ".join(parts), tmp_path / "day.yaml")

    return make


def test_a_run_in_which_a_host_was_fetched_that_nothing_answers_for_fails_whatever_its_budgets_say(day):
    result = replay(day(rates=12))
    assert all(row.ok for row in result.budgets)
    assert (result.verdict, result.problem) == (
        "fail",
        (
            "the worker fetched rates.example (caller.py:9), which nothing answers for: 12 times; declare it "
            "under origins: rates.example: {status: 200, json: {}}"
        ),
    )


def test_the_finding_names_every_such_host_and_has_the_lines_to_write(day):
    (finding,) = [one for one in replay(day(rates=1, mail=2)).findings if one.id == "undeclared-origin"]
    assert finding.text == (
        "fetched, and nothing answers for it: mail.example 2 times in caller.py:9; rates.example once in "
        "caller.py:9; each such fetch lost its connection"
    )
    assert finding.detail == (
        "origins:\n  mail.example: {status: 200, json: {}}\n  rates.example: {status: 200, json: {}}"
    )


def test_the_problem_counts_the_other_hosts(day):
    assert "2 times, and 1 more host; declare" in replay(day(rates=1, mail=2)).problem
    assert "2 times, and 2 more hosts; declare" in replay(day(rates=1, mail=2, maps=1)).problem


def test_a_journal_gives_the_same_problem_and_finding(day, tmp_path):
    writer = JournalWriter(tmp_path / "journal.jsonl")
    result = replay(day(rates=3), observers=[writer])
    writer.keep()
    (judged,) = judge_journal(tmp_path / "journal.jsonl")
    assert json_report.render([judged.result]) == json_report.render([result])
