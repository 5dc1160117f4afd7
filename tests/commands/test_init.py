from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from edgeday.commands.cli import main
from edgeday.replay.runner import replay
from edgeday.scenario.loader import load_one

WRANGLER = """
name = "menu"
main = "worker.js"
kv_namespaces = [{ binding = "page_content", id = "81fc0991b2764918b682f9ca170abd4b" }]
[vars]
GREETING = "it's: \\"fine\\" # no comment"
[env.staging]
kv_namespaces = [{ binding = "page_content", id = "0123" }]
"""
JSONC = '{ // a comment\n "name": "menu", "kv_namespaces": [{"binding": "PAGES", "id": "77"},], }'


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(*arguments, **options):
    """`edgeday init`, for the worker of the study where none is named."""
    entry = [] if "--entry" in arguments else ["--entry", "worker_port:AiDietWorker"]
    return CliRunner().invoke(main, ["init", *entry, *map(str, arguments)], **options)


def written(path="scenarios/first-day.yaml"):
    return load_one(Path(path)).scenario


def test_a_first_scenario_needs_no_answers_and_passes():
    result = run()
    assert result.exit_code == 0
    assert "edgeday replay scenarios/first-day.yaml" in result.output
    assert replay(load_one(Path("scenarios/first-day.yaml"))).verdict == "pass"


def test_bindings_and_variables_come_from_the_wrangler_configuration(tmp_path):
    (tmp_path / "wrangler.toml").write_text(WRANGLER, encoding="utf-8")
    assert run().exit_code == 0
    scenario = written()
    assert scenario.namespaces == {"page_content": "81fc0991b2764918b682f9ca170abd4b"}
    assert scenario.worker.vars == {"GREETING": 'it\'s: "fine" # no comment'}


def test_an_environment_can_be_chosen(tmp_path):
    (tmp_path / "wrangler.toml").write_text(WRANGLER, encoding="utf-8")
    assert run("--env", "staging").exit_code == 0
    assert written().namespaces == {"page_content": "0123"}
    assert written().worker.vars == {}


def test_a_jsonc_configuration_is_read_and_the_worker_keeps_the_binding_it_needs(tmp_path):
    (tmp_path / "other.jsonc").write_text(JSONC, encoding="utf-8")
    assert run("--config", "other.jsonc").exit_code == 0
    assert written().namespaces == {"PAGES": "77", "page_content": "page_content"}


def test_options_say_what_the_day_is_like():
    result = run(
        "days/busy.yaml", "--a-day", 300, "--errors", 2.5, "--account", "paid", "--variant", "kv_only"
    )
    assert result.exit_code == 0
    scenario = written("days/busy.yaml")
    (traffic,) = scenario.traffic
    assert (scenario.name, scenario.account, scenario.worker.variant) == ("busy", "paid", "kv_only")
    assert (traffic.plans, traffic.errors.rate) == ((300,), 0.025)


def test_a_worker_that_is_named_by_its_class_gets_requests(tmp_path, monkeypatch):
    (tmp_path / "init_worker.py").write_text(
        "from edgeday.web import Response\n"
        "class Mine:\n    async def fetch(self, request):\n        return Response('hi')\n",
        encoding="utf-8",
    )
    assert run("--entry", "init_worker:Mine", "--path", "/hello").exit_code == 0
    scenario = written()
    assert (scenario.traffic[0].asked, scenario.traffic[0].keyword) == (("GET", "/hello"), "requests")
    assert scenario.namespaces == {}


def test_a_worker_without_a_configuration_gets_the_bindings_that_its_source_uses(tmp_path):
    (tmp_path / "init_bound.py").write_text(
        "from edgeday.web import Response\n"
        "import init_helper\n"
        "class Mine:\n"
        "    async def fetch(self, request):\n"
        "        await self.env.LINKS.put('a', self.env.GREETING)\n"
        "        await init_helper.count(self.env)\n"
        "        return Response(await self.env.LINKS.get('a'))\n",
        encoding="utf-8",
    )
    (tmp_path / "init_helper.py").write_text(
        "async def count(env):\n    await env.HITS.list()\n    cache.store.put('x', 1)\n", encoding="utf-8"
    )
    result = run("--entry", "init_bound:Mine")
    assert (result.exit_code, written().namespaces) == (0, {"LINKS": "links", "HITS": "hits"})
    assert "KV           LINKS, HITS" in result.output


