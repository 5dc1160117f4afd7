"""Packages in a project's `python_modules`, where pywrangler puts them as Pyodide needs them.

Packages with compiled parts are WebAssembly there and do not run here. They are taken from the environment,
and with them whatever needs them, so that versions go together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

from edgeday.hosting.python_workers.sdk import Folder, top_level_names

_COMPILED = (".so", ".wasm")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def vendored_packages(folder: Path) -> Folder:
    """The modules of vendored packages that run here."""
    found = {_normal(one.name): one for one in distributions(path=[str(folder)])}
    compiled = {name for name, one in found.items() if _is_compiled(one)}
    while more := {name for name, one in found.items() if _needs(one) & compiled} - compiled:
        compiled |= more
    elsewhere = {_normal(one.name) for one in distributions()} if compiled else set()
    from_environment = {module for name in compiled & elsewhere for module in _modules(found[name])}
    return Folder(folder, top_level_names(folder) - from_environment)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _files(distribution: Distribution) -> Iterable[Path]:
    return [Path(str(file)) for file in distribution.files or ()]


def _is_compiled(distribution: Distribution) -> bool:
    return any(file.suffix in _COMPILED for file in _files(distribution))


def _modules(distribution: Distribution) -> set[str]:
    return {file.parts[0].partition(".")[0] for file in _files(distribution)}


def _needs(distribution: Distribution) -> set[str]:
    names = (_NAME.match(requirement) for requirement in distribution.requires or ())
    return {_normal(name[0]) for name in names if name}
