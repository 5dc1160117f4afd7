"""What `import edgeday` offers, and what it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import edgeday
from tests.documents import ROOT, blocks


@pytest.mark.parametrize("name", edgeday.__all__)
def test_every_name_of_the_public_face_is_there(name):
    assert getattr(edgeday, name) is not None
    assert name in dir(edgeday)


def test_type_checkers_are_told_the_same_names_from_the_same_places():
    stub = Path(edgeday.__file__ or "").with_suffix(".pyi")
    places = {
        alias.asname: (node.module, alias.name)
        for node in ast.parse(stub.read_text("utf-8")).body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("edgeday")
        for alias in node.names
    }
    assert places == edgeday._PLACES


def test_no_name_is_public_twice():
    names = [
        name for modules in edgeday.PUBLIC.values() for listed in modules.values() for name in listed.split()
    ]
    assert len(names) == len(edgeday.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Egde'"):
        _ = edgeday.Egde


def test_importing_edgeday_imports_nothing_else():
    code = "import sys, edgeday; print([name for name in sys.modules if name.startswith('edgeday.')])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


def test_a_scenario_can_be_loaded_and_replayed_from_the_public_face_alone(tmp_path):
    path = tmp_path / "day.yaml"
    path.write_text(
        "name: day\nstart: 2026-02-16T00:00:00Z\n"
        "worker: {entry: 'tests.scenario_days:Shop'}\nnamespaces: {page_content: shop}\n"
        "traffic: [{requests: 3, path: /put/a, method: POST}]\nbudgets: {kv.writes.accepted: 3}\n"
    )
    result = edgeday.replay_scenario(edgeday.load_scenario(path))
    assert (result.verdict, result.metrics.values["kv.writes.accepted"]) == ("pass", 3)


def test_the_example_of_the_page_on_python_runs_as_it_stands():
    (example,) = (block.text for block in blocks("docs/python.md") if block.kind == "python")
    process = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert process.stdout == "pass 6\n"
