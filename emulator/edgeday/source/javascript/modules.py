"""The files that a worker is made of: its main one and what these import from each other by relative paths.

Packages are not read, nor more than `MOST_BYTES` in all: a whole program in one file takes a second, not
minutes.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from edgeday.source.javascript.files import Files, files_of
from edgeday.source.javascript.scopes import Binding, Scope, give_scopes
from edgeday.source.javascript.syntax import NOTHING, Node, parse, string_of

MOST_BYTES = 2 * 1024 * 1024
_MOST_FILES = 200
_ENDINGS = (".ts", ".tsx", ".mts", ".js", ".mjs", ".jsx", ".cjs", ".cts")
_OF_TYPESCRIPT = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".jsx": (".tsx",), ".cjs": (".cts",)}
"""What a file with the ending of JavaScript is called before TypeScript is compiled."""
_HANDLERS = frozenset({"fetch", "scheduled", "queue", "email", "alarm", "webSocketMessage"})
_DEEPEST = 8


class Definition(NamedTuple):
    """What a name stands for. value: as it is written there. path: which part of that it is."""

    value: Node
    path: tuple[str | int, ...] = ()


@dataclass(eq=False, slots=True)
class Module:
    """A file. exports: what it gives others, by name. forwards: where it has what it gives on from."""

    path: Path
    tree: Node = NOTHING
    scope: Scope | None = None
    exports: dict[str, Node] = field(default_factory=dict)
    forwards: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, module it comes from and name there; "*" for all."""
    imports: dict[str, Module] = field(default_factory=dict)
    """The files that it imports, by how it names them."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    """What the members of its `env` are, as far as they are given."""
    fields: dict[str, list[Node]] = field(default_factory=dict)
    """What the fields of its classes are set to, by name, wherever that is."""
    methods: dict[str, list[Node]] = field(default_factory=dict)
    """The methods of its classes and objects, by name."""

    @property
    def name(self) -> str:
        return self.path.name

    def place(self, node: Node) -> str:
        """`file:line` of a node."""
        return f"{self.name}:{node.line}"

    def exported(self, name: str, depth: int = 0) -> Node | None:
        """What it exports under a name, where that is declared."""
        if depth > _DEEPEST:
            return None
        if name in self.exports:
            return self.exports[name]
        for given, source, original in self.forwards:
            other = self.imports.get(source)
            if other is None or given not in {name, "*"}:
                continue
            found = other.exported(name if given == "*" else original, depth + 1)
            if found is not None:
                return found
        return None


def read_worker(main: Path) -> list[Module]:
    """A worker's files, its main one first; of a bundle, what it was made of. What cannot be read, or is too
    much, is left out. The last worker is kept for the next question, as long as its files stay the same."""
    for stamps, modules in _kept:
        if next(iter(stamps)) == main and all(_stamp(path) == stamp for path, stamp in stamps.items()):
            return modules
    modules = _read_anew(main)
    _kept[:] = [({path: _stamp(path) for path in (main, *(one.path for one in modules))}, modules)]
    return modules


_kept: list[tuple[dict[Path, object], list[Module]]] = []
"""The last worker, with what its files were like."""


def _stamp(path: Path) -> object:
    """What changes when a file does."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read_anew(main: Path) -> list[Module]:
    files = files_of(main)
    modules: dict[Path, Module] = {}
    waiting = deque(files.first)
    left = MOST_BYTES
    while waiting and len(modules) < _MOST_FILES:
        path = waiting.popleft()
        text = None if path in modules else files.text(path, left)
        if text is None:
            continue
        left -= len(text)
        module = modules[path] = _read(path, text)
        waiting += (one for name in _specifiers(module.tree) if (one := _file_of(name, path, files)))
    for module in modules.values():
        for specifier in _specifiers(module.tree):
            found = _file_of(specifier, module.path, files)
            if found in modules:
                module.imports[specifier] = modules[found]
    return list(modules.values())


def _read(path: Path, text: bytes) -> Module:
    module = Module(path)
    module.tree = parse(text, path)
    module.scope = give_scopes(module, module.tree)
    _note_exports(module)
    for node in module.tree.walk():
        if node.kind == "method_definition":
            module.methods.setdefault(node.get("name").text, []).append(node)
        elif node.kind == "public_field_definition" and node.get("value"):
            module.fields.setdefault(node.get("name").text, []).append(node.get("value"))
        elif node.kind == "assignment_expression" and node.get("left").get("object").kind == "this":
            module.fields.setdefault(node.get("left").member, []).append(node.get("right"))
    return module


def _specifiers(tree: Node) -> Iterator[str]:
    """How a file names what it imports, in any of the ways to."""
    for node in tree.walk():
        source = NOTHING
        if node.kind in {"import_statement", "export_statement"}:
            source = node.get("source")
        elif node.kind == "call_expression" and node.get("function").text in {"require", "import"}:
            source = node.arguments[0] if node.arguments else NOTHING
        text = string_of(source)
        if text is not None:
            yield text


def _file_of(specifier: str, importer: Path, files: Files) -> Path | None:
    """The file that an import means, None if it is a package's."""
    if specifier.startswith(("./", "../")) or specifier in {".", ".."}:
        named: Iterable[Path] = [Path(os.path.normpath(importer.parent / specifier))]
    else:
        named = files.named(specifier)
    return next((one for place in named for one in _spelled(place) if files.has(one)), None)


