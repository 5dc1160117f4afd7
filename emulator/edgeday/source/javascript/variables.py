"""Variables and secrets that a JavaScript worker reads: what it takes from its environment as a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from edgeday.source.javascript.environment import bound_name
from edgeday.source.javascript.handlers import listened_to
from edgeday.source.javascript.modules import read_worker
from edgeday.source.javascript.syntax import Node, string_of

_ENVIRONMENT = re.compile(r"\w*(?:Env|Environment|Bindings)")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]{2,}")
_CALLED = re.compile(
    r".*(?:^|_)(?:token|secret|password|passwd|pass|key|apikey|url|uri|host|domain|user|username)",
    re.IGNORECASE,
)
"""What variables and secrets are mostly called."""
_OF_TEXTS = frozenset({
    "endsWith", "includes", "match", "replace", "replaceAll", "slice", "split", "startsWith", "substring",
    "toLowerCase", "toString", "toUpperCase", "trim",
})  # fmt: skip
_TAKE_TEXTS = frozenset({
    "JSON.parse", "Number", "Request", "String", "URL", "atob", "btoa", "encodeURIComponent", "fetch",
    "parseFloat", "parseInt",
})  # fmt: skip
_JOINS = frozenset({"+", "==", "===", "!=", "!=="})
_NOTHING = frozenset({"undefined", "null"})


def variables_in(main: Path) -> list[str]:
    """The names of the variables and secrets that a worker's file and what it imports need, in their order;
    what it does without is none: what has a value in the source besides, or is looked for first."""
    names: dict[str, None] = {}
    optional: set[str] = set()
    typed: set[str] = set()
    modules = read_worker(main)
    has_globals = any(listened_to(module.tree) for module in modules)
    for module in modules:
        for node in module.tree.walk():
            typed |= set(_typed(node))
            if node.kind in {"member_expression", "subscript_expression"} and node.member in typed:
                names.setdefault(node.member)
            optional |= set(_optional(node))
            for one in _used_as_text(node):
                name = bound_name(one)
                if name and (one.kind != "identifier" or _is_variable(one, has_globals)):
                    names.setdefault(name)
    return [name for name in names if name not in optional]


def _is_variable(name: Node, has_globals: bool) -> bool:
    """Whether a plain name is a variable of the environment: taken from `env` there, or a global of a service
    worker."""
    is_declared = name.scope is not None and name.scope.lookup(name.text) is not None
    return is_declared or (has_globals and _CAPITALS.fullmatch(name.text) is not None)


def _typed(node: Node) -> Iterator[str]:
    """The texts of a type of the environment: `interface Env { TOKEN: string }`."""
    if node.kind not in {"interface_declaration", "type_alias_declaration"}:
        return
    if not _ENVIRONMENT.fullmatch(node.get("name").text):
        return
    for one in node.walk():
        is_text = one.kind == "property_signature" and one.get("type").text.lstrip(": ") == "string"
        if is_text and not one.text.partition(":")[0].rstrip().endswith("?"):
            yield string_of(one.get("name")) or one.get("name").text


def _optional(node: Node) -> Iterator[str]:
    """What code does without: `env.NAME || "text"`, `if (env.NAME)`, `env.NAME !== undefined`."""
    if node.kind == "binary_expression" and node.get("operator").text in {"||", "??"}:
        yield bound_name(node.get("left"))
    elif node.kind == "unary_expression" and node.get("operator").text == "typeof":
        yield bound_name(node.get("argument"))
    elif node.kind in {"if_statement", "ternary_expression"}:
        yield bound_name(node.get("condition"))
    elif node.get("operator").text in {"!=", "!=="} and node.get("right").text in _NOTHING:
        yield bound_name(node.get("left"))


def _used_as_text(node: Node) -> Iterator[Node]:
    """What is used as only a text is, or called as variables are."""
    kind = node.kind
    if kind == "template_substitution":
        yield from node.children[:1]
    elif kind == "binary_expression" and node.get("operator").text in _JOINS:
        sides = node.get("left"), node.get("right")
        if not any(one.text in _NOTHING for one in sides):
            yield from sides
    elif kind in {"call_expression", "new_expression"}:
        callee = node.get("function") or node.get("constructor")
        if callee.head in _TAKE_TEXTS:
            yield from node.arguments[:1]
        elif callee.member in _OF_TEXTS:
            yield callee.get("object")
    elif (kind in {"member_expression", "subscript_expression"} and _CALLED.fullmatch(node.member)) or (
        kind == "identifier" and _CAPITALS.fullmatch(node.text) and _CALLED.fullmatch(node.text)
    ):
        yield node
