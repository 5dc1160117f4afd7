"""Which worker, bindings and variables serve takes, from what its command line names."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.commands.serve_announcement import announcement
from edgeday.commands.served_worker import ServeOptions, read_served
from edgeday.errors import BadInput
from edgeday.server.served import Served
from edgeday.web import Request

CALLS_OUT = """
from edgeday import Response, fetch


class Shop:
    async def fetch(self, request):
        return Response(await (await fetch(request.url.replace("shop.example", "rates.example"))).text())
"""

pytestmark = pytest.mark.usefixtures("forgotten_workers")

ID = "0000000000000000000000000000000a"
OTHER_ID = "0000000000000000000000000000000b"
WORKER = "class Shop:\n    async def fetch(self, request):\n        ...\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty directory, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of(source: ServeOptions) -> list[str]:
    with pytest.raises(BadInput) as bad:
        read_served(source)
    return [str(problem) for problem in bad.value.problems]


def test_without_anything_named_there_is_nothing_to_serve(project):
    (problem,) = problems_of(ServeOptions())
    assert "says which worker to serve, and is missing" in problem
    assert "--worker src/entry.py" in problem


def test_kv_alone_is_served_where_that_is_asked_for(project):
    settings = read_served(ServeOptions(without_worker=True)).settings
    assert (settings.worker, settings.bindings) == (None, ())


def test_a_configuration_without_a_worker_serves_its_namespaces(project):
    (project / "wrangler.toml").write_text(f'kv_namespaces = [{{ binding = "S", id = "{ID}" }}]\n')
    settings = read_served(ServeOptions(config=project / "wrangler.toml")).settings
    assert settings.worker is None
    assert settings.namespaces == {"S": ID}


def test_the_configuration_of_the_current_directory_is_taken(project):
    (project / "wrangler.json").write_text(f'{{"kv_namespaces": [{{"binding": "S", "id": "{ID}"}}]}}')
    assert read_served(ServeOptions()).settings.namespaces == {"S": ID}


def test_a_worker_that_is_named_gets_the_bindings_of_the_current_directory(project, monkeypatch):
    monkeypatch.syspath_prepend(str(project))
    (project / "shop_here.py").write_text(WORKER)
    (project / "wrangler.toml").write_text(f'kv_namespaces = [{{ binding = "S", id = "{ID}" }}]\n')
    settings = read_served(ServeOptions(entry="shop_here:Shop")).settings
    assert settings.worker is not None
    assert settings.namespaces == {"S": ID}


def test_a_variable_that_is_given_beats_the_configurations(project):
    (project / "wrangler.toml").write_text('[vars]\nWHO = "file"\nWHAT = 1\n')
    settings = read_served(ServeOptions(variables={"WHO": "me"})).settings
    assert settings.all_vars == {"WHO": "me", "WHAT": 1}


def test_an_environment_of_no_configuration_is_a_problem(project):
    assert any(
        one.startswith("--env: names an environment") for one in problems_of(ServeOptions(environment="x"))
    )


def test_all_problems_come_in_one_go(project):
    source = ServeOptions(entry="nothing", config=project / "none.toml", scenario=project / "none.yaml")
    assert len(problems_of(source)) == 3


def configure(project, text, name="wrangler.jsonc"):
    (project / name).write_text(text)
    return project / name


@pytest.fixture
def shop(project):
    """A project whose configuration names its worker, a plain class in src/."""
    (project / "src").mkdir()
    (project / "src" / "shop_entry.py").write_text(WORKER)
    configure(
        project,
        '{"main": "src/shop_entry.py", "triggers": {"crons": ["*/5 * * * *", "0 3 * * 1"]},'
        f'"vars": {{"WHO": "file"}}, "kv_namespaces": [{{"binding": "S", "id": "{ID}",'
        f' "preview_id": "{OTHER_ID}"}}], "env": {{"staging": {{"vars": {{"WHO": "staging"}}}}}}}}',
    )
    (project / ".dev.vars").write_text("TOKEN=s3cret\n")
    yield project
    sys.modules.pop("shop_entry", None)


def test_main_of_the_configuration_is_served_with_its_crons_variables_and_namespaces(shop):
    reading = read_served(ServeOptions())
    settings = reading.settings
    assert settings.worker.__name__ == "Shop"
    assert settings.crons == ("*/5 * * * *", "0 3 * * 1")
    assert settings.all_vars == {"WHO": "file", "TOKEN": "s3cret"}
    assert [(one.namespace_id, one.preview_id) for one in settings.bindings] == [(ID, OTHER_ID)]
    assert reading.secrets == {"TOKEN"}
    assert any("means Sunday on Cloudflare" in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    "source",
    [
        {"entry": "src/shop_entry.py"},
        {"entry": "src/shop_entry.py:Shop"},
        {"entry": "wrangler.jsonc"},
        {"config": Path("wrangler.jsonc")},
        {"config": Path("wrangler.jsonc"), "entry": "src/shop_entry.py"},
    ],
)
def test_however_the_worker_is_named_it_has_what_its_configuration_says(shop, source):
    settings = read_served(ServeOptions(**source)).settings
    assert settings.worker.__name__ == "Shop"
    assert (settings.namespaces, settings.all_vars["WHO"]) == ({"S": ID}, "file")


def test_the_configuration_that_lies_above_the_worker_goes_before_the_current_directorys(shop, monkeypatch):
    elsewhere = shop / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    configure(elsewhere, '{"vars": {"WHO": "elsewhere"}}')
    assert read_served(ServeOptions(entry="../src/shop_entry.py")).settings.all_vars["WHO"] == "file"


def test_an_environment_is_read(shop):
    assert read_served(ServeOptions(environment="staging")).settings.all_vars["WHO"] == "staging"


def test_a_variable_that_is_given_is_no_secret(shop):
    assert read_served(ServeOptions(variables={"TOKEN": "mine"})).secrets == frozenset()


def test_a_scenario_brings_what_its_workers_configuration_says(shop):
    (shop / "day.yaml").write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\n"
        "worker: {entry: wrangler.jsonc, vars: {WHO: scenario}}\n"
        f"namespaces: {{EXTRA: {OTHER_ID}}}\n"
        "traffic: [{requests: 1, path: /}]\n"
    )
    reading = read_served(ServeOptions(scenario=shop / "day.yaml"))
    assert reading.settings.namespaces == {"S": ID, "EXTRA": OTHER_ID}
    assert reading.settings.all_vars == {"WHO": "scenario", "TOKEN": "s3cret"}
    assert reading.settings.crons == ("*/5 * * * *", "0 3 * * 1")
    assert reading.secrets == {"TOKEN"}


def test_a_configuration_whose_worker_does_not_run_here_serves_kv_alone_and_says_so(project):
    path = configure(
        project, f'{{"main": "src/index.wat", "kv_namespaces": [{{"binding": "S", "id": "{ID}"}}]}}'
    )
    reading = read_served(ServeOptions(config=path))
    assert (reading.settings.worker, reading.settings.namespaces) == (None, {"S": ID})
    assert reading.settings.says == "none runs"
    assert any(
        "index.wat, is no Python file" in warning and warning.endswith("no worker runs, KV is served alone")
        for warning in reading.warnings
    )


def test_a_javascript_worker_without_its_runtime_is_a_problem_that_says_how_to_get_it(project, monkeypatch):
    for tool in ("EDGEDAY_WORKERD", "EDGEDAY_WRANGLER"):
        monkeypatch.delenv(tool, raising=False)
    monkeypatch.setenv("PATH", "")
    (project / "index.js").write_text("export default {}\n")
    (problem,) = problems_of(ServeOptions(entry="index.js"))
    assert "npm i -D workerd" in problem
    assert "--no-worker" not in problem
    configure(project, '{"main": "index.js"}')
    (problem,) = problems_of(ServeOptions())
    assert "--no-worker serves KV alone" in problem


def test_a_main_that_is_not_there_is_a_problem(project):
    configure(project, '{"main": "src/entry.py"}')
    (problem,) = problems_of(ServeOptions())
    assert "is not there" in problem
    assert problem.endswith("--no-worker serves KV alone")


def test_code_that_cannot_be_run_is_shown_with_its_line(shop):
    (shop / "src" / "shop_entry.py").write_text("import json\n\nPRICE = json.loads('{')\n")
    (problem,) = problems_of(ServeOptions())
    assert "src/shop_entry.py:3  PRICE = json.loads('{')" in problem


def test_the_files_of_the_project_are_watched(shop):
    watched = read_served(ServeOptions()).watched
    names = ["src/shop_entry.py", "src/new.py", "wrangler.jsonc", ".dev.vars", ".env"]
    assert len(watched.those_of(str(shop / name) for name in names)) == len(names)


STAGED = f"""
main = "shop.py"
compatibility_date = "2026-05-04"
compatibility_flags = ["python_workers"]
[vars]
WHO = "file"
[env.staging]
main = "staged.py"
kv_namespaces = [{{ binding = "S", id = "{OTHER_ID}" }}]
"""


@pytest.fixture
def staged(project, monkeypatch):
    """A project with an environment that has a worker of its own, and a secret."""
    (project / "wrangler.toml").write_text(STAGED)
    (project / "shop.py").write_text(WORKER)
    (project / "staged.py").write_text(WORKER.replace("Shop", "Staged"))
    (project / ".dev.vars").write_text("TOKEN=s3cret\n")
    return project


@pytest.mark.parametrize("named", [True, False])
def test_an_environment_has_its_own_worker_and_bindings(staged, named):
    config = staged / "wrangler.toml" if named else None
    settings = read_served(ServeOptions(config=config, environment="staging")).settings
    assert settings.worker is not None
    assert (settings.worker.__name__, settings.namespaces) == ("Staged", {"S": OTHER_ID})


def test_a_scenarios_configuration_is_served_with_its_environment_and_its_secrets_are_not_shown(staged):
    day = staged / "day.yaml"
    day.write_text(
        "name: x\nstart: 2026-02-16T00:00:00Z\n"
        "worker: {entry: wrangler.toml, env: staging, vars: {WHO: me}}\n"
        "traffic: [{requests: 1, path: /}]\n"
    )
    reading = read_served(ServeOptions(scenario=day))
    assert reading.settings.worker is not None
    assert reading.settings.worker.__name__ == "Staged"
    assert reading.settings.namespaces == {"S": OTHER_ID}
    assert reading.settings.all_vars == {"WHO": "me", "TOKEN": "s3cret"}
    assert reading.secrets == {"TOKEN"}


@pytest.mark.parametrize(
    "line", ["import sys; sys.exit(0)", "import socket; socket.create_connection(('127.0.0.1', 9))"]
)
def test_a_worker_that_would_end_the_process_at_its_import_is_a_problem_with_its_line(shop, line):
    (shop / "src" / "shop_entry.py").write_text(f"import json\n{line}\n")
    (problem,) = problems_of(ServeOptions())
    assert "shop_entry.py:2" in problem


async def test_a_server_has_the_origins_of_its_scenario(project):
    (project / "shop.py").write_text(CALLS_OUT)
    (project / "menu.txt").write_text("soup for {request.query.who}")
    scenario = project / "day.yaml"
    scenario.write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\nworker: shop.py\n"
        "origins:\n  rates.example:\n    - {path: /menu, file: menu.txt}\n"
        "    - {path: /down, body: up, failing: {window: {from: +1h}, status: 503, body: down}}\n"
    )
    clock = VirtualClock(datetime(2026, 5, 4, tzinfo=UTC))
    settings = replace(read_served(ServeOptions(scenario=scenario)).settings, clock=clock)
    served = await Served.open(settings)
    for path, text in (("/menu?who=ann", "soup for ann"), ("/down", "up")):
        response = await served.edge.dispatch(Request(f"https://shop.example{path}"))
        assert await response.text() == text
    await served.close()


def test_what_the_scenario_stubs_is_served_and_not_warned_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrangler.jsonc").write_text(
        '{"name": "shop", "main": "stubbed_shop.py", "compatibility_date": "2026-01-01",\n'
        ' "d1_databases": [{"binding": "DB", "database_name": "a", "database_id": "1"}],\n'
        ' "ai": {"binding": "AI"}}'
    )
    (tmp_path / "stubbed_shop.py").write_text(
        "from edgeday import Response\nclass Shop:\n    async def fetch(self, request):\n"
        '        return Response(await self.env.AI.run("hello"))\n'
    )
    (tmp_path / "day.yaml").write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\n"
        "worker: {entry: stubbed_shop.py, stubs: {AI: {run: hi}}}\ntraffic: [{requests: 1, get: /}]\n"
    )
    reading = read_served(ServeOptions(scenario=Path("day.yaml")))
    (warned,) = [text for text in reading.warnings if "does not emulate" in text]
    assert warned.endswith(": edgeday does not emulate: D1 database DB")
    assert reading.settings.env["AI"] is reading.settings.stubs["AI"]
    assert "  stub      AI: run()" in announcement(reading, "127.0.0.1", 8787, None)
