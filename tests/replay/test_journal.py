from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgeday.errors import BadInput
from edgeday.events import (
    Cause,
    Diagnostic,
    EventStream,
    ExpectationChecked,
    InvocationEnded,
    InvocationStarted,
    Operation,
    SessionEnded,
    SessionStarted,
)
from edgeday.limits import account_limits
from edgeday.measure.results import ProbeCheck, ProbeResult
from edgeday.replay.journal import FORMAT, JournalWriter, judge_journal
from edgeday.replay.judge import RunEnd, RunStart
from edgeday.report import json_report
from edgeday.scenario.loader import load_one
from tests.report import days

ROOT = Path(__file__).parents[2]
EVENTS = (
    Operation, InvocationStarted, InvocationEnded, Diagnostic,
    ExpectationChecked, SessionStarted, SessionEnded,
)  # fmt: skip
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))


class Collector:
    """The observer that keeps every event, and how the run began and ended."""

    def __init__(self):
        self.runs = []

    def begin(self, start, events):
        record = []
        self.runs.append([start, record])
        for kind in EVENTS:
            events.subscribe(kind, record.append)

    def end(self, end):
        self.runs[-1].append(end)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A journal of all small days, and the results of their replay."""
    directory = tmp_path_factory.mktemp("journal")
    writer = JournalWriter(directory / "journal.jsonl")
    results = days.every(directory, [writer])
    writer.keep()
    return directory / "journal.jsonl", results


@pytest.fixture
def lines(written):
    return written[0].read_bytes().splitlines(keepends=True)


def test_the_report_from_a_journal_has_the_bytes_of_the_runs_own(written):
    path, results = written
    judged = judge_journal(path)
    assert json_report.render([one.result for one in judged]) == json_report.render(results)
    assert [one.scenario.name for one in judged] == ["passing", "failing", "partial", "idle"]


def test_observers_of_a_journal_see_what_observers_of_the_run_saw(tmp_path):
    path, during, after = tmp_path / "journal", Collector(), Collector()
    writer = JournalWriter(path)
    days.failing(tmp_path, [writer, during])
    writer.keep()
    judge_journal(path, [after])
    assert after.runs == during.runs
    assert len(during.runs[0][1]) > 500


def test_a_journal_holds_no_prompts_and_no_values(written):
    text = written[0].read_text("utf-8")
    assert "ai_communication_log:" in text
    for secret in ("Балансирано", "BMR", "Client 1", '"prompt"', "sk-stand-in"):
        assert secret not in text


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_journal_gives_back_every_scenario_as_it_was(path, tmp_path):
    scenario = load_one(path).scenario
    start = RunStart(scenario, 7, account_limits(scenario.account, scenario.start.date()))
    write(tmp_path / "journal", start, [], RunEnd(start.planned_end_at, False))
    collector = Collector()
    judge_journal(tmp_path / "journal", [collector])
    assert collector.runs[0][0] == start


def write(path, start, events, end):
    writer, stream = JournalWriter(path), EventStream()
    writer.begin(start, stream)
    for event in events:
        stream.emit(event)
    writer.end(end)
    writer.keep()


texts = st.text(st.characters(exclude_categories=()), max_size=20)  # halves of surrogate pairs too
counts = st.integers(0, 2**53)
instants = st.floats(0, 1e11)
outcomes = st.sampled_from(["hit", "miss", "stored", "refused", "error"])
operations = st.builds(
    Operation, instants, st.sampled_from(["kv", "cache", "fetch"]), st.sampled_from(["get", "put", "delete"]),
    texts, texts, outcomes, texts, counts, counts, counts, texts, texts, st.none() | instants,
    st.sampled_from(Cause), counts,
)  # fmt: skip
starts = st.builds(InvocationStarted, instants, counts, texts, texts)
ends = st.builds(
    InvocationEnded, instants, counts, texts, texts, instants, st.sampled_from(["ok", "exception"]), counts,
    counts, counts, counts, counts, texts, texts, texts, counts,
)  # fmt: skip
diagnostics = st.builds(Diagnostic, instants, texts, texts, texts, counts, texts)
expected = st.builds(ExpectationChecked, instants, texts, texts, counts, texts, texts, texts)
sessions = st.builds(SessionStarted, instants, texts, counts) | st.builds(
    SessionEnded, instants, texts, counts, instants, outcomes, counts, counts, texts, texts
)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts
checks = st.builds(ProbeCheck, texts, scalars, scalars, st.booleans(), st.booleans())
probes = st.builds(ProbeResult, texts, instants, texts, st.lists(checks, max_size=2))


@pytest.mark.slow
@given(
    st.lists(operations | starts | ends | diagnostics | expected | sessions, max_size=20),
    st.builds(RunEnd, instants, st.booleans(), st.lists(probes, max_size=2), texts),
)
def test_any_events_come_back_as_they_were(tmp_path_factory, events, end):
    directory = tmp_path_factory.mktemp("journal")
    scenario = days.scenario(directory).scenario
    start = RunStart(scenario, 3, account_limits("free", date(2026, 2, 16)))
    write(directory / "journal", start, events, end)
    collector = Collector()
    judge_journal(directory / "journal", [collector])
    assert collector.runs == [[start, events, end]]


def broken(tmp_path, lines):
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"".join(lines))
    with pytest.raises(BadInput) as raised:
        judge_journal(path)
    (problem,) = raised.value.problems
    return problem.where.rpartition("broken.jsonl")[2], problem.what


def test_the_page_on_reports_names_the_format_that_is_written():
    page = (ROOT / "docs" / "reports.md").read_text("utf-8")
    assert f'"event": "journal", "format": {FORMAT}' in page
    assert f"edgeday reads format {FORMAT}." in page


def test_a_line_that_is_cut_off_is_told_with_its_number(tmp_path, lines):
    where, what = broken(tmp_path, [*lines[:9], lines[9][:20]])
    assert (where, what) == (":10", "the journal ends here, in the middle: it was cut off")


def test_a_journal_cut_off_between_two_lines_is_told(tmp_path, lines):
    for count in (1, 2, 10, len(lines) - 1):
        where, what = broken(tmp_path, lines[:count])
        assert (where, what) == (f":{count}", "the journal ends here, in the middle: it was cut off")


def test_a_missing_line_is_told(tmp_path, lines):
    end = next(number for number, line in enumerate(lines) if line.startswith(b'{"event": "end"'))
    where, what = broken(tmp_path, [*lines[:5], *lines[6:]])
    assert where == f":{end}"
    assert what == f"{end - 3} events stand above, {end - 2} were written"


def test_a_file_that_is_no_journal_is_told(tmp_path):
    for text in (b"", b"# Readme\n", b"[1]\n", b'{"event": "operation"}\n', b'{"a": 1}\n', b"\xff\xfe\n"):
        where, what = broken(tmp_path, [text])
        assert (where, what) == (":1", "this is no journal of edgeday: its first line does not say so")


def test_a_journal_of_another_format_says_who_wrote_it(tmp_path, lines):
    for other in (3, 5):
        head = b'{"event": "journal", "format": %d, "edgeday": "9.9"}\n' % other
        where, what = broken(tmp_path, [head, *lines[1:]])
        assert where == ":1"
        assert what.startswith(f"the journal is in format {other}, written by edgeday 9.9; edgeday ")


def changed(line, **fields):
    return json.dumps({**json.loads(line), **fields}).encode() + b"\n"


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"at": "noon"}, "at is 'noon'"),
        ({"at": True}, "at is True"),
        ({"colo": None}, "colo is None"),
        ({"colour": "red"}, "its fields are not those of format 4: colour"),
        (
            {"cause": "bad luck"},
            f"cause is 'bad luck'; there are: {', '.join(filter(None, Cause))}",
        ),
        ({"cause": None}, "cause is None"),
        ({"event": "scenario"}, 'an event was to stand here, this is "scenario"'),
    ],
)
def test_an_event_that_is_none_is_told_with_its_line(tmp_path, lines, fields, what):
    assert broken(tmp_path, [*lines[:3], changed(lines[3], **fields), *lines[4:]]) == (":4", what)


def test_a_line_that_is_no_json_is_told(tmp_path, lines):
    assert broken(tmp_path, [*lines[:3], b"\0\0\0\n", *lines[4:]]) == (":4", "is no line of JSON")
    assert broken(tmp_path, [*lines[:3], b"3\n", *lines[4:]])[1] == 'is no JSON object with an "event"'


def test_a_scenario_that_was_changed_afterwards_is_told(tmp_path, lines):
    scenario = {**json.loads(lines[1])["scenario"], "days": 2}
    where, what = broken(tmp_path, [lines[0], changed(lines[1], scenario=scenario), *lines[2:]])
    assert (where, what) == (
        ":2",
        "the scenario in it is not the one that was replayed: its hash differs",
    )


@pytest.mark.parametrize(
    "fields", [{"scenario": {}}, {"limits": {}}, {"limits": None}, {"seed": "x"}, {"scenario": None}]
)
def test_a_head_that_is_none_is_told(tmp_path, lines, fields):
    where, _ = broken(tmp_path, [lines[0], changed(lines[1], **fields), *lines[2:]])
    assert where == ":2"


def test_what_stands_after_the_end_is_told(tmp_path, lines):
    where, what = broken(tmp_path, [*lines, lines[1]])
    assert (where, what) == (f":{len(lines) + 1}", "stands after the end of the journal")


def test_a_journal_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BadInput, match="cannot be read: No such file or directory"):
        judge_journal(tmp_path / "nowhere")


def test_a_disk_that_fills_up_does_not_disturb_the_run(tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no device that is always full")
    writer = JournalWriter(full)
    assert days.failing(tmp_path, [writer]).metrics.values["plans.started"] == 70
    with pytest.raises(BadInput, match="No space left on device"):
        writer.keep()


def test_a_journal_that_is_given_up_leaves_the_earlier_one(tmp_path):
    path = tmp_path / "journal"
    path.write_text("earlier")
    writer = JournalWriter(path)
    days.passing(tmp_path, [writer])
    writer.discard()
    assert path.read_text() == "earlier"
    assert [one.name for one in tmp_path.iterdir() if "journal" in one.name] == ["journal"]
