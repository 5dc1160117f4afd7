"""Workers by their entry strings, from the directory one runs in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edgeday.runtime.edge import Edge
from edgeday.runtime.entry import (
    BadEntry,
    check_variant,
    import_worker,
    importable_from_here,
    resolve_worker,
)
from edgeday.web.messages import Request

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


@pytest.mark.usefixtures("forgotten_workers")
def test_a_directory_that_is_on_the_path_already_stays_there(project, monkeypatch):
    monkeypatch.syspath_prepend(project)
    monkeypatch.setattr("edgeday.runtime.entry._folders", [])
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


PYTHON_WORKER = """
from workers import Response, WorkerEntrypoint

class Default(WorkerEntrypoint):
    async def fetch(self, request):
        return Response(self.env.BASE)
"""
PLAIN = """
from edgeday.web import Response
class Default:
    async def fetch(self, request):
        import late_neighbour
        return Response(late_neighbour.NAME)
"""
CONFIGURATION = """{
  "main": "src/entry.py",  // the worker
  "compatibility_date": "2026-05-04",
  "vars": {"BASE": "https://sho.rt"},
  "d1_databases": [{"binding": "DB", "database_name": "x", "database_id": "y"}]
}"""


@pytest.fixture
def configured(project):
    """A project with a Python Worker and its configuration."""
    (project / "src").mkdir()
    (project / "src" / "entry.py").write_text(PYTHON_WORKER)
    (project / "wrangler.jsonc").write_text(CONFIGURATION)
    (project / "scenarios").mkdir()
    return project


@pytest.mark.parametrize(
    "entry", ["src/entry.py", "src/entry.py:Default", "wrangler.jsonc", "src.entry:Default"]
)
def test_a_python_worker_is_named_by_file_configuration_or_module(configured, entry):
    named = resolve_worker(entry, base=configured / "scenarios")
    assert named.config is not None
    assert named.config.compatibility_date == "2026-05-04"
    assert named.says.startswith("Default of src/entry.py, on workers-runtime-sdk ")
    assert named.says.endswith("compatibility date 2026-05-04")
    assert any("there is no workers-runtime-sdk in python_modules" in text for text in named.warnings)
    assert "src.entry" not in sys.modules


async def test_a_module_that_needs_the_runtime_late_or_through_another_one_is_hosted(project):
    (project / "named.py").write_text("import helper_of_named\nfrom helper_of_named import Default")
    (project / "helper_of_named.py").write_text(PYTHON_WORKER)
    (project / "late.py").write_text(
        "async def on_fetch(request):\n    from js import Response\n    return Response.new('late')\n"
        "from helper_of_named import Default\n"
    )
    for entry in ("named:Default", "late:Default"):
        response = await Edge(worker=import_worker(entry), vars={"BASE": "b"}).dispatch(
            Request("https://a.example/")
        )
        assert await response.text() == "b"
    assert "helper_of_named" not in sys.modules


async def test_a_module_of_a_package_finds_its_neighbours_as_its_file_does_on_cloudflare(project):
    (project / "shop").mkdir()
    (project / "shop" / "__init__.py").write_text("")
    (project / "shop" / "entry.py").write_text(PYTHON_WORKER + "\nfrom neighbour import NAME\n")
    (project / "shop" / "neighbour.py").write_text("NAME = 'neighbour'")
    worker = import_worker("shop.entry:Default")
    response = await Edge(worker=worker, vars={"BASE": "b"}).dispatch(Request("https://a.example/"))
    assert await response.text() == "b"


async def test_a_class_of_its_own_in_a_file_stays_what_it_is_and_imports_its_neighbours_late(project):
    folder = project / "elsewhere"
    folder.mkdir()
    (folder / "plain_entry.py").write_text(PLAIN)
    (folder / "late_neighbour.py").write_text("NAME = 'neighbour'")
    worker = resolve_worker("elsewhere/plain_entry.py").worker
    assert not hasattr(worker, "runs_on")
    with importable_from_here():
        response = await Edge(worker=worker).dispatch(Request("https://a.example/"))
    assert await response.text() == "neighbour"


OR_A_FILE = "or a file: src/entry.py, src/index.ts, wrangler.jsonc"
NAME_THE_FILE = "write src/entry.py:Shop"


@pytest.mark.parametrize(
    ("entry", "what", "hint"),
    [
        ("src/entri.py", "there is no file src/entri.py", 'did you mean "src/entry.py"?'),
        ("src/entry.py:Defalt", "there is no class Defalt in src/entry.py", 'did you mean "Default"?'),
        ("scenarios/", "scenarios/ is a directory", "name the worker's file, or its wrangler.jsonc"),
        ("src", '"src" names no class; write package.module:Class', OR_A_FILE),
        ("wrangler.toml:Shop", "wrangler.toml has no classes: its main says which file it is", NAME_THE_FILE),
    ],
)
def test_an_entry_that_names_nothing_says_what_was_likely_meant(configured, entry, what, hint):
    with pytest.raises(BadEntry) as refused:
        resolve_worker(entry)
    assert (str(refused.value), refused.value.hint) == (what, hint)


@pytest.mark.parametrize("entry", ["src/index.wat", "wrangler.jsonc"])
def test_a_worker_of_another_language_is_refused_by_name(configured, entry):
    (configured / "src" / "index.wat").write_text("(module)")
    (configured / "wrangler.jsonc").write_text('{"main": "src/index.wat"}')
    with pytest.raises(BadEntry, match=r"index\.wat,? is no Python file, and no JavaScript or TypeScript"):
        resolve_worker(entry)


def test_a_configuration_without_main_is_refused(configured):
    (configured / "wrangler.jsonc").write_text('{"name": "shop"}')
    with pytest.raises(BadEntry, match=r"wrangler\.jsonc has no main"):
        resolve_worker("wrangler.jsonc")


def test_files_of_one_name_in_two_folders_are_two_workers(tmp_path, monkeypatch):
    monkeypatch.setattr("edgeday.runtime.entry._folders", [])
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        text = f"class {folder.capitalize()}:\n    async def fetch(self, request): ...\n"
        (tmp_path / folder / "same_name.py").write_text(text)
    named = [resolve_worker(str(tmp_path / folder / "same_name.py")) for folder in ("first", "second")]
    assert [one.worker.__name__ for one in named] == ["First", "Second"]
    sys.modules.pop("same_name")


@pytest.mark.parametrize(("above", "expected"), [(1, True), (2, False)])
def test_a_file_that_was_likely_meant_is_named_from_the_project_and_from_nowhere_above(
    tmp_path, above, expected
):
    base = tmp_path / "home" / "project" / "scenarios"
    base.mkdir(parents=True)
    (base.parents[above - 1] / "entrie.py").write_text("")
    (base.parents[0] / "src.d").mkdir()
    with pytest.raises(BadEntry) as bad:
        resolve_worker("entry.py", base=base)
    assert (bad.value.hint == 'did you mean "entrie.py"?') is expected


def test_what_can_be_no_worker_is_not_taken_for_one_that_was_meant(project):
    (project / "entry.py.orig").write_text("")
    with pytest.raises(BadEntry) as bad:
        resolve_worker("entry.py", base=project)
    assert bad.value.hint.startswith("it is looked for")
