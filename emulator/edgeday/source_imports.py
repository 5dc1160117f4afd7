"""What a Python file imports, seen in its source, and where such a module lies. Nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path


def imported_names(tree: ast.Module, package: Sequence[str] = ()) -> Iterator[str]:
    """The modules that a file imports, and what it imports from them, which may be modules; but for type
    checkers alone. package: the names of the packages that the file lies in, for its relative imports."""
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


def packages_of(path: Path, folder: Path) -> tuple[str, ...]:
    """The packages that a file lies in. folder: where imports start from."""
    return path.parent.relative_to(folder).parts if path.is_relative_to(folder) else ()


def module_file(name: str, folder: Path) -> Path | None:
    """The file of a module below a folder that imports start from; None if it has none there."""
    place = folder.joinpath(*name.split("."))
    files = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)
