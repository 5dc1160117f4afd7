"""`edgeday init` in a project with a wrangler configuration: it needs no option."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one

pytestmark = pytest.mark.usefixtures("forgotten_workers")

WORKER = """
from urllib.parse import urlparse

from edgeday import Response


class Default:
    async def fetch(self, request):
        url = urlparse(request.url)
        if request.method == "POST" and url.path == "/api/links":
            body = await request.json()
            await self.env.LINKS.put(body["slug"], body["url"])
            return Response("saved", status=201)
        if url.path == "/health":
            return Response("ok")
        return Response("not found", status=404)

    async def scheduled(self, controller, env=None, ctx=None):
        await self.env.LINKS.list()
"""
CONFIG = {
    "name": "links",
    "main": "src/entry.py",
    "compatibility_date": "2026-05-04",
    "compatibility_flags": ["python_workers"],
    "kv_namespaces": [{"binding": "LINKS", "id": "01"}],
    "vars": {"BASE": "https://sho.rt"},
}
CRONS = {"triggers": {"crons": ["*/15 * * * *", "0 3 * * *"]}}
STAGING = {"kv_namespaces": [{"binding": "LINKS", "id": "02"}], "vars": {"BASE": "https://s.sho.rt"}}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Writes a project, and goes there."""
    monkeypatch.chdir(tmp_path)

    def write(config=CONFIG, worker=WORKER, **more):
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "entry.py").write_text(worker, encoding="utf-8")
        (tmp_path / "wrangler.jsonc").write_text(json.dumps({**config, **more}, indent=1), encoding="utf-8")
        return tmp_path / "scenarios" / "first-day.yaml"

    return write


def run(*arguments, **options):
    return CliRunner().invoke(main, ["init", *map(str, arguments)], **options)


def test_it_needs_no_option_and_its_scenario_answers_about_this_worker(project):
    path = project()
    result = run()
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1].endswith("now: edgeday replay scenarios/first-day.yaml")
    loaded = load_one(path)
    assert loaded.scenario.bindings == {"LINKS": "01"}
    run_of_it = replay(loaded)
    assert run_of_it.verdict == "pass"
    assert run_of_it.metrics.values["kv.writes.accepted"] == 50
    assert run_of_it.metrics.values["requests.started"] == 100


def test_the_scenario_refers_to_the_configuration_and_repeats_nothing_of_it(project, monkeypatch):
    path = project()
    run()
    text = path.read_text("utf-8")
    assert "\nworker: ../wrangler.jsonc\n" in text
    assert "sho.rt" not in text
    assert load_one(path).scenario.worker.entry == "../wrangler.jsonc"
    monkeypatch.chdir("/")
    assert load_one(path).scenario.variables == {"BASE": "https://sho.rt"}


def test_the_routes_of_the_source_are_its_traffic_with_the_place_where_they_were_seen(project):
    path = project()
    run()
    first, second = load_one(path).scenario.traffic
    assert (first.asked, first.per_day) == (("POST", "/api/links"), (50,))
    assert first.json_ == {"slug": "slug", "url": "https://example.com/"}
    assert (second.asked, second.json_) == (("GET", "/health"), None)
    assert "seen in entry.py:10" in path.read_text("utf-8")


def test_a_worker_whose_source_shows_no_route_is_asked_for_its_root(project):
    path = project(worker=WORKER.replace("url.path ==", "self.is_it("). replace('"/api/links":', '"x"):')
                   .replace('"/health":', '"y"):'))  # fmt: skip
    assert run().exit_code == 0
    assert [part.asked for part in load_one(path).scenario.traffic] == [("GET", "/")]


def test_routes_can_be_named_in_the_place_of_those_of_the_source(project):
    path = project()
    assert run("--path", "POST /a", "--path", "/b", "--a-day", 7).exit_code == 0
    parts = load_one(path).scenario.traffic
    assert [(part.asked, part.per_day) for part in parts] == [(("POST", "/a"), (7,)), (("GET", "/b"), (7,))]


PARAMETERS = """
from edgeday import Response


class Default:
    async def fetch(self, request):
        if request.url.endswith(("/items/", "/")):
            return Response("which item?", status=400)
        return Response(request.url)


class App:
    def get(self, path):
        return lambda handler: handler

    delete = get


app = App()


@app.get("/items/{item_id}")
async def item(item_id): ...


@app.delete("/items/{item_id}/{tag}")
async def untag(item_id, tag): ...
"""


def test_parameters_of_a_path_are_values_so_that_the_first_scenario_runs_as_written(project):
    path = project(worker=PARAMETERS)
    assert run().exit_code == 0
    text = path.read_text("utf-8")
    assert "values:\n  item_id: {uniform: [1, 100]}\n  tag: {uniform: [1, 100]}\n" in text
    assert 'get: "/items/{item_id}"' in text
    assert 'delete: "/items/{item_id}/{tag}"' in text
    result = replay(load_one(path))
    assert (result.verdict, result.metrics.values["requests.failed"]) == ("pass", 0)
    assert sorted(row.route for row in result.requests) == [
        "DELETE /items/{item_id}/{tag}",
        "GET /items/{item_id}",
    ]


