"""The option --workerd: it is heard by the command that has it, and by no later one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SCENARIO = """name: day
start: 2026-02-16T00:00:00Z
worker: worker.js
traffic: [{requests: 3, path: /}]
budgets: {kv.writes.asked: 0}
"""


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("EDGEDAY_WORKERD", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "worker.js").write_text("export default { fetch() { return new Response('x'); } };\n")
    (tmp_path / "day.yaml").write_text(SCENARIO)
    return tmp_path


@pytest.mark.parametrize("command", ["replay", "validate", "capacity"])
def test_a_file_that_is_not_there_is_refused(edgeday, project, command):
    done = edgeday(command, "day.yaml", "--workerd", "none")
    assert done.exit_code == 2
    assert "there is no file none" in done.stderr
    assert "npm i -D workerd" in " ".join(done.stderr.split())


@pytest.mark.workerd
def test_what_it_names_runs_the_worker_of_this_command_alone(edgeday, workerd, project):
    done = edgeday("replay", "day.yaml", "--workerd", str(workerd))
    assert (done.exit_code, done.stderr.partition("(")[0]) == (0, "worker  worker.js ")
    assert "EDGEDAY_WORKERD" not in os.environ
    again = edgeday("replay", "day.yaml")
    assert again.exit_code == 2
    assert "npm i -D workerd" in again.stderr


@pytest.mark.workerd
def test_processes_that_a_command_starts_hear_it_too(edgeday, workerd, project):
    (project / "other.js").write_text("export default { fetch() { return new Response('yy'); } };\n")
    done = edgeday("compare", "worker.js", "other.js", "--scenario", "day.yaml", "--workerd", str(workerd))
    assert done.exit_code == 0, done.output
