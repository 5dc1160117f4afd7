"""How long a large replay takes, said before it begins."""

from __future__ import annotations

import pytest

from edgeday.commands import replay as replay_command
from edgeday.replay.time_needed import estimate
from edgeday.report.wording import about
from edgeday.scenario.loader import AS_WRITTEN

DAY = """\
name: day
start: 2026-02-16T00:00:00Z
worker: {entry: "tests.scenario_days:Shop"}
namespaces: {page_content: page_content}
traffic:
  - {requests: 900, path: PATH}
  - {cron: "0 * * * *"}
budgets: {requests.failed: <= 1000}
"""


@pytest.fixture
def day(tmp_path):
    """The path of a day of 900 requests for a path, and of 24 crons, which the worker cannot run."""

    def write(path="/get/menu"):
        file = tmp_path / "day.yaml"
        file.write_text(DAY.replace("PATH", path))
        return file

    return write


def test_an_estimate_tries_a_few_requests_and_is_in_proportion_to_all(day):
    found = estimate(day(), AS_WRITTEN, 1_000_000)
    assert found is not None
    assert (found.requests, found.tried) == (1_000_000, 600)
    assert 0 < found.seconds < 10_000


def test_there_is_none_for_a_worker_that_ends_the_run(day):
    assert estimate(day("/exit/now"), AS_WRITTEN, 1_000_000) is None


@pytest.mark.parametrize(("large", "told"), [(924, True), (925, False)])
def test_a_person_is_told_from_so_many_requests_on_before_the_run(edgeday, day, monkeypatch, large, told):
    monkeypatch.setattr(replay_command, "_LARGE", large)
    result = edgeday("replay", day())
    assert ("day: 924 requests take about " in result.stderr) is told
    assert "here (600 were tried)" in result.stderr or not told


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h"), (7200, "2 h")],
)
def test_lengths_are_told_in_round_words(seconds, text):
    assert about(seconds) == text
