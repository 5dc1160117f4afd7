"""The page on continuous integration: its pipelines can be read, and their shell lines do what it says."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from tests.documents import Block, blocks, enter

pytestmark = pytest.mark.slow

INSTALL = "pip install edgeday"
WORKER = """
from edgeday.web import Response

class Notes:
    async def fetch(self, request):
        for copy in range({copies}):
            await self.env.notes.put(f"note:{{copy}}", "x")
        return Response("saved")
"""
SCENARIO = """
name: notes-day
start: 2026-02-16T00:00:00Z
worker: {entry: "notes:Notes"}
namespaces: {notes: notes}
traffic: [{requests: 10, method: POST, path: /notes}]
budgets: {kv.writes.accepted: "<= 20"}
"""


def block_at(path: str) -> Block:
    return next(block for block in blocks("docs/ci.md") if block.path == path)


def github_lines() -> list[str]:
    workflow = yaml.safe_load(block_at(".github/workflows/quota.yml").text)
    return [step["run"] for step in workflow["jobs"]["budgets"]["steps"] if "run" in step]


def gitlab_lines() -> list[str]:
    return yaml.safe_load(block_at(".gitlab-ci.yml").text)["quota-budgets"]["script"]


def shell_blocks() -> list[str]:
    return [block.text for block in blocks("docs/ci.md") if block.kind == "sh"]


@pytest.fixture
def repository(tmp_path) -> Path:
    """A team's repository with one scenario."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "notes-day.yaml").write_text(SCENARIO)
    (tmp_path / "notes.py").write_text(WORKER.format(copies=1))
    assert enter("git init -q .", tmp_path).returncode == 0
    return tmp_path


@pytest.fixture
def with_baseline(repository) -> Path:
    """The same once the page's first block was entered."""
    process = enter(shell_blocks()[0], repository)
    assert process.returncode == 0, process.stderr
    return repository


def run_pipeline(lines: list[str], repository: Path) -> list[int]:
    """The exit codes of a pipeline's lines, all of them run as a step that always runs would be."""
    assert lines[0] == INSTALL
    variables = {"GITHUB_STEP_SUMMARY": str(repository / "summary.md")}
    return [enter(line, repository, **variables).returncode for line in lines[1:]]


def test_the_baseline_is_written_and_staged(with_baseline):
    staged = enter("git diff --cached --name-only", with_baseline).stdout.split()
    assert staged == ["scenarios/baselines/baseline.json"]


@pytest.mark.parametrize("lines", [github_lines(), gitlab_lines()], ids=["github", "gitlab"])
def test_a_pipeline_passes_and_leaves_its_reports(with_baseline, lines):
    assert set(run_pipeline(lines, with_baseline)) == {0}
    for name in ("edgeday.xml", "edgeday.md", "edgeday.html"):
        assert (with_baseline / name).stat().st_size > 0


@pytest.mark.parametrize("lines", [github_lines(), gitlab_lines()], ids=["github", "gitlab"])
@pytest.mark.parametrize(("copies", "code"), [(2, 1), (3, 1)], ids=["baseline differs", "budget broken"])
def test_a_change_that_costs_more_fails_and_leaves_its_reports(with_baseline, lines, copies, code):
    (with_baseline / "notes.py").write_text(WORKER.format(copies=copies))
    replayed, *rest = run_pipeline(lines, with_baseline)
    assert replayed == code
    assert not any(rest)
    suite = ElementTree.parse(with_baseline / "edgeday.xml").getroot()
    assert suite.find(".//failure") is not None
    assert "notes-day" in (with_baseline / "edgeday.md").read_text()


def test_github_shows_the_report_in_the_summary_of_the_job(with_baseline):
    run_pipeline(github_lines(), with_baseline)
    assert (with_baseline / "summary.md").read_text() == (with_baseline / "edgeday.md").read_text()


def test_what_is_uploaded_is_what_was_written():
    workflow = yaml.safe_load(block_at(".github/workflows/quota.yml").text)
    job = yaml.safe_load(block_at(".gitlab-ci.yml").text)["quota-budgets"]
    upload = workflow["jobs"]["budgets"]["steps"][-1]
    assert upload["if"] == "always()"
    assert upload["with"]["path"] == "edgeday.*"
    assert job["artifacts"]["when"] == "always"
    written = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]]
    assert all(name in job["script"][1] for name in written)


@pytest.mark.parametrize(("copies", "code"), [(1, 0), (3, 1)])
def test_scenarios_run_as_part_of_the_tests(repository, copies, code):
    (repository / "notes.py").write_text(WORKER.format(copies=copies))
    (repository / "test_own.py").write_text("def test_own():\n    assert True\n")
    assert enter(shell_blocks()[1], repository).returncode == code
    cases = ElementTree.parse(repository / "junit.xml").getroot().iter("testcase")
    assert sorted(case.get("name") for case in cases) == ["budgets", "test_own"]
