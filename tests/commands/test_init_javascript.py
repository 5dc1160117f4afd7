"""`edgeday init` for workers in JavaScript and TypeScript, and the replay of what it writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from edgeday.commands.cli import main as main_command
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one

pytestmark = pytest.mark.usefixtures("forgotten_workers")

BUNDLES = Path(__file__).parents[1] / "hosting" / "javascript" / "bundles"
SCENARIO = Path("scenarios/first-day.yaml")
WORKER = """
import { json } from "./json.js";

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "POST" && pathname === "/api/links") {
      if (request.headers.get("authorization") !== `Bearer ${env.ADMIN_TOKEN}`) return json({}, 401);
      const { slug, url } = await request.json();
      await env.LINKS.put(slug, url);
      return json({ slug }, 201);
    }
    if (pathname === "/api/rates") {
      const response = await fetch(`${env.RATES_URL}/latest?of=${searchParams.get("of")}`);
      return json(await response.json());
    }
    const slug = pathname.slice(1);
    const target = await env.LINKS.get(slug);
    return target === null ? json({}, 404) : json({ target });
  },

  async scheduled(controller, env) {
    await env.LINKS.list();
  },
};
"""
JSON = "export const json = (value, status = 200) => Response.json(value, { status });\n"
CONFIG = {
    "name": "links",
    "main": "src/index.js",
    "compatibility_date": "2025-01-01",
    "kv_namespaces": [{"binding": "LINKS", "id": "01"}],
    "vars": {"RATES_URL": "https://rates.test"},
    "triggers": {"crons": ["0 3 * * *"]},
}
ROUTES = ["POST /api/links", "GET /api/rates?of=of", "GET /{slug}"]


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path, monkeypatch, request):
    """A machine without wrangler, and without the Workers runtime but where a test brings it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EDGEDAY_WRANGLER", raising=False)
    if "workerd" not in request.fixturenames:
        monkeypatch.delenv("EDGEDAY_WORKERD", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


def write(name, text):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else json.dumps(text, indent=1), encoding="utf-8")
    return path


def project(main="src/index.js", **more):
    write(main, WORKER)
    write(Path(main).with_name("json.js"), JSON)
    write("wrangler.jsonc", {**CONFIG, "main": main, **more})


def init(*options):
    result = CliRunner().invoke(main_command, ["init", *map(str, options)])
    assert result.exit_code == 0, result.output
    return result


def written(path=SCENARIO):
    return yaml.safe_load(Path(path).read_text("utf-8"))


def paths(scenario):
    return [
        f"{method.upper()} {part[method]}"
        for part in scenario["traffic"]
        for method in ("get", "post", "put", "delete")
        if method in part
    ]


def test_a_project_with_a_configuration_gives_all_that_a_python_worker_does():
    project()
    result = init()
    scenario = written()
    assert scenario["worker"] == {"entry": "../wrangler.jsonc", "vars": {"ADMIN_TOKEN": "write-yours"}}
    assert paths(scenario) == ROUTES
    assert scenario["traffic"][-1] == {"cron": "0 3 * * *"}
    assert scenario["origins"] == {"rates.test": {"status": 200, "json": {}}}
    assert scenario["fail_on"] == "finding"
    assert scenario["budgets"]["kv.writes.accepted"] == "<= 80%"
    post = scenario["traffic"][0]
    assert post["json"] == {"slug": "{slug}", "url": "https://example.com/"}
    assert post["headers"] == {"authorization": "Bearer write-yours"}
    assert "worker       src/index.js" in result.stdout
    assert "variables    RATES_URL, ADMIN_TOKEN" in result.stdout
    assert "# Its source needs what nothing else gives: write ADMIN_TOKEN of yours." in SCENARIO.read_text()


def test_nothing_in_the_scenario_speaks_of_python():
    project()
    init()
    text = SCENARIO.read_text("utf-8")
    assert "ython" not in text
    assert ".py" not in text


