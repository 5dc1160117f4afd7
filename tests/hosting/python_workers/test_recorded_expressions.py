"""JavaScript values in Python's hands are what real Pyodide makes of them, in each of its generations."""

from __future__ import annotations

import gc
import json
from functools import cache
from pathlib import Path

import pytest

from edgeday.clock import VirtualClock
from edgeday.hosting.python_workers.host import host_worker
from edgeday.runtime.edge import Edge
from edgeday.web.messages import Request
from tests.hosting.python_workers.differences import listed
from tests.hosting.python_workers.fake_binding import FakeBinding

HERE = Path(__file__).parent
EXPRESSIONS = (HERE / "expressions.py").read_text("utf-8")
BEFORE = "import workers\nraw_env = workers.import_from_javascript('cloudflare:workers').env\n"
BEHIND = """
class Default(workers.WorkerEntrypoint):
    async def fetch(self, request):
        return Response(await results())
"""
GENERATIONS = {
    "0.26.0-alpha.4": ("2025-01-01", ()),
    "0.28.2": ("2026-08-01", ()),
    "314.0.7": ("2026-08-01", ("python_workers_20260610",)),
}
"""Recorded version -> compatibility date and flags that run its generation."""


@cache
def recorded(version: str) -> dict[str, dict[str, str]]:
    recording = json.loads((HERE / "recordings" / f"pyodide-{version}.json").read_text("utf-8"))
    return recording["results"]


async def evaluated(version: str, folder: Path) -> dict[str, dict[str, str]]:
    """What each group of expressions comes to over the emulated layer."""
    date, flags = GENERATIONS[version]
    (folder / "entry.py").write_text(BEFORE + EXPRESSIONS + BEHIND, "utf-8")
    variables = {"CONF": {"a": 1}, "TEXT": "t"}
    worker = host_worker(
        folder / "entry.py", date=date, flags=flags, root=folder, vars={"KV": FakeBinding(), **variables}
    )
    edge = Edge(worker=worker, vars=variables, clock=VirtualClock("2026-03-01T12:00:00Z"))
    response = await edge.dispatch(Request("https://a.example/"))
    return json.loads(await response.text())


def in_python_3_13(text: str) -> str:
    """The words of Python 3.13 for an error that 3.14 words otherwise."""
    return text.replace("is not a container or iterable", "is not iterable")


@pytest.mark.parametrize("version", GENERATIONS)
async def test_every_expression_is_what_pyodide_makes_of_it_or_differs_as_listed(version, tmp_path):
    here = await evaluated(version, tmp_path)
    gc.collect()  # rejected promises that nobody looks at are reported here
    texts = listed(version)
    for group, expressions in recorded(version).items():
        expected = {line: in_python_3_13(texts.get(line, text)) for line, text in expressions.items()}
        assert {line: in_python_3_13(text) for line, text in here[group].items()} == expected, group


@pytest.mark.parametrize("version", GENERATIONS)
def test_every_listed_difference_is_one(version):
    texts = {line: text for group in recorded(version).values() for line, text in group.items()}
    assert {line for line, text in listed(version).items() if texts[line] == text} == set()


def test_the_recordings_are_of_the_same_expressions():
    lines = {version: [list(group) for group in recorded(version).values()] for version in GENERATIONS}
    assert len({str(groups) for groups in lines.values()}) == 1
