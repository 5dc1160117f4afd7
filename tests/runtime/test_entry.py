"""Workers by their entry strings, from the directory one runs in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edgeday.runtime.entry import BadEntry, check_variant, import_worker, importable_from_here

LATE = """
class Worker:
    async def fetch(self, request):
        import {late}
        return {late}.answer()
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A directory to run in, whose modules are forgotten afterwards."""
    known = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def test_a_worker_of_the_current_directory_leaves_no_trace_on_the_path(project):
    (project / "entry_here.py").write_text(LATE.format(late="late_here"))
    before = [*sys.path]
    assert import_worker("entry_here:Worker").__name__ == "Worker"
    assert sys.path == before


@pytest.mark.parametrize("text", ["1 / 0", "import no_such_module_at_all"])
def test_a_worker_that_cannot_be_imported_leaves_no_trace_either(project, text):
    (project / "entry_broken.py").write_text(text)
    before = [*sys.path]
    with pytest.raises(BadEntry):
        import_worker("entry_broken:Worker")
    assert sys.path == before


def test_installed_modules_come_before_those_of_the_current_directory(project):
    (project / "json.py").write_text("class Worker:\n    async def fetch(self, request): ...\n")
    with pytest.raises(BadEntry, match="in json is no worker"):
        import_worker("json:Worker")


def test_a_directory_that_is_on_the_path_already_stays_there(project, monkeypatch):
    monkeypatch.syspath_prepend(project)
    before = [*sys.path]
    with importable_from_here():
        assert sys.path == before
    assert sys.path == before


def test_a_module_may_import_another_one_late(project):
    (project / "entry_late.py").write_text(
        "def late():\n    import entry_later\n    return entry_later.NAME\n"
    )
    (project / "entry_later.py").write_text("NAME = 'later'\n")
    with importable_from_here():
        import entry_late
    with pytest.raises(ModuleNotFoundError):
        entry_late.late()
    with importable_from_here():
        assert entry_late.late() == "later"


DAY = """
name: day
start: 2026-02-16T00:00:00Z
worker: {entry: "own_worker:Worker"}
traffic: [{requests: 2, path: /}]
budgets: {requests.failed: == 0}
"""
LATE_ANSWER = "from edgeday.web.messages import Response\n\n\ndef answer():\n    return Response('late')\n"
REPLAYS = {
    "the command": "from edgeday.commands.cli import main; main(['replay', 'day.yaml', '--quiet'])",
    "the library": "from pathlib import Path; from edgeday.scenario.loader import load_one;"
    "from edgeday.replay.runner import replay; assert replay(load_one(Path('day.yaml'))).verdict == 'pass'",
    "a test": "import pytest; raise SystemExit(pytest.main(['-q', '-p', 'no:cacheprovider', 'day.yaml']))",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", REPLAYS.values(), ids=REPLAYS)
def test_a_worker_may_import_its_own_modules_while_it_answers(tmp_path, code):
    (tmp_path / "own_worker.py").write_text(LATE.format(late="own_answers"))
    (tmp_path / "own_answers.py").write_text(LATE_ANSWER)
    (tmp_path / "day.yaml").write_text(DAY)
    program = f"import sys; sys.path = [path for path in sys.path if path]\n{code}"
    command = [sys.executable, "-c", program]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


def test_a_worker_without_variants_takes_any():
    check_variant(object, "whatever")


def test_an_unknown_variant_is_refused_with_the_nearest_one():
    class Worker:
        variants = ("current", "designed")

    check_variant(Worker, "designed")
    with pytest.raises(BadEntry) as refused:
        check_variant(Worker, "desined")
    assert (str(refused.value), refused.value.hint) == (
        'unknown variant "desined" (there are current, designed)',
        'did you mean "designed"?',
    )
