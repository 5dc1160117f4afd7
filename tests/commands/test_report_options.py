"""The reports as `edgeday replay` writes them."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from tests.report import days

FORMATS = ("json", "junit", "markdown", "html")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `edgeday replay` in a directory with the scenarios good.yaml and bad.yaml."""
    monkeypatch.chdir(tmp_path)
    days.scenario(tmp_path, name="good", budgets={"plans.started": "== 3"})
    days.scenario(tmp_path, name="bad", budgets={"plans.started": "== 4"})

    def run(*arguments):
        return CliRunner().invoke(main, ["replay", *arguments])

    return run


def test_all_reports_are_written_and_say_the_same(run, tmp_path):
    result = run("good.yaml", "bad.yaml", *(f"--{name}=report.{name}" for name in FORMATS))
    assert result.exit_code == 1
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "fail"
    assert ElementTree.parse(tmp_path / "report.junit").getroot().get("failures") == "1"
    assert (tmp_path / "report.markdown").read_text("utf-8").startswith("## ❌ edgeday: FAIL 1 of 2")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<h1>FAIL 1 of 2 scenarios passed, 1 failed</h1>" in page
    assert "Entries stored and readable" in page


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_on_standard_output_stands_there_alone(run, name):
    result = run("good.yaml", f"--{name}", "-")
    beginnings = {"json": "{", "junit": "<?xml", "markdown": "## ✅", "html": "<!doctype html>"}
    assert result.exit_code == 0
    assert result.stdout.startswith(beginnings[name])
    assert "PASS" in result.stderr
    assert "1 of 1 scenarios passed" not in result.stdout


def test_a_journal_gives_every_report_again_in_the_same_bytes(run, tmp_path):
    first = run("good.yaml", "bad.yaml", "--journal=j", *(f"--{name}=a.{name}" for name in FORMATS))
    again = run("--from-journal=j", *(f"--{name}=b.{name}" for name in FORMATS))
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert again.stdout == first.stdout
    for name in FORMATS:
        assert (tmp_path / f"a.{name}").read_bytes() == (tmp_path / f"b.{name}").read_bytes()


def test_a_journal_is_compared_with_a_baseline_like_a_run(run, tmp_path):
    assert CliRunner().invoke(main, ["baseline", "update", "good.yaml", "--to", "base.json"]).exit_code == 0
    run("good.yaml", "--journal=j")
    assert run("--from-journal=j", "--baseline=base.json").exit_code == 0
    values = json.loads((tmp_path / "base.json").read_text())
    values["scenarios"]["good"]["metrics"]["ai.calls"] = 1
    (tmp_path / "base.json").write_text(json.dumps(values))
    result = run("--from-journal=j", "--baseline=base.json", "--markdown=-")
    assert result.exit_code == 1
    assert "| good | ai.calls | 1 | 21 | \\+20 \\(+2,000 %\\) |" in result.stdout


def test_options_that_contradict_each_other_are_told_in_one_go(run):
    result = run("good.yaml", "--from-journal=j", "--seed=3", "--journal=k", "--html=-", "--json=-")
    assert result.exit_code == 2
    problems = [line.partition(":")[0] for line in result.stderr.splitlines() if ": " in line]
    assert problems == ["--json", "FILE", "--seed", "--journal"]
    assert "4 problems; nothing was replayed" in result.stderr


def test_two_reports_cannot_have_one_place(run):
    result = run("good.yaml", "--html=same", "--journal=./same")
    assert result.exit_code == 2
    assert "--journal: same is taken by --html" in result.stderr


def test_places_that_cannot_be_written_are_told_before_anything_runs(run, tmp_path):
    result = run("good.yaml", "--html=missing/report.html", "--junit=.", "--json=fine.json")
    assert result.exit_code == 2
    assert "--html: there is no directory missing" in result.stderr
    assert "--junit: . is a directory" in result.stderr
    assert not (tmp_path / "fine.json").exists()


def test_a_full_disk_leaves_the_other_reports_and_ends_with_code_2(run, tmp_path):
    result = run("good.yaml", "--html=/dev/full", "--json=fine.json")
    assert result.exit_code == 2
    assert "/dev/full: cannot be written: No space left on device" in result.stderr
    assert "PASS" in result.stdout
    assert json.loads((tmp_path / "fine.json").read_text())["verdict"] == "pass"


def test_a_journal_that_cannot_be_written_ends_with_code_2_after_the_report(run):
    result = run("good.yaml", "--journal=/dev/full")
    assert result.exit_code == 2
    assert "/dev/full: cannot be written: No space left on device" in result.stderr
    assert "PASS  good" in result.stdout


def test_a_broken_journal_is_told_with_file_and_line(run, tmp_path):
    run("good.yaml", "--journal=j")
    text = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(text[: len(text) // 2])
    result = run("--from-journal=j", "--json=report.json")
    assert result.exit_code == 2
    line = text[: len(text) // 2].count(b"\n") + 1
    assert f"j:{line}: the journal ends here, in the middle: it was cut off" in result.stderr
    assert not (tmp_path / "report.json").exists()


def test_a_strict_replay_that_stops_leaves_no_journal(run, tmp_path):
    (tmp_path / "raising_worker.py").write_text(
        "class Raising:\n    async def fetch(self, request):\n        raise KeyError('x')\n"
    )
    days.scenario(tmp_path, name="good")
    text = (tmp_path / "good.yaml").read_text() + "worker: {entry: 'raising_worker:Raising'}\n"
    (tmp_path / "good.yaml").write_text(text)
    (tmp_path / "j").write_text("earlier")
    result = run("good.yaml", "--strict-worker", "--journal=j", "--json=report.json")
    assert result.exit_code == 3
    assert (tmp_path / "j").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir() if "tmp" in path.name) == []


def test_without_a_scenario_or_a_journal_there_is_nothing_to_do(run):
    result = run()
    assert result.exit_code == 2
    assert "name a scenario file, or a journal with --from-journal" in result.stderr
