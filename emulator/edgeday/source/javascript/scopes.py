"""What the names in a file of JavaScript are declared as, block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from edgeday.source.javascript.syntax import NOTHING, Node, is_function, string_of

if TYPE_CHECKING:
    from edgeday.source.javascript.modules import Module

_BLOCKS = frozenset({"statement_block", "for_statement", "for_in_statement", "switch_body", "catch_clause"})
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration"})
_CALLED_DECLARATION = frozenset({"function_declaration", "generator_function_declaration"})


@dataclass(slots=True)
class Binding:
    """A name in a scope. values: what it is set to, as far as that is written; of an import the module it
    comes from. path: which part of the value it is: `x` and 1 of `const { x: [, name] } = value`.
    original: of an import, its name there; "*" for the whole module. is_set_elsewhere: in a loop, by `++`."""

    kind: Literal["variable", "parameter", "import", "function", "class"]
    values: list[Node] = field(default_factory=list)
    path: tuple[str | int, ...] = ()
    original: str = ""
    is_set_elsewhere: bool = False

    @property
    def only_value(self) -> Node | None:
        """What it always is, None if it may be several things."""
        is_one = len(self.values) == 1 and self.kind in {"variable", "function", "class"}
        return self.values[0] if is_one and not self.is_set_elsewhere else None


@dataclass(slots=True, eq=False)
class Scope:
    """A block, a function or a file, with the names that it declares."""

    module: Module
    parent: Scope | None
    node: Node
    names: dict[str, Binding] = field(default_factory=dict)

    def lookup(self, name: str) -> Binding | None:
        """What a name is here; None where nothing declares it: a global."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    @property
    def function(self) -> Scope:
        """The function or file that this is in."""
        scope = self
        while scope.parent is not None and not is_function(scope.node):
            scope = scope.parent
        return scope

    def declare(self, name: str, binding: Binding) -> None:
        """Add a name; what is declared twice has the values of both."""
        before = self.names.get(name)
        if before is None:
            self.names[name] = binding
        else:
            before.values += binding.values
            before.is_set_elsewhere = True


def give_scopes(module: Module, tree: Node) -> Scope:
    """Set the scope of every node of a file, and return the outermost."""
    top = Scope(module, None, tree)
    waiting: list[tuple[Node, Scope]] = [(tree, top)]
    assignments: list[tuple[Node, Node | None, Scope]] = []
    while waiting:
        node, scope = waiting.pop()
        node.scope = scope
        inner = scope
        if is_function(node):
            if node.kind in _CALLED_DECLARATION:
                scope.declare(node.get("name").text, Binding("function", [node]))
            inner = Scope(module, scope, node)
            for parameter in (*node.get("parameters").children, node.get("parameter")):
                for name, path in _names_in(parameter):
                    inner.declare(name, Binding("parameter", path=path))
        elif node.kind in _CLASSES:
            scope.declare(node.get("name").text, Binding("class", [node]))
        elif node.kind in _BLOCKS:
            inner = Scope(module, scope, node)
            if node.kind == "catch_clause":
                for name, path in _names_in(node.get("parameter")):
                    inner.declare(name, Binding("parameter", path=path))
            elif node.kind == "for_in_statement":
                for name, path in _names_in(node.get("left")):
                    inner.declare(name, Binding("variable", [], path, is_set_elsewhere=True))
        elif node.kind in {"lexical_declaration", "variable_declaration"}:
            owner = scope if node.kind == "lexical_declaration" else scope.function
            for child in node.children:
                _declare_variable(child, owner)
        elif node.kind == "import_statement":
            for name, binding in _imported(node):
                scope.declare(name, binding)
        elif node.kind == "assignment_expression":
            assignments.append((node.get("left"), node.get("right"), scope))
        elif node.kind == "augmented_assignment_expression":
            assignments.append((node.get("left"), None, scope))
        elif node.kind == "update_expression":
            assignments.append((node.get("argument"), None, scope))
        waiting += [(child, inner) for child in reversed(node.children)]
    for target, value, scope in assignments:
        for name, path in _names_in(target):
            found = scope.lookup(name)
            if found is None:
                continue
            if value is None or path:
                found.is_set_elsewhere = True
            else:
                found.values.append(value)
    return top


def _declare_variable(node: Node, scope: Scope) -> None:
    value = node.get("value")
    required = _required(value)
    for name, path in _names_in(node.get("name")):
        if required:
            original = ".".join(map(str, path)) or "*"
            scope.declare(name, Binding("import", [required], original=original))
        else:
            scope.declare(name, Binding("variable", [value] if value else [], path))


def _required(value: Node) -> Node:
    """What `require("./x")` and `await import("./x")` name."""
    call = value.children[0] if value.kind == "await_expression" and value.children else value
    if call.kind == "call_expression" and call.get("function").text in {"require", "import"}:
        return call.arguments[0] if call.arguments and string_of(call.arguments[0]) else NOTHING
    return NOTHING


def _imported(node: Node) -> Iterator[tuple[str, Binding]]:
    source = node.get("source")
    for part in (
        inner for child in node.children for inner in child.children if child.kind == "import_clause"
    ):
        if part.kind == "identifier":
            yield part.text, Binding("import", [source], original="default")
        elif part.kind == "namespace_import" and part.children:
            yield part.children[0].text, Binding("import", [source], original="*")
        for one in part.children if part.kind == "named_imports" else ():
            name = one.get("name").text
            yield one.get("alias").text or name, Binding("import", [source], original=name.strip("\"'"))


def _names_in(pattern: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """The names that a pattern sets, each with the part of the value that it gets."""
    kind = pattern.kind
    if kind in {"identifier", "shorthand_property_identifier_pattern"}:
        own = (pattern.text,) if kind != "identifier" else ()
        yield pattern.text, path + own
    elif kind in {"required_parameter", "optional_parameter"}:
        yield from _names_in(pattern.get("pattern"), path)
    elif kind in {"assignment_pattern", "object_assignment_pattern"}:
        yield from _names_in(pattern.get("left"), path)
    elif kind == "pair_pattern":
        key = pattern.get("key")
        yield from _names_in(pattern.get("value"), (*path, string_of(key) or key.text))
    elif kind == "object_pattern":
        for child in pattern.children:
            yield from _names_in(child, path)
    elif kind == "array_pattern":
        for index, child in enumerate(pattern.children):
            yield from _names_in(child, (*path, index))
    elif kind == "rest_pattern" and pattern.children:
        yield from _names_in(pattern.children[0], (*path, "..."))
