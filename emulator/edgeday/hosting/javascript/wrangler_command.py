"""The user's own wrangler: where it is, which version, and how it is run without the network."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from edgeday.errors import BadInput, Problem

VARIABLE = "EDGEDAY_WRANGLER"
HOW_TO_GET = (
    "npm i -D wrangler; or name dist/worker.bundle, which "
    "wrangler deploy --dry-run --outfile dist/worker.bundle writes"
)
_COMMANDS = ("wrangler.cmd", "wrangler.exe") if sys.platform == "win32" else ("wrangler",)
_NOT_PASSED_ON = ("CLOUDFLARE_", "WRANGLER_", "CF_")
_NOWHERE = "http://127.0.0.1:9/"


class Wrangler(NamedTuple):
    """A wrangler. version: "" if its package does not say it."""

    path: Path
    version: str

    @property
    def says(self) -> str:
        """For people: "wrangler 4.86.0"."""
        return f"wrangler {self.version}".rstrip()


def find_wrangler(near: Path) -> Wrangler | None:
    """The one that EDGEDAY_WRANGLER names, else that of `node_modules` from a folder upwards, else that of
    the PATH; None if there is none. Raises BadInput if the variable names none."""
    if named := os.environ.get(VARIABLE):
        path = Path(named).expanduser()
        if not path.is_file():
            raise BadInput(Problem(VARIABLE, f"there is no file {path}", HOW_TO_GET))
        return Wrangler(path.absolute(), _version(path))
    return next((Wrangler(path, _version(path)) for path in _candidates(near.resolve())), None)


def _candidates(near: Path) -> Iterator[Path]:
    for folder in (near, *near.parents):
        for name in _COMMANDS:
            path = folder / "node_modules" / ".bin" / name
            if path.is_file():
                yield path
    on_path = shutil.which("wrangler")
    if on_path is not None:
        yield Path(on_path)


def _version(command: Path) -> str:
    """The version that its package says; a command in `.bin` is a link into it, or lies beside it."""
    real = command.resolve()
    for folder in (*real.parents[:3], command.parent.parent / "wrangler"):
        try:
            package = json.loads((folder / "package.json").read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(package, dict) and package.get("name") == "wrangler":
            return str(package.get("version", ""))
    return ""


def offline_environment(folder: Path, environment: str) -> dict[str, str]:
    """The variables that wrangler runs with: the process's own without those that change what it builds or
    reach an account, and with all that keeps it from the network. folder: for its logs. environment: of the
    configuration, which the project's own build command may ask for too.

    `npm_registry` is where its search for a newer version looks; npm itself reads another one, so that a
    project's own build command finds what it needs.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
    if environment:
        own["CLOUDFLARE_ENV"] = environment
    return {
        **own,
        "CI": "1",
        "NO_COLOR": "1",
        "FORCE_COLOR": "0",
        "WRANGLER_HIDE_BANNER": "true",
        "WRANGLER_SEND_METRICS": "false",
        "WRANGLER_SEND_ERROR_REPORTS": "false",
        "WRANGLER_LOG": "log",
        "WRANGLER_LOG_PATH": str(folder),
        "npm_registry": _NOWHERE,
    }
