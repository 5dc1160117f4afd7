"""The Workers runtime on the user's machine: `workerd` of her own `node_modules`, and its version.

It is an npm package (Apache-2.0) that everyone who has wrangler has. What it puts on the PATH is a launcher
for Node; the binary lies in a package for each platform, and that is what is run.
Source: workerd 1.20261117.1, lib/main.js (names of the platforms' packages).
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from edgeday.errors import BadInput, Problem
from edgeday.files import from_here

VARIABLE = "EDGEDAY_WORKERD"
HOW_TO_GET = "npm i -D workerd"
OLDEST_TESTED, NEWEST_TESTED = "2025-03-21", "2026-11-17"
"""Versions of workerd that edgeday was tested with, from the oldest to the newest. Before the oldest, the
module `cloudflare:workers` has no `env`, in which a service worker finds its bindings."""
_VERSION = re.compile(r"workerd (\d{4}-\d\d-\d\d)\s*")
_LAUNCHER = re.compile(rb"#![^\n]*node")
_DATES = re.compile(r"\bis \"(\d{4}-\d\d-\d\d)\"")
_FAR_DATE = """using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [(name = "main.js", esModule = "export default {}")], compatibilityDate = "2999-12-31"))]);
"""
_START_TIMEOUT_S = 30


class NoWorkerd(BadInput):
    """There is no workerd where it is looked for."""


class Workerd(NamedTuple):
    """A binary of the Workers runtime. version: as it says it, YYYY-MM-DD; npm has `2026-11-17` as
    1.20261117.x."""

    path: Path
    version: str

    @property
    def warnings(self) -> tuple[str, ...]:
        """That it is no version that edgeday was tested with, if so."""
        if OLDEST_TESTED <= self.version <= NEWEST_TESTED:
            return ()
        tested = f"edgeday is tested with {OLDEST_TESTED} to {NEWEST_TESTED}"
        return (f"workerd {self.version} ({from_here(self.path)}): {tested}",)

    @property
    def is_too_old(self) -> bool:
        """Whether it is older than all that edgeday was tested with."""
        return self.version < OLDEST_TESTED

    @property
    def too_old(self) -> Problem:
        """What to say where it does not start a worker, and is."""
        what = f"workerd {self.version} is too old: edgeday is tested from {OLDEST_TESTED} on"
        return Problem(str(from_here(self.path)), what, "npm i -D workerd@latest brings a newer one")

    def date_for(self, compatibility_date: str) -> tuple[str, tuple[str, ...]]:
        """The date to run a worker with that has this one (YYYY-MM-DD), and a warning if it is another: one
        that is newer than what the binary knows, or still to come, it would refuse."""
        if compatibility_date <= self.version:
            return compatibility_date, ()
        newest = _newest_date(self.path, self.version)
        if compatibility_date <= newest:
            return compatibility_date, ()
        what = f"workerd {self.version} takes no compatibility date after {newest}"
        hint = "npm i -D workerd@latest for a newer one"
        return newest, (f"{what}: the worker, of {compatibility_date}, runs as of {newest} ({hint})",)


def find_workerd(near: Path, given: str | None = None) -> Workerd:
    """The runtime for a worker.

    near: the folder of the worker, from which `node_modules` is looked for upwards. given: a path that an
    option names, before all else; then EDGEDAY_WORKERD, `node_modules` (workerd's own, then the one that
    wrangler brings), the PATH, and what belongs to a wrangler that lies elsewhere.
    Raises NoWorkerd if there is none, BadInput if what is named is none.
    """
    for name, said in (("--workerd", given), (VARIABLE, os.environ.get(VARIABLE))):
        if said:
            return _named(Path(said).expanduser(), name)
    seen: list[Path] = []
    for path in _candidates(near.resolve()):
        version = version_of(path)
        if version:
            return Workerd(path, version)
        seen.append(path)
    what = "JavaScript workers run on workerd, the Workers runtime, which is not there"
    if seen:
        what = f"{seen[0]} does not run here as workerd"
    raise NoWorkerd(Problem(str(near), what, f"{HOW_TO_GET}; or name it: --workerd, {VARIABLE}"))


def _named(path: Path, name: str) -> Workerd:
    if not path.is_file():
        raise BadInput(Problem(name, f"there is no file {path}", HOW_TO_GET))
    binary = _behind_launcher(path)
    version = version_of(binary)
    if not version:
        what = f"{path} does not run here as workerd"
        raise BadInput(Problem(name, what, "name the binary: @cloudflare/workerd-.../bin/workerd"))
    return Workerd(binary, version)


def version_of(path: Path) -> str:
    """What a binary says of its version, as YYYY-MM-DD; "" if it is none of workerd."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    return _version(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _version(path: Path, _changed: int, _size: int) -> str:
    try:
        done = subprocess.run(
            [path, "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_START_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = _VERSION.fullmatch(done.stdout)
    try:
        return "" if said is None else date.fromisoformat(said[1]).isoformat()
    except ValueError:
        return ""


@lru_cache(maxsize=16)
def _newest_date(path: Path, version: str) -> str:
    """The newest compatibility date that a binary takes today, in its own words: it is asked for one that is
    far off."""
    with TemporaryDirectory(prefix="edgeday-") as folder:
        config = Path(folder, "date.capnp")
        config.write_text(_FAR_DATE, "utf-8")
        try:
            done = subprocess.run(
                [path, "serve", config],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_START_TIMEOUT_S,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.TimeoutExpired):
            return version
    return min(_DATES.findall(done.stderr), default=version)


# where it lies


def platform_package() -> str:
    """The npm package with the binary for this machine, below `@cloudflare`."""
    system = {"win32": "windows", "darwin": "darwin"}.get(sys.platform, "linux")
    is_arm = platform.machine().lower() in {"arm64", "aarch64"} and system != "windows"
    return f"workerd-{system}-{'arm64' if is_arm else '64'}"


def _candidates(near: Path) -> Iterator[Path]:
    """Binaries and launchers, the nearest first."""
    for folder in (near, *near.parents):
        modules = folder / "node_modules"
        if modules.is_dir():
            yield from _binaries_in(modules)
            for package in ("workerd", "wrangler", "miniflare"):
                yield from _binaries_of(modules / package)
    on_path = shutil.which("workerd")
    if on_path is not None:
        yield _behind_launcher(Path(on_path))
    wrangler = os.environ.get("EDGEDAY_WRANGLER") or shutil.which("wrangler")
    if wrangler is not None:  # one that lies elsewhere has brought its own
        for folder in Path(wrangler).resolve().parents[:3]:
            if folder.name == "wrangler":
                yield from _binaries_of(folder)


def _binaries_of(package: Path) -> Iterator[Path]:
    """What lies below a package, or beside it where the package manager links it from elsewhere."""
    if not package.is_dir():
        return
    real = package.resolve()
    for modules in dict.fromkeys((real / "node_modules", *_modules_around(real))):
        yield from _binaries_in(modules)
        if package.name != "workerd" and (modules / "workerd").is_dir():
            yield from _binaries_of(modules / "workerd")


def _modules_around(folder: Path) -> Iterator[Path]:
    """The nearest `node_modules` that a folder lies in."""
    for parent in folder.parents:
        if parent.name == "node_modules":
            yield parent
            return


def _binaries_in(modules: Path) -> Iterator[Path]:
    ending = ".exe" if sys.platform == "win32" else ""
    binary = modules / "@cloudflare" / platform_package() / "bin" / f"workerd{ending}"
    if binary.is_file():
        yield binary.resolve()
    own = modules / "workerd" / "bin" / f"workerd{ending}"  # its installer puts the binary there
    if own.is_file() and not _is_launcher(own):
        yield own.resolve()


def _is_launcher(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _LAUNCHER.match(file.read(200)) is not None
    except OSError:
        return False


def _behind_launcher(path: Path) -> Path:
    """The binary that a launcher for Node starts; the file itself if it is none, or starts none."""
    real = path.resolve()
    if real.parent.name == ".bin":
        package = real.parent.parent / "workerd"
    elif _is_launcher(real):
        package = real.parent.parent
    else:
        return path.absolute()
    return next(_binaries_of(package), path.absolute())
