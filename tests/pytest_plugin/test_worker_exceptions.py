"""What the plugin makes of a worker that raises or misbehaves."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SOURCE = """
import asyncio, sys
import pytest
from edgeday.web import Request, Response

class Broken:
    async def fetch(self, request):
        raise ValueError("a defect")

class Exits:
    async def fetch(self, request):
        try:
            sys.exit(0)
        except SystemExit:
            return Response("ok")

class Never:
    async def fetch(self, request):
        while True:
            await asyncio.sleep(0)

async def status_of(edge):
    return (await edge.dispatch(Request("https://a.example/x"))).status

"""


def test_a_worker_that_raises_answers_500_and_a_failing_test_shows_its_traceback(project):
    project.makepyfile(
        SOURCE
        + """
@pytest.mark.edgeday(worker=Broken)
def test_it(edgeday_edge, edgeday_run):
    assert edgeday_run(status_of(edgeday_edge)) == 500

@pytest.mark.edgeday(worker=Broken)
def test_that_fails(edgeday_edge, edgeday_run):
    assert edgeday_run(status_of(edgeday_edge)) == 200
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*GET /x: uncaught ValueError: a defect (error code 1101)", '*raise ValueError("a defect")']
    )


def test_a_strict_worker_raises_in_the_test(project):
    project.makepyfile(
        SOURCE
        + """
@pytest.mark.edgeday(worker=Broken, strict_worker=True)
def test_it(edgeday_edge, edgeday_run):
    edgeday_run(status_of(edgeday_edge))
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ValueError: a defect", "*WorkerRaised: GET /x, invocation 1*"])


@pytest.mark.parametrize(("worker", "says"), [("Exits", "calls sys.exit(0)"), ("Never", "nothing happened")])
def test_a_worker_that_misbehaves_fails_its_test_alone(project, monkeypatch, worker, says):
    monkeypatch.setenv("EDGEDAY_HANG_SECONDS", "0.2")
    project.makepyfile(
        SOURCE
        + f"""
@pytest.mark.edgeday(worker={worker})
def test_it(edgeday_edge, edgeday_run):
    edgeday_run(status_of(edgeday_edge))

def test_another():
    assert True
"""
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"*GET /x, invocation 1*{says}*"])
