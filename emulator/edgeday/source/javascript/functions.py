"""Which functions of a worker a call runs."""

from __future__ import annotations

from collections.abc import Iterator

from edgeday.source.javascript.modules import Module, binding_of, definition_of, member_of, module_of
from edgeday.source.javascript.syntax import Node, is_function, string_of

_DEEPEST = 4
_WRAPPERS = frozenset({"bind", "call", "apply"})


def called_by(call: Node) -> list[Node]:
    """The functions that a call may run, as far as they are the worker's own: mostly one."""
    return functions_of(call.get("function"))


def functions_of(node: Node, depth: int = 0) -> list[Node]:
    """The functions that an expression may be: written there, by its name, as a method, in a wrapper."""
    if depth > _DEEPEST:
        return []
    if is_function(node):
        return [node]
    if node.kind in {"identifier", "shorthand_property_identifier"}:
        found = definition_of(node)
        value = None if found is None else member_of(found.value, found.path)
        if value is None or value is node:
            return []
        if value.kind in {"class_declaration", "class"}:
            return [one for one in value.get("body").children if one.kind == "method_definition"]
        return functions_of(value, depth + 1)
    if node.kind in {"member_expression", "subscript_expression"}:
        return _methods(node, depth)
    if node.kind == "call_expression":
        function = node.get("function")
        if function.member in _WRAPPERS:
            return functions_of(function.get("object"), depth + 1)
        return [one for argument in node.arguments for one in functions_of(argument, depth + 1)]
    if node.kind == "array":
        return [one for child in node.children for one in functions_of(child, depth + 1)]
    return []


def _methods(node: Node, depth: int) -> list[Node]:
    owner, name = node.get("object"), node.member
    if owner.kind == "this":
        return _methods_called(module_of(node), name)
    if owner.kind != "identifier":
        return []
    binding = binding_of(owner)
    module = module_of(owner)
    if binding is None or module is None:
        return []
    if binding.kind == "import":
        other = module.imports.get(string_of(binding.values[0]) or "")
        if other is None:
            return []
        if binding.original == "*":
            exported = other.exported(name)
            return [] if exported is None else functions_of(exported, depth + 1)
    found = definition_of(owner)
    if found is None:
        return []
    value = found.value
    if value.kind == "object":
        return [
            one for child in value.children if _is_named(child, name) for one in _function_in(child, depth)
        ]
    if value.kind in {"class_declaration", "class"}:
        return [
            one for one in value.get("body").children if one.get("name").text == name and is_function(one)
        ]
    if value.kind == "new_expression" and value.get("constructor").kind == "identifier":
        made = definition_of(value.get("constructor"))
        if made is not None:
            methods = made.value.get("body").children
            return [one for one in methods if is_function(one) and one.get("name").text == name]
    return []


def _is_named(child: Node, name: str) -> bool:
    key = child.get("key") or child.get("name")
    return (string_of(key) or key.text or child.text) == name


def _function_in(child: Node, depth: int) -> Iterator[Node]:
    if is_function(child):
        yield child
    elif child.kind == "pair":
        yield from functions_of(child.get("value"), depth + 1)
    elif child.kind == "shorthand_property_identifier":
        yield from functions_of(child, depth + 1)


def _methods_called(module: Module | None, name: str) -> list[Node]:
    """The methods of a file that have a name, if it is one alone."""
    if module is None:
        return []
    found = module.methods.get(name, [])
    return found if len(found) == 1 else []
