"""What is installed: a wheel that is whole by itself, from locked and hashed requirements."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = {
    "runtime": PROJECT["project"]["dependencies"],
    "build": PROJECT["build-system"]["requires"] + PROJECT["dependency-groups"]["build"],
    "dev": PROJECT["dependency-groups"]["dev"],
    "browser": PROJECT["dependency-groups"]["browser"],
}
"""Each lock file below requirements/, and what of pyproject.toml it locks."""


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")


def pins(name: str) -> dict[str, str]:
    """The version of each package of a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", lock(name), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_everything_that_pyproject_asks_for_is_locked_at_a_version_that_it_accepts(name):
    locked = pins(name)
    wanted = [Requirement(text) for text in LOCKS[name]]
    assert [
        str(one) for one in wanted if not one.specifier.contains(locked[canonicalize_name(one.name)])
    ] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_of_a_lock_file_is_a_pinned_package_one_of_its_hashes_or_a_comment(name):
    line = re.compile(r"[a-z0-9-]+==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?| *#.*|")
    assert [text for text in lock(name).splitlines() if not line.fullmatch(text)] == []
    assert "://" not in lock(name)


def test_the_lock_files_agree_where_they_lock_the_same_package():
    versions: dict[str, set[str]] = {}
    for name in LOCKS:
        for package, version in pins(name).items():
            versions.setdefault(package, set()).add(version)
    assert {package for package, several in versions.items() if len(several) > 1} == set()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a wheel and an sdist."""
    directory = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return directory


def wheel_of(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def sources() -> Iterator[str]:
    """The files that a wheel should have, by the path that they are imported from."""
    for package in (ROOT / "emulator" / "edgeday", ROOT / "worker_port"):
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(package.parent).as_posix()


def test_the_wheel_has_all_of_both_packages_but_the_documents_of_the_study(built):
    with wheel_of(built) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {path for path in sources() if not path.startswith("worker_port/study/docs/")}
    assert "edgeday/server/dashboard/templates/layout.html" in names


def test_the_wheel_has_the_licence_of_everything_in_it(built):
    with wheel_of(built) as wheel:
        licences = {Path(name).name for name in wheel.namelist() if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "uPlot.LICENSE", "htmx.LICENSE", "htmx-sse.LICENSE"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [("--help",), ("validate", "day.yaml"), ("replay", "day.yaml", "--html", "day.html")]
)
def test_the_wheel_alone_is_enough_to_run_the_command(built, tmp_path, arguments):
    with wheel_of(built) as wheel:
        wheel.extractall(tmp_path / "installed")
    (tmp_path / "day.yaml").write_bytes((ROOT / "scenarios" / "normal-day.yaml").read_bytes())
    run = subprocess.run(
        [sys.executable, "-m", "edgeday", *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "installed"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "edgeday" in run.stdout or "normal-day" in run.stdout


LINKS = """
from urllib.parse import urlparse

from workers import Response, WorkerEntrypoint


class Default(WorkerEntrypoint):
    async def fetch(self, request):
        url = urlparse(request.url)
        if request.method == "POST" and url.path == "/api/links":
            body = await request.json()
            await self.env.LINKS.put(body["slug"], body["url"])
            return Response.json({"ok": True}, status=201)
        if url.path == "/health":
            return Response(self.env.BASE)
        return Response("not found", status=404)

    async def scheduled(self, controller, env, ctx):
        await self.env.LINKS.list()
"""
LINKS_CONFIGURATION = """{
  "name": "shortlinks",
  "main": "src/entry.py",
  "compatibility_date": "2026-05-04",
  "compatibility_flags": ["python_workers"],
  "kv_namespaces": [{ "binding": "LINKS", "id": "0123456789abcdef0123456789abcdef" }],
  "vars": { "BASE": "https://sho.rt" }, // of the short links
  "triggers": { "crons": ["*/15 * * * *"] }
}
"""


@pytest.mark.slow
def test_a_fresh_installation_answers_about_a_python_worker_in_two_steps(built, tmp_path):
    (wheel,) = built.glob("*.whl")
    venv, project = tmp_path / "venv", tmp_path / "project"
    run = partial(subprocess.run, check=True, capture_output=True, text=True)
    run([sys.executable, "-m", "venv", "--without-pip", venv])
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        venv / "bin" / "python",
        "install",
        "--no-index",
        "--no-deps",
    ]
    run([*pip, wheel])
    (installed,) = venv.glob("lib/*/site-packages")
    (installed / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    (project / "src").mkdir(parents=True)
    (project / "src" / "entry.py").write_text(LINKS, encoding="utf-8")
    (project / "wrangler.jsonc").write_text(LINKS_CONFIGURATION, encoding="utf-8")
    edgeday = venv / "bin" / "edgeday"
    made = run([edgeday, "init"], cwd=project)
    assert "POST /api/links, GET /health" in made.stdout
    replayed = run([edgeday, "replay", "scenarios/first-day.yaml", "--json", "report.json"], cwd=project)
    assert "worker  Default of src/entry.py, on workers-runtime-sdk" in replayed.stderr
    (result,) = json.loads((project / "report.json").read_text("utf-8"))["scenarios"]
    assert result["verdict"] == "pass"
    metrics = result["metrics"]
    assert (metrics["requests.started"], metrics["requests.failed"]) == (100 + 96, 0)
    assert (metrics["kv.writes.accepted"], metrics["kv.lists.accepted"]) == (50, 96)


def test_the_sdist_has_what_it_takes_to_test_it(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for part in ("tests/conftest.py", "scenarios/normal-day.yaml", "docs/ci.md", "Makefile", "tools/docs.py"):
        assert part in names
    assert {f"requirements/{name}.txt" for name in LOCKS} <= names