def test_what_the_worker_needs_to_run_and_is_missing_is_said_beside_what_is_written():
    project()
    result = init()
    assert "then: edgeday replay scenarios/first-day.yaml" in result.stdout
    assert "warning: JavaScript workers run on workerd, the Workers runtime" in result.stderr
    assert "npm i -D workerd" in result.stderr


def test_typescript_needs_wrangler_too():
    project("src/index.ts")
    result = init()
    assert paths(written()) == ROUTES
    assert "npm i -D wrangler" in result.stderr


@pytest.mark.parametrize(
    "secrets",
    [{".dev.vars": "ADMIN_TOKEN=1\n"}, {"wrangler.jsonc": {**CONFIG, "vars": {"ADMIN_TOKEN": "1"}}}],
)
def test_a_variable_that_a_file_gives_is_not_made_up(secrets):
    project()
    for name, text in secrets.items():
        write(name, text)
    init()
    worker = written()["worker"]
    assert worker == "../wrangler.jsonc" or "ADMIN_TOKEN" not in worker["vars"]


@pytest.mark.parametrize("name", ["worker.js", "src/index.js", "src/worker.mjs", "index.mjs"])
def test_a_plain_file_gets_the_bindings_and_variables_that_its_source_uses(name):
    write(name, WORKER)
    write(Path(name).with_name("json.js"), JSON)
    init("--entry", name)
    scenario = written()
    values = {"ADMIN_TOKEN": "write-yours", "RATES_URL": "https://rates-url.example"}
    assert scenario["worker"] == {"entry": f"../{name}", "vars": values}
    assert scenario["namespaces"] == {"LINKS": "links"}
    assert scenario["origins"] == {"rates-url.example": {"status": 200, "json": {}}}


@pytest.mark.parametrize("name", ["src/index.ts", "src/index.js", "src/worker.ts", "worker.js", "index.js"])
def test_a_file_that_is_called_as_workers_mostly_are_needs_no_option(name):
    write(name, WORKER)
    assert f"worker       {name}" in init().stdout
    assert written()["worker"]["entry"] == f"../{name}"


def test_a_file_that_is_called_so_and_is_no_worker_is_asked_about():
    write("index.js", "console.log('a program');\n")
    result = CliRunner().invoke(main_command, ["init"])
    assert result.exit_code == 2
    assert "is it index.js? write --entry index.js" in result.output
    assert not SCENARIO.exists()


def test_a_service_worker_has_its_globals():
    write("worker.js", 'addEventListener("fetch", (e) => e.respondWith(f(e.request)));\n'
          "async function f(request) {\n"
          '  if (request.headers.get("x-key") !== API_KEY) return new Response("no", { status: 401 });\n'
          "  return new Response(await NOTES.get(new URL(request.url).pathname.slice(1)));\n}\n")  # fmt: skip
    init()
    scenario = written()
    assert scenario["worker"] == {"entry": "../worker.js", "vars": {"API_KEY": "write-yours"}}
    assert scenario["namespaces"] == {"NOTES": "notes"}
    assert scenario["traffic"][0]["headers"] == {"x-key": "write-yours"}


def test_a_bundle_has_its_own_bindings_and_shows_what_it_was_made_of():
    Path("dist").mkdir()
    shutil.copy(BUNDLES / "shop.bundle", "dist/worker.bundle")
    init("--entry", "dist/worker.bundle")
    scenario = written()
    assert scenario["worker"] == "../dist/worker.bundle"
    assert "namespaces" not in scenario
    assert paths(scenario) == ["GET /page", "GET /note", "GET /data", "GET /wasm", "GET /boom"]
    text = SCENARIO.read_text("utf-8")
    assert "# The worker, with what its bundle says." in text
    assert "# seen in index.ts:15" in text


def test_a_damaged_bundle_is_refused_and_nothing_is_written():
    write("worker.bundle", "no bundle")
    result = CliRunner().invoke(main_command, ["init", "--entry", "worker.bundle"])
    assert result.exit_code == 2
    assert "is no bundle of wrangler" in result.output
    assert not SCENARIO.exists()


