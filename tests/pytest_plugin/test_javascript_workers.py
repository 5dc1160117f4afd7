"""The pytest plugin with a JavaScript worker: fixtures, quota budgets, scenario files."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

WORKER = """
export default {
  async fetch(request, env) {
    if (new URL(request.url).pathname === "/put") await env.KV.put("key", "value");
    await scheduler.wait(90_000);
    return new Response(await env.KV.get("key"));
  },
};
"""
TESTS = """
import pytest

pytest_plugins = ["pytester"]
from edgeday import Request

@pytest.mark.edgeday(worker="shop.js")
def test_time_is_virtual(edgeday_edge, edgeday_run, edgeday_clock):
    before = edgeday_clock.now()
    response = edgeday_run(edgeday_edge.dispatch(Request("https://shop.example/put")))
    assert response.status == 200
    assert edgeday_clock.now() - before == 90

@pytest.mark.edgeday(worker="shop.js")
@pytest.mark.quota_budget({budget})
def test_budget(edgeday_edge, edgeday_run):
    edgeday_run(edgeday_edge.dispatch(Request("https://shop.example/put")))
"""
DAY = """
name: day
start: 2026-02-16T00:00:00Z
worker: shop.js
namespaces: {KV: kv}
traffic: [{requests: 3, path: /put}]
budgets: {kv.writes.accepted: 3}
"""


@pytest.fixture
def shop(project: pytest.Pytester) -> pytest.Pytester:
    """A project with the worker and a scenario of it."""
    (project.path / "shop.js").write_text(WORKER)
    (project.path / "scenarios").mkdir()
    (project.path / "scenarios" / "day.yaml").write_text(DAY)
    return project


@pytest.mark.workerd
def test_fixtures_and_scenario_files_run_it(shop: pytest.Pytester) -> None:
    shop.makepyfile(TESTS.format(budget="writes=1, reads=1"))
    shop.runpytest().assert_outcomes(passed=3)


@pytest.mark.workerd
def test_a_quota_budget_counts_what_it_asks_for(shop: pytest.Pytester) -> None:
    shop.makepyfile(TESTS.format(budget="writes=0, reads=1"))
    result = shop.runpytest()
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*quota budget exceeded: 1 writes, allowed 0*"])


def test_a_missing_runtime_is_said_once_with_how_to_get_it(
    shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EDGEDAY_WORKERD", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    shop.makepyfile(TESTS.format(budget="writes=1"))
    result = shop.runpytest()
    result.assert_outcomes(failed=1, errors=2)
    said = "*@pytest.mark.edgeday: JavaScript workers run on workerd*is not there*"
    result.stdout.fnmatch_lines([said, "*npm i -D workerd*"])
    result.stdout.no_fnmatch_line("*During handling of the above exception*")