def test_crons_become_traffic(project):
    path = project(**CRONS)
    result = run()
    assert result.exit_code == 0, result.output
    crons = [part.cron for part in load_one(path).scenario.traffic if part.keyword == "cron"]
    assert crons == ["*/15 * * * *", "0 3 * * *"]
    assert "96 runs on this day" in path.read_text("utf-8")
    assert replay(load_one(path)).metrics.values["kv.lists.accepted"] == 97


def test_a_worker_that_only_runs_crons_gets_no_requests(project):
    worker = "class Default:\n    async def scheduled(self, controller, env=None, ctx=None):\n        pass\n"
    path = project(worker=worker.replace("class", "from workers import WorkerEntrypoint\nclass", 1)
                   .replace("Default", "Default(WorkerEntrypoint)"), **CRONS)  # fmt: skip
    assert run().exit_code == 0
    assert {part.keyword for part in load_one(path).scenario.traffic} == {"cron"}
    assert replay(load_one(path)).metrics.values["requests.failed"] == 0


def test_a_cron_that_cannot_be_read_is_left_out_with_a_warning(project):
    path = project(triggers={"crons": ["0 3 * * 0"]})
    result = run()
    assert result.exit_code == 0, result.output
    assert 'the cron "0 3 * * 0" is refused by Cloudflare' in result.stderr
    assert [part.keyword for part in load_one(path).scenario.traffic] == ["requests", "requests"]


def test_of_crons_with_the_same_times_the_first_is_taken_with_a_warning(project):
    path = project(triggers={"crons": ["*/30 * * * *", "0 9 * * MON", "0,30 * * * *", "0 9 * * mon"]})
    result = run()
    assert result.exit_code == 0, result.output
    for cron, first in (("0,30 * * * *", "*/30 * * * *"), ("0 9 * * mon", "0 9 * * MON")):
        said = f'the cron "{cron}" has the same times as "{first}", which Cloudflare refuses'
        assert said in result.stderr
    assert load_one(path).scenario.crons == ("*/30 * * * *", "0 9 * * MON")


def test_budgets_are_in_percent_of_what_the_account_has(project):
    path = project()
    run()
    assert load_one(path).scenario.budgets == {
        "requests.failed": ("== 0",),
        "kv.refused": ("== 0",),
        "kv.reads.accepted": ("<= 80%",),
        "kv.writes.accepted": ("<= 80%",),
        "kv.deletes.accepted": ("<= 80%",),
        "kv.lists.accepted": ("<= 80%",),
        "subrequests.invocations_over_limit": ("== 0",),
    }
    assert run("paid.yaml", "--account", "paid").exit_code == 0
    assert "kv.reads.accepted" not in load_one(path.parents[1] / "paid.yaml").scenario.budgets


def test_secrets_are_named_and_never_written(project, tmp_path):
    path = project()
    (tmp_path / ".dev.vars").write_text("TOKEN=s3cret\n", encoding="utf-8")
    result = run()
    assert "TOKEN (.dev.vars)" in result.output
    assert "TOKEN" in path.read_text("utf-8")
    assert "s3cret" not in result.output + path.read_text("utf-8")
    assert load_one(path).scenario.variables["TOKEN"] == "s3cret"


def test_the_schema_is_written_beside_the_scenario_and_names_it_in_the_first_line(project):
    path = project()
    run()
    assert path.read_text("utf-8").splitlines()[0] == "# yaml-language-server: $schema=scenario.schema.json"
    schema = CliRunner().invoke(main, ["validate", "--schema"]).output
    assert (path.parent / "scenario.schema.json").read_text("utf-8") == schema


def test_another_file_of_that_name_stays_as_it_is(project, tmp_path):
    project()
    (tmp_path / "scenario.schema.json").write_text("mine", encoding="utf-8")
    assert run("day.yaml").exit_code == 0
    assert (tmp_path / "scenario.schema.json").read_text("utf-8") == "mine"


def test_an_environment_is_kept_in_the_scenario(project):
    path = project(env={"staging": STAGING})
    assert run("--env", "staging").exit_code == 0
    scenario = load_one(path).scenario
    assert scenario.worker.env == "staging"
    assert (scenario.bindings, scenario.variables) == ({"LINKS": "02"}, {"BASE": "https://s.sho.rt"})


def test_without_an_environment_where_there_are_some_the_top_level_is_named_and_warned_of(project):
    path = project(env={"staging": STAGING})
    result = run()
    assert "environments are defined (staging)" in result.stderr
    assert load_one(path).scenario.worker.env == ""
    assert load_one(path).warnings == ()


