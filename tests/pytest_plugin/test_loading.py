"""What the plugin costs a project that does not use it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

HEAVY = (
    "pydantic",
    "aiohttp",
    "rich",
    "yaml",
    "aiosqlite",
    "orjson",
    "edgeday.runtime.edge",
    "edgeday.replay",
)


def loaded(code: str, tmp_path) -> set[str]:
    """Those of HEAVY that are loaded in a new process once it has run the code."""
    program = f"{code}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return set(process.stdout.splitlines()[-1].split())


def test_importing_the_plugin_loads_no_library(tmp_path):
    assert loaded("import edgeday.pytest_plugin", tmp_path) == set()


def test_a_run_without_edges_or_scenarios_loads_no_library(tmp_path):
    (tmp_path / "test_plain.py").write_text("def test_plain():\n    assert True\n")
    (tmp_path / "values.yaml").write_text("name: not a scenario\n")
    code = "import pytest; assert pytest.main(['-q', '-p', 'no:cacheprovider', '.']) == 0"
    assert loaded(code, tmp_path) == set()


def test_collecting_scenarios_without_running_them_loads_no_library(tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "day.yaml").write_text("name: day\nstart: 2026-02-16T00:00:00Z\n")
    code = "import pytest; assert pytest.main(['-q', '--collect-only', 'scenarios']) == 0"
    assert loaded(code, tmp_path) == set()


def test_an_edge_without_production_settings_does_without_pydantic(tmp_path):
    code = "from edgeday.runtime.edge import Edge; Edge(namespaces={'KV': 'KV'})"
    assert "pydantic" not in loaded(code, tmp_path)


def test_a_test_with_an_edge_loads_it(tmp_path):
    (tmp_path / "test_edge.py").write_text("def test_edge(edgeday_edge):\n    assert edgeday_edge\n")
    code = "import pytest; assert pytest.main(['-q', '-p', 'no:cacheprovider', '.']) == 0"
    assert "edgeday.runtime.edge" in loaded(code, tmp_path)
