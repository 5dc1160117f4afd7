"""docs/python-workers.md: its example is replayed as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one

PAGE = Path(__file__).parents[2] / "docs" / "python-workers.md"
BLOCK = re.compile(r"```\w+\n# (\S+)\n(.*?)```", re.DOTALL)


def test_the_example_of_the_page_passes_with_its_scenario(tmp_path):
    for name, text in BLOCK.findall(PAGE.read_text("utf-8")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    result = replay(load_one(tmp_path / "scenarios" / "day.yaml"))
    assert result.verdict == "pass"
    assert result.metrics.values["kv.writes.accepted"] == 100
