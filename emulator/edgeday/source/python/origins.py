"""Hosts that a Python worker fetches from, as far as its source shows them. Nothing of it is run.

Shown is a host that stands in the text of a URL which reaches `fetch(...)` of the platform: written there, or
in a constant or a variable that is set once. Where anything is in doubt, nothing is shown; a run sees it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edgeday.source.model import UNKNOWN, FetchedHost, Text
from edgeday.source.python.routes import modules_of

SOURCES_OF_THE_PLATFORM = frozenset({"edgeday", "edgeday.web", "edgeday.web.ambient", "workers", "js"})
"""Modules that a worker has the platform's globals from."""
_HANDLERS = frozenset({"fetch", "on_fetch", "scheduled", "on_scheduled", "queue", "alarm", "email", "main"})
_MAX_DEPTH = 8
_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


def fetched_hosts(main: Path, class_name: str | None = None) -> list[FetchedHost]:
    """The hosts that a worker's file and the modules beside it show, in their order, each once.

    class_name: of the worker; another class with handlers is another worker, unless something uses it. None:
    it is not known, and every class counts.
    """
    modules = [_Module(path, tree) for path, tree in modules_of(main)]
    by_name = {module.name: module for module in modules}
    used = {name for module in modules for name in module.names_used}
    if class_name is None:
        used |= {name for module in modules for name in module.class_names}
    else:
        used.add(class_name)
    hosts: dict[str, FetchedHost] = {}
    for module in modules:
        for call, scopes in module.fetches(used):
            host = module.text_of(call.args[0], scopes, by_name).host
            if host:
                hosts.setdefault(host, FetchedHost(host, f"{module.path.name}:{call.lineno}"))
    return list(hosts.values())


@dataclass(slots=True)
class _Names:
    """What a scope sets. values: of names that are set once, by a plain assignment. others: set in any other
    way, or several times."""

    values: dict[str, ast.expr] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def add(self, name: str, value: ast.expr | None = None) -> None:
        if value is None or name in self.values or name in self.others:
            self.values.pop(name, None)
            self.others.add(name)
        else:
            self.values[name] = value


