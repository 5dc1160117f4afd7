"""Stubs as a scenario writes them: what is good, and where everything else is wrong."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import jsonschema
import orjson
import pytest

from edgeday.errors import BadInput
from edgeday.hosting.stubs import Outcome, paths_of
from edgeday.scenario.errors_in_words import validate
from edgeday.scenario.loader import json_schema, load_text
from edgeday.scenario.model import Scenario
from edgeday.scenario.stubs import members_of

pytestmark = pytest.mark.usefixtures("forgotten_workers")

GOOD = {"name": "day", "start": "2026-02-16T00:00:00Z"}
CONFIGURATION = """{
  "name": "shop", "main": "entry.py", "compatibility_date": "2026-01-01",
  "kv_namespaces": [{"binding": "CARTS", "id": "0123456789abcdef0123456789abcdef"}],
  "d1_databases": [{"binding": "DB", "database_name": "shop", "database_id": "1"}],
  "ai": {"binding": "AI"}
}"""
WORKER = """
from edgeday import Response

class Shop:
    async def fetch(self, request):
        return Response("hello")
"""


def wrong(stub):
    """What is said about a stub, after the place of what it is about."""
    _, errors = validate({**GOOD, "worker": {"stubs": {"DB": stub}}})
    return [f"{'.'.join(map(str, error.at))}: {error.what}" for error in errors]


def outcome(stub):
    """What the only path of a stub gives."""
    ((name, member),) = members_of(stub).items()
    return name, member.called, member.outcome


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ({"run": {"response": "hi"}}, ("run", True, Outcome("resolves", {"response": "hi"}))),
        ({"run()": None}, ("run", True, Outcome("resolves", None))),
        ({"get": {"returns": 3}}, ("get", True, Outcome("returns", 3))),
        ({"get": {"resolves": {"value": 3}}}, ("get", True, Outcome("resolves", {"value": 3}))),
        ({"version": {"value": 3}}, ("version", False, Outcome("value", 3))),
        ({"version": {"value": 3, "at": 1}}, ("version", True, Outcome("resolves", {"value": 3, "at": 1}))),
        ({"run": {"throws": "no"}}, ("run", True, Outcome("throws", "no"))),
        ({"fetch": "origins"}, ("fetch", True, Outcome("origins"))),
        ("fetch", ("fetch", True, Outcome("origins"))),
    ],
)
def test_a_stub_says_what_a_path_is_and_gives(written, understood):
    assert outcome(written) == understood
    assert wrong(written) == []
    jsonschema.validate({**GOOD, "worker": {"stubs": {"DB": written}}}, orjson.loads(json_schema()))


def test_paths_share_their_beginnings():
    members = members_of({"prepare().bind().first": 1, "prepare().run()": 2, "a.b": {"value": 3}})
    assert list(paths_of(members)) == ["prepare().bind().first()", "prepare().run()", "a.b"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (3, "worker.stubs.DB: a stub is a mapping of what is called of it, or fetch"),
        ({}, "worker.stubs.DB: a stub without anything stands for nothing"),
        ({"run(1)": 1}, 'worker.stubs.DB.run(1): "run(1)" is no call path'),
        ({"run": 1, "run()": 2}, "worker.stubs.DB.run(): run() is stubbed in another way already"),
        ({"get()": 1, "get().first": 2}, "worker.stubs.DB.get().first: get() is stubbed in another way"),
        ({"get().first": 1, "get": 2}, "worker.stubs.DB.get: get is stubbed in another way"),
        ({"get().first": 1, "get.all": 2}, "worker.stubs.DB.get.all: get is stubbed in another way"),
        ({"version()": {"value": 3}}, "worker.stubs.DB.version(): a value is a property"),
        ({"run": {"throws": 3}}, "worker.stubs.DB.run.throws: what is thrown is a text"),
        ({"fetch": {"status": 200}}, "worker.stubs.DB.fetch: a fetch gives a response: write origins"),
    ],
)
def test_what_is_wrong_with_a_stub_is_said_at_its_place(written, said):
    (problem,) = wrong(written)
    assert problem.startswith(said)


def test_a_scenario_with_stubs_is_the_same_after_a_round_trip():
    stubs = {"DB": {"prepare().first": {"id": 1}}, "BACKEND": "fetch"}
    scenario = Scenario.model_validate({**GOOD, "worker": {"stubs": stubs}})
    assert Scenario.model_validate(scenario.model_dump(mode="json")) == scenario
    assert scenario.worker.stubs == stubs


@pytest.fixture
def load(tmp_path: Path):
    """Loads a day of a worker whose configuration has a database and a model, with these stubs."""
    (tmp_path / "wrangler.jsonc").write_text(CONFIGURATION)
    (tmp_path / "entry.py").write_text(dedent(WORKER))

    def loaded(stubs: str, rest: str = ""):
        worker = f"worker:\n  entry: entry.py\n  stubs:\n    {stubs}\n"
        return load_text(f"name: day\nstart: 2026-02-16T00:00:00Z\n{worker}{rest}", tmp_path / "day.yaml")

    return loaded


@pytest.mark.parametrize(
    ("stubs", "said", "hint"),
    [
        ("DBS: {run: 1}", "the worker has no binding DBS that needs a stub", 'did you mean "DB"?'),
        (
            "QUEUE: {send: 1}",
            "the worker has no binding QUEUE",
            "there are: DB (D1 database), AI (Workers AI)",
        ),
        ("CARTS: {get: 1}", "CARTS is a KV binding, and emulated", ""),
        ("DB: {run: '{user}'}", "nothing defines {user}", "define it: values:"),
    ],
)
def test_a_name_that_stands_for_nothing_is_a_problem_at_its_line(load, stubs, said, hint):
    with pytest.raises(BadInput) as bad:
        load(stubs)
    text = str(bad.value)
    assert said in text
    assert hint in text


def test_a_stub_of_a_binding_of_the_configuration_is_good_and_no_longer_warned_of(load):
    (left,) = [one for one in load("DB: {run: 1}").warnings if "does not emulate" in one]
    assert left.endswith("edgeday does not emulate: Workers AI AI")
    assert not [one for one in load("{DB: {run: 1}, AI: {run: 1}}").warnings if "does not emulate" in one]
