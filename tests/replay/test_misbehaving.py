"""A worker that misbehaves ends its run with the place; one that raises loses that request."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from edgeday.replay.runner import replay
from edgeday.runtime.interrupts import REAL_S_VARIABLE
from edgeday.scenario.loader import load_one
from tests import misbehaving
from tests.scenario_days import HEAD, loaded

DAY = """
worker: {entry: "tests.misbehaving:%s"}
traffic:
  - {name: right, requests: 2, path: /right}
  - {name: wrong, requests: 1, path: /wrong}
budgets: {requests.started: <= 3}
"""


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setenv(REAL_S_VARIABLE, "0.4")


def replayed(name, **options):
    return replay(loaded(DAY % name, HEAD), **options)


def lines_of(name):
    """The places in a worker that may be to blame: "tests/misbehaving.py:12", ..."""
    source, first = inspect.getsourcelines(getattr(misbehaving, name))
    return {f"tests/misbehaving.py:{first + offset}" for offset in range(len(source))}


def place_in(text):
    return ":".join(text.split(":")[:2])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("SysExit", "calls sys.exit(0)"),
        ("SwallowedExit", "calls sys.exit(0)"),
        ("RaisedExit", "raised SystemExit: 0"),
        ("OsExit", "calls os._exit(0)"),
        ("BaseRaised", "raised BaseException: boo"),
        ("GeneratorExited", "raised GeneratorExit"),
        ("Interrupted", "raised KeyboardInterrupt"),
        ("TaskExit", "raised SystemExit: 0"),
        ("CallbackExit", "raised SystemExit: 0"),
        ("BodyExit", "raised SystemExit: 0"),
        ("UrlOpen", "declare the origin api.example"),
        ("Connect", "declare the origin 192.0.2.1"),
        ("AsyncConnect", "declare the origin api.example"),
        ("Aiohttp", "declare the origin 192.0.2.1"),
        ("Thread", "starts a thread"),
        ("ToThread", "starts a thread"),
        ("Pool", "starts a thread"),
        ("Process", "starts a process"),
        ("Fork", "starts a process"),
        ("SleepsOne", "goes on after an hour"),
        ("NeverSet", "goes on after an hour"),
        ("Swallows", "goes on after an hour"),
        ("BackgroundSwallows", "catches CancelledError"),
        ("BodyNever", "goes on after an hour"),
    ],
)
def test_what_ends_a_run_is_an_error_with_the_line_that_did_it(name, says):
    result = replayed(name)
    assert result.verdict == "error"
    assert says in result.problem
    assert place_in(result.problem) in lines_of(name)


NEVER_CLOSED = """
from js import TransformStream
from workers import Response, WorkerEntrypoint


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response(TransformStream.new().readable)
"""


def test_a_stream_of_a_python_worker_that_nothing_closes_is_said_to_be_one(tmp_path):
    (tmp_path / "entry.py").write_text(NEVER_CLOSED)
    day = tmp_path / "day.yaml"
    day.write_text(
        f"{HEAD}worker: entry.py\ntraffic: [{{requests: 1, path: /}}, {{name: b, requests: 1, path: /b}}]\n"
    )
    result = replay(load_one(day))
    assert "goes on after an hour" in result.problem
    assert "its response is a stream that nothing closes" in result.problem


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Loop", "BackgroundLoop", "SleepsZero", "BodyForever"])
def test_what_makes_no_progress_in_real_time_is_ended_with_the_line_where_it_was(name):
    result = replayed(name)
    assert result.verdict == "error"
    assert "nothing happened" in result.problem
    if name != "BodyForever":
        assert "GET /wrong, invocation " in result.problem
    assert place_in(result.problem) in lines_of(name)


@pytest.mark.slow
def test_what_goes_on_although_it_is_interrupted_ends_with_its_process(tmp_path):
    path = tmp_path / "day.yaml"
    path.write_text(HEAD + DAY % "StubbornLoop")
    command = [sys.executable, "-m", "edgeday", "replay", str(path)]
    process = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert process.returncode == 3
    place = place_in(process.stdout.partition("misbehaved: ")[2] or process.stderr)
    assert place in lines_of("StubbornLoop")


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Text", "TypeError: the handler returned str, not a Response"),
        ("Nothing", "TypeError: the handler returned nothing, not a Response"),
        ("Recursion", "RecursionError: maximum recursion depth exceeded"),
        ("Stop", "StopAsyncIteration"),
        ("Cancelled", "CancelledError"),
        ("Raises", "ValueError: a defect"),
    ],
)
def test_what_is_wrong_with_one_request_fails_that_one_and_the_rest_goes_on(name, error):
    result = replayed(name)
    assert (result.metrics.values["requests.started"], result.metrics.values["requests.failed"]) == (3, 1)
    assert result.verdict == "pass"
    (finding,) = result.findings
    assert finding.id == "uncaught-exception"
    assert f"uncaught {error}" in finding.text
    assert finding.text.endswith("in 1 of 3 requests (error code 1101): GET /wrong 1")
    if name not in {"Text", "Nothing"}:
        assert finding.detail.startswith("Traceback (most recent call last):\n")
        assert 'File "tests/misbehaving.py", line ' in finding.detail


def test_a_request_that_cancels_itself_is_lost():
    result = replayed("CancelsItself")
    assert (result.verdict, result.metrics.values["requests.failed"]) == ("pass", 1)


def test_what_a_worker_prints_goes_to_standard_error(capsys):
    assert replayed("Prints").verdict == "pass"
    out, err = capsys.readouterr()
    assert (out, err) == ("", "printed by the worker\n")


@pytest.mark.parametrize(
    ("wrong", "budget", "verdict"),
    [
        (3, "requests.started: 3", "void"),
        (2, "requests.started: 3", "pass"),
        (3, "requests.failed: 3", "pass"),
    ],
)
def test_a_run_whose_requests_all_failed_is_void_unless_a_budget_expects_that(wrong, budget, verdict):
    day = f"""
worker: {{entry: "tests.misbehaving:Raises"}}
traffic:
  - {{name: right, requests: {3 - wrong}, path: /right}}
  - {{name: wrong, requests: {wrong}, path: /wrong}}
budgets: {{{budget}}}
"""
    result = replay(loaded(day, HEAD))
    assert result.verdict == verdict
    place = lines_of("Raises")
    said = {f"all 3 requests failed: ValueError: a defect ({line})" for line in place}
    assert result.problem in (said if verdict == "void" else {""})


def test_a_recursion_is_shown_from_both_ends():
    (finding,) = replayed("Recursion").findings
    assert len(finding.detail.splitlines()) < 60
    assert " more\n" in finding.detail
