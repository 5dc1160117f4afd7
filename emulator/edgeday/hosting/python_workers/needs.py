"""Whether a worker needs Cloudflare's Python runtime: by its imports, also the late and indirect ones."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

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
    return _file_of(name, folder) or _file_of(name, main.parent)


def _is_of_runtime(top: str, main: Path, folder: Path) -> bool:
    return (
        top in RUNTIME_MODULES
        and _own_file(top, main, folder) is None
        and not any((place / top).is_dir() for place in (folder, main.parent))
    )


def _file_of(name: str, folder: Path) -> Path | None:
    place = folder.joinpath(*name.split("."))
    for path in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


def _imported_names(path: Path, folder: Path) -> Iterator[str]:
    """The modules that a file imports, and what it imports from them, which may be modules."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, SystemError):
        return  # CPython 3.11 may raise SystemError of deep code
    package = path.parent.relative_to(folder).parts if path.is_relative_to(folder) else ()
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            if start:
                yield start
            yield from (f"{start}.{alias.name}" if start else alias.name for alias in node.names)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Every part of the code but what is for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _statements(node)
