"""What stands before the paths of a router in a worker's source: of its own, and of where it is included."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

_DEEPEST = 5
_INCLUDES = {"include_router": "prefix", "register_blueprint": "url_prefix"}


class _Router(NamedTuple):
    """A router or application: the module that it is made in, and its name there."""

    module: str
    name: str


@dataclass(slots=True)
class _Routers:
    """own: the prefixes that routers are made with. included: where each is included, and under which."""

    own: dict[_Router, str] = field(default_factory=dict)
    included: dict[_Router, tuple[_Router, str]] = field(default_factory=dict)

    def prefix(self, router: _Router, depth: int = 0) -> str:
        before = ""
        if router in self.included and depth < _DEEPEST:
            parent, under = self.included[router]
            before = self.prefix(parent, depth + 1) + under
        return before + self.own.get(router, "")


def prefixes_of(modules: Iterable[tuple[str, ast.Module]]) -> dict[str, dict[str, str]]:
    """The prefix of each router, by the module that it is made in and its name there. modules: the last part
    of each one's name, with its source."""
    modules = list(modules)
    routers = _Routers()
    for module, tree in modules:
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                for target in node.targets:
                    own = _keyword(node.value, "prefix") or _keyword(node.value, "url_prefix")
                    routers.own[_Router(module, ast.unparse(target))] = own
    for module, tree in modules:
        imported = dict(_imported(tree))
        for parent, child, under in _includes(tree):
            routers.included[_resolved(child, module, imported)] = (_Router(module, parent), under)
    prefixes: dict[str, dict[str, str]] = {}
    for router in {**routers.own, **routers.included}:
        prefixes.setdefault(router.module, {})[router.name] = routers.prefix(router)
    return prefixes


def mounted_in(tree: ast.Module) -> dict[ast.Call, str]:
    """The prefix of each call that stands in the routes of a Starlette `Mount("/prefix", routes=[...])`."""
    prefixes: dict[ast.Call, str] = {}
    for node in ast.walk(tree):  # the outer ones first
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Mount" and node.args:
            prefix = prefixes.get(node, "") + _text(node.args[0]).rstrip("/")
            for inner in ast.walk(node):
                if isinstance(inner, ast.Call) and inner is not node:
                    prefixes[inner] = prefix
    return prefixes


def _includes(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """What includes a router or mounts an application, which one, and under which prefix."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        parent, how = ast.unparse(node.func.value), node.func.attr
        if how in _INCLUDES and node.args:
            yield parent, ast.unparse(node.args[0]), _keyword(node, _INCLUDES[how])
        elif how == "mount" and len(node.args) > 1:
            yield parent, ast.unparse(node.args[1]), _text(node.args[0]).rstrip("/")


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that a module imports, and what each is called where it is made: `package.module.name`."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            start = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                yield alias.asname or alias.name, start + alias.name


def _resolved(name: str, module: str, imported: Mapping[str, str]) -> _Router:
    """The router that a module means by a name, such as `router`, `users.router` or `app.users.router`."""
    first, dot, rest = name.partition(".")
    whole = imported[first] + dot + rest if first in imported else name
    place, _, own_name = whole.rpartition(".")
    return _Router(place.rpartition(".")[2] or module, own_name)


def _keyword(call: ast.Call, name: str) -> str:
    return next((_text(word.value) for word in call.keywords if word.arg == name), "")


def _text(value: ast.expr) -> str:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""
