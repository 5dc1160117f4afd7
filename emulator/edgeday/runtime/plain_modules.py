"""A bundle of plain files: a .js or .mjs file, and what it imports from others by relative paths.

No bundler runs: the files are the modules, under their own paths. What only a bundler can do, for npm
packages, TypeScript, CommonJS and imports into a service worker, is said by its place; wrangler does it.
Source: wrangler 4.86 (`DEFAULT_MODULE_RULES`, `guessWorkerFormat`), esbuild's resolution of paths.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from edgeday.errors import BadInput, Problem, did_you_mean
from edgeday.files import from_here, read_capped
from edgeday.hosting.javascript.bundles import Bundle, Form, Module
from edgeday.hosting.javascript.wrangler_command import HOW_TO_GET
from edgeday.source.javascript.syntax import Node, is_broken, parse, string_of

ENDINGS = (".js", ".mjs")
"""Of files that run as they are."""
_KINDS = {
    ".js": "esModule",
    ".mjs": "esModule",
    ".txt": "text",
    ".html": "text",
    ".sql": "text",
    ".bin": "data",
    ".wasm": "wasm",
    ".json": "json",
}
_BUNDLED = {
    ".ts": "TypeScript",
    ".tsx": "TypeScript",
    ".mts": "TypeScript",
    ".cts": "TypeScript",
    ".jsx": "JSX",
    ".cjs": "CommonJS",
    ".css": "CSS",
}
_ORDER = (".tsx", ".ts", ".jsx", ".js", ".css", ".json")
"""What a path without an ending is tried with, as esbuild has it."""
_OF_THE_RUNTIME = ("node:", "cloudflare:", "workerd:")
_MOST_BYTES = 64 * 1024 * 1024
_SOURCE_MAP = re.compile(rb"//[#@] ?sourceMappingURL=(\S+)\s*\Z")
_DATA_URL = re.compile(r"data:application/json[^,]*,(.*)", re.DOTALL)


class NeedsBundler(BadInput):
    """A worker of which something has to be bundled before it runs."""


_EXPORT = re.compile(rb"^export\b", re.MULTILINE)


class _Import(NamedTuple):
    """What a file imports. specifier: as it is written. line: that it stands in, from 1."""

    specifier: str
    line: int


class _Source(NamedTuple):
    """A file that is a module. imports: what it imports, with the file that each is, None for the runtime's
    own."""

    path: Path
    body: bytes
    kind: str
    imports: tuple[tuple[_Import, Path | None], ...] = ()
    exports: frozenset[str] = frozenset()


def read_plain(main: Path, *, date: str = "", flags: tuple[str, ...] = ()) -> Bundle:
    """The bundle of a worker's main file. date, flags: of its compatibility.

    Raises NeedsBundler where something has to be bundled, BadInput for files that are not there; with all
    that is wrong, each at its file:line:column.
    """
    sources = _Reader().read(main.resolve())
    first = sources[0]
    root = Path(os.path.commonpath([source.path.parent for source in sources]))
    names = {source.path: source.path.relative_to(root).as_posix() for source in sources}
    form: Form = "modules" if first.exports else "service-worker"
    modules = [Module(names[one.path], one.kind, one.body) for one in sources]
    if form == "service-worker":
        modules[0] = modules[0]._replace(kind="serviceWorkerScript")
    modules += _aliases(sources, names)
    maps = {names[one.path]: found for one in sources if (found := _source_map(one, root)) is not None}
    return Bundle(
        main=names[first.path],
        form=form,
        modules=tuple(modules),
        date=date,
        flags=flags,
        source_maps=maps,
        folder=root,
        sources=tuple(one.path for one in sources),
    )


def _aliases(sources: list[_Source], names: dict[Path, str]) -> Iterator[Module]:
    """Modules for imports that name a file otherwise than it is called: `./lib` for lib/index.js."""
    by_path = {source.path: source for source in sources}
    made = set(names.values())
    for source in sources:
        for imported, path in source.imports:
            if path is None:
                continue
            folder = posixpath.dirname(names[source.path])
            name = posixpath.normpath(posixpath.join(folder, imported.specifier))
            if name in made:
                continue
            made.add(name)
            target = by_path[path]
            if target.kind == "esModule":
                at = json.dumps(_relative(names[path], posixpath.dirname(name)))
                default = f"export {{ default }} from {at};\n" if "default" in target.exports else ""
                body = f"export * from {at};\n{default}".encode()
                yield Module(name, "esModule", body)
            else:
                yield Module(name, target.kind, target.body)


def _relative(name: str, folder: str) -> str:
    """How a module in a folder names another one."""
    path = posixpath.relpath(name, folder or ".")
    return path if path.startswith("../") else f"./{path}"


class _Reader:
    """Reads files and what they import."""

    def __init__(self) -> None:
        self._needs: list[Problem] = []
        self._problems: list[Problem] = []

    def read(self, main: Path) -> list[_Source]:
        """The file and all that it leads to, it first. Raises BadInput."""
        sources: dict[Path, _Source] = {}
        waiting = [main]
        while waiting:
            path = waiting.pop(0)
            if path in sources:
                continue
            sources[path] = source = self._source(path, is_main=path == main)
            waiting += [file for _, file in source.imports if file is not None]
        if self._problems:
            raise BadInput([*self._problems, *self._needs])
        if self._needs:
            raise NeedsBundler(self._needs)
        return list(sources.values())

    def _source(self, path: Path, *, is_main: bool) -> _Source:
        kind = _KINDS.get(path.suffix.lower())
        if kind is None:
            self._need_file(path, _BUNDLED.get(path.suffix.lower(), "of no kind that modules have"))
            return _Source(path, b"", "data")
        try:
            body = read_capped(path, _MOST_BYTES, kind="a module")
        except BadInput as bad:
            self._problems += bad.problems
            return _Source(path, b"", kind)
        if kind != "esModule":
            return _Source(path, body, kind)
        tree = parse(body, path)
        exports = frozenset(_exports(tree))
        if not exports and _EXPORT.search(body) and is_broken(body, path):
            exports = frozenset(
                {"default"}
            )  # a module all the same: its syntax error is to be told, no other
        if not exports and not is_main and _is_commonjs(tree):
            self._need_file(path, "CommonJS")
        found = []
        for one, is_required in _imports(tree):
            if is_required:
                self._need(path, body, one, f'"{one.specifier}" is required, which modules cannot')
            elif is_main and not exports:
                self._need(path, body, one, "a service worker imports something")
            else:
                found.append((one, self._file_of(path, body, one)))
        return _Source(path, body, kind, tuple(found), exports)

    def _file_of(self, importer: Path, body: bytes, one: _Import) -> Path | None:
        """The file that an import names; None for a module of the runtime, and where there is a problem."""
        specifier = one.specifier
        if specifier.startswith(_OF_THE_RUNTIME):
            return None
        if not specifier.startswith(("./", "../", "/")) and specifier not in {".", ".."}:
            what = f'"{specifier}" is an npm package'
            if "://" in specifier:
                what = f'"{specifier}" is on the network, where modules do not come from'
            self._need(importer, body, one, what)
            return None
        place = importer.parent / specifier.removesuffix("?module")
        files = [place, *(place.with_name(place.name + ending) for ending in _ORDER)]
        files += [place / f"index{ending}" for ending in _ORDER]
        file = next((file for file in files if file.is_file()), None)
        if file is not None:
            return Path(os.path.normpath(file))
        near = [f"./{file.name}" for file in place.parent.iterdir()] if place.parent.is_dir() else []
        hint = did_you_mean(f"./{place.name}", near)
        self._problems.append(_at(importer, body, one, f'there is no file "{specifier}"', hint))
        return None

    def _need_file(self, path: Path, kind: str) -> None:
        what = f"is {kind}, so that it has to be bundled"
        self._needs.append(Problem(str(from_here(path)), what, HOW_TO_GET))

    def _need(self, path: Path, body: bytes, one: _Import, what: str) -> None:
        self._needs.append(_at(path, body, one, what, HOW_TO_GET))


def _at(path: Path, body: bytes, one: _Import, what: str, hint: str) -> Problem:
    """A problem at the text that an import names."""
    lines = body.decode("utf-8", "replace").splitlines()
    text = lines[one.line - 1] if one.line <= len(lines) else ""
    column = text.find(one.specifier) + 1
    marker = " " * (column - 1) + "^" * len(one.specifier)
    excerpt = f"{one.line:>6} | {text}\n       | {marker}" if column and len(text) < 100 else ""
    return Problem(str(from_here(path)), what, hint, one.line, column, excerpt)


# what the source says


def _imports(tree: Node) -> Iterator[tuple[_Import, bool]]:
    """What a file imports, each once, and whether by `require`."""
    seen = set()
    for node in tree.walk():
        is_required = False
        if node.kind in {"import_statement", "export_statement"}:
            source = node.get("source")
        elif node.kind == "call_expression" and node.get("function").text in {"import", "require"}:
            is_required = node.get("function").text == "require"
            source = node.arguments[0] if node.arguments else node
        else:
            continue
        specifier = string_of(source)
        if specifier is not None and (specifier, is_required) not in seen:
            seen.add((specifier, is_required))
            yield _Import(specifier, source.line), is_required


def _exports(tree: Node) -> Iterator[str]:
    """The names that a file exports; "*" for all of another one."""
    for node in tree.children:
        if node.kind != "export_statement":
            continue
        clauses = [child for child in node.children if child.kind == "export_clause"]
        declared = node.get("declaration")
        if re.match(r"export\s+default\b", node.text):
            yield "default"
        elif clauses:
            for one in (one for clause in clauses for one in clause.children):
                name = one.get("alias") or one.get("name")
                yield string_of(name) or name.text
        elif declared:
            names = [one.get("name").text for one in (declared, *declared.children)]
            yield from filter(None, names)
        else:
            yield "*"


def _is_commonjs(tree: Node) -> bool:
    return any(
        node.kind == "assignment_expression"
        and node.get("left").text.startswith(("module.exports", "exports."))
        for node in tree.walk()
    )


# its source map


def _source_map(source: _Source, root: Path) -> bytes | None:
    """The source map that a file names, with its paths from the root on; None if there is none."""
    named = _SOURCE_MAP.search(source.body[-_MOST_BYTES:].rstrip()) if source.kind == "esModule" else None
    if named is None:
        return None
    url = named[1].decode("utf-8", "replace")
    folder = source.path.parent
    try:
        inline = _DATA_URL.fullmatch(url)
        if inline is not None:
            data = base64.b64decode(inline[1], validate=True)
        else:
            folder = (folder / url).parent
            data = (source.path.parent / url).read_bytes()
        made = json.loads(data)
        base = Path(os.path.relpath(folder, root)).as_posix()
        made["sourceRoot"] = (PurePosixPath(base) / (made.get("sourceRoot") or "")).as_posix()
    except (OSError, ValueError, TypeError, binascii.Error):
        return None
    return json.dumps(made).encode()
