"""What a worker ran on stands in every report, in the journal and in the baseline."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from edgeday.limits import account_limits
from edgeday.measure.results import Finding
from edgeday.replay.baseline import Baseline, baseline_run, compare_with_baseline, load_baseline, render
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.replay.judge import RunEnd, RunStart
from edgeday.replay.runner import replay
from edgeday.report import html, json_report, junit, markdown, terminal
from edgeday.scenario.loader import Loaded
from tests.scenario_days import SHOP, loaded

RUNTIME = {"workerd": "2026-11-17", "compatibility_date": "2026-01-01", "bundle": "0f3a91c2"}
DATE = "compatibility date"
WORDS = "workerd 2026-11-17, compatibility date 2026-01-01, bundle 0f3a91c2"


@pytest.fixture
def day() -> Loaded:
    plain = loaded(SHOP + "traffic: [{requests: 2, path: /get/a}]\n")
    return plain._replace(worker=type("Shop", (plain.worker,), {"runtime": RUNTIME}))


@pytest.mark.parametrize("report", [markdown.render, html.render], ids=["Markdown", "HTML"])
def test_a_page_says_what_the_worker_ran_on(day, report):
    assert WORDS in report([replay(day)])
    assert "workerd" not in report([replace(replay(day), runtime={})])


def test_the_terminal_says_what_the_worker_ran_on(day):
    assert f"      on {WORDS}" in terminal.as_text(replay(day), 80).splitlines()
    assert "workerd" not in terminal.as_text(replace(replay(day), runtime={}), 80)


def test_the_json_report_has_it_by_name_where_there_is_something_to_say(day):
    assert json_report.as_dict([replay(day)])["scenarios"][0]["runtime"] == RUNTIME
    assert "runtime" not in json_report.as_dict([replace(replay(day), runtime={})])["scenarios"][0]


def test_the_junit_report_has_it_as_properties(day):
    root = ElementTree.fromstring(junit.render([replay(day)]).encode())
    properties = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert {f"runtime.{name}": value for name, value in RUNTIME.items()}.items() <= properties.items()


def test_a_journal_keeps_it(day, tmp_path: Path):
    writer = JournalWriter(tmp_path / "journal")
    result = replay(day, observers=[writer])
    writer.keep()
    assert [one.result for one in judge_journal(tmp_path / "journal")] == [result]
    assert result.runtime == RUNTIME


def test_a_journal_of_an_earlier_version_has_none(day, tmp_path: Path):
    writer = JournalWriter(tmp_path / "journal")
    result = replay(day, observers=[writer])
    writer.keep()
    lines = (tmp_path / "journal").read_text("utf-8").splitlines()
    head = json.loads(lines[1])
    del head["runtime"]
    (tmp_path / "earlier").write_text("\n".join([lines[0], json.dumps(head), *lines[2:], ""]), "utf-8")
    assert [one.result for one in judge_journal(tmp_path / "earlier")] == [replace(result, runtime={})]


def test_what_was_run_begins_with_what_it_runs_on(day):
    started: list[RunStart] = []

    class Observer:
        def begin(self, start, _events):
            started.append(start)

        def end(self, end: RunEnd):
            pass

    replay(day, observers=[Observer()])
    limits = account_limits("free", day.scenario.start.date())
    assert started == [RunStart(day.scenario, 0, limits, RUNTIME)]


# baselines


def notes(day, runtime):
    run = baseline_run(day.scenario, replay(day)).model_copy(update={"runtime": runtime})
    comparison = compare_with_baseline(day.scenario, replay(day), Baseline(Path("b.json"), {"day": run}))
    assert comparison.ok, "what a worker ran on is no metric"
    return comparison.notes


def test_the_same_runtime_needs_no_word(day):
    assert notes(day, RUNTIME) == []


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        (
            {"bundle": "ffffffff"},
            "the worker's code has changed since the baseline: its bundle was ffffffff, and is 0f3a91c2",
        ),
        (
            {"workerd": "2025-01-24"},
            "the baseline was made with workerd 2025-01-24, this run with workerd 2026-11-17",
        ),
        (
            {"compatibility_date": "2025-01-01"},
            f"the baseline was made with {DATE} 2025-01-01, this run with {DATE} 2026-01-01",
        ),
        ({"wrangler": "4.86.0"}, "the baseline was made with wrangler 4.86.0, this run without"),
    ],
)
def test_another_runtime_is_said_and_fails_nothing(day, changed, note):
    assert notes(day, {**RUNTIME, **changed}) == [note]


def test_a_baseline_of_an_earlier_version_says_nothing_of_it(day):
    assert notes(day, {}) == []


def test_a_baseline_is_read_back_with_it_and_has_none_for_a_plain_class(day, tmp_path: Path):
    run = baseline_run(day.scenario, replay(day))
    path = tmp_path / "b.json"
    path.write_text(render({"day": run}), "utf-8")
    assert load_baseline(path).runs == {"day": run}
    assert (
        "runtime"
        not in json.loads(render({"day": run.model_copy(update={"runtime": {}})}))["scenarios"]["day"]
    )


# details of findings


@pytest.mark.parametrize("report", [markdown.render, html.render], ids=["Markdown", "HTML"])
@pytest.mark.parametrize(
    ("detail", "title"),
    [
        ("Traceback (most recent call last):\n  File ...", "the first traceback"),
        ("TypeError: no\n    at shop (src/index.ts:3:1)", "the first stack"),
    ],
)
def test_a_stack_of_javascript_is_no_traceback(day, report, detail, title):
    page = report([replace(replay(day), findings=[Finding("uncaught-exception", "text", detail)])])
    assert title in page