def _spelled(place: Path) -> Iterator[Path]:
    """The files that a path without an ending, or with the one that it has in the end, stands for."""
    if place.suffix in _ENDINGS:
        yield place
        yield from (place.with_suffix(ending) for ending in _OF_TYPESCRIPT.get(place.suffix, ()))
        return
    for folder in (place.parent, place):
        name = place.name if folder == place.parent else "index"
        yield from (folder / (name + ending) for ending in _ENDINGS)


def _note_exports(module: Module) -> None:
    for node in module.tree.children:
        if node.kind == "export_statement":
            _note_export(module, node)
        elif node.kind == "expression_statement" and node.children[0].kind == "assignment_expression":
            target, value = node.children[0].get("left").text, node.children[0].get("right")
            if target == "module.exports":
                module.exports["default"] = value
                for pair in value.children if value.kind == "object" else ():
                    name = pair.get("key").text or pair.text
                    module.exports[name] = pair.get("value") or pair
            elif target.startswith(("exports.", "module.exports.")):
                module.exports[target.rpartition(".")[2]] = value


def _note_export(module: Module, node: Node) -> None:
    source = string_of(node.get("source")) or ""
    declared = node.get("declaration")
    value = node.get("value")
    if value or (declared and declared.kind not in {"lexical_declaration", "variable_declaration"}):
        exported = value or declared
        is_default = bool(value) or " default " in f" {node.text[:40]} "
        module.exports["default" if is_default else exported.get("name").text] = exported
        if exported.get("name"):
            module.exports.setdefault(exported.get("name").text, exported)
    for one in declared.children:
        if one.kind == "variable_declarator":
            module.exports[one.get("name").text] = one.get("value")
    for clause in node.children:
        for one in clause.children if clause.kind == "export_clause" else ():
            name, alias = one.get("name"), one.get("alias").text or one.get("name").text
            if source:
                module.forwards.append((alias, source, name.text))
            else:
                module.exports[alias] = name
    if source and not any(child.kind == "export_clause" for child in node.children):
        module.forwards.append(("*", source, "*"))


def other_workers(modules: Iterable[Module]) -> set[int]:
    """The ids of the classes that are workers of their own: Durable Objects and entrypoints, which have
    handlers, are no default export, and are made by nothing here."""
    modules = list(modules)
    made = {
        node.get("constructor").text
        for module in modules
        for node in module.tree.walk()
        if node.kind == "new_expression"
    }
    others: set[int] = set()
    for module in modules:
        default = module.exports.get("default", NOTHING)
        for node in module.tree.walk():
            if node.kind != "class_declaration" or node is default or node.get("name").text == default.text:
                continue
            methods = {one.get("name").text for one in node.get("body").children}
            if methods & _HANDLERS and node.get("name").text not in made:
                others.add(id(node))
    return others


def definition_of(name: Node, depth: int = 0) -> Definition | None:
    """What an identifier stands for, looked for in its scopes and in the file that it is imported from; None
    if nothing says it, or several things do."""
    binding = binding_of(name)
    if binding is None or depth > _DEEPEST:
        return None
    if binding.kind == "import":
        exported = _imported(binding, name)
        if exported is None:
            return None
        if exported.kind in {"identifier", "shorthand_property_identifier"}:
            return definition_of(exported, depth + 1) or Definition(exported)
        return Definition(exported)
    value = binding.only_value
    if value is not None and value.kind == "identifier" and not binding.path and value is not name:
        return definition_of(value, depth + 1) or Definition(value)
    return None if value is None else Definition(value, binding.path)


def binding_of(name: Node) -> Binding | None:
    """How an identifier is declared, None if it is not: a global."""
    return None if name.scope is None else name.scope.lookup(name.text)


def module_of(node: Node) -> Module | None:
    """The file that a node is in."""
    return None if node.scope is None else node.scope.module


def _imported(binding: Binding, name: Node) -> Node | None:
    module = module_of(name)
    other = None if module is None else module.imports.get(string_of(binding.values[0]) or "")
    return None if other is None else other.exported(binding.original)


def member_of(value: Node, path: tuple[str | int, ...]) -> Node | None:
    """A part of an object or a list that is written as one."""
    for key in path:
        if value.kind == "array" and isinstance(key, int) and key < len(value.children):
            value = value.children[key]
        elif value.kind == "object":
            found = [one for one in value.children if one.kind == "pair" and _key_of(one) == key]
            if len(found) != 1:
                return None
            value = found[0].get("value")
        else:
            return None
    return value


def value_of_member(node: Node) -> Node | None:
    """What `name.member` stands for: of an object that is written as one, or of a file imported whole."""
    owner = node.get("object")
    if owner.kind != "identifier":
        return None
    binding, module = binding_of(owner), module_of(owner)
    if binding is not None and binding.kind == "import" and binding.original == "*" and module is not None:
        other = module.imports.get(string_of(binding.values[0]) or "")
        return None if other is None else other.exported(node.member)
    found = definition_of(owner)
    return None if found is None else member_of(found.value, (*found.path, node.member))


def _key_of(pair: Node) -> str:
    key = pair.get("key")
    return string_of(key) or key.text
