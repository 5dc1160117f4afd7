"""A replay says the same whichever store it runs on."""

import asyncio
from pathlib import Path

import pytest

from edgeday.replay.runner import replay
from edgeday.report import json_report
from edgeday.scenario.loader import load
from edgeday.storage.sqlite import SqliteStore

pytestmark = pytest.mark.slow

_SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.mark.parametrize("name", ["system-issues-day", "subrequest-limit-day"])
def test_a_replay_on_sqlite_gives_the_same_json_byte_for_byte(tmp_path, name):
    (day,) = load([_SCENARIOS / f"{name}.yaml"])
    store = SqliteStore.open_in_place(tmp_path / "day.sqlite")
    on_disk = json_report.render([replay(day, store=store)])
    assert on_disk == json_report.render([replay(day)])
    assert store.held_entries() > 0
    asyncio.run(store.close())
