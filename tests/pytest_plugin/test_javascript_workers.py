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


CONFIGURED = """
export default {
  async fetch(request, env) {
    const row = await env.DB.prepare("SELECT 1").first();
    await env.SHOP.put("key", env.CITY);
    return Response.json({ row, city: await env.SHOP.get("key"), tax: env.TAX });
  },
};
"""
CONFIGURATION = """{
  "name": "shop", "main": "shop.js", "compatibility_date": "2026-01-01",
  "kv_namespaces": [{ "binding": "SHOP", "id": "0123456789abcdef0123456789abcdef" }],
  "d1_databases": [{ "binding": "DB", "database_name": "d", "database_id": "1" }],
  "vars": { "CITY": "Sofia", "TAX": 20 }
}"""
OF_CONFIGURATION = """
import pytest

from edgeday import Request

@pytest.mark.edgeday(worker="{entry}", vars={{"TAX": 9}}, stubs={{"DB": {{"prepare().first()": {{"n": 1}}}}}})
def test_it_has_what_its_configuration_says(edgeday_edge, edgeday_run, edgeday_kv):
    response = edgeday_run(edgeday_edge.dispatch(Request("https://shop.example/")))
    assert edgeday_run(response.json()) == {{"row": {{"n": 1}}, "city": "Sofia", "tax": 9}}
    assert edgeday_run(edgeday_kv.get("key")) == "Sofia"
"""


@pytest.mark.workerd
@pytest.mark.parametrize("entry", ["wrangler.jsonc", "shop.js"])
def test_a_worker_has_what_its_configuration_and_the_marker_say(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # no wrangler: the file runs as it is
    monkeypatch.delenv("EDGEDAY_WRANGLER", raising=False)
    (project.path / "shop.js").write_text(CONFIGURED)
    (project.path / "wrangler.jsonc").write_text(CONFIGURATION)
    project.makepyfile(OF_CONFIGURATION.format(entry=entry))
    project.runpytest().assert_outcomes(passed=1)


def test_a_stub_that_stands_for_nothing_is_said(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.edgeday(stubs={"DB": {}, "AI": {"run": 1}, "R2": {"get..head": 1}})
        def test_stubs(edgeday_edge):
            pass
        """
    )
    result = project.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*edgeday: stubs.DB: a stub without anything*; stubs.R2: *"])
    result.stdout.no_fnmatch_line("*stubs.AI*")


def test_a_missing_runtime_is_said_once_with_how_to_get_it(
    shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("EDGEDAY_WORKERD", "EDGEDAY_WRANGLER"):  # a wrangler brings its own
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    shop.makepyfile(TESTS.format(budget="writes=1"))
    result = shop.runpytest()
    result.assert_outcomes(failed=1, errors=2)
    said = "*@pytest.mark.edgeday: JavaScript workers run on workerd*is not there*"
    result.stdout.fnmatch_lines([said, "*npm i -D workerd*"])
    result.stdout.no_fnmatch_line("*During handling of the above exception*")
