"""A day gives the same result whenever it is replayed, whatever the worker tells the time by."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from freezegun import freeze_time

from edgeday.events import Diagnostic, InvocationEnded, InvocationStarted, Operation
from edgeday.replay.runner import replay
from edgeday.report import json_report
from edgeday.runtime.entry import import_worker
from edgeday.scenario.loader import Loaded
from edgeday.scenario.model import Scenario
from edgeday.scenario.yaml_source import Source
from edgeday.web import Response
from tests.ambient import workers


class Events:
    """Every event of a run."""

    def __init__(self):
        self.all = []

    def begin(self, start, events):
        for kind in (Operation, InvocationStarted, InvocationEnded, Diagnostic):
            events.subscribe(kind, self.all.append)

    def end(self, end):
        pass


def replayed(worker, *, requests=1152, seed=None):
    """The result, the report and the events of a replayed day."""
    fields = {
        "name": "visits",
        "start": "2026-11-27T00:00:00Z",
        "worker": {"entry": "workers:Any"},
        "namespaces": {"COUNTERS": "c"},
        "traffic": [{"requests": requests, "path": "/abc"}],
        "budgets": {"kv.writes.accepted": "<= 80%"},
    }
    events = Events()
    loaded = Loaded(Path("visits"), Scenario.model_validate(fields), worker, Source("visits", []))
    result = replay(loaded, seed=seed, observers=[events])
    return result, json_report.render([result]), events.all


@pytest.mark.parametrize("worker", workers.CLOCKS)
def test_a_worker_on_the_librarys_clock_has_the_day_of_one_on_the_platforms(worker):
    assert replayed(worker) == replayed(workers.VisitCounterOfThePlatform)


def test_the_day_of_that_worker_is_over_its_budget():
    result, _, events = replayed(workers.VisitCounter)
    assert result.verdict == "fail"
    assert sum(isinstance(event, Operation) and event.outcome == "stored" for event in events) == 1000


@pytest.mark.parametrize("worker", [*workers.CLOCKS, workers.Ticket, workers.Dice])
@pytest.mark.parametrize("today", ["2024-02-29T23:59:59Z", "2031-07-01T12:00:00Z"])
def test_the_real_date_does_not_matter(worker, today):
    with freeze_time(today, real_asyncio=True):
        frozen = replayed(worker, requests=60)
        assert datetime.now().isoformat() == today.removesuffix("Z")
    assert frozen == replayed(worker, requests=60)


@pytest.mark.parametrize("worker", [workers.Ticket, workers.TicketByModule])
def test_ids_of_the_library_are_those_of_the_platform(worker):
    assert replayed(worker, requests=60) == replayed(workers.TicketOfThePlatform, requests=60)


@pytest.mark.parametrize("worker", [workers.Ticket, workers.Dice])
def test_another_seed_draws_other_numbers(worker):
    random.seed(7)
    first = replayed(worker, requests=20, seed=1)
    assert first == replayed(worker, requests=20, seed=1)
    assert first != replayed(worker, requests=20, seed=2)


def test_a_replay_draws_nothing_of_the_programs_own_random_numbers():
    random.seed(7)
    expected = [random.random() for _ in range(3)]
    random.seed(7)
    replayed(workers.Dice, requests=20)
    assert [random.random() for _ in range(3)] == expected


DEFAULTS = """
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from edgeday.web import Response

@dataclass
class Visit:
    at: datetime = field(default_factory=datetime.now)
    seconds: float = field(default_factory=time.time)

class Visits:
    async def fetch(self, request, now=time.time):
        visit = Visit()
        await self.env.COUNTERS.put(f"{visit.at:%d %H:%M} {visit.seconds:.0f} {now():.0f}", "x")
        return Response("kept")
"""


def test_defaults_of_a_worker_that_the_scenario_names_are_the_invocations(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("visits_with_defaults.py").write_text(DEFAULTS)
    events = replayed(import_worker("visits_with_defaults:Visits"), requests=3)[2]
    keys = [event.key for event in events if isinstance(event, Operation)]
    assert len(keys) == 3
    for event in (event for event in events if isinstance(event, Operation)):
        at = datetime.fromtimestamp(event.at, UTC)
        assert event.key == f"{at:%d %H:%M} {event.at:.0f} {event.at:.0f}"


class Sleeper:
    async def fetch(self, request):
        time.sleep(30)
        return Response("rested")


def test_a_worker_that_sleeps_is_a_finding_with_its_line():
    (finding,) = replayed(Sleeper, requests=3)[0].findings
    assert finding.id == "time-sleep"
    line = Sleeper.fetch.__code__.co_firstlineno + 1
    assert finding.text.startswith(f"tests/ambient/test_replayed_days.py:{line}: time.sleep() does not wait")
    assert finding.text.endswith("(3 times)")