def test_a_terminal_is_asked_for_the_environment_and_the_account_alone(project, monkeypatch):
    path = project(env={"staging": STAGING})
    monkeypatch.setattr("edgeday.commands.init.on_terminal", lambda: True)
    result = run(input="staging\npaid\n12\n")
    assert result.exit_code == 0, result.output
    assert "Worker" not in result.output.replace("Workers", "")
    scenario = load_one(path).scenario
    assert (scenario.worker.env, scenario.account, scenario.traffic[0].per_day) == ("staging", "paid", (12,))


def test_what_is_bound_and_not_emulated_is_listed(project):
    path = project(d1_databases=[{"binding": "DB"}], r2_buckets=[{"binding": "FILES"}])
    result = run()
    assert result.exit_code == 0
    assert "edgeday does not emulate: D1 database DB, R2 bucket FILES" in result.stderr
    assert "# Not emulated: D1 database DB, R2 bucket FILES." in path.read_text("utf-8")


def test_a_worker_in_another_language_is_refused_and_nothing_is_written(project, tmp_path):
    project(main="src/main.rs", d1_databases=[{"binding": "DB"}])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    result = run()
    assert result.exit_code == 2
    said = "wrangler.jsonc:3: main is src/main.rs, which is neither Python nor JavaScript or TypeScript"
    assert said in result.stderr
    assert "D1 database DB" in result.stderr
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_stand_in_for_a_javascript_worker_has_its_bindings(project):
    path = project(main="src/index.ts")
    assert run("--entry", "src/entry.py").exit_code == 0
    scenario = load_one(path).scenario
    assert (scenario.worker.entry, scenario.bindings) == ("../src/entry.py", {"LINKS": "01"})
    assert replay(load_one(path)).verdict == "pass"


def test_a_main_that_is_not_there_is_refused(project):
    project(main="src/entri.py")
    result = run()
    assert result.exit_code == 2
    assert "wrangler.jsonc:3: main is src/entri.py, and there is no such file" in result.stderr


def test_a_configuration_without_main_gives_a_scenario_in_which_to_name_the_worker(project):
    path = project(main=None)
    result = run()
    assert result.exit_code == 0, result.output
    assert (
        "nothing says which worker runs: name it there (worker: src/entry.py), then: edgeday" in result.output
    )
    assert result.output.count(" is written") == 1
    replayed = CliRunner().invoke(main, ["replay", str(path)])
    assert replayed.exit_code == 2
    assert "nothing says which worker runs" in replayed.output
    text = path.read_text("utf-8").replace("# worker: src/entry.py", "worker: src/entry.py")
    path.write_text(text, encoding="utf-8")
    assert load_one(path).scenario.bindings == {"LINKS": "01"}


def test_a_worker_that_cannot_be_imported_is_named_where_the_configuration_names_it(project, tmp_path):
    project(worker="import no_such_module\n" + WORKER)
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith("wrangler.jsonc:3: ")
    assert "No module named 'no_such_module'" in result.stderr
    assert not (tmp_path / "scenarios").exists()


def test_near_misses_in_the_configuration_are_named(project):
    project(**{"kv-namespaces": []})
    assert 'field: "kv-namespaces"; did you mean "kv_namespaces"?' in run().stderr


def test_warnings_reach_validate_and_replay_with_the_place_from_the_current_directory(project):
    path = project(**{"kv-namespaces": [], "traffic": 1})
    run()
    for command in ("validate", "replay"):
        result = CliRunner().invoke(main, [command, str(path)])
        assert "warning: wrangler.jsonc:17: Unexpected fields found in top-level field" in result.stderr
        assert result.exit_code == 0
    assert "warning" not in CliRunner().invoke(main, ["replay", str(path), "--quiet"]).stderr


def test_the_report_of_a_workers_replay_begins_with_its_requests(project):
    project()
    run()
    result = CliRunner().invoke(main, ["replay", "scenarios/first-day.yaml"])
    assert result.exit_code == 0, result.output
    first = next(line for line in result.stdout.splitlines() if line.lstrip().startswith("requests"))
    assert "100" in first
    assert "AI calls" not in result.stdout


CALLS_OUT = """
from edgeday import Response, fetch

RATES = "https://rates.example"


class Default:
    async def fetch(self, request):
        await fetch(f"{RATES}/latest")
        return await fetch("https://mail.example:8443/send")
"""


def test_hosts_that_the_worker_fetches_from_are_origins_that_answer(project):
    path = project(worker=CALLS_OUT)
    result = run()
    assert "origins      rates.example, mail.example:8443" in result.stdout
    lines = path.read_text().splitlines()
    start = lines.index("origins:")
    assert lines[start + 1 : start + 3] == [
        "  rates.example: {status: 200, json: {}}  # seen in entry.py:9",
        '  "mail.example:8443": {status: 200, json: {}}  # seen in entry.py:10',
    ]
    outcome = replay(load_one(path))
    assert outcome.metrics.values["subrequests.max_per_invocation"] == 2
    assert outcome.problem == ""


def test_a_worker_that_fetches_nothing_has_no_origins(project):
    path = project()
    run()
    assert "origins" not in path.read_text()
