"""What is known of the text that an expression is, or of the URL that it stands for."""

from __future__ import annotations

from collections.abc import Iterable

from edgeday.source.javascript.environment import bound_name
from edgeday.source.javascript.modules import definition_of, member_of, module_of
from edgeday.source.javascript.syntax import Node, fragment_of, string_of
from edgeday.source.model import UNKNOWN, Text

_DEEPEST = 10
_SAME = frozenset({"toString", "href", "trim", "valueOf", "url"})
"""Properties and methods that leave a URL the same."""


def text_of(node: Node, depth: int = 0) -> Text:
    """What is known of a text; of a `URL` or a `Request` that is made, its URL."""
    if depth > _DEEPEST:
        return UNKNOWN
    literal = string_of(node)
    if literal is not None:
        return Text(literal)
    kind = node.kind
    if kind == "template_string":
        return _joined(
            text_of(part.children[0], depth + 1)
            if part.kind == "template_substitution" and part.children
            else Text(fragment_of(part))
            for part in node.children
        )
    if kind == "binary_expression" and node.get("operator").text == "+":
        return _joined(text_of(node.get(side), depth + 1) for side in ("left", "right"))
    if kind in {"identifier", "member_expression", "subscript_expression"}:
        return _named(node, depth)
    if kind == "new_expression" and node.arguments:
        return _made(node, depth)
    if kind == "call_expression":
        method = node.get("function")
        if method.member in _SAME:
            return text_of(method.get("object"), depth + 1)
        if method.text == "String" and node.arguments:
            return text_of(node.arguments[0], depth + 1)
        if method.member == "concat":
            return _joined(text_of(one, depth + 1) for one in (method.get("object"), *node.arguments))
    return UNKNOWN


def _named(node: Node, depth: int) -> Text:
    """What a name stands for, or a member of an object that a name stands for."""
    module = module_of(node)
    given = module.variables.get(bound_name(node)) if module is not None and module.variables else None
    if isinstance(given, str):
        return Text(given)
    path: tuple[str | int, ...] = ()
    root = node
    while root.kind in {"member_expression", "subscript_expression"} and root.member:
        path = (root.member, *path)
        root = root.get("object")
    if root.kind == "this" and module is not None and len(path) == 1:
        fields = module.fields.get(str(path[0]), [])
        return text_of(fields[0], depth + 1) if len(fields) == 1 else UNKNOWN
    if root.kind != "identifier":
        return UNKNOWN
    found = definition_of(root)
    if found is None:
        return UNKNOWN
    if path and path[-1] in _SAME and found.value.kind == "new_expression":
        path = path[:-1]
    value = member_of(found.value, (*found.path, *path))
    return UNKNOWN if value is None else text_of(value, depth + 1)


def _made(node: Node, depth: int) -> Text:
    """The URL of `new URL(...)` and `new Request(...)`."""
    what, arguments = node.get("constructor").text, node.arguments
    url = text_of(arguments[0], depth + 1)
    if what == "Request":
        return url
    if what != "URL":
        return UNKNOWN
    if len(arguments) == 1:
        return url
    base = text_of(arguments[1], depth + 1)
    if not base.host:
        return UNKNOWN
    if url.host or url.begins.startswith("//"):
        return url if url.host else Text(f"https:{url.begins}", url.is_whole)
    if ":" in url.begins.partition("/")[0] or not (url.begins or url.is_whole):
        return UNKNOWN
    return Text(f"https://{base.host}/{url.begins.lstrip('/')}", url.is_whole)


def _joined(parts: Iterable[Text]) -> Text:
    text = ""
    for part in parts:
        text += part.begins
        if not part.is_whole:
            return Text(text, False)
    return Text(text)