def test_names_of_the_source_that_look_like_placeholders_are_none():
    write("worker.js", """
    export default { async fetch(request) {
      const url = new URL(request.url);
      if (url.pathname === '/a"b') return new Response(url.searchParams.get("filter[{q}]"));
      const body = await request.json();
      return new Response(body["{x}"] + body["a: b"]);
    } };
    """)  # fmt: skip
    init("--path", "/a")
    init("--force")
    get = written()["traffic"][0]
    assert get["get"] == '/a"b?filter%5B%7Bq%7D%5D=filter%5B%7Bq%7D%5D'


def test_a_main_that_a_build_has_yet_to_make_is_refused_with_what_to_do():
    project()
    write("wrangler.jsonc", {**CONFIG, "main": "dist/index.js"})
    result = CliRunner().invoke(main_command, ["init"])
    assert result.exit_code == 2
    assert "wrangler.jsonc:3: main is dist/index.js, and there is no such file" in result.output
    assert "if a build of yours makes it, run that first" in result.output


def test_a_worker_that_only_runs_crons_gets_no_requests():
    project()
    write("src/index.js", "export default { async scheduled(c, env) { await env.LINKS.list(); } };\n")
    init()
    assert written()["traffic"] == [{"cron": "0 3 * * *"}]


def test_forms_queries_and_shared_names_are_sent():
    write(
        "worker.js",
        """
    export default { async fetch(request, env) {
      const url = new URL(request.url);
      if (request.method === "POST" && url.pathname === "/new") {
        const form = await request.formData();
        await env.NOTES.put(form.get("name"), form.get("text"));
        return new Response("kept");
      }
      const name = url.pathname.slice(1);
      return new Response(await env.NOTES.get(name));
    } };
    """,
    )
    init()
    scenario = written()
    post = scenario["traffic"][0]
    assert (post["post"], post["body"]) == ("/new", "name={name}&text=text")
    assert post["headers"] == {"content-type": "application/x-www-form-urlencoded"}
    assert scenario["values"] == {"name": ["name-1", "name-2", "name-3"]}
    assert scenario["traffic"][1]["get"] == "/{name}"


# with the Workers runtime


@pytest.mark.workerd
@pytest.mark.parametrize("has_config", [True, False])
def test_what_is_written_replays_in_one_go(workerd, has_config):
    project()
    if not has_config:
        Path("wrangler.jsonc").unlink()
    result = init(*(() if has_config else ("--entry", "src/index.js")))
    assert "now: edgeday replay scenarios/first-day.yaml" in result.stdout
    assert "warning" not in result.stderr
    outcome = replay(load_one(SCENARIO))
    assert outcome.problem == ""
    values = outcome.metrics.values
    assert (values["kv.writes.accepted"], values["requests.failed"]) == (50, 0)
    assert values["subrequests.max_per_invocation"] == 1


@pytest.mark.workerd
def test_a_service_worker_that_is_written_replays(workerd):
    shutil.copy(BUNDLES / "script.bundle", "worker.bundle")
    init("--entry", "worker.bundle")
    assert replay(load_one(SCENARIO)).metrics.values["requests.failed"] == 0


@pytest.mark.workerd
def test_a_worker_that_does_not_start_is_refused_and_nothing_is_written(workerd):
    write("worker.js", "export default { fetch( };\n")
    result = CliRunner().invoke(main_command, ["init", "--entry", "worker.js"])
    assert result.exit_code == 2
    assert "worker.js" in result.output
    assert not SCENARIO.exists()


@pytest.mark.workerd
def test_an_origin_that_is_missing_is_said_before_the_run(workerd):
    project()
    init()
    text = SCENARIO.read_text("utf-8").replace("rates.test:", "other.test:")
    SCENARIO.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main_command, ["validate", str(SCENARIO)])
    assert result.exit_code == 2
    assert "index.js:14 fetches rates.test, and no origin answers for it" in result.output
