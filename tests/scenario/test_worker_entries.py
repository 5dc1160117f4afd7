"""How a scenario names its worker: a file, a wrangler configuration, or module and class."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from edgeday.errors import BadInput
from edgeday.replay.baseline import scenario_hash
from edgeday.replay.journal import JournalWriter, judge_journal
from edgeday.replay.runner import replay
from edgeday.runtime.entry_names import kind_of_entry
from edgeday.scenario.loader import json_schema, load_one, load_text

pytestmark = pytest.mark.usefixtures("forgotten_workers")

WORKER = """
from edgeday import Response


class Default:
    async def fetch(self, request):
        await self.env.ITEMS.put("who", str([self.env.WHO, self.env.TOKEN]))
        return Response("ok")


class Other(Default):
    async def fetch(self, request):
        return Response("other", status=201)
"""
CONFIG = {
    "name": "shop",
    "main": "src/entry.py",
    "compatibility_date": "2026-05-04",
    "compatibility_flags": ["python_workers"],
    "kv_namespaces": [{"binding": "ITEMS", "id": "01"}],
    "vars": {"WHO": "file", "TOKEN": ""},
    "env": {"test": {"kv_namespaces": [{"binding": "ITEMS", "id": "02"}], "vars": {"WHO": "t", "TOKEN": ""}}},
}
DAY = """
name: day
start: 2026-02-16T00:00:00Z
worker: {worker}
traffic: [{{requests: 3, path: /}}]
budgets: {{requests.failed: == 0}}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Writes a project with a scenario below it, gives its path, and goes to another directory."""

    def write(worker, more="", config=CONFIG, **files):
        (tmp_path / "src").mkdir(exist_ok=True)
        (tmp_path / "scenarios").mkdir(exist_ok=True)
        (tmp_path / "src" / "entry.py").write_text(WORKER, encoding="utf-8")
        (tmp_path / "wrangler.jsonc").write_text(json.dumps(config, indent=1), encoding="utf-8")
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        path = tmp_path / "scenarios" / "day.yaml"
        path.write_text(DAY.format(worker=worker) + more, encoding="utf-8")
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "elsewhere")
        return path

    return write


CRONS = {**CONFIG, "env": {}, "triggers": {"crons": ["*/5 * * * *", "0 9 * * MON-FRI"]}}


@pytest.mark.parametrize(
    ("crons", "left_out"),
    [
        ([], ["*/5 * * * *", "0 9 * * MON-FRI"]),
        (["0 9 * * MON-FRI"], ["*/5 * * * *"]),
        (["0 9 * * mon-fri", "0/5 * * * *"], []),
    ],
)
def test_crons_of_the_configuration_that_no_traffic_runs_are_warned_of(project, crons, left_out):
    path = project("wrangler.jsonc", config=CRONS)
    traffic = "".join(f'- {{cron: "{cron}"}}\n' for cron in crons) or "- {requests: 1, path: /}\n"
    text = path.read_text("utf-8").replace("traffic: [{requests: 3, path: /}]\n", f"traffic:\n{traffic}")
    path.write_text(text, "utf-8")
    said = [text.partition("wrangler.jsonc: ")[2] for text in load_one(path).warnings]
    assert said == [f'the cron "{cron}" is in no traffic of day: nothing runs it' for cron in left_out]


def test_a_cron_that_misleads_is_warned_of_once(project):
    config = {**CRONS, "triggers": {"crons": ["0 9 * * 1-5"]}}
    path = project("wrangler.jsonc", config=config)
    text = path.read_text("utf-8")
    path.write_text(
        text.replace("path: /}]", 'path: /}, {cron: "0 9 * * 1-5"}, {cron: "0 9 * * 2"}]'), "utf-8"
    )
    of_configuration, of_scenario = load_one(path).warnings
    assert of_configuration.partition("wrangler.jsonc:")[2].endswith("SUN-THU if not")
    assert 'day.yaml:5:65: the cron "0 9 * * 2": weekday "2" means Monday' in of_scenario


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("shop:Shop", "module"),
        ("shop.worker:Shop", "module"),
        ("src/entry.py", "file"),
        ("entry.py", "file"),
        ("src/entry.py:Shop", "file"),
        ("../a b/entry.py", "file"),
        ("entry.py:Shop", "file"),
        ("src/index.ts", "file"),
        ("wrangler.jsonc", "configuration"),
        ("../wrangler.toml", "configuration"),
        ("wrangler.toml:Shop", None),
        ("shop", None),
        ("shop:", None),
        ("", None),
    ],
)
def test_an_entry_is_a_module_with_its_class_a_file_or_a_configuration(entry, kind):
    assert kind_of_entry(entry) == kind


@pytest.mark.parametrize("worker", ["src/entry.py", "../src/entry.py", "{entry: 'src/entry.py:Default'}"])
def test_a_file_is_looked_for_from_the_scenario_upwards_and_has_what_its_configuration_says(project, worker):
    loaded = load_one(project(worker))
    assert loaded.worker.__name__ == "Default"
    assert loaded.scenario.bindings == {"ITEMS": "01"}
    assert replay(loaded).verdict == "pass"


HOSTED = """
from workers import Response, WorkerEntrypoint


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response(self.env.WHO)
"""


@pytest.mark.parametrize(("text", "variables"), [(HOSTED, {"WHO": "file", "TOKEN": ""}), (WORKER, {})])
def test_of_modules_python_workers_alone_have_what_their_configuration_says(
    project, tmp_path, monkeypatch, text, variables
):
    path = project("entry_of_module:Default")
    (tmp_path / "entry_of_module.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "entry_of_module", raising=False)
    loaded = load_one(path)
    assert loaded.scenario.variables == variables
    assert bool(loaded.runs) is bool(variables)
    assert bool(loaded.warnings) is bool(variables)


def test_a_class_of_a_file_can_be_named(project):
    result = replay(load_one(project("src/entry.py:Other")))
    assert result.metrics.values["kv.writes.asked"] == 0


def test_a_configuration_gives_worker_bindings_and_variables(project):
    scenario = load_one(project("{entry: wrangler.jsonc, env: ''}")).scenario
    assert scenario.bindings == {"ITEMS": "01"}
    assert scenario.variables == {"WHO": "file", "TOKEN": ""}


def test_an_environment_of_the_configuration_can_be_named(project):
    scenario = load_one(project("{entry: wrangler.jsonc, env: test}")).scenario
    assert (scenario.bindings, scenario.variables["WHO"]) == ({"ITEMS": "02"}, "t")


def test_what_the_scenario_says_stands_over_the_configuration(project):
    path = project("{entry: wrangler.jsonc, vars: {WHO: me}}", "namespaces: {ITEMS: own, MORE: more}\n")
    scenario = load_one(path).scenario
    assert scenario.bindings == {"ITEMS": "own", "MORE": "more"}
    assert scenario.variables == {"WHO": "me", "TOKEN": ""}


def test_secrets_reach_the_worker_and_no_journal_and_no_dump(project, tmp_path):
    path = project("wrangler.jsonc", _dev_vars="TOKEN=s3cret\n")
    loaded = load_one(path)
    assert loaded.scenario.variables == {"WHO": "file", "TOKEN": "s3cret"}
    assert "s3cret" not in loaded.scenario.model_dump_json()
    journal = JournalWriter(tmp_path / "day.jsonl")
    result = replay(loaded, observers=[journal])
    journal.keep()
    assert "s3cret" not in (tmp_path / "day.jsonl").read_text("utf-8")
    (judged,) = judge_journal(tmp_path / "day.jsonl")
    assert judged.result == result


def test_a_scenarios_own_variable_stands_over_a_secret(project):
    path = project("{entry: wrangler.jsonc, vars: {TOKEN: mine}}", _dev_vars="TOKEN=s3cret\n")
    assert load_one(path).scenario.variables["TOKEN"] == "mine"


def test_the_hash_holds_the_bindings_and_variables_of_the_configuration_but_no_secrets(project):
    first = scenario_hash(load_one(project("wrangler.jsonc")).scenario)
    assert scenario_hash(load_one(project("wrangler.jsonc", _dev_vars="TOKEN=1")).scenario) != first
    with_secret = scenario_hash(load_one(project("wrangler.jsonc", _dev_vars="TOKEN=2")).scenario)
    assert scenario_hash(load_one(project("wrangler.jsonc", _dev_vars="TOKEN=3")).scenario) == with_secret
    other = {**CONFIG, "kv_namespaces": [{"binding": "ITEMS", "id": "09"}]}
    assert scenario_hash(load_one(project("wrangler.jsonc", config=other)).scenario) != with_secret


def test_warnings_of_the_configuration_are_kept_with_the_scenario(project):
    assert "environments are defined (test)" in "".join(load_one(project("wrangler.jsonc")).warnings)
    assert load_one(project("{entry: wrangler.jsonc, env: ''}")).warnings == ()


def test_an_environment_that_is_not_there_is_refused(project, tmp_path):
    with pytest.raises(BadInput, match='there is no environment "tset"') as bad:
        load_one(project("{entry: wrangler.jsonc, env: tset}"))
    assert 'did you mean "test"?' in str(bad.value)


def test_a_variable_with_the_name_of_a_configured_binding_is_refused_at_the_worker(project):
    path = project("{entry: wrangler.jsonc, vars: {ITEMS: 1}}")
    with pytest.raises(BadInput) as bad:
        load_one(path)
    assert f'{path}:4:9: "ITEMS" is the name of a KV binding too' in str(bad.value)


def test_a_scenario_without_a_worker_says_what_to_write(tmp_path):
    path = tmp_path / "day.yaml"
    path.write_text(
        "name: x\nstart: 2026-02-16T00:00:00Z\ntraffic: [{requests: 1, path: /}]\n", encoding="utf-8"
    )
    with pytest.raises(BadInput) as bad:
        load_one(path)
    assert "nothing says which worker runs" in str(bad.value)
    assert "write worker: src/entry.py, src/index.ts, wrangler.jsonc or package.module:Class" in str(
        bad.value
    )


@pytest.mark.parametrize("worker", ["src/entry.py", {"entry": "wrangler.jsonc", "env": "test"}, {}])
def test_the_json_schema_takes_a_worker_as_a_text_or_a_mapping(worker):
    scenario = {"name": "x", "start": "2026-02-16T00:00:00Z", "worker": worker}
    jsonschema.Draft202012Validator(json.loads(json_schema())).validate(scenario)


@pytest.mark.parametrize("field", ["errors: {rate: 0.5}", "ai: {retries: {rate: 0.1}}"])
def test_what_only_a_profiles_requests_have_is_refused_for_a_worker_without_the_profile(project, field):
    path = project("src/entry.py")
    text = path.read_text("utf-8").replace("path: /", f"path: /, {field}")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput, match='is of workers with the profile "diet", which this one has not'):
        load_one(path)


def test_a_worker_that_only_the_traffic_names_is_said():
    text = "name: day\nstart: 2026-02-16T00:00:00Z\ntraffic: [{plans: 5}]\n"
    loaded = load_text(text, Path("day.yaml"))
    assert loaded.runs == (
        "worker_port:AiDietWorker, which the kind of its traffic goes with: day names none"
    )
