"""The house stands as DESIGN says: imports point downwards, one clock, nothing of one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = (
    ("call_site", "clock", "coverage", "cron", "distributions", "errors", "events", "extensions", "fidelity",
     "fields", "files", "limits", "prices", "source_imports", "virtual_loop", "web", "wrangler"),
    ("ledger",),
    ("storage",),
    ("account", "invocation"),
    ("cache", "kv"),
    ("production",),
    ("ambient", "hosting"),
    ("runtime", "source"),
    ("measure",),
    ("scenario",),
    ("replay",),
    ("report",),
    ("__main__", "commands", "pytest_plugin", "server"),
)  # fmt: skip
"""Rooms of `edgeday`, the lowest first; a module imports from its own layer and from those below."""
RANK = {f"edgeday.{room}": rank for rank, layer in enumerate(LAYERS) for room in layer}


SOURCES = {"edgeday": ROOT / "emulator", "worker_port": ROOT}
"""Each package and the folder that its imports start from."""


def module_name(path: Path, source: Path) -> str:
    return ".".join(path.relative_to(source).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    module_name(path, source): path
    for package, source in SOURCES.items()
    for path in (source / package).rglob("*.py")
}


@cache
def tree(name: str) -> ast.Module:
    """The syntax of a module, read when a test first needs it, not at every collection."""
    return ast.parse(MODULES[name].read_text("utf-8"))


def imports(name: str, *, inside_functions: bool) -> set[str]:
    """The project's modules that a module imports; imports for types alone are not counted."""
    names = set()
    for node in statements(tree(name).body, inside_functions):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {one if one in MODULES else str(node.module) for one in whole}
    return names & set(MODULES)


def statements(body: list[ast.stmt], inside_functions: bool) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not inside_functions:
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from statements(getattr(node, field, []), inside_functions)
        for handler in getattr(node, "handlers", []):
            yield from statements(handler.body, inside_functions)


def rank(name: str) -> int | None:
    return RANK.get(".".join(name.split(".")[:2]))


PRODUCT = sorted(name for name in MODULES if name.startswith("edgeday."))


@pytest.mark.parametrize("name", PRODUCT)
def test_every_module_of_the_product_has_a_layer_and_imports_from_no_higher_one(name):
    own = rank(name)
    assert own is not None, f"give {name} a layer"
    higher = {other for other in imports(name, inside_functions=True) if (rank(other) or 0) > own}
    assert not higher


def test_the_floor_plan_of_the_document_is_the_one_that_holds():
    plan = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| \S", plan, re.MULTILINE)
    floors = [(str(floor), room) for floor, layer in enumerate(LAYERS, 1) for room in layer]
    assert sorted(rows) == sorted(floors), "docs/architecture.md has a row for each room, with its floor"
    assert [int(floor) for floor, _ in rows] == sorted(int(floor) for floor, _ in rows)


def test_the_product_never_imports_the_worker():
    assert not any(
        other.startswith("worker_port") for name in PRODUCT for other in imports(name, inside_functions=True)
    )


CASE_STUDY = re.compile(
    rb"aidiet|\bdiet|worker_port|generate-plan|page_content|ai_error_log|get_ai_logs|AI_LOG|openai|\bbmr\b|\bplans?\b",
    re.IGNORECASE,
)


def test_nothing_of_the_product_names_the_case_study():
    named = [
        f"{path.relative_to(ROOT)}: {match[0].decode()}"
        for path in (ROOT / "emulator").rglob("*")
        if path.is_file() and not {"__pycache__", "vendor"} & set(path.parts)
        if (match := CASE_STUDY.search(path.read_bytes()))
    ]
    assert named == []


ABOUT_THE_WORKER = ("worker_port.extension", "worker_port.profile", "worker_port.study")
"""What is no part of the worker itself: what edgeday may know of it, and its study."""


def test_the_worker_proper_knows_nothing_but_the_web():
    imported = {
        other
        for name in MODULES
        if name.startswith("worker_port") and not name.startswith(ABOUT_THE_WORKER)
        for other in imports(name, inside_functions=True)
    }
    assert not {other for other in imported if other.startswith(ABOUT_THE_WORKER)}
    used = {other for other in imported if other.startswith("edgeday")}
    assert used
    assert all(other == "edgeday.web" or other.startswith("edgeday.web.") for other in used)


