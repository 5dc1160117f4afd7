"""The Workers runtime and wrangler, for tests that need them, in whatever room they are.

A test that has the fixture `workerd` or `wrangler`, or the mark of that name, is skipped with the reason
where that is missing, and fails instead with EDGEDAY_REQUIRE_WORKERD=1. `make test-javascript` installs both,
and runs these tests. A file of tests of one says so once: `pytestmark = pytest.mark.workerd`.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

INSTALLED = Path(__file__).parents[3] / ".javascript-test" / os.environ.get("EDGEDAY_TOOLS", "")
"""What `make test-javascript` installs: the newest tested versions; below `oldest`, which EDGEDAY_TOOLS names
then, the oldest ones."""
_SYSTEM = "windows" if sys.platform == "win32" else sys.platform
_IS_ARM = platform.machine().lower() in {"arm64", "aarch64"} and _SYSTEM != "windows"
_PACKAGE = f"@cloudflare/workerd-{_SYSTEM}-{'arm64' if _IS_ARM else '64'}"
_ENDING = ".exe" if sys.platform == "win32" else ""


def _there(variable: str, installed: Path) -> Path:
    """The file that an environment variable names, else the installed one; without it there is no test."""
    path = Path(os.environ.get(variable) or installed)
    if not path.is_file():
        _miss(f"{path.name} is not installed; make test-javascript installs it, or {variable} names it")
    return path.resolve() if variable == "EDGEDAY_WORKERD" else path


def _miss(what: str) -> NoReturn:
    if os.environ.get("EDGEDAY_REQUIRE_WORKERD"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def workerd(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The binary of the Workers runtime, which edgeday finds too, wherever it looks."""
    path = _there("EDGEDAY_WORKERD", INSTALLED / "node_modules" / _PACKAGE / "bin" / f"workerd{_ENDING}")
    monkeypatch.setenv("EDGEDAY_WORKERD", str(path))
    return path


@pytest.fixture(scope="module")
def workerd_of_module() -> Path:
    """The same for fixtures of a module; edgeday finds it only where it is told."""
    return _there("EDGEDAY_WORKERD", INSTALLED / "node_modules" / _PACKAGE / "bin" / f"workerd{_ENDING}")


@pytest.fixture
def wrangler(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command of wrangler, which edgeday finds too, wherever it looks."""
    path = _there("EDGEDAY_WRANGLER", INSTALLED / "node_modules" / ".bin" / "wrangler")
    if shutil.which("node") is None:
        _miss("Node, which runs wrangler, is not installed")
    monkeypatch.setenv("EDGEDAY_WRANGLER", str(path))
    return path
