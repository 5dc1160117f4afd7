"""Which worker, bindings and variables serve takes, from what its command line names."""

from __future__ import annotations

import pytest

from edgeday.commands.served_worker import Source, read_source
from edgeday.errors import BadInput

ID = "0000000000000000000000000000000a"
OTHER_ID = "0000000000000000000000000000000b"
WORKER = "class Shop:\n    async def fetch(self, request):\n        ...\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty directory, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems_of(source: Source) -> list[str]:
    with pytest.raises(BadInput) as bad:
        read_source(source)
    return [str(problem) for problem in bad.value.problems]


def test_without_anything_named_there_is_nothing_to_serve(project):
    (problem,) = problems_of(Source())
    assert "says which worker to serve, and is missing" in problem
    assert "--worker src/entry.py" in problem


def test_kv_alone_is_served_where_that_is_asked_for(project):
    settings = read_source(Source(without_worker=True)).settings
    assert (settings.worker, settings.bindings) == (None, ())


def test_a_configuration_without_a_worker_serves_its_namespaces(project):
    (project / "wrangler.toml").write_text(f'kv_namespaces = [{{ binding = "S", id = "{ID}" }}]\n')
    settings = read_source(Source(config=project / "wrangler.toml")).settings
    assert settings.worker is None
    assert settings.namespaces == {"S": ID}


def test_the_configuration_of_the_current_directory_is_taken(project):
    (project / "wrangler.json").write_text(f'{{"kv_namespaces": [{{"binding": "S", "id": "{ID}"}}]}}')
    assert read_source(Source()).settings.namespaces == {"S": ID}


def test_a_worker_that_is_named_gets_the_bindings_of_the_current_directory(project, monkeypatch):
    monkeypatch.syspath_prepend(str(project))
    (project / "shop_here.py").write_text(WORKER)
    (project / "wrangler.toml").write_text(f'kv_namespaces = [{{ binding = "S", id = "{ID}" }}]\n')
    settings = read_source(Source(entry="shop_here:Shop")).settings
    assert settings.worker is not None
    assert settings.namespaces == {"S": ID}


def test_a_variable_that_is_given_beats_the_configurations(project):
    (project / "wrangler.toml").write_text('[vars]\nWHO = "file"\nWHAT = 1\n')
    settings = read_source(Source(variables={"WHO": "me"})).settings
    assert settings.all_vars == {"WHO": "me", "WHAT": 1}


def test_an_environment_of_no_configuration_is_a_problem(project):
    assert any(one.startswith("--env: names an environment") for one in problems_of(Source(environment="x")))


def test_all_problems_come_in_one_go(project):
    source = Source(entry="nothing", config=project / "none.toml", scenario=project / "none.yaml")
    assert len(problems_of(source)) == 3


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
    monkeypatch.setattr("edgeday.runtime.entry._folders", [])
    (project / "wrangler.toml").write_text(STAGED)
    (project / "shop.py").write_text(WORKER)
    (project / "staged.py").write_text(WORKER.replace("Shop", "Staged"))
    (project / ".dev.vars").write_text("TOKEN=s3cret\n")
    return project


@pytest.mark.parametrize("named", [True, False])
def test_an_environment_has_its_own_worker_and_bindings(staged, named):
    config = staged / "wrangler.toml" if named else None
    settings = read_source(Source(config=config, environment="staging")).settings
    assert settings.worker is not None
    assert (settings.worker.__name__, settings.namespaces) == ("Staged", {"S": OTHER_ID})


def test_a_scenarios_configuration_is_served_with_its_environment_and_its_secrets_are_not_shown(staged):
    day = staged / "day.yaml"
    day.write_text(
        "name: x\nstart: 2026-02-16T00:00:00Z\n"
        "worker: {entry: wrangler.toml, env: staging, vars: {WHO: me}}\n"
        "traffic: [{requests: 1, path: /}]\n"
    )
    reading = read_source(Source(scenario=day))
    assert reading.settings.worker is not None
    assert reading.settings.worker.__name__ == "Staged"
    assert reading.settings.namespaces == {"S": OTHER_ID}
    assert reading.settings.all_vars == {"WHO": "me", "TOKEN": "s3cret"}
    assert reading.secrets == {"TOKEN"}