def test_the_study_and_the_profile_use_the_public_face_of_the_product_alone():
    used = {
        other
        for name in MODULES
        if name.startswith(ABOUT_THE_WORKER)
        for other in imports(name, inside_functions=True)
        if other.startswith("edgeday")
    }
    assert "edgeday" in used
    assert {other for other in used if other != "edgeday" and not other.startswith("edgeday.web")} == set()


def room_of(name: str) -> str:
    """The package or top-level module that a module belongs to."""
    return ".".join(name.split(".")[:2])


def test_no_packages_import_each_other_in_a_circle():
    below: dict[str, set[str]] = {}
    for name in PRODUCT:
        rooms = {room_of(other) for other in imports(name, inside_functions=True)}
        below.setdefault(room_of(name), set()).update(rooms - {room_of(name), "edgeday"})
    assert {room for room in below if below[room]}
    while lowest := {room for room, others in below.items() if not others}:
        below = {room: others - lowest for room, others in below.items() if room not in lowest}
    assert below == {}, "these rooms import each other in a circle"


def test_no_modules_import_each_other_in_a_circle():
    below = {name: imports(name, inside_functions=False) for name in MODULES}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"a circle: {' -> '.join((*path[path.index(name) :], name))}"
        if name not in done:
            for other in sorted(below[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in sorted(MODULES):
        visit(name, ())
    assert done == set(MODULES)


def is_stand_in(name: str) -> bool:
    """Whether a module puts something in the place of the time and randomness of the standard library."""
    return name.startswith("edgeday.ambient.")


def time_readers(name: str) -> Iterator[str]:
    """Where a module asks the machine for the time; waiting for a moment of real time is something else."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (f"time.{alias.name}" for alias in node.names if alias.name != "sleep")
        elif isinstance(node, ast.Attribute):
            read = ast.unparse(node)
            if re.fullmatch(r"(time\.(?!sleep)|(datetime\.)?(datetime|date)\.(now|utcnow|today)\b).*", read):
                yield read
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("formatdate") and not node.args:
            yield ast.unparse(node)


def test_only_the_clock_reads_the_time():
    readers_of = {name: list(time_readers(name)) for name in MODULES}
    assert "time.time" in readers_of.pop("edgeday.clock")
    readers_of = {name: readers for name, readers in readers_of.items() if not is_stand_in(name)}
    assert {name: readers for name, readers in readers_of.items() if readers} == {}


def random_sources(name: str) -> Iterator[str]:
    """What a module draws from that no seed decides."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in {"random", "secrets", "uuid"})
        elif isinstance(node, ast.ImportFrom) and node.module in {"random", "secrets", "uuid"}:
            yield from (alias.name for alias in node.names if alias.name != "Random")
        elif isinstance(node, ast.Attribute) and node.attr == "urandom":
            yield "urandom"
        elif isinstance(node, ast.Call) and ast.unparse(node) == "Random()":
            yield "a generator without a seed"


def test_below_the_doors_all_that_is_drawn_is_drawn_from_a_seed():
    below = [name for name in MODULES if rank(name) != len(LAYERS) - 1 and not is_stand_in(name)]
    sources_of = {name: list(random_sources(name)) for name in below}
    assert {name: sources for name, sources in sources_of.items() if sources} == {}


PARTS = (
    "emulator", "worker_port", "tests", "scenarios", "docs", "benchmarks", "tools", "requirements",
    ".ci", ".github",
)  # fmt: skip
"""The folders that hold the project's files."""


def project_files() -> Iterator[Path]:
    for part in PARTS:
        for path in (ROOT / part).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
    own = (path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".coverage"))
    yield from (path for path in own if path.name != ".git")  # in a worktree it is a file


def test_no_file_names_a_place_on_one_machine():
    places = "|".join(("work", "home", "Users", "root", "tmp"))
    pattern = re.compile(rf"(?<![\w.~}}*-])/({places})/".encode())
    mentions = [
        f"{path.relative_to(ROOT)}: {match[0].decode()}"
        for path in project_files()
        if (match := pattern.search(path.read_bytes()))
    ]
    assert mentions == []
