"""JSON bodies that can be seen in the source of a Python worker: which fields of one it reads."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from edgeday.source.model import value_of

_OF_TYPES: Mapping[str, Any] = {"str": "text", "int": 1, "float": 1, "bool": True, "list": [], "dict": {}}
"""A value of each type."""


def body_read_in(nodes: Iterable[ast.AST]) -> Any:
    """What code reads of `await request.json()`: a mapping with a value for each field, {} where it reads
    none by name, None where it reads no JSON."""
    names: set[str] = set()
    fields: dict[str, Any] = {}
    reads = False
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if _is_json(node):
            reads = True
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and _has_json(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        field = _field(node, names)
        if field:
            fields[field] = value_of(field)
    return fields if reads else None


def beside(body: Iterable[ast.stmt], inner: Iterable[ast.AST]) -> Iterator[ast.stmt]:
    """The statements of a function that run before some of its code or around it: all but branches that leave
    the function without reaching that code."""
    nodes = {id(node) for node in inner}
    for statement in body:
        if isinstance(statement, ast.If) and _has([statement], nodes):
            yield from beside(statement.body, inner) if _has(statement.body, nodes) else ()
            yield from beside(statement.orelse, inner) if _has(statement.orelse, nodes) else ()
        elif not isinstance(statement, ast.If) or not _leaves(statement):
            yield statement


def _has(statements: Iterable[ast.stmt], nodes: set[int]) -> bool:
    return any(id(node) in nodes for statement in statements for node in ast.walk(statement))


def _leaves(statement: ast.If) -> bool:
    return isinstance(statement.body[-1], (ast.Return, ast.Raise))


def _is_json(node: ast.AST | None) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "json"
        and not node.args
        and "req" in ast.unparse(node.func.value).lower()
    )


def _has_json(node: ast.AST | None) -> bool:
    return node is not None and any(_is_json(inner) for inner in ast.walk(node))


def _field(node: ast.AST, names: set[str]) -> str:
    """The field that an expression reads of a body: body["x"], body.get("x"), (await request.json())["x"]."""
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript) and _is_body(node.value, names):
        key = node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
        key = node.args[0] if node.args and _is_body(node.func.value, names) else None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _is_body(node: ast.expr, names: set[str]) -> bool:
    if isinstance(node, ast.Await):
        return _is_json(node.value)
    return isinstance(node, ast.Name) and node.id in names


def models_of(trees: Iterable[ast.Module]) -> dict[str, dict[str, Any]]:
    """The fields without a default of each class that is a model, inherited ones too, each with a value."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    models: dict[str, dict[str, Any]] = {}
    waiting = True
    while waiting:
        waiting = False
        for node in classes:
            bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
            if node.name in models or not any("Model" in base or base in models for base in bases):
                continue
            inherited = {name: value for base in bases for name, value in models.get(base, {}).items()}
            models[node.name] = inherited | _required_fields(node)
            waiting = True
    return models


def _required_fields(model: ast.ClassDef) -> dict[str, Any]:
    return {
        field.target.id: _of_type(field)
        for field in model.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and not _has_default(field)
    }


def _has_default(field: ast.AnnAssign) -> bool:
    """Whether a field of a model has a default: `Field()` alone is none, nor is `Field(...)`."""
    value = field.value
    if isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] == "Field":
        first = value.args[0] if value.args else None
        named = {word.arg for word in value.keywords}
        value = first if first is not None else (value if named & {"default", "default_factory"} else None)
    return value is not None and not (isinstance(value, ast.Constant) and value.value is Ellipsis)


def _of_type(field: ast.AnnAssign) -> Any:
    annotation = field.annotation
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).endswith("Annotated"):
        inner = annotation.slice
        annotation = inner.elts[0] if isinstance(inner, ast.Tuple) and inner.elts else annotation
    kind = ast.unparse(annotation).partition("[")[0].partition(" ")[0]
    named = value_of(ast.unparse(field.target))
    return named if kind == "str" else _OF_TYPES.get(kind, None if "None" in kind else named)


_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEEPEST = 3


class Functions:
    """The functions and methods of a worker's modules, by their names; those of one name count as none."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self._by_name: dict[str, _Function | None] = {}
        for node in (node for tree in trees for node in ast.walk(tree)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._by_name[node.name] = None if node.name in self._by_name else node

    def body_read_by(self, handler: ast.expr, depth: int = 0) -> Any:
        """What the function that an expression names reads of the request's JSON, or what it calls does."""
        function = self._by_name.get(ast.unparse(handler).rpartition(".")[2])
        if function is None or depth >= _DEEPEST:
            return None
        body = body_read_in([function])
        return self.body_read_from(function.body, depth + 1) if body is None else body

    def body_read_from(self, nodes: Iterable[ast.AST], depth: int = 0) -> Any:
        """What the functions that are called in some code read of the request's JSON; None if none does."""
        for node in (inner for outer in nodes for inner in ast.walk(outer)):
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
                body = self.body_read_by(node.func, depth)
                if body is not None:
                    return body
        return None


def sent_by_signature(
    function: ast.FunctionDef | ast.AsyncFunctionDef, models: Mapping[str, Mapping[str, Any]]
) -> Any:
    """The body that a function's parameters ask for, by their models; None if they ask for none."""
    arguments = function.args
    parameters = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    names = [ast.unparse(one.annotation) for one in parameters if one.annotation is not None]
    return next((dict(models[name]) for name in names if name in models), None)
