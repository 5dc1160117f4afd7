"""Whether a worker needs Cloudflare's Python runtime: by its imports, also the late and indirect ones."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from edgeday.source_imports import imported_names, module_file, packages_of

RUNTIME_MODULES = frozenset(
    {"workers", "js", "pyodide", "pyodide_js", "asgi", "_pyodide_entrypoint_helper",
     "_cloudflare_compat_flags", "_cloudflare"}
)  # fmt: skip
"""Top-level modules that only Cloudflare's Python runtime has."""


_LIBRARY = sysconfig.get_path("stdlib")


def needs_runtime(main: Path, folder: Path) -> bool:
    """Whether a file, or a file of the same folder that it imports, imports something of the runtime.

    folder: where its imports start from; a module of that name in it is the project's own. A file with a
    syntax error needs nothing.
    """
    if str(folder) == _LIBRARY:
        return False
    known: set[Path] = set()
    waiting = [main]
    while waiting:
        path = waiting.pop()
        if path in known:
            continue
        known.add(path)
        for name in _imported_names(path, folder):
            own = _own_file(name, main, folder)
            if own is not None:
                waiting.append(own)
            elif _is_of_runtime(name.partition(".")[0], main, folder):
                return True
    return False


def _own_file(name: str, main: Path, folder: Path) -> Path | None:
    """A module of the project: from the folder, or beside the worker's file."""
    return module_file(name, folder) or module_file(name, main.parent)


def _is_of_runtime(top: str, main: Path, folder: Path) -> bool:
    return (
        top in RUNTIME_MODULES
        and _own_file(top, main, folder) is None
        and not any((place / top).is_dir() for place in (folder, main.parent))
    )


def _imported_names(path: Path, folder: Path) -> Iterator[str]:
    """What a file imports; nothing if it cannot be parsed."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, SystemError):
        return  # CPython 3.11 may raise SystemError of deep code
    yield from imported_names(tree, packages_of(path, folder))
