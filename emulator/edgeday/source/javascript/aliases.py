"""Names of a project's own files that are no relative paths: `paths` and `baseUrl` of its tsconfig.json.

What it extends is not read. Source: TypeScript's reference for tsconfig, "paths".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from edgeday.source.javascript.syntax import Node, parse, string_of

_NAMES = ("tsconfig.json", "jsconfig.json")
_HIGHEST = 4
"""How many folders above a worker's file are looked in."""


class Aliases:
    """Where a project says that its own files are."""

    def __init__(self, main: Path) -> None:
        self._paths: list[tuple[str, Path]] = []
        for folder in list(main.parents)[:_HIGHEST]:
            path = next((folder / name for name in _NAMES if (folder / name).is_file()), None)
            if path is not None:
                self._read(path)
                break

    def places(self, specifier: str) -> Iterator[Path]:
        """What an import may mean, the likeliest first."""
        for pattern, target in self._paths:
            before, star, behind = pattern.partition("*")
            fits = specifier.startswith(before) and specifier.endswith(behind)
            if fits and (star or specifier == pattern):
                inner = specifier[len(before) : len(specifier) - len(behind)]
                yield Path(os.path.normpath(str(target).replace("*", inner)))

    def _read(self, path: Path) -> None:
        try:
            text = path.read_bytes()
        except OSError:
            return
        tree = parse(b"x = " + text, path)
        whole = next((one for one in tree.walk() if one.kind == "object"), None)
        options = _member(whole, "compilerOptions")
        base = _text(_member(options, "baseUrl"))
        root = path.parent / (base or ".")
        paths = _member(options, "paths")
        for pair in paths.children if paths is not None else ():
            pattern = string_of(pair.get("key"))
            for target in pair.get("value").children:
                if pattern is not None and (named := string_of(target)) is not None:
                    self._paths.append((pattern, root / named))
        if base:
            self._paths.append(("*", root / "*"))


def _member(node: Node | None, name: str) -> Node | None:
    if node is None:
        return None
    values = (one.get("value") for one in node.children if string_of(one.get("key")) == name)
    return next(values, None)


def _text(node: Node | None) -> str:
    return "" if node is None else string_of(node) or ""