@pytest.mark.parametrize(("options", "is_guessed"), [((), True), (("--path", "/"), False)])
def test_a_route_that_nothing_shows_is_said_to_be_none_of_the_source(tmp_path, options, is_guessed):
    (tmp_path / "init_quiet.py").write_text(
        "class Mine:\n    async def fetch(self, request):\n        return None\n", encoding="utf-8"
    )
    assert run("--entry", "init_quiet:Mine", *options).exit_code == 0
    note = (
        "  # no route was seen in the worker's source: write a path of yours\n  - requests: 50\n    get: /\n"
    )
    assert (note in Path("scenarios/first-day.yaml").read_text(encoding="utf-8")) is is_guessed


@pytest.mark.parametrize(
    ("file", "option"), [("wrangler.jsonc", "--config"), ("wrangler.toml", "--config"), ("a.js", "--entry")]
)
def test_a_file_that_is_no_scenario_is_not_written_over_even_if_asked(tmp_path, file, option):
    (tmp_path / file).write_text("mine", encoding="utf-8")
    result = run(file, "--force")
    assert result.exit_code == 2
    assert f"edgeday init {option} {file}" in result.output
    assert (tmp_path / file).read_text(encoding="utf-8") == "mine"


def test_a_file_that_is_there_is_not_written_over_unless_asked(tmp_path):
    path = tmp_path / "day.yaml"
    path.write_text("mine", encoding="utf-8")
    assert run("day.yaml").exit_code == 2
    assert path.read_text(encoding="utf-8") == "mine"
    assert run("day.yaml", "--force").exit_code == 0
    assert written("day.yaml").name == "day"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--config", "none.toml"], "no such file"),
        (["--entry", "nowhere:Worker"], "cannot be imported"),
        (["--variant", "hybird"], 'did you mean "hybrid"?'),
        (["--path", "hello"], "must begin with /"),
    ],
)
def test_what_gives_no_scenario_writes_nothing(tmp_path, options, message):
    result = run(*options)
    assert result.exit_code == 2
    assert message in result.output
    assert list(tmp_path.rglob("*.yaml")) == []


def test_without_a_worker_and_a_configuration_nothing_is_written(tmp_path):
    result = CliRunner().invoke(main, ["init"])
    assert result.exit_code == 2
    assert "--entry: says which worker it is for, and is missing" in result.output
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "worker.py").touch()
    assert "is it worker.py? write --entry worker.py" in CliRunner().invoke(main, ["init"]).output


def test_questions_are_asked_on_a_terminal_and_their_answers_used(monkeypatch):
    monkeypatch.setattr("edgeday.commands.init.on_terminal", lambda: True)
    result = run("--account", "free", input="120\n10\n")
    assert result.exit_code == 0
    assert "Plans a day [50]" in result.output
    assert "Account" not in result.output
    (traffic,) = written().traffic
    assert (traffic.plans, traffic.errors.rate) == ((120,), 0.1)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("моят-ден.yaml", "моят-ден"),
        ("_a&b.yaml", "a-b"),
        ("bad?name.yaml", "bad-name"),
        ("---.yaml", "first-day"),
        ("x y.yaml", "x y"),
    ],
)
def test_the_scenario_is_named_after_its_file_as_far_as_a_name_can_be(tmp_path, file, name):
    result = run("--", file)
    assert result.exit_code == 0
    assert load_one(tmp_path / file).scenario.name == name
    command = result.stdout.partition("now: ")[2]
    assert shlex.split(command) == ["edgeday", "replay", file]