class _Module:
    """The syntax of one file."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self.path = path
        self.name = path.parent.name if path.name == "__init__.py" else path.stem
        self._tree = tree
        self._scopes: dict[ast.AST, _Names] = {}
        self._imported: dict[str, tuple[str, str]] = {}
        """Local name -> the module it comes from, and its name there; "" for the module itself."""
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._imported[alias.asname or alias.name] = (node.module or "", alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    self._imported[alias.asname or alias.name] = (alias.name, "")

    @property
    def names_used(self) -> Iterator[str]:
        """Every name and attribute that the file reads, once for each time."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield node.id
            elif isinstance(node, ast.Attribute):
                yield node.attr
            elif isinstance(node, ast.ImportFrom):
                yield from (alias.name for alias in node.names)

    @property
    def class_names(self) -> Iterator[str]:
        """The classes of the file."""
        return (node.name for node in ast.walk(self._tree) if isinstance(node, ast.ClassDef))

    def fetches(self, used: Collection[str]) -> Iterator[tuple[ast.Call, tuple[_Scope, ...]]]:
        """The calls of the platform's `fetch` in code that something runs, with the scopes they are in.

        used: names that any module reads, and the worker's own.
        """
        waiting: list[tuple[ast.AST, tuple[_Scope, ...]]] = [(self._tree, (self._tree,))]
        calls: list[tuple[ast.Call, tuple[_Scope, ...]]] = []
        while waiting:
            node, scopes = waiting.pop()
            if isinstance(node, ast.If) and _is_for_others(node.test):
                waiting += [(child, scopes) for child in node.orelse]
                continue
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                is_run = node.name in _HANDLERS or node.name in used or node.decorator_list
                if not is_run and not (node.name.startswith("__") and node.name.endswith("__")):
                    continue
            if isinstance(node, ast.ClassDef) and node.name not in used and _has_handlers(node):
                continue
            if isinstance(node, ast.Call) and node.args and self._is_of_platform(node.func, "fetch", scopes):
                calls.append((node, scopes))
            inner = (*scopes, node) if isinstance(node, _Scope) and node is not self._tree else scopes
            waiting += [(child, inner) for child in ast.iter_child_nodes(node)]
        yield from sorted(calls, key=lambda call: (call[0].lineno, call[0].col_offset))

    def _is_of_platform(self, function: ast.expr, name: str, scopes: tuple[_Scope, ...]) -> bool:
        """Whether an expression is a global of the platform: `fetch`, `js.fetch`."""
        if isinstance(function, ast.Name):
            module, original = self._imported.get(function.id, ("", ""))
            return (
                original == name
                and module in SOURCES_OF_THE_PLATFORM
                and not self._is_set(function.id, scopes)
            )
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            module, original = self._imported.get(function.value.id, ("", ""))
            whole = f"{module}.{original}" if original else module
            is_set = self._is_set(function.value.id, scopes)
            return function.attr == name and whole in SOURCES_OF_THE_PLATFORM and not is_set
        return False

    def _is_set(self, name: str, scopes: tuple[_Scope, ...]) -> bool:
        """Whether any scope around gives a name another meaning than an import does."""
        names = (self._names_of(scope) for scope in _seen_from(scopes))
        return any(name in one.values or name in one.others for one in names)

    def _names_of(self, scope: _Scope) -> _Names:
        names = self._scopes.get(scope)
        if names is None:
            names = self._scopes[scope] = _names_set_in(scope)
        return names

    def text_of(
        self,
        value: ast.expr,
        scopes: tuple[_Scope, ...],
        modules: Mapping[str, _Module],
        depth: int = 0,
    ) -> Text:
        """What is known of the text that an expression is, or of the URL of a request that it makes."""
        if depth > _MAX_DEPTH:
            return UNKNOWN

        def inner(part: ast.expr) -> Text:
            return self.text_of(part, scopes, modules, depth + 1)

        if isinstance(value, ast.Constant):
            return Text(value.value) if isinstance(value.value, str) else UNKNOWN
        if isinstance(value, ast.JoinedStr):
            return _joined(inner(part) for part in value.values)
        if isinstance(value, ast.FormattedValue):
            return inner(value.value) if value.format_spec is None and value.conversion == -1 else UNKNOWN
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            return _joined(inner(part) for part in (value.left, value.right))
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod):
            return Text(inner(value.left).begins.partition("%")[0], False)
        if isinstance(value, ast.Name):
            return self._named(value.id, scopes, modules, depth)
        if isinstance(value, ast.Call):
            return self._called(value, scopes, modules, depth)
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            module, original = self._imported.get(value.value.id, ("", ""))
            other = modules.get((original or module).rpartition(".")[2])
            is_set = self._is_set(value.value.id, scopes)
            return UNKNOWN if other is None or is_set else other.constant(value.attr, modules, depth + 1)
        return UNKNOWN

    def _called(
        self, call: ast.Call, scopes: tuple[_Scope, ...], modules: Mapping[str, _Module], depth: int
    ) -> Text:
        """The URL of a request that a call makes, or the beginning of a text that it formats."""
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr == "format":
            begins = self.text_of(function.value, scopes, modules, depth + 1).begins
            return Text(begins.partition("{")[0], False)
        if isinstance(function, ast.Attribute) and function.attr == "new":
            function = function.value
        if call.args and self._is_of_platform(function, "Request", scopes):
            return self.text_of(call.args[0], scopes, modules, depth + 1)
        return UNKNOWN

    def _named(
        self, name: str, scopes: tuple[_Scope, ...], modules: Mapping[str, _Module], depth: int
    ) -> Text:
        """What the nearest scope that sets a name sets it to; a class is no scope of its methods."""
        for scope in reversed(_seen_from(scopes)):
            names = self._names_of(scope)
            if name in names.others:
                return UNKNOWN
            if name in names.values:
                outer = scopes[: scopes.index(scope) + 1]
                return self.text_of(names.values[name], outer, modules, depth + 1)
        module, original = self._imported.get(name, ("", ""))
        other = modules.get(module.rpartition(".")[2]) if original else None
        return UNKNOWN if other is None else other.constant(original, modules, depth + 1)

    def constant(self, name: str, modules: Mapping[str, _Module], depth: int) -> Text:
        """What a name of the module itself stands for."""
        return self._named(name, (self._tree,), modules, depth)


def _has_handlers(node: ast.ClassDef) -> bool:
    functions = (one for one in node.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return any(one.name in _HANDLERS for one in functions)


def _seen_from(scopes: tuple[_Scope, ...]) -> list[_Scope]:
    """The scopes whose names can be read in the innermost: a class is none for its methods."""
    return [scope for scope in scopes[:-1] if not isinstance(scope, ast.ClassDef)] + list(scopes[-1:])


def _is_for_others(test: ast.expr) -> bool:
    """Whether a condition is for type checkers, or for a file that is run as a program."""
    text = ast.unparse(test)
    return "TYPE_CHECKING" in text or "__main__" in text or text in {"False", "0"}


def _joined(parts: Iterable[Text]) -> Text:
    text = ""
    for part in parts:
        text += part.begins
        if not part.is_whole:
            return Text(text, False)
    return Text(text)


def _names_set_in(scope: _Scope) -> _Names:
    """What a scope sets, what is set in scopes within it aside; but what those declare global or nonlocal is
    set by them too."""
    names = _Names()
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        arguments = scope.args
        every = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        for one in every:
            if one is not None:
                names.add(one.arg)
    body = scope.body if isinstance(scope.body, list) else [scope.body]
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
            _note_declared(node, names)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            names.add(node.targets[0].id, node.value)
            waiting.append(node.value)
            continue
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            names.add(node.target.id, node.value)
            waiting.append(node.value)
            continue
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                names.add(name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        waiting += ast.iter_child_nodes(node)
    return names


def _note_declared(scope: ast.AST, names: _Names) -> None:
    for node in ast.walk(scope):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                names.add(name)
