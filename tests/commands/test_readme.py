"""What the README shows is what happens."""

import re
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import SCENARIOS
from tests.documents import enter

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def block(language: str) -> str:
    """The first code block of a language."""
    match = re.search(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match[1]


def test_the_output_that_the_readme_shows_is_that_of_the_first_day(edgeday):
    lines = [line for line in block("console").splitlines()[1:] if line.strip() not in {"", "..."}]
    printed = [line.rstrip() for line in edgeday("days", SCENARIOS / "normal-day.yaml").stdout.splitlines()]
    assert len(lines) > 8
    assert [line for line in lines if line not in printed] == []


def test_the_test_that_the_readme_shows_passes_as_it_stands(tmp_path):
    (tmp_path / "test_visits.py").write_text(block("python"), encoding="utf-8")
    process = enter("pytest -q", tmp_path)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "1 passed" in process.stdout


@pytest.mark.usefixtures("forgotten_workers")
def test_the_scenario_that_the_readme_shows_is_one(edgeday, tmp_path, monkeypatch):
    (tmp_path / "shop.py").write_text("class Shop:\n    async def fetch(self, request): ...\n")
    (tmp_path / "my-day.yaml").write_text(block("yaml"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "shop", raising=False)
    result = edgeday("validate", "my-day.yaml")
    assert result.exit_code == 0, result.output


def test_the_pages_and_scenarios_that_the_readme_names_exist():
    named = set(re.findall(r"(?:worker_port/study/docs|docs|scenarios)/[\w./-]+\.(?:md|yaml|json)", README))
    written_by_init = {"scenarios/first-day.yaml"}
    assert len(named) > 15
    assert [path for path in sorted(named - written_by_init) if not (SCENARIOS.parent / path).is_file()] == []
